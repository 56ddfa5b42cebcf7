"""The order of the lane table: its rows, their places, and which of them are folded or marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.config.remembered import Remembered
from tui.ledger.burn import WINDOWS_S
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.screen.controller import Argument, Command, Controller, Host, Mode, Value
from tui.screen.widgets.lane_table import LaneTable, TableState
from tui.screen.widgets.lines import Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import safe_text
from tui.text.styled_text import joined, own
from tui.text.times import written
from tui.view.arrange import Filter, arrange, has_children
from tui.view.columns.base import Column, Sort
from tui.view.columns.registry import all_columns, all_sorts, sort_named
from tui.view.empty import empty_lines
from tui.view.flags import Flag
from tui.view.lane_line import steady_peak

_WINDOWS = tuple(written(seconds) for seconds in WINDOWS_S)
_OVER = (LaneState.ENDED, LaneState.CLOSED)


class TableOrder:
    """The rows on the screen, and what determines them. Rows keep their places until a person asks for a new order."""

    def __init__(self, sort: Sort, *, reverse: bool = False) -> None:
        self.sort = sort
        self.reverse = reverse
        self.filter = Filter()
        self.folded: frozenset[LaneId] = frozenset()
        self.marked: frozenset[LaneId] = frozenset()
        """The lanes for the next verb."""
        self.order: list[LaneId] = []
        self.touched = False
        """True after a person pressed a key."""
        self._kept: list[LaneId] = []
        self._arranged: tuple[object, ...] = ()

    def arrange(self, fleet: Fleet, flags: Mapping[LaneId, Flag], *, anew: bool = False) -> None:
        """Updates the order for lanes that were added or removed; `anew` sorts all rows by their present values."""
        ids = tuple(lane.id for lane in fleet.lanes)
        parents = tuple(lane.parent for lane in fleet.lanes)
        # While history is still being read and no key was pressed, the order may change; after that it is kept.
        settling = not self.touched and not fleet.scan.complete
        version = fleet.version if self.filter.text or settling else 0
        wanted = (ids, parents, self.filter, self.folded, version)
        if not anew and wanted == self._arranged:
            return
        keep = None if anew or settling or not self.order else self._order_kept()
        self.order = arrange(fleet, self.sort, self.filter, self.folded, keep, reverse=self.reverse, flags=flags)
        self._arranged = wanted
        if keep is None:
            self._kept = list(self.order)

    def next_sort(self) -> None:
        """Chooses the next column to sort by."""
        orders = all_sorts()
        self.sort = orders[(orders.index(self.sort) + 1) % len(orders)]

    def unfold_above(self, lane: LaneId, lanes: Mapping[LaneId, Lane]) -> None:
        """Unfolds every lane above this one, so that its row is shown unless the filter hides it."""
        above = lanes[lane].parent if lane in lanes else None
        while above is not None and above in lanes:
            self.folded -= {above}
            above = lanes[above].parent

    def _order_kept(self) -> list[LaneId]:
        known = set(self._kept)
        self._kept += [lane for lane in self.order if lane not in known]
        return self._kept


class TableController(Controller):
    """Filter, sort order, folds, marks and burn window of the table."""

    def __init__(
        self,
        host: Host,
        rows: TableOrder,
        table: LaneTable,
        filter_input: SafeInput,
        flags: Callable[[], Mapping[LaneId, Flag]],
        remembered: Remembered,
        *,
        window: int,
    ) -> None:
        """`flags` returns the flags of rows; `window` is the index of the burn window that is shown first."""
        self._host = host
        self._rows = rows
        self._table = table
        self._input = filter_input
        self._flags = flags
        self._remembered = remembered
        self.window = window

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {
            "filter": self.ask_filter, "keep_filter": self.keep_filter, "sort": self.next_sort,
            "reverse": self.reverse, "burn_window": self.next_window, "mark": self.mark,
            "mark_tree": self.mark_tree, "mark_all": self.mark_all,
        }  # fmt: skip

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {
            "sort": Argument(self._sort_named, sort_values),
            "filter": Argument(self.filter_by, is_free=True),
            "window": Argument(self._use_window, lambda: [Value(text) for text in _WINDOWS]),
        }

    @property
    def input_scope(self) -> str:
        """See `Controller`."""
        return "filter" if self._host.is_in(Mode.FILTERING) else ""

    # -- drawing --------------------------------------------------------------------------------

    def arrange(self, fleet: Fleet) -> None:
        """Updates marks and rows for lanes that were added or removed."""
        if self._rows.marked:
            self._rows.marked &= self._host.lanes.keys()
        self._rows.arrange(fleet, self._flags())

    def show(self, fleet: Fleet, pen: Pen, cells: int) -> None:
        """Draws the rows; `cells` is the width of the screen."""
        rows, lanes = self._rows, self._host.lanes
        self._table.show(
            TableState(
                order=tuple(rows.order), lanes=lanes,
                folds={lane: "+" if lane in rows.folded else "-" for lane in has_children(fleet)}, now=fleet.at,
                peak=steady_peak(max((lanes[lane].burn[self.window].tokens for lane in rows.order), default=0)),
                window=self.window, sort=rows.sort, reverse=rows.reverse, ascii=pen.ascii,
                empty=() if rows.order else tuple(empty_lines(fleet, cells)), flags=self._flags(), marked=rows.marked,
            )
        )  # fmt: skip

    # -- filter ---------------------------------------------------------------------------------

    def ask_filter(self) -> None:
        """Opens the input for a filter."""
        self._host.leave(Mode.FULL)
        self._host.enter(Mode.FILTERING)
        self._input.focus()
        self._host.redraw_later()

    def take_filter(self) -> None:
        """Shows the rows that match the filter in the input."""
        self._rows.filter = Filter(self._input.text)
        self._host.redraw()

    def filter_by(self, text: str) -> None:
        """Shows the rows that match this filter; none: all rows."""
        self._input.value = safe_text(text)
        self._rows.filter = Filter(self._input.text)
        self._host.redraw()

    def toggle_filter(self, text: str) -> None:
        """Shows the rows that match this filter, or all rows if that is the filter already."""
        self.filter_by("" if self._rows.filter.text == text else text)

    def keep_filter(self) -> None:
        """Closes the input; the filter stays and is shown."""
        self._host.leave(Mode.FILTERING)
        self._table.focus()
        self._host.redraw()

    def leave_input(self) -> bool:
        """Closes the input and clears the filter. False if the input is not open."""
        is_open = self._host.is_in(Mode.FILTERING)
        if is_open:
            self._clear_filter()
        return is_open

    def clear(self) -> bool:
        """Removes the marks, or if there are none, the filter. False if there is neither."""
        if self._rows.marked:
            self._rows.marked = frozenset()
            return True
        has_filter = bool(self._rows.filter.text)
        if has_filter:
            self._clear_filter()
        return has_filter

    def _clear_filter(self) -> None:
        self._input.value = ""
        self._host.leave(Mode.FILTERING)
        self._table.focus()

    # -- order ----------------------------------------------------------------------------------

    def next_sort(self) -> None:
        """Sorts by the next column."""
        self._rows.next_sort()
        self.sort_now()

    def sort_by(self, sort: Sort) -> None:
        """Sorts by this order."""
        self._rows.sort = sort
        self.sort_now()

    def sort_by_column(self, column: Column) -> None:
        """Sorts by a column, or reverses the order if the rows are sorted by it already."""
        if column.sort is None:
            self._host.tell(joined(own("cannot sort by "), safe_text(column.name)))
        elif column.sort is self._rows.sort:
            self.reverse()
        else:
            self._rows.reverse = False
            self.sort_by(column.sort)

    def _sort_named(self, name: str) -> None:
        self.sort_by(sort_named(name))

    def reverse(self) -> None:
        """Reverses the order."""
        self._rows.reverse = not self._rows.reverse
        self.sort_now()

    def sort_now(self) -> None:
        """Sorts the rows by their present values."""
        self._remembered.keep(sort=self._rows.sort.name, reverse=self._rows.reverse)
        if self._host.fleet is not None:
            self._rows.arrange(self._host.fleet, self._flags(), anew=True)
        self._host.redraw()

    def next_window(self) -> None:
        """Shows the burn over the next window."""
        self._show_window((self.window + 1) % len(WINDOWS_S))

    def _show_window(self, window: int) -> None:
        self.window = window
        self._remembered.keep(window_s=WINDOWS_S[window])
        self._host.redraw()

    def _use_window(self, text: str) -> None:
        self._show_window(_WINDOWS.index(text))

    def fold(self, lane: LaneId, fold: bool | None) -> None:
        """Folds (True; if folded already, goes to the parent), unfolds (False), or toggles (None)."""
        fleet = self._host.fleet
        if fleet is None:
            return
        has = lane in has_children(fleet)
        if fold and (not has or lane in self._rows.folded):
            parent = self._host.lanes[lane].parent if lane in self._host.lanes else None
            if parent is not None:
                self._table.move_to(parent)
            return
        if has and (fold is None or fold != (lane in self._rows.folded)):
            self._rows.folded ^= {lane}
            self._host.redraw()

    # -- marks ----------------------------------------------------------------------------------

    def mark(self) -> None:
        """Marks or unmarks the lane, and moves to the next one."""
        if self._table.cursor is not None:
            self._rows.marked ^= {self._table.cursor}
            self._table.move_by(1)
            self._host.redraw()

    def mark_tree(self) -> None:
        """Marks the lane and all lanes below it; unmarks them if all are marked."""
        if self._table.cursor is None:
            return
        tree = {self._table.cursor}
        for lane in self._host.lanes.values():  # parents come before their children
            if lane.parent in tree:
                tree.add(lane.id)
        marked = self._rows.marked
        self._rows.marked = marked - tree if tree <= marked else marked | tree
        self._host.redraw()

    def mark_all(self) -> None:
        """Marks all lanes that are shown and have not ended; removes all marks if they are all marked.

        Under a filter, lanes that are shown only because a lane below them matches are not marked.
        """
        lanes = [self._host.lanes[lane] for lane in self._rows.order if lane in self._host.lanes]
        shown = {lane.id for lane in lanes if lane.state not in _OVER and self._rows.filter.matches(lane)}
        marked = self._rows.marked
        self._rows.marked = frozenset() if shown <= marked else marked | shown
        self._host.redraw()


def sort_values() -> list[Value]:
    """The orders by name, each with what its column shows."""
    docs = {column.sort.name: column.doc for column in all_columns() if column.sort is not None}
    return [Value(sort.name, docs[sort.name]) for sort in all_sorts()]
