"""How the app begins, and who stands behind it: all that is not drawn is given to it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui.control.door import HandsDoor
from tui.control.journal import Journal
from tui.model.snapshot import Fleet
from tui.ui.hands import Hear
from tui.ui.playback import Playback
from tui.ui.screens.fleet import FleetOptions
from tui.view.mutes import Mutes
from tui.view.safe_text import SafeText

NO_JOURNAL = Journal(())


@dataclass(frozen=True, slots=True)
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
    hands: HandsDoor | None = None
    """Who gives verbs to lanes; None: nobody."""
    hear: Hear | None = None
    """Called with what became of the lanes under the hands."""
    closings: tuple[tuple[str, str], ...] = ()
    """Closing templates: names and texts."""
    playback: Playback | None = None
    """A recording is shown, on recorded time; None: live lanes."""
    journal: Journal = NO_JOURNAL
    """What an operator did in the recording."""
