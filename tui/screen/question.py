"""A question that is answered with yes or no."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.screen.confirm import ARMED_AFTER_S
from tui.screen.page import Page
from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, word


class QuestionScreen(ModalScreen[bool]):
    """Returns True for enter and False for escape.

    Ignores keys of the first moment, which were meant for the screen below.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer(True)", "Confirm", id="question.yes"),
        Binding("escape", "answer(False)", "Cancel", id="question.no"),
    ]
    DEFAULT_CSS = """
    QuestionScreen { align: center middle; }
    QuestionScreen > Vertical { width: 92%; max-width: 100; height: auto; max-height: 80%; background: $surface;
        padding: 1 2; border: round $panel; }
    QuestionScreen.-ascii > Vertical { border: ascii $panel; }
    QuestionScreen LinesBar { height: 1; }
    QuestionScreen LinesPanel { height: auto; max-height: 100%; margin: 1 0; }
    """

    def __init__(self, title: SafeText, page: Page, pen: Pen, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._title = title
        self._page = page
        self._clock = clock
        self._opened = clock()
        self._bar = LinesBar(pen, ground="surface")
        self._panel = LinesPanel(pen)
        self._keys = LinesBar(pen, ground="surface")
        self.set_class(pen.ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Yields the title, what is asked, and the keys."""
        with Vertical():
            yield self._bar
            yield self._panel
            yield self._keys

    def on_mount(self) -> None:
        """Gives the focus to the page."""
        self._opened = self._clock()
        self._panel.focus()
        self.call_after_refresh(self._draw)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the question again for the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        lines = self._page(self._panel.lines_width)
        self._panel.styles.height = max(1, min(len(lines), self.size.height * 8 // 10 - 8))
        self._bar.show([(Span(self._title, "title"),)])
        self._panel.show(lines)
        keys = (word("enter", "key"), word(" confirm  ", "key.label"), word("esc", "key"), word(" cancel", "key.label"))
        self._keys.show([keys])

    def action_answer(self, answer: bool) -> None:
        """Returns the answer."""
        if self._clock() - self._opened >= ARMED_AFTER_S:
            self.dismiss(answer)
