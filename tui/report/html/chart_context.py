"""The context of each lane over time, with its compactions."""

from __future__ import annotations

from collections.abc import Sequence

from tui.report.document import ContextSeries, Moment, MomentKind, Timeline
from tui.report.html.chart_looks import LOOKS
from tui.report.html.chart_scale import TICK_PX, TimeScale, across, axed, round_ticks, stretched, time_scale, up
from tui.report.html.markup import Markup, box, classes, element, group, line, percent
from tui.report.html.parts import counted
from tui.report.html.places import Places
from tui.report.shown import rounded, shown
from tui.text.format import tokens
from tui.text.styled_text import joined, own

GAP_PX, CONTEXT_PX = 8, 130
UNITS = 1000.0
"""Width and height of the plot in units of its own."""


def drawn_contexts(timeline: Timeline) -> list[tuple[int, ContextSeries]]:
    """Contexts that are drawn, each with the colour that its lane has in the burn; other lanes take what is left."""
    told = [each for each in timeline.contexts if len(each.samples) > 1][: len(LOOKS)]
    taken = {
        series.lane: index for index, series in enumerate(timeline.series[: len(LOOKS)]) if series.lane is not None
    }
    free = iter([index for index in range(len(LOOKS)) if index not in {taken.get(each.lane) for each in told}])
    return [(taken[each.lane] if each.lane in taken else next(free), each) for each in told]


def context_chart(places: Places) -> Markup | None:
    """Tokens in the context of each lane over time, with its compactions; None if nobody stated any."""
    contexts = drawn_contexts(places.report.timeline)
    window = places.report.head.window
    scale = time_scale(window.start, window.end, one_day=places.one_day)
    top = max((sample.value for _, each in contexts for sample in each.samples), default=0) * 1.08
    if scale is None or top <= 0:
        return None
    lines: list[Markup] = []
    for index, each in contexts:
        points = [(scale.at(one.at) * UNITS, UNITS - UNITS * one.value / top) for one in each.samples]
        name = shown(each.name, limit=48)
        lines.append(
            element(
                "path", element("title", name), d=line(points), class_=classes("curve", LOOKS[index]), fill="none",
                stroke="currentColor", vector_effect="non-scaling-stroke",
            )
        )  # fmt: skip
    foot = GAP_PX + CONTEXT_PX
    lanes = counted(len(contexts), "lane", "lanes")
    most = joined(own("Tokens in the context of "), lanes, own(" over time, at most "), rounded(top / 1.08))
    return axed(
        foot + TICK_PX + 4,
        most,
        *up(round_ticks(top, 3), top, GAP_PX, CONTEXT_PX, tokens),
        stretched(GAP_PX, CONTEXT_PX, box(UNITS, UNITS), *lines),
        *_compactions(places.report.timeline.moments, scale, foot),
        element("line", x1=0, x2="100%", y1=foot, y2=foot, class_="axis", stroke="currentColor"),
        *across(scale.ticks(), foot + 4),
    )


def _compactions(moments: Sequence[Moment], scale: TimeScale, foot: float) -> list[Markup]:
    found = [moment for moment in moments if moment.kind is MomentKind.COMPACTION][:100]
    return [
        group(
            element(
                "line", element("title", own("compaction: "), shown(moment.text, limit=120)), y1=GAP_PX, y2=foot,
                x1=percent(scale.at(moment.at)), x2=percent(scale.at(moment.at)), class_="border",
                stroke="currentColor",
            )
        )
        for moment in found
    ]  # fmt: skip
