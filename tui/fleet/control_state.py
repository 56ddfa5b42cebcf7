"""A lane's state while the operator's hands are on it: what control has seen goes before what the transcript says."""

from __future__ import annotations

from dataclasses import replace

from tui.fleet.state import Verdict
from tui.model.control import Held, LaneControl
from tui.model.evidence import Evidence
from tui.model.snapshot import LaneState

_STATES = {
    Held.PAUSING: LaneState.PAUSING,
    Held.PAUSED: LaneState.PAUSED,
    Held.REDIRECTING: LaneState.REDIRECTING,
    Held.CLOSING: LaneState.CLOSING,
    Held.CLOSED: LaneState.CLOSED,
    Held.ENDED: LaneState.ENDED,
}

BUSY = frozenset({LaneState.WORKING, LaneState.NEEDS_INPUT, LaneState.STALLED})
"""A turn is open."""


def in_hand(verdict: Verdict, control: LaneControl) -> Verdict:
    """The verdict as it stands under control; the transcript's own evidence follows control's."""
    if control.held is None:
        if not control.words:
            return verdict
        return replace(verdict, evidence=(Evidence(control.words, control.since), *verdict.evidence))
    said = Evidence(control.words or control.held.value, control.since)
    return replace(
        verdict, state=_STATES[control.held], since=control.since or verdict.since, evidence=(said, *verdict.evidence)
    )
