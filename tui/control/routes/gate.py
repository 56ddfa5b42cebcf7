"""The gate as a route: the agent's hook that asks before each tool call and each model call."""

from __future__ import annotations

import os

from tui.agents.registry import has_hooks
from tui.control.routes.asked import put_answer
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.gate_client import key_of
from tui.control.subjects import is_over, recording_words
from tui.model.control import Route, RouteKind
from tui.model.pending import Answer, PendingRequest
from tui.model.snapshot import Lane


class GateRoute(RouteDriver):
    """Its requests are files in the control folder: see `gate_client`."""

    kind = RouteKind.GATE
    doc = "the hook in the agent's settings that asks before each tool call and each model call"
    place = 10
    acts_at_boundaries = True
    reaches_subagents = True

    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """See `RouteDriver.probe`."""
        key = key_of(lane.agent, main.session)
        if not has_hooks(lane.agent) or key is None:
            return self.shut(f"no gate is known for {lane.agent or 'this agent'}")
        session = around.sessions.get(key)
        if session is None:
            why = "hook not active: session started before install, or hooks not trusted"
            return self.shut(why if around.installed else f"no gate: `lanewatch install {lane.agent}`")
        if is_over(main) or not session.lives:
            return self.shut("the process has exited")
        if session.transcript is not None and not _same_file(session.transcript, main.path):
            return self.shut("another session with this id uses the gate")
        if not lane.busy and lane.agent_id is None:
            if key in around.waiting:
                return self.open("between turns; a hook waits to be woken")
            # Nothing would read a text before the next prompt.
            return self.open("between turns: its next prompt asks the gate", takes_text=False)
        one = f"the gate can act on subagent {lane.agent_id} alone"
        return self.open(one if lane.agent_id else "it asks before each tool and model call")

    def pending(self, lane: Lane, main: Lane, around: Surroundings) -> tuple[PendingRequest, ...]:
        """See `RouteDriver.pending`."""
        key = key_of(lane.agent, main.session)
        if recording_words(lane, main):
            return ()
        return tuple(one.request for one in around.asked if one.key == key and one.agent_id == lane.agent_id)

    def answer(self, main: Lane, request: PendingRequest, answer: Answer, order: str) -> str:
        """Writes the answer for the hook that waits. See `RouteDriver.answer`."""
        put_answer(self._folder, request, answer, order)
        return ""


def _same_file(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)
