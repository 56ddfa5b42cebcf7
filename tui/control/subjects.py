"""What control asks about a lane: its session's main lane, whether it is over or a recording, what it waits for."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.event import ToolKind
from tui.model.snapshot import Lane, LaneState

DEEPEST = 64
"""Subagents below each other that are followed."""


def session_lane(lane: Lane, lanes: Mapping[str, Lane]) -> Lane:
    """The main lane of the session that a subagent runs in; the lane itself if it is one."""
    found = lane
    for _ in range(DEEPEST):
        if found.agent_id is None or found.parent is None or found.parent not in lanes:
            break
        found = lanes[found.parent]
    return found


def recording_words(lane: Lane, main: Lane) -> str:
    """Why a lane can only be read and no verb may touch it; empty if it is the operator's own.

    The one place in which control asks: no route leads to such a lane, no order is given or driven on it.
    """
    why = lane.recording or main.recording
    return f"it is a recording: {why}" if why else ""


def is_over(lane: Lane) -> bool:
    """True if no process runs it any more."""
    return lane.process is None and lane.state in (LaneState.ENDED, LaneState.CLOSED)


def open_question(main: Lane) -> str:
    """`a question is open in its client (permission prompt)`: the client waits for a person; empty if it does not.

    By the client's own registry, or by a call of the agent that asks. What a pane shows is looked at before each key.
    """
    process = main.process
    if process is not None and process.status == "waiting":
        return f"a question is open in its client ({process.waiting_for or 'it waits for a person'})"
    asks = next((call.tool for call in main.open_calls if call.tool_kind is ToolKind.ASK), "")
    return f"a question is open in its client ({asks})" if asks else ""
