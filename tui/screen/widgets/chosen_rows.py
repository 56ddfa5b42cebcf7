"""The visible rows of a list, one of them chosen."""

from __future__ import annotations

from collections.abc import Callable

from textual import events

from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.styled_text import Line


class ChosenRows(LinesBar):
    """Draws rows of a list and says which one was clicked."""

    def __init__(self, pen: Pen, clicked: Callable[[int], None]) -> None:
        """`clicked` is given the place of a clicked row in the list."""
        super().__init__(pen, ground="surface")
        self._clicked = clicked
        self._shown = range(0)
        self._chosen = 0

    def show_rows(self, lines: list[Line], shown: range, chosen: int) -> None:
        """Draws these rows; `shown` are their places in the list."""
        self._shown, self._chosen = shown, chosen
        self.styles.height = max(1, len(lines))
        self.show(lines)
        self.refresh()

    def ground_of(self, row: int) -> str:
        """See `LinesBar.ground_of`."""
        return "cursor" if row < len(self._shown) and self._shown[row] == self._chosen else "surface"

    def on_click(self, event: events.Click) -> None:
        """Tells which row was clicked."""
        if event.y < len(self._shown):
            self._clicked(self._shown[event.y])
