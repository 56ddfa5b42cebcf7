"""The catalogue of phrases: every text of lanewatch's own on the screen stands in `own(...)` or `word(...)`.

Both take literals only, so their arguments in the source are the whole catalogue. Of these, the labels (headings, titles,
the header, the footer) and all names that are declared (states, findings, verbs, columns, ...) use words that
docs/glossary.md defines, or plain ones.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tui.cli.command import all_commands
from tui.config.schema import SECTIONS
from tui.control.routes.registry import DRIVERS
from tui.control.verbs.registry import all_verbs
from tui.judge.findings.registry import all_findings
from tui.model.control import Stage
from tui.screen.bindings import SCOPES, TYPED
from tui.view.columns.registry import all_columns, all_groupings, all_sorts
from tui.view.finding_text import SEVERITIES
from tui.view.states import LOOKS

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
TERMS = tuple(re.findall(r"\*\*([^*]+)\*\*", GLOSSARY))
"""The terms that the glossary defines."""
WRITERS = ("own", "word")
BANNED = (
    "hands", "heard", "told", "bought", "buys", "owed", "owes", "leave it", "goes on", "takes it back", "taken back", "go on",
    "very same", "what holds", "hold still", "stands before", "not there", "gate(s)", "on its way", "goes in circles",
    "worth a look", "worth knowing", "label alone", "label differs", "envelope", "guardrails", "to and fro",
)  # fmt: skip
"""Phrases of earlier versions that new readers did not understand."""
PLAIN = frozenset(re.findall(r"\w+", """
    day
    a above again all and anywhere are asked at back be because been before below beside by can cancel changed changes clear
    command conditions copy could d delete differs done edit end enter esc faster find first for from h have help how i
    if in is it k keep key lanewatch last left list mb met minute name narrower newest next not of on only or over own page per play previous quit
    read repeated result right row s save show slower some sort start still that the this time to total unfold utc week what when where
    mean words which wider who why with word yet you your
"""))  # fmt: skip
"""Words of labels that need no definition."""


@cache
def phrases() -> tuple[tuple[Path, int, str, bool], ...]:
    """File, line and text of each phrase, and whether it is a label."""
    return tuple(one for path in sorted((ROOT / "tui").rglob("*.py")) for one in _phrases_in(path))


def _phrases_in(path: Path) -> Iterator[tuple[Path, int, str, bool]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    titles = {
        id(node)
        for assigned in ast.walk(tree)
        if isinstance(assigned, ast.Assign) and any(ast.unparse(target) == "title" for target in assigned.targets)
        for node in ast.walk(assigned.value)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in WRITERS:
            continue
        roles = [role.value for role in node.args[1:] if isinstance(role, ast.Constant)]
        labels = path.name == "header.py" or "section" in roles or "title" in roles or id(node) in titles
        for part in ast.walk(node.args[0]) if node.args else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                heads = re.search("[A-Z]{2}", part.value) is not None and part.value.isupper()
                yield path, part.lineno, part.value, labels or heads


def said(phrase: str, text: str) -> bool:
    """True if the text holds the phrase as whole words."""
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text.lower()) is not None


def banned_in(text: str) -> list[str]:
    """The phrases in a text that are not used any more."""
    return [phrase for phrase in BANNED if said(phrase, text)]


def declared() -> Iterator[tuple[str, str]]:
    """What is declared with a name of its own on the screen: the sort of thing, and the name."""
    yield from (("heading", title) for one in all_columns() for title in (one.title, one.wide_title) if title)
    yield from (("state", look.word) for look in LOOKS.values())
    yield from (("severity", look.word) for look in SEVERITIES.values())
    yield from (("finding", spec.words) for spec in all_findings())
    yield from (("verb", spec.title) for spec in all_verbs())
    yield from (("route", route.kind.value) for route in DRIVERS)
    yield from (("step", stage.value) for stage in Stage)
    yield from (("command", command.name) for command in all_commands())
    yield from (("section", f"[{name}]") for name in SECTIONS)


def labels() -> Iterator[tuple[str, str]]:
    """Every label on the screen: its place, and the text."""
    yield from ((f"{path.name}:{line}", text) for path, line, text, is_label in phrases() if is_label)
    yield from (("help", where) for where in SCOPES)
    yield from ((f"footer {key.id}", key.hint) for keys in SCOPES.values() for key in keys)
    yield from (("command line", typed.name) for typed in TYPED)
    yield from (("status line", sort.label) for sort in all_sorts())
    yield from (("group", grouping.name) for grouping in all_groupings())


def undefined(text: str, terms: frozenset[str]) -> list[str]:
    """The words of a label that are neither plain nor part of a term."""
    words = re.findall(r"[^\W\d_]+", text.lower().replace("'s", ""))
    return [word for word in words if not {word, word.removesuffix("s"), word.removesuffix("es")} & (terms | PLAIN)]


def words_of_terms() -> frozenset[str]:
    """The single words of all terms."""
    return frozenset(word for term in TERMS for word in re.findall(r"[^\W\d_]+", term))


def test_no_phrase_of_the_screen_is_one_that_readers_did_not_understand() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r} in {text!r}"
        for path, line, text, _ in phrases()
        for phrase in banned_in(text)
    ]
    assert found == []


@pytest.mark.parametrize("spec", all_findings(), ids=lambda spec: spec.kind.value)
def test_no_text_of_a_finding_is_one_that_readers_did_not_understand(spec) -> None:
    assert banned_in(f"{spec.words} {spec.doc} {spec.progress}") == []


def test_every_declared_name_is_in_the_glossary() -> None:
    assert [(what, name) for what, name in declared() if name.lower() not in TERMS] == []


def test_every_word_of_a_label_is_plain_or_in_the_glossary() -> None:
    terms = words_of_terms()
    assert {word: (where, text) for where, text in labels() for word in undefined(text, terms)} == {}


def test_the_catalogue_is_found_and_a_bad_phrase_noticed() -> None:
    assert len(phrases()) > 500
    found = [text.strip() for _, text in labels()]
    assert {
        "CONTROL",
        "today",
        "STATES",
        "a conversation",
        "audit · who asked what of which lane, and the result",
    } <= set(found)
    assert len({what for what, _ in declared()}) == 9
    assert undefined("THE LANE'S ZORK", words_of_terms()) == ["zork"]
    assert banned_in("it was told: leave it") == ["told", "leave it"]
    assert banned_in("a household that beholds") == []
