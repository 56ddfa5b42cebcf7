"""Redirect: a text of the operator that the model reads before its next action, and the proof that it has it."""

from __future__ import annotations

from dataclasses import replace

from tui.control.folder import ControlFolder
from tui.control.gate_client import Ack, Request, acks_of, ask, asked, knock, take_back
from tui.control.lifetime import client_of
from tui.control.order_store import Case
from tui.control.route_driver import Refused, World
from tui.control.texts import FROM, said
from tui.control.transcript_probe import BY_HOOK, BY_PROMPT, TextSearch, answered_since
from tui.control.verb_context import Scene, open_question, still_running
from tui.model.control import RouteKind, Stage
from tui.model.finding import Verb

DEADLINE_S = 30.0
LAPSE_S = 1800.0
"""A text that nobody took in half an hour is no longer what the operator means."""
QUEUED = "it waits in its client's queue: the model gets it after the tool that runs now"
DROPPED = "not delivered: somebody took it out of its client's queue"

EFFECTS = {
    RouteKind.GATE: "the model reads it after the tool that runs now",
    RouteKind.API: "given to its running turn, or a turn begins with it",
    RouteKind.TMUX: "pasted into its pane and submitted",
}


class Redirecting:
    """Gives redirects, and sees whether they arrive."""

    def __init__(self, folder: ControlFolder, world: World) -> None:
        self._folder = folder
        self._world = world
        self._searches: dict[str, TextSearch] = {}

    def redirect(self, case: Case, scene: Scene) -> Case:
        """Gives the text.

        Raises:
            Refused, FolderError: it was not given.
        """
        text = case.order.text
        if case.order.route is RouteKind.GATE:
            return self.ask_gate(case, scene, Verb.REDIRECT, text)
        return self.tell(case, scene, text)

    def ask_gate(self, case: Case, scene: Scene, verb: Verb, text: str, stop_at: float | None = None) -> Case:
        """Leaves the text at the gate, and wakes a session that is idle."""
        key = scene.key
        if key is None:
            raise Refused("its session has no plain id: the gate cannot be asked")
        words = said(text, scene.lane.agent)
        order = case.order
        until = scene.now + LAPSE_S if stop_at is None else stop_at + LAPSE_S
        request = Request(order.id, verb, order.agent_id, words, case.now, until, stop_at)
        ask(self._folder, key, replace(request, client=client_of(scene), asked=case.asked))
        unheard = not scene.lane.busy and order.agent_id is None and not knock(self._folder, key)
        # Unless a prompt came meanwhile, and its gate has taken the text.
        if unheard and self._folder.claim(f"taken/{order.id}"):
            take_back(self._folder, key, order.id)
            raise Refused("it is between turns, and no hook of it waits to be woken")
        return case.in_phase("told", scene.now)

    def tell(self, case: Case, scene: Scene, text: str) -> Case:
        """Gives the text by daemon or pane."""
        words = self._tell(case, scene, text)
        return case.stepped(scene.now, Stage.ACKNOWLEDGED, words).in_phase("told", scene.now)

    def _tell(self, case: Case, scene: Scene, text: str) -> str:
        text = said(text, scene.lane.agent)
        if case.order.route is RouteKind.TMUX:
            return self._world.type_text(scene.main, text)
        if case.order.route is not RouteKind.API:
            raise Refused("signals carry no text")
        return self._world.daemon_tell(scene.main, text)

    def watch(self, case: Case, scene: Scene) -> Case:
        """What has become of a redirect; a text that has lapsed is no longer asked for."""
        new = self.seen(case, scene)
        if new.order.stage is Stage.EXPIRED and case.order.route is RouteKind.GATE and scene.key is not None:
            take_back(self._folder, scene.key, case.order.id)
        return new

    def seen(self, case: Case, scene: Scene) -> Case:
        """What has become of a redirect, without touching anything."""
        case = self.heard(case, scene)
        if proof := self.arrival(case):
            self._searches.pop(case.order.id, None)
            return case.stepped(scene.now, Stage.EFFECTIVE, proof).ended()
        if self.was_dropped(case):
            return case.stepped(scene.now, Stage.EXPIRED, DROPPED).ended()
        if (
            case.order.route is RouteKind.GATE
            and Stage.ACKNOWLEDGED not in case.has
            and not self.still_asked(case, scene)
        ):
            return case.stepped(scene.now, Stage.EXPIRED, "nobody took it, and it is no longer asked for").ended()
        if scene.now - case.order.at > LAPSE_S:
            return case.stepped(scene.now, Stage.EXPIRED, "not seen in its transcript in half an hour").ended()
        if scene.now - case.order.at < DEADLINE_S or case.order.stage is Stage.OVERDUE:
            return case
        why = open_question(scene.main) or still_running(scene, ()) or "it is between turns"
        if self._search(case).is_queued:
            why = f"it waits in its client's queue, {why}"
        elif Stage.ACKNOWLEDGED in case.has:
            why = "given, but not seen in its transcript"
        elif case.order.route is RouteKind.GATE and self._is_taken(case):
            why = "a gate has taken it, and not said what came of it"
        return case.stepped(scene.now, Stage.OVERDUE, f"not seen after {DEADLINE_S:.0f} s: {why}").offering(
            "" if case.now or case.order.route is not RouteKind.GATE else "refuse its next action"
        )

    def acknowledged(self, case: Case, scene: Scene) -> Case:
        """The case with the gate's word that it gave the text."""
        if case.order.route is not RouteKind.GATE or Stage.ACKNOWLEDGED in case.has:
            return case
        told = self._told(case)
        if told is None:
            return case
        how = "instead of its next tool" if case.now and told.event == "PreToolUse" else f"at {told.event}"
        return case.stepped(told.at, Stage.ACKNOWLEDGED, f"the gate gave it {how}").offering("")

    def arrival(self, case: Case) -> str:
        """How it is known that the model has the text, in words; empty while it is not.

        By the gate nothing counts before the gate's own word: an agent may write a short text by itself.
        """
        told = self._told(case) if case.order.route is RouteKind.GATE else None
        if case.order.route is RouteKind.GATE and told is None:
            return ""
        if self._search(case).look():
            return "the text stands in its transcript"
        if told is not None and case.order.agent == "claude" and answered_since(case.path, case.offset, told.at):
            return "the gate gave it, and its model has answered since"
        return ""

    def was_dropped(self, case: Case) -> bool:
        """True if a person took the text out of the client's queue before the model had it."""
        return case.order.route is not RouteKind.GATE and self._search(case).was_dropped

    def is_told(self, case: Case) -> bool:
        """True once the text was given: by the gate's or the daemon's word; by a pane, once the model has it."""
        if case.order.route is RouteKind.TMUX:
            return bool(self.arrival(case))
        return Stage.ACKNOWLEDGED in case.has

    @staticmethod
    def given_at(case: Case) -> float:
        """When the text was given, in seconds UTC: by the gate's or the daemon's word, or by the pane's Enter."""
        return next((step.at for step in case.order.steps if step.stage is Stage.ACKNOWLEDGED), case.order.at)

    def heard(self, case: Case, scene: Scene) -> Case:
        """The case with what was said of its text: the gate gave it, or it waits in the client's queue."""
        if case.order.route is RouteKind.GATE:
            return self.acknowledged(case, scene)
        if any(step.text == QUEUED for step in case.order.steps):
            return case
        search = self._search(case)
        if search.look() or not search.is_queued:
            return case
        return case.stepped(scene.now, case.order.stage, QUEUED)

    def _search(self, case: Case) -> TextSearch:
        order = case.order
        if order.id not in self._searches:
            counts = BY_HOOK if order.route is RouteKind.GATE else BY_PROMPT
            self._searches[order.id] = TextSearch(case.path, order.agent, FROM + order.text, case.offset, counts)
        return self._searches[order.id]

    def _told(self, case: Case) -> Ack | None:
        return next((ack for ack in acks_of(self._folder, case.order.id) if ack.did == "told"), None)

    def still_asked(self, case: Case, scene: Scene) -> bool:
        """True while the request waits at the gate, or a gate has taken the text and not yet said what it did."""
        if scene.now - case.order.at < 2.0 or self._is_taken(case):
            return True
        return scene.key is not None and case.order.id in [one.id for one in asked(self._folder, scene.key)]

    def _is_taken(self, case: Case) -> bool:
        return self._folder.read(f"taken/{case.order.id}") is not None

    def take_back(self, case: Case, scene: Scene) -> Case:
        """Withdraws a text that has not been given.

        Raises:
            Refused: it has been given, or was given by a route that cannot take it back.
        """
        if case.order.route is not RouteKind.GATE or scene.key is None:
            raise Refused("it has been given: it cannot be taken back")
        if not self._folder.claim(f"taken/{case.order.id}"):
            raise Refused("the gate has given it: it cannot be taken back")
        take_back(self._folder, scene.key, case.order.id)
        return case.stepped(scene.now, Stage.WITHDRAWN, "taken back before it was given").ended()
