"""The real app over fixed fleets: no disk, no clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import cache

from textual.pilot import Pilot
from textual.strip import Strip

from tests.fleets import harbor
from tests.screen.fake_service import FakeService
from tui.config.closings import SHIPPED
from tui.config.schema import Settings
from tui.config.themes import ThemeSet, load_themes
from tui.control.command_run import CommandLog
from tui.control.user_commands import PlacedCommand
from tui.history.reading import ReadUsage, no_usage
from tui.history.sync import Coverage
from tui.model.snapshot import Fleet
from tui.screen.app import LanewatchApp
from tui.screen.budgets import NO_BUDGETS, BudgetDesk
from tui.screen.keymap import keys_of_settings
from tui.screen.lanes import LanesScreen
from tui.screen.search import SearchDesk
from tui.screen.services import NO_SEARCH, AppOptions, LanesOptions, LiveServices
from tui.screen.themes import Themes
from tui.text.styled_text import own
from tui.view.tour import Tour

ALL_READ = Coverage()
TODAY = date(2026, 5, 9)


async def at_rest(pilot) -> None:
    """Waits until the main screen was drawn and did not change for three looks in a row.

    Workers ask the service in threads, and lines are drawn after a refresh: on a busy machine both take time.
    """
    for _ in range(500):
        main = pilot.app.main
        if main is not None and main.is_running and main.header.lines_shown:
            break
        await pilot.pause(0.02)
    same, before = 0, ""
    for _ in range(500):
        await pilot.pause(0.02)
        now = text_of(pilot.app)
        same = same + 1 if now == before else 0
        before = now
        if same >= 3:
            return


def strips_of(app: LanewatchApp) -> list[Strip]:
    """The content of the screen, line by line, in pieces of one style. Textual has no public way to read it."""
    return app.screen._compositor.render_strips()[: app.size.height]


def text_of(app: LanewatchApp) -> str:
    """The content of the screen as text."""
    return "\n".join("".join(segment.text for segment in strip) for strip in strips_of(app))


@cache
def shipped_themes() -> ThemeSet:
    """The shipped themes, read once."""
    return load_themes(None)


class Stage:
    """A fleet that the test may change while the app runs."""

    def __init__(
        self,
        fleet: Fleet | None = None,
        theme: str = "lanewatch-dark",
        env: dict[str, str] | None = None,
        *,
        ascii_only: bool = False,
        service: FakeService | None = None,
        closings: tuple[tuple[str, str], ...] = SHIPPED,
        notify: Callable[[Fleet], None] | None = None,
        judge_first: Callable[[Sequence[str]], None] | None = None,
        commands: tuple[PlacedCommand, ...] = (),
        command_log: CommandLog | None = None,
        tour: Tour | None = None,
        search: SearchDesk = NO_SEARCH,
        usage: ReadUsage = no_usage,
        coverage: Coverage = ALL_READ,
        budgets: BudgetDesk = NO_BUDGETS,
        history: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.now = 100.0
        """The time on the clock of the main screen, in seconds; it does not advance."""
        self.fleet = fleet if fleet is not None else harbor()
        self.service = service if service is not None else FakeService()
        options = AppOptions(
            LanesOptions(since=own("last 24h"), source=own("live"), ascii=ascii_only),
            theme,
            bell=False,
        )
        services = LiveServices(
            lambda: self.fleet, port=self.service, closings=closings, on_drawn=notify, judge_first=judge_first,
            clock=lambda: self.now,
            commands=tuple(placed.command for placed in commands), command_log=command_log, tour=tour,
            search=search, usage=lambda asked: (usage(asked), coverage), budgets=budgets, history=history, today=lambda: TODAY,
        )  # fmt: skip
        keys = keys_of_settings(Settings(commands=commands))
        self.app = LanewatchApp(options, Themes(shipped_themes(), env or {}), keys, services)

    @asynccontextmanager
    async def running(self, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Pilot[None]]:
        """Runs the app until it has drawn its first fleet; the clock of its main screen is that of the test."""
        async with self.app.run_test(size=size) as pilot:
            await at_rest(pilot)
            yield pilot

    @property
    def screen(self) -> LanesScreen:
        """The main screen."""
        assert self.app.main is not None
        return self.app.main

    def show(self, fleet: Fleet) -> None:
        """Shows another fleet from now on."""
        self.fleet = fleet
        self.app.draw()

    def text(self) -> str:
        """The content of the screen as text."""
        return text_of(self.app)
