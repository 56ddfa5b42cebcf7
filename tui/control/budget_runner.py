"""Pauses the lanes of a budget that is used up, if the budget says so, and lets them go on when it was raised.

Orders go by the gate alone, which holds a lane before its next call, so that nothing is lost. What a budget can be
overrun by is what was used until it was read again, and for each of its lanes the call that it has begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui.budget.budget import Mode
from tui.budget.standing import Standing, owner_key
from tui.budget.words import title, used_words
from tui.control.order_store import BUDGET_SIGN
from tui.control.policy_runner import write_down
from tui.fleet.policy import Wanted
from tui.history.usage import By
from tui.model.control import Order, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, Lane

if TYPE_CHECKING:
    from tui.control.service import ControlService


class BudgetRunner:
    """Gives the orders that budgets require: see `service.Policy`.

    A lane is paused once for each budget, period and size: if a person resumes it, it goes on, although the budget is
    used up. It is let go if the size was raised above what is used. A new period lets nothing go by itself.
    """

    def __init__(self, spare: Sequence[str] = (), *, dry_run: bool = False) -> None:
        """Never acts on lanes whose id, session or project holds one of the words of `spare`.

        `dry_run`: only writes to the audit log what it would do.
        """
        self._spare = tuple(spare)
        self._dry_run = dry_run
        self._standings: tuple[Standing, ...] = ()
        self._done: set[tuple[LaneId, str]] = set()
        """Orders that were refused, or only written down, which are not given again."""

    def note(self, standings: Sequence[Standing]) -> None:
        """Takes how much of each budget is used. May be called from another thread than `act`."""
        self._standings = tuple(one for one in standings if one.budget.mode is Mode.PAUSE)

    def act(self, service: ControlService, fleet: Fleet) -> None:
        """Gives the orders that are due."""
        standings = self._standings
        if not standings or service.forbidden:
            return
        for lane, one in list(self._to_pause(standings, service, fleet)):
            self._pause(lane, one, service, fleet)
        for order in self._to_let_go(standings, service):
            service.undo(order.id, fleet)

    def _to_pause(
        self, standings: Sequence[Standing], service: ControlService, fleet: Fleet
    ) -> Iterator[tuple[Lane, Standing]]:
        over = [one for one in standings if one.left <= 0 and (one.end is None or fleet.at < one.end)]
        if not over:
            return
        lanes = {lane.id: lane for lane in fleet.lanes}
        for lane in fleet.lanes:
            if not lane.busy or lane.control.held is not None or self._is_spared(lane):
                continue
            above = lanes.get(lane.parent) if lane.parent is not None else None
            if above is not None and above.session != lane.session:
                above = None
            # An order for a session holds its subagents, too, and a person who resumes it resumes them.
            due = [one for one in over if counts(one, lane) and not (above is not None and counts(one, above))]
            one = next((one for one in due if self._is_new(lane, one, service)), None)
            if one is not None:
                yield lane, one

    def _is_new(self, lane: Lane, one: Standing, service: ControlService) -> bool:
        """Whether the lane was not yet paused for this budget, period and size."""
        key = _key(one)
        return (lane.id, key) not in self._done and service.newest_by_policy(lane.id, key) is None

    def _is_spared(self, lane: Lane) -> bool:
        return any(word and word in name for word in self._spare for name in (lane.id, lane.session, lane.project))

    def _pause(self, lane: Lane, one: Standing, service: ControlService, fleet: Fleet) -> None:
        key = _key(one)
        why = f"{title(one)}: the budget is used up, {used_words(one)}"
        wanted = Wanted(lane.id, Verb.PAUSE, f"budget: {title(one)}", why, key)
        plans = service.plans(Verb.PAUSE, [lane.id], fleet, RouteKind.GATE, asks_nobody=True)
        if self._dry_run or any(plan.refused for plan in plans):
            self._done.add((lane.id, key))
        if self._dry_run:
            write_down(wanted, plans[0].refused or plans[0].effect, service, fleet.at)
            return
        service.give(plans, fleet, reason=why, policy=wanted)

    def _to_let_go(self, standings: Sequence[Standing], service: ControlService) -> list[Order]:
        roomy = {_name(one): one for one in standings if one.left > 0}
        found: list[Order] = []
        for order in service.orders() if roomy and not self._dry_run else ():
            key = order.facts.get("key", "")
            if not key.startswith(BUDGET_SIGN) or not order.is_open:
                continue
            name, size = _parts(key)
            one = roomy.get(name)
            if one is not None and one.budget.limit.value > float(size):
                found.append(order)
        return found


def _parts(key: str) -> tuple[str, str]:
    """Of a key: the name of the budget and its owner, and the size."""
    rest, _, size = key.removeprefix(BUDGET_SIGN).rpartition("\0")
    return rest.rpartition("\0")[0], size


def counts(one: Standing, lane: Lane) -> bool:
    """Whether what the lane uses counts in the budget of this standing."""
    owner, group = one.budget.owner, one.group
    if owner.by is None or group is None:
        return owner.by is None
    if owner.by is By.LANE:
        known = group.lane
        agent_id = lane.agent_id if lane.agent_id != lane.session else None
        return known is not None and (lane.session, agent_id or None) == known[1:]
    names = {By.AGENT: lane.agent, By.MODEL: lane.model, By.PROJECT: lane.project}
    return group.name is not None and group.name == names.get(owner.by)


def _name(one: Standing) -> str:
    """Identifies a budget and its owner."""
    return f"{one.budget.id}\0{owner_key(one.group)}"


def _key(one: Standing) -> str:
    """Identifies a budget, its owner, period and size."""
    return f"{BUDGET_SIGN}{_name(one)}\0{one.start or 0:.0f}\0{one.budget.limit.value!r}"
