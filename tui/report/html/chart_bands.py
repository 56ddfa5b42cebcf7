"""What several drawings put over their axis: the phases as a strip of bands, and the line at which to stop."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.frozen import frozen
from tui.report.document import Phase, StopPoint
from tui.report.html.chart_scale import END, START
from tui.report.html.markup import Markup, classes, element, percent
from tui.report.html.places import Places
from tui.report.html.times import short_stamp
from tui.report.shown import rounded, shown
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

STRIP_PX = 20
NAMED = 0.13
"""A band has its name beside its number if it is at least this part of the width."""
NAMED_ON_PHONES = 0.33
"""The same where the page is narrow. Nothing of it asks for the name's length: no text has a say in what is drawn."""


@frozen
class Band:
    """A phase on an axis: from where to where (0 to 1), its number, its name, its figures."""

    low: float
    high: float
    number: SafeText
    name: SafeText
    words: SafeText


def strip(bands: Sequence[Band], y: float, height: float) -> list[Markup]:
    """Bands as a strip at the top, and their borders down to `height`. A name stands where there is room for it."""
    made: list[Markup] = []
    for index, band in enumerate(bands):
        width = max(0.0, band.high - band.low)
        made.append(
            element(
                "rect", element("title", band.words), x=percent(band.low), width=percent(width), y=y, height=STRIP_PX,
                class_=classes("band", "odd" if index % 2 else "even"), fill="none", stroke="currentColor",
            )
        )  # fmt: skip
        made.append(_label(band, width, y))
        if index:
            made.append(
                element(
                    "line", x1=percent(band.low), x2=percent(band.low), y1=y, y2=height, class_="border",
                    stroke="currentColor",
                )
            )  # fmt: skip
    return made


def _label(band: Band, width: float, y: float) -> Markup:
    named = joined(own(" "), band.name) if width >= NAMED else None
    wide = "wide" if width < NAMED_ON_PHONES else ""
    return element(
        "svg",
        element(
            "text", element("tspan", band.number, class_="strong"),
            element("tspan", named, class_=wide or None) if named is not None else None, x=6, y=STRIP_PX - 6,
            class_="band-name",
        ),
        x=percent(band.low), y=y, width=percent(width), height=STRIP_PX,
    )  # fmt: skip


def drawn_stop(stop: StopPoint | None) -> StopPoint | None:
    """The stop if it has a place on an axis: one that held before the window began has none."""
    return None if stop is None or stop.before_window else stop


def after_stop(place: float, y: float, height: float, end: float = 1.0) -> Markup:
    """All that came after the stop, in a tint: drawn before what is drawn over it."""
    return element(
        "rect",
        x=percent(place),
        width=percent(max(0.0, end - place)),
        y=y,
        height=height - y,
        class_="after-stop",
        fill="none",
    )


def stop_line(place: float, y: float, height: float, words: SafeText) -> list[Markup]:
    """Where it could have been stopped, in a line and in words."""
    late = place > 0.6
    line = element(
        "line", x1=percent(place), x2=percent(place), y1=y, y2=height, class_="stop-line", stroke="currentColor"
    )
    told = joined(words, own(" ◂")) if late else joined(own("▸ "), words)
    shown = element(
        "text", told, x=percent(place), y=y + 12, text_anchor=END if late else START, class_="stop-words halo"
    )
    return [line, element("svg", shown, x=-4 if late else 4, class_="over")]


def stop_words(places: Places, stop: StopPoint) -> SafeText:
    """`stop · S091 · 05:58:30`."""
    when = short_stamp(stop.at, one_day=places.one_day)
    return joined(own("stop · "), shown(stop.action or "?", limit=16), own(" · "), when)


def phase_words(phase: Phase) -> SafeText:
    """`2 repeating: S091 … S120, 384M tokens, 32%`."""
    ends = shown(phase.first, limit=24), own(" … "), shown(phase.last, limit=24)
    spent = rounded(phase.figures.usage.total), own(" tokens, "), percent_words(phase.share)
    return joined(number(phase.number), own(" "), shown(phase.name, limit=24), own(": "), *ends, own(", "), *spent)
