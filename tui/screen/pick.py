"""A list to choose one row from, above another screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.screen.bindings import MOVES, bindings
from tui.screen.widgets.chosen_rows import ChosenRows
from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, titled, word
from tui.view.command_line import window_of_rows

FRAME = 3
"""Rows that the list does not have: its frame, and one that stays free."""
RowLine = Callable[[int, int], Line]
"""Returns the row with an index, for a width in cells."""


class PickScreen(ModalScreen[int | None]):
    """Returns the index of the row that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="pick.back"),
        Binding("enter", "choose", "Choose", id="pick.choose"),
        *bindings(MOVES),
    ]
    DEFAULT_CSS = """
    PickScreen { align: center middle; }
    PickScreen > Vertical { width: 92%; max-width: 130; height: auto; max-height: 80%; background: $surface;
        padding: 0 1; border: round $lane-line; }
    PickScreen.-ascii > Vertical { border: ascii $lane-line; }
    PickScreen LinesBar { height: auto; }
    """

    def __init__(
        self,
        title: SafeText,
        count: int,
        row: RowLine,
        pen: Pen,
        what: SafeText,
        head: Callable[[int], list[Line]] = lambda _: [()],
    ) -> None:
        """`what` says what the enter key does with one of the `count` rows; `head` makes the lines above them."""
        super().__init__()
        self._title = title
        self._count = count
        self._row = row
        self._what = what
        self._head = head
        self._chosen = 0
        self._bar = LinesBar(pen, ground="surface")
        self._list = ChosenRows(pen, self.clicked)
        self.set_class(pen.ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Yields the title and the rows."""
        with Vertical():
            yield self._bar
            yield self._list

    def on_mount(self) -> None:
        """Draws the rows."""
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Draws the rows for the new size."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        cells = max(20, self._bar.size.width)
        keys: Line = (word(" enter ", "key"), Span(self._what, "dim"), word("  esc ", "key"), word("back ", "dim"))
        lines = [titled(self._title, keys, cells), *self._head(cells)]
        self._bar.styles.height = len(lines)
        self._bar.show(lines)
        shown = window_of_rows(self._count, self._chosen, max(1, self.size.height * 4 // 5 - FRAME - len(lines)))
        self._list.show_rows([self._row(at, cells) for at in shown], shown, self._chosen)

    def action_move(self, rows: int) -> None:
        """Chooses another row."""
        self._chosen = max(0, min(self._chosen + rows, self._count - 1))
        self._draw()

    def action_move_page(self, pages: int) -> None:
        """Chooses the row a page further."""
        self.action_move(pages * max(1, self._list.size.height - 1))

    def action_move_end(self, where: int) -> None:
        """Chooses the first or the last row."""
        self.action_move(where * self._count)

    def action_choose(self) -> None:
        """Closes the list with the chosen row."""
        self.dismiss(self._chosen if self._count else None)

    def clicked(self, row: int) -> None:
        """Chooses the row that was clicked, and closes the list."""
        self._chosen = row
        self.action_choose()
