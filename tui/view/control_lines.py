"""Control of a lane as lines: the routes to it, its orders with their results, and the page of the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from tui.control.audit import AuditRecord
from tui.model.control import Order, Route, Stage
from tui.model.snapshot import Lane
from tui.text.format import time_of_day
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, line_width, own, word
from tui.view.checklist import wrapped
from tui.view.order_lines import HEAD_INDENT, STEP_INDENT, audit_lines

ORDERS_SHOWN = 3
ROUTE_CELLS, AFTER_CELLS, STAGE_CELLS = 8, 10, 13
_ROLES = {
    Stage.REFUSED: "warn", Stage.OVERDUE: "warn", Stage.EXPIRED: "warn", Stage.EFFECTIVE: "good",
    Stage.ACKNOWLEDGED: "accent",
}  # fmt: skip


def control_section(lane: Lane, orders: Sequence[Order], cells: int, stronger_key: SafeText) -> list[Line]:
    """The CONTROL section of the lane's page; empty if no route leads to the lane and no order was given."""
    mine = [order for order in orders if order.lane == lane.id][:ORDERS_SHOWN]
    if not lane.control.routes and not mine:
        return []
    lines: list[Line] = [(), (word("CONTROL", "section"),)]
    shut = routes_in_one(lane.control.routes)
    if shut:
        lines += _hanging((word("○ ", "dim"),), shut, "dim", cells - 1)
    for route in () if shut else lane.control.routes:
        look = "accent" if route.is_open else "dim"
        mark = word("● ", "good") if route.is_open else word("○ ", "dim")
        why = safe_text(route.why, limit=240)
        head = (mark, column(safe_text(route.kind.value), ROUTE_CELLS, look))
        lines += _hanging(head, why, "text" if route.is_open else "dim", cells - 1)
    for order in mine:
        lines += _order(order, stronger_key, cells - 1)
    return [fit_line((word(" "), *line), cells) for line in lines]


def routes_in_one(routes: Sequence[Route]) -> SafeText:
    """The one reason that shuts all routes (the lane is a recording); else empty."""
    whys = {route.why for route in routes}
    if len(routes) < 2 or len(whys) > 1 or any(route.is_open for route in routes):
        return own("")
    return joined(own("no route: "), safe_text(whys.pop(), limit=240))


def _order(order: Order, stronger_key: SafeText, cells: int) -> list[Line]:
    begun = time_of_day(order.at)
    why = joined(own("  because of "), safe_text(order.reason, limit=120)) if order.reason else own("")
    if order.run_by:
        why = joined(own("  asked by "), safe_text(order.by, limit=80), why)
    head = joined(safe_text(order.verb.value), own(" by "), safe_text(order.route.value))
    lines: list[Line] = [(Span(begun, "dim"), word("  "), Span(head, "strong"), Span(why, "dim"))]
    for step in order.steps:
        after = safe_text(f"+{max(0.0, step.at - order.at):.1f} s")
        stage = column(safe_text(step.stage.value), STAGE_CELLS, _role(step.stage))
        head = (column(after, AFTER_CELLS, "dim", right=True), word("  "), stage)
        lines += _hanging(head, safe_text(step.text, limit=300), "text", cells)
    if order.stronger:
        head = (blank(AFTER_CELLS + 2), Span(stronger_key, "key"), word("  "))
        lines += _hanging(head, safe_text(order.stronger), "warn", cells)
    return lines


def _hanging(head: Line, text: SafeText, role: str, cells: int) -> list[Line]:
    """The head with the text behind it, broken between words. All lines of the text begin at the same column."""
    indent = line_width(head)
    first, *rest = wrapped(text, max(20, cells - indent))
    return [(*head, Span(first, role)), *((blank(indent), Span(row, role)) for row in rest)]


def _role(stage: Stage) -> str:
    return _ROLES.get(stage, "dim")


def audit_page(entries: Sequence[AuditRecord], cells: int) -> list[Line]:
    """The audit log in time order, the newest order last."""
    told = audit_lines(entries)
    if not told:
        return [(word(" no command was given to any lane yet", "dim"),)]
    return [fit_line((word(" "), *line), cells) for text in told for line in _told(text, cells - 1)]


def _told(text: SafeText, cells: int) -> list[Line]:
    """One line of the log, wrapped on a narrow page. Its role depends on its place, not on its words."""
    if not text[:1].isdigit() and not text.startswith(" "):
        return [(Span(text, "section"),)]  # a day
    indent = STEP_INDENT if text.startswith("  ") else HEAD_INDENT
    head, tail = SafeText(text[:indent]), SafeText(text[indent:])
    if indent == HEAD_INDENT:
        return _hanging((Span(head, "dim"),), tail, "strong", cells)
    stage = next((stage for stage in Stage if tail.startswith(f"{stage.value}: ")), None)
    role = "dim" if stage in (None, Stage.ACKNOWLEDGED) else _role(stage)
    return _hanging((Span(head, role),), tail, role, cells)
