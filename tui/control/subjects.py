"""Facts about a lane that control needs: its main lane, whether it has ended or is a recording, its open question."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.event import ToolKind
from tui.model.snapshot import Lane, LaneState

DEEPEST = 64
"""Maximum nesting of subagents that is followed."""


def session_lane(lane: Lane, lanes: Mapping[str, Lane]) -> Lane:
    """The main lane of the session in which a subagent runs; the lane itself if it is not a subagent."""
    found = lane
    for _ in range(DEEPEST):
        if found.agent_id is None or found.parent is None or found.parent not in lanes:
            break
        found = lanes[found.parent]
    return found


def recording_words(lane: Lane, main: Lane) -> str:
    """The reason why a lane can only be read and no verb may act on it; empty if it is the operator's own.

    Control checks this in one place only: no route leads to such a lane, and no order is given or continued for it.
    """
    why = lane.recording or main.recording
    return f"it is a recording: {why}" if why else ""


def is_over(lane: Lane) -> bool:
    """True if no process runs the lane now."""
    return lane.process is None and lane.state in (LaneState.ENDED, LaneState.CLOSED)


def open_question(main: Lane) -> str:
    """The open question, as `a question is open in its client (permission prompt)`; empty if there is none.

    Based on the client's own registry, or on an open tool call that asks a person. What a pane shows is checked
    separately, before each key.
    """
    process = main.process
    if process is not None and process.status == "waiting":
        return f"a question is open in its client ({process.waiting_for or 'it waits for a person'})"
    asks = next((call.tool for call in main.open_calls if call.tool_kind is ToolKind.ASK), "")
    return f"a question is open in its client ({asks})" if asks else ""
