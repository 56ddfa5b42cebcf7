"""Findings that a lane's state makes: it waits for a permission, or it is silent in the middle of a call."""

from __future__ import annotations

from tui.engine.state import Verdict
from tui.judge.detector import Raised
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import LaneState

_KINDS = {
    LaneState.NEEDS_INPUT: (FindingKind.NEEDS_INPUT, None),
    LaneState.STALLED: (FindingKind.STALLED, Verb.CLOSE),
}


def state_findings(verdict: Verdict) -> tuple[Raised, ...]:
    """What the state says, with the state's own evidence; it ends with the state."""
    known = _KINDS.get(verdict.state)
    if known is None:
        return ()
    kind, verb = known
    title = verdict.evidence[-1 if kind is FindingKind.NEEDS_INPUT else 0].text if verdict.evidence else kind.value
    return (Raised(kind, "", Severity.WARN, verdict.since, title, verdict.evidence, verb),)
