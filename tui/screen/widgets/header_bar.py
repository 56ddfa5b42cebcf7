"""The header of the lanes screen. A click on one of its counts posts the filter that shows the counted lanes."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui.screen.widgets.lines import LinesBar
from tui.view.header_filter import filter_at


class HeaderBar(LinesBar):
    """Two lines; the counts of states and findings can be clicked."""

    DEFAULT_CSS = """
    HeaderBar { height: 2; }
    """

    class Clicked(Message):
        """A count was clicked."""

        def __init__(self, filter: str) -> None:
            super().__init__()
            self.filter = filter

    def on_click(self, event: events.Click) -> None:
        """Posts the filter of the count that was clicked."""
        wanted = filter_at(self.line_at(event.y), event.x)
        if wanted:
            self.post_message(self.Clicked(wanted))
