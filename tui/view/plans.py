"""What a verb would do, before it is done: the lines of the confirmation, and what an editor opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.model.control import Plan
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Verb
from tui.model.snapshot import Lane
from tui.view.checklist import wrapped
from tui.view.lane_line import name_of
from tui.view.safe_text import SafeText, safe_text
from tui.view.spans import Line, Span, blank, column, joined, number, own, word

NAME_CELLS = 30
ROUTE_CELLS = 8
_TITLES = {
    Verb.PAUSE: own("pause"),
    Verb.RESUME: own("resume"),
    Verb.REDIRECT: own("redirect"),
    Verb.CLOSE: own("close out"),
}


def verb_word(verb: Verb) -> SafeText:
    """The verb as the screen names it."""
    return _TITLES[verb]


def plans_title(verb: Verb, plans: Sequence[Plan]) -> SafeText:
    """`pause 3 lanes · 1 refused`."""
    able = sum(1 for plan in plans if plan.route is not None)
    what = own(" lane") if len(plans) == 1 else own(" lanes")
    refused = joined(own(" · "), number(len(plans) - able), own(" refused")) if able < len(plans) else own("")
    return joined(_TITLES[verb], own(" "), number(len(plans)), what, refused)


def plan_lines(plans: Sequence[Plan], lanes: Mapping[LaneId, Lane], cells: int) -> list[Line]:
    """One block per lane: name, route and effect; below it what else it touches and what is lost."""
    lines: list[Line] = []
    indent = NAME_CELLS + ROUTE_CELLS + 2
    for plan in sorted(plans, key=lambda plan: plan.route is not None):  # what will not happen stands first
        name = column(_name(plan.lane, lanes), NAME_CELLS, "name")
        if plan.route is None:
            lines += _wrapped((name, word(" "), column(own("refused"), ROUTE_CELLS, "warn"), word(" ")),
                              safe_text(plan.refused, limit=600), "warn", cells, indent)  # fmt: skip
            continue
        route = column(safe_text(plan.route.value), ROUTE_CELLS, "accent")
        lines += _wrapped((name, word(" "), route, word(" ")), safe_text(plan.effect, limit=300), "text", cells, indent)
        if plan.also:
            others = joined(own("also "), *_listed([_name(lane, lanes) for lane in plan.also]))
            lines += _wrapped((blank(indent),), others, "dim", cells, indent)
        if plan.warning:
            lines += _wrapped((blank(indent),), safe_text(plan.warning, limit=300), "warn", cells, indent)
    return lines


def quoted_evidence(finding: Finding | None) -> str:
    """A finding and its evidence as quoted lines, for the operator to keep or cut; empty without one."""
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
    """The text beside the head, broken between words; below each other where the page is narrow."""
    first, *rest = wrapped(text, max(20, cells - indent))
    return [(*head, Span(first, role)), *((blank(indent), Span(row, role)) for row in rest)]
