"""The lane that a verb is for: the main lane of its session, whether it has ended, and whether it may be acted on."""

from __future__ import annotations

from collections.abc import Mapping

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
