"""The main screen: header, lane table, the selected lane, status, keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from tui.ledger.burn import WINDOWS_S
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane
from tui.ui.bindings import FLEET, bindings
from tui.ui.widgets.key_bar import KeyBar, KeyHint
from tui.ui.widgets.lane_table import LaneTable, TableState
from tui.ui.widgets.lines import LinesBar, LinesPanel, Pen
from tui.view.arrange import Filter, Sort, arrange, has_children, next_needing
from tui.view.detail import detail_lines
from tui.view.empty import empty_lines
from tui.view.header import HeaderFacts, header_lines
from tui.view.lane_line import steady_peak
from tui.view.safe_text import SafeText, safe_text
from tui.view.spans import own
from tui.view.status import SORT_COLUMNS, StatusFacts, status_line

SLOW_S = 0.25
"""Between two drawings of header and status while events pour in."""
DETAIL_S = 1.0
"""The selected lane is drawn when it changed, and this often for its clocks."""
SPLIT_ROWS = 32
"""From this height on, the selected lane stands below the table at all times."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How the main screen begins."""

    sort: Sort = Sort.ATTENTION
    window: int = 1
    ascii: bool = False
    since: SafeText = own("")
    source: SafeText = own("")
    columns: tuple[str, ...] = ()
    """Columns of the table by importance; empty: the usual ones."""
    hourly_budget: int = 0
    """Tokens per hour that all lanes together may burn; 0: none."""


class FleetScreen(Screen[None]):
    """Draws fleets that it is given; asks for everything else by actions."""

    BINDINGS = bindings(FLEET)
    DEFAULT_CSS = """
    FleetScreen { layout: vertical; }
    FleetScreen #header { height: 2; }
    FleetScreen #detail { height: 44%; min-height: 10; display: none; border-top: solid $panel; }
    FleetScreen.-split #detail { display: block; }
    FleetScreen.-full #table { display: none; }
    FleetScreen.-full #detail { display: block; height: 1fr; }
    FleetScreen #filter { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    FleetScreen.-filtering #filter { display: block; }
    FleetScreen.-ascii #detail { border-top: ascii $panel; scrollbar-size-vertical: 0; }
    FleetScreen.-ascii #table { scrollbar-size-vertical: 0; }
    """

    def __init__(self, pen: Pen, options: FleetOptions, hints: Callable[[str], SafeText]) -> None:
        super().__init__()
        self._options = options
        self._hint_key = hints
        self._sort = options.sort
        self._reverse = False
        self._window = options.window
        self._filter = Filter()
        self._folded: frozenset[LaneId] = frozenset()
        self._order: list[LaneId] = []
        self._kept: list[LaneId] = []
        self._arranged: tuple[object, ...] = ()
        self._touched = False
        self._fleet: Fleet | None = None
        self._lanes: dict[LaneId, Lane] = {}
        self._notice: SafeText | None = None
        self._loud = False
        self._own_cost: SafeText | None = None
        self._slow_drawn = 0.0
        self._slow_due = False
        self._detailed: tuple[Lane | None, float] = (None, 0.0)
        self.header = LinesBar(pen, id="header")
        self.table = LaneTable(pen, options.columns, id="table")
        self.detail = LinesPanel(pen, id="detail")
        self.status = LinesBar(pen, ground="ground", id="status")
        self.keys = KeyBar(pen, id="keys")

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        yield self.header
        yield self.table
        yield self.detail
        yield Input(id="filter", placeholder="words, state:needs_input, agent:codex, model:opus, !not", compact=True)
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        """The table has the keys first."""
        self.set_class(self._options.ascii, "-ascii")
        self.table.focus()

    # -- drawing --------------------------------------------------------------------------------

    def draw(self, fleet: Fleet, *, whole: bool = False) -> None:
        """Draws a fleet; only what changed reaches the terminal.

        Rows are drawn at once. Header and status, which change with every token of any lane, follow
        within `SLOW_S`, since drawing the top and the bottom makes all between them be looked at.
        """
        self._fleet = fleet
        self._lanes = {lane.id: lane for lane in fleet.lanes}
        self._arrange()
        if self.size.width == 0:
            return
        self._draw_table(fleet)
        self._draw_detail(fleet, whole=whole)
        wait = self._slow_drawn + SLOW_S - time.monotonic()
        if whole or wait <= 0:
            self._draw_slow()
        elif not self._slow_due:
            self._slow_due = True
            self.set_timer(wait, self._draw_slow)

    def _draw_slow(self) -> None:
        fleet = self._fleet
        self._slow_due = False
        self._slow_drawn = time.monotonic()
        if fleet is None:
            return
        facts = HeaderFacts(
            self._options.since, self._options.source, self._window, self._options.hourly_budget, self._options.ascii
        )
        self.header.show(header_lines(fleet, facts, self.size.width))
        self._draw_status(fleet)

    def tell(self, notice: SafeText | None, *, loud: bool = False) -> None:
        """Says something in the status line."""
        self._notice, self._loud = notice, loud
        if self._fleet is not None:
            self._draw_status(self._fleet)

    def show_own_cost(self, text: SafeText | None) -> None:
        """What lanewatch itself costs, or None to stop showing it."""
        self._own_cost = text
        if self._fleet is not None:
            self._draw_status(self._fleet)

    def restyle(self, pen: Pen) -> None:
        """Another theme."""
        for widget in (self.header, self.table, self.detail, self.status, self.keys):
            widget.restyle(pen)

    @property
    def selected(self) -> Lane | None:
        """The lane under the cursor."""
        return self._lanes.get(self.table.cursor) if self.table.cursor is not None else None

    def _arrange(self, *, anew: bool = False) -> None:
        fleet = self._fleet
        if fleet is None:
            return
        ids = tuple(lane.id for lane in fleet.lanes)
        parents = tuple(lane.parent for lane in fleet.lanes)
        # While history is still being read and no key was pressed, the order may follow; then it stands.
        settling = not self._touched and not fleet.scan.complete
        wanted = (ids, parents, self._filter, self._folded, fleet.version if self._filter.text or settling else 0)
        if not anew and wanted == self._arranged:
            return
        keep = None if anew or settling or not self._order else self._order_kept()
        self._order = arrange(fleet, self._sort, self._filter, self._folded, keep, reverse=self._reverse)
        self._arranged = wanted
        if anew or settling or keep is None:
            self._kept = list(self._order)

    def _order_kept(self) -> list[LaneId]:
        known = set(self._kept)
        self._kept += [lane for lane in self._order if lane not in known]
        return self._kept

    def _draw_table(self, fleet: Fleet) -> None:
        parents = has_children(fleet)
        peak = steady_peak(max((self._lanes[lane].burn[self._window].tokens for lane in self._order), default=0))
        self.table.show(
            TableState(
                order=tuple(self._order), lanes=self._lanes,
                folds={lane: "+" if lane in self._folded else "-" for lane in parents}, now=fleet.at, peak=peak,
                window=self._window, sort_column=SORT_COLUMNS[self._sort], reverse=self._reverse,
                ascii=self._options.ascii, empty=() if self._order else tuple(empty_lines(fleet, self.size.width)),
            )
        )  # fmt: skip

    def _draw_detail(self, fleet: Fleet, *, whole: bool = True) -> None:
        if not self.detail.display:
            return
        lane = self.selected
        if not whole and lane is self._detailed[0] and abs(fleet.at - self._detailed[1]) < DETAIL_S:
            return
        self._detailed = (lane, fleet.at)
        cells = self.detail.lines_width
        if lane is None:
            self.detail.show([])
            return
        self.detail.show(detail_lines(lane, cells, fleet.at, window=self._window, ascii_only=self._options.ascii))

    def _draw_status(self, fleet: Fleet) -> None:
        facts = StatusFacts(
            self._sort, self._reverse, self._filter, len(self._order), len(fleet.lanes), WINDOWS_S[self._window],
            self._notice, self._loud, self._own_cost,
        )  # fmt: skip
        self.status.show([status_line(facts, self.size.width)])

    def _draw_keys(self) -> None:
        scope = "detail" if self.focused is self.detail else "filter" if self.has_class("-filtering") else "table"
        self.keys.show_hints(self._hints(scope))

    def _hints(self, scope: str) -> list[KeyHint]:
        if scope == "filter":
            return [
                KeyHint(own("enter"), own("keep"), "screen.keep_filter"),
                KeyHint(own("esc"), own("clear"), "screen.back"),
            ]
        hints = [KeyHint(self._hint_key("app.back"), own("back"), "screen.back")] if scope == "detail" else []
        ids = ("lane.open",) if scope == "table" else ("lane.next",)
        rest = ("lane.filter", "lane.sort", "lane.jump", "lane.explain", "lane.next", "app.help", "app.quit")
        for key in FLEET:
            if (
                key.hint
                and key.id in (*ids, *rest)
                and (scope == "table" or key.id in ("lane.jump", "lane.explain", "lane.next"))
            ):
                hints.append(KeyHint(self._hint_key(key.id), safe_text(key.hint), f"screen.{key.action}"))
        hints.append(KeyHint(self._hint_key("app.help"), own("help"), "app.help"))
        hints.append(KeyHint(self._hint_key("app.quit"), own("quit"), "app.quit"))
        return hints

    # -- what a person does ---------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Another size: another layout."""
        self.set_class(event.size.height >= SPLIT_ROWS, "-split")
        self.call_after_refresh(self._redraw)

    def on_descendant_focus(self) -> None:
        """Other keys hold in another panel."""
        self._draw_keys()

    def on_key(self) -> None:
        """From the first key on, rows keep their places."""
        self._touched = True

    @on(LaneTable.Moved)
    def _moved(self) -> None:
        if self._fleet is not None:
            self.detail.scroll_to(y=0, animate=False, immediate=True)
            self._draw_detail(self._fleet)

    @on(LaneTable.Opened)
    def _opened(self) -> None:
        self.action_open()

    @on(LaneTable.Folded)
    def _folding(self, event: LaneTable.Folded) -> None:
        if self._fleet is None:
            return
        has = event.lane in has_children(self._fleet)
        if event.fold and (not has or event.lane in self._folded):
            parent = self._lanes[event.lane].parent if event.lane in self._lanes else None
            if parent is not None:
                self.table.move_to(parent)
            return
        if has and (event.fold is None or event.fold != (event.lane in self._folded)):
            self._folded = self._folded ^ {event.lane}
            self._redraw()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        clean = safe_text(event.value, limit=200)
        if clean != event.value:
            event.input.value = clean  # what is pasted may be as hostile as a transcript
            return
        self._filter = Filter(clean)
        self._redraw()

    @on(Input.Submitted, "#filter")
    def _filter_kept(self) -> None:
        self.action_keep_filter()

    def _redraw(self) -> None:
        if self._fleet is not None:
            self.draw(self._fleet, whole=True)
        self._draw_keys()

    def action_keep_filter(self) -> None:
        """Leaves the input; the filter stays, and stays visible."""
        self.remove_class("-filtering")
        self.table.focus()
        self._redraw()

    def action_open(self) -> None:
        """The lane in full."""
        if self.selected is None:
            return
        self.add_class("-full")
        self.detail.focus()
        self.call_after_refresh(self._redraw)

    def action_back(self) -> None:
        """One step back: out of the detail, then out of the filter."""
        if self.has_class("-filtering") or (self._filter.text and not self.has_class("-full")):
            self.query_one("#filter", Input).value = ""
            self.remove_class("-filtering")
        self.remove_class("-full")
        self.table.focus()
        self.tell(None)
        self.call_after_refresh(self._redraw)

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.remove_class("-full")
        self.add_class("-filtering")
        self.query_one("#filter", Input).focus()
        self.call_after_refresh(self._redraw)

    def action_sort(self) -> None:
        """The next order, sorted now."""
        orders = list(Sort)
        self._sort = orders[(orders.index(self._sort) + 1) % len(orders)]
        self.sort_now()

    def sort_by(self, sort: Sort) -> None:
        """This order, sorted now."""
        self._sort = sort
        self.sort_now()

    def action_reverse(self) -> None:
        """The other way round, sorted now."""
        self._reverse = not self._reverse
        self.sort_now()

    def sort_now(self) -> None:
        """Sorts the rows by what is true now."""
        self._arrange(anew=True)
        self._redraw()

    def action_next_needing(self) -> None:
        """The next lane that needs a person."""
        lane = next_needing(self._order, self._lanes, self.table.cursor)
        if lane is None:
            self.tell(own("no lane needs you"))
            return
        self.table.move_to(lane)
        self.tell(None)

    def action_burn_window(self) -> None:
        """Burn over the next window."""
        self._window = (self._window + 1) % len(WINDOWS_S)
        self._redraw()

    def action_next_panel(self) -> None:
        """From the table to the detail and back."""
        if self.focused is self.table and self.detail.display:
            self.detail.focus()
        elif self.table.display:
            self.table.focus()
