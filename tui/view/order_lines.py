"""Orders, plans and the audit log for standard output: lines for people, and the stable JSON of the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from tui.control.audit import AuditRecord
from tui.control.verbs.registry import spec_of
from tui.model.control import Order, OrderStep, Plan, Stage
from tui.text.format import time_of_day
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own

SCHEMA = 1
HEAD_INDENT, STEP_INDENT = 10, 13
"""The columns at which the text of an order's heading and of its steps begins."""


def orders_json(orders: Iterable[Order]) -> dict[str, Any]:
    """The document of `pause --json` and the other verbs."""
    return {"schema": SCHEMA, "orders": [_order_json(order) for order in orders]}


def plans_json(plans: Iterable[Plan]) -> dict[str, Any]:
    """The document of `--dry-run --json`: no order was given."""
    return {
        "schema": SCHEMA,
        "plans": [
            {
                "verb": plan.verb.value, "lane": plan.lane, "route": plan.route.value if plan.route else None,
                "routes": [kind.value for kind in plan.choices], "effect": safe_text(plan.effect),
                "also": list(plan.also), "warning": safe_text(plan.warning) or None,
                "refused": safe_text(plan.refused) or None,
            }
            for plan in plans
        ],
    }  # fmt: skip


def audit_json(entries: Iterable[AuditRecord], problems: Sequence[str]) -> dict[str, Any]:
    """The document of `audit --json`."""
    return {
        "schema": SCHEMA,
        "entries": [
            {
                "at": _iso(entry.at), "by": safe_text(entry.by), "run_by": safe_text(entry.run_by) or None,
                "verb": entry.verb, "lane": entry.lane,
                "session": entry.session, "order": entry.order, "stage": entry.stage, "route": entry.route,
                "words": safe_text(entry.words), "reason": safe_text(entry.reason) or None,
                "text": safe_text(entry.text, limit=20_000) or None,
            }
            for entry in entries
        ],
        "problems": [safe_text(problem) for problem in problems],
    }  # fmt: skip


def order_line(order: Order) -> SafeText:
    """`pause claude:fd2f6da7 by gate: took effect: held before its next tool`."""
    step = order.steps[-1] if order.steps else None
    # no route is named, because the order was refused before one was chosen
    by = own(f" by {order.route.value}: ") if step is None or step.route is not None else own(": ")
    head = joined(safe_text(order.verb.value), own(" "), safe_text(order.lane), by)
    more = joined(own("; stronger: "), safe_text(order.stronger)) if order.stronger else own("")
    stage = own(order.stage.value)
    return joined(head, stage, own(": "), safe_text(step.text if step else "", limit=400), more)


def step_line(order: Order, step: OrderStep) -> SafeText:
    """`00:41:05 close claude:fd2f6da7: acknowledged: the gate gave it at PostToolBatch`, in local time."""
    head = joined(
        time_of_day(step.at), own(" "), safe_text(order.verb.value), own(" "), safe_text(order.lane), own(": ")
    )
    return joined(head, own(step.stage.value), own(": "), safe_text(step.text, limit=400))


def standing_line(order: Order) -> SafeText:
    """The line about an order for which the command has stopped waiting: its state, and how to undo it."""
    words = spec_of(order.verb).standing(order, time_of_day)
    return joined(safe_text(order.lane), own(" "), safe_text(words, limit=600))


def plan_line(plan: Plan) -> SafeText:
    """`pause claude:fd2f6da7 by gate: holds before its next tool …`, or why it would be refused."""
    head = joined(safe_text(plan.verb.value), own(" "), safe_text(plan.lane))
    if plan.route is None:
        return joined(head, own(": refused: "), safe_text(plan.refused, limit=600))
    tail = joined(own("; "), safe_text(plan.warning)) if plan.warning else own("")
    also = joined(own(" (and "), safe_text(", ".join(plan.also), limit=200), own(")")) if plan.also else own("")
    return joined(head, own(f" by {plan.route.value}: "), safe_text(plan.effect), tail, also)


def audit_lines(entries: Sequence[AuditRecord]) -> list[SafeText]:
    """The audit log in time order: a heading for each order, below it its steps with the times between them."""
    lines: list[SafeText] = []
    day = ""
    for _, group in groupby(_by_order(entries), key=lambda entry: entry.order):
        steps = list(group)
        first = steps[0]
        begun = datetime.fromtimestamp(first.at).astimezone()
        if f"{begun:%Y-%m-%d}" != day:
            day = f"{begun:%Y-%m-%d}"
            lines += [own(""), safe_text(f"{begun:%A %d %B %Y}")] if lines else [safe_text(f"{begun:%A %d %B %Y}")]
        why = joined(own(" because of "), safe_text(first.reason, limit=200)) if first.reason else own("")
        head = joined(
            safe_text(f"{begun:%H:%M:%S}  "), safe_text(first.by), own(" asked to "), safe_text(first.verb), own(" ")
        )
        lines.append(joined(head, safe_text(first.lane), own(" by "), safe_text(first.route), why))
        if first.text:
            lines.append(joined(own("            text: "), safe_text(_own_words(first.text), limit=160)))
        for step in steps:
            said = _stage_words(step, first)
            lines.append(joined(own("  "), safe_text(f"{_after(step.at - first.at):>9}"), own("  "), said))
    return lines


def _by_order(entries: Sequence[AuditRecord]) -> list[AuditRecord]:
    """The entries by order: steps of one order together, orders by the time of their first step."""
    begun: dict[str, float] = {}
    for entry in entries:
        begun.setdefault(entry.order, entry.at)
    places = {entry: place for place, entry in enumerate(entries)}
    return sorted(entries, key=lambda entry: (begun[entry.order], entry.order, places[entry]))


def _own_words(text: str) -> str:
    """The text in one line without its quoted lines; all of it if everything is quoted."""
    own_lines = [line for line in text.splitlines() if line.strip() and not line.startswith("> ")]
    return " ".join(" ".join(own_lines or text.splitlines()).split())


def _stage_words(step: AuditRecord, first: AuditRecord) -> SafeText:
    told = joined(safe_text(step.stage), own(": "), safe_text(step.words, limit=300))
    return told if step.route == first.route else joined(told, own(" (by "), safe_text(step.route), own(")"))


def _after(seconds: float) -> str:
    if seconds < 0.005:
        return "at once"
    if seconds < 60:
        return f"+{seconds:.2f} s" if seconds < 10 else f"+{seconds:.0f} s"
    return f"+{seconds / 60:.1f} min" if seconds < 3600 else f"+{seconds / 3600:.1f} h"


def _order_json(order: Order) -> dict[str, Any]:
    return {
        "id": order.id, "verb": order.verb.value, "lane": order.lane, "session": order.session,
        "subagent": order.agent_id, "route": order.route.value, "stage": order.stage.value, "by": safe_text(order.by),
        "run_by": safe_text(order.run_by) or None, "closing_output": order.closing_output,
        "at": _iso(order.at), "deadline": _iso(order.deadline), "reason": safe_text(order.reason) or None,
        "steps": [
            {
                "at": _iso(step.at), "stage": step.stage.value, "route": step.route.value if step.route else None,
                "words": safe_text(step.text),
            }
            for step in order.steps
        ],
        "stronger": safe_text(order.stronger) or None, "refused": order.stage is Stage.REFUSED,
    }  # fmt: skip


def _iso(at: float) -> str:
    """A time with milliseconds, because the steps of an order follow each other within a second."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
