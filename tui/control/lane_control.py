"""The state that the newest orders give a lane. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.control.context import VerbContext
from tui.control.release import OUT_OF_FORCE, not_obeyed_words
from tui.control.verbs.answer import REQUEST, answered_words
from tui.control.verbs.base import ENDED
from tui.control.verbs.registry import spec_of
from tui.model.control import Held, LaneControl, Order, Stage
from tui.model.snapshot import Lane


def control_of(context: VerbContext, orders: Sequence[Order], own_time: Callable[[Order], float]) -> LaneControl:
    """The state of a lane by its orders (the oldest first), with its routes.

    `own_time` returns the time by an order's own clock (seconds UTC). It differs from the context's if the system clock
    was set.
    """
    routes, pending, answered = context.routes, context.pending, _answered(context.lane, orders)
    for order in reversed(orders):
        spec = spec_of(order.verb)
        if order.lane != context.lane.id and not spec.covers(order, context):
            continue
        if order.is_open and (why := order.facts.get(OUT_OF_FORCE)):
            return LaneControl(routes, None, None, not_obeyed_words(why), True, order.id, pending, answered)
        now = own_time(order)
        held = spec.held(order, context, now)
        if held is not None:
            stage = order.stage
            since = next((step.at for step in reversed(order.steps) if step.stage is stage), order.at)
            since += context.now - now
            words = _words(order, held, context.lane)
            return LaneControl(routes, held, since, words, stage is Stage.OVERDUE, order.id, pending, answered)
    return LaneControl(routes, pending=pending, answered=answered)


def _answered(lane: Lane, orders: Sequence[Order]) -> tuple[tuple[str, str], ...]:
    """The requests with an answer that is not seen to be taken: ids of request and calls, and what was answered."""
    waits = [
        order for order in orders if order.lane == lane.id and spec_of(order.verb).is_for_one_request and order.is_open
    ]
    return tuple(
        (name, answered_words(order))
        for order in waits
        for name in (order.option(REQUEST) or "", *order.facts.get("calls", "").split())
        if name
    )


def may_set_state(order: Order) -> bool:
    """True if an order may still determine the state of its lane."""
    return order.is_open or spec_of(order.verb).outlives or ENDED in order.facts


def _words(order: Order, held: Held, lane: Lane) -> str:
    text = order.steps[-1].text
    if question := order.facts.get("question"):
        return text if question in text else f"{text}; {question}"
    spec = spec_of(order.verb)
    if held is spec.under_way and (progress := spec.progress(order, lane)):
        return progress
    return f"{text} (+ to {order.stronger})" if order.stronger else text
