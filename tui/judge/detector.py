"""The interface of a detector: it takes the events of one lane in order and gives the findings that it has raised."""

from __future__ import annotations

from typing import Protocol

from tui.model.event import Event
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen

EVIDENCE_LIMIT = 12
"""Pieces of evidence that a finding carries at most."""
PAST_LIMIT = 16
"""Ended findings that a detector remembers at most, the newest."""


@frozen
class Raised:
    """A finding of one lane as its detector states it; the engine adds the lane, the path and the tokens.

    `subject` tells it from others of its kind in the same lane (a tool, a path, ""): it is the same finding as
    long as kind and subject are. Evidence has offsets of the lane's own transcript, and no path.
    """

    kind: FindingKind
    subject: str
    severity: Severity
    since: float | None
    title: str
    evidence: tuple[Evidence, ...]
    suggest: Verb | None
    until: float | None = None
    progress: str = ""
    """What would be progress; empty: what the kind declares."""


class Detector(Protocol):
    """Bounded memory, no clock: the same events give the same findings, however they are cut.

    A class may name the kinds of events that it looks at as `wants`; it is not asked about others. A finding need not
    end: one that is never ended holds for the rest of the lane.

    A call can have several results: see `Result.background` and `Result.untold`. In a fork, Claude Code's copied
    history is fed like the lane's own; of Codex's, usage alone, marked by `UsageReported.inherited`.
    """

    def apply(self, event: Event, tokens: int) -> None:
        """Takes one event. `tokens`: what the lane has spent so far, with those of this event."""
        ...

    def raised(self) -> tuple[Raised, ...]:
        """The findings that hold now, and the newest ended ones, which have `until` set."""
        ...
