"""The main screen over live lanes: what only they can do has its keys here."""

from __future__ import annotations

from tui.screen.bindings import LIVE, bindings
from tui.screen.fleet import FleetScreen


class LiveScreen(FleetScreen):
    """Marks, orders and panes: see `VerbKeys`."""

    BINDINGS = bindings(LIVE)
