"""Resume: a lane continues where it was held. A close of the lane is undone, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tui.control.verbs.base import KeyBinding, VerbSpec, VerbTools, ended_refusal
from tui.model.control import Held, Order, Plan, RouteKind, Stage
from tui.model.finding import Verb
from tui.text.own_text import own

if TYPE_CHECKING:
    from tui.control.context import VerbContext
    from tui.control.routes.base import RouteDriver

DEADLINE_S = 5.0
OVERDUE_S = 10.0
"""Seconds after which a resume that begins a new turn is overdue."""
SEEN_S = 2.0
"""Seconds. A resume that took effect more recently ends the earlier pauses."""
GO_ON = "Continue where you were stopped."
BEGUN = "begun"
"""The phase of a resume that is about to withdraw the requests that hold the lane."""
STANDING = "standing"
"""The phase of a resume by a command that could not yet withdraw the requests that hold the lane."""
LIFTS = "undoes its close: nothing more is asked of it"
"""The effect of a resume on a lane that is not paused, but was asked to close."""


class Resume(VerbSpec):
    """Phases: `begun`; `letting go` at the gate; `starting` a turn; `standing`."""

    verb = Verb.RESUME
    place = 20
    title = own("resume")
    doing = own("resuming")
    seen_word = own("resumed")
    summary = "Resume paused lanes"
    description = "Resume paused lanes where they were stopped."
    counterfactual = own("resumed where it was paused")
    examples = (("7d90c18f", "where it was stopped"),)
    key = KeyBinding("r", "Resume where it was paused", "resume")
    effects: ClassVar[Mapping[RouteKind, str]] = {
        RouteKind.GATE: "continues where it was paused",
        RouteKind.API: "begins a turn: continue where you were stopped",
        RouteKind.TMUX: "types into its pane: continue where you were stopped",
        RouteKind.PROCESS: "continues its frozen processes",
    }
    deadline_s = DEADLINE_S
    wait_s = 10.0
    only_releases = True
    needs_no_question = True

    # -- planning ---------------------------------------------------------------------------------

    def refusal(self, context: VerbContext, holds: Sequence[Order], *, stray: bool) -> str:
        """See `VerbSpec.refusal`."""
        if holds or stray:
            return ""
        if ended := ended_refusal(context):
            return ended
        if context.lane.control.held not in (Held.PAUSED, Held.PAUSING):
            return "it is not paused"
        return "its whole session is paused: resume that" if context.lane.agent_id is not None else ""

    def plan_without_route(self, context: VerbContext, holds: Sequence[Order], route: RouteKind | None) -> Plan | None:
        """Plans to undo a close if nothing else holds the lane. This needs no route to the lane."""
        if not holds or _pauses(holds):
            return None
        taken = holds[-1].route
        return Plan(self.verb, context.lane.id, taken, (taken,), LIFTS, asked=route)

    def routes_first(
        self, choices: tuple[RouteKind, ...], holds: Sequence[Order], *, stray: bool
    ) -> tuple[RouteKind, ...]:
        """The route by which the lane is held comes first; a request at the gate can always be withdrawn."""
        pauses = _pauses(holds)
        known = RouteKind.GATE if stray or any(one.route is RouteKind.GATE for one in pauses) else None
        first = pauses[-1].route if pauses else known
        able = choices if known is None or known in choices else (known, *choices)
        return tuple(sorted(able, key=lambda kind: kind is not first))

    # -- orders -----------------------------------------------------------------------------------

    def first_phase(self, driver: RouteDriver) -> str:
        """The phase after the prompt, if there is one, since it must not be typed twice.

        A withdrawal can be repeated.
        """
        return "starting" if driver.ends_turn else BEGUN

    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Makes a lane continue: ends everything that holds it, by whatever route it was held.

        The requests at the gate are withdrawn first, whatever else fails.
        """
        holds = tools.desk.holds(context)
        pauses = _pauses(holds)
        if holds and not pauses:
            return self._lift(order, context, holds, tools)
        resumed = self._resume(order, context, pauses, tools)
        for pause in pauses if resumed.phase != STANDING else ():
            if not tools.routes[pause.route].ends_turn:
                tools.desk.keep(pause, pause.stepped(context.now, Stage.WITHDRAWN, "resumed").ended())
        return resumed

    def _resume(self, order: Order, context: VerbContext, pauses: Sequence[Order], tools: VerbTools) -> Order:
        from tui.control.release import not_resumed_words

        route, process = order.route, tools.routes.process
        order = self._free_gate(order, context, pauses, tools)
        if route is RouteKind.PROCESS or any(one.phase == "frozen" for one in pauses):
            order = order.stepped(context.now, Stage.ACKNOWLEDGED, process.unfreeze_client(context.main))
        if order.facts.get("stands") and not tools.stays:
            words = not_resumed_words(order.facts["stands"], order)
            return order.stepped(context.now, Stage.OVERDUE, words).in_phase(STANDING, context.now)
        if tools.routes[route].ends_turn:
            words = tools.routes[route].tell(context.main, GO_ON)
            return order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("starting", context.now)
        if route is RouteKind.PROCESS and order.facts.get("held", "0") == "0":
            return order.stepped(context.now, Stage.EFFECTIVE, "nothing holds it any more").ended()
        return order.in_phase("letting go", context.now)

    def _free_gate(self, order: Order, context: VerbContext, pauses: Sequence[Order], tools: VerbTools) -> Order:
        """Withdraws all requests that hold this lane at the gate, and stores how many gates must release it.

        Requests that belong to no known order are withdrawn too, so that they cannot keep holding the lane.
        """
        from tui.control.context import gates_that_hold
        from tui.control.folder import FolderError
        from tui.control.routes.gate_client import acks_of, requests_of, take_back

        if context.key is None and order.route is not RouteKind.GATE:
            return order
        key = context.gate_key
        mine, unknown_requests = {one.id for one in pauses}, tools.desk.unknown_requests(context)
        requests = requests_of(tools.folder, key)
        mine |= {
            one.id
            for one in requests
            if one.agent_id == order.agent_id and (one.verb is Verb.PAUSE or one.id in unknown_requests)
        }
        # Counted before the withdrawal: a gate releases the lane at once and would no longer be seen to hold.
        held = sum(len(gates_that_hold(acks_of(tools.folder, one))) for one in mine)
        stands = ""
        for request in requests:
            if request.id in mine:
                try:
                    take_back(tools.folder, key, request.id)
                except FolderError as error:
                    stands = str(error)
        facts = {"pauses": " ".join(sorted(mine)), "held": str(held), "stands": stands}
        return replace(order, facts={**order.facts, **facts})

    def _lift(self, order: Order, context: VerbContext, closes: Sequence[Order], tools: VerbTools) -> Order:
        """Undoes the closes of a lane: from then on nothing more is requested from it."""
        from tui.control.release import not_lifted_words

        parts = ("requests", "orders", *([f"requests/{context.key}"] if context.key is not None else []))
        if not tools.stays and (why := tools.folder.unwritable(*parts)):
            # Neither the request nor the order could be ended, and the next lanewatch would continue them.
            words = not_lifted_words(why, order)
            return order.stepped(context.now, Stage.OVERDUE, words).in_phase(STANDING, context.now)
        for close in closes:
            new = tools.desk.take_back(close, context)
            tools.desk.keep(close, new)
            order = order.stepped(context.now, Stage.EFFECTIVE, f"its {close.verb.value} is {new.steps[-1].text}")
        return order.ended()

    def poll(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Updates a resume; one that could not be carried out, or not completely, is tried again."""
        if order.phase not in (BEGUN, STANDING):
            return self.peek(order, context, tools)
        if any(one.at > order.at for one in tools.desk.holds(context)):
            return order.stepped(context.now, Stage.WITHDRAWN, "the lane was paused again since").ended()
        again = self.begin(order, context, tools)
        return again if again.phase != STANDING or not again.is_open else order

    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.peek`."""
        from tui.control.context import gates_that_hold
        from tui.control.release import retry_words
        from tui.control.routes.gate_client import acks_of

        if order.phase == "letting go":
            acks = [ack for one in order.facts.get("pauses", "").split() for ack in acks_of(tools.folder, one)]
            if gates_that_hold(acks):
                return _overdue(order, context, "a gate still pauses it", DEADLINE_S)
            count = order.facts.get("held", "0")
            words = "resumed" if count != "0" else "resumed: nothing was paused yet"
            if stands := order.facts.get("stands"):
                words += f"; {retry_words(stands)}"
            return order.stepped(context.now, Stage.EFFECTIVE, words).ended()
        if order.phase == BEGUN:
            return _overdue(order, context, "its pause is not undone yet", DEADLINE_S)
        if context.lane.busy:
            return order.stepped(context.now, Stage.EFFECTIVE, "working again").ended()
        return _overdue(order, context, "it has not begun to work", OVERDUE_S)

    def settle(self, orders: Sequence[Order], at: float, tools: VerbTools) -> None:
        """Ends pauses that ended a turn after their lane was seen to work again."""
        done = [one for one in orders if one.verb is self.verb and one.stage is Stage.EFFECTIVE]
        for resume in done:
            if at - resume.steps[-1].at > SEEN_S:
                continue
            for order in orders:
                ended = order.is_open and order.verb is Verb.PAUSE and tools.routes[order.route].ends_turn
                if ended and order.lane == resume.lane and order.at < resume.at and tools.desk.is_mine(order):
                    tools.desk.keep(order, order.stepped(at, Stage.WITHDRAWN, "resumed").ended())

    def can_be_undone(self, order: Order) -> bool:
        """Always False: to undo a resume, pause the lane."""
        return False

    def client_ended(self, order: Order, at: float, pid: str) -> Order:
        """See `VerbSpec.client_ended`."""
        return order.stepped(at, Stage.EXPIRED, f"process {pid} exited: nothing can be resumed").ended()

    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """See `VerbSpec.standing`."""
        if order.stage is Stage.OVERDUE:
            return f"is not resumed for good: {order.steps[-1].text}"
        return "is free to continue: its pause was removed"


def _pauses(holds: Sequence[Order]) -> list[Order]:
    return [order for order in holds if order.verb is Verb.PAUSE]


def _overdue(order: Order, context: VerbContext, why: str, after: float) -> Order:
    if context.now - order.at < after or order.stage in (Stage.OVERDUE, Stage.EFFECTIVE):
        return order
    return order.stepped(context.now, Stage.OVERDUE, f"not seen after {after:.0f} s: {why}").offering("")


SPEC = Resume()
