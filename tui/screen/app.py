"""The Textual app: puts the feed, the theme and the screens together. It counts nothing and parses nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from tui.model.snapshot import Fleet, Lane
from tui.screen.bell import Bell
from tui.screen.bindings import APP, bindings, scopes
from tui.screen.control_client import ControlClient
from tui.screen.feed import Feeding
from tui.screen.findings_model import FindingDesk
from tui.screen.fleet import FleetScreen
from tui.screen.jump import jump_to
from tui.screen.keymap import KeyTable
from tui.screen.leaving import leave_cleanly
from tui.screen.live import LiveScreen
from tui.screen.mutes import SessionMutes
from tui.screen.options import AppOptions
from tui.screen.own_cost import OwnCost
from tui.screen.page import Page, PageScreen
from tui.screen.palette import THEME, palette
from tui.screen.replay import ReplayScreen
from tui.screen.themes import Themes
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.arrange import Sort
from tui.view.detail import explain_lines
from tui.view.help import HelpKey, help_lines
from tui.view.skips import skip_lines

TICK_S = 1.0
"""Ages and rates move with the time alone."""

Snapshot = Callable[[], Fleet]
MakeFeed = Callable[[Callable[[], None]], Feeding]


class LanewatchApp(App[None]):
    """The live screen over anything that gives fleets."""

    TITLE = "lanewatch"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(APP)]

    def __init__(
        self, options: AppOptions, themes: Themes, keys: KeyTable, snapshot: Snapshot, make_feed: MakeFeed | None
    ) -> None:
        super().__init__()
        self._options = options
        self._themes = themes
        self._keys = keys
        self._snapshot = snapshot
        self._make_feed = make_feed
        self._frame_s = options.refresh_ms / 1000
        self._last_frame = 0.0
        self._frame_due = False
        self._bell = Bell(needs=options.bell, findings=options.bell_findings)
        self._desk = FindingDesk(options.mutes if options.mutes is not None else SessionMutes())
        self._hands = ControlClient(options.hands, options.hear, options.closings)
        self._own_cost: OwnCost | None = None
        self._scopes = scopes(replay=options.playback is not None)
        self._mouse_on = options.mouse
        self.animation_level = "none"
        self.fleet: FleetScreen | None = None

    # -- life -----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Theme, keys, signals, the first screen, the feed."""
        self._themes.register(self)
        self.theme = self._themes.use(self._options.theme)
        self.set_keymap(self._keys.textual_keymap)
        leave_cleanly(self)
        self.fleet = self._main_screen()
        self.push_screen(self.fleet)
        self.call_after_refresh(self._start)

    def _main_screen(self) -> FleetScreen:
        options = self._options
        parts = (self._pen, options.fleet, self._keys.shown, self._desk, self._hands)
        if options.playback is None:
            return LiveScreen(*parts)
        return ReplayScreen(*parts, options.playback, options.journal, self.draw)

    def _start(self) -> None:
        self.draw()
        for notice in self._options.notices:
            self.say(notice, loud=True)
        self.set_interval(TICK_S, self._tick)
        self._cost_timer = self.set_interval(2.0, self._show_own_cost, pause=True)
        if self._make_feed is not None:
            self.run_worker(self._make_feed(self.news).run(), exit_on_error=True, name="feed")
        self.run_worker(self._hands.watch(self._snapshot, self.news), exit_on_error=True, name="hands")

    # -- frames ---------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._desk.refresh()
        self.news()

    def news(self) -> None:
        """Something changed: a frame at once if the last one is old enough, else when it is."""
        if self._frame_due:
            return
        wait = self._last_frame + self._frame_s - time.monotonic()
        if wait <= 0:
            self.draw()
            return
        self._frame_due = True
        self.set_timer(wait, self.draw)

    def draw(self) -> None:
        """Draws the lanes as they are now."""
        self._frame_due = False
        if self.fleet is None or not self.fleet.is_running:
            return
        began = time.monotonic()
        fleet = self._snapshot()
        self.fleet.draw(fleet)
        if self._bell.rings(fleet, self._desk.entries, began):
            self.bell()
        hear = self._options.notify
        if hear is not None:
            hear(fleet)
        self._last_frame = time.monotonic()
        if self._own_cost is not None:
            self._own_cost.frame(self._last_frame - began)

    def draw_whole(self) -> None:
        """Draws everything as it is now, the parts that else follow a moment later too: for pictures."""
        if self.fleet is not None and self.fleet.is_running:
            self.fleet.draw(self._snapshot(), whole=True)

    # -- words ----------------------------------------------------------------------------------

    def say(self, text: SafeText, *, loud: bool = False) -> None:
        """Says one line to the operator."""
        if self.fleet is not None:
            self.fleet.tell(text, loud=loud)

    def write_sequence(self, sequence: str) -> None:
        """Gives a sequence to the terminal as it is. Only Textual knows where it draws, and it has no public way to."""
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every key's action by its name, the orders and the themes. All words are our own."""
        for words, help, action in palette(self._scopes, self._themes.names):
            yield SystemCommand(words, help, lambda wanted=action: self._choose(wanted))

    def _choose(self, wanted: Sort | str) -> None:
        """What was chosen in the palette: an order of the rows, a theme, or a key's action."""
        if isinstance(wanted, Sort):
            self._sort(wanted)
        elif wanted.startswith(THEME):
            self._use_theme(wanted.removeprefix(THEME))
        else:
            self._run(wanted)

    def _run(self, action: str) -> None:
        action = action.rsplit(".", 1)[-1]
        for node in (self.fleet, self):
            method = getattr(node, f"action_{action}", None)
            if method is not None:
                method()
                return
        if self.fleet is not None:
            method = getattr(self.fleet.table, f"action_{action}", None)
            if method is not None:
                method()

    def _sort(self, by: Sort) -> None:
        if self.fleet is not None:
            self.fleet.sort_by(by)

    # -- actions --------------------------------------------------------------------------------

    @property
    def _pen(self) -> Pen:
        return Pen(self._themes.styles, self._options.fleet.ascii)

    @property
    def _lane(self) -> Lane | None:
        return self.fleet.selected if self.fleet is not None else None

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """A key hint was clicked."""
        self._run(event.action)

    def action_help(self) -> None:
        """Keys and glyphs."""
        scopes = {
            where: [HelpKey(self._keys.shown(key.id), safe_text(key.description)) for key in keys]
            for where, keys in self._scopes.items()
        }
        ascii_only = self._options.fleet.ascii
        self._open(own("lanewatch · keys and glyphs"), lambda cells: help_lines(scopes, cells, ascii_only=ascii_only))

    def action_explain(self) -> None:
        """Why this state, where each number comes from."""
        lane = self._lane
        if lane is not None:
            now = self._snapshot().at
            self._open(joined(own("explain · "), safe_text(lane.id)), lambda cells: explain_lines(lane, cells, now))

    def action_skips(self) -> None:
        """What could not be read."""
        fleet = self._snapshot()
        self._open(own("skipped · what could not be read, and why"), lambda cells: skip_lines(fleet, cells))

    def _open(self, title: SafeText, page: Page) -> None:
        self.push_screen(PageScreen(title, page, self._pen))

    def action_next_theme(self) -> None:
        """The next theme."""
        names = list(self._themes.names)
        self._use_theme(names[(names.index(self._themes.current) + 1) % len(names)])

    def _use_theme(self, name: str) -> None:
        self.theme = self._themes.use(name)
        if self.fleet is not None:
            self.fleet.restyle(self._pen)
        self.say(joined(own("theme "), safe_text(name)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No action by a key while a question is on its way: what is typed is meant for it."""
        if self.fleet is not None and self.screen is self.fleet and self.fleet.is_preparing:
            return False
        return super().check_action(action, parameters)

    def action_own_cost(self) -> None:
        """What lanewatch itself costs, on request."""
        if self.fleet is None:
            return
        if self._own_cost is not None:
            self._own_cost = None
            self.fleet.show_own_cost(None)
            self._cost_timer.pause()
            return
        self._own_cost = OwnCost()
        self._cost_timer.resume()

    def _show_own_cost(self) -> None:
        if self.fleet is not None and self._own_cost is not None:
            self.fleet.show_own_cost(self._own_cost.words())

    def action_toggle_mouse(self) -> None:
        """Mouse on or off, so that the terminal can select text."""
        driver = self._driver
        switch = getattr(driver, "_disable_mouse_support" if self._mouse_on else "_enable_mouse_support", None)
        if driver is None or switch is None:
            self.say(own("this terminal driver has no mouse to switch"), loud=True)
            return
        # The switch is refused by a driver that was started without a mouse.
        driver._mouse = True  # pyright: ignore[reportPrivateUsage]
        switch()
        self._mouse_on = not self._mouse_on
        self.say(own("mouse on") if self._mouse_on else own("mouse off: the terminal selects text"))

    def action_copy_id(self) -> None:
        """Copies the session id (OSC 52)."""
        if self._lane is not None:
            self._copy(safe_text(self._lane.session or self._lane.id))

    def action_copy_path(self) -> None:
        """Copies the transcript's path (OSC 52)."""
        if self._lane is not None:
            self._copy(safe_text(self._lane.path, limit=4096))

    def _copy(self, text: SafeText) -> None:
        self.copy_to_clipboard(text)
        self.say(joined(own("copied "), text))

    def action_jump(self) -> None:
        """Goes to the lane's tmux pane."""
        lane = self._lane
        if lane is not None:
            self.run_worker(self._jump(lane), exclusive=True, group="jump")

    async def _jump(self, lane: Lane) -> None:
        ok, words = await asyncio.to_thread(jump_to, lane)
        self.say(words, loud=not ok)
