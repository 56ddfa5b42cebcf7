"""Findings that a lane's state makes: it waits for a permission, is silent in mid-call, or was cut off."""

from __future__ import annotations

from tui.engine.state import Verdict
from tui.judge.detector import Raised
from tui.judge.hard_stop import HardStop
from tui.judge.lane import LaneJudge
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


def cut_off(judge: LaneJudge, verdict: Verdict) -> tuple[Raised, ...]:
    """What a lane left half done whose process is gone in mid-turn: its transcript cannot say so."""
    half_done = next((one for one in judge.detectors if isinstance(one, HardStop)), None)
    why = verdict.evidence[0].text if verdict.evidence else ""
    found = half_done.cut_off(verdict.since, why) if half_done is not None else None
    return (found,) if found is not None else ()
