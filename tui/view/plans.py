"""The lines of the dialog that confirms a verb, and the first text of the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.control.verbs.registry import spec_of
from tui.model.control import Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Verb
from tui.model.snapshot import Lane
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, own, word
from tui.view.checklist import wrapped
from tui.view.names import name_of

NAME_CELLS = 30
ROUTE_CELLS = 8
INDENT = NAME_CELLS + ROUTE_CELLS + 2
BESIDE_LEAST = 36
"""The least width of a text beside the name and the route of a lane."""
TEXT_FIRST, TEXT_LAST = 2, 3
"""The numbers of first and last lines of a text that the dialog shows; one less of each on a low screen."""


def verb_word(verb: Verb) -> SafeText:
    """The verb's name on the screen."""
    return spec_of(verb).title


def plans_title(verb: Verb, plans: Sequence[Plan], lanes: Mapping[LaneId, Lane]) -> SafeText:
    """`pause Loom, foreman`, `pause 2 lanes`, or `pause 2 of 14 lanes · not possible for 12`."""
    if len(plans) == 1:
        return joined(verb_word(verb), own(" "), _name(plans[0].lane, lanes))
    able = sum(1 for plan in plans if plan.route is not None)
    if able == len(plans):
        return joined(verb_word(verb), own(" "), number(able), own(" lanes"))
    return joined(
        verb_word(verb), own(" "), number(able), own(" of "), number(len(plans)), own(" lanes · not possible for "),
        number(len(plans) - able),
    )  # fmt: skip


def plan_lines(plans: Sequence[Plan], lanes: Mapping[LaneId, Lane], cells: int) -> list[Line]:
    """One block for each lane: its name, the route and the effect, and below the other lanes concerned and the losses.

    Refused lanes come last, grouped by reason.
    """
    lines: list[Line] = []
    refused: dict[str, list[LaneId]] = {}
    for plan in plans:
        if plan.route is None:
            refused.setdefault(plan.refused, []).append(plan.lane)
        else:
            lines += _able(plan, plan.route, lanes, cells)
    for reason, members in refused.items():
        lines += _refused(reason, members, lanes, cells)
    return lines


def text_lines(text: str, cells: int, *, low: bool = False) -> list[Line]:
    """The text to be sent: its first and its last lines, since the operator's words may follow a long quote."""
    rows = [row for row in text.splitlines() if row.strip()]
    if not rows:
        return []
    first, last = TEXT_FIRST - low, TEXT_LAST - low
    left_out = len(rows) - first - last
    shown = [_text_row(row, cells) for row in rows]
    if left_out > 1:
        count = joined(own("… "), number(left_out), own(" more lines"))
        shown = [*shown[:first], (word("  "), Span(count, "dim")), *shown[-last:]]
    return [*shown, ()]


def _text_row(row: str, cells: int) -> Line:
    quoted = row.startswith(">")
    return fit_line((word("│ ", "dim"), Span(safe_text(row, limit=400), "dim" if quoted else "text")), cells)


def _able(plan: Plan, taken: RouteKind, lanes: Mapping[LaneId, Lane], cells: int) -> list[Line]:
    name = column(_name(plan.lane, lanes), NAME_CELLS, "name")
    route = column(safe_text(taken.value), ROUTE_CELLS, "accent")
    effect = safe_text(plan.effect, limit=300)
    lines = _wrapped((name, word(" "), route, word(" ")), effect, "text", cells, INDENT)
    if plan.also:
        others = joined(own("also "), *_listed([_name(lane, lanes) for lane in plan.also]))
        lines += _wrapped((blank(INDENT),), others, "dim", cells, INDENT)
    if plan.warning:
        lines += _wrapped((blank(INDENT),), safe_text(plan.warning, limit=300), "warn", cells, INDENT)
    return lines


def _refused(reason: str, members: Sequence[LaneId], lanes: Mapping[LaneId, Lane], cells: int) -> list[Line]:
    names = [_name(lane, lanes) for lane in members]
    who = names[0] if len(names) == 1 else joined(number(len(names)), own(" lanes"))
    head = (column(who, NAME_CELLS, "name"), word(" "), column(own("refused"), ROUTE_CELLS, "warn"), word(" "))
    lines = _wrapped(head, safe_text(reason, limit=600), "warn", cells, INDENT)
    if len(names) > 1:
        lines += _wrapped((blank(INDENT),), joined(*_listed(names)), "dim", cells, INDENT)
    return lines


def quoted_evidence(finding: Finding | None) -> str:
    """A finding and its evidence as quoted lines, which the operator may keep or delete; empty without a finding."""
    if finding is None:
        return ""
    texts = [finding.title, *(evidence.text for evidence in finding.evidence[:6])]
    lines = [f"> {safe_text(text, limit=300)}" for text in dict.fromkeys(texts) if text.strip()]
    return "\n".join(lines) + "\n\n"


def _name(lane: LaneId, lanes: Mapping[LaneId, Lane]) -> SafeText:
    return name_of(lanes[lane]) if lane in lanes else safe_text(lane, limit=60)


def _listed(names: Sequence[SafeText]) -> list[SafeText]:
    parts: list[SafeText] = []
    for name in names[:4]:
        parts += [own(", "), name] if parts else [name]
    return [*parts, own(" and "), number(len(names) - 4), own(" more")] if len(names) > 4 else parts


def _wrapped(head: Line, text: SafeText, role: str, cells: int, indent: int) -> list[Line]:
    """The text beside its head, broken between words. On a narrow page it is below the head."""
    if cells - indent < BESIDE_LEAST:
        head = head if any(span.text.strip() for span in head) else ()
        below = [(blank(2), Span(row, role)) for row in wrapped(text, max(20, cells - 2))]
        return [head, *below] if head else [*below]
    first, *rest = wrapped(text, cells - indent)
    return [(*head, Span(first, role)), *((blank(indent), Span(row, role)) for row in rest)]
