"""Pause: no tool and no model call runs until the lane is resumed. The lane counts as paused only after this was seen.

By the gate, a lane is held where it is and loses nothing. The other routes end its turn (daemon, pane) or stop its
processes (freeze); the plan says so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tui.control.refused import Refused
from tui.control.verbs.base import ENDED, HeldState, KeyBinding, Option, Outcome, VerbSpec, VerbTools, ended_refusal
from tui.control.verbs.resume import SPEC as RESUME
from tui.model.control import Held, Order, Plan, RouteKind, Stage
from tui.model.finding import Verb
from tui.text.own_text import own

if TYPE_CHECKING:
    from tui.control.context import VerbContext
    from tui.control.routes.base import RouteDriver
    from tui.control.routes.gate_client import Ack
    from tui.model.snapshot import Fleet

DEADLINE_S = 10.0
"""After this many seconds, a pause that was not seen to take effect is overdue, usually because a tool runs for a long
time."""
SETTLE_S = 1.0
"""Seconds. A transcript is some tenths of a second behind its agent."""
FREEZE_S = 120.0
"""Seconds that a freeze lasts: see `routes.signals`."""
IDLE = "between turns: nothing to interrupt, and nothing would hold its next prompt"
LEAVES = "a freeze ends when the lanewatch that made it exits: freeze from the live screen, which keeps running"
CUT_SHORT = "its lanewatch was killed before it had ended the turn: nothing holds it"
HARDER = {
    RouteKind.API: "end its turn by its daemon",
    RouteKind.TMUX: "end its turn by Escape in its pane",
    RouteKind.PROCESS: "freeze its processes, for two minutes at most",
}
"""The description of a pause by each route when it is offered as the next stronger step."""
HELD_AT = {
    "PreToolUse": "paused before its next tool",
    "PostToolBatch": "paused before its next model call",
    "PreModelRequest": "paused before its next model call",
    "UserPromptSubmit": "paused before its next prompt",
    "PostToolUse": "paused after its last tool",
}


class Pause(VerbSpec):
    """Phases: `holding` at the gate; `ending turn`, then `stopped`; `frozen`."""

    verb = Verb.PAUSE
    place = 10
    title = own("pause")
    doing = own("pausing")
    seen_word = own("paused")
    summary = "Pause lanes before their next tool or model call, losing nothing"
    description = "Pause lanes before their next tool or model call. Nothing is lost."
    counterfactual = own("paused before its next tool or model call until it was resumed: nothing lost, nothing spent")
    examples = (
        ("7d90c18f", "before its next tool or model call"),
        ("7d90c18f --tree --wait", "with its subagents; wait until it holds"),
    )
    key = KeyBinding("p", "Pause before the next tool or call", "pause")
    effects: ClassVar[Mapping[RouteKind, str]] = {
        RouteKind.GATE: "pauses before its next tool or model call; nothing is lost",
        RouteKind.API: "ends its turn now; resume begins a new one",
        RouteKind.TMUX: "Escape ends its turn now; resume types a prompt",
        RouteKind.PROCESS: "freezes its processes for two minutes at most",
    }
    options = (Option("--for", "resume by itself after TIME", "duration", "TIME", dest="lasts"),)
    deadline_s = DEADLINE_S
    wait_s = 15.0
    under_way = Held.PAUSING
    done = Held.PAUSED
    held_states = (
        HeldState(Held.PAUSING, own("▷"), own(">"), own("pausing"), own("a tool is still running")),
        HeldState(Held.PAUSED, own("‖"), own("|"), own("paused"), own("confirmed: nothing of it runs")),
    )
    can_hold = True
    is_timed = True
    needs_no_question = True

    # -- planning ---------------------------------------------------------------------------------

    def refusal(self, context: VerbContext, holds: Sequence[Order], *, stray: bool) -> str:
        """See `VerbSpec.refusal`."""
        if any(order.verb is self.verb and order.lane == context.lane.id for order in holds):
            return "it is paused already, or about to be"
        return ended_refusal(context)

    def route_refusal(self, context: VerbContext, taken: RouteKind) -> str:
        """See `VerbSpec.route_refusal`."""
        return IDLE if context.drivers[taken].ends_turn and not context.has_turn else ""

    def effect(self, context: VerbContext, taken: RouteKind, bounds: object) -> str:
        """See `VerbSpec.effect`."""
        if context.drivers[taken].acts_at_boundaries and not context.lane.busy:
            return "between turns: pauses before its next prompt"
        return self.effects[taken]

    def route_warning(self, context: VerbContext, taken: RouteKind) -> str:
        """See `VerbSpec.route_warning`."""
        if taken is RouteKind.PROCESS:
            return "its tools may continue; a request that is frozen for minutes may be sent and paid again"
        if context.drivers[taken].ends_turn and context.lane.open_calls:
            tool = context.lane.open_calls[-1].tool
            # Measured: the daemon ends the turn, and a command that has run for a moment continues without it.
            return f"{tool} is cut off" if taken is RouteKind.TMUX else f"what {tool} has started continues without it"
        return ""

    def for_command(self, plan: Plan) -> Plan:
        """Refuses a freeze: it would end when the command exits."""
        return plan.as_refused(LEAVES) if plan.route is RouteKind.PROCESS else plan

    # -- orders -----------------------------------------------------------------------------------

    def first_phase(self, driver: RouteDriver) -> str:
        """See `VerbSpec.first_phase`."""
        if driver.ends_turn:
            return "ending turn"
        return "holding" if driver.acts_at_boundaries else "frozen"

    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.begin`."""
        from tui.control.routes.gate_client import Request, put_request

        if order.route is RouteKind.GATE:
            request = Request(order.id, self.verb, order.agent_id, until=order.until)
            put_request(tools.folder, context.gate_key, replace(request, client=context.client, asked=order.asked))
            return order
        if order.route is RouteKind.PROCESS:
            words = tools.routes.process.freeze_client(context.main)
            frozen = order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("frozen", context.now)
            return self._peek_frozen(frozen, context, tools)
        if not context.has_turn:
            raise Refused(IDLE)
        words = tools.routes[order.route].end_turn(context.main)
        return order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("ending turn", context.now)

    def poll(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Updates a pause. Withdraws its request, or continues its processes, if its time is over."""
        from tui.control.release import withdraw_request

        new = self.peek(order, context, tools)
        if new.stage is Stage.EXPIRED and order.phase == "holding":
            withdraw_request(tools.folder, order)
        if new.stage is Stage.EXPIRED and order.phase == "frozen":
            with contextlib.suppress(Refused):  # its watchdog may have been killed
                tools.routes.process.unfreeze(tools.routes.process.target_in(order))
        return new

    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Updates a pause, which is watched until it is resumed."""
        from tui.control.context import cost_since

        if order.phase == "holding":
            return self._peek_gate(order, context, tools)
        if order.phase == "frozen":
            return self._peek_frozen(order, context, tools)
        if Stage.EFFECTIVE in order.has:
            if context.lane.busy and context.now - order.phase_since > SETTLE_S and _newer(order, context):
                return order.stepped(context.now, Stage.WITHDRAWN, "it works again: somebody gave it a prompt").ended()
            return order
        if not context.lane.busy and context.now - order.at > SETTLE_S / 2:
            words = f"its turn has ended {cost_since(order, context)}"
            return order.stepped(context.now, Stage.EFFECTIVE, words).in_phase("stopped", context.now)
        if Stage.ACKNOWLEDGED not in order.has and context.now - order.at >= DEADLINE_S:
            return order.stepped(context.now, Stage.EXPIRED, CUT_SHORT).ended()
        return self._overdue(order, context, tools, "its turn still runs")

    def _peek_frozen(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Updates a freeze: it is effective only while its processes are stopped, whatever was requested."""
        process = tools.routes.process
        target = process.target_in(order)
        is_over = context.now - order.phase_since >= FREEZE_S
        if process.is_frozen(target) and not (is_over and tools.desk.is_mine(order)):
            if Stage.EFFECTIVE in order.has:
                return order
            words = f"process {target.pid} and its children are frozen, for two minutes at most"
            return order.stepped(context.now, Stage.EFFECTIVE, words)
        if is_over:
            return order.stepped(context.now, Stage.EXPIRED, "two minutes are over: its processes continue").ended()
        if Stage.EFFECTIVE not in order.has and context.now - order.phase_since < SETTLE_S:
            return order
        words = "its processes run again: somebody continued them, or the lanewatch that froze them exited"
        return order.stepped(context.now, Stage.WITHDRAWN, words).ended()

    def _peek_gate(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        from tui.control.context import gates_that_hold, still_running, with_question
        from tui.control.release import OUT_OF_FORCE, not_obeyed_words
        from tui.control.routes.gate_client import acks_of, requests_of

        acks = acks_of(tools.folder, order.id)
        if order.id not in [request.id for request in requests_of(tools.folder, context.gate_key)]:
            return order.stepped(context.now, Stage.WITHDRAWN, "the request is gone: it continues").ended()
        if order.until is not None and context.now >= order.until:
            return order.stepped(context.now, Stage.EXPIRED, "its time is over: it continues").ended()
        held = gates_that_hold(acks)
        why = tools.folder.unwritable(f"requests/{context.gate_key}")
        if why and not held:
            words = not_obeyed_words(why)
            out = order.noting(OUT_OF_FORCE, why)
            return out if order.steps[-1].text == words else out.stepped(context.now, Stage.OVERDUE, words)
        if order.facts.get(OUT_OF_FORCE) and not why:
            words = "the state folder can be written again: it pauses at its next step"
            order = order.noting(OUT_OF_FORCE, "").stepped(context.now, Stage.REQUESTED, words)
        stage = order.stage
        if held and Stage.ACKNOWLEDGED not in order.has:
            order = order.stepped(held[0].at, Stage.ACKNOWLEDGED, f"the gate pauses it at {held[0].event}")
        running = still_running(context, held)
        if running and stage is not Stage.EFFECTIVE:
            order = with_question(order, context)
            running = order.facts.get("question") or running
        quiet_s = 0.0 if held else SETTLE_S
        if not running and (held or not context.lane.busy) and context.now - order.at > quiet_s:
            return self._holds(order, context, held, tools)
        went_on = not held and context.lane.busy and context.now - order.phase_since > SETTLE_S
        if stage is Stage.EFFECTIVE and went_on:
            ran_out = any(ack.did == "ran_out" for ack in acks)
            why = "the hook ran out of its time" if ran_out else "the gate that paused it exited"
            words = f"{why}: it continues to its next tool"
            return order.stepped(context.now, Stage.OVERDUE, words).offering(self._offer(order, context, tools))
        return self._overdue(order, context, tools, running or "no gate has answered")

    @staticmethod
    def _holds(order: Order, context: VerbContext, held: Sequence[Ack], tools: VerbTools) -> Order:
        from tui.control.context import cost_since

        words = HELD_AT.get(held[-1].event if held else "", "between turns: pauses before its next prompt")
        if order.stage is Stage.EFFECTIVE:
            return order
        if Stage.EFFECTIVE not in order.has:
            words = f"{words} {cost_since(order, context)}"
        client = context.client
        if order.agent_id is None and client is not None:
            left = tools.routes.process.left_running(client[0], [ack.pid for ack in held])
            words += f"; {left}" if left else ""
        return order.stepped(context.now, Stage.EFFECTIVE, words).offering("").in_phase("holding", context.now)

    def _overdue(self, order: Order, context: VerbContext, tools: VerbTools, why: str) -> Order:
        if context.now - order.at < DEADLINE_S or order.stage in (Stage.OVERDUE, Stage.EFFECTIVE):
            return order
        words = f"not seen after {DEADLINE_S:.0f} s: {why}"
        return order.stepped(context.now, Stage.OVERDUE, words).offering(self._offer(order, context, tools))

    # -- a stronger route -------------------------------------------------------------------------

    def escalate(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Pauses by the next stronger route, with a new order."""
        route = self._harder_route(order, context, tools)
        if route is None:
            words = "there is no stronger route to it"
            return Outcome(order.stepped(fleet.at, Stage.OVERDUE, words).offering(""), None)
        plan = self.plan(context, fleet, [], route, tools.bounds)
        given = tools.desk.give_plan(plan, context, fleet, f"stronger than {order.id}")
        refused = given.stage is Stage.REFUSED
        return Outcome(order.offering(self._offer(order, context, tools) if refused else ""), given)

    def _harder_route(self, order: Order, context: VerbContext, tools: VerbTools) -> RouteKind | None:
        """The route of the next stronger step; None if no route is known to be useful."""
        for kind in self.choices(context):
            driver = context.drivers[kind]
            if driver.acts_at_boundaries or kind is order.route or (driver.ends_turn and not context.has_turn):
                continue
            if kind is not RouteKind.PROCESS or tools.routes.process.can_freeze_client(context.main):
                return kind
        return None

    def _offer(self, order: Order, context: VerbContext, tools: VerbTools) -> str:
        """The next stronger step in words; empty if there is none."""
        kind = self._harder_route(order, context, tools)
        if kind is None:
            return ""
        words = HARDER.get(kind, self.effects[kind])
        return f"{words} (its whole session)" if context.lane.agent_id is not None else words

    # -- taken back -------------------------------------------------------------------------------

    def undo(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Resumes the lane by the route that paused it."""
        plan = RESUME.plan(context, fleet, [order], order.route, tools.bounds)
        return Outcome(order, tools.desk.give_plan(plan, context, fleet, f"undoes {order.id}"))

    def check_release(self, order: Order, context: VerbContext, tools: VerbTools) -> None:
        """Checks that a pause can be withdrawn.

        Raises:
            Refused: it cannot be withdrawn.
        """
        process = tools.routes.process
        if order.phase == "holding":
            context.check_gate_key()
        if order.phase == "frozen" and process.is_frozen(process.target_in(order)):
            process.check(process.target_in(order))

    def released(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Withdraws a pause without a resume.

        Raises:
            Refused, FolderError: the pause is still in force.
        """
        from tui.control.routes.gate_client import take_back

        if order.phase == "holding":
            take_back(tools.folder, context.gate_key, order.id)
        if order.phase == "frozen":
            tools.routes.process.unfreeze(tools.routes.process.target_in(order))
        return order.stepped(context.now, Stage.WITHDRAWN, "undone: it continues").ended()

    def left(self, order: Order, at: float, tools: VerbTools) -> Order:
        """Continues the processes that this lanewatch froze, because it exits."""
        if order.phase != "frozen":
            return order
        with contextlib.suppress(Refused):
            tools.routes.process.unfreeze(tools.routes.process.target_in(order))
        words = "the lanewatch that froze its processes exits: they continue"
        return order.stepped(at, Stage.WITHDRAWN, words).ended()

    def client_ended(self, order: Order, at: float, pid: str) -> Order:
        """See `VerbSpec.client_ended`."""
        noted = order.noting(ENDED, "yes")
        return noted.stepped(at, Stage.EXPIRED, f"process {pid} exited: nothing is paused any more").ended()

    # -- what it makes of its lane ----------------------------------------------------------------

    def holds(self, order: Order, context: VerbContext) -> bool:
        """True also for a main lane whose subagent is paused."""
        return order.lane in {lane.id for lane in context.covered}

    def covers(self, order: Order, context: VerbContext) -> bool:
        """True for the subagents of a paused session."""
        lane = context.lane
        mine = order.session == context.main.session and order.agent == lane.agent
        return order.agent_id is None and lane.agent_id is not None and mine and lane.busy

    def held(self, order: Order, context: VerbContext, now: float) -> Held | None:
        """See `VerbSpec.held`."""
        if order.is_open:
            return self.done if order.stage is Stage.EFFECTIVE else self.under_way
        return super().held(order, context, now) if ENDED in order.facts else None

    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """See `VerbSpec.standing`."""
        return f"stays paused, or pauses at its next step: `lanewatch resume {order.lane}` resumes it"


def _newer(order: Order, context: VerbContext) -> bool:
    newest = context.lane.last_event
    return newest is not None and newest - context.clock_set > order.phase_since


SPEC = Pause()
