"""Names of the models that Codex uses, and the next cheaper tier."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tui.agents.models import Models

_MODEL = re.compile(r"(?:^|/)(?P<base>gpt-5(?:\.\d+)?)(?P<codex>-codex)?(?:-max)?(?:-20\d\d-\d\d-\d\d)?$")


def cheaper(model: str, known: Iterable[str]) -> str | None:
    """The mini model of a GPT-5 model, if it is known; None for other models."""
    match = _MODEL.search(model)
    if match is None:
        return None
    minis = [f"{match['base']}-mini"]
    if match["codex"]:
        minis.insert(0, f"{match['base']}-codex-mini")
    names = set(known)
    return next((mini for mini in minis if mini in names), None)


MODELS = Models(cheaper=cheaper)
