"""The catalogue of phrases: every text of lanewatch's own on the screen stands in `own(...)` or `word(...)`.

Both take literals only, so their arguments in the source are the whole catalogue. Its words are plain, or the glossary
explains them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
WRITERS = ("own", "word")
BANNED = (
    "hands", "heard", "told", "bought", "buys", "owed", "leave it", "goes on", "takes it back", "taken back", "go on",
    "very same", "what holds", "hold still", "stands before", "not there", "gate(s)", "on its way",
)  # fmt: skip
"""Phrases of earlier versions that new readers did not understand."""
TERMS = (
    "lane", "session", "subagent", "fork", "transcript", "burn", "fresh", "inherited", "budget", "finding", "evidence",
    "novelty", "repetition", "family", "gate", "route", "policy", "redirect", "mute", "recording",
    "control",
)  # fmt: skip
"""Words of the screen with a meaning of their own in lanewatch."""
JUDGE = ROOT / "tui" / "judge"


@cache
def phrases() -> tuple[tuple[Path, int, str], ...]:
    """File, line and text of each phrase."""
    return tuple(one for path in sorted((ROOT / "tui").rglob("*.py")) for one in _phrases_in(path))


def _phrases_in(path: Path) -> Iterator[tuple[Path, int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in WRITERS:
            continue
        for part in ast.walk(node.args[0]) if node.args else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield path, part.lineno, part.value


def said(phrase: str, text: str) -> bool:
    """True if the text holds the phrase as whole words."""
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower()) is not None


def banned_in(text: str) -> list[str]:
    """The phrases in a text that are not used any more."""
    return [phrase for phrase in BANNED if said(phrase, text)]


def test_no_phrase_of_the_screen_is_one_that_readers_did_not_understand() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r} in {text!r}"
        for path, line, text in phrases()
        if not path.is_relative_to(JUDGE)
        for phrase in banned_in(text)
    ]
    assert found == []


@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_screen_is_in_the_glossary(term: str) -> None:
    assert any(said(term, text) or said(f"{term}s", text) for _, _, text in phrases()), f"{term} is on no screen"
    assert re.search(rf"\*\*{term}s?\*\*", GLOSSARY), f"docs/glossary.md does not define {term}"


def test_the_catalogue_is_found_and_a_bad_phrase_noticed() -> None:
    assert len(phrases()) > 500
    assert banned_in("it was told: leave it") == ["told", "leave it"]
    assert banned_in("a household that beholds") == []
