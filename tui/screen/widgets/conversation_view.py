"""The blocks of a conversation as rows that scroll. The cursor stays on its row when more blocks are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.conversation.blocks import Block, Place
from tui.screen.bindings import MOVES, bindings
from tui.screen.widgets.lines import Pen
from tui.text.styled_text import Line
from tui.view.conversation import Fold, block_lines, with_marks

NEAR = 40
"""More blocks are requested when fewer rows than this are left beyond the visible ones."""
ABOVE_SHARE = 4
"""After a jump, the block is shown one part in this many of the height below the top."""


class _Row(NamedTuple):
    block: int
    """The index of its block."""
    first: bool
    """True if it is the first row with words of its block."""
    line: Line


class ConversationView(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws blocks. It does not read the transcript: it requests more blocks by `Wanted`."""

    BINDINGS = bindings(MOVES)
    DEFAULT_CSS = """
    ConversationView { width: 100%; height: 1fr; scrollbar-size-vertical: 0; overflow-x: hidden; }
    """

    class Wanted(Message):
        """Rows near an end of the loaded blocks are shown."""

        def __init__(self, *, before: bool) -> None:
            super().__init__()
            self.before = before

    class Moved(Message):
        """The cursor was moved to another row."""

    class Ends(Message):
        """The beginning or the end of the conversation was requested."""

        def __init__(self, *, start: bool) -> None:
            super().__init__()
            self.start = start

    def __init__(self, pen: Pen, zone: tzinfo | None = None, *, id: str | None = None) -> None:
        """`zone` is the zone of the times; None: this machine's."""
        super().__init__(id=id)
        self._zone = zone
        self._pen = pen
        self._blocks: Sequence[Block] = ()
        self._rows: list[_Row] = []
        self._row = 0
        self._folds: dict[Place, Fold] = {}
        self._usual = Fold.USUAL
        self._cache: dict[tuple[Place, Fold, bool], list[Line]] = {}
        self._cells = 0
        self._words = ""
        self._shows_end_first = False
        """True if the end is to be shown as soon as there is a layout."""

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def block(self) -> Block | None:
        """The block under the cursor."""
        return self._blocks[self._rows[self._row].block] if self._row < len(self._rows) else None

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that are loaded."""
        return self._blocks

    @property
    def lines(self) -> list[Line]:
        """All rows that are loaded."""
        return [row.line for row in self._rows]

    @property
    def rows(self) -> list[tuple[Place, Line]]:
        """All rows that are loaded, each with the place of its block."""
        return [(self._blocks[row.block].place, row.line) for row in self._rows]

    @property
    def is_at_last(self) -> bool:
        """True if the cursor is in the last loaded row."""
        return self._row >= len(self._rows) - 1

    @property
    def share(self) -> float:
        """The cursor's place among the loaded rows, from 0 to 1."""
        return self._row / max(1, len(self._rows) - 1)

    def show(self, blocks: Sequence[Block], *, to_end: bool = False) -> None:
        """Draws these blocks. The cursor stays in its row of its block, at its height, or goes to the end.

        Rows of blocks that were drawn before are kept, so that only new blocks are laid out.
        """
        anchor = self._anchor()
        if self._blocks and blocks and blocks[-1].place != self._blocks[-1].place:
            self._cache.pop(self._key(len(self._blocks) - 1), None)
        self._blocks = blocks
        self._lay_out()
        if not self._cells:
            self._shows_end_first = to_end  # there is no layout yet
            return
        if to_end or anchor is None:
            to_end, self._shows_end_first = to_end or self._shows_end_first, False
            self._place(len(self._rows) - 1 if to_end else 0)
            return
        place, within, height = anchor
        self._row = max(0, min(self._row_from(place) + within, len(self._rows) - 1))
        self.scroll_to(y=self._row - height, animate=False, immediate=True, force=True)
        self.refresh()

    @property
    def row(self) -> int:
        """The row of the cursor, counted from the first that is loaded."""
        return self._row

    def go_to_words(self, place: Place, words: str) -> bool:
        """As `go_to`, with the cursor on the first row of the block that has the words.

        If needed, the block is unfolded.
        """
        block = next((each for each in self._blocks if each.place == place), None)
        if block is None:
            return False
        if self._row_with(place, words) is None and self._folds.get(place, self._usual) is not Fold.OPEN:
            self._folds[place] = Fold.OPEN
            self._lay_out()
        row = self._row_with(place, words)
        return self.go_to(place) if row is None else self._jump(row)

    def _row_with(self, place: Place, words: str) -> int | None:
        wanted = words.casefold()
        for index, row in enumerate(self._rows):
            is_of_it = self._blocks[row.block].place == place
            if is_of_it and any(wanted in span.text.casefold() for span in row.line):
                return index
        return None

    def go_to(self, place: Place) -> bool:
        """Puts the cursor on the first row of a block, a quarter from the top. False if the block is not loaded."""
        if not any(block.place == place for block in self._blocks):
            return False
        row = self._first_row(place)
        if row is None:  # a folded block may have no row
            self._folds[place] = Fold.OPEN
            self._lay_out()
            row = self._first_row(place)
        return row is not None and self._jump(row)

    def _first_row(self, place: Place) -> int | None:
        rows = enumerate(self._rows)
        return next((index for index, row in rows if row.first and self._blocks[row.block].place == place), None)

    def move_block(self, blocks: int) -> None:
        """Moves the cursor to the first row of the next block (1) or the one before (-1)."""
        step = 1 if blocks > 0 else -1
        row = self._row + step
        while 0 <= row < len(self._rows) and not self._rows[row].first:
            row += step
        if 0 <= row < len(self._rows):
            self._place(row)

    def shorten(self) -> bool:
        """Switches to prompts, texts, plans and failures only, or back to all entries. True if it is short now."""
        self._usual = Fold.USUAL if self._usual is Fold.SHORT else Fold.SHORT
        self._folds.clear()
        self.show(self._blocks)
        return self._usual is Fold.SHORT

    def _jump(self, row: int) -> bool:
        self._row = row
        top = max(0, row - self.size.height // ABOVE_SHARE)
        self.scroll_to(y=top, animate=False, immediate=True, force=True)
        self.refresh()
        self._ask()
        self.post_message(self.Moved())
        return True

    def fold(self) -> None:
        """Unfolds the block under the cursor, or folds it again."""
        block = self.block
        if block is None:
            return
        shown = self._folds.get(block.place, self._usual)
        self._folds[block.place] = Fold.USUAL if shown is Fold.OPEN else Fold.OPEN
        place = block.place
        height = self._row - self.scroll_offset.y
        self._lay_out()
        self._row = self._row_from(place)
        self.scroll_to(y=max(0, self._row - min(height, self._row)), animate=False, immediate=True, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def _row_from(self, place: Place) -> int:
        """The first row of this block or, if it has none, of the next one; else the last row."""
        rows = enumerate(self._rows)
        first = next((index for index, row in rows if self._blocks[row.block].place >= place), len(self._rows) - 1)
        return max(0, first)

    def fold_all(self) -> None:
        """Unfolds all blocks, or folds them again."""
        self._usual = Fold.USUAL if self._usual is Fold.OPEN else Fold.OPEN
        self._folds.clear()
        self.show(self._blocks)

    def mark(self, words: str) -> None:
        """Marks these words in all shown blocks; none if empty."""
        self._words = words.casefold()
        self.refresh()

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        self.refresh()

    # -- keys and mouse ---------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        """Moves the cursor by some rows."""
        self._place(self._row + rows)

    def action_move_page(self, pages: int) -> None:
        """Moves the cursor by some pages."""
        self._place(self._row + pages * max(1, self.size.height - 2))

    def action_move_end(self, where: int) -> None:
        """Requests the beginning or the end of the conversation."""
        self.post_message(self.Ends(start=where < 0))

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor to the row that was clicked; a click on the cursor's row folds its block."""
        row = self.scroll_offset.y + event.y
        if row == self._row:
            self.fold()
        elif row < len(self._rows):
            self._place(row)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls down."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls up."""
        event.stop()
        self._scroll(-3)

    def on_resize(self) -> None:
        """Lays out all rows for the new width."""
        if self.size.width != self._cells:
            self.show(self._blocks)

    def render_line(self, y: int) -> Strip:
        """Draws one visible row."""
        row = y + self.scroll_offset.y
        line = with_marks(self._rows[row].line, self._words) if row < len(self._rows) else ()
        return self._pen.strip(line, self.size.width, "cursor" if row == self._row and self._rows else "ground")

    # -- rows -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        if self.size.width != self._cells:
            self._cells = self.size.width
            self._cache.clear()
        rows: list[_Row] = []
        if self._cells:
            for index in range(len(self._blocks)):
                key = self._key(index)
                lines = self._cache.get(key)
                if lines is None:
                    before = self._blocks[index - 1] if index else None
                    lines = block_lines(self._blocks[index], self._cells - 1, key[1], before, self._zone)
                    self._cache[key] = lines
                is_first = True
                for line in lines:
                    rows.append(_Row(index, is_first and line != (), line))
                    is_first = is_first and line == ()
        if len(self._cache) > 4 * len(self._blocks) + 100:
            self._cache.clear()
        self._rows = rows
        self.virtual_size = Size(self._cells, len(rows))

    def _key(self, index: int) -> tuple[Place, Fold, bool]:
        block = self._blocks[index]
        before = self._blocks[index - 1] if index else None
        return (
            block.place, self._folds.get(block.place, self._usual),
            before is not None and bool(block.call) and before.call == block.call,
        )  # fmt: skip

    def _anchor(self) -> tuple[Place, int, int] | None:
        """The block under the cursor, the cursor's row within it, and its height on the screen."""
        if self._row >= len(self._rows):
            return None
        index = self._rows[self._row].block
        within = 0
        while within < self._row and self._rows[self._row - within - 1].block == index:
            within += 1
        return self._blocks[index].place, within, self._row - self.scroll_offset.y

    def _place(self, row: int) -> None:
        old, self._row = self._row, max(0, min(row, len(self._rows) - 1))
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if self._row < top:
            self.scroll_to(y=self._row, animate=False, immediate=True, force=True)
        elif self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False, immediate=True, force=True)
        for changed in {old, self._row}:
            self.refresh(Region(0, changed - self.scroll_offset.y, self.size.width, 1))
        self._ask()
        self.post_message(self.Moved())

    def _scroll(self, rows: int) -> None:
        last = max(0, len(self._rows) - self.size.height)
        top = max(0, min(self.scroll_offset.y + rows, last))
        self.scroll_to(y=top, animate=False, immediate=True, force=True)
        self._place(max(top, min(self._row, top + self.size.height - 1)))

    def _ask(self) -> None:
        top = self.scroll_offset.y
        if top < NEAR:
            self.post_message(self.Wanted(before=True))
        if top + self.size.height > len(self._rows) - NEAR:
            self.post_message(self.Wanted(before=False))
