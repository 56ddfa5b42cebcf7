"""The scrubber: the whole run in three lines; a click goes to its time."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tui.screen.widgets.lines import LinesBar, Pen
from tui.view.scrubber import ScrubberFacts, scrubber_lines, time_at


class Scrubber(LinesBar):
    """Three lines over the whole run. A click or a drag chooses a time."""

    DEFAULT_CSS = """
    Scrubber { height: 3; width: 100%; }
    """

    def __init__(self, pen: Pen, seek: Callable[[float], None], *, id: str | None = None) -> None:
        """`seek` is called with the chosen time, in seconds UTC."""
        super().__init__(pen, ground="ground", id=id)
        self._seek = seek
        self._facts: ScrubberFacts | None = None

    def show_facts(self, facts: ScrubberFacts) -> None:
        """Draws the run and the present time in it."""
        self._facts = facts
        self.show(scrubber_lines(facts, self.size.width))

    def on_resize(self) -> None:
        """Draws the run in the new width."""
        if self._facts is not None:
            self.show_facts(self._facts)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Goes to the time under the mouse."""
        self.capture_mouse()
        self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Goes to the time under the mouse while the button is held."""
        if event.button:
            self._point(event.x)

    def on_mouse_up(self) -> None:
        """Ends the drag."""
        self.release_mouse()

    def _point(self, column: int) -> None:
        if self._facts is not None:
            self._seek(time_at(column, self._facts, self.size.width))
