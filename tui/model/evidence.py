"""Evidence of a state, a number or a finding: words, a time and a place in a transcript."""

from __future__ import annotations

from typing import NewType

from tui.model.frozen import frozen

LaneId = NewType("LaneId", str)


@frozen
class Evidence:
    """One reason for a state or a number. `path` and `offset` point into a transcript where there is one."""

    text: str
    at: float | None = None
    path: str | None = None
    offset: int | None = None
