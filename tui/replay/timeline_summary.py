"""A whole recording at a glance, for a scrubber: burn over time, findings and the beginnings of actions."""

from __future__ import annotations

from array import array
from dataclasses import field

from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen

CELLS = 600
"""Buckets of the histogram: more than any terminal is wide."""


@frozen
class ActionMark:
    """Where an action of a lane begins: seconds UTC, the lane, its name (raw text)."""

    at: float
    lane: LaneId
    name: str


@frozen
class Marks:
    """What has been read of a recording so far. Times are seconds UTC.

    `burn[i]` is the tokens spent in the bucket that begins at `start + i * step_s`.
    """

    start: float = 0.0
    end: float = 0.0
    step_s: float = 1.0
    burn: array[int] = field(default_factory=lambda: array("q"))
    findings: tuple[Finding, ...] = ()
    """All, ended ones too, by their beginning; those of unknown time come first."""
    actions: tuple[ActionMark, ...] = ()
    """By their beginning."""
