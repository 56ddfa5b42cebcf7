"""A page of lines above the lanes: help, explanations, what was skipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, spread, word

Page = Callable[[int], list[Line]]
"""Returns the lines for a width in cells."""


class PageScreen(ModalScreen[None]):
    """Shows one page; escape or q closes it. It may be drawn again while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Back", id="page.back")]
    DEFAULT_CSS = """
    PageScreen { align: center middle; background: $background; }
    PageScreen > Vertical { width: 92%; max-width: 150; height: 88%; background: $surface; padding: 0 1; }
    PageScreen LinesBar { height: 2; }
    PageScreen LinesPanel { height: 1fr; }
    """

    def __init__(self, title: SafeText, page: Page, pen: Pen, *, from_end: bool = False) -> None:
        super().__init__()
        self._title = title
        self._page = page
        self._from_end = from_end
        self._bar = LinesBar(pen, ground="surface")
        self._panel = LinesPanel(pen)
        if pen.ascii:
            self._panel.styles.scrollbar_size_vertical = 0

    def compose(self) -> ComposeResult:
        """Yields the title and the page."""
        with Vertical():
            yield self._bar
            yield self._panel

    def on_mount(self) -> None:
        """Gives the focus to the page."""
        self._panel.focus()
        self.call_after_refresh(self._first)

    def _first(self) -> None:
        self.redraw()
        if self._from_end:
            self._panel.scroll_end(animate=False, immediate=True)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the page again for the new width."""
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Makes the page for the present width and draws it."""
        title = spread((Span(self._title, "title"),), (word("esc back ", "dim"),), max(20, self._bar.size.width))
        self._bar.show([title])
        self._panel.show(self._page(self._panel.lines_width))
