"""The lane table's lines: which columns fit, their headings, and one lane as one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.text.cell_width import width
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, line_width, own
from tui.view.columns.base import Column, RowContext, Sort
from tui.view.columns.registry import screen_columns

GAP = 1
"""Cells between two columns."""
ROOM = 23
"""A column takes its wide form only if this many cells stay free for the columns that stretch."""


@frozen
class PlacedColumn:
    """A column at its width in cells."""

    column: Column
    cells: int

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def title(self) -> SafeText:
        """Its heading at this width."""
        column = self.column
        return column.wide_title if column.wide_title and self.cells >= column.wide else column.title


def layout(cells: int, wanted: Sequence[Column] | None = None) -> tuple[PlacedColumn, ...]:
    """The columns that fit into `cells`, from left to right; `wanted` has the most important first.

    Without `wanted` these are the columns of the screen. What is left over makes the columns wider that tell more.
    """
    chosen: dict[str, Column] = {}
    spare = cells
    for one in screen_columns() if wanted is None else wanted:
        if one.cells + GAP > spare:
            break
        chosen[one.name] = one
        spare -= one.cells + GAP
    widths = {name: one.cells for name, one in chosen.items()}
    important_first = sorted(chosen.values(), key=lambda one: (one.rank is None, one.rank or 0))
    for one in important_first:
        if one.wide and spare > one.wide + ROOM:
            widths[one.name] = one.wide
            spare -= one.wide - one.cells
    stretching = [(one, one.stretch) for one in important_first if one.stretch is not None]
    for one, stretch in stretching:
        share = spare if one is stretching[-1][0] else spare * stretch.percent // 100
        more = min(stretch.most - one.cells, share)
        widths[one.name] += more
        spare -= more
    placed = sorted(chosen.values(), key=lambda one: (one.place, one.name))
    return tuple(PlacedColumn(one, widths[one.name]) for one in placed)


def steady_peak(tokens: int) -> int:
    """The scale of the bars: the fastest burn, rounded up by a sixteenth at most.

    Every bar depends on it: without the rounding each token of the fastest lane would draw all rows anew.
    """
    if tokens <= 0:
        return 0
    step = max(1, 1 << max(0, tokens.bit_length() - 5))
    return -(-tokens // step) * step


def title_line(columns: Sequence[PlacedColumn], cells: int, sort: Sort | None = None, *, reverse: bool = False) -> Line:
    """The columns' headings; the one that the order follows is marked."""
    spans: list[Span] = []
    for placed in columns:
        title, role = placed.title, "head"
        if sort is not None and placed.column.sort is sort:
            role = "head.sort"
            if width(title) < placed.cells:
                title = joined(title, own("▲") if reverse else own("▼"))
        spans += [column(title, placed.cells, role, right=placed.column.right), blank(GAP, "head")]
    return fit_line(spans, cells, "head")


def column_at(columns: Sequence[PlacedColumn], cell: int) -> Column | None:
    """The column whose heading is in a cell of the title line; None if there is none."""
    at = 0
    for placed in columns:
        at += placed.cells + GAP
        if cell < at:
            return placed.column
    return None


def lane_line(lane: Lane, columns: Sequence[PlacedColumn], row: RowContext, cells: int) -> Line:
    """The lane's row, exactly `cells` wide."""
    row = replace(row, has_word=any(placed.name == "word" for placed in columns))
    spans: list[Span] = []
    for placed in columns:
        spans += _cell(lane, placed, row)
    return fit_line(spans, cells)


def _cell(lane: Lane, placed: PlacedColumn, row: RowContext) -> Line:
    """Exactly as wide as the column, and the gap behind it."""
    cell = placed.column.cell(lane, row, placed.cells)
    if isinstance(cell, Span):
        return (column(cell.text, placed.cells, cell.role, right=placed.column.right), blank(GAP))
    missing = placed.cells - line_width(cell)
    if missing < 0:
        return (*fit_line(cell, placed.cells), blank(GAP))
    return (*cell, blank(missing + GAP))
