"""Burn over time, stacked by lane, with the phases, the findings and the stop on one axis; and the lanes' contexts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import LiteralString

from tui.model.finding import Severity
from tui.report.document import ContextSeries, Moment, MomentKind, Phase, Run, Series, StopPoint, Timeline
from tui.report.html.chart_bands import STRIP_PX, Band, after_stop, stop_line, strip
from tui.report.html.chart_scale import TICK_PX, TimeScale, across, axed, hover, round_ticks, stretched, time_scale, up
from tui.report.html.markup import Markup, Token, area, box, classes, element, group, line, link_to, percent
from tui.report.html.places import Places
from tui.report.html.times import short_stamp
from tui.report.shown import exact, shown
from tui.view.findings import KINDS, SEVERITIES
from tui.view.safe_text import SafeText
from tui.view.spans import joined, number, own
from tui.view.words import percent as percent_words
from tui.view.words import rate, tokens

PLOT_PX = 220
GAP_PX = 8
MARKS_PX = 20
CONTEXT_PX = 130
UNITS = 1000.0
"""Height of a plot in units of its own."""
STEPS = 100
"""Most steps across: more buckets are drawn together, so that a phone and a calm eye can follow."""
MERGED = 0.045
"""Marks nearer to each other than this part of the width are one."""

LOOKS: tuple[LiteralString, ...] = ("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9")
FILLS: tuple[LiteralString, ...] = (
    "#2d52b3", "#5c8fd6", "#01696b", "#3fa39b", "#6f58a8", "#a184d1", "#7a5c28", "#b98d45", "#8c3a68", "#c06f9b",
)  # fmt: skip
"""What a reader without the style sheet sees."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Findings that stand at one place of the axis, the gravest first."""

    place: float
    severity: Severity
    to: Token
    words: SafeText
    count: int
    is_near: bool
    """The next mark stands where the count would be on a narrow page."""


def look_of(index: int, series: Series) -> LiteralString:
    """The colour of the series at this place of the stack; the lanes without a series of their own are grey."""
    return "s-rest" if series.lane is None else LOOKS[index % len(LOOKS)]


@dataclass(frozen=True, slots=True)
class Steps:
    """The burn as it is drawn: tokens per step of each series, a step being one bucket or several."""

    start: float
    step_s: float
    series: tuple[Series, ...]
    sums: tuple[int, ...]

    @property
    def count(self) -> int:
        """Steps across."""
        return len(self.sums)


def steps_of(timeline: Timeline) -> Steps | None:
    """The timeline in at most `STEPS` steps; None if there is no time or no burn to draw."""
    buckets = max((len(series.values) for series in timeline.series), default=0)
    if timeline.start is None or timeline.step_s <= 0 or not buckets:
        return None
    wide = -(-buckets // STEPS)
    starts = range(0, buckets, wide)
    series = tuple(
        replace(each, values=tuple(sum(max(0, value) for value in each.values[at : at + wide]) for at in starts))
        for each in timeline.series
    )
    sums = tuple(sum(each.values[at] for each in series) for at in range(len(starts)))
    return Steps(timeline.start, timeline.step_s * wide, series, sums) if any(sums) else None


def burn_chart(places: Places) -> Markup | None:
    """The drawing; None if there is no time or no burn to draw."""
    steps = steps_of(places.report.timeline)
    if steps is None:
        return None
    scale = time_scale(steps.start, steps.start + steps.count * steps.step_s, one_day=places.one_day)
    if scale is None:
        return None
    per_hour = 3600 / steps.step_s
    top = max(steps.sums) * per_hour * 1.08  # room for words above the uppermost step
    run = phased_run(places.report.runs)
    bands = _bands(run.phases, scale) if run is not None else []
    y = STRIP_PX + GAP_PX if bands else GAP_PX
    foot = y + PLOT_PX
    marks = _marks(places, scale)
    axis = foot + (MARKS_PX if marks else 0)
    stop = places.report.stop
    return axed(
        axis + TICK_PX + 4,
        _words(places, steps),
        *strip(bands, 0, foot),
        after_stop(scale.at(stop.at), y, foot) if stop is not None else None,
        stretched(y, PLOT_PX, box(steps.count, UNITS), *_stack(steps, top / per_hour)),
        *up(round_ticks(top), top, y, PLOT_PX, rate),
        *(stop_line(scale.at(stop.at), y, foot, stop_words(places, stop)) if stop is not None else ()),
        element("line", x1=0, x2="100%", y1=foot, y2=foot, class_="axis", stroke="currentColor"),
        *_hovers(places, steps, y),
        *(_drawn(mark, foot + MARKS_PX / 2 + 2) for mark in marks),
        *across(scale.ticks(), axis + 4),
    )


def stop_words(places: Places, stop: StopPoint) -> SafeText:
    """`stop · S091 · 05:58:30`."""
    when = short_stamp(stop.at, one_day=places.one_day)
    return joined(own("stop · "), shown(stop.action or "?", limit=16), own(" · "), when)


def phased_run(runs: Sequence[Run]) -> Run | None:
    """The line of work whose phases stand over the time axis: the one that spent most of those that have several."""
    return next((run for run in runs if len(run.phases) > 1), None)


def phase_words(phase: Phase) -> SafeText:
    """`2 repeating: S091 … S120, 384M tokens, 32%`."""
    ends = shown(phase.first, limit=24), own(" … "), shown(phase.last, limit=24)
    spent = tokens(phase.figures.usage.total), own(" tokens, "), percent_words(phase.share)
    return joined(number(phase.number), own(" "), shown(phase.name, limit=24), own(": "), *ends, own(", "), *spent)


def _bands(phases: Sequence[Phase], scale: TimeScale) -> list[Band]:
    starts = [phase.figures.start for phase in phases]
    made: list[Band] = []
    for index, phase in enumerate(phases):
        low = starts[index]
        following = starts[index + 1] if index + 1 < len(phases) else phase.figures.end
        if low is None or following is None:
            return []
        name = shown(phase.name, limit=24)
        made.append(Band(scale.at(low), scale.at(following), number(phase.number), name, phase_words(phase)))
    return made


def _stack(steps: Steps, top: float) -> list[Markup]:
    """Each series as an area in steps, the first one at the bottom."""
    made: list[Markup] = []
    base = [0] * steps.count
    for index, series in enumerate(steps.series):
        upper = [low + value for low, value in zip(base, series.values, strict=True)]
        points = [*_outline(upper, top), *reversed(_outline(base, top))]
        look = look_of(index, series)
        fill = "gray" if series.lane is None else FILLS[index % len(FILLS)]
        made.append(
            element(
                "path", d=area(points), class_=classes("series", look), fill=fill, vector_effect="non-scaling-stroke"
            )
        )  # fmt: skip
        base = upper
    return made


def _outline(values: Sequence[int], top: float) -> list[tuple[float, float]]:
    heights = [UNITS - UNITS * value / top for value in values]
    return [(float(at + side), height) for at, height in enumerate(heights) for side in (0, 1)]


def _hovers(places: Places, steps: Steps, y: float) -> list[Markup]:
    made: list[Markup] = []
    for at, total in enumerate(steps.sums):
        when = short_stamp(steps.start + at * steps.step_s, one_day=places.one_day)
        words = [when, own(" UTC: "), exact(total), own(" tokens")]
        for series in steps.series:
            if series.values[at]:
                words += (own("\n"), _series_name(series), own(": "), tokens(series.values[at]))
        made.append(hover(at / steps.count, 1 / steps.count, y, PLOT_PX, joined(*words)))
    return made


def _series_name(series: Series) -> SafeText:
    return shown(series.name, limit=48) if series.name else own("other lanes")


def _marks(places: Places, scale: TimeScale) -> list[_Mark]:
    rank = list(SEVERITIES)
    groups: list[list[tuple[float, Severity, Token, SafeText]]] = []
    timed = [(each.finding.since, place, each) for place, each in places.found if each.finding.since is not None]
    for since, place, found in sorted(timed, key=lambda each: each[0]):
        finding = found.finding
        words = joined(KINDS[finding.kind], own(": "), shown(finding.title, limit=120))
        at = scale.at(since)
        if groups and at - groups[-1][0][0] < MERGED:
            groups[-1].append((at, finding.severity, place, words))
        else:
            groups.append([(at, finding.severity, place, words)])
    made: list[_Mark] = []
    for index, each in enumerate(groups):
        gravest = min(each, key=lambda one: rank.index(one[1]))
        is_near = index + 1 < len(groups) and groups[index + 1][0][0] - each[0][0] < 3 * MERGED
        told = [part for one in each[:6] for part in (one[3], own("\n"))]
        made.append(_Mark(each[0][0], gravest[1], gravest[2], joined(*told[:-1]), len(each), is_near))
    return made


_SHAPES: dict[Severity, Token] = {
    Severity.STOP: area(((-6, -2.5), (-2.5, -6), (2.5, -6), (6, -2.5), (6, 2.5), (2.5, 6), (-2.5, 6), (-6, 2.5))),
    Severity.WARN: area(((0, -6), (6, 5), (-6, 5))),
    Severity.INFO: area(((0, -5), (5, 0), (0, 5), (-5, 0))),
}
_SIGNALS: dict[Severity, LiteralString] = {Severity.STOP: "stop", Severity.WARN: "warn", Severity.INFO: "info"}


def _drawn(mark: _Mark, y: float) -> Markup:
    count = (
        element("text", number(mark.count), x=9, y=4, class_="tick wide" if mark.is_near else "tick")
        if mark.count > 1
        else None
    )
    shape = element("path", d=_SHAPES[mark.severity], class_=classes("mark", _SIGNALS[mark.severity]))
    return element(
        "a", element("title", mark.words), element("svg", shape, count, x=percent(mark.place), y=y, class_="over"),
        href=link_to(mark.to), aria_label=mark.words,
    )  # fmt: skip


def _words(places: Places, steps: Steps) -> SafeText:
    peak = max(range(steps.count), key=lambda at: steps.sums[at])
    when = short_stamp(steps.start + peak * steps.step_s, one_day=places.one_day)
    return joined(
        own("Burn over time by lane: "), tokens(sum(steps.sums)), own(" tokens in all, at most "),
        rate(steps.sums[peak] * 3600 / steps.step_s), own(" at "), when,
        own(" UTC. The lanes and phases are listed below in words."),
    )  # fmt: skip


# -- contexts ---------------------------------------------------------------------------------------


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
    times = [sample.at for _, each in contexts for sample in each.samples]
    scale = time_scale(min(times, default=None), max(times, default=None), one_day=places.one_day)
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
    most = joined(
        own("Tokens in the context of "), number(len(contexts)), own(" lanes over time, at most "), tokens(top / 1.08)
    )
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
