"""Drawings in single rows: the members of a family on the time axis, and parts of a whole in one bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from tui.model.finding import Family
from tui.model.frozen import frozen
from tui.report.html.chart_scale import TICK_PX, TimeScale, across, chart
from tui.report.html.markup import Markup, classes, element, percent
from tui.report.shown import rounded, shown
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

ROW_PX = 18
PARTS_PX = 26
PROVEN = 3
"""Members that it takes to prove an envelope."""
LEAST = 0.003
"""The least width of a member: it is never out of sight."""
GAP = 0.001
"""Between a member and the next."""


@frozen
class Part:
    """One part of a whole."""

    name: SafeText
    count: int
    look: LiteralString
    fill: LiteralString
    """What a reader without the style sheet sees."""


def members_row(family: Family, scale: TimeScale) -> Markup:
    """Each member from its beginning to its end: those that proved the envelope full, the later ones half as high."""
    hidden = max(0, family.count - len(family.members))
    drawn: list[Markup] = []
    for index, member in enumerate(family.members):
        ended = member.ended if member.ended is not None else member.started
        if member.started is None or (ended is not None and ended < scale.start):
            continue
        low = scale.at(member.started)
        width = max(LEAST, (scale.at(ended) if ended is not None else low) - low - GAP)
        proof = index + hidden < PROVEN
        words = joined(
            shown(member.name, limit=60), own(": "), rounded(member.tokens), own(" tokens, "),
            percent_words(member.novelty), own(" new"),
        )  # fmt: skip
        drawn.append(
            element(
                "rect", element("title", words), x=percent(low), width=percent(width), fill="gray",
                y=0 if proof else ROW_PX / 4, height=ROW_PX if proof else ROW_PX / 2,
                class_=classes("member", "proof" if proof else "later"),
            )
        )  # fmt: skip
    words = joined(number(family.count), own(" members over time; they are listed below"))
    rail = element("line", x1=0, x2="100%", y1=ROW_PX / 2, y2=ROW_PX / 2, class_="grid", stroke="currentColor")
    return chart(ROW_PX, words, rail, *drawn)


def time_axis(scale: TimeScale) -> Markup:
    """The axis under such rows."""
    base = element("line", x1=0, x2="100%", y1=1, y2=1, class_="axis", stroke="currentColor")
    return element(
        "svg", base, *across(scale.ticks(), 5), class_="chart", width="100%", height=TICK_PX + 6, aria_hidden="true"
    )


def parts_bar(parts: Sequence[Part], words: SafeText) -> Markup:
    """Parts of a whole, one beside the other in one bar."""
    whole = sum(part.count for part in parts)
    low = 0
    drawn: list[Markup] = []
    for part in parts:
        if part.count <= 0:
            continue
        told = joined(part.name, own(": "), rounded(part.count), own(", "), percent_words(part.count / whole))
        drawn.append(
            element(
                "rect", element("title", told), x=percent(low / whole), width=percent(part.count / whole), y=0,
                height=PARTS_PX, class_=classes("part", part.look), fill=part.fill,
            )
        )  # fmt: skip
        low += part.count
    return chart(PARTS_PX, words, *drawn)


def swatch(look: LiteralString, fill: LiteralString = "gray") -> Markup:
    """The colour of something in a drawing, for a legend."""
    return element(
        "svg", element("rect", width=10, height=10, class_=look, fill=fill), class_="swatch", width=10, height=10,
        aria_hidden="true",
    )  # fmt: skip
