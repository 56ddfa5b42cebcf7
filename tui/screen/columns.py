"""The choice of columns on the lanes screen: a list of all columns above the table, which follows each change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.config.remembered import Remembered
from tui.screen.bindings import CHOOSER, MOVES, bindings
from tui.screen.controller import Command, Controller, Host
from tui.screen.widgets.chosen_rows import ChosenRows
from tui.screen.widgets.lane_table import LaneTable
from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.view.column_choice import ColumnChoice, choice_keys, choice_line, choice_title
from tui.view.command_line import window_of_rows

MOST_ROWS = 14
"""The most columns that are listed together."""
_HINTS = (
    "columns.show", "columns.keep", "columns.leave", "columns.left", "columns.right", "columns.wider",
    "columns.narrower", "columns.natural", "columns.all",
)  # fmt: skip
"""The keys below the list, the most important first."""


class ColumnsScreen(ModalScreen[tuple[str, ...] | None]):
    """Returns the chosen columns as they are written in a view (empty: as many as fit), or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((*CHOOSER, *MOVES))
    DEFAULT_CSS = """
    ColumnsScreen { align: left bottom; background: transparent; }
    ColumnsScreen > Vertical { width: 100%; height: auto; background: $surface; }
    """

    def __init__(
        self, pen: Pen, table: LaneTable, show: Callable[[tuple[str, ...]], None], key_of: Callable[[str], SafeText]
    ) -> None:
        """`show` lets the table have these columns, to try them."""
        super().__init__()
        self._pen = pen
        self._table = table
        self._show = show
        self._key_of = key_of
        self._before = table.columns
        self._choice = ColumnChoice.of(table.columns, table.layout_of_columns())
        self._at = 0
        self._title = LinesBar(pen)
        self._list = ChosenRows(pen, self.clicked)
        self._keys = LinesBar(pen)

    def compose(self) -> ComposeResult:
        """Yields the title, the columns and the keys."""
        with Vertical():
            yield self._title
            yield self._list
            yield self._keys

    def on_mount(self) -> None:
        """Draws the columns."""
        self.call_after_refresh(self._draw)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the columns for the new size, after the table was drawn for it."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        cells = self.size.width
        placed = {one.name: one.cells for one in self._table.layout_of_columns()}
        shown = window_of_rows(len(self._choice.columns), self._at, max(1, min(MOST_ROWS, self.size.height // 2 - 2)))
        self._title.show([choice_title(self._choice, cells)])
        self._list.show_rows(
            [choice_line(self._choice, at, placed, cells, ascii_only=self._pen.ascii) for at in shown], shown, self._at
        )
        keys = [(self._key_of(key.id), safe_text(key.hint)) for name in _HINTS for key in CHOOSER if key.id == name]
        self._keys.show([choice_keys(keys, cells)])

    def _take(self, choice: ColumnChoice, by: int = 0) -> None:
        """Shows the table with this choice; the cursor of the list moves by some rows."""
        self._choice = choice
        self._at = max(0, min(len(choice.columns) - 1, self._at + by))
        self._show(choice.words)
        self._draw()

    # -- keys -----------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Goes to another column."""
        self._at = max(0, min(self._at + rows, len(self._choice.columns) - 1))
        self._draw()

    def action_move_page(self, pages: int) -> None:
        """Goes to the column a page further."""
        self.action_move(pages * max(1, self._list.size.height - 1))

    def action_move_end(self, where: int) -> None:
        """Goes to the first or the last column."""
        self.action_move(where * len(self._choice.columns))

    def action_show_or_hide(self) -> None:
        """Shows or hides the column."""
        self._take(self._choice.toggled(self._at))

    def action_move_column(self, places: int) -> None:
        """Moves the column to the left or to the right."""
        self._take(self._choice.moved(self._at, places), places)

    def action_resize(self, cells: int) -> None:
        """Makes the column wider or narrower."""
        one = self._choice.columns[self._at]
        placed = {each.name: each.cells for each in self._table.layout_of_columns()}
        now = self._choice.widths.get(one.name, placed.get(one.name, one.cells))
        self._take(self._choice.resized(self._at, now + cells))

    def action_natural(self) -> None:
        """Gives the column its own width again."""
        self._take(self._choice.as_declared(self._at))

    def action_automatic(self) -> None:
        """Shows as many columns as fit."""
        name = self._choice.columns[self._at].name
        self._show(())
        choice = ColumnChoice.of((), self._table.layout_of_columns())
        self._at = [one.name for one in choice.columns].index(name)
        self._take(choice)

    def action_keep(self) -> None:
        """Closes the list and keeps the choice."""
        if self.is_active:
            self.dismiss(self._choice.words)

    def action_leave(self) -> None:
        """Closes the list and shows the columns from before."""
        if self.is_active:
            self._show(self._before)
            self.dismiss(None)

    def clicked(self, row: int) -> None:
        """Shows or hides the column that was clicked."""
        self._at = row
        self.action_show_or_hide()


class ColumnsController(Controller):
    """Opens the list of columns, and remembers the choice."""

    def __init__(self, host: Host, table: LaneTable, remembered: Remembered, key_of: Callable[[str], SafeText]) -> None:
        """`key_of` returns the first key of a binding's id."""
        self._host = host
        self._table = table
        self._remembered = remembered
        self._key_of = key_of

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"columns": lambda: self._host.start(self._choose(), group="columns", exclusive=True)}

    async def _choose(self) -> None:
        chosen = await self._host.ask(ColumnsScreen(self._host.pen, self._table, self._show, self._key_of))
        if chosen is None:
            return
        self._remembered.keep(columns=chosen, view="")
        self._host.tell(own("columns kept") if chosen else own("as many columns as fit"))

    def _show(self, columns: tuple[str, ...]) -> None:
        self._table.choose_columns(columns)
        self._host.redraw()
