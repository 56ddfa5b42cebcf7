"""The choice of columns while the operator makes it: which are shown, in which order, how wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.model.frozen import frozen
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, line_width, own, spread, word
from tui.view.columns.base import Column
from tui.view.columns.registry import all_columns
from tui.view.lane_line import LEAST_CELLS, MOST_CELLS, ChosenColumns, PlacedColumn

NAME_CELLS, TITLE_CELLS, WIDTH_CELLS = 8, 9, 8
TITLE_FROM = 76
"""From this width in cells on the list has the headings, which are nearly the names: descriptions need the room."""


@frozen
class ColumnChoice:
    """All columns in their order from left to right, the ones that are shown, and the widths that were chosen.

    As long as `is_automatic`, the table shows as many columns as fit. The first change ends that.
    """

    columns: tuple[Column, ...]
    shown: frozenset[str]
    widths: Mapping[str, int]
    is_automatic: bool

    @classmethod
    def of(cls, words: Sequence[str], placed: Sequence[PlacedColumn]) -> ColumnChoice:
        """The choice that the table follows now: `words` as in a view (empty: none was made), `placed` as drawn."""
        chosen = ChosenColumns.of(words)
        if not chosen.columns:
            return cls(all_columns(), frozenset(one.name for one in placed), {}, is_automatic=True)
        shown = frozenset(one.name for one in chosen.columns)
        order = list(chosen.columns)
        for one in all_columns():
            if one.name not in shown:
                order.insert(_place_of(one, order), one)
        return cls(tuple(order), shown, chosen.widths, is_automatic=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The choice as it is written in a view; empty: as many as fit."""
        if self.is_automatic:
            return ()
        shown = tuple(one for one in self.columns if one.name in self.shown)
        return ChosenColumns(shown, {name: cells for name, cells in self.widths.items() if name in self.shown}).words

    def toggled(self, at: int) -> ColumnChoice:
        """Shows or hides a column. The last one stays."""
        shown = self.shown ^ {self.columns[at].name}
        return replace(self, shown=shown, is_automatic=False) if shown else self

    def moved(self, at: int, by: int) -> ColumnChoice:
        """Moves a column by some places; it stops at both ends."""
        order = list(self.columns)
        one = order.pop(at)
        order.insert(max(0, min(len(order), at + by)), one)
        return replace(self, columns=tuple(order), is_automatic=False)

    def resized(self, at: int, cells: int) -> ColumnChoice:
        """Gives a column a width in cells, and shows it."""
        name = self.columns[at].name
        widths = {**self.widths, name: min(MOST_CELLS, max(LEAST_CELLS, cells))}
        return replace(self, widths=widths, shown=self.shown | {name}, is_automatic=False)

    def as_declared(self, at: int) -> ColumnChoice:
        """Takes the chosen width of a column back."""
        name = self.columns[at].name
        if name not in self.widths:
            return self
        widths = {one: cells for one, cells in self.widths.items() if one != name}
        return replace(self, widths=widths, is_automatic=False)


def _place_of(one: Column, order: Sequence[Column]) -> int:
    """The place of a column that is not shown: after the last one that is declared to the left of it."""
    return max((at for at, other in enumerate(order, 1) if other.place < one.place), default=0)


def choice_title(choice: ColumnChoice, cells: int) -> Line:
    """The line above the list."""
    title: Line = (word(" COLUMNS  ", "section"),)
    if choice.is_automatic:
        return spread((*title, word("as many as fit", "text")), (word("WIDTH ", "head"),), cells)
    shown = joined(number(len(choice.shown)), own(" of "), number(len(choice.columns)), own(" shown"))
    return spread((*title, Span(shown, "text")), (word("WIDTH ", "head"),), cells)


def choice_line(
    choice: ColumnChoice, at: int, placed: Mapping[str, int], cells: int, *, ascii_only: bool = False
) -> Line:
    """One column: whether it is shown, its name, heading, description and width.

    `placed`: the widths of the columns that have room in the table.
    """
    one = choice.columns[at]
    is_shown = one.name in choice.shown
    role = "text" if is_shown else "dim"
    mark = own("x") if ascii_only else own("✓")
    left: list[Span] = [
        blank(1), Span(mark, "good") if is_shown else blank(1), blank(1),
        column(safe_text(one.name), NAME_CELLS, "strong" if is_shown else "dim"), blank(1),
    ]  # fmt: skip
    if cells >= TITLE_FROM:
        left += [column(one.title, TITLE_CELLS, "head" if is_shown else "dim"), blank(1)]
    left.append(Span(one.doc, role))
    right = (_width_words(choice, one, placed, is_shown=is_shown), blank(1))
    return (*fit_line(left, max(0, cells - line_width(right) - 1)), blank(1), *right)


def _width_words(choice: ColumnChoice, one: Column, placed: Mapping[str, int], *, is_shown: bool) -> Span:
    if not is_shown:
        return blank(WIDTH_CELLS)
    if one.name not in placed:
        return column(own("no room"), WIDTH_CELLS, "warn", right=True)
    cells = number(placed[one.name])
    if one.name in choice.widths:
        return column(joined(own("set "), cells), WIDTH_CELLS, "accent", right=True)
    return column(cells, WIDTH_CELLS, "dim", right=True)


def choice_keys(keys: Sequence[tuple[SafeText, SafeText]], cells: int) -> Line:
    """The keys below the list, as many as fit: each key, and what it does in a word."""
    line: list[Span] = []
    for key, label in keys:
        added = (blank(1), Span(key, "key"), blank(1), Span(label, "key.label"), blank(1))
        if line_width(line) + line_width(added) > cells:
            break
        line += added
    return tuple(line)
