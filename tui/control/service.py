"""Control of lanes: plans before an act, orders, their results, and their undoing.

The screen and the commands use this object. It has the lock, the permissions, the order store and the loop over open
orders; each verb declares what its orders do. Its methods may block (files, tmux, sockets): call them from a thread. It
is thread-safe.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Protocol

from tui.agents.process import CWD
from tui.agents.transcript_probe import size_of
from tui.control import audit, release
from tui.control.audit import AuditRecord
from tui.control.bounds import Bounds
from tui.control.clients import client_ended, client_facts, client_pid
from tui.control.context import VerbContext, context_of, contexts_of
from tui.control.folder import ControlFolder, FolderError
from tui.control.lane_control import control_of, may_set_state
from tui.control.moments import Uptime, asked_at, time_of
from tui.control.order_store import OrderStore, new_id
from tui.control.permissions import READ_ONLY, Permissions
from tui.control.port import NO_OPTIONS
from tui.control.refused import Refused
from tui.control.routes.asked import remove_abandoned
from tui.control.routes.base import Surroundings
from tui.control.routes.gate_client import remove_ended_sessions, requests_of
from tui.control.routes.registry import Routes
from tui.control.text_delivery import TextDelivery
from tui.control.texts import full_text
from tui.control.verbs.base import ADOPTED, VerbTools
from tui.control.verbs.registry import all_verbs, spec_of
from tui.fleet.policy import Wanted
from tui.model.control import OPTION, LaneControl, Order, OrderStep, Plan, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane

AROUND_S = 2.0
"""Seconds between two reads of panes and sessions."""
FLEET_AGE_S = 5.0
"""Maximum age of a fleet in seconds, on a busy machine."""
SHOWN_S = 3600.0
"""Seconds for which orders that ended are listed."""


@frozen
class Request:
    """The arguments of one `ControlService.give` that apply to all its orders."""

    text: str = ""
    now: bool = False
    reason: str = ""
    until: float | None = None
    policy: Wanted | None = None
    options: Mapping[str, str] = field(default_factory=dict[str, str])


class Policy(Protocol):
    """A policy: acts on findings without being asked."""

    def act(self, service: ControlService, fleet: Fleet) -> None:
        """Gives the orders that are due."""
        ...


class ControlService:
    """See `port.ControlPort`. `by` names the actor; times come from the fleets that are passed in.

    `stays` is False for a command that exits at once: acts that end with the lanewatch that did them are refused then.
    `uptime` is a clock that nobody can set (`moments.UPTIME`); without it the fleets' times are used. `policy` acts
    after each look.
    """

    def __init__(
        self,
        folder: ControlFolder,
        *,
        by: str = "",
        permissions: Permissions | None = None,
        stays: bool = True,
        bounds: Bounds | None = None,
        routes: Routes | None = None,
        uptime: Uptime | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.folder = folder
        self.by = by or audit.actor()
        self.store = OrderStore(folder)
        self._permissions = permissions or Permissions()
        self._routes = routes or Routes(folder)
        # A command waits for the end of its orders, and nobody could accept an offered step, so steps are taken without
        # asking.
        self._bounds = replace(bounds or Bounds(), by_itself=not stays)
        self._tools = VerbTools(folder, self._routes, TextDelivery(folder, self._routes), self, self._bounds, stays)
        self._uptime = uptime
        self._policy = policy
        self._unlogged: list[AuditRecord] = []
        """Log entries that could not be written yet; they are written as soon as that is possible."""
        self._lock = threading.RLock()
        self._around = Surroundings()
        self._around_at = float("-inf")
        self.trouble = ""
        """The reason why the audit log or the state folder cannot be written now; empty if both can."""

    @property
    def forbidden(self) -> str:
        """The reason why no verb may be used at all; empty if verbs may be used."""
        return READ_ONLY if self._permissions.read_only else ""

    # -- before anything happens --------------------------------------------------------------------

    def plans(
        self,
        verb: Verb,
        lanes: Sequence[LaneId],
        fleet: Fleet,
        route: RouteKind | None = None,
        *,
        asks_nobody: bool = False,
    ) -> list[Plan]:
        """The plan of the verb for each of the lanes, by the strongest safe route or by `route`.

        `asks_nobody`: stronger steps are taken when they are due instead of being offered to a person.
        """
        with self._lock:
            around = self._look_around(fleet.at, anew=True)
            by_id = {lane.id: lane for lane in fleet.lanes}
            orders = self._peeked(self._own(contexts_of(fleet.lanes, fleet, self._routes, around)))
            refusal = self._permissions.refusal(verb) or self._unwritable(verb)
            bounds = replace(self._bounds, by_itself=True) if asks_nobody else self._bounds
            spec = spec_of(verb)
            made: list[Plan] = []
            for name in dict.fromkeys(lanes):
                lane = by_id.get(name)
                if lane is None or refusal:
                    made.append(Plan(verb, name, None, (), "", refused=refusal or "there is no such lane any more"))
                    continue
                context = context_of(lane, fleet, self._routes, around)
                holds, stray = _holding(context, orders), bool(self.unknown_requests(context))
                plan = spec.plan(context, fleet, holds, route, bounds, stray=stray)
                made.append(plan if self._tools.stays else spec.for_command(plan))
            return made

    def with_text_check(self, plans: Sequence[Plan], text: str, fleet: Fleet) -> list[Plan]:
        """The plans, with those refused whose verb needs a text that may not be given."""
        agents = {lane.id: lane.agent for lane in fleet.lanes}
        return [self._fitted(plan, text, agents.get(plan.lane, "")) for plan in plans]

    def _fitted(self, plan: Plan, text: str, agent: str) -> Plan:
        if plan.route is None or not spec_of(plan.verb).takes_text or not self._routes[plan.route].carries_text:
            return plan
        try:
            full_text(text, agent)
        except Refused as refusal:
            return plan.as_refused(str(refusal))
        return plan

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
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> list[Order]:
        """Gives the orders of these plans. Refused ones are returned as orders of stage REFUSED.

        `until` (seconds UTC) is the time at which a pause by the gate ends by itself; None: it lasts until it is
        resumed. `policy`: the act that a policy requires; its rule is the actor. `options`: the values of the verb's
        own options by name, which `begin` reads with `Order.option`.
        """
        with self._lock:
            around = self._look_around(fleet.at)
            by_id = {lane.id: lane for lane in fleet.lanes}
            if not self._permissions.read_only:
                self._settle(fleet)
            request = Request(text, now, reason, until, policy, options)
            given: list[Order] = []
            for plan in self.with_text_check(plans, text, fleet):
                lane = by_id.get(plan.lane)
                context = context_of(lane, fleet, self._routes, around) if lane is not None else None
                given.append(self._give(plan, lane, context, fleet, request))
            return given

    def give_plan(self, plan: Plan, context: VerbContext, fleet: Fleet, reason: str) -> Order:
        """Gives a further order because of another one."""
        anew = context_of(context.lane, fleet, self._routes, self._around)
        return self._give(plan, anew.lane, anew, fleet, Request(reason=reason))

    def _give(
        self, plan: Plan, lane: Lane | None, context: VerbContext | None, fleet: Fleet, request: Request
    ) -> Order:
        refusal = plan.refused or self._permissions.refusal(plan.verb)
        if request.policy is not None and spec_of(plan.verb).only_by_person:
            refusal = f"only a person may {plan.verb.value}: no policy may"
        if context is not None and not refusal:
            refusal = context.recording
        if context is None or plan.route is None or refusal:
            order = self._refused_order(plan, lane, fleet.at, request, refusal or "control not available")
            with contextlib.suppress(FolderError):
                self.folder.prepare()
                audit.append(self.folder, audit.entry_of(order, order.steps[0], first=True))
            return order
        order = self._new_order(plan, plan.route, context, request)
        unwritten = self._write_first(order)
        if unwritten and not spec_of(plan.verb).only_releases:
            # The log is written before the act: an act that cannot be recorded is not done.
            return order.stepped(fleet.at, Stage.REFUSED, unwritten).ended()
        if unwritten:
            # A release is carried out nevertheless: a full or read-only disk must not keep a lane held.
            told = order.stepped(fleet.at, Stage.REQUESTED, f"{unwritten}; it is carried out all the same")
            self.keep(order, told)
            order = told
        try:
            done = spec_of(order.verb).begin(order, context, self._tools)
        except (Refused, FolderError) as refusal_now:
            done = order.stepped(fleet.at, Stage.REFUSED, str(refusal_now)).ended()
        self.keep(order, done)
        return done

    def _write_first(self, order: Order) -> str:
        """Writes an order down before anything is done. Returns the reason if that fails; empty if it was written."""
        entry = audit.entry_of(order, order.steps[0], first=True)
        try:
            self.folder.prepare()
            self._flush()
            audit.append(self.folder, entry)
        except FolderError as error:
            if spec_of(order.verb).only_releases:
                self._unlogged.append(entry)
            return str(error)
        try:
            self.store.keep(order)
        except FolderError as error:
            if not spec_of(order.verb).only_releases:
                # The order is in the log already. Without its refusal it would seem to be open forever.
                refused = order.stepped(order.at, Stage.REFUSED, str(error))
                self._unlogged.append(audit.entry_of(refused, refused.steps[-1], first=False))
                self._flush()
            return str(error)
        return ""

    def _new_order(self, plan: Plan, route: RouteKind, context: VerbContext, request: Request) -> Order:
        lane, at, spec = context.lane, context.now, spec_of(plan.verb)
        by, run_by = self._actors(request)
        process = context.main.process
        if process is not None and process.source == CWD:
            process = None  # the process only seems to belong to the lane, so its end would not be the lane's end
        return Order(
            id=new_id(), verb=plan.verb, lane=lane.id, agent=lane.agent, session=context.main.session,
            agent_id=lane.agent_id if self._routes[route].reaches_subagents else None, route=route,
            by=by, run_by=run_by, at=at, reason=request.reason,
            text=spec.order_text(plan, request.text, request.options),
            deadline=spec.deadline(at, self._bounds), steps=(OrderStep(at, Stage.REQUESTED, route, plan.effect),),
            path=lane.path, offset=size_of(lane.path), tokens=sum(one.usage.total for one in context.covered),
            pid=process.pid if process else None, start=process.start if process else None,
            phase=spec.first_phase(self._routes[route]), phase_since=at, now=request.now,
            until=request.until if spec.is_timed else None, owner=self.store.me,
            facts={**_options(request), **_policy_facts(request.policy), **client_facts(context)},
            asked=asked_at(at, self._uptime),
        )  # fmt: skip

    def _refused_order(self, plan: Plan, lane: Lane | None, at: float, request: Request, why: str) -> Order:
        """An order that was refused and never carried out."""
        asked_for = plan.route or plan.asked
        route = asked_for or next(iter(plan.choices), RouteKind.GATE)
        by, run_by = self._actors(request)
        return Order(
            new_id(), plan.verb, plan.lane, lane.agent if lane else "", lane.session if lane else "", None, route, by,
            at, request.reason, "", at, (OrderStep(at, Stage.REFUSED, asked_for, why),), run_by=run_by, phase_since=at,
            is_open=False,
        )  # fmt: skip

    def _actors(self, request: Request) -> tuple[str, str]:
        """The actor, and for a policy also the person who runs it."""
        return (request.policy.rule, self.by) if request.policy is not None else (self.by, "")

    # -- afterwards -------------------------------------------------------------------------------

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """Updates all orders, takes the steps that are due, and returns the control of each lane."""
        if self._permissions.read_only:
            return self.see(fleet)
        with self._lock:
            contexts = contexts_of(fleet.lanes, fleet, self._routes, self._look_around(fleet.at))
            own = self._own(contexts)
            orders = [
                self._poll(order, own[order.lane]) if order.is_open and order.lane in own else order
                for order in self._settle(fleet)
            ]
            for spec in all_verbs():
                spec.settle(orders, fleet.at, self._tools)
            controls = self._controls(contexts, own, fleet)
        if self._policy is not None:
            self._policy.act(self, fleet)
        return controls

    def see(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """The control of each lane as it is now. Writes nothing and takes no step."""
        with self._lock:
            contexts = contexts_of(fleet.lanes, fleet, self._routes, self._look_around(fleet.at))
            return self._controls(contexts, self._own(contexts), fleet)

    def _controls(
        self, contexts: Mapping[LaneId, VerbContext], own: Mapping[LaneId, VerbContext], fleet: Fleet
    ) -> Mapping[LaneId, LaneControl]:
        told = [order for order in self._peeked(own) if may_set_state(order)]
        # An order may have the id of a recording's lane: it was given to the session itself, not to its copy.
        return {
            name: control_of(context, told if name in own else (), lambda order: self._now(order, fleet.at))
            for name, context in contexts.items()
        }

    @staticmethod
    def _own(contexts: Mapping[LaneId, VerbContext]) -> dict[LaneId, VerbContext]:
        """The contexts of lanes that may be acted on: those that are not recordings."""
        return {name: context for name, context in contexts.items() if not context.recording}

    def _settle(self, fleet: Fleet) -> list[Order]:
        """Ends orders whose client has ended and withdraws requests of orders that have ended. Returns all orders."""
        lanes = {lane.id for lane in fleet.lanes}
        for order in self.store.all():
            if not order.is_open or not self.client_ended(order):
                continue
            spec, now = spec_of(order.verb), self._now(order, fleet.at)
            end = spec.client_ended if order.lane in lanes else spec.lane_gone
            ended = end(order, now, client_pid(order))
            if ended is not order and self._is_ours(order):
                self.keep(order, ended)
                remove_ended_sessions(self.folder)
        self._flush()
        orders = self.store.all()
        known = {order.id: order.is_open for order in orders}
        open_orders = {order for order, is_open in known.items() if is_open}
        self.trouble = release.withdraw_ended_requests(self.folder, open_orders, known) or self.trouble
        return orders

    def _is_ours(self, order: Order) -> bool:
        """True if this process drives the order, or if no process does.

        In the second case it need not be able to write that.
        """
        return self.is_mine(order) or order.owner is None or self.store.is_orphan(order)

    def _peeked(self, contexts: Mapping[LaneId, VerbContext]) -> list[Order]:
        """All orders. Those that this process does not drive are brought up to date in memory."""
        return [self._peek(order, contexts.get(order.lane)) for order in self.store.all()]

    def _peek(self, order: Order, context: VerbContext | None) -> Order:
        if not order.is_open or self.is_mine(order) or context is None:
            return order
        spec = spec_of(order.verb)
        if self.client_ended(order):
            order = spec.client_ended(order, self._now(order, context.now), client_pid(order))
        try:
            return spec.peek(order, self.at_own_time(order, context), self._tools) if order.is_open else order
        except Refused:
            return order

    def _poll(self, order: Order, context: VerbContext) -> Order:
        context = self.at_own_time(order, context)
        order = self._taken_over(order, context)
        if not self.is_mine(order):
            return order
        try:
            new = spec_of(order.verb).poll(order, context, self._tools)
        except (Refused, FolderError) as refusal:
            said_already = order.steps[-1].text == str(refusal)
            new = order if said_already else order.stepped(context.now, Stage.OVERDUE, str(refusal))
        self.keep(order, new)
        return new

    def _taken_over(self, order: Order, context: VerbContext) -> Order:
        """The order, owned by this process if no other process drives it any more."""
        orphan = self.store.is_orphan(order)
        if order.owner is not None and not orphan:
            return order
        try:
            mine = self.store.take_over(order)
        except FolderError as error:
            self.trouble = str(error)
            return order
        if mine is None:
            return order
        new = mine
        if orphan:
            words = "the lanewatch that gave this order exited; this one continues it"
            new = new.stepped(context.now, new.stage, words)
        new = spec_of(order.verb).adopted(new.noting(ADOPTED, "yes"), context, self._tools)
        self.keep(mine, new)
        return new

    def orders(self) -> list[Order]:
        """The open orders and those that ended recently, the newest first."""
        with self._lock:
            orders = self.store.all()
            newest = max((step.at for order in orders for step in order.steps), default=0.0)
            # By each order's own time: an order from before the clock was set back would seem to lie in the future.
            shown = [
                order for order in orders if order.is_open or self._now(order, newest) - order.steps[-1].at < SHOWN_S
            ]
            return list(reversed(shown))

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step of an order. None if there is none, or the lane no longer exists."""
        with self._lock:
            found = self._open_order(order, fleet)
            if found is None:
                return None
            old, context = found
            try:
                done = spec_of(old.verb).escalate(old, context, fleet, self._tools)
            except (Refused, FolderError) as refusal:
                new = old.stepped(fleet.at, Stage.OVERDUE, str(refusal))
                self.keep(old, new)
                return new
            self.keep(old, done.order)
            return done.shown

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Undoes an order: ends a pause, or withdraws a text that was not given yet. None if it cannot be undone."""
        with self._lock:
            found = self._open_order(order, fleet)
            if found is None or spec_of(found[0].verb).only_releases:
                return None
            old, context = found
            if self.client_ended(old):
                # There is nothing left to undo: the ended order is returned.
                return next((one for one in self._settle(fleet) if one.id == order), None)
            try:
                done = spec_of(old.verb).undo(old, context, fleet, self._tools)
            except (Refused, FolderError):
                return None
            self.keep(old, done.order)
            return done.shown

    def newest_by_policy(self, lane: LaneId, key: str) -> Order | None:
        """The newest stored order that a policy of any lanewatch gave the lane for the finding with this key."""
        with self._lock:
            mine = (order for order in self.store.all() if order.lane == lane and order.facts.get("key") == key)
            return max(mine, key=lambda order: order.at, default=None)

    def log(self) -> list[AuditRecord]:
        """The entries of the audit log, the oldest first."""
        return audit.read(self.folder)

    def tidy(self, now: float) -> None:
        """Removes old ended orders, hooks that wait for clients that have ended, and files of killed hooks."""
        with self._lock:
            self.store.forget_old(now)
            remove_ended_sessions(self.folder)
            remove_abandoned(self.folder)

    def release_orders(self) -> None:
        """Releases the orders that this process drives, so that another lanewatch may take them over. Called at exit.

        Processes that this process froze would continue when it ends, so they are continued now, and that is recorded.
        """
        with self._lock:
            for order in self.store.all():
                if order.is_open and self.is_mine(order):
                    left = spec_of(order.verb).left(order, self._around_at, self._tools)
                    self.keep(order, replace(left, owner=None))

    # -- what verbs ask of the service: see `verbs.base.OrderDesk` --------------------------------

    def holds(self, context: VerbContext) -> list[Order]:
        """The open orders that hold the lane, the oldest first."""
        return _holding(context, self.store.all())

    def unknown_requests(self, context: VerbContext) -> set[str]:
        """The ids of requests at the lane's gate that could hold the lane but belong to no known order."""
        if context.key is None:
            return set()
        known = {order.id for order in self.store.all()}
        return {
            request.id for request in requests_of(self.folder, context.key)
            if spec_of(request.verb).can_hold and request.agent_id == context.lane.agent_id
            and request.id not in known
        }  # fmt: skip

    def is_mine(self, order: Order) -> bool:
        """True if this process drives the order."""
        return self.store.is_mine(order)

    def made_mine(self, order: Order) -> Order:
        """The same order, with this process as its owner."""
        return replace(order, owner=self.store.me)

    def take_back(self, order: Order, context: VerbContext) -> Order:
        """Undoes an order that held the lane, in the way that its verb declares, and returns it."""
        return spec_of(order.verb).released(order, self.at_own_time(order, context), self._tools)

    def client_ended(self, order: Order) -> bool:
        """True if the client that the order was given to has ended, even if another process runs its session now."""
        return client_ended(order, self._routes.process)

    def at_own_time(self, order: Order, context: VerbContext) -> VerbContext:
        """The context with `now` by the order's own clock."""
        now = self._now(order, context.now)
        return replace(context, now=now, clock_set=context.now - now)

    def keep(self, old: Order, new: Order) -> None:
        """Writes the news about an order: its new steps to the log, the order to the store."""
        if new == old:
            return
        steps = new.steps[len(old.steps) :]
        self._unlogged += [audit.entry_of(new, step, first=False) for step in steps]
        with contextlib.suppress(FolderError):
            self.store.keep_or_retry(new)
        self._flush()

    # -- inside -----------------------------------------------------------------------------------

    def _unwritable(self, verb: Verb) -> str:
        """The reason why no lane can be controlled now; empty if it can be, and always for a release."""
        if spec_of(verb).only_releases:
            return ""
        why = self.folder.unwritable("", "requests", "orders", "audit")
        return f"{why}: no lane can be controlled until that is repaired" if why else ""

    def _open_order(self, order: str, fleet: Fleet) -> tuple[Order, VerbContext] | None:
        found = next((one for one in self.store.all() if one.id == order and one.is_open), None)
        lane = next((lane for lane in fleet.lanes if found is not None and lane.id == found.lane), None)
        if found is None or lane is None or self._permissions.refusal(found.verb):
            return None
        context = context_of(lane, fleet, self._routes, self._look_around(fleet.at))
        return None if context.recording else (found, self.at_own_time(found, context))

    def _now(self, order: Order, now: float) -> float:
        """The time by an order's own clock, even if the system clock was set since the order was given.

        A fleet may be some seconds older than the clock that is read here: such a small difference is not a set clock.
        """
        own = time_of(order.asked, now, self._uptime)
        return now if abs(own - now) < FLEET_AGE_S else own

    def _look_around(self, at: float, *, anew: bool = False) -> Surroundings:
        if anew or not 0 <= at - self._around_at < AROUND_S:
            self._around, self._around_at = self._routes.look(), at
        return self._around

    def _flush(self) -> None:
        """Writes the orders and log entries that could not be written before, as far as possible now."""
        try:
            self.store.write_pending()
            while self._unlogged:
                audit.append(self.folder, self._unlogged[0])
                del self._unlogged[0]
            self.trouble = ""
        except FolderError as error:
            self.trouble = str(error)


def _holding(context: VerbContext, orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if order.is_open and spec_of(order.verb).holds(order, context)]


def _options(request: Request) -> dict[str, str]:
    return {f"{OPTION}{name}": value for name, value in request.options.items()}


def _policy_facts(policy: Wanted | None) -> dict[str, str]:
    return {"key": policy.key, "severity": policy.severity.value} if policy is not None else {}
