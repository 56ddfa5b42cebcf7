"""Axes of the drawings: few good ticks, in round figures and round times.

A drawing is as wide as its place: lengths across are parts of a hundred, lengths down are pixels, and what has to be
stretched stands in an inner `svg` of its own. So texts keep their size from a phone to paper, without a script.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tui.model.frozen import frozen
from tui.report.html.markup import Child, Markup, Token, classes, element, percent
from tui.report.html.times import tick
from tui.text.safe_text import SafeText

TICK_PX = 16
_ROUND_S = (
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000,
    31536000,
)  # fmt: skip


def round_ticks(top: float, most: int = 4) -> list[float]:
    """Round values above zero up to `top`: 1, 2 or 5 of a power of ten apart, at most `most`."""
    if not 0 < top < math.inf:
        return []
    power = 10.0 ** math.floor(math.log10(top / most))
    step = next((power * by for by in (1, 2, 5, 10, 20) if top / (power * by) < most + 1), power * 50)
    return [step * count for count in range(1, int(top / step) + 1)]


@frozen
class TimeScale:
    """Times from `start` to `end` (seconds UTC) as parts of the width."""

    start: float
    end: float
    one_day: bool

    def at(self, when: float) -> float:
        """Where it stands, 0 to 1."""
        return min(1.0, max(0.0, (when - self.start) / (self.end - self.start)))

    def ticks(self, most: int = 8) -> list[tuple[float, SafeText]]:
        """Round times: place and word."""
        span = self.end - self.start
        step = next((step for step in _ROUND_S if span / step <= most), span)
        first = math.ceil(self.start / step) * step
        times = [first + step * count for count in range(most + 1) if first + step * count <= self.end]
        return [(self.at(each), tick(each, step, one_day=self.one_day)) for each in times]


def time_scale(start: float | None, end: float | None, *, one_day: bool) -> TimeScale | None:
    """The scale of a window; None without a beginning, an end or anything between."""
    if start is None or end is None or not 0 < end - start < math.inf:
        return None
    return TimeScale(start, end, one_day)


def across(ticks: Sequence[tuple[float, SafeText]], y: float) -> list[Markup]:
    """Ticks of an axis across, each with its word below `y`; every second one waits for a wider page."""
    made: list[Markup] = []
    for index, (place, words) in enumerate(ticks):
        minor = "minor" if index % 2 else ""
        made.append(
            element(
                "line", x1=percent(place), x2=percent(place), y1=y - 4, y2=y,
                class_=classes("tick-line", minor), stroke="currentColor",
            )
        )  # fmt: skip
        made.append(
            element(
                "text", words, x=percent(place), y=y + TICK_PX - 3, text_anchor=_anchored(place),
                class_=classes("tick", minor),
            )
        )  # fmt: skip
    return made


def up(
    values: Sequence[float], top: float, y: float, height: float, words: Callable[[float], SafeText]
) -> list[Markup]:
    """Grid lines with their values left of them, on a scale from 0 to `top` that begins at `y + height`."""
    made: list[Markup] = []
    for value in values:
        at = y + height - height * value / top
        made.append(
            element("line", x1=0, x2="100%", y1=at, y2=at, class_="grid", stroke="currentColor", aria_hidden="true")
        )
        made.append(element("text", words(value), x=-6, y=at + 4, text_anchor=END, class_="tick"))
    return made


def stretched(y: float, height: float, box: Token, *children: Child) -> Markup:
    """An inner drawing in units of its own that fills the width."""
    return element(
        "svg", *children, x=0, y=y, width="100%", height=height, viewBox=box, preserveAspectRatio="none"
    )  # fmt: skip


def chart(height: float, words: SafeText, *children: Child) -> Markup:
    """A drawing as wide as its place. `words` say what it shows to who does not see it."""
    return element("svg", *children, class_="chart", width="100%", height=height, role="img", aria_label=words)


def axed(height: float, words: SafeText, *children: Child) -> Markup:
    """A drawing with an axis of values at its left, parts of which tell more or lead somewhere."""
    return element(
        "svg", *children, class_="chart axed", width="100%", height=height, role="group", aria_label=words
    )  # fmt: skip


def hover(place: float, width: float, y: float, height: float, words: SafeText) -> Markup:
    """An unseen part of a drawing that tells its figures when it is pointed at."""
    return element(
        "rect", element("title", words), x=percent(place), width=percent(width), y=y, height=height, class_="hover",
        fill="none", pointer_events="all",
    )  # fmt: skip


def _anchored(place: float) -> SafeText | Token:
    return START if place < 0.03 else END if place > 0.97 else MIDDLE


START, MIDDLE, END = Token("start"), Token("middle"), Token("end")
