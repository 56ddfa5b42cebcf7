"""The main screen: header, lane table, the selected lane, status, keys."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.agents.registry import AGENTS
from tui.ledger.burn import WINDOWS_S
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.screen.bindings import FLEET, bindings
from tui.screen.control_client import ControlClient
from tui.screen.findings_model import FindingDesk
from tui.screen.hints import hints
from tui.screen.table_order import Rows
from tui.screen.verb_keys import VerbKeys
from tui.screen.widgets.finding_list import FindingsState
from tui.screen.widgets.key_bar import KeyBar, KeyHint
from tui.screen.widgets.lane_table import LaneTable, TableState
from tui.screen.widgets.lines import LinesBar, Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.view.arrange import Filter, Sort, has_children
from tui.view.control_lines import hands_lines
from tui.view.detail import detail_lines
from tui.view.empty import empty_lines
from tui.view.findings import header_counts
from tui.view.header import HeaderFacts, header_lines
from tui.view.lane_findings import judged_of
from tui.view.lane_line import name_of, steady_peak
from tui.view.status import SORT_COLUMNS, StatusFacts, status_lines

SLOW_S = 0.25
"""Between two drawings of header and status while events pour in."""
DETAIL_S = 1.0
"""The selected lane is drawn when it changed, and this often for its clocks."""
SPLIT_ROWS = 32
"""From this height on, the selected lane stands below the table at all times."""


@frozen
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


class FleetScreen(VerbKeys):
    """Draws fleets that it is given; asks for everything else by actions."""

    BINDINGS = bindings(FLEET)
    DEFAULT_CSS = """
    FleetScreen { layout: vertical; }
    FleetScreen #header { height: 2; }
    FleetScreen #detail { height: 44%; min-height: 10; display: none; border-top: solid $panel; }
    FleetScreen.-split #detail { display: block; }
    FleetScreen.-full #table { display: none; }
    FleetScreen #findings { height: 44%; min-height: 8; display: none; border-top: solid $panel; }
    FleetScreen.-findings #findings { display: block; }
    FleetScreen.-findings #detail { display: none; }
    FleetScreen.-full #findings { display: none; }
    FleetScreen.-full #detail { display: block; height: 1fr; }
    FleetScreen.-filtering #filter { display: block; }
    FleetScreen.-muting #mute { display: block; }
    FleetScreen.-ascii #detail { border-top: ascii $panel; scrollbar-size-vertical: 0; }
    FleetScreen.-ascii #findings { border-top: ascii $panel; scrollbar-size-vertical: 0; }
    FleetScreen.-ascii #table { scrollbar-size-vertical: 0; }
    """

    def __init__(
        self,
        pen: Pen,
        options: FleetOptions,
        hints: Callable[[str], SafeText],
        desk: FindingDesk,
        hands: ControlClient,
    ) -> None:
        super().__init__(pen, desk, hands, Rows(options.sort), options.columns)
        self._options = options
        self._hint_key = hints
        self._window = options.window
        self._notice: SafeText | None = None
        self._counted: Counter[LaneState] = Counter()
        self._loud = False
        self._own_cost: SafeText | None = None
        self._slow_drawn = 0.0
        self._slow_due = False
        self._detailed: tuple[Lane | None, float] = (None, 0.0)
        self.header = LinesBar(pen, id="header")
        self._filter_input = SafeInput(
            safe_text(f"words, loop, finding:stop, state:needs_input, agent:{AGENTS[-1].name}, model:opus, !not"),
            id="filter",
        )
        self.status = LinesBar(pen, ground="ground", id="status")
        self.keys = KeyBar(pen, id="keys")

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        yield self.header
        yield self.table
        yield self.detail
        yield self.findings
        yield self._filter_input
        yield self._mute_input
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
        if self.marked:
            self.marked &= self._lanes.keys()
        self._desk.update(fleet)
        self.rows.arrange(fleet, self._desk.flags)
        if self.size.width == 0:
            return
        self.tell_news(self._notice)
        self._draw_table(fleet)
        self._draw_findings(fleet)
        self._draw_detail(fleet, whole=whole)
        counted = Counter(lane.state for lane in fleet.lanes)
        # A row and the header's count of its state never say two things: states change seldom.
        whole = whole or counted != self._counted
        self._counted = counted
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
            self._options.since, self._options.source, self._window, self._options.hourly_budget, self._options.ascii,
            header_counts(self._desk.entries),
        )  # fmt: skip
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
        self._pen = pen
        for widget in (self.header, self.table, self.detail, self.findings, self.status, self.keys):
            widget.restyle(pen)

    @property
    def selected(self) -> Lane | None:
        """The lane under the cursor."""
        return self._lanes.get(self.table.cursor) if self.table.cursor is not None else None

    def _draw_table(self, fleet: Fleet) -> None:
        parents = has_children(fleet)
        peak = steady_peak(max((self._lanes[lane].burn[self._window].tokens for lane in self.rows.order), default=0))
        self.table.show(
            TableState(
                order=tuple(self.rows.order), lanes=self._lanes,
                folds={lane: "+" if lane in self.rows.folded else "-" for lane in parents}, now=fleet.at, peak=peak,
                window=self._window, sort_column=SORT_COLUMNS[self.rows.sort], reverse=self.rows.reverse,
                ascii=self._options.ascii, empty=() if self.rows.order else tuple(empty_lines(fleet, self.size.width)),
                flags=self._desk.flags, marked=self.marked,
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
        judged = judged_of(lane, fleet, self._desk.entries, self._desk.chosen)
        ascii_only = self._options.ascii
        lines = detail_lines(lane, cells, fleet.at, window=self._window, ascii_only=ascii_only, judged=judged)
        lines += hands_lines(lane, self._hands.orders, cells, self._hint_key("order.stronger"))
        self.detail.show(lines)

    def _draw_findings(self, fleet: Fleet) -> None:
        if not self.findings.display:
            return
        names = {
            entry.lane: name_of(self._lanes[entry.lane])
            for entry in self._desk.entries
            if entry.lane is not None and entry.lane in self._lanes
        }
        self.findings.show(FindingsState(self._desk.entries, names, fleet.at, self._options.ascii))

    def _draw_status(self, fleet: Fleet) -> None:
        facts = StatusFacts(
            self.rows.sort, self.rows.reverse, self.rows.filter, len(self.rows.order), len(fleet.lanes),
            WINDOWS_S[self._window], self._notice, self._loud, self._own_cost, len(self.marked),
        )  # fmt: skip
        lines = status_lines(facts, self.size.width)
        self.status.styles.height = len(lines)
        self.status.show(lines)

    def _draw_keys(self) -> None:
        self.keys.show_hints(self._hints())

    def _hints(self) -> list[KeyHint]:
        return self._hints_of(verbs=not self._hands.refusal)

    def _hints_of(self, *, verbs: bool, replay: bool = False) -> list[KeyHint]:
        return hints(self._scope, self._hint_key, verbs=verbs, replay=replay)

    @property
    def _scope(self) -> str:
        if self.has_class("-filtering"):
            return "filter"
        if self.has_class("-muting"):
            return "mute"
        return "detail" if self.focused is self.detail else "findings" if self.focused is self.findings else "table"

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
        self.rows.touched = True

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
        if event.fold and (not has or event.lane in self.rows.folded):
            parent = self._lanes[event.lane].parent if event.lane in self._lanes else None
            if parent is not None:
                self.table.move_to(parent)
            return
        if has and (event.fold is None or event.fold != (event.lane in self.rows.folded)):
            self.rows.folded = self.rows.folded ^ {event.lane}
            self._redraw()

    @on(Input.Changed, "#filter")
    def _filter_changed(self) -> None:
        self.rows.filter = Filter(self._filter_input.text)
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
        """The lane in full; from the findings with the evidence of the one under the cursor."""
        if self.focused is self.findings:
            entry = self.findings.entry
            if entry is None or not self._choose(entry):
                return
        if self.selected is None:
            return
        self.add_class("-full")
        self.detail.focus()
        self.call_after_refresh(self._redraw)

    def action_back(self) -> None:
        """One step back: out of an input, the detail, the findings, then out of the filter."""
        if self.has_class("-muting"):
            self._end_muting()
        elif self.has_class("-full"):
            self.remove_class("-full")
            (self.findings if self.has_class("-findings") else self.table).focus()
        elif self.has_class("-filtering"):
            self._clear_filter()
        elif self.has_class("-findings"):
            self.remove_class("-findings")
            self.table.focus()
        elif self.marked:
            self.marked = frozenset()
        elif self.rows.filter.text:
            self._clear_filter()
        else:
            self.table.focus()
        self.tell(None)
        self.call_after_refresh(self._redraw)

    def _clear_filter(self) -> None:
        self._filter_input.value = ""
        self.remove_class("-filtering")
        self.table.focus()

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.remove_class("-full")
        self.add_class("-filtering")
        self._filter_input.focus()
        self.call_after_refresh(self._redraw)

    def action_sort(self) -> None:
        """The next order, sorted now."""
        self.rows.next_sort()
        self.sort_now()

    def sort_by(self, sort: Sort) -> None:
        """This order, sorted now."""
        self.rows.sort = sort
        self.sort_now()

    def action_reverse(self) -> None:
        """The other way round, sorted now."""
        self.rows.reverse = not self.rows.reverse
        self.sort_now()

    def sort_now(self) -> None:
        """Sorts the rows by what is true now."""
        if self._fleet is not None:
            self.rows.arrange(self._fleet, self._desk.flags, anew=True)
        self._redraw()

    def action_burn_window(self) -> None:
        """Burn over the next window."""
        self._window = (self._window + 1) % len(WINDOWS_S)
        self._redraw()

    def action_next_panel(self) -> None:
        """From the table to the detail and back."""
        below = self.findings if self.findings.display else self.detail
        if self.focused is self.table and below.display:
            below.focus()
        elif self.table.display:
            self.table.focus()
