"""Findings that a lane's state makes: it waits for a permission, is silent in mid-call, or was cut off."""

from __future__ import annotations

from tui.fleet.control_state import BUSY
from tui.fleet.state import Verdict
from tui.judge.detector import Raised
from tui.judge.hard_stop import HardStop
from tui.judge.lane import LaneJudge
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.snapshot import LaneState, ProcessFact

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


DETACHED_AFTER_S = 10.0
"""A client that is being changed for another is no news."""


def detached(
    process: ProcessFact | None, cwd: str | None, judged: Verdict, turn_since: float | None, now: float
) -> tuple[Raised, ...]:
    """A turn runs in a shared daemon and no client shows it: its pane was closed, and it goes on burning.

    Raised where no client is connected to the daemon at all, or where none works in the lane's folder nor in one that
    is not known. `turn_since`, when the open turn began, and `now` are in seconds UTC: the state's own time will not
    do, which begins anew with each tool.
    """
    if process is None or process.viewers is None or judged.state not in BUSY:
        return ()
    if any(folder in ("", cwd) for folder in process.viewers) or cwd is None:
        return ()
    if turn_since is None or now - turn_since < DETACHED_AFTER_S:
        return ()
    elsewhere = len(process.viewers)
    none = (
        "no Codex client is connected to it"
        if not elsewhere
        else f"no Codex client runs in its folder ({elsewhere} elsewhere)"
    )
    evidence = (
        Evidence(f"its loop lives in the daemon, process {process.pid}, which outlives every pane", None),
        Evidence(none, None),
    )
    # When the pane went nobody wrote down: what it has cost since then is not known.
    title = "nobody watches: its pane is gone, and its turn runs on in the daemon"
    return (Raised(FindingKind.DETACHED, "", Severity.WARN, None, title, evidence, Verb.CLOSE),)
