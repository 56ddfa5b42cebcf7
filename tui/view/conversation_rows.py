"""The rows of a conversation. A block is laid out only when one of its rows is needed: thousands may be loaded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from tui.conversation.blocks import Block, Place
from tui.conversation.equal_calls import equal_calls
from tui.text.styled_text import Line
from tui.view.conversation import Fold, block_lines, run_lines
from tui.view.sought import Nearest, Sought, nearest

KEPT = 4_000
"""The most blocks whose lines are kept."""


class RowAt(NamedTuple):
    """A row: the index of its block, and its number among the rows of that block."""

    block: int
    row: int


class _Made(NamedTuple):
    """The lines of a block with everything that they were made from."""

    block: Block
    before: Block | None
    fold: Fold
    lines: list[Line]


class ConversationRows:
    """The blocks that are loaded, how much of each is shown, and their rows at a width in cells."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        """`zone` is the zone of the times; None: this machine's."""
        self._zone = zone
        self._blocks: Sequence[Block] = ()
        self._runs: dict[int, range] = {}
        """The runs of equal calls, by the index of each of their blocks."""
        self._opened: set[Place] = set()
        """The blocks of runs that were opened."""
        self._cells = 0
        self._usual = Fold.USUAL
        self._folds: dict[Place, Fold] = {}
        self._made: dict[Place, _Made] = {}

    @property
    def blocks(self) -> Sequence[Block]:
        """The blocks that are loaded."""
        return self._blocks

    @blocks.setter
    def blocks(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._runs = {index: run for run in equal_calls(blocks) for index in run}

    def use_width(self, cells: int) -> bool:
        """Lays out for this width from now on. True if it is another one than before."""
        is_other = cells != self._cells
        if is_other:
            self._cells = cells
            self._made.clear()
        return is_other

    # -- how much is shown ------------------------------------------------------------------------

    def fold_of(self, index: int) -> Fold:
        """How much of a block is shown."""
        return self._folds.get(self.blocks[index].place, self._usual)

    def fold_block(self, index: int, fold: Fold) -> None:
        """Shows this much of a block."""
        self._folds[self.blocks[index].place] = fold

    def folded_run(self, index: int) -> range | None:
        """The blocks of the equal calls that one line stands for, if this block is one of them."""
        run = self._runs.get(index)
        if run is None or self._usual in (Fold.OPEN, Fold.WHOLE):
            return None
        return None if any(self.blocks[one].place in self._opened for one in run) else run

    def open_run(self, index: int) -> bool:
        """Shows all of the equal calls among which this block is. False if they are shown already."""
        run = self.folded_run(index)
        if run is None:
            return False
        self._opened |= {self.blocks[one].place for one in run}
        return True

    def close_run(self, index: int) -> bool:
        """Shows one line for the equal calls of which this block is the first. False if it is not one."""
        run = self._runs.get(index)
        if run is None or run[0] != index or self._usual in (Fold.OPEN, Fold.WHOLE):
            return False
        self._opened -= {self.blocks[one].place for one in run}
        return True

    def toggle_usual(self, fold: Fold) -> bool:
        """Shows this much of every block or, if it is so already, the usual. True if it is so now."""
        self._usual = Fold.USUAL if self._usual is fold else fold
        self._folds.clear()
        self._opened.clear()
        return self._usual is fold

    # -- rows -------------------------------------------------------------------------------------

    def lines_of(self, index: int) -> list[Line]:
        """The lines of a block; none if nothing of it is shown."""
        block = self.blocks[index]
        before = self.blocks[index - 1] if index else None
        run = self.folded_run(index)
        if run is not None:
            count = len(run) // 2
            is_first = index == run[0]
            return run_lines(block, self.blocks[index + 1], count, self._cells, before, self._zone) if is_first else []
        fold = self.fold_of(index)
        made = self._made.get(block.place)
        if made is not None and made.block is block and made.before is before and made.fold is fold:
            return made.lines
        if len(self._made) >= KEPT:
            self._made.clear()
        lines = block_lines(block, self._cells, fold, before, self._zone)
        self._made[block.place] = _Made(block, before, fold, lines)
        return lines

    def line_at(self, at: RowAt) -> Line:
        """The line of a row; empty if there is no such row."""
        lines = self.lines_of(at.block) if at.block < len(self.blocks) else []
        return lines[at.row] if at.row < len(lines) else ()

    def after(self, at: RowAt) -> Iterator[RowAt]:
        """The row and all below it."""
        row = at.row
        for index in range(at.block, len(self.blocks)):
            for number in range(row, len(self.lines_of(index))):
                yield RowAt(index, number)
            row = 0

    def above(self, at: RowAt) -> Iterator[RowAt]:
        """All rows above this one, the nearest first."""
        for number in range(at.row - 1, -1, -1):
            yield RowAt(at.block, number)
        for index in range(min(at.block, len(self.blocks)) - 1, -1, -1):
            for number in range(len(self.lines_of(index)) - 1, -1, -1):
                yield RowAt(index, number)

    def moved(self, at: RowAt, rows: int) -> tuple[RowAt, int]:
        """The row this many rows further (or, if negative, above), or the last there is; and how many were passed."""
        passed = 0
        ahead = self.after(at) if rows > 0 else self.above(at)
        if rows > 0:
            next(ahead, None)
        for found in ahead:
            if passed == abs(rows):
                break
            at, passed = found, passed + 1
        return at, passed if rows > 0 else -passed

    @property
    def first(self) -> RowAt | None:
        """The first row; None if there is none."""
        return next(self.after(RowAt(0, 0)), None)

    @property
    def last(self) -> RowAt | None:
        """The last row; None if there is none."""
        return next(self.above(RowAt(len(self.blocks), 0)), None)

    # -- where something is -----------------------------------------------------------------------

    def index_of(self, place: Place) -> int | None:
        """The index of the block with this place; None if it is not loaded."""
        index = bisect_left(self.blocks, place, key=lambda block: block.place)
        return index if index < len(self.blocks) and self.blocks[index].place == place else None

    def nearest(self, place: Place, row: int = 0) -> RowAt | None:
        """This row of the block with this place or, if there is none, of the next block with a row; else the last."""
        index = bisect_left(self.blocks, place, key=lambda block: block.place)
        if index < len(self.blocks) and self.blocks[index].place == place:
            run = self.folded_run(index)
            index = run[0] if run is not None else index
            rows = len(self.lines_of(index))
            if rows:
                return RowAt(index, min(row, rows - 1))
        return next(self.after(RowAt(index, 0)), None) or self.last

    def beginning_of(self, index: int) -> RowAt | None:
        """The first row of a block with words; None if nothing of it is shown."""
        lines = self.lines_of(index)
        return next((RowAt(index, number) for number, line in enumerate(lines) if line), None)

    def row_with(self, index: int, words: str) -> RowAt | None:
        """The first row of a block that has these words within a span. The case of letters does not matter."""
        wanted = words.casefold()
        for number, line in enumerate(self.lines_of(index)):
            if any(wanted in span.text.casefold() for span in line):
                return RowAt(index, number)
        return None

    def nearest_to(self, index: int, sought: Sought) -> Nearest | None:
        """The row of a block at which the sought words begin, most like the place where they were found."""
        return nearest(["".join(span.text for span in line) for line in self.lines_of(index)], sought)
