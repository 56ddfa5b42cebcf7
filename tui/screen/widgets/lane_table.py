"""The lane table. It draws only the visible rows that changed.

Textual's DataTable takes fifteen times as long, because it redraws everything when a cell changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.screen.bindings import LANES, MOVES, bindings
from tui.screen.widgets.lines import Pen
from tui.text.styled_text import Line
from tui.view.arrange import GroupRow
from tui.view.columns.base import Column, RowContext, Sort
from tui.view.flags import Flag
from tui.view.lane_line import (
    INDENT,
    ChosenColumns,
    PlacedColumn,
    chosen_layout,
    column_at,
    empty_columns,
    filled_columns,
    group_line,
    lane_line,
    layout,
    title_line,
)
from tui.view.summary import Summary


@frozen
class TableState:
    """The content of the table: the rows in order, and what all rows share."""

    order: tuple[LaneId, ...] = ()
    lanes: Mapping[LaneId, Lane] | None = None
    folds: Mapping[LaneId, str] | None = None
    now: float = 0.0
    peak: int = 0
    window: int = 1
    sort: Sort | None = None
    """The order of the rows; its column is marked in the title line."""
    reverse: bool = False
    ascii: bool = False
    empty: tuple[Line, ...] = ()
    """The lines that are shown if there is no row."""
    flags: Mapping[LaneId, Flag] = field(default_factory=dict[LaneId, Flag])
    """The rows that have a flag."""
    marked: frozenset[LaneId] = frozenset()
    groups: Mapping[LaneId, GroupRow] = field(default_factory=dict[LaneId, GroupRow])
    """The rows of groups, by their ids in `order`."""
    below: Mapping[LaneId, Summary] = field(default_factory=dict[LaneId, Summary])
    """The sums of the lanes that a folded row hides, and of the lanes of a group."""


_RowKey = tuple[
    LaneId,
    tuple[object, ...],
    str,
    int,
    bool,
    int,
    Flag | None,
    bool,
    GroupRow | None,
    Summary | None,
    Sort | None,
    bool,
]
_Drawn = tuple[Lane | None, _RowKey]
"""A drawn row: the snapshot of its lane (compared by identity, because snapshots are immutable) and everything else
that it depends on."""


class LaneTable(ScrollView, can_focus=True, inherit_bindings=False):
    """One row per lane. The cursor stays on a lane, not in a row."""

    BINDINGS = bindings((*MOVES, *LANES))

    DEFAULT_CSS = """
    LaneTable { width: 100%; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """

    class Moved(Message):
        """The cursor was moved to another lane."""

        def __init__(self, lane: LaneId | None) -> None:
            super().__init__()
            self.lane = lane

    class Folded(Message):
        """A fold was requested: `fold` is None to toggle, True to fold (or go to the parent), False to unfold."""

        def __init__(self, lane: LaneId, fold: bool | None) -> None:
            super().__init__()
            self.lane = lane
            self.fold = fold

    class Opened(Message):
        """A lane was opened."""

        def __init__(self, lane: LaneId) -> None:
            super().__init__()
            self.lane = lane

    class HeadingClicked(Message):
        """The heading of a column was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    class Scrolled(Message):
        """Other rows are visible now."""

    def __init__(self, pen: Pen, wanted: tuple[str, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pen = pen
        self._chosen = ChosenColumns.of(wanted)
        self._state = TableState()
        self._columns: tuple[PlacedColumn, ...] = ()
        self._laid_out_for = -1
        """The width for which the columns were laid out."""
        self._filled: frozenset[str] = frozenset()
        """The columns in which a row has something to show, or had since an order was chosen or rows came or went."""
        self._cursor: LaneId | None = None
        self.was_moved = False
        """True after somebody moved the cursor."""
        self._rows: dict[LaneId, int] = {}
        self._strips: dict[LaneId, tuple[_Drawn, Strip]] = {}
        self._drawn: list[_Drawn | None] = []
        self._title_key: tuple[int, Sort | None, bool] = (0, None, False)

    # -- what it shows --------------------------------------------------------------------------

    @property
    def cursor(self) -> LaneId | None:
        """The lane at the cursor."""
        return self._cursor

    def show(self, state: TableState) -> None:
        """Shows this state. Only visible rows that changed are drawn.

        If the rows are in another order, the cursor's row stays visible.
        """
        order_changed = state.order != self._state.order
        was_visible = self._rows.get(self._cursor, -1) in self.visible_rows if self._cursor is not None else False
        if state.empty != self._state.empty:
            self.refresh()
        others = (
            (state.sort, state.reverse) != (self._state.sort, self._state.reverse)
            or len(state.order) != len(self._state.order)
            or (order_changed and set(state.order) != set(self._state.order))
        )
        self._state = state
        self._look_for_empty_columns(anew=others)
        if order_changed:
            self._rows = {lane: row for row, lane in enumerate(state.order)}
            self._strips = {lane: strip for lane, strip in self._strips.items() if lane in self._rows}
            self.virtual_size = Size(self.size.width, len(state.order) + 1)
        if self._cursor not in self._rows:
            self._place_cursor(self._nearest())
        elif order_changed and was_visible:
            self._reveal()
        title_key = (self.size.width, state.sort, state.reverse)
        if title_key != self._title_key:
            self._title_key = title_key
            self.refresh(Region(0, 0, self.size.width, 1))
        self._refresh_changed()

    @property
    def columns(self) -> tuple[str, ...]:
        """The chosen columns from left to right, as they are written in a view; empty: as many as fit."""
        return self._chosen.words

    def choose_columns(self, words: tuple[str, ...]) -> None:
        """Shows these columns; empty: as many as fit."""
        self._chosen = ChosenColumns.of(words)
        self._laid_out_for = -1
        self._strips.clear()
        self._drawn = []
        self.refresh()

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        self._strips.clear()
        self.refresh()

    def move_to(self, lane: LaneId) -> None:
        """Moves the cursor to a lane and scrolls to it."""
        if lane in self._rows:
            self.was_moved = True
            self._place_cursor(lane)
            self._reveal()
            self._refresh_changed()

    def move_by(self, rows: int) -> None:
        """Moves the cursor by rows; stops at both ends."""
        if not self._state.order:
            return
        row = self._rows.get(self._cursor, 0) if self._cursor is not None else 0
        target = min(len(self._state.order) - 1, max(0, row + rows))
        self.move_to(self._state.order[target])

    def go_to_top(self) -> None:
        """Moves the cursor to the first row, without taking it for a move of a person."""
        if self._state.order and self._cursor != self._state.order[0]:
            self._place_cursor(self._state.order[0])
            self._reveal()
            self._refresh_changed()

    @property
    def rows_needed(self) -> int:
        """The height at which every row is visible, its headings among them; 0 if there is no row."""
        return len(self._state.order) + 1 if self._state.order else 0

    @property
    def page(self) -> int:
        """The number of rows that are visible together."""
        return max(1, self.size.height - 1)

    @property
    def visible_lanes(self) -> Sequence[LaneId]:
        """The lanes of the visible rows, from top to bottom."""
        seen = self.visible_rows
        return self._state.order[seen.start : seen.stop]

    @property
    def visible_rows(self) -> range:
        """The places of the rows that are visible now."""
        top = self.scroll_offset.y
        return range(top, min(len(self._state.order), top + self.page))

    # -- drawing --------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draws the title line, or one visible row."""
        width = self.size.width
        if y == 0:
            line = title_line(self.layout_of_columns(), width, self._state.sort, reverse=self._state.reverse)
            return self._pen.strip(line, width, "panel")
        row = y - 1 + self.scroll_offset.y
        if row >= len(self._state.order):
            words = self._state.empty[row : row + 1] if not self._state.order else ()
            return self._pen.strip(words[0] if words else (), width, "ground")
        lane_id = self._state.order[row]
        wanted = self._drawing(lane_id, width)
        cached = self._strips.get(lane_id)
        if cached is not None and _same(cached[0], wanted):
            return cached[1]
        strip = self._draw(lane_id)
        self._strips[lane_id] = (wanted, strip)
        return strip

    def _draw(self, lane_id: LaneId) -> Strip:
        state = self._state
        lane = (state.lanes or {}).get(lane_id)
        fold = (state.folds or {}).get(lane_id, "")
        ground = "cursor" if lane_id == self._cursor else "ground"
        if lane_id in state.groups:
            row = RowContext(
                state.now, state.peak, state.window, fold, state.ascii, below=state.below.get(lane_id), sums=True
            )
            line = group_line(state.groups[lane_id], self.layout_of_columns(), row, self.size.width)
            return self._pen.strip(line, self.size.width, ground)
        if lane is None:
            return self._pen.blank(self.size.width)
        row = RowContext(
            state.now, state.peak, state.window, fold, state.ascii, flag=state.flags.get(lane_id),
            marked=lane_id in state.marked, below=state.below.get(lane_id), sort=state.sort,
            indent=INDENT if state.groups else 0,
        )  # fmt: skip
        line = lane_line(lane, self.layout_of_columns(), row, self.size.width)
        return self._pen.strip(line, self.size.width, ground)

    def layout_of_columns(self) -> tuple[PlacedColumn, ...]:
        """The columns with their places, for the present width."""
        if self._laid_out_for != self.size.width:
            self._laid_out_for = self.size.width
            chosen = self._chosen
            width = self.size.width
            self._columns = (
                chosen_layout(width, chosen) if chosen.columns else layout(width, without=empty_columns(self._filled))
            )
        return self._columns

    def _look_for_empty_columns(self, *, anew: bool) -> None:
        """Finds the columns with something to show.

        A column stays until another order is chosen, or rows come or go, so that columns do not jump.
        """
        state, before = self._state, self._filled
        lanes = [state.lanes[one] for one in state.order if one in state.lanes] if state.lanes is not None else []
        self._filled = filled_columns(lanes, state.flags, () if anew else before)
        if self._filled != before and not self._chosen.columns:
            self._laid_out_for = -1
            self._strips.clear()
            self._drawn = []
            self.refresh()

    def _drawing(self, lane_id: LaneId, width: int) -> _Drawn:
        """Everything that a drawn row depends on."""
        state = self._state
        lane = (state.lanes or {}).get(lane_id)
        columns = self.layout_of_columns()
        old = tuple([one.column.varies(lane, state.now) for one in columns if one.column.varies]) if lane else ()
        fold = (state.folds or {}).get(lane_id, "")
        peak = state.peak if lane is not None and lane.burn[state.window].tokens else 0
        flag, marked = state.flags.get(lane_id), lane_id in state.marked
        at_cursor, below, sort = lane_id == self._cursor, state.below.get(lane_id), state.sort if fold else None
        group = state.groups.get(lane_id)
        return lane, (lane_id, old, fold, peak, at_cursor, width, flag, marked, group, below, sort, bool(state.groups))

    def _refresh_changed(self) -> None:
        top = self.scroll_offset.y
        order = self._state.order
        now: list[_Drawn | None] = []
        width, height = self.size
        for y in range(height - 1):
            row = top + y
            now.append(self._drawing(order[row], width) if row < len(order) else None)
            if y >= len(self._drawn) or not _same(self._drawn[y], now[y]):
                self.refresh(Region(0, y + 1, width, 1))
        self._drawn = now

    def _nearest(self) -> LaneId | None:
        """The lane that took the row of the removed lane at the cursor; None if there are no rows."""
        order = self._state.order
        if not order:
            return None
        gone = next((y for y, drawn in enumerate(self._drawn) if drawn and drawn[1][0] == self._cursor), 0)
        return order[min(len(order) - 1, gone + self.scroll_offset.y)]

    def _place_cursor(self, lane: LaneId | None) -> None:
        if lane == self._cursor:
            return
        self._cursor = lane
        self.post_message(self.Moved(lane))

    def _reveal(self) -> None:
        row = self._rows.get(self._cursor, 0) if self._cursor is not None else 0
        top = self.scroll_offset.y
        if row < top:
            self.scroll_to(y=row, animate=False, immediate=True)
        elif row >= top + self.page:
            self.scroll_to(y=row - self.page + 1, animate=False, immediate=True)

    # -- what a person does ---------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Moves one or more rows down or up."""
        self.move_by(rows)

    def action_move_page(self, pages: int) -> None:
        """Moves pages down or up."""
        self.move_by(pages * self.page)

    def action_move_end(self, direction: int) -> None:
        """Moves to the first or the last lane."""
        self.move_by(direction * len(self._state.order))

    def action_fold(self) -> None:
        """Folds or unfolds the lane."""
        self._ask_fold(None)

    def action_fold_in(self) -> None:
        """Folds the lane, or goes to its parent."""
        self._ask_fold(True)

    def action_fold_out(self) -> None:
        """Unfolds the lane."""
        self._ask_fold(False)

    def _ask_fold(self, fold: bool | None) -> None:
        if self._cursor is not None:
            self.post_message(self.Folded(self._cursor, fold))

    def on_resize(self, event: events.Resize) -> None:
        """Lays the columns out again for the new width."""
        self._strips.clear()
        self._drawn = []
        self.virtual_size = Size(event.size.width, len(self._state.order) + 1)
        self._reveal()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Marks every row as changed after a scroll."""
        super().watch_scroll_y(old_value, new_value)
        self._drawn = []
        self.post_message(self.Scrolled())

    def on_click(self, event: events.Click) -> None:
        """Selects the lane under the mouse; a second click opens it. A click on a heading posts `HeadingClicked`."""
        if event.y == 0 and (column := column_at(self.layout_of_columns(), event.x)) is not None:
            self.post_message(self.HeadingClicked(column))
        row = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or row >= len(self._state.order):
            return
        lane = self._state.order[row]
        self.move_to(lane)
        if event.chain > 1:
            self.post_message(self.Opened(lane))


def _same(a: _Drawn | None, b: _Drawn | None) -> bool:
    if a is None or b is None:
        return a is b
    return a[0] is b[0] and a[1] == b[1]
