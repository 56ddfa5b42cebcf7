"""Names of Claude models: their names in price tables, and the next cheaper tier."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui.agents.models import Models

PREFIX = "claude-"

_MODEL = re.compile(
    r"\bclaude-(?:(?P<old>\d+(?:-\d)?)-)?(?P<tier>opus|sonnet)\b(?:-(?P<new>\d{1,2}(?:[-.]\d{1,2})?)\b)?"
)
_SNAPSHOT = re.compile(r"-20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\Z")
_BEDROCK_VERSION = re.compile(r"-v\d{1,2}(?::\d{1,2})?\Z")


def price_names(model: str) -> tuple[str, ...]:
    """The model's name without provider, region and suffix, with and without its date."""
    if not model.startswith(PREFIX):
        return ()
    plain = _BEDROCK_VERSION.sub("", model.removesuffix("[1m]")).replace("@", "-").replace(".", "-")
    return plain, _SNAPSHOT.sub("", plain)


def cheaper(model: str, known: Iterable[str]) -> str | None:
    """For an Opus, the newest known Sonnet; None for others."""
    match = _MODEL.search(model)
    return _newest_sonnet(known) if match is not None and match["tier"] == "opus" else None


def _newest_sonnet(known: Iterable[str]) -> str | None:
    newest: tuple[tuple[int, ...], int, str] | None = None
    for name in known:
        match = _MODEL.match(name)
        if match is None or match["tier"] != "sonnet" or name.endswith("-fast"):
            continue
        version = tuple(map(int, re.findall(r"\d+", match["new"] or match["old"] or "")))
        rank = (version, -len(name), name)  # of one version, the name without a date
        newest = rank if newest is None or rank > newest else newest
    return newest[2] if newest is not None else None


MODELS = Models(prefix=PREFIX, price_names=price_names, cheaper=cheaper)
