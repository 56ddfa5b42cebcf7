"""The operator's hands on the lanes: plans before anything happens, orders, what has become of them, and the way back.

The one object that the screen and the commands talk to. Its methods may block (files, tmux, sockets): call them from a
thread. It may be called from several threads; it locks.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.agents.process import CWD
from tui.control import audit, closing, lifting, pausing, redirecting, refusals
from tui.control.audit import Entry
from tui.control.closing import Bounds, Closing
from tui.control.folder import ControlFolder, FolderError
from tui.control.gate_client import asked, forget_dead
from tui.control.lifetime import ENDED, client_ended, client_facts, closed_with_client, ended_with_client
from tui.control.moments import Uptime, asked_at, time_of
from tui.control.order_store import Case, CaseBook, new_id
from tui.control.pausing import Pausing
from tui.control.permissions import Allowed
from tui.control.planning import control_of, plan_of
from tui.control.reach import Reach, Ways
from tui.control.redirecting import Redirecting
from tui.control.route_driver import Refused, World
from tui.control.transcript_probe import size_of
from tui.control.verb_context import Scene, scene_of, scenes_of
from tui.fleet.policy import Wanted
from tui.model.control import LaneControl, Order, OrderStep, Plan, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane

WAYS_S = 2.0
"""Between two looks for panes and sessions."""
SHOWN_S = 3600.0
"""Orders that ended are listed this long."""


@frozen
class Words:
    """What goes with an order: see `Hands.give`."""

    text: str = ""
    now: bool = False
    reason: str = ""
    until: float | None = None
    policy: Wanted | None = None


class Hands:
    """See `door.HandsDoor`. `by` names who acts; times come from the fleets that are given.

    `stays` is False for a command that leaves at once: what ends with the lanewatch that did it is refused then.
    `uptime` is the clock that nobody can set (`moments.UPTIME`); without it the fleets' times are believed.
    """

    def __init__(
        self,
        folder: ControlFolder,
        *,
        by: str = "",
        allowed: Allowed | None = None,
        stays: bool = True,
        close_within_s: float = closing.WITHIN_S,
        close_calls: int = closing.CALLS,
        close_write_s: float = closing.WRITE_S,
        world: World | None = None,
        reach: Reach | None = None,
        uptime: Uptime | None = None,
    ) -> None:
        self.folder = folder
        self._by = by or audit.actor()
        self._allowed = allowed or Allowed()
        self._stays = stays
        self._world = world or World()
        self._reach = reach or Reach(folder)
        self._book = CaseBook(folder)
        self._pausing = Pausing(folder, self._world, stays=stays)
        self._redirecting = Redirecting(folder, self._world)
        # Whoever gives a command waits for its end: nobody looks at what it would offer.
        self._bounds = Bounds(close_within_s, close_calls, close_write_s, by_itself=not stays)
        self._closing = Closing(folder, self._world, self._redirecting, self._bounds)
        self._uptime = uptime
        self._unlogged: list[Entry] = []
        """What happened while the log could not be written; it is written as soon as that is possible."""
        self._lock = threading.RLock()
        self._ways = Ways()
        self._ways_at = float("-inf")
        self.trouble = ""
        """Why the log or the folder cannot be written now; empty while all is well."""

    @property
    def forbidden(self) -> str:
        """Why no verb may be given at all; empty if they may."""
        return self._allowed.refusal(Verb.PAUSE) if self._allowed.read_only else ""

    # -- before anything happens --------------------------------------------------------------------

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        """What the verb would do to each of the lanes, by the strongest safe route or by `route`."""
        with self._lock:
            ways = self._look_ways(fleet.at, anew=True)
            by_id = {lane.id: lane for lane in fleet.lanes}
            cases = self._seen(self._own_scenes(fleet, ways))
            refusal = self._allowed.refusal(verb) or self._unwritable(verb)
            made: list[Plan] = []
            for name in dict.fromkeys(lanes):
                lane = by_id.get(name)
                if lane is None or refusal:
                    made.append(Plan(verb, name, None, (), "", refused=refusal or "there is no such lane any more"))
                    continue
                scene = scene_of(lane, fleet, ways)
                stray = bool(self._strays(scene))
                plan = plan_of(verb, scene, fleet, self._holds_of(scene, cases), route, self._bounds, stray=stray)
                made.append(plan if self._stays else refusals.without_freeze(plan))
            return made

    # -- orders -----------------------------------------------------------------------------------

    def give(
        self,
        plans: Sequence[Plan],
        fleet: Fleet,
        *,
        text: str = "",
        now: bool = False,
        reason: str = "",
        until: float | None = None,
        policy: Wanted | None = None,
    ) -> list[Order]:
        """Gives the orders of these plans; those that are refused come back as orders of stage REFUSED.

        `until` (seconds UTC) is when a pause by the gate ends by itself; None: it stands until it is resumed.
        `policy`: what a policy wanted; its rule is the actor.
        """
        with self._lock:
            ways = self._look_ways(fleet.at)
            by_id = {lane.id: lane for lane in fleet.lanes}
            if not self._allowed.read_only:
                self._settle(fleet)
            return [
                self._give(plan, by_id.get(plan.lane), fleet, ways, Words(text, now, reason, until, policy)).order
                for plan in refusals.fitted(plans, text, fleet)
            ]

    def _give(self, plan: Plan, lane: Lane | None, fleet: Fleet, ways: Ways, words: Words) -> Case:
        refusal = plan.refused or self._allowed.refusal(plan.verb)
        if lane is not None and not refusal:
            refusal = scene_of(lane, fleet, ways).recording
        if lane is None or plan.route is None or refusal:
            by, run_by = self._actors(words)
            why = refusal or "there is no route to it"
            case = refusals.refused_case(plan, lane, fleet.at, by, words.reason, why, run_by)
            with contextlib.suppress(FolderError):
                self.folder.prepare()
                audit.append(self.folder, audit.entry_of(case.order, case.order.steps[0], first=True))
            return case
        scene = scene_of(lane, fleet, ways)
        case = self._new_case(plan, plan.route, scene, words)
        unwritten = self._write_first(case)
        if unwritten and plan.verb is not Verb.RESUME:
            # First the log, then the deed: what cannot be written down is not done.
            return case.stepped(fleet.at, Stage.REFUSED, unwritten).ended()
        if unwritten:
            # A lane is let go all the same: a disk that is full or read-only keeps nobody held.
            told = case.stepped(fleet.at, Stage.REQUESTED, f"{unwritten}; it is tried all the same")
            self._keep(case, told)
            case = told
        try:
            done = self._act(case, scene)
        except (Refused, FolderError) as refusal_now:
            done = case.stepped(fleet.at, Stage.REFUSED, str(refusal_now)).ended()
        self._keep(case, done)
        return done

    def _write_first(self, case: Case) -> str:
        """Writes an order down before anything is done. Gives why that cannot be; empty if it was."""
        entry = audit.entry_of(case.order, case.order.steps[0], first=True)
        try:
            self.folder.prepare()
            self._flush()
            audit.append(self.folder, entry)
        except FolderError as error:
            if case.order.verb is Verb.RESUME:
                self._unlogged.append(entry)
            return str(error)
        try:
            self._book.keep(case)
        except FolderError as error:
            return str(error)
        return ""

    def _new_case(self, plan: Plan, route: RouteKind, scene: Scene, words: Words) -> Case:
        lane, at = scene.lane, scene.now
        deadline = {
            Verb.PAUSE: at + pausing.DEADLINE_S, Verb.RESUME: at + pausing.RESUME_DEADLINE_S,
            Verb.REDIRECT: at + redirecting.DEADLINE_S, Verb.CLOSE: at + self._bounds.within_s,
        }[plan.verb]  # fmt: skip
        # Only the gate tells a subagent from its session.
        child = lane.agent_id if route is RouteKind.GATE else None
        steps = (OrderStep(at, Stage.REQUESTED, route, plan.effect),)
        by, run_by = self._actors(words)
        order = Order(
            new_id(), plan.verb, lane.id, lane.agent, scene.main.session, child, route, by, at, words.reason,
            words.text if plan.verb in (Verb.REDIRECT, Verb.CLOSE) else "", deadline, steps, run_by=run_by,
        )  # fmt: skip
        process = scene.main.process
        if process is not None and process.source == CWD:
            process = None  # it only seems to be its own: its end would say nothing of the lane
        return Case(
            order, lane.path, size_of(lane.path), sum(one.usage.total for one in scene.kin),
            process.pid if process else None, process.start if process else None, "", at, now=words.now,
            until=words.until if plan.verb is Verb.PAUSE else None, owner=self._book.me,
            facts={**_policy_facts(words.policy), **client_facts(scene)}, asked=asked_at(at, self._uptime),
        )  # fmt: skip

    def _actors(self, words: Words) -> tuple[str, str]:
        """Who acts, and of a policy also who runs it."""
        return (words.policy.rule, self._by) if words.policy is not None else (self._by, "")

    def _act(self, case: Case, scene: Scene) -> Case:
        verb = case.order.verb
        holds = self._holds_of(scene, self._book.all())
        pauses = [one for one in holds if one.order.verb is Verb.PAUSE]
        if verb is Verb.PAUSE:
            return self._pausing.pause(case, scene)
        if verb is Verb.RESUME:
            if holds and not pauses:
                return self._act_lift(case, scene, holds)
            resumed = self._pausing.resume(case, scene, pauses, self._strays(scene))
            for pause in pauses if resumed.phase != pausing.STANDING else ():
                if pause.order.route not in pausing.TURN_ENDERS:
                    self._keep(pause, pause.stepped(scene.now, Stage.WITHDRAWN, "resumed").ended())
            return resumed
        if verb is Verb.REDIRECT:
            return self._redirecting.redirect(case, scene)
        return self._act_close(case, scene, pauses)

    def _act_lift(self, case: Case, scene: Scene, closes: Sequence[Case]) -> Case:
        """Takes the closes of a lane back: from here on nothing is asked of it."""
        parts = ("requests", "orders", *([f"requests/{scene.key}"] if scene.key is not None else []))
        if not self._stays and (why := self.folder.unwritable(*parts)):
            # Neither the request nor the order could be ended, and whoever comes next would go on with them.
            words = lifting.not_lifted(why, case)
            return case.stepped(scene.now, Stage.OVERDUE, words).in_phase(pausing.STANDING, scene.now)
        for close in closes:
            new = self._lifted(close, self._own(close, scene))
            self._keep(close, new)
            case = case.stepped(scene.now, Stage.EFFECTIVE, f"its close is {new.order.steps[-1].text}")
        return case.ended()

    def _lifted(self, close: Case, scene: Scene) -> Case:
        """A close that is taken back, also where its request cannot be removed: nobody obeys it there."""
        try:
            return self._closing.take_back(close, scene)
        except (Refused, FolderError):
            return lifting.lifted(self.folder, close, scene.now, "taken back")

    def _act_close(self, case: Case, scene: Scene, pauses: Sequence[Case]) -> Case:
        """Asks for the close and lifts the pauses: a lane that is held cannot write its closing output."""
        for pause in pauses:
            self._pausing.check_take_back(pause, scene)
        closed = self._closing.close(case, scene)
        for pause in pauses:
            try:
                self._keep(pause, self._pausing.take_back(pause, scene))
            except (Refused, FolderError) as error:
                # It has been asked for by now: that is what is told.
                closed = closed.stepped(scene.now, closed.order.stage, f"its pause stands: {error}")
        return closed

    # -- afterwards -------------------------------------------------------------------------------

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """Looks what has become of all orders, takes the steps that are due; gives the hands of each lane."""
        if self._allowed.read_only:
            return self.see(fleet)
        with self._lock:
            scenes = self._own_scenes(fleet, self._look_ways(fleet.at))
            self._settle(fleet)
            cases: list[Case] = []
            for case in self._book.all():
                scene = scenes.get(case.order.lane)
                cases.append(self._go_on(case, scene) if case.is_open and scene is not None else case)
            self._end_resumed(cases, fleet.at)
            return self.see(fleet)

    def see(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """The hands of each lane as they are now. Writes nothing and takes no step: what nobody drives is only seen."""
        with self._lock:
            scenes = scenes_of(fleet.lanes, fleet, self._look_ways(fleet.at))
            own = {name: scene for name, scene in scenes.items() if not scene.recording}
            cases = self._seen(own)
            told = [
                case
                for case in cases
                if case.is_open or case.order.verb in (Verb.CLOSE, Verb.REDIRECT) or ENDED in case.facts
            ]
            # An order may bear the id of a recording's lane: it was given to the session itself, not to a copy of it.
            return {
                name: control_of(scene, told if name in own else (), lambda case: self._now(case, fleet.at))
                for name, scene in scenes.items()
            }

    @staticmethod
    def _own_scenes(fleet: Fleet, ways: Ways) -> dict[LaneId, Scene]:
        """The scenes of the lanes that may be acted on: of a recording nothing is driven."""
        scenes = scenes_of(fleet.lanes, fleet, ways)
        return {name: scene for name, scene in scenes.items() if not scene.recording}

    def _settle(self, fleet: Fleet) -> None:
        """Ends orders whose client has ended, and takes back what is asked by orders that have ended."""
        lanes = {lane.id for lane in fleet.lanes}
        cases = self._book.all()
        for case in cases:
            if not case.is_open or not client_ended(case, self._world):
                continue
            if case.order.verb is Verb.CLOSE and case.order.lane not in lanes:
                ended = closed_with_client(case, self._now(case, fleet.at))
            else:
                ended = ended_with_client(case, self._now(case, fleet.at))
            if ended is not case and self._is_ours(case):
                self._keep(case, ended)
                forget_dead(self.folder)
        self._flush()
        known = {case.order.id: case.is_open for case in self._book.all()}
        open_orders = {order for order, is_open in known.items() if is_open}
        self.trouble = lifting.free_ended(self.folder, open_orders, known) or self.trouble

    def _is_ours(self, case: Case) -> bool:
        """True if this process goes on with it, also where nobody else does and nothing can be written about it."""
        return self._book.is_mine(case) or case.owner is None or self._book.is_orphan(case)

    def _seen(self, scenes: Mapping[LaneId, Scene]) -> list[Case]:
        """All cases; what others go on with, or nobody, as it is and not only as it was last written down."""
        return [self._seen_case(case, scenes.get(case.order.lane)) for case in self._book.all()]

    def _seen_case(self, case: Case, scene: Scene | None) -> Case:
        if not case.is_open or self._book.is_mine(case):
            return case
        if scene is None:
            return case
        if client_ended(case, self._world):
            case = ended_with_client(case, self._now(case, scene.now))
        try:
            return self._looked_at(case, self._own(case, scene)) if case.is_open else case
        except Refused:
            return case

    def _looked_at(self, case: Case, scene: Scene) -> Case:
        if case.order.verb is Verb.PAUSE:
            return self._pausing.seen_pause(case, scene)
        if case.order.verb is Verb.REDIRECT:
            return self._redirecting.seen(case, scene)
        if case.order.verb is Verb.RESUME:
            return self._pausing.watch_resume(case, scene)
        return self._closing.seen(case, scene)

    def _go_on(self, case: Case, scene: Scene) -> Case:
        scene = self._own(case, scene)
        case = self._taken_over(case, scene)
        if not self._book.is_mine(case):
            return case
        if lifting.ADOPTED in case.facts and case.order.verb is Verb.CLOSE and lifting.prompted_since(case, scene):
            words = (
                "a person has given it a prompt since, and the lanewatch that closed it has gone: the close is dropped"
            )
            new = lifting.lifted(self.folder, case, scene.now, words)
            self._keep(case, new)
            return new
        try:
            new = self._watch(case, scene)
        except (Refused, FolderError) as refusal:
            new = (
                case
                if case.order.steps[-1].text == str(refusal)
                else case.stepped(scene.now, Stage.OVERDUE, str(refusal))
            )
        self._keep(case, new)
        return new

    def _watch(self, case: Case, scene: Scene) -> Case:
        verb = case.order.verb
        if verb is Verb.PAUSE:
            return self._pausing.watch_pause(case, scene)
        if verb is Verb.RESUME and case.phase == pausing.STANDING:
            again = self._act(case, scene)
            return again if again.phase != pausing.STANDING or not again.is_open else case
        if verb is Verb.RESUME:
            return self._pausing.watch_resume(case, scene)
        if verb is Verb.REDIRECT:
            new = self._redirecting.watch(case, scene)
            if new.is_open and client_ended(new, self._world):
                words = "its process ended, and the text does not stand in its transcript"
                return new.stepped(scene.now, Stage.EXPIRED, words).ended()
            return new
        return self._closing.watch(case, scene)

    def _taken_over(self, case: Case, scene: Scene) -> Case:
        """A case that nobody goes on with any more becomes ours; a close that is long overdue is a person's."""
        orphan = self._book.is_orphan(case)
        if case.owner is not None and not orphan:
            return case
        try:
            mine = self._book.take_over(case)
        except FolderError as error:
            self.trouble = str(error)
            return case
        if mine is None:
            return case
        new = mine
        if orphan:
            words = "the lanewatch that gave this order has gone; this one goes on with it"
            new = new.stepped(scene.now, new.order.stage, words)
        new = new.noting(lifting.ADOPTED, "yes")
        if new.order.verb is Verb.CLOSE and scene.now > new.order.deadline + closing.TAKEOVER_S:
            new = self._closing.left(new, scene)
        self._keep(mine, new)
        return new

    def _end_resumed(self, cases: list[Case], at: float) -> None:
        """A pause that ended a turn is over once its lane was seen to work again."""
        for done in cases:
            order = done.order
            if order.verb is not Verb.RESUME or order.stage is not Stage.EFFECTIVE or at - order.steps[-1].at > WAYS_S:
                continue
            for case in cases:
                ended = case.order.verb is Verb.PAUSE and case.order.route in pausing.TURN_ENDERS
                mine = case.is_open and ended and case.order.lane == order.lane
                if mine and case.order.at < order.at and self._book.is_mine(case):
                    self._keep(case, case.stepped(at, Stage.WITHDRAWN, "resumed").ended())

    def orders(self) -> list[Order]:
        """The orders that are open and those that have lately ended, the newest first."""
        with self._lock:
            cases = self._book.all()
            newest = max((step.at for case in cases for step in case.order.steps), default=0.0)
            # By each order's own time: one that was given before the clock was set back seems to lie in the future.
            shown = [
                case for case in cases if case.is_open or self._now(case, newest) - case.order.steps[-1].at < SHOWN_S
            ]
            return [case.order for case in reversed(shown)]

    @property
    def has_open(self) -> bool:
        """True while something is asked for that has not ended."""
        with self._lock:
            return any(case.is_open for case in self._book.all())

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step of an order. None if there is none, or its lane is gone."""
        with self._lock:
            found = self._open_case(order, fleet)
            if found is None:
                return None
            case, scene = found
            if case.order.verb is Verb.PAUSE:
                return self._harder_pause(case, scene, fleet)
            try:
                new = self._harder(case, scene)
            except (Refused, FolderError) as refusal:
                new = case.stepped(fleet.at, Stage.OVERDUE, str(refusal))
            self._keep(case, new)
            return new.order

    def _harder(self, case: Case, scene: Scene) -> Case:
        if case.order.verb is Verb.CLOSE:
            return self._closing.harder(case, scene)
        if case.order.verb is Verb.REDIRECT and case.order.route is RouteKind.GATE and not case.now:
            again = replace(case, now=True, owner=self._book.me)
            again = self._redirecting.ask_gate(again, scene, Verb.REDIRECT, case.order.text)
            return again.stepped(scene.now, Stage.REQUESTED, "refuses its next action").offering("")
        raise Refused("there is no stronger step")

    def _harder_pause(self, case: Case, scene: Scene, fleet: Fleet) -> Order | None:
        route = self._pausing.harder_route(case, scene)
        if route is None:
            self._keep(case, case.stepped(fleet.at, Stage.OVERDUE, "there is no stronger route to it").offering(""))
            return None
        plan = plan_of(Verb.PAUSE, scene, fleet, [], route, self._bounds)
        reason = f"stronger than {case.order.id}"
        given = self._give(plan, scene.lane, fleet, self._ways, Words(reason=reason))
        refused = given.order.stage is Stage.REFUSED
        self._keep(case, case.offering(self._pausing.offer(case, scene) if refused else ""))
        return given.order

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Takes an order back: a pause is resumed, a text not yet given is withdrawn. None where it cannot be."""
        with self._lock:
            found = self._open_case(order, fleet)
            if found is None or found[0].order.verb is Verb.RESUME:
                return None
            case, scene = found
            if client_ended(case, self._world):
                # There is nothing left that could be taken back: how it ended is what is told.
                self._settle(fleet)
                return next((one.order for one in self._book.all() if one.order.id == order), None)
            if case.order.verb is Verb.PAUSE:
                plan = plan_of(Verb.RESUME, scene, fleet, [case], case.order.route, self._bounds)
                given = self._give(plan, scene.lane, fleet, self._ways, Words(reason=f"undoes {case.order.id}"))
                return given.order
            try:
                is_close = case.order.verb is Verb.CLOSE
                new = self._lifted(case, scene) if is_close else self._redirecting.take_back(case, scene)
            except (Refused, FolderError):
                return None
            self._keep(case, new)
            return new.order

    def given_for(self, lane: LaneId, key: str) -> Case | None:
        """The newest order that a policy gave the lane with that key, by whichever lanewatch, as long as it is kept."""
        with self._lock:
            mine = (case for case in self._book.all() if case.order.lane == lane and case.facts.get("key") == key)
            return max(mine, key=lambda case: case.order.at, default=None)

    def log(self) -> list[Entry]:
        """The audit log, the oldest first."""
        return audit.read(self.folder)

    def tidy(self, now: float) -> None:
        """Forgets orders that ended long ago, and hooks that wait for clients that have gone."""
        with self._lock:
            self._book.forget_old(now)
            forget_dead(self.folder)

    def let_go(self) -> None:
        """Gives up what this process goes on with, so that another lanewatch may: called when it leaves.

        What it has frozen would go on with its end: it does so now, and that is written down.
        """
        with self._lock:
            for case in self._book.all():
                if case.is_open and self._book.is_mine(case):
                    left = self._pausing.left(case, self._ways_at) if case.order.verb is Verb.PAUSE else case
                    self._keep(case, replace(left, owner=None))

    # -- inside -----------------------------------------------------------------------------------

    def _unwritable(self, verb: Verb) -> str:
        """Why nothing can be asked of any lane now; empty if it can, and always for what lets a lane go."""
        if verb is Verb.RESUME:
            return ""
        why = self.folder.unwritable("", "requests", "orders", "audit")
        return f"{why}: nothing can be asked of a lane before that is mended" if why else ""

    def _open_case(self, order: str, fleet: Fleet) -> tuple[Case, Scene] | None:
        case = next((case for case in self._book.all() if case.order.id == order and case.is_open), None)
        lane = next((lane for lane in fleet.lanes if case is not None and lane.id == case.order.lane), None)
        if case is None or lane is None or self._allowed.refusal(case.order.verb):
            return None
        scene = scene_of(lane, fleet, self._look_ways(fleet.at))
        return None if scene.recording else (case, self._own(case, scene))

    @staticmethod
    def _holds_of(scene: Scene, cases: Sequence[Case]) -> list[Case]:
        """The open pauses that hold this lane (its own and, for a main lane, its subagents') and its open closes."""
        lanes = {Verb.PAUSE: {lane.id for lane in scene.kin}, Verb.CLOSE: {scene.lane.id}}
        return [case for case in cases if case.is_open and case.order.lane in lanes.get(case.order.verb, ())]

    def _strays(self, scene: Scene) -> set[str]:
        """Requests at this lane's gate that could hold it and belong to no order that is known."""
        if scene.key is None:
            return set()
        known = {case.order.id for case in self._book.all()}
        return {
            request.id for request in asked(self.folder, scene.key)
            if request.verb in lifting.HOLDING and request.agent_id == scene.lane.agent_id
            and request.id not in known
        }  # fmt: skip

    def _now(self, case: Case, now: float) -> float:
        """The time that it is for an order, however the clock was set since it was given."""
        return time_of(case.asked, now, self._uptime)

    def _own(self, case: Case, scene: Scene) -> Scene:
        """The scene at the order's own time."""
        now = self._now(case, scene.now)
        return replace(scene, now=now, clock_set=scene.now - now)

    def _look_ways(self, at: float, *, anew: bool = False) -> Ways:
        if anew or not 0 <= at - self._ways_at < WAYS_S:
            self._ways, self._ways_at = self._reach.ways(), at
        return self._ways

    def _keep(self, old: Case, new: Case) -> None:
        """Writes what is new about a case: its steps to the log, itself to the book."""
        if new == old:
            return
        steps = new.order.steps[len(old.order.steps) :]
        self._unlogged += [audit.entry_of(new.order, step, first=False) for step in steps]
        with contextlib.suppress(FolderError):
            self._book.keep_anyway(new)
        self._flush()

    def _flush(self) -> None:
        """Writes what is known and not yet written, as far as that is possible now."""
        try:
            self._book.write_late()
            while self._unlogged:
                audit.append(self.folder, self._unlogged[0])
                del self._unlogged[0]
            self.trouble = ""
        except FolderError as error:
            self.trouble = str(error)


def _policy_facts(policy: Wanted | None) -> dict[str, str]:
    return {"key": policy.key, "severity": policy.severity.value} if policy is not None else {}
