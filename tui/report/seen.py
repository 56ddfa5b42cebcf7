"""What a lane's facts are made of: places in its transcript, things seen for the first time, runs of checks."""

from __future__ import annotations

from dataclasses import dataclass

from tui.judge.runs import Outcome
from tui.model.frozen import frozen
from tui.report.document import TruthKind


@frozen
class Place:
    """A few words and where they stand."""

    text: str
    at: float | None
    offset: int


@frozen
class Seen:
    """Something that the lane had not met before; `mark` tells whether another lane had."""

    kind: TruthKind
    mark: int
    text: str
    outcome: str
    at: float | None
    offset: int


@dataclass(slots=True)
class CheckRun:
    """The last run of one check in one action."""

    kind: str
    command: str
    outcome: Outcome
    at: float | None
    offset: int
    runs: int = 1


@dataclass(slots=True)
class Changed:
    """A file that the lane changed: how often, and the last time."""

    edits: int
    last: Place
