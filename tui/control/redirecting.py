"""Redirect: a text of the operator that the model reads before its next action, and the proof that it has it."""

from __future__ import annotations

from dataclasses import replace

from tui.control.asking import LONGEST_TEXT, Request, acks_of, ask, asked, knock, take_back
from tui.control.cases import Case
from tui.control.folder import ControlFolder
from tui.control.lifetime import client_of
from tui.control.scene import Scene, still_running
from tui.control.seen import TextSearch
from tui.control.world import Refused, World
from tui.model.control import RouteKind, Stage
from tui.model.finding import Verb

DEADLINE_S = 30.0
LAPSE_S = 1800.0
"""A text that nobody took in half an hour is no longer what the operator means."""
FROM = "From the operator of this session:\n\n"
"""What stands before a text that a hook delivers, so that the model knows who speaks."""

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
        text = checked(case.order.text)
        if case.order.route is RouteKind.GATE:
            return self.ask_gate(case, scene, Verb.REDIRECT, text)
        return self.tell(case, scene, text)

    def ask_gate(self, case: Case, scene: Scene, verb: Verb, text: str, stop_at: float | None = None) -> Case:
        """Leaves the text at the gate, and wakes a session that is idle."""
        key = scene.key
        if key is None:
            raise Refused("its session has no plain id: the gate cannot be asked")
        order = case.order
        until = scene.now + LAPSE_S if stop_at is None else stop_at + LAPSE_S
        request = Request(order.id, verb, order.agent_id, FROM + text, case.now, until, stop_at)
        ask(self._folder, key, replace(request, client=client_of(scene), asked=case.asked))
        unheard = not scene.lane.busy and order.agent_id is None and not knock(self._folder, key)
        # Unless a prompt came meanwhile, and its gate has taken the text.
        if unheard and self._folder.claim(f"taken/{order.id}"):
            take_back(self._folder, key, order.id)
            raise Refused("it is between turns, and no hook of it waits to be woken")
        return case.in_phase("told", scene.now)

    def tell(self, case: Case, scene: Scene, text: str) -> Case:
        """Gives the text by daemon, pane or a new run."""
        words = self._tell(case, scene, text)
        return case.stepped(scene.now, Stage.ACKNOWLEDGED, words).in_phase("told", scene.now)

    def _tell(self, case: Case, scene: Scene, text: str) -> str:
        if case.order.route is RouteKind.TMUX:
            return self._world.type_text(scene.main, text)
        if case.order.route is not RouteKind.API:
            raise Refused("signals carry no text")
        if scene.main.process is None:
            return self._world.go_on_headless(scene.lane, text, case.order.id)
        return self._world.daemon_tell(scene.main, text)

    def watch(self, case: Case, scene: Scene) -> Case:
        """What has become of a redirect; a text that has lapsed is no longer asked for."""
        new = self.seen(case, scene)
        if new.order.stage is Stage.EXPIRED and case.order.route is RouteKind.GATE and scene.key is not None:
            take_back(self._folder, scene.key, case.order.id)
        return new

    def seen(self, case: Case, scene: Scene) -> Case:
        """What has become of a redirect, without touching anything."""
        case = self.acknowledged(case, scene)
        if self.arrived(case):
            self._searches.pop(case.order.id, None)
            return case.stepped(scene.now, Stage.EFFECTIVE, "the text stands in its transcript").ended()
        if failure := self._world.failed_run(case.order.id):
            return case.stepped(scene.now, Stage.REFUSED, failure).ended()
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
        why = still_running(scene, ()) or "it is between turns"
        if Stage.ACKNOWLEDGED in case.has:
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
        told = next((ack for ack in acks_of(self._folder, case.order.id) if ack.did == "told"), None)
        if told is None:
            return case
        how = "instead of its next tool" if case.now and told.event == "PreToolUse" else f"at {told.event}"
        return case.stepped(told.at, Stage.ACKNOWLEDGED, f"the gate gave it {how}").offering("")

    def arrived(self, case: Case) -> bool:
        """True once the text stands in the transcript."""
        found = self._searches.get(case.order.id)
        if found is None:
            found = self._searches[case.order.id] = TextSearch(case.path, case.order.text, case.offset)
        return found.look()

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


def checked(text: str) -> str:
    """The text as it may be given.

    Raises:
        Refused: it is empty, too long, or holds control characters; the words say which and where.
    """
    text = text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        raise Refused("there is no text to give")
    if len(text) > LONGEST_TEXT:
        raise Refused(
            f"the text has {len(text):,} characters; agents cut a hook's words at 10,000, so {LONGEST_TEXT:,} is all"
        )
    for place, char in enumerate(text):
        if (ord(char) < 0x20 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0:
            raise Refused(f"the text holds a control character (U+{ord(char):04X}, at {place + 1}): it is not given")
        if 0xD800 <= ord(char) < 0xE000:
            raise Refused(f"the text holds half a character (U+{ord(char):04X}, at {place + 1}): it is not given")
    return text
