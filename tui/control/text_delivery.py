"""Gives texts to a model by gate, daemon or pane, and proves that the model received them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.agents.registry import probe_of
from tui.control.context import VerbContext
from tui.control.folder import ControlFolder
from tui.control.refused import Refused
from tui.control.routes.gate_client import Ack, Request, acks_of, put_request, requests_of, take_back, wake
from tui.control.texts import FROM, full_text
from tui.control.transcript_probe import BY_HOOK, BY_PROMPT, TextSearch
from tui.model.control import Order, RouteKind, Stage

if TYPE_CHECKING:  # not needed by help and completion, which load all verbs
    from tui.control.routes.registry import Routes

LAPSE_S = 1800.0
"""Seconds. A text that was not taken in half an hour lapses: it is probably no longer what the operator wants."""
GIVEN_S = 30.0
"""Maximum seconds that giving a text to a daemon or a pane takes."""
CUT_SHORT = "not seen to arrive: its lanewatch was killed while it gave the text"
QUEUED = "it waits in its client's queue: the model gets it after the tool that runs now"
NOT_SHOWN = (
    "not seen to arrive: the gate gave it, its model has answered since, and its transcript does not show the text"
)
DROPPED = "not delivered: somebody took it out of its client's queue"


class TextDelivery:
    """Gives texts of orders and searches for them in transcripts; stores how far each transcript was read."""

    def __init__(self, folder: ControlFolder, routes: Routes) -> None:
        self._folder = folder
        self._routes = routes
        self._searches: dict[str, TextSearch] = {}

    def give(self, order: Order, context: VerbContext, stop_at: float | None = None) -> Order:
        """Gives the order's text by its route. `stop_at`: the time from which the gate stops the loop (seconds UTC).

        Raises:
            Refused, FolderError: it was not given.
        """
        if order.route is RouteKind.GATE:
            return self.ask_gate(order, context, stop_at)
        words = self._routes[order.route].tell(context.main, full_text(order.text, context.lane.agent))
        return order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("told", context.now)

    def ask_gate(self, order: Order, context: VerbContext, stop_at: float | None = None) -> Order:
        """Writes the text to the gate as a request, and wakes an idle session.

        Raises:
            Refused, FolderError: it was not given.
        """
        key = context.gate_key
        words = full_text(order.text, context.lane.agent)
        until = context.now + LAPSE_S if stop_at is None else stop_at + LAPSE_S
        request = Request(order.id, order.verb, order.agent_id, words, order.now, until, stop_at)
        put_request(self._folder, key, replace(request, client=context.client, asked=order.asked))
        unheard = not context.lane.busy and order.agent_id is None and not wake(self._folder, key)
        # Unless a prompt came in the meantime and its gate has taken the text.
        if unheard and self._folder.claim(f"taken/{order.id}"):
            take_back(self._folder, key, order.id)
            raise Refused("it is between turns, and no hook of it waits to be woken")
        return order.in_phase("told", context.now)

    def acknowledged(self, order: Order) -> Order:
        """The order, acknowledged if its gate has written that it gave the text."""
        if order.route is not RouteKind.GATE or Stage.ACKNOWLEDGED in order.has:
            return order
        told = self._told(order)
        if told is None:
            return order
        how = "instead of its next tool" if order.now and told.event == "PreToolUse" else f"at {told.event}"
        return order.stepped(told.at, Stage.ACKNOWLEDGED, f"the gate gave it {how}").offering("")

    def heard(self, order: Order, context: VerbContext) -> Order:
        """The order with news about its text: the gate gave it, or it waits in the client's queue."""
        if order.route is RouteKind.GATE:
            return self.acknowledged(order)
        if any(step.text == QUEUED for step in order.steps):
            return order
        search = self._search(order)
        if search.look() or not search.is_queued:
            return order
        return order.stepped(context.now, order.stage, QUEUED)

    def arrival(self, order: Order) -> str:
        """The proof that the model has the text, in words; empty without proof.

        By the gate, nothing counts before the gate has written that it gave the text, because an agent may write a
        short text by itself. The gate's note alone is no proof, nor is a later answer of the model: a gate that is
        killed just after the note gives nothing.
        """
        if order.route is RouteKind.GATE and self._told(order) is None:
            return ""
        return "delivered: the text is in its transcript" if self._search(order).look() else ""

    def not_shown(self, order: Order) -> str:
        """The reason why it stays unknown whether a subagent's model has the text; empty while it may still be seen.

        Most clients write a hook's text to the transcript before the model's next answer; some never do.
        """
        told = self._told(order) if order.route is RouteKind.GATE and order.agent_id is not None else None
        if told is None or not probe_of(order.agent).answered_since(order.path, order.offset, told.at):
            return ""
        return "" if self._search(order).look() else NOT_SHOWN

    def forget(self, order: Order) -> None:
        """Stops searching for the order's text."""
        self._searches.pop(order.id, None)

    def was_dropped(self, order: Order) -> bool:
        """True if a person removed the text from the client's queue before the model received it."""
        return order.route is not RouteKind.GATE and self._search(order).was_dropped

    def is_queued(self, order: Order) -> bool:
        """True if the text waits in the client's queue, as far as the transcript was read."""
        return self._search(order).is_queued

    def is_told(self, order: Order) -> bool:
        """True if the text was given: the gate or the daemon reported it, or, by a pane, the model has it."""
        if order.route is RouteKind.TMUX:
            return bool(self.arrival(order))
        return Stage.ACKNOWLEDGED in order.has or (order.route is not RouteKind.GATE and bool(self.arrival(order)))

    @staticmethod
    def was_cut_short(order: Order, now: float) -> bool:
        """True if a lanewatch was killed while it gave the text by daemon or pane.

        Then only the transcript shows whether the text was given.
        """
        return order.route is not RouteKind.GATE and Stage.ACKNOWLEDGED not in order.has and now - order.at > GIVEN_S

    @staticmethod
    def given_at(order: Order) -> float:
        """The time at which the text was given (seconds UTC), as the gate, the daemon or the pane's Enter shows."""
        return next((step.at for step in order.steps if step.stage is Stage.ACKNOWLEDGED), order.at)

    def is_still_requested(self, order: Order, context: VerbContext) -> bool:
        """True while the request waits at the gate, or a gate has taken the text and not yet written what it did."""
        if context.now - order.at < 2.0 or self.is_taken(order):
            return True
        return context.key is not None and order.id in [one.id for one in requests_of(self._folder, context.key)]

    def is_taken(self, order: Order) -> bool:
        """True if a gate has taken the text."""
        return self._folder.read(f"taken/{order.id}") is not None

    def _search(self, order: Order) -> TextSearch:
        if order.id not in self._searches:
            counts = BY_HOOK if order.route is RouteKind.GATE else BY_PROMPT
            self._searches[order.id] = TextSearch(order.path, order.agent, FROM + order.text, order.offset, counts)
        return self._searches[order.id]

    def _told(self, order: Order) -> Ack | None:
        return next((ack for ack in acks_of(self._folder, order.id) if ack.did == "told"), None)
