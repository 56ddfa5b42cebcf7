"""The screen of all usage: a calendar of days, the weeks by model, and a table whose periods and groups keys change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from tui.history.reading import ReadSoFar
from tui.history.sync import Coverage
from tui.history.usage import Asked, By, Per, Used
from tui.screen.bindings import USAGE, KeyHint, bindings
from tui.screen.controller import Command, Controller, Host
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, own, spread, word
from tui.view.usage_page import coverage_words, day_of, usage_page

PERIODS: tuple[Per | None, ...] = (Per.DAY, Per.WEEK, Per.MONTH, None)
GROUPS: tuple[By | None, ...] = (None, By.AGENT, By.MODEL, By.PROJECT, By.LANE)
DAYS = Asked(Per.DAY, None, None, None)
WEEKS = Asked(Per.WEEK, By.MODEL, None, None)
AGAIN_S = 3.0
"""Seconds until the usage is read again while not all transcripts are counted."""


class UsageScreen(Screen[None]):
    """Shows the usage of all transcripts. It is read in a thread, so that keys are answered meanwhile."""

    BINDINGS = bindings(USAGE)
    DEFAULT_CSS = """
    UsageScreen { layout: vertical; }
    UsageScreen #usage-head { height: 1; }
    UsageScreen LinesPanel { height: 1fr; padding: 0 1; }
    """

    def __init__(self, read: ReadSoFar, pen: Pen, today: Callable[[], date], key_of: Callable[[str], SafeText]) -> None:
        super().__init__()
        self._read_usage = read
        self._today = today
        self._key_of = key_of
        self._per: Per | None = Per.WEEK
        self._by: By | None = By.PROJECT
        self._read: tuple[list[Used], list[Used], list[Used]] | None = None
        self._coverage = Coverage()
        self._timer: Timer | None = None
        self._read_for: tuple[Per | None, By | None] = (self._per, self._by)
        """The periods and groups of the table that was read last."""
        self._said: Line = (word("reading all transcripts", "dim"),)
        self._head = LinesBar(pen, id="usage-head")
        self._panel = LinesPanel(pen, id="usage-page")
        self._keys = KeyBar(pen, id="usage-keys")

    def compose(self) -> ComposeResult:
        """Yields the head, the page and the keys."""
        yield self._head
        yield self._panel
        yield self._keys

    def on_mount(self) -> None:
        """Begins to read."""
        self._panel.focus()
        self._load()
        self.call_after_refresh(self._draw)

    def on_resize(self, _: events.Resize) -> None:
        """Draws everything in the new size."""
        self.call_after_refresh(self._draw)

    # -- reading ----------------------------------------------------------------------------------

    def _load(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.run_worker(self._read_all(), group="usage", exclusive=True)

    async def _read_all(self) -> None:
        asked = (self._per, self._by)
        try:
            (days, weeks, rows), self._coverage = await asyncio.to_thread(
                self._read_usage, [DAYS, WEEKS, Asked(*asked, None, None)]
            )
        except (OSError, sqlite3.Error, ValueError) as error:
            self._said = (Span(joined(own("not read: "), safe_text(str(error), limit=200)), "warn"),)
        else:
            self._read, self._read_for, self._said = (days, weeks, rows), asked, coverage_words(self._coverage)
            if self._coverage.left_bytes:
                self._timer = self.set_timer(AGAIN_S, self._load)
        self._draw()

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self.is_running:
            return
        title = (Span(own(" usage of all transcripts"), "title"),)
        self._head.show([spread(title, (*self._said, word(" ")), max(20, self._head.size.width))])
        self._keys.show_hints([
            *(KeyHint(self._key_of(key.id), safe_text(key.hint), key.action) for key in USAGE if key.hint),
        ])  # fmt: skip
        if self._read is not None:
            days, weeks, rows = self._read
            per, by = self._read_for
            self._panel.show(
                usage_page(days, weeks, rows, per, by, self._today(), self._panel.lines_width, day_of(self._coverage))
            )

    # -- commands ---------------------------------------------------------------------------------

    def action_next_period(self) -> None:
        """Shows the table by day, week, month or for all time."""
        self._per = PERIODS[(PERIODS.index(self._per) + 1) % len(PERIODS)]
        if self._per is None and self._by is None:
            self._by = By.AGENT  # a table of one row says nothing
        self._load()

    def action_next_group(self) -> None:
        """Shows the table without groups, or by agent, model, project or lane."""
        self._by = GROUPS[(GROUPS.index(self._by) + 1) % len(GROUPS)]
        if self._per is None and self._by is None:
            self._by = By.AGENT
        self._load()

    def action_again(self) -> None:
        """Reads what was written meanwhile."""
        self._said = (word("reading", "dim"),)
        self._draw()
        self._load()

    def action_back(self) -> None:
        """Goes back to the lanes."""
        self.dismiss()

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Does what the key of a hint does that was clicked."""
        event.stop()
        await self.run_action(event.action)


class UsageController(Controller):
    """Opens the screen of all usage."""

    def __init__(
        self, host: Host, read: ReadSoFar, today: Callable[[], date], key_of: Callable[[str], SafeText]
    ) -> None:
        self._host = host
        self._read_usage = read
        self._today = today
        self._key_of = key_of

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"usage": self.open}

    def open(self) -> None:
        """Opens the screen."""
        self._host.open_screen(UsageScreen(self._read_usage, self._host.pen, self._today, self._key_of))
