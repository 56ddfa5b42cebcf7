"""Close: a drain. The lane is told to write its closing output, does that, and ends.

A deadline makes it harder step by step: the loop is stopped, the client interrupted, the client terminated. Each step
is shown with what it did.
"""

from __future__ import annotations

from dataclasses import replace

from tui.control import signals
from tui.control.asking import Request, acks_of, ask, take_back
from tui.control.cases import Case
from tui.control.folder import ControlFolder, FolderError
from tui.control.redirecting import FROM, LAPSE_S, Redirecting, checked
from tui.control.scene import Scene
from tui.control.world import Refused, World, target_of
from tui.model.control import RouteKind, Stage
from tui.model.finding import FindingKind, Verb
from tui.transcripts.processes import SHARED_DAEMON

WITHIN_S = 600.0
"""For the closing output, unless the configuration says otherwise."""
STEP_S = 15.0
"""Between two steps that get harder."""
QUIET_S = 1.0
TAKEOVER_S = 60.0
"""A close that nobody drives is gone on with until this long after its deadline; later a person decides."""
LEFT = "left to a person"
"""The phase of a close that lay for so long that only a person may go on with it; `facts` has the one before."""

EFFECTS = {
    RouteKind.GATE: "writes its closing output, then ends; after {within} it is stopped",
    RouteKind.API: "told by its daemon to write its closing output, then its turn is ended for good",
    RouteKind.TMUX: "told in its pane to write its closing output, then leaves",
    RouteKind.PROCESS: "ends at once by signals: no closing output",
}


class Closing:
    """Gives closes, and drives each to its end."""

    def __init__(
        self, folder: ControlFolder, world: World, redirecting: Redirecting, within_s: float = WITHIN_S
    ) -> None:
        self._folder = folder
        self._world = world
        self._redirecting = redirecting
        self.within_s = within_s

    def close(self, case: Case, scene: Scene) -> Case:
        """Begins the drain.

        Raises:
            Refused, FolderError: nothing has begun.
        """
        route = case.order.route
        if route is RouteKind.PROCESS:
            return self._end(case, scene, "no closing output is asked for by this route")
        text = checked(case.order.text)
        if route is RouteKind.GATE:
            case = self._redirecting.ask_gate(case, scene, Verb.CLOSE, text, stop_at=case.order.deadline)
        else:
            case = self._redirecting.tell(case, scene, text)
        return case.in_phase("telling", scene.now)

    def watch(self, case: Case, scene: Scene) -> Case:
        """The next step, when it is due."""
        if case.phase == "telling":
            case = self._watch_telling(case, scene)
        elif case.phase == "writing":
            case = self._watch_writing(case, scene)
        elif case.phase == "stopping":
            case = self._watch_stopping(case, scene)
        elif case.phase in ("leaving", "interrupted", "terminated"):
            case = self._watch_end(case, scene)
        elif case.phase == LEFT and self._gone(case, scene):
            case = self._over(case, scene, "its process has ended")
        return case

    def left(self, case: Case, scene: Scene) -> Case:
        """A close that lay for so long that nothing more is done about it until a person says so."""
        if case.phase == LEFT or self._gone(case, scene):
            return case
        late = (scene.now - case.order.deadline) / 60
        words = f"nobody drove it until {late:.0f} min after its deadline: a person decides whether it goes on"
        noted = replace(case, facts={**case.facts, "phase": case.phase})
        return noted.stepped(scene.now, Stage.OVERDUE, words).offering(_next_step(case)).in_phase(LEFT, scene.now)

    # -- the drain --------------------------------------------------------------------------------

    def _watch_telling(self, case: Case, scene: Scene) -> Case:
        case = self._redirecting.acknowledged(case, scene)
        if Stage.ACKNOWLEDGED in case.has:
            return case.in_phase("writing", scene.now)
        if self._gone(case, scene):
            return self._over(case, scene, "its process ended before it was told")
        if scene.now >= case.order.deadline:
            return self._stop(case, scene, "it was not told in time")
        return case

    def _watch_writing(self, case: Case, scene: Scene) -> Case:
        said = next((ack.said for ack in acks_of(self._folder, case.order.id) if ack.did == "turn_ended"), None)
        ended = said is not None or (self._turn_over(case, scene) and case.order.route is not RouteKind.GATE)
        if ended or self._gone(case, scene):
            owed = any(finding.kind is FindingKind.OWED_OUTPUT for finding in scene.lane.findings)
            if owed and scene.now < case.order.deadline and not self._gone(case, scene):
                return self._noted(case, scene, "its turn has ended, and the output is still owed")
            wrote = f"closing output of {said:,} characters" if said else "its turn has ended"
            case = case.stepped(
                scene.now, Stage.ACKNOWLEDGED, f"{wrote}, {scene.now - case.order.at:.0f} s after it was asked for"
            )
            return self._end(case, scene, "")
        if scene.now >= case.order.deadline:
            return self._stop(case, scene, f"no end after {self.within_s:.0f} s")
        return case

    # -- the end ----------------------------------------------------------------------------------

    def _end(self, case: Case, scene: Scene, why: str) -> Case:
        """The output is there, or nothing more is waited for: the client leaves."""
        self._free_gate(case, scene, told=True)
        if case.order.agent_id is not None:
            return self._over(case, scene, "the subagent has ended; its session goes on")
        if self._gone(case, scene):
            return self._over(case, scene, "its process has ended")
        if scene.main.process is not None and scene.main.process.source == SHARED_DAEMON:
            return self._end_thread(case, scene)
        try:
            words = self._world.type_exit(scene.main)
        except Refused as no_pane:
            if case.order.route is not RouteKind.PROCESS and not why:
                return case.in_phase("leaving", scene.now)  # a headless client leaves by itself
            return self._signal(case, scene, f"{why or no_pane}")
        return case.stepped(scene.now, Stage.ACKNOWLEDGED, words).in_phase("leaving", scene.now)

    def _end_thread(self, case: Case, scene: Scene) -> Case:
        """A thread of a shared daemon has no process of its own: no turn runs, none is queued."""
        try:
            dropped = self._world.daemon_empty_queue(scene.main)
            thread = self._world.daemon_thread(scene.main)
            if thread.turn is not None:
                self._world.daemon_interrupt(scene.main)
                return case.in_phase("leaving", scene.now)
            # An interrupt ends the turn, but not what its last call has started.
            ended = self._world.daemon_end_commands(scene.main)
        except Refused as refusal:
            return self._noted(case, scene, str(refusal))
        queue = {None: "its queue cannot be looked into", 0: "nothing waits in its queue"}.get(
            dropped, f"{dropped} message(s) taken from its queue"
        )
        commands = f"; {ended} command(s) of it ended" if ended else ""
        return self._over(case, scene, f"no turn of its thread runs; {queue}{commands}; its screen, if any, stays open")

    def _stop(self, case: Case, scene: Scene, why: str) -> Case:
        """The deadline has passed: the loop is stopped, output or not."""
        words = f"{why}: its loop is stopped"
        try:
            if case.order.route is RouteKind.API:
                words += f" ({self._world.daemon_interrupt(scene.main)})"
            elif case.order.route is RouteKind.TMUX:
                words += f" ({self._world.press_escape(scene.main)})"
            else:
                self._stop_at_gate(case, scene)
                words += " at the gate"
        except (Refused, FolderError) as refusal:
            words += f", which was refused: {refusal}"
        return case.stepped(scene.now, Stage.OVERDUE, words).in_phase("stopping", scene.now)

    def _stop_at_gate(self, case: Case, scene: Scene) -> None:
        """Asks once more: what was asked may have lapsed, or its time to stop has not come."""
        order = case.order
        if scene.key is None:
            raise Refused("its session has no plain id: the gate cannot be asked")
        stop_at = min(scene.now, order.deadline)
        until = scene.now + LAPSE_S
        ask(
            self._folder,
            scene.key,
            Request(order.id, Verb.CLOSE, order.agent_id, FROM + order.text, False, until, stop_at),
        )

    def _watch_stopping(self, case: Case, scene: Scene) -> Case:
        stopped = any(ack.did in ("stopped", "turn_ended") for ack in acks_of(self._folder, case.order.id))
        if self._gone(case, scene) or ((stopped or case.order.route is not RouteKind.GATE) and not scene.lane.busy):
            return self._end(case, scene, "")
        if scene.now - case.phase_since >= STEP_S:
            if case.order.agent_id is not None:
                return self._noted(case, scene, "the subagent still runs; only its whole session can be ended harder")
            return self._signal(case, scene, "its loop did not stop")
        return case

    def _watch_end(self, case: Case, scene: Scene) -> Case:
        if self._gone(case, scene):
            return self._over(case, scene, "its process has ended")
        if scene.main.process is not None and scene.main.process.source == SHARED_DAEMON:
            return self._end_thread(case, scene)
        if scene.now - case.phase_since < STEP_S:
            return case
        return self._signal(case, scene, "it is still there")

    def _signal(self, case: Case, scene: Scene, why: str) -> Case:
        """SIGINT first, since SIGTERM orphans what some clients run; then SIGTERM; nothing harder by itself."""
        if case.phase == "terminated":
            pid = scene.main.process.pid if scene.main.process else case.pid
            return self._noted(case, scene, f"process {pid} does not end on SIGTERM; `kill -KILL {pid}` is left to you")
        try:
            target = target_of(scene.main)
            if case.phase == "interrupted":
                words, phase = self._world.terminate(target), "terminated"
            else:
                words, phase = self._world.interrupt(target), "interrupted"
        except Refused as refusal:
            if self._gone(case, scene):
                return self._over(case, scene, "its process has ended")
            return self._noted(case, scene, f"{why}; {refusal}")
        return case.stepped(scene.now, Stage.ACKNOWLEDGED, f"{words} ({why})").in_phase(phase, scene.now)

    # -- words and marks --------------------------------------------------------------------------

    def _over(self, case: Case, scene: Scene, words: str) -> Case:
        self._free_gate(case, scene, told=False)
        return case.stepped(scene.now, Stage.EFFECTIVE, words).ended()

    @staticmethod
    def _noted(case: Case, scene: Scene, words: str) -> Case:
        """Overdue, said once."""
        if case.order.steps and case.order.steps[-1].text == words:
            return case
        return case.stepped(scene.now, Stage.OVERDUE, words)

    def _free_gate(self, case: Case, scene: Scene, *, told: bool) -> None:
        """The request stands until the lane has ended, so that it begins nothing new; then it goes."""
        if case.order.route is RouteKind.GATE and scene.key is not None and not told:
            take_back(self._folder, scene.key, case.order.id)

    def _turn_over(self, case: Case, scene: Scene) -> bool:
        told = case.phase_since
        newer = scene.lane.last_event is not None and scene.lane.last_event > told
        return not scene.lane.busy and newer and scene.now - told > QUIET_S

    def _gone(self, case: Case, scene: Scene) -> bool:
        """True if the client's process is known to have ended."""
        if scene.main.process is not None and scene.main.process.source == SHARED_DAEMON:
            return False
        if case.pid is not None and case.started is not None:
            return self._world.is_gone(signals.Target(case.pid, case.started))
        if scene.main.process is not None:
            return False
        return not scene.main.busy

    def take_back(self, case: Case, scene: Scene) -> Case:
        """Withdraws a close that has not been told, or one that was left to a person.

        Raises:
            Refused: it has been told.
        """
        if case.phase == LEFT:
            self._free_gate(case, scene, told=False)
            return case.stepped(scene.now, Stage.WITHDRAWN, "dropped: nothing more is asked of it").ended()
        return self._redirecting.take_back(case, scene)

    def harder(self, case: Case, scene: Scene) -> Case:
        """The next stronger step now, on the operator's word."""
        if case.phase == LEFT:
            case = case.in_phase(case.facts.get("phase", "telling"), scene.now).offering("")
        if case.phase in ("telling", "writing"):
            return self._stop(case, scene, "on the operator's word")
        return self._signal(case, scene, "on the operator's word")


def _next_step(case: Case) -> str:
    """What `Closing.harder` does in this phase, in words."""
    if case.phase in ("telling", "writing"):
        return "stop its loop, and end it step by step"
    return "terminate its process" if case.phase in ("interrupted", "terminated") else "interrupt its process"
