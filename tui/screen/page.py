"""A page of lines above the lanes, such as help, explanations or unreadable lines. It can be searched."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from tui.screen.widgets.lines import LinesBar, LinesPanel, Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, own, titled, word
from tui.view.page_search import found_lines

Page = Callable[[int], list[Line]]
"""Returns the lines for a width in cells."""
ONE_COLUMN = 99
"""The greatest width at which every page has one column."""


class PageScreen(ModalScreen[None]):
    """Shows one page; escape or q closes it, `/` searches it. It may be drawn again while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="page.back"),
        Binding("slash", "search", "Search", id="page.search"),
    ]
    DEFAULT_CSS = """
    PageScreen { align: center middle; background: $background; }
    PageScreen:ansi { background: $background; }
    PageScreen > Vertical { width: 96%; max-width: 150; height: 94%; background: $surface; padding: 0 1;
        border: round $lane-line; }
    PageScreen.-ascii > Vertical { border: ascii $lane-line; }
    PageScreen LinesBar { height: 2; }
    PageScreen LinesPanel { height: 1fr; }
    PageScreen.-searching SafeInput { display: block; }
    """

    def __init__(self, title: SafeText, page: Page, pen: Pen, *, from_end: bool = False) -> None:
        super().__init__()
        self._title = title
        self._page = page
        self._from_end = from_end
        self._bar = LinesBar(pen, ground="surface")
        self._panel = LinesPanel(pen)
        self._input = SafeInput(own("words to search for"), id="search")
        self.set_class(pen.ascii, "-ascii")
        if pen.ascii:
            self._panel.styles.scrollbar_size_vertical = 0

    def compose(self) -> ComposeResult:
        """Yields the title and the page."""
        with Vertical():
            yield self._bar
            yield self._panel
            yield self._input

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
        """Makes the page for the present width and draws it, or only the lines that a search found."""
        words = self._input.text
        keys = (word("/", "key"), word(" search  ", "dim"), word("esc", "key"), word(" back ", "dim"))
        self._bar.show([titled(self._title, keys, max(20, self._bar.size.width))])
        cells = self._panel.lines_width
        if words.strip():
            # In one column, so that each line of a result has one entry.
            self._panel.show(found_lines(self._page(min(cells, ONE_COLUMN)), words))
            self._panel.scroll_home(animate=False, immediate=True)
        else:
            self._panel.show(self._page(cells))

    def action_search(self) -> None:
        """Opens the input for the words."""
        self.add_class("-searching")
        self._input.focus()

    def action_back(self) -> None:
        """Leaves the search, or the page."""
        if not self.has_class("-searching"):
            self.dismiss()
            return
        self.remove_class("-searching")
        self._input.value = ""
        self._panel.focus()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.redraw()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._panel.focus()
