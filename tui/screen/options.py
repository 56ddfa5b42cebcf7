"""How the app begins, and who stands behind it: all that is not drawn is given to it here."""

from __future__ import annotations

from collections.abc import Callable

from tui.control.port import ControlPort
from tui.control.recorded_orders import RecordedOrders
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.screen.control_client import Hear
from tui.screen.fleet import FleetOptions
from tui.screen.playback import Playback
from tui.text.safe_text import SafeText
from tui.view.mutes import Mutes

NO_JOURNAL = RecordedOrders(())


@frozen
class AppOptions:
    """How the app begins."""

    fleet: FleetOptions
    theme: str
    refresh_ms: int = 50
    """Shortest time between two frames, in milliseconds."""
    bell: bool = True
    mouse: bool = True
    notices: tuple[SafeText, ...] = ()
    bell_findings: bool = True
    """The bell rings for new findings of severity stop too."""
    mutes: Mutes | None = None
    """Where muted findings are kept; None: in memory, as long as the screen is open."""
    notify: Callable[[Fleet], None] | None = None
    """Called with each fleet that was drawn."""
    hands: ControlPort | None = None
    """Who gives verbs to lanes; None: nobody."""
    hear: Hear | None = None
    """Called with what became of the lanes under the hands."""
    closings: tuple[tuple[str, str], ...] = ()
    """Closing templates: names and texts."""
    playback: Playback | None = None
    """A recording is shown, on recorded time; None: live lanes."""
    journal: RecordedOrders = NO_JOURNAL
    """What an operator did in the recording."""
