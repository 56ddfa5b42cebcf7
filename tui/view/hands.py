"""The hands on a lane: which routes lead to it, and what became of the orders it was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tui.control.audit import Entry
from tui.model.control import Order, Stage
from tui.model.snapshot import Lane
from tui.view.orders_out import audit_lines
from tui.view.safe_text import SafeText, safe_text
from tui.view.spans import Line, Span, blank, column, fit_line, joined, own, word

ORDERS_SHOWN = 3
_ROLES = {
    Stage.REFUSED: "warn", Stage.OVERDUE: "warn", Stage.EXPIRED: "warn", Stage.EFFECTIVE: "good",
    Stage.ACKNOWLEDGED: "accent",
}  # fmt: skip


def hands_lines(lane: Lane, orders: Sequence[Order], cells: int, stronger_key: SafeText) -> list[Line]:
    """The section of the lane's page; empty where nothing leads to the lane and nothing was asked of it."""
    mine = [order for order in orders if order.lane == lane.id][:ORDERS_SHOWN]
    if not lane.control.routes and not mine:
        return []
    lines: list[Line] = [(), (word("HANDS", "section"),)]
    for route in lane.control.routes:
        look = "accent" if route.is_open else "dim"
        mark = word("● ", "good") if route.is_open else word("○ ", "dim")
        why = Span(safe_text(route.why, limit=240), "text" if route.is_open else "dim")
        lines.append((mark, column(safe_text(route.kind.value), 8, look), why))
    for order in mine:
        lines += _order(order, stronger_key)
    return [fit_line((word(" "), *line), cells) for line in lines]


def _order(order: Order, stronger_key: SafeText) -> list[Line]:
    begun = safe_text(f"{datetime.fromtimestamp(order.at).astimezone():%H:%M:%S}")
    why = joined(own("  because of "), safe_text(order.reason, limit=120)) if order.reason else own("")
    head = joined(safe_text(order.verb.value), own(" by "), safe_text(order.route.value))
    lines: list[Line] = [(Span(begun, "dim"), word("  "), Span(head, "strong"), Span(why, "dim"))]
    for step in order.steps:
        after = safe_text(f"+{max(0.0, step.at - order.at):.1f} s")
        stage = column(safe_text(step.stage.value), 13, _role(step.stage))
        words = Span(safe_text(step.text, limit=300), "text")
        lines.append((column(after, 10, "dim", right=True), word("  "), stage, words))
    if order.stronger:
        lines.append((blank(12), Span(stronger_key, "key"), word("  "), Span(safe_text(order.stronger), "warn")))
    return lines


def _role(stage: Stage) -> str:
    return _ROLES.get(stage, "dim")


def audit_page(entries: Sequence[Entry], cells: int) -> list[Line]:
    """The log as a story, the newest order last."""
    told = audit_lines(entries)
    if not told:
        return [(word(" nothing was asked of any lane yet", "dim"),)]
    lines: list[Line] = []
    for text in told:
        role = "dim" if text.startswith("  ") else "text"
        if ": " in text and any(
            f"  {stage.value}: " in text for stage in (Stage.REFUSED, Stage.OVERDUE, Stage.EXPIRED)
        ):
            role = "warn"
        if f"  {Stage.EFFECTIVE.value}: " in text:
            role = "good"
        lines.append(fit_line((word(" "), Span(text, role)), cells))
    return lines
