"""The footer: the keys that can be pressed now. It changes with the focus, and hints can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tui.screen.bindings import KeyHint
from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.cell_width import width
from tui.text.styled_text import Line, Span, word


class KeyBar(LinesBar):
    """One line of key hints; those that do not fit are only on the help screen."""

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, pen: Pen, *, id: str | None = None) -> None:
        super().__init__(pen, ground="panel", id=id)
        self._hints: tuple[KeyHint, ...] = ()
        self._places: list[tuple[int, int, str]] = []
        self._fitted = -1
        """The width for which the hints were chosen."""

    def show_hints(self, hints: Sequence[KeyHint]) -> None:
        """Draws these hints, as many as fit."""
        self._hints = tuple(hints)
        self.show([self._line()])

    def line_at(self, row: int) -> Line:
        """See `LinesBar.line_at`. The first frame is drawn before anything tells its width."""
        if self._fitted != self.size.width:
            self._lines = [self._line()]
        return super().line_at(row)

    def _line(self) -> Line:
        self._fitted = self.size.width
        spans: list[Span] = [word(" ")]
        self._places = []
        at = 1
        for hint in self._hints:
            size = width(hint.key) + 1 + width(hint.label)
            if at + size > self.size.width:
                break
            # Blanks stand before a hint: after the last one they would be cut, which looks like another hint.
            gap = () if at == 1 else (word("  "),)
            spans += [*gap, Span(hint.key, "key"), word(" "), Span(hint.label, "key.label")]
            self._places.append((at, at + size, hint.action))
            at += size + 2
        return tuple(spans)

    def on_click(self, event: events.Click) -> None:
        """Posts the action of the hint that was clicked."""
        for start, end, action in self._places:
            if start <= event.x < end:
                self.post_message(self.Pressed(action))
                return
