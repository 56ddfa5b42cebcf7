"""The requests of a lane that wait for a person: as its client states them, or else by its open calls."""

from __future__ import annotations

from dataclasses import replace

from tui.agents.pending import request_of
from tui.agents.registry import find
from tui.agents.tools import fields_of
from tui.fleet.state import Verdict
from tui.ledger.lane import LaneLedger
from tui.model.control import LaneControl
from tui.model.event import ToolKind
from tui.model.pending import PendingRequest
from tui.model.snapshot import LaneState, OpenCall


def pending_requests(lane: LaneLedger, verdict: Verdict, control: LaneControl) -> tuple[PendingRequest, ...]:
    """The requests that wait, the oldest first.

    A client that states none may still be seen to wait. Then the open call for which it waits is shown; it cannot be
    answered from lanewatch.
    """
    if control.pending:
        found = control.pending
    elif verdict.state is LaneState.NEEDS_INPUT:
        found = tuple(_request(lane.agent, call) for call in _waiting(lane, verdict))
    else:
        return ()
    return with_answers(found, control.answered)


def with_answers(
    requests: tuple[PendingRequest, ...], answered: tuple[tuple[str, str], ...]
) -> tuple[PendingRequest, ...]:
    """The requests, each with what was answered to it. `answered` holds ids of requests and calls, and the answers."""
    if not answered:
        return requests
    answers = dict(answered)
    return tuple(replace(one, answered=answers.get(one.id) or answers.get(one.call or "", "")) for one in requests)


def _waiting(lane: LaneLedger, verdict: Verdict) -> list[OpenCall]:
    """The calls whose tool asks a person; without one, the call that decided the state, or the oldest."""
    calls = [call for call in lane.open_calls.values() if call.tool_kind is not ToolKind.AGENT]
    asking = [call for call in calls if call.tool_kind is ToolKind.ASK]
    stuck = [call for call in calls if call.started is not None and call.started == verdict.since]
    return asking or stuck[:1] or calls[:1]


def _request(agent: str, call: OpenCall) -> PendingRequest:
    declared = find(agent)
    made = request_of(call.tool, fields_of(call.args), declared.asking if declared is not None else {})
    return replace(made, text=made.text or call.summary, asked_at=call.started, call=call.call)
