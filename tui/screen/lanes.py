"""The main screen: header, lane table, detail of the lane at the cursor, findings, status line, keys."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from itertools import chain
from typing import cast

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingsMap
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widgets import Input

from tui.agents.registry import AGENTS
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.screen.bindings import ANSWER_KEY, FLEET, SUBMITS, bindings, hints
from tui.screen.clipboard import copy_text
from tui.screen.columns import ColumnsController
from tui.screen.control_client import ControlClient
from tui.screen.controller import Answer, Argument, Command, Controller, Mode
from tui.screen.conversation import ConversationController, ConversationScreen
from tui.screen.detail import DetailController
from tui.screen.findings import FindingsController
from tui.screen.findings_model import FindingsModel
from tui.screen.lane_commands import LaneCommands
from tui.screen.page import Page, PageScreen
from tui.screen.services import LanesOptions, LanesParts, Services
from tui.screen.split import PANEL_ROWS, SplitController
from tui.screen.status_line import StatusLine
from tui.screen.table_order import TableController, TableOrder
from tui.screen.tags import TagsController
from tui.screen.timers import after
from tui.screen.type_ahead import TypeAhead
from tui.screen.undo import UndoController
from tui.screen.views import ViewsController
from tui.screen.widgets.filter_input import FilterInput
from tui.screen.widgets.finding_list import FindingList
from tui.screen.widgets.header_bar import HeaderBar
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.screen.widgets.prompt import Prompt
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.view.asks import can_be_answered
from tui.view.filter import completions
from tui.view.findings import header_counts
from tui.view.header import HeaderFacts, header_lines
from tui.view.status import notice_seconds

SLOW_S = 0.25
"""Seconds between two redraws of header and status line while many events arrive."""
NOTICE_ROWS = 2
SPLIT_ROWS = 32
"""From this height in rows on, the detail is always shown below the table; on a lower screen only if the table leaves
it enough rows."""


class LanesScreen(Screen[None]):
    """Connects widgets and controllers, and draws the fleets that it receives.

    It is the `Host` of its controllers. `services` adds controllers for live lanes or for a recording. If two commands
    have the same name, the added one is used.
    """

    BINDINGS = bindings(FLEET, command=True)
    DEFAULT_CSS = """
    LanesScreen { layout: vertical; }
    LanesScreen #detail { height: 44%; min-height: 10; display: none; border-top: solid $panel; }
    LanesScreen.-split #detail { display: block; }
    LanesScreen.-full #table { display: none; }
    LanesScreen #findings { height: 44%; min-height: 8; display: none; border-top: solid $panel; }
    LanesScreen.-findings #findings { display: block; }
    LanesScreen.-findings #detail { display: none; }
    LanesScreen.-full #findings { display: none; }
    LanesScreen.-full #detail { display: block; height: 1fr; }
    LanesScreen.-filtering #filter-prompt { display: block; }
    LanesScreen.-naming #view-prompt { display: block; }
    LanesScreen.-tagging #tags-prompt { display: block; }
    LanesScreen.-muting #mute-prompt { display: block; }
    LanesScreen.-timing #time-prompt { display: block; }
    LanesScreen.-ascii #detail { border-top: ascii $panel; scrollbar-size-vertical: 0; }
    LanesScreen.-ascii #findings { border-top: ascii $panel; scrollbar-size-vertical: 0; }
    LanesScreen.-ascii #table { scrollbar-size-vertical: 0; }
    """

    def __init__(
        self,
        pen: Pen,
        options: LanesOptions,
        key_of: Callable[[str], SafeText],
        model: FindingsModel,
        control: ControlClient,
        services: Services,
        draw_now: Callable[[], None],
        type_ahead: TypeAhead,
    ) -> None:
        """`key_of` returns the first key of a binding's id; `draw_now` takes a new snapshot and draws it here."""
        super().__init__()
        self._bindings = BindingsMap.merge([
            self._bindings, BindingsMap(bindings((*services.keys, *services.user_keys), command=True)),
            BindingsMap(bindings(services.refused_keys, command=True)),
        ])  # fmt: skip
        self._pen = pen
        self._options = options
        self._key_of = key_of
        self._services = services
        self._model = model
        self._draw_new = draw_now
        self._type_ahead = type_ahead
        self._fleet: Fleet | None = None
        self._lanes: dict[LaneId, Lane] = {}
        self._counted: Counter[LaneState] = Counter()
        self._slow_drawn = 0.0
        self._slow_due = False
        self._notice_timer: Timer | None = None
        """Removes the notice."""
        self.header = HeaderBar(pen, id="header")
        self.table = LaneTable(pen, options.columns, id="table")
        self.detail = LinesPanel(pen, id="detail")
        self.findings = FindingList(pen, id="findings")
        self.status = LinesBar(pen, ground="ground", id="status")
        self.keys = KeyBar(pen, id="keys")
        self._filter_input = FilterInput(
            safe_text(
                f"needs you, looping, agent:{AGENTS[-1].name}, project:shop, cost>1, age<1h, !ended (tab completes)"
            ),
            lambda text: completions(text, self._lanes.values()),
            id="filter",
        )
        self._name_input = SafeInput(own("a name: night. For key 3: 3 night. To delete it: -night"), id="view")
        self._tags_input = SafeInput(own("words of your own: night urgent; an empty line removes all"), id="tags")
        self._mute_input = SafeInput(own(""), id="mute")
        self._prompts = (
            Prompt(pen, own("/"), self._filter_input, id="filter-prompt"),
            Prompt(pen, own("view"), self._name_input, id="view-prompt"),
            Prompt(pen, own("tags"), self._tags_input, id="tags-prompt"),
            Prompt(pen, own("mute"), self._mute_input, id="mute-prompt"),
        )
        self.rows = TableOrder(options.sort, reverse=options.reverse)
        self.ordering = TableController(
            self, self.rows, self.table, self._filter_input, lambda: model.flags, options.remembered,
            window=options.window, soon=options.soon,
        )  # fmt: skip
        self._finding_keys = FindingsController(
            self, model, self.rows, self.table, self.detail, self.findings, self._mute_input, key_of("finding.list")
        )
        self._detailed = DetailController(
            self, self.detail, self.table, self.ordering, self._finding_keys, control, key_of("order.stronger")
        )
        self.views = ViewsController(
            self, options.views, self.ordering, self._name_input, options.remembered, key_of("view.save")
        )
        self._status_line = StatusLine(
            self.status, self.rows, self.ordering, key_of("lane.hide"), key_of("lane.sort_again")
        )
        columns = ColumnsController(self, self.table, options.remembered, key_of)
        self._split = SplitController(self, self.table, (self.detail, self.findings), options.remembered)
        self.undoing = UndoController(self, self.ordering, self._split)
        self.tags = options.tags
        self._tags = TagsController(
            self, self.tags, self.rows, self.table, self.ordering, self._tags_input, self.undoing
        )
        lane_commands = LaneCommands(self, control, lambda: self.selected, self._copy)
        conversations = ConversationController(
            self, self._finding_keys, lambda: self.selected, services.moment, services.hold, key_of
        )
        self._added = services.controllers(
            LanesParts(self, self.rows, self.table, self._finding_keys, control, key_of, conversations, self.undoing)
        )
        self._controllers: tuple[Controller, ...] = (
            self.ordering, self._finding_keys, self._detailed, lane_commands, conversations, self.views, columns,
            self._split, self._tags, self.undoing, *self._added,
        )  # fmt: skip
        self.commands: dict[str, Command] = {"back": self.back, "next_panel": self.next_panel}
        """The commands of the keys of this screen, by their names in the table of keys."""
        self.first_line = own("")
        """The notice that the first key removes; empty: none."""
        self.arguments: dict[str, Argument] = {}
        """The arguments of the typed commands of this screen, by the names of these."""
        for controller in self._controllers:
            self.commands.update(controller.commands)
            self.arguments.update(controller.arguments)

    def compose(self) -> ComposeResult:
        """Yields the parts from top to bottom."""
        yield self.header
        yield self.table
        yield self.detail
        yield self.findings
        yield from self._prompts
        for controller in self._added:
            yield from controller.widgets
        yield self.status
        yield self.keys

    def on_mount(self) -> None:
        """Gives the focus to the table."""
        self.set_class(self._options.ascii, "-ascii")
        self._split.apply()
        self.views.show_remembered()
        self.undoing.begin()
        self.table.focus()

    # -- for its controllers (see `Host`) ---------------------------------------------------------

    @property
    def fleet(self) -> Fleet | None:
        """See `Host`."""
        return self._fleet

    @property
    def lanes(self) -> dict[LaneId, Lane]:
        """See `Host`."""
        return self._lanes

    @property
    def pen(self) -> Pen:
        """See `Host`."""
        return self._pen

    @property
    def notice(self) -> SafeText | None:
        """See `Host`."""
        return self._status_line.notice

    @property
    def is_reading(self) -> bool:
        """See `Host`."""
        return isinstance(self._any_app.screen, ConversationScreen)

    @property
    def is_undisturbed(self) -> bool:
        """See `Host`."""
        return self.is_active and not any(one.input_scope for one in self._controllers)

    def tell(self, notice: SafeText | None, *, loud: bool = False, stays: bool = False) -> None:
        """See `Host`."""
        self._status_line.tell(notice, loud=loud)
        if self._notice_timer is not None:
            self._notice_timer.stop()
            self._notice_timer = None
        if notice is not None and not stays:
            self._notice_timer = self.set_timer(notice_seconds(notice, loud=loud), lambda: self.tell(None))
        self._draw_status()

    def correct(self, notice: SafeText | None) -> None:
        """See `Host`."""
        self._status_line.correct(notice)
        self._draw_status()

    def tell_reader(self, notice: SafeText) -> None:
        """See `Host`."""
        if isinstance(screen := self._any_app.screen, ConversationScreen):
            screen.tell(notice, "accent")

    def redraw(self) -> None:
        """See `Host`."""
        if self._fleet is not None:
            self.draw(self._fleet, whole=True)
        self._draw_keys()

    def redraw_later(self) -> None:
        """See `Host`."""
        self.call_after_refresh(self.redraw)

    def draw_now(self) -> None:
        """See `Host`."""
        self._draw_new()

    def is_in(self, mode: Mode) -> bool:
        """See `Host`."""
        return self.has_class(mode)

    def enter(self, mode: Mode) -> None:
        """See `Host`."""
        self.add_class(mode)
        self._split.apply()

    def leave(self, mode: Mode) -> None:
        """See `Host`."""
        self.remove_class(mode)
        self._split.apply()

    def open_page(self, title: SafeText, page: Page, *, from_end: bool = False) -> None:
        """See `Host`."""
        self._any_app.push_screen(PageScreen(title, page, self._pen, from_end=from_end))

    def open_screen(self, screen: Screen[None]) -> None:
        """See `Host`."""
        self._any_app.push_screen(screen)

    def suspended(self) -> AbstractContextManager[None]:
        """See `Host`."""
        return self._any_app.suspend()

    async def ask(self, question: ModalScreen[Answer]) -> Answer | None:
        """See `Host`."""
        return await self._any_app.push_screen_wait(question)

    def start(self, work: Coroutine[None, None, None], *, group: str, exclusive: bool = False) -> None:
        """See `Host`."""
        self.run_worker(work, group=group, exclusive=exclusive)

    def preparing(self) -> AbstractContextManager[None]:
        """See `Host`."""
        return self._type_ahead.preparing()

    def forget_typed(self) -> None:
        """See `Host`."""
        self._type_ahead.forget()

    def _copy(self, text: SafeText) -> SafeText:
        return copy_text(self._any_app, text)

    @property
    def _any_app(self) -> App[object]:
        """The app, without the type of its result, which Textual does not state."""
        return cast("App[object]", self.app)  # pyright: ignore[reportUnknownMemberType]

    # -- drawing --------------------------------------------------------------------------------

    def draw(self, fleet: Fleet, *, whole: bool = False) -> None:
        """Draws a fleet; only what changed is sent to the terminal.

        Rows are drawn at once. Header and status line change with every token of any lane. They are drawn within
        `SLOW_S`, because Textual compares all lines between the top and the bottom when both change.
        """
        self._fleet = fleet
        self._lanes = {lane.id: lane for lane in fleet.lanes}
        self._model.update(fleet)
        self.ordering.arrange(fleet)
        if self.size.width == 0:
            return
        self.ordering.show(fleet, self._pen, self.size.width)
        self._show_detail_below()
        self._split.fit(self.table.rows_needed, len(self._model.entries) if self.findings.display else None)
        self._detailed.draw(fleet, whole=whole)
        counted = Counter(lane.state for lane in fleet.lanes)
        # A row and the header's count of its state must always agree; states change seldom.
        whole = whole or counted != self._counted
        self._counted = counted
        wait = self._slow_drawn + SLOW_S - time.monotonic()
        if whole or wait <= 0:
            self._draw_slow()
        elif not self._slow_due:
            self._slow_due = True
            after(self, wait, self._draw_slow)
        self._finding_keys.draw(fleet)
        for controller in self._added:
            controller.draw(fleet)
        if not fleet.judging.complete:
            looked_at = [self.table.cursor, *self.table.visible_lanes]
            lanes = [self._lanes[lane] for lane in looked_at if lane is not None and lane in self._lanes]
            self._services.looked_at([lane for lane in lanes if not lane.judged])

    def _show_detail_below(self) -> None:
        """Shows the detail below the table if the screen is tall, or if the table leaves it enough rows."""
        if self.is_in(Mode.FULL) or self.is_in(Mode.FILTERING) or self.findings.display:
            return
        needed = self.table.rows_needed
        room = self._split.room
        # A notice takes up to NOTICE_ROWS rows for a moment, for which the panel should not go.
        least = PANEL_ROWS if self.detail.display else PANEL_ROWS + NOTICE_ROWS
        has_room = needed > 0 and room - needed >= least
        below = self.size.height >= SPLIT_ROWS or has_room
        if below != self.has_class("-split"):
            self.set_class(below, "-split")
            self.redraw_later()  # the panel has no width before the next layout

    def _draw_slow(self) -> None:
        self._slow_due = False
        self._slow_drawn = time.monotonic()
        if self._fleet is None:
            return
        options = self._options
        facts = HeaderFacts(
            options.since, options.source, self.ordering.window, options.hourly_budget, options.ascii,
            header_counts(self._model.entries), self._services.budget_part(), self._services.history_share(),
        )  # fmt: skip
        self.header.show(header_lines(self._fleet, facts, self.size.width))
        self._status_line.moved = self.rows.moved(self._fleet, self._model.flags)
        self._draw_status()
        self._draw_keys()

    def _draw_status(self) -> None:
        if self._fleet is not None:
            self._status_line.draw(self._fleet, self.size.width)

    def _draw_keys(self) -> None:
        hidden = set(chain.from_iterable(one.hidden_keys for one in self._controllers))
        table = next((one.table_hints for one in self._controllers if one.table_hints), ())
        lane = self.selected
        first = (ANSWER_KEY,) if lane is not None and can_be_answered(lane) else ()
        self.keys.show_hints(hints(self._scope, self._key_of, hidden=hidden, table=table, first=first))

    @property
    def focus_scope(self) -> str:
        """The part of the screen with the focus, as `bindings.focused_first` takes it."""
        return self._scope

    @property
    def _scope(self) -> str:
        """The scope with the focus: an open input, or a panel."""
        typed = next((one.input_scope for one in reversed(self._controllers) if one.input_scope), "")
        if typed:
            return typed
        return "detail" if self.focused is self.detail else "findings" if self.focused is self.findings else "table"

    def show_own_cost(self, text: SafeText | None) -> None:
        """Shows the cost of lanewatch itself; None hides it."""
        self._status_line.own_cost = text
        self._draw_status()

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme from now on."""
        self._pen = pen
        for widget in (self.header, self.table, self.detail, self.findings, self.status, self.keys, *self._prompts):
            widget.restyle(pen)
        for controller in self._added:
            controller.restyle(pen)

    # -- commands -------------------------------------------------------------------------------

    @property
    def selected(self) -> Lane | None:
        """The lane at the cursor."""
        return self._detailed.lane

    def action_command(self, name: str) -> None:
        """Runs the command that a key of this screen is bound to."""
        self.perform(name)

    def perform(self, name: str) -> bool:
        """Runs a command. False if this screen has no command with this name."""
        self.undoing.note()
        command = self.commands.get(name)
        if command is not None:
            command()
        self.undoing.note()
        return command is not None

    def back(self) -> None:
        """Goes one step back: out of an input, the detail or the findings; then removes marks or the filter."""
        if self.views.back() or self._tags.back() or any(controller.back() for controller in self._added):
            return
        order, findings, detail = self.ordering, self._finding_keys, self._detailed
        steps = (findings.leave_input, detail.leave_full, order.leave_input, findings.leave_list, order.clear)
        if not any(step() for step in steps):
            self.table.focus()
        self.tell(None)
        self.redraw_later()

    def next_panel(self) -> None:
        """Moves the focus to the panel below the table, or back to the table. In the filter: completes a word."""
        if self.is_in(Mode.FILTERING):
            self.ordering.complete_filter()
            return
        below = self.findings if self.findings.display else self.detail
        if self.focused is self.table and below.display:
            below.focus()
        elif self.table.display:
            self.table.focus()

    # -- what Textual tells -----------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Draws everything in the new size."""
        self.set_class(event.size.height >= SPLIT_ROWS, "-split")
        self.redraw_later()

    def on_descendant_focus(self) -> None:
        """Shows the hints for the panel that has the focus now."""
        self._draw_keys()

    def on_key(self) -> None:
        """Keeps the places of rows from the first key on, and removes the line for a first start."""
        if not self.rows.touched:
            self._options.remembered.keep(used=True)
            if self.first_line and self.notice == self.first_line:
                self.tell(None)
        self.rows.touched = True
        self.ordering.note_action()

    def note_input(self, *, by_key: bool) -> None:
        """Takes note of a key, or else of an action of the mouse, on any screen."""
        for controller in self._added:
            controller.note_input(by_key=by_key)

    def note_blur(self) -> None:
        """Takes note that the terminal lost the focus."""
        for controller in self._added:
            controller.note_blur()

    def note_focus(self) -> None:
        """Takes note that the terminal got the focus back."""
        for controller in self._added:
            controller.note_focus()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Keeps the places of rows while the mouse is used, and begins to drag the line above the panel."""
        self.ordering.note_action()
        self.undoing.note()
        if self._split.is_at(event.screen_y):
            self._split.is_dragged = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Moves the line above the panel with the mouse."""
        if self._split.is_dragged:
            self._split.drag_to(event.screen_y)

    def on_mouse_up(self) -> None:
        """Ends the drag, and remembers the split."""
        if self._split.is_dragged:
            self._split.is_dragged = False
            self.release_mouse()
            self._split.keep()

    @on(Input.Changed, "#filter")
    def _filter_changed(self) -> None:
        self.ordering.take_filter()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.perform(SUBMITS[event.input.id or ""])

    @on(LaneTable.Moved)
    def _lane_moved(self) -> None:
        self._detailed.draw_from_top()
        self._draw_keys()

    @on(LaneTable.Scrolled)
    def _table_scrolled(self) -> None:
        self._draw_status()

    @on(LaneTable.Opened)
    @on(FindingList.Opened)
    def _asked_to_open(self) -> None:
        self._detailed.open()

    @on(LaneTable.HeadingClicked)
    def _heading_clicked(self, event: LaneTable.HeadingClicked) -> None:
        self.ordering.sort_by_column(event.column)

    @on(HeaderBar.Clicked)
    def _count_clicked(self, event: HeaderBar.Clicked) -> None:
        self.ordering.toggle_filter(event.filter)

    @on(LaneTable.Folded)
    def _asked_to_fold(self, event: LaneTable.Folded) -> None:
        self.ordering.fold(event.lane, event.fold)

    @on(FindingList.Moved)
    def _finding_moved(self, event: FindingList.Moved) -> None:
        self._finding_keys.choose(event.entry)
