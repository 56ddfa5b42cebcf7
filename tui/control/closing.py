"""Close: a drain. The lane is told to write its closing output, does that, and ends.

A deadline makes it harder step by step: the loop is stopped, the client interrupted, the client terminated. Each step
is shown with what it did. Once the text was given, the lane has some tool calls or seconds for its output; after that
the next step is offered to the person at the screen, or taken where nobody is there to ask: in a command that waits,
and for a policy.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace

from tui.agents.process import SHARED_DAEMON
from tui.control import signals
from tui.control.folder import ControlFolder, FolderError
from tui.control.gate_client import Request, acks_of, ask, take_back
from tui.control.lifetime import client_of
from tui.control.order_store import Case
from tui.control.redirecting import DROPPED, LAPSE_S, Redirecting
from tui.control.route_driver import Refused, World, target_of
from tui.control.texts import FROM
from tui.control.verb_context import Scene, asking, still_running
from tui.model.control import RouteKind, Stage
from tui.model.finding import FindingKind, Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Lane

WITHIN_S, CALLS, WRITE_S = 600.0, 10, 90.0
"""The bounds of a close, unless the configuration says otherwise: see `Bounds`."""
LOOP_ENDS = frozenset(("claude",))
"""The agents whose gate can end the loop. Others are only refused each tool, and may go on asking their model."""
REFUSALS = 2
"""So many refused tools show that such a loop goes on."""
NOT_TOLD_S = 10.0
"""If the text was not given by then, a step says what it waits for."""
STEP_S = 15.0
"""Between two steps that get harder."""
QUIET_S = 1.0
SUBAGENT_ENDED = "the subagent has ended; its session goes on"
TAKEOVER_S = 60.0
"""A close that nobody drives is gone on with until this long after its deadline; later a person decides."""
LEFT = "left to a person"
"""The phase of a close that lay for so long that only a person may go on with it; `facts` has the one before."""

EFFECTS = {
    RouteKind.GATE: "writes its closing output, then ends",
    RouteKind.API: "told by its daemon to write its closing output, then its turn is ended for good",
    RouteKind.TMUX: "told in its pane to write its closing output, then leaves",
    RouteKind.PROCESS: "ends at once by signals: no closing output",
}


@frozen
class Bounds:
    """How long a close may take before the lane's loop is stopped.

    `within_s` seconds in all. Once the text was given: `calls` tool calls (0: any number) or `write_s` seconds, and
    then the next step is taken (`by_itself`) or offered.
    """

    within_s: float = WITHIN_S
    calls: int = CALLS
    write_s: float = WRITE_S
    by_itself: bool = False

    @property
    def words(self) -> str:
        """`it is stopped after 10 tool calls or 90 s`, or when a stop is offered and when it is made."""
        calls = f"{self.calls} tool calls or " if self.calls else ""
        allowed = f"{calls}{length_words(min(self.write_s, self.within_s))}"
        if self.by_itself or allowed == length_words(self.within_s):
            return f"it is stopped after {allowed}"
        return f"a stop is offered after {allowed}, and made after {length_words(self.within_s)}"


def effect_of(route: RouteKind, bounds: Bounds) -> str:
    """What a close by this route does, in one line."""
    return EFFECTS[route] if route is RouteKind.PROCESS else f"{EFFECTS[route]}; {bounds.words}"


class Closing:
    """Gives closes, and drives each to its end."""

    def __init__(self, folder: ControlFolder, world: World, redirecting: Redirecting, bounds: Bounds) -> None:
        self._folder = folder
        self._world = world
        self._redirecting = redirecting
        self._bounds = bounds
        self._waited_for: set[str] = set()
        """Orders that this process gave and waits for: their next step needs no word of a person."""

    def close(self, case: Case, scene: Scene) -> Case:
        """Begins the drain.

        Raises:
            Refused, FolderError: nothing has begun.
        """
        route = case.order.route
        if self._bounds.by_itself:
            self._waited_for.add(case.order.id)
        if route is RouteKind.PROCESS:
            return self._end(_without_output(case), scene, "no closing output is asked for by this route")
        text = case.order.text
        if route is RouteKind.GATE:
            case = self._redirecting.ask_gate(case, scene, Verb.CLOSE, text, stop_at=case.order.deadline)
        else:
            case = self._redirecting.tell(case, scene, text)
        return case.in_phase("telling", scene.now)

    def seen(self, case: Case, scene: Scene) -> Case:
        """How a close stands that this lanewatch does not drive, without touching anything."""
        case = self._redirecting.acknowledged(case, scene)
        if self._gone(case, scene):
            return self._ended(self._with_output(case, scene), scene, "its process has ended")
        if case.order.agent_id is not None and self._said(case) is not None:
            return self._ended(self._with_output(case, scene), scene, SUBAGENT_ENDED)
        return case

    def watch(self, case: Case, scene: Scene) -> Case:
        """The next step, when it is due."""
        if case.phase in ("telling", "writing"):
            case = asking(case, scene)
        if case.phase == "telling":
            case = self._watch_telling(case, scene)
        elif case.phase == "writing":
            case = self._watch_writing(case, scene)
        elif case.phase == "stopping":
            case = self._watch_stopping(case, scene)
        elif case.phase in ("leaving", "interrupted", "terminated"):
            case = self._watch_end(case, scene)
        elif case.phase == LEFT and self._gone(case, scene):
            case = self._over(self._with_output(case, scene), scene, "its process has ended")
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
        case = self._redirecting.heard(case, scene)
        if self._redirecting.is_told(case):
            return case.noting("calls", str(scene.lane.tool_calls)).in_phase("writing", scene.now)
        if self._redirecting.was_dropped(case):
            return _without_output(case).stepped(scene.now, Stage.EXPIRED, DROPPED).ended()
        if self._gone(case, scene):
            return self._over(_without_output(case), scene, "its process ended before it was told")
        if scene.now >= case.order.deadline:
            return self._stop(case, scene, "it was not told in time")
        if scene.now - case.order.at >= NOT_TOLD_S and not case.facts.get("waits", case.facts.get("question")):
            words = f"not told yet: {_waits_for(scene)}"
            return case.noting("waits", words).stepped(scene.now, case.order.stage, words)
        return case

    def _watch_writing(self, case: Case, scene: Scene) -> Case:
        gone = self._gone(case, scene)
        ended = gone or self._turn_ended(case, scene)
        owed = not gone and any(finding.kind is FindingKind.OWED_OUTPUT for finding in scene.lane.findings)
        if ended and not owed:
            return self._end(self._with_output(case, scene), scene, "")
        if scene.now >= case.order.deadline:
            return self._stop(case, scene, f"no end after {case.order.deadline - case.order.at:.0f} s")
        late = self._late(case, scene)
        if late and self._needs_no_word(case):
            return self._stop(case, scene, late)
        if late and not case.order.stronger:
            return case.stepped(scene.now, Stage.OVERDUE, f"{late}, and it goes on").offering(_next_step(case))
        if ended and not late:
            return self._noted(case, scene, "its turn has ended, and the output is still owed")
        return case

    def _late(self, case: Case, scene: Scene) -> str:
        """Which bound of its writing the lane has passed, in words; empty while it has time."""
        calls = calls_since_told(case, scene.lane)
        if self._bounds.calls and calls >= self._bounds.calls:
            return f"{calls} tool call(s) since it was told"
        seconds = scene.now - case.phase_since
        return f"{seconds:.0f} s since it was told" if seconds >= self._bounds.write_s else ""

    def _needs_no_word(self, case: Case) -> bool:
        """True if nobody is to be asked before its next step: a command waits for it, or a policy gave it."""
        return case.order.id in self._waited_for or bool(case.order.run_by)

    def _turn_ended(self, case: Case, scene: Scene) -> bool:
        if case.order.route is RouteKind.GATE:
            return self._said(case) is not None
        return self._turn_over(case, scene)

    def _said(self, case: Case) -> int | None:
        """How many characters the lane said last, where its gate told that the turn has ended by itself."""
        for ack in acks_of(self._folder, case.order.id):
            if ack.did == "stopped":
                return None
            if ack.did == "turn_ended":
                return ack.said or 0
        return None

    def _with_output(self, case: Case, scene: Scene) -> Case:
        """The case with what became of the output, now that its turn or its process has ended."""
        if case.order.closing_output is not None:
            return case
        after = f"{max(0.0, scene.now - case.order.at):.0f} s after it was asked for"
        if case.order.route is RouteKind.GATE:
            said = self._said(case)
            if not said:
                return _without_output(case)
            words = f"closing output of {said:,} characters, {after}"
        elif self._turn_over(case, scene) and not _was_interrupted(scene):
            words = f"its turn has ended, {after}"
        else:
            return _without_output(case)
        wrote = replace(case, order=replace(case.order, closing_output=True))
        return wrote.stepped(scene.now, Stage.ACKNOWLEDGED, words)

    # -- the end ----------------------------------------------------------------------------------

    def _end(self, case: Case, scene: Scene, why: str) -> Case:
        """The output is there, or nothing more is waited for: the client leaves."""
        case = case.offering("")
        if case.order.agent_id is not None:
            return self._over(case, scene, SUBAGENT_ENDED)
        if self._gone(case, scene):
            return self._over(case, scene, "its process has ended")
        if _in_daemon(scene):
            return self._end_thread(case, scene)
        if case.order.route is RouteKind.PROCESS:
            return self._signal(case, scene, why or "its turn has ended")
        try:
            words = self._world.type_exit(scene.main)
        except Refused as no_pane:
            if not why:
                # A headless client leaves by itself; in a pane, a draft or a question may be in the way.
                if RouteKind.TMUX in scene.choices(Verb.CLOSE):
                    case = case.stepped(scene.now, case.order.stage, f"it is not told to leave: {no_pane}")
                return case.in_phase("leaving", scene.now)
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
        stopped = _without_output(case).stepped(scene.now, Stage.OVERDUE, words)
        return stopped.offering("").in_phase("stopping", scene.now)

    def _stop_at_gate(self, case: Case, scene: Scene) -> None:
        """Asks once more: what was asked may have lapsed, or its time to stop has not come."""
        order = case.order
        if scene.key is None:
            raise Refused("its session has no plain id: the gate cannot be asked")
        stop_at = min(scene.now, order.deadline)
        until = scene.now + LAPSE_S
        request = Request(order.id, Verb.CLOSE, order.agent_id, FROM + order.text, False, until, stop_at)
        ask(self._folder, scene.key, replace(request, client=client_of(scene), asked=case.asked))

    def _watch_stopping(self, case: Case, scene: Scene) -> Case:
        acks = acks_of(self._folder, case.order.id)
        stopped = any(ack.did in ("stopped", "turn_ended") for ack in acks)
        if self._gone(case, scene) or ((stopped or case.order.route is not RouteKind.GATE) and not scene.lane.busy):
            return self._end(case, scene, "")
        refused = sum(ack.did == "stopped" for ack in acks)
        goes_on = refused >= REFUSALS and scene.lane.agent not in LOOP_ENDS
        if scene.now - case.phase_since < STEP_S and not goes_on:
            return case
        if case.order.agent_id is not None:
            return self._noted(case, scene, "the subagent still runs; only its whole session can be ended harder")
        why = f"{refused} tools were refused, and it goes on" if goes_on else "its loop did not stop"
        return self._signal(case, scene, why)

    def _watch_end(self, case: Case, scene: Scene) -> Case:
        if self._gone(case, scene):
            return self._over(case, scene, "its process has ended")
        if _in_daemon(scene):
            return self._end_thread(case, scene)
        if scene.now - case.phase_since < STEP_S:
            return case
        return self._signal(case, scene, "it is still there")

    def _signal(self, case: Case, scene: Scene, why: str) -> Case:
        """SIGINT first, since SIGTERM orphans what some clients run; then SIGTERM; nothing harder by itself."""
        if _in_daemon(scene):
            return self._end_thread(case, scene)  # it serves other threads too: it is never signalled
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
        self._free_gate(case, scene)
        return self._ended(case, scene, words)

    @staticmethod
    def _ended(case: Case, scene: Scene, words: str) -> Case:
        missing = "; no closing output" if case.order.closing_output is False else ""
        return case.stepped(scene.now, Stage.EFFECTIVE, words + missing).ended()

    @staticmethod
    def _noted(case: Case, scene: Scene, words: str) -> Case:
        """Overdue, said once."""
        if case.order.steps and case.order.steps[-1].text == words:
            return case
        return case.stepped(scene.now, Stage.OVERDUE, words)

    def _free_gate(self, case: Case, scene: Scene) -> None:
        """The request stands until the lane has ended, so that it begins nothing new; then it goes."""
        if case.order.route is RouteKind.GATE and scene.key is not None:
            take_back(self._folder, scene.key, case.order.id)

    def _turn_over(self, case: Case, scene: Scene) -> bool:
        told = self._redirecting.given_at(case)
        newer = scene.lane.last_event is not None and scene.lane.last_event - scene.clock_set > told
        return not scene.lane.busy and newer and scene.now - told > QUIET_S

    def _gone(self, case: Case, scene: Scene) -> bool:
        """True if the client's process is known to have ended."""
        if _in_daemon(scene):
            return False
        if case.pid is not None and case.start is not None:
            return self._world.is_gone(signals.Target(case.pid, case.start))
        if scene.main.process is not None:
            return False
        return not scene.main.busy

    def take_back(self, case: Case, scene: Scene) -> Case:
        """Withdraws a close, told or not: nothing more is asked of the lane, and nothing more is done to it.

        Raises:
            FolderError: its request stands at the gate and cannot be removed.
        """
        untold = False
        if case.order.route is RouteKind.GATE:
            with contextlib.suppress(FolderError):  # a full disk: the request is removed all the same
                untold = self._folder.claim(f"taken/{case.order.id}")
            self._free_gate(case, scene)
        words = "before it was told" if untold else "after it was told: what the model has read it has read"
        return case.stepped(scene.now, Stage.WITHDRAWN, f"taken back {words}").ended()

    def harder(self, case: Case, scene: Scene) -> Case:
        """The next stronger step now, on the operator's word."""
        if case.phase == LEFT:
            case = case.in_phase(case.facts.get("phase", "telling"), scene.now).offering("")
        if case.phase in ("telling", "writing"):
            return self._stop(case, scene, "on the operator's word")
        return self._signal(case, scene, "on the operator's word")


def _in_daemon(scene: Scene) -> bool:
    return scene.main.process is not None and scene.main.process.source == SHARED_DAEMON


def calls_since_told(case: Case, lane: Lane) -> int:
    """How many tool calls the lane has begun since the closing text was given."""
    counted = case.facts.get("calls", "")
    return max(0, lane.tool_calls - int(counted)) if counted.isdecimal() else 0


def _without_output(case: Case) -> Case:
    return replace(case, order=replace(case.order, closing_output=False))


def _was_interrupted(scene: Scene) -> bool:
    return bool(scene.lane.actions) and scene.lane.actions[-1].outcome == "interrupted"


def _waits_for(scene: Scene) -> str:
    """What a lane does that has not read a text which waits at its gate."""
    question = next((one.title for one in scene.lane.findings if one.kind is FindingKind.NEEDS_INPUT), "")
    return question or still_running(scene, ()) or "it is between turns"


def length_words(seconds: float) -> str:
    """`90 s`, `10 min`."""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


def _next_step(case: Case) -> str:
    """What `Closing.harder` does in this phase, in words."""
    if case.phase in ("telling", "writing"):
        return "stop its loop, and end it step by step"
    return "terminate its process" if case.phase in ("interrupted", "terminated") else "interrupt its process"
