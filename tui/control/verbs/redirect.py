"""Redirect: a text of the operator that the model reads before its next action, and the proof that the model has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tui.agents.registry import has_hooks, probe_of
from tui.control.refused import Refused
from tui.control.verbs.base import (
    ENDED,
    TEXT_OPTIONS,
    HeldState,
    KeyBinding,
    Option,
    Outcome,
    TextSource,
    VerbSpec,
    VerbTools,
)
from tui.model.control import Held, Order, RouteKind, Stage
from tui.model.finding import Verb
from tui.text.own_text import own

if TYPE_CHECKING:
    from tui.control.context import VerbContext
    from tui.model.snapshot import Fleet

DEADLINE_S = 30.0


class Redirect(VerbSpec):
    """Phase: `told`."""

    verb = Verb.REDIRECT
    place = 30
    title = own("redirect")
    doing = own("redirecting")
    summary = "Give a text that the model reads next"
    description = "Give lanes a text that the model reads before its next action."
    counterfactual = own("given a text that the model reads before its next action")
    examples = (('7d90c18f --text "use pnpm, not npm"', "its model reads this next"),)
    key = KeyBinding("d", "Redirect: give a text to read next", "redirect")
    effects: ClassVar[Mapping[RouteKind, str]] = {
        RouteKind.GATE: "the model reads it after the tool that runs now",
        RouteKind.API: "given to its running turn, or a turn begins with it",
        RouteKind.TMUX: "pasted into its pane and submitted",
    }
    options = (*TEXT_OPTIONS, Option("--now", "refuse its next tool instead of letting it run", "nothing"))
    shown_options = "--text --file --now"
    text = TextSource.WRITTEN
    deadline_s = DEADLINE_S
    wait_s = 60.0
    under_way = Held.REDIRECTING
    done = Held.REDIRECTING
    held_states = (
        HeldState(
            Held.REDIRECTING, own("◇"), own("<"), own("redirect"), own("message queued"),
            is_counted=False,
        ),
    )  # fmt: skip
    done_shown_s = 5.0
    outlives = True
    includes_subagents = False

    # -- planning ---------------------------------------------------------------------------------

    def refusal(self, context: VerbContext, holds: Sequence[Order], *, stray: bool) -> str:
        """See `VerbSpec.refusal`."""
        from tui.control.routes.headless import ended_words

        return ended_words(context.lane) if context.is_over and has_hooks(context.lane.agent) else ""

    def effect(self, context: VerbContext, taken: RouteKind, bounds: object) -> str:
        """See `VerbSpec.effect`."""
        if context.lane.busy:
            return self.effects[taken]
        wakes = context.drivers[taken].acts_at_boundaries
        return "wakes it: the text is its next prompt" if wakes else "the text is its next prompt"

    def offers_now(self, context: VerbContext, taken: RouteKind) -> bool:
        """See `VerbSpec.offers_now`."""
        return context.drivers[taken].acts_at_boundaries and context.lane.busy

    def route_warning(self, context: VerbContext, taken: RouteKind) -> str:
        """See `VerbSpec.route_warning`."""
        lane = context.lane
        if taken is not RouteKind.GATE or lane.agent_id is None:
            return ""
        if lane.version is None or not probe_of(lane.agent).hides_hooks_of_subagents(lane.version):
            return ""
        return (
            f"version {lane.version} of its client does not write down what a subagent is given: whether the text "
            "arrives is seen only if its next tool is refused (--now)"
        )

    # -- orders -----------------------------------------------------------------------------------

    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.begin`."""
        return tools.delivery.give(order, context)

    def poll(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Updates a redirect. Withdraws the request of a text that has lapsed."""
        from tui.control.routes.gate_client import take_back

        new = self.peek(order, context, tools)
        if new.stage is Stage.EXPIRED and order.route is RouteKind.GATE and context.key is not None:
            take_back(tools.folder, context.key, order.id)
        if new.is_open and tools.desk.client_ended(new):
            words = "process exited, and the text is not in its transcript"
            return new.stepped(context.now, Stage.EXPIRED, words).ended()
        return new

    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.peek`."""
        from tui.control.context import still_running
        from tui.control.subjects import open_question
        from tui.control.text_delivery import CUT_SHORT, DROPPED, LAPSE_S

        delivery = tools.delivery
        order = delivery.heard(order, context)
        if proof := delivery.arrival(order):
            delivery.forget(order)
            return order.stepped(context.now, Stage.EFFECTIVE, proof).ended()
        if delivery.was_dropped(order):
            return order.stepped(context.now, Stage.EXPIRED, DROPPED).ended()
        if unknown := delivery.not_shown(order):
            delivery.forget(order)
            return order.stepped(context.now, Stage.OVERDUE, unknown).ended()
        if delivery.was_cut_short(order, context.now):
            return order.stepped(context.now, Stage.EXPIRED, CUT_SHORT).ended()
        untold = order.route is RouteKind.GATE and Stage.ACKNOWLEDGED not in order.has
        if untold and not delivery.is_still_requested(order, context):
            return order.stepped(context.now, Stage.EXPIRED, "nobody took it, and it is no longer asked for").ended()
        if context.now - order.at > LAPSE_S:
            return order.stepped(context.now, Stage.EXPIRED, "not seen in its transcript in half an hour").ended()
        if context.now - order.at < DEADLINE_S or order.stage is Stage.OVERDUE:
            return order
        why = open_question(context.main) or still_running(context, ()) or "it is between turns"
        if delivery.is_queued(order):
            why = f"it waits in its client's queue, {why}"
        elif Stage.ACKNOWLEDGED in order.has:
            why = "given, but not seen in its transcript"
        elif order.route is RouteKind.GATE and delivery.is_taken(order):
            why = "a gate has taken it, but has not reported the result"
        offer = "" if order.now or order.route is not RouteKind.GATE else "refuse its next action"
        return order.stepped(context.now, Stage.OVERDUE, f"not seen after {DEADLINE_S:.0f} s: {why}").offering(offer)

    def escalate(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Lets the gate refuse the next action and give the text instead."""
        if order.route is not RouteKind.GATE or order.now:
            raise Refused("there is no stronger step")
        again = tools.delivery.ask_gate(replace(tools.desk.made_mine(order), now=True), context)
        again = again.stepped(context.now, Stage.REQUESTED, "refuses its next action").offering("")
        return Outcome(again, again)

    def undo(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Withdraws a text that has not been given."""
        from tui.control.routes.gate_client import take_back

        if order.route is not RouteKind.GATE or context.key is None:
            raise Refused("already delivered: it cannot be undone")
        if not tools.folder.claim(f"taken/{order.id}"):
            raise Refused("already delivered by the gate: it cannot be undone")
        take_back(tools.folder, context.key, order.id)
        new = order.stepped(context.now, Stage.WITHDRAWN, "undone before it was delivered").ended()
        return Outcome(new, new)

    def can_be_undone(self, order: Order) -> bool:
        """True as long as the text was not given."""
        return not order.stage.is_final and not order.has & {Stage.ACKNOWLEDGED, Stage.EFFECTIVE}

    def client_ended(self, order: Order, at: float, pid: str) -> Order:
        """Ends an order whose text was not given. If the text was given, the transcript is still searched."""
        if Stage.ACKNOWLEDGED in order.has:
            return order
        noted = order.noting(ENDED, "yes")
        return noted.stepped(at, Stage.EXPIRED, f"process {pid} ended before the text was given").ended()

    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """See `VerbSpec.standing`."""
        if order.stage is not Stage.REQUESTED:
            return "has received the text: that cannot be undone"
        return (
            "has not read the text yet: it waits for its next tool or model call, half an hour at most; "
            "`u` on the live screen undoes it"
        )


SPEC = Redirect()
