"""The geometry of the charts: places, lengths and points. It makes no markup; labels consist of numbers and times.

A chart is as wide as its place in the page. Widths are shares (0 to 1), heights are pixels. A part that has to be
stretched is in an inner drawing with its own units, so that texts have the same size on phones and on paper, without a
script.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace as with_fields

from msgspec.structs import replace

from tui.model.finding import Family, Severity
from tui.model.frozen import frozen
from tui.report.display_text import short_stamp, tick_label
from tui.report.document import (
    ActionRow,
    ContextSeries,
    FindingRow,
    LineOfWork,
    Moment,
    MomentKind,
    Phase,
    Report,
    Series,
    StopPoint,
    Timeline,
    held_before,
)
from tui.text.format import compact, percent, rate

STRIP_PX, GAP_PX, TICK_PX, MARKS_PX = 20, 8, 16, 20
BURN_PX, CONTEXT_PX = 220, 130
BARS_PX, NOVELTY_PX, BETWEEN_PX, FAMILY_PX = 150, 84, 26, 12
MEMBER_PX = 18
UNITS = 1000.0
"""The height of a stretched plot in its own units."""
STEPS = 100
"""The most steps of the burn. If there are more buckets, several are one step."""
COLUMNS = 400
"""The most columns of actions. If there are more actions, several share a column."""
SLOTS = 24
"""With fewer actions than this, the right part of the chart stays empty, so that bars do not become too wide."""
LABELS = 9
DOTS = 120
"""Up to this many actions, each has a dot on the curve of novelty."""
FAMILY_SPANS = 60
COMPACTIONS = 100
MERGED = 0.045
"""Marks nearer to each other than this share of the width are drawn as one."""
PROVEN = 3
"""This many members prove a family."""
LEAST_MEMBER, MEMBER_GAP = 0.003, 0.001
"""The least width of a member, so that it stays visible, and the space between members."""

LOOKS = tuple(f"s{index}" for index in range(10))
"""The classes of the lanes' colours: a lane has the same in every chart."""
FILLS = ("#2d52b3", "#5c8fd6", "#01696b", "#3fa39b", "#6f58a8", "#a184d1", "#7a5c28", "#b98d45", "#8c3a68", "#c06f9b")
"""The same colours for a reader without the style sheet."""
_ROUND_S = (
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000,
    31536000,
)  # fmt: skip

Points = list[tuple[float, float]]


@frozen
class Tick:
    """A mark of the horizontal axis: its place (0 to 1) and its label."""

    place: float
    label: str


@frozen
class Level:
    """A grid line of the vertical axis: its place in pixels from the top, and its label."""

    y: float
    label: str


@frozen
class Band:
    """A phase on an axis, from `low` to `high` (0 to 1)."""

    low: float
    high: float
    phase: Phase

    @property
    def width(self) -> float:
        """Its width as a share."""
        return max(0.0, self.high - self.low)


@frozen
class TimeScale:
    """Times from `start` to `end` (seconds UTC) as shares of the width."""

    start: float
    end: float
    one_day: bool

    def at(self, when: float) -> float:
        """The place of a time, 0 to 1."""
        return min(1.0, max(0.0, (when - self.start) / (self.end - self.start)))

    def ticks(self, most: int = 8) -> list[Tick]:
        """Round times."""
        span = self.end - self.start
        step = next((step for step in _ROUND_S if span / step <= most), span)
        first = math.ceil(self.start / step) * step
        times = [first + step * count for count in range(most + 1) if first + step * count <= self.end]
        return [Tick(self.at(each), tick_label(each, step, one_day=self.one_day)) for each in times]


def time_scale(start: float | None, end: float | None, *, one_day: bool) -> TimeScale | None:
    """The scale of a window; None without a beginning or an end, or if they are equal."""
    if start is None or end is None or not 0 < end - start < math.inf:
        return None
    return TimeScale(start, end, one_day)


def round_ticks(top: float, most: int = 4) -> list[float]:
    """Round values above zero up to `top`, 1, 2 or 5 times a power of ten apart, at most `most`."""
    if not 0 < top < math.inf:
        return []
    power = 10.0 ** math.floor(math.log10(top / most))
    step = next((power * by for by in (1, 2, 5, 10, 20) if top / (power * by) < most + 1), power * 50)
    return [step * count for count in range(1, int(top / step) + 1)]


def _levels(values: Iterable[float], top: float, y: float, height: float, label: Callable[[float], str]) -> list[Level]:
    """Values on a scale from 0 to `top` that begins at `y + height`."""
    return [Level(y + height - height * value / top, label(value)) for value in values]


# -- burn over time ---------------------------------------------------------------------------------


@frozen
class Steps:
    """The burn to be drawn: tokens per step of each series. A step is one bucket or several."""

    start: float
    step_s: float
    series: tuple[Series, ...]
    sums: tuple[int, ...]


@frozen
class Area:
    """One series of the burn as an area in steps, in units of the plot."""

    points: Points
    look: str
    fill: str


@frozen
class Hover:
    """A part of a chart that shows its figures when the pointer is on it: one step of the burn."""

    place: float
    width: float
    when: str
    total: int
    parts: list[tuple[str, int]]
    """Raw names of lanes (empty for the lanes without their own series) with their tokens."""


@frozen
class BurnChart:
    """Burn over time, stacked by lane, with phases, findings, the stop and orders on one axis."""

    steps: Steps
    run: LineOfWork | None
    bands: list[Band]
    stop: StopPoint | None
    stop_at: float
    y: float
    foot: float
    axis: float
    """The place of the time axis in pixels, below the marks."""
    areas: list[Area]
    levels: list[Level]
    hovers: list[Hover]
    marks: list[Mark]
    ticks: list[Tick]
    most: float
    """Tokens per hour of the highest step, which is at the time `most_at`."""
    most_at: str


def steps_of(timeline: Timeline) -> Steps | None:
    """The timeline in at most `STEPS` steps; None if it has no time or no burn."""
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


def burn_chart(report: Report, found: Sequence[tuple[str, FindingRow]], *, one_day: bool) -> BurnChart | None:
    """The burn with the shown findings, each with its anchor; None if there is no time or no burn."""
    steps = steps_of(report.timeline)
    if steps is None:
        return None
    count = len(steps.sums)
    scale = time_scale(steps.start, steps.start + count * steps.step_s, one_day=one_day)
    if scale is None:
        return None
    per_hour = 3600 / steps.step_s
    top = max(steps.sums) * per_hour * 1.08  # space for text above the highest step
    run = next((run for run in report.runs if len(run.phases) > 1), None)
    bands = _time_bands(run.phases, scale) if run is not None else []
    y = STRIP_PX + GAP_PX if bands else GAP_PX
    foot = y + BURN_PX
    rows = [events for events in (_found_events(report, found, scale), _moment_events(report, scale)) if events]
    stop = drawn_stop(report.stop)
    peak = max(range(count), key=lambda at: steps.sums[at])
    return BurnChart(
        steps=steps, run=run, bands=bands, stop=stop, stop_at=scale.at(stop.at) if stop is not None else 0.0,
        y=y, foot=foot, axis=foot + MARKS_PX * len(rows) + 2, areas=_stack(steps, top / per_hour),
        levels=_levels(round_ticks(top), top, y, BURN_PX, rate), hovers=_hovers(steps, one_day=one_day),
        marks=[mark for row, events in enumerate(rows) for mark in _marks(events, foot + 2 + MARKS_PX * (row + 0.5))],
        ticks=scale.ticks(), most=steps.sums[peak] * per_hour,
        most_at=short_stamp(steps.start + peak * steps.step_s, one_day=one_day),
    )  # fmt: skip


def drawn_stop(stop: StopPoint | None) -> StopPoint | None:
    """The stop, if it lies within the window."""
    return None if stop is None or stop.before_window else stop


def look_of(index: int, series: Series) -> str:
    """The class of the series at this place of the stack. Lanes without their own series are grey."""
    return "s-rest" if series.lane is None else LOOKS[index % len(LOOKS)]


def _time_bands(phases: Sequence[Phase], scale: TimeScale) -> list[Band]:
    starts = [phase.figures.start for phase in phases]
    made: list[Band] = []
    for index, phase in enumerate(phases):
        low = starts[index]
        following = starts[index + 1] if index + 1 < len(phases) else phase.figures.end
        if low is None or following is None:
            return []
        made.append(Band(scale.at(low), scale.at(following), phase))
    return made


def _stack(steps: Steps, top: float) -> list[Area]:
    """Each series as an area in steps, the first one at the bottom."""
    made: list[Area] = []
    base = [0] * len(steps.sums)
    for index, series in enumerate(steps.series):
        upper = [low + value for low, value in zip(base, series.values, strict=True)]
        points = [*_outline(upper, top), *reversed(_outline(base, top))]
        fill = "gray" if series.lane is None else FILLS[index % len(FILLS)]
        made.append(Area(points, look_of(index, series), fill))
        base = upper
    return made


def _outline(values: Sequence[int], top: float) -> Points:
    heights = [UNITS - UNITS * value / top for value in values]
    return [(float(at + side), height) for at, height in enumerate(heights) for side in (0, 1)]


def _hovers(steps: Steps, *, one_day: bool) -> list[Hover]:
    count = len(steps.sums)
    return [
        Hover(
            at / count, 1 / count, short_stamp(steps.start + at * steps.step_s, one_day=one_day), total,
            [(series.name, series.values[at]) for series in steps.series if series.values[at]],
        )
        for at, total in enumerate(steps.sums)
    ]  # fmt: skip


# -- marks below the burn ---------------------------------------------------------------------------


@frozen
class MarkLook:
    """The drawing of a kind of mark: its outline around the origin, its class, and its rank."""

    shape: Points
    look: str
    rank: int


@frozen
class MarkEvent:
    """One event on the axis: a shown finding, or a moment."""

    place: float
    look: MarkLook
    found: FindingRow | None
    moment: Moment | None
    anchor: str


@frozen
class Mark:
    """Events that are so near to each other that they are one mark. It has the look of the most severe of them."""

    place: float
    y: float
    most_severe: MarkEvent
    events: list[MarkEvent]
    is_near: bool
    """True if the next mark is so near that, on a narrow page, the count must be below this mark."""


FINDING_LOOKS = {
    Severity.STOP: MarkLook(
        [(-6, -2.5), (-2.5, -6), (2.5, -6), (6, -2.5), (6, 2.5), (2.5, 6), (-2.5, 6), (-6, 2.5)], "stop", 3
    ),
    Severity.WARN: MarkLook([(0, -6), (6, 5), (-6, 5)], "warn", 2),
    Severity.INFO: MarkLook([(0, -5), (5, 0), (0, 5), (-5, 0)], "info", 1),
}
MOMENT_LOOKS = {
    MomentKind.ORDER: MarkLook([(-6, -5), (6, -5), (0, 6)], "order", 3),
    MomentKind.FAULT: MarkLook(
        [(-5, -3), (-3, -5), (0, -2), (3, -5), (5, -3), (2, 0), (5, 3), (3, 5), (0, 2), (-3, 5), (-5, 3), (-2, 0)],
        "fault",
        2,
    ),
    MomentKind.LIMIT: MarkLook([(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)], "limit", 1),
}


def _found_events(report: Report, found: Sequence[tuple[str, FindingRow]], scale: TimeScale) -> list[MarkEvent]:
    return [
        MarkEvent(scale.at(one.finding.since), FINDING_LOOKS[one.finding.severity], one, None, anchor)
        for anchor, one in found
        if one.finding.since is not None and not held_before(one.finding, report.head.window)
    ]


def _moment_events(report: Report, scale: TimeScale) -> list[MarkEvent]:
    return [
        MarkEvent(scale.at(moment.at), MOMENT_LOOKS[moment.kind], None, moment, "")
        for moment in report.timeline.moments
        if moment.kind in MOMENT_LOOKS
    ]


def _marks(events: Sequence[MarkEvent], y: float) -> list[Mark]:
    groups: list[list[MarkEvent]] = []
    for event in sorted(events, key=lambda each: each.place):
        if groups and event.place - groups[-1][0].place < MERGED:
            groups[-1].append(event)
        else:
            groups.append([event])
    following = [group[0].place for group in groups[1:]]
    return [
        Mark(group[0].place, y, max(group, key=lambda each: each.look.rank), group, after - group[0].place < 3 * MERGED)
        for group, after in zip(groups, [*following, 2.0], strict=True)
    ]


# -- contexts over time -----------------------------------------------------------------------------


@frozen
class ContextLine:
    """The context of one lane over time, in units of the plot, with its class and colour."""

    series: ContextSeries
    points: Points
    look: str
    fill: str


@frozen
class ContextChart:
    """Tokens in the context of each lane over time, with compactions."""

    lines: list[ContextLine]
    levels: list[Level]
    compactions: list[tuple[float, Moment]]
    ticks: list[Tick]
    most: float
    """The largest context, in tokens."""
    left_out: int
    """The number of lanes that are not drawn."""

    @property
    def foot(self) -> float:
        """The bottom of its plot, in pixels from the top."""
        return GAP_PX + CONTEXT_PX


def context_chart(report: Report, *, one_day: bool) -> ContextChart | None:
    """The contexts, each in its lane's colour; None if no transcript states any."""
    told = [each for each in report.timeline.contexts if len(each.samples) > 1]
    drawn = told[: len(LOOKS)]
    window = report.head.window
    scale = time_scale(window.start, window.end, one_day=one_day)
    top = max((sample.value for each in drawn for sample in each.samples), default=0) * 1.08
    if scale is None or top <= 0:
        return None
    taken = {
        series.lane: index
        for index, series in enumerate(report.timeline.series[: len(LOOKS)])
        if series.lane is not None
    }
    used = {taken.get(each.lane) for each in drawn}
    free = iter([index for index in range(len(LOOKS)) if index not in used])
    lines: list[ContextLine] = []
    for each in drawn:
        points = [(scale.at(one.at) * UNITS, UNITS - UNITS * one.value / top) for one in each.samples]
        colour = taken[each.lane] if each.lane in taken else next(free)
        lines.append(ContextLine(each, points, LOOKS[colour], FILLS[colour]))
    compactions = [moment for moment in report.timeline.moments if moment.kind is MomentKind.COMPACTION]
    return ContextChart(
        lines, _levels(round_ticks(top, 3), top, GAP_PX, CONTEXT_PX, compact),
        [(scale.at(moment.at), moment) for moment in compactions[:COMPACTIONS]], scale.ticks(), top / 1.08,
        len(told) - len(drawn),
    )  # fmt: skip


# -- a line of work, action by action ---------------------------------------------------------------


@frozen
class Column:
    """One action, or several together: mean tokens and mean novelty (None if none has any)."""

    first: ActionRow
    last: ActionRow
    count: int
    tokens: int
    novelty: float | None
    height: float
    """The height of its bar, in units of the plot."""
    begins_family: bool
    place: float
    """Its left edge, 0 to 1."""


@frozen
class FamilySpan:
    """The columns from the first to the last member of a family."""

    place: float
    width: float
    first: Column
    last: Column


@frozen
class ActionsChart:
    """The tokens and the novelty of each action of a line of work, with the beginnings of families and phases."""

    columns: list[Column]
    bands: list[Band]
    count: int
    """The number of columns that would fill the width."""
    y: float
    bars_foot: float
    novelty_y: float
    foot: float
    levels: list[Level]
    novelty_levels: list[Level]
    stop: StopPoint | None
    """None if no column is the action that should not have begun."""
    stop_at: float
    end: float
    """The right edge of the last column, 0 to 1."""
    families: list[FamilySpan]
    curve: Points
    dots: list[tuple[float, float]]
    """Places: across (0 to 1) and down (pixels)."""
    labels: list[Tick]
    """Raw names of a few actions, evenly spread."""
    most: Column
    per_column: int
    """The number of actions in a column."""

    @property
    def width(self) -> float:
        """The width of a column, as a share."""
        return 1 / self.count


def actions_chart(run: LineOfWork, stop: StopPoint | None) -> ActionsChart | None:
    """The chart; None for fewer than two actions, or if they used no tokens."""
    per_column = max(1, -(-len(run.actions) // COLUMNS))
    groups = [run.actions[low : low + per_column] for low in range(0, len(run.actions), per_column)]
    spent = [sum(row.figures.usage.total for row in group) // len(group) for group in groups]
    top = max(spent, default=0) * 1.12
    if len(groups) < 2 or top <= 0:
        return None
    count = max(SLOTS, len(groups))
    columns = _columns(groups, spent, top, count)
    bands = _action_bands(run, columns, count)
    y = STRIP_PX + GAP_PX if bands else GAP_PX
    bars_foot = y + BARS_PX
    novelty_y = bars_foot + FAMILY_PX + BETWEEN_PX
    drawn = drawn_stop(stop)
    at = _stop_column(columns, drawn)
    known = [(index, column.novelty) for index, column in enumerate(columns) if column.novelty is not None]
    apart = -(-count // LABELS)
    return ActionsChart(
        columns=columns, bands=bands, count=count, y=y, bars_foot=bars_foot, novelty_y=novelty_y,
        foot=novelty_y + NOVELTY_PX, levels=_levels(round_ticks(top, 3), top, y, BARS_PX, compact),
        novelty_levels=_levels((0.5, 1.0), 1.0, novelty_y, NOVELTY_PX, percent),
        stop=drawn if at is not None else None, stop_at=(at or 0) / count, end=len(columns) / count,
        families=_family_spans(columns, count),
        curve=[(index + 0.5, UNITS - UNITS * novelty) for index, novelty in known],
        dots=[((index + 0.5) / count, novelty_y + NOVELTY_PX - NOVELTY_PX * novelty) for index, novelty in known]
        if len(columns) <= DOTS else [],
        labels=[
            Tick((index + 0.5) / count, column.first.name)
            for index, column in enumerate(columns)
            if index % apart == 0
        ],
        most=max(columns, key=lambda column: column.tokens), per_column=per_column,
    )  # fmt: skip


def _columns(groups: Sequence[Sequence[ActionRow]], spent: Sequence[int], top: float, count: int) -> list[Column]:
    seen: set[str] = set()
    made: list[Column] = []
    for index, (group, mean) in enumerate(zip(groups, spent, strict=True)):
        novelty = [row.novelty for row in group if row.novelty is not None]
        family = group[0].family
        begins = family is not None and family not in seen
        if family is not None:
            seen.add(family)
        made.append(Column(
            group[0], group[-1], len(group), mean, sum(novelty) / len(novelty) if novelty else None,
            UNITS * mean / top, begins, index / count,
        ))  # fmt: skip
    return made


def _action_bands(run: LineOfWork, columns: Sequence[Column], count: int) -> list[Band]:
    made: list[Band] = []
    for phase in run.phases:
        places = [index for index, column in enumerate(columns) if column.first.phase == phase.number]
        if places:
            made.append(Band(places[0] / count, (places[-1] + 1) / count, phase))
    return made


def _stop_column(columns: Sequence[Column], stop: StopPoint | None) -> int | None:
    """The column of the action that should not have begun; None if it is not in this line of work."""
    if stop is None:
        return None
    for index, column in enumerate(columns):
        same_lane = stop.finding.lane is None or column.first.lane == stop.finding.lane
        if same_lane and stop.action in (column.first.name, column.last.name):
            return index
    return None


def _family_spans(columns: Sequence[Column], count: int) -> list[FamilySpan]:
    spans: dict[str, tuple[int, int]] = {}
    for index, column in enumerate(columns):
        if column.first.family is not None:
            low, _ = spans.get(column.first.family, (index, index))
            spans[column.first.family] = (low, index)
    return [
        FamilySpan(low / count, (high - low + 1) / count, columns[low], columns[high])
        for low, high in list(spans.values())[:FAMILY_SPANS]
    ]


# -- single rows ------------------------------------------------------------------------------------


@frozen
class Bar:
    """A part of a row.

    It begins at `place` and is `width` wide (0 to 1); `y` and `height` are pixels. It is the member at `index`.
    """

    place: float
    width: float
    y: float
    height: float
    index: int
    proves: bool


def member_bars(family: Family, scale: TimeScale) -> list[Bar]:
    """Each member from its beginning to its end.

    The members that proved the family have the full height, later ones half of it.
    """
    hidden = max(0, family.count - len(family.members))
    made: list[Bar] = []
    for index, member in enumerate(family.members):
        ended = member.ended if member.ended is not None else member.started
        if member.started is None or (ended is not None and ended < scale.start):
            continue
        low = scale.at(member.started)
        width = max(LEAST_MEMBER, (scale.at(ended) if ended is not None else low) - low - MEMBER_GAP)
        proves = index + hidden < PROVEN
        made.append(
            Bar(low, width, 0 if proves else MEMBER_PX / 4, MEMBER_PX if proves else MEMBER_PX / 2, index, proves)
        )
    return made


@frozen
class Share:
    """One part of a whole, with its class and its colour for a reader without the style sheet."""

    name: str
    count: int
    look: str
    fill: str
    place: float = 0.0
    share: float = 0.0
    """Left edge and width in the bar, 0 to 1."""


def parts_of(parts: Iterable[tuple[str, int, str, str]]) -> list[Share]:
    """The parts side by side. Each is given as name, count, class and colour."""
    given = [Share(*each) for each in parts]
    whole = sum(max(0, part.count) for part in given)
    low = 0
    made: list[Share] = []
    for part in given:
        count = max(0, part.count)
        made.append(with_fields(part, place=low / whole, share=count / whole) if whole else part)
        low += count
    return made
