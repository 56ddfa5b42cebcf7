"""The real app over fixed fleets: no disk, no clock."""

from __future__ import annotations

from tests.fleets import harbor
from tests.ui.fake_hands import FakeHands
from tui.config.closings import SHIPPED
from tui.config.schema import Settings
from tui.model.snapshot import Fleet
from tui.ui.app import AppOptions, LanewatchApp
from tui.ui.keymap import KeyTable
from tui.ui.screens.fleet import FleetOptions, FleetScreen
from tui.ui.themes import Themes
from tui.view.spans import own


class Stage:
    """A fleet that the test may change while the app runs."""

    def __init__(
        self,
        fleet: Fleet | None = None,
        theme: str = "lanewatch-dark",
        env: dict[str, str] | None = None,
        *,
        ascii_only: bool = False,
        hands: FakeHands | None = None,
        closings: tuple[tuple[str, str], ...] = SHIPPED,
    ) -> None:
        self.fleet = fleet if fleet is not None else harbor()
        self.hands = hands if hands is not None else FakeHands()
        options = AppOptions(
            FleetOptions(since=own("last 24h"), source=own("live"), ascii=ascii_only),
            theme,
            bell=False,
            hands=self.hands,
            closings=closings,
        )
        self.app = LanewatchApp(options, Themes.load(Settings(), env or {}), KeyTable({}), lambda: self.fleet, None)

    @property
    def screen(self) -> FleetScreen:
        """The main screen."""
        assert self.app.fleet is not None
        return self.app.fleet

    def show(self, fleet: Fleet) -> None:
        """Another fleet from now on."""
        self.fleet = fleet
        self.app.draw()

    def text(self) -> str:
        """What stands on the screen, as text."""
        width, height = self.app.size
        del width
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()[:height]
        )
