"""A line of work, action by action: what each spent, how new it was, and where a family and a phase begin."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.frozen import frozen
from tui.report.document import ActionRow, Run, StopPoint
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
from tui.report.html.chart_scale import TICK_PX, across, axed, hover, round_ticks, stretched, up
from tui.report.html.markup import Markup, box, classes, element, group, line, link_to, percent
from tui.report.html.places import Places
from tui.report.shown import shown
from tui.text.format import percent as percent_words
from tui.text.format import tokens
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

COLUMNS = 400
"""Most columns; more actions share one."""
SLOTS = 24
"""Fewer actions leave room at the right: a bar stays a bar."""
BARS_PX, NOVELTY_PX, GAP_PX, FAMILY_PX = 150, 84, 26, 12
UNITS = 1000.0
LABELS = 9


@frozen
class _Column:
    """One action, or a few that stand together. `novelty` is their mean, None if none has any."""

    first: ActionRow
    last: ActionRow
    count: int
    tokens: int
    novelty: float | None


def actions_chart(places: Places, run: Run) -> Markup | None:
    """The drawing; None for fewer than two actions, or if they spent nothing."""
    columns = _columns(run.actions)
    top = max((column.tokens for column in columns), default=0) * 1.12
    if len(columns) < 2 or top <= 0:
        return None
    bands = _bands(run, columns)
    y = STRIP_PX + 8 if bands else 8
    bars_foot = y + BARS_PX
    novelty_y = bars_foot + FAMILY_PX + GAP_PX
    foot = novelty_y + NOVELTY_PX
    count = slots(columns)
    stop = drawn_stop(places.report.stop)
    at = stop_column(columns, stop)
    return axed(
        foot + TICK_PX + 4,
        _words(run, columns),
        *strip(bands, 0, foot),
        *up(round_ticks(top, 3), top, y, BARS_PX, tokens),
        after_stop(at / count, y, foot, len(columns) / count) if at is not None else None,
        stretched(y, BARS_PX, box(count, UNITS), *_bars(columns, top)),
        *(stop_line(at / count, y, foot, stop_words(places, stop)) if at is not None and stop is not None else ()),
        element("line", x1=0, x2="100%", y1=bars_foot, y2=bars_foot, class_="axis", stroke="currentColor"),
        *_family_spans(columns, bars_foot + 3),
        element("text", own("novelty"), x=4, y=novelty_y - 6, class_="tick"),
        *up((0.5, 1.0), 1.0, novelty_y, NOVELTY_PX, percent_words),
        stretched(novelty_y, NOVELTY_PX, box(count, UNITS), _curve(columns)),
        *_dots(columns, novelty_y),
        element("line", x1=0, x2="100%", y1=foot, y2=foot, class_="axis", stroke="currentColor"),
        *_hovers(places, columns, y, foot - y),
        *across(_labels(columns), foot + 4),
    )


def slots(columns: Sequence[_Column]) -> int:
    """Columns that would fill the width."""
    return max(SLOTS, len(columns))


def stop_column(columns: Sequence[_Column], stop: StopPoint | None) -> int | None:
    """The column of the action that should not have been begun; None if it is not in this line of work."""
    if stop is None:
        return None
    for index, column in enumerate(columns):
        same_lane = stop.finding.lane is None or column.first.lane == stop.finding.lane
        if same_lane and stop.action in (column.first.name, column.last.name):
            return index
    return None


def _columns(rows: Sequence[ActionRow]) -> list[_Column]:
    wide = max(1, -(-len(rows) // COLUMNS))
    made: list[_Column] = []
    for low in range(0, len(rows), wide):
        part = rows[low : low + wide]
        novelty = [row.novelty for row in part if row.novelty is not None]
        spent = sum(row.figures.usage.total for row in part) // len(part)
        made.append(_Column(part[0], part[-1], len(part), spent, sum(novelty) / len(novelty) if novelty else None))
    return made


def _bands(run: Run, columns: Sequence[_Column]) -> list[Band]:
    made: list[Band] = []
    for phase in run.phases:
        places = [index for index, column in enumerate(columns) if column.first.phase == phase.number]
        if not places:
            continue
        low, high = places[0] / slots(columns), (places[-1] + 1) / slots(columns)
        made.append(Band(low, high, number(phase.number), shown(phase.name, limit=24), phase_words(phase)))
    return made


def _bars(columns: Sequence[_Column], top: float) -> list[Markup]:
    seen: set[str] = set()
    made: list[Markup] = []
    for index, column in enumerate(columns):
        family = column.first.family
        first = family is not None and family not in seen
        if family is not None:
            seen.add(family)
        height = UNITS * column.tokens / top
        made.append(
            element(
                "rect", x=index + 0.12, width=0.76, y=UNITS - height, height=height, fill="gray",
                class_=classes("column", "first" if first else ""),
            )
        )  # fmt: skip
    return made


def _family_spans(columns: Sequence[_Column], y: float) -> list[Markup]:
    """Under the bars: from the first to the last member of each family, a triangle at the first."""
    spans: dict[str, tuple[int, int]] = {}
    for index, column in enumerate(columns):
        if column.first.family is not None:
            low, _ = spans.get(column.first.family, (index, index))
            spans[column.first.family] = (low, index)
    made: list[Markup] = []
    for low, high in list(spans.values())[:60]:
        x, width = low / slots(columns), (high - low + 1) / slots(columns)
        words = joined(own("one family, from "), _name(columns[low]), own(" to "), _name(columns[high]))
        made.append(
            group(
                element(
                    "rect", element("title", words), x=percent(x), width=percent(width), y=y, height=4,
                    class_="family-span", fill="gray",
                ),
                element(
                    "svg", element("path", d=line(((0, 8), (4, 0), (8, 8), (0, 8))), class_="family-first"),
                    x=percent(x), y=y + 3, class_="over",
                ),
            )
        )  # fmt: skip
    return made


def _curve(columns: Sequence[_Column]) -> Markup:
    known = [
        (index + 0.5, UNITS - UNITS * column.novelty)
        for index, column in enumerate(columns)
        if column.novelty is not None
    ]
    return element(
        "path", d=line(known), class_="curve novelty", fill="none", stroke="currentColor",
        vector_effect="non-scaling-stroke",
    )  # fmt: skip


def _dots(columns: Sequence[_Column], y: float) -> list[Markup]:
    if len(columns) > 120:
        return []
    return [
        element(
            "circle", cx=percent((index + 0.5) / slots(columns)), r=2.2,
            cy=y + NOVELTY_PX - NOVELTY_PX * column.novelty,
            class_="dot",
        )
        for index, column in enumerate(columns)
        if column.novelty is not None
    ]  # fmt: skip


def _hovers(places: Places, columns: Sequence[_Column], y: float, height: float) -> list[Markup]:
    made: list[Markup] = []
    for index, column in enumerate(columns):
        each = own(" tokens") if column.count == 1 else own(" tokens each")
        words = joined(
            _name(column), own(": "), tokens(column.tokens), each, own(", novelty "), percent_words(column.novelty),
            own("\n"), shown(column.first.title, limit=120),
        )  # fmt: skip
        part = hover(index / slots(columns), 1 / slots(columns), y, height, words)
        place = places.actions.get((column.first.lane, column.first.index))
        made.append(part if place is None else element("a", part, href=link_to(place), tabindex=-1))
    return made


def _labels(columns: Sequence[_Column]) -> list[tuple[float, SafeText]]:
    """Names of a few actions, evenly spread, the first one among them."""
    apart = -(-slots(columns) // LABELS)
    return [
        ((index + 0.5) / slots(columns), shown(column.first.name, limit=9))
        for index, column in enumerate(columns)
        if index % apart == 0
    ]


def _name(column: _Column) -> SafeText:
    name = shown(column.first.name, limit=40)
    return name if column.count == 1 else joined(name, own(" … "), shown(column.last.name, limit=40))


def _words(run: Run, columns: Sequence[_Column]) -> SafeText:
    most = max(columns, key=lambda column: column.tokens)
    return joined(
        own("Tokens and novelty of each of "), number(len(run.actions)), own(" actions; most was spent in "),
        _name(most), own(": "), tokens(most.tokens), own(". All are listed in the table below."),
    )  # fmt: skip
