"""The order of the lane table: its rows, their places, and the folded and marked ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from textual.widgets import Input

from tui.config.remembered import Remembered
from tui.ledger.burn import WINDOWS_S
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.screen.controller import Argument, Command, Controller, Host, Mode, Value
from tui.screen.widgets.filter_input import FilterInput
from tui.screen.widgets.lane_table import LaneTable, TableState
from tui.screen.widgets.lines import Pen
from tui.screen.widgets.safe_input import MOST
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, joined, own
from tui.text.times import written
from tui.view.arrange import Arrangement, Choice, GroupRow, Hide, Rows, arrange, has_children, is_overtaken, moved_rows
from tui.view.asks import worst_line
from tui.view.choices import HIDDEN_WORDS, Choices
from tui.view.columns.base import Column, Grouping, Sort
from tui.view.columns.registry import all_columns, all_groupings, all_sorts, first_sort, grouping_named, sort_named
from tui.view.empty import NOTHING_SOON, empty_lines
from tui.view.filter import Filter
from tui.view.flags import Flag
from tui.view.lane_line import steady_peak
from tui.view.names import name_of
from tui.view.summary import Summary, folded_below, out_of_view, summary_of, urgent_line

_WINDOWS = tuple(written(seconds) for seconds in WINDOWS_S)
UNGROUPED = "none"
"""The word for no groups."""
HISTORY = 50
"""The number of filters that are remembered."""
STILL_S = 5.0
"""Seconds without a key after which the rows may be sorted anew for a lane that has become urgent."""
OFFERED = 6
"""The number of completions that are named."""
_OVER = (LaneState.ENDED, LaneState.CLOSED)


class TableOrder:
    """The rows on the screen, and the choices that determine them.

    Rows keep their places until they are sorted anew.
    """

    def __init__(self, sort: Sort, *, reverse: bool = False) -> None:
        self.sort = sort
        self.reverse = reverse
        self.filter = Filter()
        self.group: Grouping | None = None
        self.hide = Hide.NONE
        self.folded: frozenset[LaneId] = frozenset()
        """The folded lanes and groups."""
        self.pinned: frozenset[LaneId] = frozenset()
        self.marked: frozenset[LaneId] = frozenset()
        """The lanes for the next verb."""
        self.order: list[LaneId] = []
        self.groups: Mapping[LaneId, GroupRow] = {}
        """The rows of groups, by their ids in `order`."""
        self.hidden = 0
        """The number of lanes without a row because of `hide`."""
        self.touched = False
        """True after a person pressed a key."""
        self.sorts_next = False
        """True if all rows are to be sorted when they are arranged next, since another time is shown."""
        self._overtaken_for: tuple[object, ...] = ()
        self._overtaken = False
        self._kept: list[LaneId] = []
        self._arranged: tuple[object, ...] = ()
        self._moved_for: tuple[object, ...] = ()
        self._moved = 0

    def arrange(self, fleet: Fleet, flags: Mapping[LaneId, Flag], *, anew: bool = False) -> None:
        """Updates the order for lanes that were added or removed; `anew` sorts all rows by their present values."""
        anew, self.sorts_next = anew or self.sorts_next, False
        ids = tuple(lane.id for lane in fleet.lanes)
        parents = tuple(lane.parent for lane in fleet.lanes)
        depends = bool(self.filter.text) or self.hide is not Hide.NONE or self.group is not None
        version = fleet.version if depends else 0
        choice = Choice(self.folded, self.pinned)
        wanted = (ids, parents, self.filter, self.group, self.hide, choice, version)
        if not anew and wanted == self._arranged:
            return
        keep = None if anew or not self.order else self._order_kept()
        rows = arrange(fleet, self.arrangement, choice, keep, flags=flags)
        self.order, self.groups, self.hidden = rows.order, rows.groups, rows.hidden
        self._arranged = wanted
        if keep is None:
            self._kept = list(self.order)

    @property
    def arrangement(self) -> Arrangement:
        """The choices that hold for all rows."""
        return Arrangement(self.sort, self.reverse, self.filter, self.group, self.hide)

    @property
    def shown(self) -> int:
        """The number of lanes that have a row."""
        return len(self.order) - len(self.groups)

    def moved(self, fleet: Fleet, flags: Mapping[LaneId, Flag]) -> int:
        """The number of rows that sorting would move."""
        key = (fleet.version, tuple(self.order), self.arrangement, tuple(flags.items()))
        if key != self._moved_for:
            anew = arrange(fleet, self.arrangement, Choice(self.folded, self.pinned), flags=flags)
            self._moved_for = key
            self._moved = moved_rows(self.order, anew.order, {lane.id: lane for lane in fleet.lanes})
        return self._moved

    def is_overtaken(self, fleet: Fleet, flags: Mapping[LaneId, Flag]) -> bool:
        """True if the rows are sorted by attention, and a lane that has become urgent stands below others."""
        if self.sort is not first_sort() or self.reverse:
            return False
        key = (fleet.version, tuple(self.order), tuple(flags.items()))
        if key != self._overtaken_for:
            self._overtaken_for = key
            rows = Rows(self.order, self.groups, self.hidden)
            self._overtaken = is_overtaken(fleet, rows, self.sort, flags=flags, pinned=self.pinned)
        return self._overtaken

    def next_sort(self) -> None:
        """Chooses the next column to sort by."""
        orders = [sort for sort in all_sorts() if sort.in_steps]
        place = orders.index(self.sort) if self.sort in orders else -1
        self.sort = orders[(place + 1) % len(orders)]

    def unfold_above(self, lane: LaneId, lanes: Mapping[LaneId, Lane]) -> None:
        """Unfolds its group and every lane above it, so that its row is shown unless a filter hides it."""
        self.folded -= {row for row, group in self.groups.items() if lane in group.lanes}
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
        filter_input: FilterInput,
        flags: Callable[[], Mapping[LaneId, Flag]],
        remembered: Remembered,
        *,
        window: int,
        soon: SafeText = NOTHING_SOON,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`flags` returns the flags of rows; `window` is the index of the burn window that is shown first.

        `soon`: see `empty_lines`. `clock` returns seconds of a monotonic clock.
        """
        self._host = host
        self._soon = soon
        self._rows = rows
        self._table = table
        self._input = filter_input
        self._flags = flags
        self._remembered = remembered
        self.window = window
        self._below: dict[LaneId, Summary] = {}
        self._clock = clock
        self._acted: float | None = None
        """The time at which a person did something last; None: nobody did anything so far."""
        self._was_whole = False
        """True after the rows were sorted with everything read and judged."""
        self._begins_at_top = False
        """True if the cursor goes to the first row when the rows are drawn next."""

    def note_action(self) -> None:
        """Keeps the rows in their places for some seconds, since a person pressed a key or the mouse."""
        self._acted = self._clock()

    def _sorts_itself(self, fleet: Fleet) -> bool:
        """True if the rows are to be sorted anew now.

        Until all transcripts are read and judged, and nobody moved the cursor, with each snapshot; the cursor stays in
        the first row. If somebody moved it, once when all is read and judged; the cursor stays on its lane. After that
        when a lane has become urgent and stands below others, as soon as nobody has acted for some seconds; the cursor
        stays on its lane.
        """
        is_still = self._acted is None or self._clock() - self._acted >= STILL_S
        if not is_still:
            return False
        if not self._was_whole:
            self._was_whole = bool(fleet.lanes) and fleet.scan.complete and fleet.judging.complete
            if not self._table.was_moved:
                self._begins_at_top = True
                return True
            if self._was_whole and (moved := self._rows.moved(fleet, self._flags())):
                rows = own(" row moved") if moved == 1 else own(" rows moved")
                self._host.tell(joined(own("all is read and sorted: "), number(moved), rows))
                return True
        return self._rows.is_overtaken(fleet, self._flags())

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {
            "filter": self.ask_filter, "keep_filter": self.keep_filter, "sort": self.next_sort,
            "sort_again": self.sort_again,
            "reverse": self.reverse, "burn_window": self.next_window, "mark": self.mark,
            "mark_tree": self.mark_tree, "mark_all": self.mark_all, "group": self.next_group, "hide": self.next_hide,
            "pin": self.pin,
        }  # fmt: skip

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """See `Controller`."""
        return {
            "sort": Argument(self._sort_named, sort_values),
            "filter": Argument(self.filter_by, is_free=True),
            "group": Argument(self._group_named, group_values),
            "hide": Argument(lambda name: self.hide(Hide(name)), hide_values),
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
        self._rows.arrange(fleet, self._flags(), anew=self._sorts_itself(fleet))

    def show(self, fleet: Fleet, pen: Pen, cells: int) -> None:
        """Draws the rows; `cells` is the width of the screen."""
        rows, lanes, flags = self._rows, self._host.lanes, self._flags()
        folds = {lane: "+" if lane in rows.folded else "-" for lane in (*has_children(fleet), *rows.groups)}
        self._below = self._summaries(fleet, flags)
        self._table.show(
            TableState(
                order=tuple(rows.order), lanes=lanes,
                folds=folds, now=fleet.at, groups=rows.groups,
                peak=steady_peak(
                    max((lanes[lane].burn[self.window].tokens for lane in rows.order if lane in lanes), default=0)
                ),
                window=self.window, sort=rows.sort, reverse=rows.reverse, ascii=pen.ascii,
                empty=() if rows.order else tuple(empty_lines(fleet, cells, hidden=rows.hidden, soon=self._soon)),
                flags=flags, marked=rows.marked,
                below=self._below,
            )
        )  # fmt: skip
        if self._begins_at_top:
            self._begins_at_top = False
            self._table.go_to_top()

    def _summaries(self, fleet: Fleet, flags: Mapping[LaneId, Flag]) -> dict[LaneId, Summary]:
        """The summaries for the rows of folded lanes and of groups."""
        rows, lanes = self._rows, self._host.lanes
        inside = folded_below(fleet, rows.order, rows.folded) if not rows.filter.conditions else {}
        for row, group in rows.groups.items():
            inside[row] = [lanes[one] for one in (*group.lanes, *group.hidden) if one in lanes]
        return {row: made for row, hidden in inside.items() if (made := summary_of(hidden, flags)) is not None}

    def worst(self) -> Line:
        """The lane that needs a person most, unless the cursor's own filter or marks are told."""
        fleet = self._host.fleet
        if fleet is None or self._rows.filter.text or self._rows.marked:
            return ()
        return worst_line(fleet, self._flags(), ascii_only=self._host.pen.ascii)

    def urgent(self) -> Line:
        """The line about urgent rows that are scrolled out of view; empty if the table is not shown."""
        if not self._table.display or self._host.is_in(Mode.FULL):
            return ()
        rows = self._rows
        hidden = {row: one for row, one in self._below.items() if row not in rows.groups or row in rows.folded}
        return urgent_line(*out_of_view(rows.order, self._table.visible_rows, self._host.lanes, self._flags(), hidden))

    # -- filter ---------------------------------------------------------------------------------

    def filter_by(self, text: str) -> None:
        """Shows the lanes that match a filter; empty: all."""
        shown = safe_text(text, limit=MOST)
        self._rows.filter = Filter(shown)
        if self._input.value != shown:
            with self._input.prevent(Input.Changed):
                self._input.value = shown
        self._remembered.keep(view="")
        self._host.redraw()

    @property
    def filter_problems(self) -> tuple[str, ...]:
        """The parts of the filter that were not understood, and texts that no lane has."""
        fleet = self._host.fleet
        return self._rows.filter.problems(fleet.lanes, fleet.at) if fleet is not None and self._rows.filter.text else ()

    def ask_filter(self) -> None:
        """Opens the input for a filter."""
        self._host.leave(Mode.FULL)
        self._host.enter(Mode.FILTERING)
        self._input.history = self._remembered.chosen.filters
        self._input.begin()
        self._input.focus()
        self._host.redraw_later()

    def take_filter(self) -> None:
        """Shows the rows that match the filter in the input."""
        self._remembered.keep(view="")
        self._rows.filter = Filter(self._input.text)
        self._host.redraw()

    def complete_filter(self) -> None:
        """Completes the last word of the filter, and shows the other completions."""
        self._input.complete()
        offered = self._input.offered
        if not offered:
            self._host.tell(own("nothing to complete here"))
            return
        words = [safe_text(one.split(" ")[-1], limit=24) for one in offered[:OFFERED]]
        more = own("  ...") if len(offered) > OFFERED else own("")
        listed = [part for one in words for part in (own("  "), one)]
        self._host.tell(joined(own("tab:"), *listed, more) if len(offered) > 1 else None)

    def toggle_filter(self, text: str) -> None:
        """Shows the rows that match this filter, or all rows if that is the filter already."""
        self.filter_by("" if self._rows.filter.text == text else text)

    def keep_filter(self) -> None:
        """Closes the input; the filter stays and is shown."""
        text = self._rows.filter.text.strip()
        if text:
            earlier = (one for one in self._remembered.chosen.filters if one != text)
            self._remembered.keep(filters=(text, *earlier)[:HISTORY])
        self._host.leave(Mode.FILTERING)
        self._table.focus()
        self._host.tell(None)
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
        self._host.leave(Mode.FILTERING)
        self._table.focus()
        self.filter_by("")

    # -- arrangement ----------------------------------------------------------------------------

    @property
    def arrangement(self) -> Arrangement:
        """Order, filter, groups and hidden lanes of the table."""
        return self._rows.arrangement

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns from left to right, as they are written in a view; empty: as many as fit."""
        return self._table.columns

    def choices(self, split: int) -> Choices:
        """All choices for the screen; `split` is the height of the panel in percent."""
        view = self._remembered.chosen.view
        return Choices(self.arrangement, self.columns, self._rows.pinned, self.window, split, view)

    def restore(self, choices: Choices) -> None:
        """Shows the table as it was. Rows are sorted anew only if other choices than before determine them."""
        is_sorted = choices.arrangement == self.arrangement and choices.pinned == self._rows.pinned
        self._rows.pinned = choices.pinned
        if choices.window != self.window:
            self._show_window(choices.window)
        if choices.columns != self.columns:
            self._choose_columns(choices.columns)
        if not is_sorted:
            self.use(choices.arrangement, choices.columns)
        self._remembered.keep(view=choices.view)

    def use(self, arrangement: Arrangement, columns: tuple[str, ...]) -> None:
        """Shows the table in this arrangement, with these columns."""
        rows = self._rows
        rows.sort, rows.reverse = arrangement.sort, arrangement.reverse
        rows.group, rows.hide = arrangement.group, arrangement.hide
        self._choose_columns(columns)
        self.filter_by(arrangement.filter.text)
        self.sort_now()

    def _choose_columns(self, columns: tuple[str, ...]) -> None:
        self._table.choose_columns(columns)
        self._remembered.keep(columns=columns)
        self._host.redraw()

    def group_by(self, group: Grouping | None) -> None:
        """Groups the lanes; None: no groups."""
        self._rows.group = group
        self._host.tell(joined(own("grouped by "), safe_text(group.name)) if group is not None else own("not grouped"))
        self.sort_now()

    def _group_named(self, name: str) -> None:
        self.group_by(grouping_named(name) if name != UNGROUPED else None)

    def next_group(self) -> None:
        """Groups by the next grouping that some lane has a value for; after the last one, by none."""
        lanes = list(self._host.lanes.values())
        useful = (group for group in all_groupings() if any(group.value([lane]) for lane in lanes))
        choices = (None, *useful)
        place = choices.index(self._rows.group) if self._rows.group in choices else -1
        self.group_by(choices[(place + 1) % len(choices)])

    def hide(self, hide: Hide) -> None:
        """Hides lanes by their states."""
        self._rows.hide = hide
        self._remembered.keep(view="")
        self._host.redraw()
        self._host.tell(HIDDEN_WORDS[hide])

    def next_hide(self) -> None:
        """Hides ended lanes, then idle ones too, then none."""
        choices = tuple(Hide)
        self.hide(choices[(choices.index(self._rows.hide) + 1) % len(choices)])

    def focus(self) -> None:
        """Gives the focus to the table."""
        self._table.focus()

    def pin(self) -> None:
        """Pins the root of the lane at the cursor to the top, or unpins it."""
        lane = self._host.lanes.get(self._table.cursor) if self._table.cursor is not None else None
        while lane is not None and lane.parent is not None and lane.parent in self._host.lanes:
            lane = self._host.lanes[lane.parent]
        if lane is None:
            self._host.tell(own("there is no lane under the cursor"), loud=True)
            return
        self._rows.pinned ^= {lane.id}
        said = own("pinned: ") if lane.id in self._rows.pinned else own("unpinned: ")
        self._host.tell(joined(said, name_of(lane)))
        self._host.redraw()

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
        self._rows.reverse = False  # an order that is asked for by name begins in its usual direction
        self.sort_by(sort_named(name))

    def reverse(self) -> None:
        """Reverses the order."""
        self._rows.reverse = not self._rows.reverse
        self.sort_now()

    def sort_again(self) -> None:
        """Sorts the rows by their present values, and says so if they are sorted by them already."""
        fleet = self._host.fleet
        is_sorted = fleet is not None and not self._rows.moved(fleet, self._flags())
        self.sort_now()
        if is_sorted:
            self._host.tell(joined(own("already sorted by "), safe_text(self._rows.sort.name)))

    def sort_now(self) -> None:
        """Sorts the rows by their present values."""
        self._remembered.keep(sort=self._rows.sort.name, reverse=self._rows.reverse, view="")
        self._host.tell(None)  # the old notice would hide the order in the status line
        if self._host.fleet is not None:
            self._rows.arrange(self._host.fleet, self._flags(), anew=True)
        self._host.redraw()

    def next_window(self) -> None:
        """Shows the burn over the next window."""
        self._show_window((self.window + 1) % len(WINDOWS_S))

    def _show_window(self, window: int) -> None:
        self._host.tell(None)  # the old notice would hide the window in the status line
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
        has = lane in has_children(fleet) or lane in self._rows.groups
        if fold and (not has or lane in self._rows.folded):
            parent = self._parent(lane)
            if parent is not None:
                self._table.move_to(parent)
            return
        if has and (fold is None or fold != (lane in self._rows.folded)):
            self._rows.folded ^= {lane}
            self._host.redraw()

    def _parent(self, lane: LaneId) -> LaneId | None:
        """The row above a lane to which it belongs: that of its parent, or of its group."""
        found = self._host.lanes.get(lane)
        if found is not None and found.parent in self._host.lanes:
            return found.parent
        return next((row for row, group in self._rows.groups.items() if lane in group.lanes), None)

    # -- marks ----------------------------------------------------------------------------------

    def mark(self) -> None:
        """Marks or unmarks the lane, or the lanes of the group that have not ended, and moves to the next row."""
        cursor = self._table.cursor
        if cursor is not None and cursor in self._rows.groups:
            self._mark_or_unmark({lane for lane in self._rows.groups[cursor].lanes if self._may_act(lane)})
        elif cursor is not None:
            self._rows.marked ^= {cursor}
        self._table.move_by(1)
        self._host.redraw()

    def mark_tree(self) -> None:
        """Marks the lane and all lanes below it; unmarks them if all are marked."""
        if self._table.cursor is None or self._table.cursor in self._rows.groups:
            self.mark()
            return
        tree = {self._table.cursor}
        for lane in self._host.lanes.values():  # parents come before their children
            if lane.parent in tree:
                tree.add(lane.id)
        self._mark_or_unmark(tree)
        self._host.redraw()

    def _mark_or_unmark(self, lanes: set[LaneId]) -> None:
        marked = self._rows.marked
        self._rows.marked = marked - lanes if lanes <= marked else marked | lanes

    def _may_act(self, lane: LaneId) -> bool:
        return lane in self._host.lanes and self._host.lanes[lane].state not in _OVER

    def mark_all(self) -> None:
        """Marks all lanes that are shown and have not ended; removes all marks if they are all marked.

        Under a filter, lanes that are shown only because a lane below them matches are not marked.
        """
        lanes = [self._host.lanes[lane] for lane in self._rows.order if lane in self._host.lanes]
        at = self._host.fleet.at if self._host.fleet is not None else 0.0
        shown = {lane.id for lane in lanes if self._may_act(lane.id) and self._rows.filter.matches(lane, at)}
        marked = self._rows.marked
        self._rows.marked = frozenset() if shown <= marked else marked | shown
        self._host.redraw()


def group_values() -> list[Value]:
    """The groupings by name."""
    found = [Value(one.name, joined(own("one group for each "), safe_text(one.name))) for one in all_groupings()]
    return [*found, Value(UNGROUPED, own("no groups"))]


def hide_values() -> list[Value]:
    """The choices of hidden lanes by name."""
    return [Value(one.value, HIDDEN_WORDS[one]) for one in Hide]


def sort_values() -> list[Value]:
    """The orders by name, each with the description of its column."""
    docs = {column.sort.name: column.doc for column in all_columns() if column.sort is not None}
    return [Value(sort.name, docs[sort.name]) for sort in all_sorts()]
