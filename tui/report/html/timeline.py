"""The section of the time axis: burn by lane, contexts, and what happened when."""

from __future__ import annotations

from collections.abc import Sequence

from tui.report.document import Moment, MomentKind, Series, Timeline
from tui.report.html.chart_burn import burn_chart, phased_run, steps_of
from tui.report.html.chart_context import context_chart, drawn_contexts
from tui.report.html.chart_looks import FILLS, LOOKS, look_of
from tui.report.html.chart_marks import has_moments
from tui.report.html.chart_rows import swatch
from tui.report.html.markup import Markup, element, group
from tui.report.html.parts import (
    cell,
    counted,
    folded,
    note,
    row,
    said,
    table,
    text_column,
)
from tui.report.html.places import Places
from tui.report.html.sections import TIMELINE, drawn
from tui.report.shown import length, rounded
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

MOMENTS_SHOWN = 300
"""Rows of what happened; actions give way first."""

_KINDS: dict[MomentKind, SafeText] = {
    MomentKind.ACTION: own("action"),
    MomentKind.FINDING: own("finding"),
    MomentKind.FINDING_ENDED: own("finding ended"),
    MomentKind.ORDER: own("order"),
    MomentKind.COMPACTION: own("compaction"),
    MomentKind.LIMIT: own("limit"),
    MomentKind.FAULT: own("fault"),
}


def timeline_section(places: Places) -> Markup | None:
    """Burn, contexts, moments; None if nothing of it is there."""
    timeline = places.report.timeline
    burn = burn_chart(places)
    parts = (
        _burn_figure(places, burn) if burn is not None else None, _context_figure(places), _moments(places, timeline)
    )  # fmt: skip
    return drawn(TIMELINE, *parts) if any(parts) else None


def _burn_figure(places: Places, picture: Markup) -> Markup:
    steps = steps_of(places.report.timeline)
    run = phased_run(places.report.runs)
    of_phases = (
        group(own(" The bands are the phases of "), said(run.name, 60), own(".")) if run is not None else None
    )  # fmt: skip
    caption = element(
        "figcaption",
        element("strong", own("Burn by lane")),
        own(" · tokens per hour, in steps of "), length(steps.step_s if steps is not None else None), own(", UTC."),
        of_phases,
        own(" Marks below the axis are findings: octagon stop, triangle warn, diamond info.")
        if places.found else None,
        own(" Below: ▼ an order of an operator or a policy, × a fault, ■ a limit.")
        if has_moments(places.report.timeline.moments) else None,
    )  # fmt: skip
    return element("figure", caption, picture, _legend(places))


def _legend(places: Places) -> Markup:
    """The series from the bottom up, with what each spent."""
    timeline = places.report.timeline
    total = sum(sum(series.values) for series in timeline.series)
    items = [
        element(
            "li", swatch(look_of(index, series), FILLS[index % len(FILLS)]), own(" "), _named(places, series),
            element("span", own(" "), rounded(sum(series.values)), own(" · "),
                    percent_words(sum(series.values) / total if total else None), class_="dim"),
        )
        for index, series in enumerate(timeline.series)
    ]  # fmt: skip
    return element("ul", *items, class_="legend")


def _named(places: Places, series: Series) -> Markup:
    if series.lane is not None and series.lane in places.lanes:
        return places.lane_link(series.lane)
    rest = max(0, len(places.lanes) - sum(each.lane is not None for each in places.report.timeline.series))
    if series.lane is None and rest:
        return group(own("the other "), counted(rest, "lane", "lanes"), own(" together"))
    return group(own("other lanes"))


def _context_figure(places: Places) -> Markup | None:
    picture = context_chart(places)
    if picture is None:
        return None
    contexts = [each for each in places.report.timeline.contexts if len(each.samples) > 1]
    shown = drawn_contexts(places.report.timeline)
    items = [
        element("li", swatch(LOOKS[index], FILLS[index]), own(" "), places.lane_link(each.lane))
        for index, each in shown
    ]
    more = len(contexts) - len(items)
    told = note(own("and "), number(more), own(" more lanes, which are not drawn")) if more > 0 else None
    caption = element(
        "figcaption", element("strong", own("Context")),
        own(" · tokens in the model's context at each call; a dashed line is a compaction."),
    )  # fmt: skip
    return element("figure", caption, picture, element("ul", *items, class_="legend"), told)


def _moments(places: Places, timeline: Timeline) -> Markup | None:
    if not timeline.moments:
        return None
    shown = _chosen(timeline.moments)
    rows = [
        row(
            cell(places.time(moment.at), class_="time"), cell(_KINDS.get(moment.kind, own("?"))),
            cell(places.lane_link(moment.lane, 32)),
            cell(said(moment.text, 160), group(own(" by "), said(moment.by, 40)) if moment.by else None,
                 *(places.refs([moment.evidence]) if moment.evidence is not None else ())),
        )
        for moment in shown
    ]  # fmt: skip
    columns = (text_column("UTC"), text_column("What"), text_column("Lane"), text_column("In words"))
    left_out = len(timeline.moments) - len(shown) + timeline.left_out
    told = note(number(left_out), own(" more, of smaller lanes, are not listed")) if left_out > 0 else None
    title = joined(own("What happened when: "), counted(len(shown), "moment", "moments"))
    return folded(title, table(own("Moments in the order of time"), columns, rows), told)


def _chosen(moments: Sequence[Moment]) -> list[Moment]:
    """All of them if there is room; else what is no action, then actions, in the order of time."""
    if len(moments) <= MOMENTS_SHOWN:
        return list(moments)
    ranked = sorted(enumerate(moments), key=lambda each: (each[1].kind is MomentKind.ACTION, each[0]))
    return [moment for _, moment in sorted(ranked[:MOMENTS_SHOWN], key=lambda each: each[0])]
