"""Burn over time and what happened, in one order."""

from __future__ import annotations

from enum import StrEnum

from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen


@frozen
class Series:
    """Tokens per bucket of one lane, or of all lanes that have no series of their own (`lane` is None)."""

    lane: LaneId | None
    name: str
    values: tuple[int, ...]


@frozen
class Sample:
    """A value at a time: the context of a lane in tokens."""

    at: float
    value: int


@frozen
class ContextSeries:
    """Tokens in a lane's context over time, thinned."""

    lane: LaneId
    name: str
    samples: tuple[Sample, ...]


class MomentKind(StrEnum):
    """What stands on the timeline."""

    ACTION = "action"
    FINDING = "finding"
    FINDING_ENDED = "finding_ended"
    ORDER = "order"
    """What an operator, or a policy, did."""
    COMPACTION = "compaction"
    LIMIT = "limit"
    FAULT = "fault"


@frozen
class Moment:
    """One thing that happened at `at`."""

    at: float
    kind: MomentKind
    lane: LaneId | None
    text: str
    by: str = ""
    """Who gave an order."""
    evidence: Evidence | None = None


@frozen
class Timeline:
    """Burn over time by lane, and what happened. Bucket i begins at `start + i * step_s`."""

    start: float | None = None
    step_s: float = 0.0
    series: tuple[Series, ...] = ()
    """The lanes that spent most, then the rest together."""
    contexts: tuple[ContextSeries, ...] = ()
    moments: tuple[Moment, ...] = ()
    """In the order of time."""
    left_out: int = 0
    """Moments that are not listed: actions of small lanes."""
