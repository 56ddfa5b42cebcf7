"""Pause and resume: no tool and no token until it goes on, and a pause is called one only when that was seen.

By the gate a lane holds where it is and loses nothing. The other routes end its turn (daemon, pane) or stop its
processes (freeze), and say so before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Container, Sequence
from dataclasses import replace

from tui.control import background
from tui.control.folder import ControlFolder, FolderError
from tui.control.gate_client import Ack, Request, acks_of, ask, asked, take_back
from tui.control.lifetime import client_of
from tui.control.lifting import OUT_OF_FORCE, free, later, not_resumed, out_of_force
from tui.control.order_store import Case
from tui.control.route_driver import Refused, World, target_of
from tui.control.signals import FREEZE_S, Target
from tui.control.verb_context import Scene, asking, holding, spent_since, still_running
from tui.model.control import RouteKind, Stage
from tui.model.finding import Verb

DEADLINE_S = 10.0
"""After that a pause that has not been seen is called overdue: some tool runs long."""
RESUME_DEADLINE_S = 5.0
SETTLE_S = 1.0
"""A transcript lags behind its agent by some tenths of a second."""
GO_ON = "Go on where you were stopped."
IDLE = "between turns: nothing to interrupt, and nothing would hold its next prompt"
TURN_ENDERS = (RouteKind.API, RouteKind.TMUX)
"""The routes that pause by ending the turn that runs."""
STANDING = "standing"
"""The phase of a resume by a command: what holds the lane could not be taken back yet."""
HARDER = {
    RouteKind.API: "end its turn by its daemon",
    RouteKind.TMUX: "end its turn by Escape in its pane",
    RouteKind.PROCESS: "freeze its processes, for two minutes at most",
}
"""What a pause by each route is, where it is offered as the next stronger step."""

HELD_AT = {
    "PreToolUse": "held before its next tool",
    "PostToolBatch": "held before its next model call",
    "PreModelRequest": "held before its next model call",
    "UserPromptSubmit": "held before its next prompt",
    "PostToolUse": "held after its last tool",
}

EFFECTS = {
    (Verb.PAUSE, RouteKind.GATE): "holds before its next tool or model call; nothing is lost",
    (Verb.PAUSE, RouteKind.API): "ends its turn now; resume begins a new one",
    (Verb.PAUSE, RouteKind.TMUX): "Escape ends its turn now; resume types a prompt",
    (Verb.PAUSE, RouteKind.PROCESS): "freezes its processes for two minutes at most",
    (Verb.RESUME, RouteKind.GATE): "goes on where it is held",
    (Verb.RESUME, RouteKind.API): "begins a turn: go on where you were stopped",
    (Verb.RESUME, RouteKind.TMUX): "types into its pane: go on where you were stopped",
    (Verb.RESUME, RouteKind.PROCESS): "lets its frozen processes go on",
}


class Pausing:
    """Gives pauses and resumes, and sees what becomes of them."""

    def __init__(self, folder: ControlFolder, world: World, *, stays: bool = True) -> None:
        """`stays`: this lanewatch is there to take back later what cannot be taken back now."""
        self._folder = folder
        self._world = world
        self._stays = stays

    # -- pause ------------------------------------------------------------------------------------

    def pause(self, case: Case, scene: Scene) -> Case:
        """Asks for a pause.

        Raises:
            Refused, FolderError: it was not asked for.
        """
        order = case.order
        if order.route is RouteKind.GATE:
            request = Request(order.id, Verb.PAUSE, order.agent_id, until=case.until)
            ask(self._folder, _key(scene), replace(request, client=client_of(scene), asked=case.asked))
            return case.in_phase("holding", scene.now)
        if order.route is RouteKind.PROCESS:
            words = self._world.freeze(target_of(scene.main))
            return self._seen_frozen(
                case.stepped(scene.now, Stage.ACKNOWLEDGED, words).in_phase("frozen", scene.now), scene
            )
        if not has_turn(scene):
            raise Refused(IDLE)
        press = self._world.daemon_interrupt if order.route is RouteKind.API else self._world.press_escape
        return case.stepped(scene.now, Stage.ACKNOWLEDGED, press(scene.main)).in_phase("ending turn", scene.now)

    def watch_pause(self, case: Case, scene: Scene) -> Case:
        """What has become of a pause; one whose time is over is no longer asked for."""
        new = self.seen_pause(case, scene)
        if new.order.stage is Stage.EXPIRED and case.phase == "holding":
            free(self._folder, case)
        return new

    def seen_pause(self, case: Case, scene: Scene) -> Case:
        """What has become of a pause, without touching anything; it is watched until it is resumed."""
        if case.phase == "holding":
            return self._seen_gate(case, scene)
        if case.phase == "frozen":
            return self._seen_frozen(case, scene)
        if Stage.EFFECTIVE in case.has:
            if scene.lane.busy and scene.now - case.phase_since > SETTLE_S and _newer(case, scene):
                return case.stepped(scene.now, Stage.WITHDRAWN, "it works again: somebody gave it a prompt").ended()
            return case
        if not scene.lane.busy and scene.now - case.order.at > SETTLE_S / 2:
            words = f"its turn has ended, {spent_since(case, scene)}"
            return case.stepped(scene.now, Stage.EFFECTIVE, words).in_phase("stopped", scene.now)
        return _overdue(case, scene, "its turn still runs", self.offer(case, scene))

    def _seen_frozen(self, case: Case, scene: Scene) -> Case:
        """Paused is what stands still: not what was told to."""
        target = _frozen_of(case)
        if self._world.is_frozen(target):
            if Stage.EFFECTIVE in case.has:
                return case
            words = f"process {target.pid} and its children stand still, for two minutes at most"
            return case.stepped(scene.now, Stage.EFFECTIVE, words)
        if scene.now - case.phase_since >= FREEZE_S:
            return case.stepped(scene.now, Stage.EXPIRED, "two minutes are over: its processes go on").ended()
        if Stage.EFFECTIVE not in case.has and scene.now - case.phase_since < SETTLE_S:
            return case
        words = "its processes go on: somebody let them, or the lanewatch that froze them has gone"
        return case.stepped(scene.now, Stage.WITHDRAWN, words).ended()

    def _seen_gate(self, case: Case, scene: Scene) -> Case:
        order = case.order
        acks = acks_of(self._folder, order.id)
        if order.id not in [request.id for request in asked(self._folder, _key(scene))]:
            return case.stepped(scene.now, Stage.WITHDRAWN, "the request is no longer there: it goes on").ended()
        if case.until is not None and scene.now >= case.until:
            return case.stepped(scene.now, Stage.EXPIRED, "its time is over: it goes on").ended()
        held = holding(acks)
        why = self._folder.unwritable(f"requests/{_key(scene)}")
        if why and not held:
            words = out_of_force(why)
            out = case.noting(OUT_OF_FORCE, why)
            return out if case.order.steps[-1].text == words else out.stepped(scene.now, Stage.OVERDUE, words)
        if case.facts.get(OUT_OF_FORCE) and not why:
            words = "the state folder can be written again: it is held as soon as it asks"
            case = case.noting(OUT_OF_FORCE, "").stepped(scene.now, Stage.REQUESTED, words)
            order = case.order
        if held and Stage.ACKNOWLEDGED not in case.has:
            case = case.stepped(held[0].at, Stage.ACKNOWLEDGED, f"the gate holds at {held[0].event}")
        running = still_running(scene, held)
        if running and order.stage is not Stage.EFFECTIVE:
            case = asking(case, scene)
            running = case.facts.get("question") or running
        if not running and (held or not scene.lane.busy) and scene.now - order.at > (0.0 if held else SETTLE_S):
            return self._holds(case, scene, held)
        if order.stage is Stage.EFFECTIVE and not held and scene.lane.busy and scene.now - case.phase_since > SETTLE_S:
            ran_out = any(ack.did == "ran_out" for ack in acks)
            why = "the hook ran out of its time" if ran_out else "the gate that held it has gone"
            return case.stepped(scene.now, Stage.OVERDUE, f"{why}: it goes on to its next tool").offering(
                self.offer(case, scene)
            )
        return _overdue(case, scene, running or "no gate has answered", self.offer(case, scene))

    def harder_route(self, case: Case, scene: Scene) -> RouteKind | None:
        """The route of the next stronger step; None if none is known to be of use."""
        for kind in scene.choices(Verb.PAUSE):
            if kind in (RouteKind.GATE, case.order.route) or (kind in TURN_ENDERS and not has_turn(scene)):
                continue
            if kind is not RouteKind.PROCESS or self._world.can_freeze(target_of(scene.main)):
                return kind
        return None

    def offer(self, case: Case, scene: Scene) -> str:
        """The next stronger step in words; empty if there is none."""
        kind = self.harder_route(case, scene)
        if kind is None:
            return ""
        return f"{HARDER[kind]} (its whole session)" if scene.lane.agent_id is not None else HARDER[kind]

    @staticmethod
    def _holds(case: Case, scene: Scene, held: Sequence[Ack]) -> Case:
        words = HELD_AT.get(held[-1].event if held else "", "between turns: its next prompt is held")
        if case.order.stage is Stage.EFFECTIVE:
            return case
        if Stage.EFFECTIVE not in case.has:
            words = f"{words}, {spent_since(case, scene)}"
        client = client_of(scene)
        if case.order.agent_id is None and client is not None:
            left = background.words_of(background.commands_left(client[0], [ack.pid for ack in held]))
            words += f"; {left}" if left else ""
        return case.stepped(scene.now, Stage.EFFECTIVE, words).offering("").in_phase("holding", scene.now)

    # -- resume -----------------------------------------------------------------------------------

    def resume(self, case: Case, scene: Scene, pauses: list[Case], strays: Container[str] = ()) -> Case:
        """Lets a lane go on. `pauses` are the pauses that hold it: all of them end, whatever their routes.

        `strays` are requests that hold it though nobody's book knows them: it must not be stuck in those either.

        What a gate was asked is taken back first and in any case: it does not depend on what else can be done.

        Raises:
            Refused: it was not asked for.
        """
        route = case.order.route
        case = self._free_gate(case, scene, pauses, strays)
        if route is RouteKind.PROCESS or any(one.phase == "frozen" for one in pauses):
            case = case.stepped(scene.now, Stage.ACKNOWLEDGED, self._world.thaw(target_of(scene.main)))
        if case.facts.get("stands") and not self._stays:
            words = not_resumed(case.facts["stands"], case)
            return case.stepped(scene.now, Stage.OVERDUE, words).in_phase(STANDING, scene.now)
        if route in TURN_ENDERS:
            tell = self._world.daemon_tell if route is RouteKind.API else self._world.type_text
            case = case.stepped(scene.now, Stage.ACKNOWLEDGED, tell(scene.main, GO_ON))
        if route in TURN_ENDERS:
            return case.in_phase("starting", scene.now)
        if route is RouteKind.PROCESS and case.facts.get("held", "0") == "0":
            return case.stepped(scene.now, Stage.EFFECTIVE, "nothing holds it any more").ended()
        return case.in_phase("letting go", scene.now)

    def _free_gate(self, case: Case, scene: Scene, pauses: list[Case], strays: Container[str]) -> Case:
        """Takes back whatever holds this lane at the gate; notes which gates have to let go."""
        if scene.key is None and case.order.route is not RouteKind.GATE:
            return case
        key = _key(scene)
        mine = {one.order.id for one in pauses}
        stands = ""
        for request in asked(self._folder, key):
            same = request.agent_id == case.order.agent_id
            if request.id in mine or (same and (request.verb is Verb.PAUSE or request.id in strays)):
                mine.add(request.id)
                try:
                    take_back(self._folder, key, request.id)
                except FolderError as error:
                    stands = str(error)
        held = [ack for one in sorted(mine) for ack in holding(acks_of(self._folder, one))]
        facts = {"pauses": " ".join(sorted(mine)), "held": str(len(held)), "stands": stands}
        return _with(case, {**case.facts, **facts})

    def watch_resume(self, case: Case, scene: Scene) -> Case:
        """What has become of a resume."""
        if case.phase == "letting go":
            acks = [ack for one in case.facts.get("pauses", "").split() for ack in acks_of(self._folder, one)]
            if not holding(acks):
                count = case.facts.get("held", "0")
                words = f"{count} gate(s) let go" if count != "0" else "nothing held it; its next prompt is free"
                if stands := case.facts.get("stands"):
                    words += f"; {later(stands)}"
                return case.stepped(scene.now, Stage.EFFECTIVE, words).ended()
            return _overdue(case, scene, "a gate still holds", "", RESUME_DEADLINE_S)
        if scene.lane.busy:
            return case.stepped(scene.now, Stage.EFFECTIVE, "it works again").ended()
        return _overdue(case, scene, "it has not begun to work", "")

    # -- both -------------------------------------------------------------------------------------

    def check_take_back(self, case: Case, scene: Scene) -> None:
        """Looks whether a pause can be withdrawn.

        Raises:
            Refused: it cannot.
        """
        if case.phase == "holding":
            _key(scene)
        if case.phase == "frozen" and self._world.is_frozen(_frozen_of(case)):
            self._world.check(_frozen_of(case))

    def take_back(self, case: Case, scene: Scene) -> Case:
        """Withdraws a pause that has not been resumed.

        Raises:
            Refused, FolderError: it stands.
        """
        if case.phase == "holding":
            take_back(self._folder, _key(scene), case.order.id)
        if case.phase == "frozen":
            self._world.thaw(_frozen_of(case))
        return case.stepped(scene.now, Stage.WITHDRAWN, "taken back: it goes on").ended()

    def left(self, case: Case, at: float) -> Case:
        """A pause as it is given up by a lanewatch that leaves: what it froze goes on with that, at `at`."""
        if case.phase != "frozen":
            return case
        with contextlib.suppress(Refused):
            self._world.thaw(_frozen_of(case))
        words = "the lanewatch leaves that froze its processes: they go on"
        return case.stepped(at, Stage.WITHDRAWN, words).ended()


def has_turn(scene: Scene) -> bool:
    """True if a turn runs that could be ended."""
    return scene.lane.busy or scene.main.busy


def _frozen_of(case: Case) -> Target:
    if case.pid is None or case.start is None:
        raise Refused("no process of it was known")
    return Target(case.pid, case.start)


def _overdue(case: Case, scene: Scene, why: str, stronger: str, after: float = DEADLINE_S) -> Case:
    if scene.now - case.order.at < after or case.order.stage in (Stage.OVERDUE, Stage.EFFECTIVE):
        return case
    return case.stepped(scene.now, Stage.OVERDUE, f"not seen after {after:.0f} s: {why}").offering(stronger)


def _newer(case: Case, scene: Scene) -> bool:
    return scene.lane.last_event is not None and scene.lane.last_event - scene.clock_set > case.phase_since


def _key(scene: Scene) -> str:
    key = scene.key
    if key is None:
        raise Refused("its session has no plain id: the gate cannot be asked")
    return key


def _with(case: Case, facts: dict[str, str]) -> Case:
    return replace(case, facts=facts)
