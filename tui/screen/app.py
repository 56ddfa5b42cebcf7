"""The Textual app: connects services, theme and screens, and decides when a frame is drawn. It computes no figures."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType

from tui.model.snapshot import Lane
from tui.screen.bell import Bell
from tui.screen.bindings import (
    APP,
    CHOOSER,
    CONVERSATION,
    SEARCH,
    TYPED,
    USAGE,
    USER,
    Key,
    bindings,
    focused_first,
    offered_keys,
    scopes,
)
from tui.screen.command_line import CommandLine, offers_of
from tui.screen.controller import NOT_KEPT, Argument, Value
from tui.screen.conversation import ConversationScreen
from tui.screen.detail import SILENT_S
from tui.screen.findings_model import FindingsModel, SessionMutes
from tui.screen.keymap import KeyTable
from tui.screen.lanes import LanesScreen
from tui.screen.process import OwnCost, leave_cleanly
from tui.screen.search import SearchScreen
from tui.screen.services import AppOptions, Services
from tui.screen.themes import Themes
from tui.screen.timers import after
from tui.screen.type_ahead import TypeAhead
from tui.screen.usage import UsageScreen
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lines import Pen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.command_line import Offer
from tui.view.help import HelpKey, gate_now, help_lines

TICK_S = 1.0
"""Seconds between two redraws without news: ages and rates change with time alone."""
_OF_SCREENS = {"conversation": CONVERSATION, "search": SEARCH, "usage": USAGE}
"""The keys of the screens that replace the lanes, by their kinds."""
QUIET_TICKS = 5
"""If all lanes have been silent for SILENT_S seconds, no age on the screen counts seconds: only each of so many ticks
redraws."""


class LanewatchApp(App[None]):
    """The screen over live lanes or over a recording, as its services determine."""

    TITLE = "lanewatch"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(APP)]

    def __init__(self, options: AppOptions, themes: Themes, keys: KeyTable, services: Services) -> None:
        super().__init__()
        self.options = options
        self._themes = themes
        self._keys = keys
        self._services = services
        self._frame_s = options.refresh_ms / 1000
        self._last_frame = 0.0
        self._frame_due = False
        self._ticks = 0
        """Seconds since the last frame, roughly."""
        self._lanes: tuple[Lane, ...] = ()
        self._last_event = -math.inf
        """The time of the newest event of the lanes that were drawn last (seconds UTC)."""
        self._acted = -math.inf
        """The time of the last key or action of the mouse, in seconds of the monotonic clock."""
        self._bell = Bell(needs=options.bell, findings=options.bell_findings)
        self._own_cost: OwnCost | None = None
        self._scopes = scopes(services.keys) | ({USER: services.user_keys} if services.user_keys else {})
        self._mouse_on = options.mouse
        self._type_ahead = TypeAhead(self, super().on_event)
        self.animation_level = "none"
        self.remembered = options.lanes.remembered
        self.findings = FindingsModel(services.mutes if services.mutes is not None else SessionMutes())
        self.control = services.control()
        self.main: LanesScreen | None = None
        """The lanes screen, once the app is running."""

    # -- life -----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Sets theme, keys and signals, shows the lanes screen and starts the feed."""
        self._themes.register(self)
        self.theme = self._themes.use(self.options.theme)
        self.set_keymap(self._keys.textual_keymap)
        leave_cleanly(self)
        self._type_ahead.begin()
        self.main = LanesScreen(
            self._pen, self.options.lanes, self._keys.shown, self.findings, self.control, self._services, self.draw,
            self._type_ahead,
        )  # fmt: skip
        self.push_screen(self.main)
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.draw()
        if self.options.first_line and self.main is not None:
            self.main.first_line = self.options.first_line
            self.say(self.options.first_line)
        for notice in self.options.notices:
            self.say(notice, loud=True)
        self.set_interval(TICK_S, self._tick)
        self._cost_timer = self.set_interval(2.0, self._show_own_cost, pause=True)
        feed = self._services.feed
        if feed is not None:
            self.run_worker(feed(self.news, lambda: self._acted), exit_on_error=True, name="feed")
        watch = self.control.watch(self._services.snapshot, self.news)
        self.run_worker(watch, exit_on_error=True, name="control")

    # -- frames ---------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._ticks += 1
        self.findings.refresh()
        fleet = self.main.fleet if self.main is not None else None
        is_live = self._services.feed is not None
        if is_live and fleet is not None and fleet.at - self._last_event > SILENT_S and self._ticks < QUIET_TICKS:
            return  # nothing on the screen counts seconds
        self.news()

    def news(self) -> None:
        """Draws changes: at once if the last frame is old enough, otherwise as soon as it is."""
        if not self.screen_stack:
            return  # the app is closing: its screens are gone, a timer that was due still comes
        if isinstance(self.screen, ConversationScreen):
            self.screen.note_news()
        if self._frame_due:
            return
        wait = self._last_frame + self._frame_s - time.monotonic()
        if wait <= 0:
            self.draw()
            return
        self._frame_due = True
        after(self, wait, self.draw)

    def draw(self) -> None:
        """Draws the lanes as they are now."""
        self._frame_due = False
        if self.main is None or not self.main.is_running:
            return
        began = time.monotonic()
        fleet = self._services.snapshot()
        self._ticks = 0
        if fleet.lanes is not self._lanes:
            self._lanes = fleet.lanes
            self._last_event = max((lane.last_event or -math.inf for lane in fleet.lanes), default=-math.inf)
        self.main.draw(fleet)
        if self._bell.rings(fleet, self.findings.entries, began):
            self.bell()
        self._services.drawn(fleet)
        self._last_frame = time.monotonic()
        if self._own_cost is not None:
            self._own_cost.frame(self._last_frame - began)

    def draw_whole(self) -> None:
        """Draws everything at once, including the parts that `draw` draws later. Used for pictures."""
        if self.main is not None and self.main.is_running:
            self.main.draw(self._services.snapshot(), whole=True)

    # -- the operator looks away, and returns -----------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Takes note of each key and action of the mouse before any part of the screen does."""
        if isinstance(event, events.InputEvent) and not isinstance(event, events.MouseMove) and self.main is not None:
            self._acted = time.monotonic()
            self.main.note_input(by_key=isinstance(event, events.Key))
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._type_ahead.take(event)
        else:
            await super().on_event(event)

    def on_app_blur(self) -> None:
        """Takes note that the terminal lost the focus."""
        if self.main is not None:
            self.main.note_blur()

    def on_app_focus(self) -> None:
        """Takes note that the terminal got the focus back."""
        if self.main is not None:
            self.main.note_focus()

    # -- words ----------------------------------------------------------------------------------

    def say(self, text: SafeText, *, loud: bool = False) -> None:
        """Shows one line to the operator."""
        if self.main is not None:
            self.main.tell(text, loud=loud)

    def write_sequence(self, sequence: str) -> None:
        """Writes a sequence to the terminal unchanged. Textual has no public way to do this, so its driver is used."""
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def _run(self, action: str) -> None:
        """Runs a command of the lanes screen, or an action of the app or of the table."""
        if self.main is None or (self.screen is self.main and self.main.perform(action)):
            return
        for node in (self.screen, self, self.main.table):
            method = getattr(node, f"action_{action}", None)
            if method is not None:
                self.call_later(method)  # some actions are coroutines
                return

    # -- the command line -----------------------------------------------------------------------

    def action_command_line(self) -> None:
        """Opens the command line."""
        self._open_command_line()

    def action_choose_theme(self) -> None:
        """Opens the command line with the themes."""
        self._open_command_line("theme ", f"theme {self._themes.current}")

    def _open_command_line(self, typed: str = "", chosen: str = "") -> None:
        keys = {key.name: key for key in self._offered_keys}
        arguments = self.arguments
        # `sor` means `sort`, even if the command of a key has a longer name with this beginning.
        offers = offers_of(TYPED, arguments, self._keys.shown)
        offers += [Offer(key.name, safe_text(key.description), self._keys.shown(key.id)) for key in keys.values()]

        def run(wanted: str | None) -> None:
            if wanted is None:
                return
            name, _, value = wanted.partition(" ")
            if wanted in keys:
                self._run(keys[wanted].action)
            elif name in arguments:
                if self.main is not None:
                    self.main.undoing.note()
                arguments[name].run(value)

        self.push_screen(CommandLine(lambda: self._pen, offers, arguments, typed, chosen), run)

    @property
    def _offered_keys(self) -> Sequence[Key]:
        """The keys whose commands are offered on the screen that is shown."""
        if self.screen is not self.main:
            kind = self._kind_of_screen
            return list(offered_keys((_OF_SCREENS[kind], APP) if kind in _OF_SCREENS else (APP,)))
        apart = (APP, CHOOSER, *_OF_SCREENS.values())
        return list(offered_keys((*(keys for keys in self._scopes.values() if keys not in apart), APP)))

    @property
    def _kind_of_screen(self) -> str:
        """The kind of the screen above the lanes, as `bindings.focused_first` takes it; empty: another one."""
        kinds = {ConversationScreen: "conversation", SearchScreen: "search", UsageScreen: "usage"}
        return next((kind for one, kind in kinds.items() if isinstance(self.screen, one)), "")

    @property
    def arguments(self) -> Mapping[str, Argument]:
        """The arguments of the typed commands on the screen that is shown."""
        own_arguments = {
            "theme": Argument(self._use_theme, self._theme_values, preview=self._show_theme, current=self._theme_now)
        }
        on_screen = self.main.arguments if self.main is not None and self.screen is self.main else {}
        return {**on_screen, **own_arguments}

    # -- actions --------------------------------------------------------------------------------

    @property
    def _pen(self) -> Pen:
        return Pen(self._themes.styles, self.options.lanes.ascii)

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Runs the action of the hint that was clicked."""
        self._run(event.action)

    def action_help(self) -> None:
        """Shows all keys and glyphs, those of the part with the focus first, and what is on."""
        if self.main is None:
            return
        focus = self._kind_of_screen or self.main.focus_scope
        shown = {
            where: [HelpKey(self._keys.shown(key.id), safe_text(key.description)) for key in keys]
            for where, keys in focused_first(self._scopes, focus).items()
        }
        ascii_only, is_on = self.options.lanes.ascii, (*self.options.is_on, gate_now(self._services.snapshot()))
        title = own("lanewatch · keys and glyphs")
        self.main.open_page(title, lambda cells: help_lines(shown, cells, ascii_only=ascii_only, is_on=is_on))

    def action_interrupt(self) -> None:
        """Says how to quit. Quits if it is pressed again while the notice is shown."""
        quits = joined(self._keys.shown("app.quit"), own(" quits, and so does ctrl+c a second time"))
        if self.main is not None and self.main.notice == quits:
            self.exit()
        self.say(quits)

    def _theme_values(self) -> list[Value]:
        return [Value(name, self._themes.doc(name)) for name in self._themes.names]

    def _theme_now(self) -> str:
        return self._themes.current

    def _use_theme(self, name: str) -> None:
        self._show_theme(name)
        self.remembered.keep(theme=name)
        kept = own("") if self.remembered.is_kept else NOT_KEPT
        self.say(joined(own("theme "), safe_text(name), kept))

    def _show_theme(self, name: str) -> None:
        self.theme = self._themes.use(name)
        if self.main is not None:
            self.main.restyle(self._pen)
        for screen in self.screen_stack:
            if isinstance(screen, ConversationScreen):
                screen.restyle(self._pen)

    def action_own_cost(self) -> None:
        """Shows or hides the cost of lanewatch itself."""
        if self.main is None:
            return
        if self._own_cost is not None:
            self._own_cost = None
            self.main.show_own_cost(None)
            self._cost_timer.pause()
            return
        self._own_cost = OwnCost()
        self._cost_timer.resume()

    def _show_own_cost(self) -> None:
        if self.main is not None and self._own_cost is not None:
            self.main.show_own_cost(self._own_cost.words())

    def action_toggle_mouse(self) -> None:
        """Switches the mouse on or off; while it is off, the terminal can select text."""
        driver = self._driver
        switch = getattr(driver, "_disable_mouse_support" if self._mouse_on else "_enable_mouse_support", None)
        if driver is None or switch is None:
            self.say(own("this terminal driver has no mouse to switch"), loud=True)
            return
        # A driver that was started without a mouse would refuse to switch it.
        driver._mouse = True  # pyright: ignore[reportPrivateUsage]
        switch()
        self._mouse_on = not self._mouse_on
        self.say(own("mouse on") if self._mouse_on else own("mouse off: the terminal selects text"))
