"""Plans and orders that are refused before anything is asked of a lane, with the reason and the route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.control.order_store import Case, new_id
from tui.control.refused import Refused
from tui.control.texts import said
from tui.model.control import Order, OrderStep, Plan, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, Lane


def fitted(plans: Sequence[Plan], text: str, fleet: Fleet) -> list[Plan]:
    """The plans with what goes with them: those that need a text are refused where this one may not be given."""
    agents = {lane.id: lane.agent for lane in fleet.lanes}
    return [_fitted(plan, text, agents.get(plan.lane, "")) if _needs_text(plan) else plan for plan in plans]


def _fitted(plan: Plan, text: str, agent: str) -> Plan:
    try:
        said(text, agent)
    except Refused as refusal:
        return _refused(plan, str(refusal))
    return plan


def _needs_text(plan: Plan) -> bool:
    return plan.verb in (Verb.REDIRECT, Verb.CLOSE) and plan.route not in (None, RouteKind.PROCESS)


def without_freeze(plan: Plan) -> Plan:
    """The plan for a lanewatch that leaves at once: it cannot freeze."""
    if plan.verb is not Verb.PAUSE or plan.route is not RouteKind.PROCESS:
        return plan
    return _refused(plan, "a freeze ends with the lanewatch that made it: give it from the screen, which stays")


def _refused(plan: Plan, why: str) -> Plan:
    return replace(plan, route=None, effect="", also=(), warning="", refused=why, asked=plan.route)


def refused_case(plan: Plan, lane: Lane | None, at: float, by: str, reason: str, why: str, run_by: str = "") -> Case:
    """An order that was never given."""
    asked = plan.route or plan.asked
    route = asked or next(iter(plan.choices), RouteKind.GATE)
    order = Order(
        new_id(), plan.verb, plan.lane, lane.agent if lane else "", lane.session if lane else "", None, route, by, at,
        reason, "", at, (OrderStep(at, Stage.REFUSED, asked, why),), run_by=run_by,
    )  # fmt: skip
    return Case(order, "", 0, 0, None, None, "", at, is_open=False)
