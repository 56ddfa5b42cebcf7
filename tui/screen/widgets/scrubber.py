"""The scrubber: the whole run at a glance; a click goes there."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tui.screen.widgets.lines import LinesBar, Pen
from tui.view.scrubber import ScrubberFacts, scrubber_lines, time_at


class Scrubber(LinesBar):
    """Three lines over the whole run; a click or a drag is a moment."""

    DEFAULT_CSS = """
    Scrubber { height: 3; width: 100%; }
    """

    def __init__(self, pen: Pen, seek: Callable[[float], None], *, id: str | None = None) -> None:
        """`seek` is called with the moment that was pointed at, in seconds UTC."""
        super().__init__(pen, ground="ground", id=id)
        self._seek = seek
        self._facts: ScrubberFacts | None = None

    def show_facts(self, facts: ScrubberFacts) -> None:
        """Draws the run and the place in it."""
        self._facts = facts
        self.show(scrubber_lines(facts, self.size.width))

    def on_resize(self) -> None:
        """Draws the run in the new width."""
        if self._facts is not None:
            self.show_facts(self._facts)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Goes to the moment under the mouse."""
        self.capture_mouse()
        self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Goes on while the button is held."""
        if event.button:
            self._point(event.x)

    def on_mouse_up(self) -> None:
        """Ends the drag."""
        self.release_mouse()

    def _point(self, column: int) -> None:
        if self._facts is not None:
            self._seek(time_at(column, self._facts, self.size.width))
