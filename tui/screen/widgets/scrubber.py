"""The scrubber: the whole run at a glance; a click goes there."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui.screen.widgets.lines import LinesBar, Pen
from tui.view.scrubber import ScrubberFacts, scrubber_lines, time_at


class Scrubber(LinesBar):
    """Three lines; where one clicks or drags is a moment."""

    DEFAULT_CSS = """
    Scrubber { height: 3; width: 100%; }
    """

    class Sought(Message):
        """Somebody pointed at a moment, in seconds UTC."""

        def __init__(self, at: float) -> None:
            super().__init__()
            self.at = at

    def __init__(self, pen: Pen, *, id: str | None = None) -> None:
        super().__init__(pen, ground="ground", id=id)
        self._facts: ScrubberFacts | None = None

    def show_facts(self, facts: ScrubberFacts) -> None:
        """Draws the run and the place in it."""
        self._facts = facts
        self.show(scrubber_lines(facts, self.size.width))

    def on_resize(self) -> None:
        """Another width, other columns."""
        if self._facts is not None:
            self.show_facts(self._facts)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """There."""
        self.capture_mouse()
        self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """On, while the button is held."""
        if event.button:
            self._point(event.x)

    def on_mouse_up(self) -> None:
        """Let go."""
        self.release_mouse()

    def _point(self, column: int) -> None:
        if self._facts is not None:
            self.post_message(self.Sought(time_at(column, self._facts, self.size.width)))
