"""The blocks of a conversation as rows that scroll. The cursor stays on its row when more blocks are loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import islice

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.conversation.blocks import Block, Place
from tui.screen.bindings import MOVES, bindings
from tui.screen.widgets.lines import Pen
from tui.text.styled_text import Line, blank, word
from tui.view.conversation import Fold, with_marks
from tui.view.conversation_rows import ConversationRows, RowAt
from tui.view.sought import Sought

NEAR = 40
"""More blocks are requested when fewer rows than this are left beyond the visible ones."""
AGAIN = 8
"""The most pieces that are requested for one move: the rows of a piece may all be folded away."""
ABOVE_SHARE = 4
"""After a jump, the block is shown one part in this many of the height below the top."""
LOWEST = 1 << 30
"""More rows than a screen has."""
_CURSOR, _BESIDE = word("▶", "accent"), blank(1)


class ConversationView(Widget, can_focus=True, inherit_bindings=False):
    """Draws the visible rows of blocks. It does not read the transcript: it requests more blocks by `Wanted`.

    The place that is shown is that of the cursor and its height on the screen, so it stays when blocks are added.
    """

    BINDINGS = bindings(MOVES)
    DEFAULT_CSS = """
    ConversationView { width: 100%; height: 1fr; }
    """

    class Wanted(Message):
        """Rows near an end of the loaded blocks are shown."""

        def __init__(self, *, before: bool) -> None:
            super().__init__()
            self.before = before
            self.again = AGAIN
            """How often more may be requested for the same rows."""

    class Ends(Message):
        """The beginning or the end of the conversation was requested."""

        def __init__(self, *, start: bool) -> None:
            super().__init__()
            self.start = start

    def __init__(
        self, pen: Pen, moved: Callable[[], None], zone: tzinfo | None = None, *, id: str | None = None
    ) -> None:
        """`moved` is called when the cursor was moved, so that what depends on it is drawn in the same frame.

        `zone` is the zone of the times; None: this machine's.
        """
        super().__init__(id=id)
        self._pen = pen
        self._moved = moved
        self._rows = ConversationRows(zone)
        self._cursor = RowAt(0, 0)
        self._height = 0
        """The number of rows that are to be visible above the cursor."""
        self._shown: list[RowAt] | None = None
        """The visible rows from the top; None: they must be found again."""
        self._drawn: list[tuple[Line, bool]] = []
        """What each visible row showed when it was drawn last: its line, and whether the cursor was on it."""
        self._words = ""
        self._expected = Size(80, 24)

    def expect(self, size: Size) -> None:
        """Sets the size that it is going to have, so that it is drawn as a whole from the first frame on."""
        self._expected = size

    @property
    def _room(self) -> Size:
        return self.size if self.size.width else self._expected

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def block(self) -> Block | None:
        """The block under the cursor."""
        return self.blocks[self._cursor.block] if self._cursor.block < len(self.blocks) else None

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that are loaded."""
        return self._rows.blocks

    @property
    def lines(self) -> list[Line]:
        """All rows that are loaded."""
        return [line for _, line in self.rows]

    @property
    def rows(self) -> list[tuple[Place, Line]]:
        """All rows that are loaded, each with the place of its block."""
        return [
            (self.blocks[at.block].place, self._rows.line_at(at)) for at in self._rows.after(RowAt(0, 0))
        ]  # fmt: skip

    @property
    def is_at_last(self) -> bool:
        """True if the cursor is in the last loaded row."""
        return self._rows.moved(self._cursor, 1)[1] == 0

    @property
    def cursor(self) -> tuple[Place, int] | None:
        """The place of the block under the cursor, and the cursor's row in it."""
        return (self.block.place, self._cursor.row) if self.block is not None else None

    @property
    def cursor_height(self) -> int:
        """The number of visible rows above the cursor."""
        shown = self._visible()
        return shown.index(self._cursor) if self._cursor in shown else 0

    def show(self, blocks: Sequence[Block], *, to_end: bool = False) -> None:
        """Draws these blocks. The cursor stays in its row of its block, at its height, or goes to the end."""
        anchor = self.cursor
        self._rows.blocks = blocks
        self._rows.use_width(max(1, self._room.width - 1))
        if to_end or anchor is None:
            at, height = (self._rows.last, LOWEST) if to_end else (self._rows.first, 0)
        else:
            at, height = self._rows.nearest(*anchor), self._height
        self._stand(at or RowAt(0, 0), height)

    def go_to_start(self) -> None:
        """Puts the cursor on the first loaded row."""
        self._move_to(self._rows.first, 0)

    def go_to_words(self, place: Place, words: str) -> bool:
        """As `go_to`, with the cursor on the first row of the block that has the words.

        If needed, the block is unfolded.
        """
        index = self._rows.index_of(place)
        if index is None:
            return False
        self._rows.open_run(index)
        if self._rows.row_with(index, words) is None and self._rows.fold_of(index) is not Fold.OPEN:
            self._rows.fold_block(index, Fold.OPEN)
        row = self._rows.row_with(index, words)
        return self.go_to(place) if row is None else self._jump(row)

    def go_to_sought(self, place: Place, sought: Sought) -> bool:
        """As `go_to_words`, with the cursor in the middle of the screen, on the row most like what is sought."""
        index = self._rows.index_of(place)
        if index is None:
            return False
        self._rows.open_run(index)
        fold = self._rows.fold_of(index)
        folded = self._rows.nearest_to(index, sought)
        self._rows.fold_block(index, Fold.OPEN)
        found = self._rows.nearest_to(index, sought)
        if folded is not None and (found is None or found.likeness <= folded.likeness):
            self._rows.fold_block(index, fold)
            found = folded
        if found is None:
            self._rows.fold_block(index, fold)
            return self.go_to_words(place, sought.words)
        self._move_to(RowAt(index, found.piece), self._room.height // 2)
        return True

    def go_to(self, place: Place) -> bool:
        """Puts the cursor on the first row of a block, a quarter from the top. False if the block is not loaded."""
        index = self._rows.index_of(place)
        if index is None:
            return False
        self._rows.open_run(index)
        if self._rows.beginning_of(index) is None:  # a folded block may have no row
            self._rows.fold_block(index, Fold.OPEN)
        return self._jump(self._rows.beginning_of(index))

    def _jump(self, row: RowAt | None) -> bool:
        if row is not None:
            self._move_to(row, self._room.height // ABOVE_SHARE)
        return row is not None

    def move_block(self, blocks: int) -> None:
        """Moves the cursor to the first row of the next block (1) or the one before (-1)."""
        step = 1 if blocks > 0 else -1
        index = self._cursor.block + step
        beginning = self._rows.beginning_of(self._cursor.block) if self.block is not None else None
        if step < 0 and beginning is not None and beginning < self._cursor:
            index = self._cursor.block
        while 0 <= index < len(self.blocks):
            row = self._rows.beginning_of(index)
            if row is not None:
                self._place(row)
                return
            index += step

    def shorten(self) -> bool:
        """Switches to prompts, texts, plans and failures only, or back to all entries. True if it is short now."""
        is_short = self._rows.toggle_usual(Fold.SHORT)
        self.show(self.blocks)
        return is_short

    def fold(self) -> None:
        """Unfolds the block under the cursor, or folds it again."""
        block = self.block
        if block is None:
            return
        index = self._cursor.block
        if self._rows.open_run(index) or self._rows.close_run(index):
            self._move_to(self._rows.nearest(block.place), self._height)
            return
        self._rows.fold_block(index, Fold.USUAL if self._rows.fold_of(index) is Fold.OPEN else Fold.OPEN)
        self._move_to(self._rows.nearest(block.place), self._height)

    def fold_all(self) -> None:
        """Unfolds all blocks, or folds them again."""
        self._rows.toggle_usual(Fold.OPEN)
        self.show(self.blocks)

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
        self._place(self._rows.moved(self._cursor, rows)[0])

    def action_move_page(self, pages: int) -> None:
        """Moves the cursor by some pages."""
        self.action_move(pages * max(1, self._room.height - 2))

    def action_move_end(self, where: int) -> None:
        """Requests the beginning or the end of the conversation."""
        self.post_message(self.Ends(start=where < 0))

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor to the row that was clicked; a click on the cursor's row folds its block."""
        shown = self._visible()
        if event.y < len(shown):
            if shown[event.y] == self._cursor:
                self.fold()
            else:
                self._place(shown[event.y])

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls down."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls up."""
        event.stop()
        self._scroll(-3)

    def on_resize(self) -> None:
        """Draws the rows of the new size, and requests the blocks that it needs."""
        if self.size != self._expected:
            self._expected = self.size
            self._shown = None
            self._drawn = self._contents()
            self.refresh()
        self.call_after_refresh(self._ask)

    def render_line(self, y: int) -> Strip:
        """Draws one visible row."""
        shown = self._visible()
        if y >= len(shown):
            return self._pen.strip((), self.size.width, "ground")
        is_cursor = shown[y] == self._cursor
        line = with_marks(self._rows.line_at(shown[y]), self._words)
        margin = _CURSOR if is_cursor else _BESIDE
        return self._pen.strip((margin, *line), self.size.width, "cursor" if is_cursor else "ground")

    # -- rows -------------------------------------------------------------------------------------

    def _visible(self) -> list[RowAt]:
        """The visible rows from the top; the cursor's height is brought within what there is."""
        if self._shown is None or not self._rows.blocks:
            cells, most = self._room
            if self._rows.use_width(max(1, cells - 1)) and self.block is not None:
                self._cursor = self._rows.nearest(self.block.place, self._cursor.row) or RowAt(0, 0)
            height = min(self._height, max(0, most - 1))
            top, above = self._rows.moved(self._cursor, -height)
            shown = list(islice(self._rows.after(top), max(0, most)))
            if len(shown) < most:  # no empty rows below the last one while there are rows above
                top, _ = self._rows.moved(top, len(shown) - most)
                shown = list(islice(self._rows.after(top), max(0, most)))
            self._shown = shown
            self._height = shown.index(self._cursor) if self._cursor in shown else -above
        return self._shown

    def _stand(self, at: RowAt, height: int) -> None:
        """Shows the cursor there, with this many rows above it; only rows that have changed are drawn."""
        self._cursor, self._height, self._shown = at, max(0, height), None
        before, self._drawn = self._drawn, self._contents()
        most = max(len(before), len(self._drawn))
        changed = [y for y in range(most) if before[y : y + 1] != self._drawn[y : y + 1]]
        if changed:
            self.refresh(Region(0, changed[0], self.size.width, changed[-1] - changed[0] + 1))

    def _contents(self) -> list[tuple[Line, bool]]:
        return [(self._rows.line_at(at), at == self._cursor) for at in self._visible()]

    def _move_to(self, at: RowAt | None, height: int) -> None:
        if at is not None:
            self._stand(at, height)
            self._ask()
            self._moved()

    def _place(self, at: RowAt) -> None:
        """Moves the cursor to a row; the screen scrolls if the row is not visible."""
        shown = self._visible()
        outside = 0 if shown and at < shown[0] else LOWEST
        self._move_to(at, shown.index(at) if at in shown else outside)

    def _scroll(self, rows: int) -> None:
        """Moves what is visible; the cursor stays on its row while that is visible."""
        shown = self._visible()
        if not shown:
            return
        _, passed = self._rows.moved(shown[-1 if rows > 0 else 0], rows)
        height = self._height - passed
        last = len(shown) - 1
        inside = max(0, min(height, last))
        at = self._rows.moved(self._cursor, inside - height)[0] if inside != height else self._cursor
        self._move_to(at, inside)

    def needs(self, *, before: bool) -> bool:
        """True if fewer than `NEAR` rows are loaded above (`before`) or below the visible ones."""
        shown = self._visible()
        if not shown:
            return True
        _, passed = self._rows.moved(shown[0], -NEAR) if before else self._rows.moved(shown[-1], NEAR)
        return abs(passed) < NEAR

    def _ask(self) -> None:
        """Requests blocks at each end from which the visible rows are not far away."""
        for before in (True, False):
            if self.needs(before=before):
                self.post_message(self.Wanted(before=before))
