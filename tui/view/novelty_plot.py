"""Two small plots of a lane's life over one time axis: novelty per 1k tokens, and burn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.model.finding import NoveltyPoint
from tui.text.cell_width import cut, width
from tui.text.format import clock, figure, hour, rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import SPARKS, Line, Span, blank, column, joined, own, spread, word

LABEL_CELLS = 8
ROWS = 2
"""The height of each plot in cells."""
HEADING_CELLS = 72
"""On narrower plots the heading has fewer words."""
SMOOTHED = 40
"""The novelty of a column is averaged over this fraction of the plot on each side, because rates over few tokens vary
widely."""
FELL = 10
"""Novelty that fell by this factor since the beginning is marked."""
LEAST_POINTS = 4
SHORTEST_S = 0.001
"""A shorter life, in seconds, has no rate per hour."""
EDGE_SHARE = 5
"""`At first` and `now` are the first and the last of this many parts."""
CAP_SHARE = 0.97
"""Values above this quantile reach the top, so that one extreme part does not flatten the rest."""
DOTS = " ⣀⣤⣶⣿"
"""The glyphs for burn. They differ from those for novelty, so that the plots differ without colour."""
_DAY_S = 86400


class _Bin(NamedTuple):
    """One column of a plot: `novelty` per 1k tokens and `burn` per hour. None: nothing happened."""

    novelty: float | None
    burn: float | None


def rate_of(points: Sequence[NoveltyPoint]) -> float | None:
    """Novelty per 1k tokens over these points; None if they have no tokens."""
    tokens = sum(point.tokens for point in points)
    return sum(point.novelty for point in points) * 1000 / tokens if tokens else None


def first_and_now(points: Sequence[NoveltyPoint]) -> tuple[float | None, float | None]:
    """Novelty per 1k tokens in the first and in the last fifth of a lane's life.

    A longer part is used if a fifth has no tokens.
    """
    edge = max(1, len(points) // EDGE_SHARE)
    sizes = range(edge, len(points) + 1)
    first = next((rate for size in sizes if (rate := rate_of(points[:size])) is not None), None)
    now = next((rate for size in sizes if (rate := rate_of(points[-size:])) is not None), None)
    return first, now


def novelty_lines(
    points: Sequence[NoveltyPoint], end: float | None, cells: int, since: float | None = None, *, loud: bool = False
) -> list[Line]:
    """The plots. `end`: the time at which the last part of the life ended; `since`: a time to mark on the axis.

    `loud`: a fall is coloured, because there is a finding. Lives of fewer than `LEAST_POINTS` points, or shorter than
    `SHORTEST_S`, have no plot.
    """
    if len(points) < LEAST_POINTS or end is None or end - points[0].at < SHORTEST_S:
        return []
    start = points[0].at
    room = cells - LABEL_CELLS - 1
    if room < 10:
        return []
    bins = _binned(points, end, room)
    lines: list[Line] = [_heading(points, cells, loud=loud)]
    lines += _plot(own("new/1k"), figure, [each.novelty for each in bins], SPARKS, "good")
    lines += _plot(own("burn"), rate, [each.burn for each in bins], DOTS, "burn.3")
    lines.append(_axis(start, end, since, room))
    return [*lines, ()]


def _heading(points: Sequence[NoveltyPoint], cells: int, *, loud: bool) -> Line:
    first, now = first_and_now(points)
    fell = loud and first is not None and now is not None and now < first / FELL
    if cells < HEADING_CELLS:
        figures = (Span(figure(first), "text"), word(" → ", "dim"), Span(figure(now), "loud.warn" if fell else "text"))
        return spread((word("NOVELTY PER 1k", "section"),), figures, cells)
    right = (
        word("novelty per 1k tokens: ", "dim"), Span(figure(first), "text"), word(" at first, ", "dim"),
        Span(figure(now), "loud.warn" if fell else "text"), word(" now", "dim"),
    )  # fmt: skip
    return spread((word("NOVELTY AND BURN", "section"),), right, cells)


def _binned(points: Sequence[NoveltyPoint], end: float, count: int) -> list[_Bin]:
    """The points, divided into columns of equal time.

    The part of a life that a point describes counts in each column by the share of it in that column.
    """
    start = points[0].at
    span = (end - start) / count
    novelty, tokens, seen = [0.0] * count, [0.0] * count, [False] * count
    for index, point in enumerate(points):
        until = points[index + 1].at if index + 1 < len(points) else end
        low = min(count - 1, max(0, int((point.at - start) / span)))
        high = min(count - 1, max(low, int((until - start) / span - 1e-9)))
        for at in range(low, high + 1):
            overlap = min(until, start + (at + 1) * span) - max(point.at, start + at * span)
            share = overlap / (until - point.at) if until > point.at else 1.0
            novelty[at] += point.novelty * max(0.0, share)
            tokens[at] += point.tokens * max(0.0, share)
            seen[at] = seen[at] or point.steps > 0 or point.tokens > 0
    reach = max(1, count // SMOOTHED)
    made: list[_Bin] = []
    for at in range(count):
        around = slice(max(0, at - reach), at + reach + 1)
        spent = sum(tokens[around])
        rate = sum(novelty[around]) * 1000 / spent if spent else None
        made.append(_Bin(rate, tokens[at] * 3600 / span) if seen[at] else _Bin(None, None))
    return made


def _plot(
    name: SafeText, words: Callable[[float | None], SafeText], values: Sequence[float | None], levels: str, role: str
) -> list[Line]:
    """The plot in `ROWS` lines, from zero to the value that is written beside the upper line."""
    top = _top(values)
    lines: list[Line] = []
    for row in reversed(range(ROWS)):
        label = words(top) if row == ROWS - 1 else name
        cells = SafeText("".join(_cell(value, top, row, levels) for value in values))
        lines.append((column(label, LABEL_CELLS - 1, "dim", right=True), word("┤", "dim"), Span(cells, role)))
    return lines


def _top(values: Sequence[float | None]) -> float:
    known = sorted(value for value in values if value is not None)
    if not known:
        return 0.0
    return known[min(len(known) - 1, int(len(known) * CAP_SHARE))] or known[-1]


def _cell(value: float | None, top: float, row: int, levels: str) -> str:
    """One cell of a column.

    A measured zero is a dot on the axis, an unknown value is blank. The uppermost level is not used, so that the plots
    do not touch.
    """
    if value is None:
        return " "
    steps = len(levels) - 1
    level = round(min(value, top) / top * (ROWS * steps - 1)) if top > 0 else 0
    if row == 0 and level == 0:
        return levels[1] if value > 0 else "·"
    return levels[max(0, min(steps, level - row * steps))]


def _axis(start: float, end: float, since: float | None, room: int) -> Line:
    """The time axis: both ends, and the marked moment between them."""
    when = clock if end - start > _DAY_S else hour
    left, right = when(start), when(end)
    indent = blank(LABEL_CELLS)
    inner = room - width(left) - width(right)
    if inner < 2:
        return (indent, Span(cut(left, room), "dim"))
    line = SafeText("─" * inner)
    if since is None or not start < since <= end:
        return (indent, Span(left, "dim"), Span(line, "dim"), Span(right, "dim"))
    mark = joined(own(" ▲ "), own("since "), when(since), own(" "))
    if width(mark) > inner:
        return (indent, Span(left, "dim"), Span(line, "dim"), Span(right, "dim"))
    at = int((since - start) / (end - start) * room) - width(left) - 1
    at = max(0, min(inner - width(mark), at))
    rest = SafeText("─" * (inner - at - width(mark)))
    return (
        indent, Span(left, "dim"), Span(SafeText("─" * at), "dim"), Span(mark, "loud.warn"), Span(rest, "dim"),
        Span(right, "dim"),
    )  # fmt: skip
