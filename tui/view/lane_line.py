"""The lines of the lane table: the columns that fit, their headings, and one row per lane."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.text.cell_width import cut, width
from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, blank, column, fit_line, joined, line_width, own, word
from tui.view.arrange import GroupRow
from tui.view.columns.base import Column, RowContext, Sort
from tui.view.columns.registry import all_columns, screen_columns
from tui.view.flags import Flag

GAP = 1
"""Cells between two columns."""
LEAST_CELLS, MOST_CELLS = 2, 200
"""Limits of the width that the operator may give to a column."""
INDENT = 2
"""Cells by which lanes are indented below the row of their group."""
GROUP_CELLS = 60
NOTHING_LEFT: Mapping[str, int] = {}
NARROW_CELLS = 12
"""The least width of a column that can stretch, if there is no room for all that were chosen."""
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


@frozen
class ChosenColumns:
    """Columns that the operator chose, from left to right, some with a width that the operator chose, in cells."""

    columns: tuple[Column, ...]
    widths: Mapping[str, int]

    @classmethod
    def of(cls, words: Iterable[str], among: Iterable[Column] | None = None) -> ChosenColumns:
        """The columns as they are written in a view: `name` or `name:30`. Unknown ones are left out.

        `among`: the columns that are known; None: all.
        """
        known = {column.name: column for column in (all_columns() if among is None else among)}
        found: dict[str, Column] = {}
        widths: dict[str, int] = {}
        for one in words:
            name, _, cells = one.partition(":")
            if name not in known:
                continue
            found[name] = known[name]
            if cells.isdecimal():
                widths[name] = min(MOST_CELLS, max(LEAST_CELLS, int(cells)))
        return cls(tuple(found.values()), widths)

    @property
    def least_cells(self) -> int:
        """The width that all of them need, in cells."""
        return sum(self.widths.get(column.name, column.cells) + GAP for column in self.columns)

    @property
    def words(self) -> tuple[str, ...]:
        """The columns as they are written in a view."""
        named = [column.name for column in self.columns]
        return tuple(f"{name}:{self.widths[name]}" if name in self.widths else name for name in named)


def chosen_layout(cells: int, chosen: ChosenColumns) -> tuple[PlacedColumn, ...]:
    """The chosen columns that fit into `cells`, in their order.

    If there is no room for all, those that can stretch become narrow; then the least important ones are left out.
    """
    columns = chosen.columns
    if chosen.least_cells > cells:
        columns = tuple(
            replace(one, cells=min(one.cells, NARROW_CELLS)) if one.stretch is not None else one for one in columns
        )
    return _placed(cells, _by_importance(columns), chosen.widths, columns)


def layout(
    cells: int, wanted: Sequence[Column] | None = None, *, without: Collection[str] = ()
) -> tuple[PlacedColumn, ...]:
    """The columns that fit into `cells`, in their own order; `wanted` has the most important first.

    Without `wanted` these are the columns of the screen. Those in `without` have nothing to show, and are left out if
    there is no room. Cells that are left over make columns wider that can use them.
    """
    important_first = [one for one in (screen_columns() if wanted is None else wanted) if one.name not in without]
    leaves = {one.name: one.leaves for one in important_first}
    order = sorted(important_first, key=lambda one: (one.place, one.name))
    return _placed(cells, important_first, {}, order, leaves)


def filled_columns(lanes: Sequence[Lane], flags: Mapping[LaneId, Flag], known: Collection[str] = ()) -> frozenset[str]:
    """The columns that may be empty and in which one of these lanes has something to show; `known` are among them."""
    found = set(known)
    for one in screen_columns():
        has = one.has
        if has is not None and one.name not in found and any(has(lane, flags.get(lane.id)) for lane in lanes):
            found.add(one.name)
    return frozenset(found)


def empty_columns(filled: Collection[str]) -> frozenset[str]:
    """The columns of the screen that may be empty, and are."""
    return frozenset(one.name for one in screen_columns() if one.has is not None and one.name not in filled)


def _by_importance(columns: Iterable[Column]) -> list[Column]:
    return sorted(columns, key=lambda one: (one.rank is None, one.rank or 0))


def _placed(
    cells: int,
    wanted: Iterable[Column],
    fixed: Mapping[str, int],
    order: Iterable[Column],
    leaves: Mapping[str, int] = NOTHING_LEFT,
) -> tuple[PlacedColumn, ...]:
    """The columns that fit, placed in this `order`; earlier columns of `wanted` are preferred.

    `fixed`: widths that do not change. `leaves`: the cells that must stay free beside a column.
    """
    chosen: dict[str, Column] = {}
    spare = cells
    for one in wanted:
        least = fixed.get(one.name, one.cells)
        if least + GAP > spare:
            break
        if least + GAP + leaves.get(one.name, 0) > spare:
            continue
        chosen[one.name] = one
        spare -= least + GAP
    widths = {name: fixed.get(name, one.cells) for name, one in chosen.items()}
    important_first = [one for one in _by_importance(chosen.values()) if one.name not in fixed]
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
    return tuple(PlacedColumn(one, widths[one.name]) for one in order if one.name in widths)


def steady_peak(tokens: int) -> int:
    """The scale of the bars: the fastest burn, rounded up by at most a sixteenth.

    All bars depend on it: without the rounding, each token of the fastest lane would redraw all rows.
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


def group_line(group: GroupRow, columns: Sequence[PlacedColumn], row: RowContext, cells: int) -> Line:
    """The row of a group, exactly `cells` wide. `row.below` is the summary of its lanes.

    A cell that is too narrow for its text also uses the empty ones beside it.
    """
    parts = [_group_cell(group, placed, row, MOST_CELLS) for placed in columns]
    widths = [placed.cells for placed in columns]
    for at, line in enumerate(parts):
        if line is not None and not columns[at].column.right:
            _take_room(at, parts, widths)
    spans: list[Span] = []
    for placed, part, room in zip(columns, parts, widths, strict=True):
        if room < 0:
            continue  # the cell beside it has its place
        line = _group_name(group, row, room) if placed.name == "name" else part
        if line is not None and line_width(line) > room:
            line = _group_cell(group, placed, row, room)
        if line is None:
            spans.append(blank(room + GAP))
        elif placed.column.right:
            spans += _filled(line[0] if len(line) == 1 else line, placed)
        else:
            spans += [*fit_line(line, room), blank(GAP)]
    return fit_line(spans, cells)


def _take_room(at: int, parts: Sequence[Line | None], widths: list[int]) -> None:
    """Widens a cell over the empty cells after it, then over those before it, as far as its text needs.

    A cell that is used up gets the width -1.
    """
    wanted = line_width(parts[at] or ())
    after, before = at + 1, at - 1
    while widths[at] < wanted and after < len(parts) and parts[after] is None and widths[after] >= 0:
        widths[at] += widths[after] + GAP
        widths[after] = -1
        after += 1
    while widths[at] < wanted and before >= 0 and parts[before] is None and widths[before] >= 0:
        widths[at] += widths[before] + GAP
        widths[before] = -1
        before -= 1


def _group_cell(group: GroupRow, placed: PlacedColumn, row: RowContext, cells: int) -> Line | None:
    """The content of a cell in the row of a group, `cells` wide if it can be; None if it is empty."""
    if placed.name == "name":
        return _group_name(group, row, min(cells, GROUP_CELLS))
    if row.below is None or placed.column.group_cell is None:
        return None
    cell = placed.column.group_cell(row.below, row, cells if placed.name == "doing" else placed.cells)
    return (cell,) if isinstance(cell, Span) else _without_blanks(cell)


def _group_name(group: GroupRow, row: RowContext, cells: int) -> Line:
    """The title of a group and the number of its lanes. If there is no room for both, the title is cut."""
    fold = word("▸ " if row.fold == "+" else "▾ ", "accent")
    lanes = own(" lane") if len(group.lanes) == 1 else own(" lanes")
    count = joined(own("  "), number(len(group.lanes)), lanes)
    if group.hidden:
        count = joined(count, own(" + "), number(len(group.hidden)), own(" hidden"))
    told = Span(count, "dim")
    return (fold, Span(cut(group.title, max(0, cells - line_width((fold, told)))), "section"), told)


def _without_blanks(line: Line) -> Line:
    """The line without blank spans at its end."""
    end = len(line)
    while end and not line[end - 1].text.strip():
        end -= 1
    return tuple(line[:end])


def _shows_sum(column: Column, row: RowContext) -> bool:
    """Whether a cell shows the sum of the lane and all below it: if these are hidden, or rows are sorted by the sum.

    A lane without lanes below it shows its own figure, which is the sum.
    """
    if not row.fold:
        return False
    return row.below is not None or (row.sort is not None and row.sort.of_tree and column.sort is row.sort)


def _cell(lane: Lane, placed: PlacedColumn, row: RowContext) -> Line:
    if _shows_sum(placed.column, row):
        row = replace(row, sums=True)
    return _filled(placed.column.cell(lane, row, placed.cells), placed)


def _filled(cell: Span | Line, placed: PlacedColumn) -> Line:
    """The cell, exactly as wide as the column, and the gap behind it."""
    if isinstance(cell, Span):
        return (column(cell.text, placed.cells, cell.role, right=placed.column.right), blank(GAP))
    missing = placed.cells - line_width(cell)
    if missing < 0:
        return (*fit_line(cell, placed.cells), blank(GAP))
    return (*cell, blank(missing + GAP))
