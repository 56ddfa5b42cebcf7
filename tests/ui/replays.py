"""The real app over a recording that has been read: the sample logs on recorded time, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from tests.demo.samples import FOLDER
from tui.config.schema import Settings
from tui.control.audit import Entry
from tui.control.journal import Journal
from tui.control.recorded import RecordedHands
from tui.engine.recording import Recording
from tui.engine.replay import Player
from tui.engine.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.transcripts.discover import places
from tui.ui.app import AppOptions, LanewatchApp
from tui.ui.keymap import KeyTable
from tui.ui.playback import Playback
from tui.ui.screens.fleet import FleetOptions
from tui.ui.screens.replay import ReplayScreen
from tui.ui.themes import Themes
from tui.view.spans import own


def utc(text: str) -> float:
    """Seconds UTC of a time on the day of the loop."""
    return datetime.fromisoformat(f"2026-05-09T{text}+00:00").astimezone(UTC).timestamp()


@cache
def loop() -> Player:
    """The foreman's loop, read once: whoever uses it seeks where it wants."""
    roots, _ = places([str(FOLDER / "loop")])
    recording = Recording(roots)
    recording.open()
    player = Player(recording, lambda: Supervisor(PriceTable.shipped()), lambda at: at - at % 86_400)
    player.load()
    return player


class ReplayStage:
    """A replay that stands still until it is told to move."""

    def __init__(
        self, at: float, theme: str = "lanewatch-dark", *, ascii_only: bool = False, journal: Sequence[Entry] = ()
    ) -> None:
        player = loop()
        log = Journal(journal)
        self.playback = Playback(
            player, playing=False, apply=lambda at: at.supervisor.hear_control(log.hands_at(at.at))
        )
        self.playback.is_open = True
        self.playback.go_to(at)
        options = AppOptions(
            FleetOptions(since=own("all history"), source=own("replay of loop"), ascii=ascii_only), theme, bell=False,
            hands=RecordedHands(log, lambda: self.playback.at), playback=self.playback, journal=log,
        )  # fmt: skip
        themes = Themes.load(Settings(), {})
        self.app = LanewatchApp(options, themes, KeyTable({}), self.playback.snapshot, None)

    @property
    def screen(self) -> ReplayScreen:
        """The main screen."""
        assert isinstance(self.app.fleet, ReplayScreen)
        return self.app.fleet
