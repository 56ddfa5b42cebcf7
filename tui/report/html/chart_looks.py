"""The colours of lanes in drawings and legends, the same for a lane wherever it is drawn."""

from __future__ import annotations

from typing import LiteralString

from tui.report.document import Series

LOOKS: tuple[LiteralString, ...] = ("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9")
FILLS: tuple[LiteralString, ...] = (
    "#2d52b3", "#5c8fd6", "#01696b", "#3fa39b", "#6f58a8", "#a184d1", "#7a5c28", "#b98d45", "#8c3a68", "#c06f9b",
)  # fmt: skip
"""What a reader without the style sheet sees."""


def look_of(index: int, series: Series) -> LiteralString:
    """The colour of the series at this place of the stack; the lanes without a series of their own are grey."""
    return "s-rest" if series.lane is None else LOOKS[index % len(LOOKS)]
