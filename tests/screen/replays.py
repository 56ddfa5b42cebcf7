"""The real app over a recording that has been read: the sample logs on recorded time, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from tests.demo.samples import FOLDER
from tests.screen.apps import shipped_themes
from tui.control.audit import AuditRecord
from tui.control.recorded_orders import RecordedOrders
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.replay.player import Player
from tui.replay.recording import Recording
from tui.screen.app import LanewatchApp
from tui.screen.keymap import KeyTable
from tui.screen.lanes import LanesScreen
from tui.screen.playback import Playback
from tui.screen.search import SearchDesk
from tui.screen.services import AppOptions, LanesOptions, ReplayServices
from tui.screen.themes import Themes
from tui.sources.discover import find, places
from tui.text.styled_text import own


def utc(text: str) -> float:
    """Seconds UTC of a time on the day of the loop sample."""
    return datetime.fromisoformat(f"2026-05-09T{text}+00:00").astimezone(UTC).timestamp()


@cache
def loop() -> Player:
    """The foreman's loop, read once. Each test moves it to the time that it needs."""
    roots, _ = places([str(FOLDER / "loop")])
    recording = Recording(roots)
    recording.open()
    player = Player(
        recording, lambda refresh: Supervisor(PriceTable.shipped(), refresh=refresh), lambda at: at - at % 86_400
    )
    player.load()
    return player


class ReplayStage:
    """A replay that is paused until the test moves it."""

    def __init__(
        self,
        at: float,
        theme: str = "lanewatch-dark",
        *,
        ascii_only: bool = False,
        journal: Sequence[AuditRecord] = (),
        keys: KeyTable | None = None,
    ) -> None:
        player = loop()
        log = RecordedOrders(journal)
        self.playback = Playback(
            player, playing=False, apply=lambda at: at.supervisor.apply_control(log.control_at(at.at))
        )
        self.playback.is_open = True
        self.playback.go_to(at)
        shown = LanesOptions(since=own("all history"), source=own("replay of loop"), ascii=ascii_only)
        desk = SearchDesk(
            lambda: find(places([str(FOLDER / "loop")])[0]), None, lambda: self.playback.at, is_recorded=True
        )
        services = ReplayServices(self.playback, log, search=desk, plays=False)
        themes = Themes(shipped_themes(), {})
        self.app = LanewatchApp(AppOptions(shown, theme, bell=False), themes, keys or KeyTable({}), services)

    @property
    def screen(self) -> LanesScreen:
        """The main screen."""
        assert self.app.main is not None
        return self.app.main
