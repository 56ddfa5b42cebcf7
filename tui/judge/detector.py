"""The interface of a detector: it takes the events of one lane in order and gives the findings that it has raised."""

from __future__ import annotations

from typing import Protocol

from tui.model.event import Event
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen

EVIDENCE_LIMIT = 12
"""The most pieces of evidence that a finding has."""
PAST_LIMIT = 16
"""The most ended findings that a detector remembers: the newest ones."""


@frozen
class Raised:
    """A finding of one lane as its detector states it. The fleet adds the lane, the path and the tokens.

    `subject` (a tool, a path, or empty) distinguishes the findings of one kind in one lane: two with the same kind and
    subject are the same finding. Evidence has offsets of the lane's own transcript, and no path.
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
    """What would be progress, in words; empty: the words that the kind declares."""


class Detector(Protocol):
    """Takes events and gives findings.

    It has bounded memory and reads no clock: the same events give the same findings, in whatever pieces they come.

    A class may declare the kinds of events that it needs as `wants`; it gets no others. A finding that never ends holds
    for the rest of the lane.

    A call can have several results: see `Result.background` and `Result.untold`. In a fork, the history that Claude
    Code copied is fed like the lane's own. Of the history that Codex copied, only the usage is fed, marked by
    `UsageReported.inherited`.
    """

    def apply(self, event: Event, tokens: int) -> None:
        """Takes one event. `tokens`: the tokens that the lane has used up to and including this event."""
        ...

    def raised(self) -> tuple[Raised, ...]:
        """The findings that hold now, and the newest ended ones, which have `until` set."""
        ...
