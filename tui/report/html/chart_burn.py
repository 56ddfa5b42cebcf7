"""Burn over time, stacked by lane, with the phases, the findings, the stop and what was done on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.model.frozen import frozen
from tui.report.document import Phase, Run, Series, Timeline
from tui.report.html.chart_bands import (
    STRIP_PX,
    Band,
    after_stop,
    drawn_stop,
    phase_words,
    stop_line,
    stop_words,
    strip,
)
from tui.report.html.chart_looks import FILLS, look_of
from tui.report.html.chart_marks import ROW_PX, mark_rows, marks
from tui.report.html.chart_scale import TICK_PX, TimeScale, across, axed, hover, round_ticks, stretched, time_scale, up
from tui.report.html.markup import Markup, area, box, classes, element
from tui.report.html.places import Places
from tui.report.html.times import short_stamp
from tui.report.shown import exact, rounded, shown
from tui.text.format import rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

PLOT_PX = 220
GAP_PX = 8
UNITS = 1000.0
"""Height of a plot in units of its own."""
STEPS = 100
"""Most steps across: more buckets are drawn together, so that a phone and a calm eye can follow."""


@frozen
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
    axis = foot + ROW_PX * mark_rows(places, scale) + 2
    stop = drawn_stop(places.report.stop)
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
        *marks(places, scale, foot + 2),
        *across(scale.ticks(), axis + 4),
    )


def phased_run(runs: Sequence[Run]) -> Run | None:
    """The line of work whose phases stand over the time axis: the one that spent most of those that have several."""
    return next((run for run in runs if len(run.phases) > 1), None)


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
                words += (own("\n"), _series_name(series), own(": "), rounded(series.values[at]))
        made.append(hover(at / steps.count, 1 / steps.count, y, PLOT_PX, joined(*words)))
    return made


def _series_name(series: Series) -> SafeText:
    return shown(series.name, limit=48) if series.name else own("other lanes")


def _words(places: Places, steps: Steps) -> SafeText:
    peak = max(range(steps.count), key=lambda at: steps.sums[at])
    when = short_stamp(steps.start + peak * steps.step_s, one_day=places.one_day)
    return joined(
        own("Burn over time by lane: "), rounded(sum(steps.sums)), own(" tokens in all, at most "),
        rate(steps.sums[peak] * 3600 / steps.step_s), own(" at "), when,
        own(" UTC. The lanes and phases are listed below in words."),
    )  # fmt: skip
