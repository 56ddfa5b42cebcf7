"""The conversation of one lane: a window of blocks over its transcript, which moves to the place that is read."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import orjson

from tui.agents.base import Agent, Reader
from tui.agents.tools import whole_texts
from tui.conversation.blocks import Block, BlockKind, BlockMaker, Place, is_file, with_last_usage
from tui.conversation.line_file import LineFile
from tui.io.lines import BadLine, Line
from tui.model.event import Event, UnreadableLine

PIECE = 128 * 1024
"""Bytes of transcript that are read at once for scrolling."""
FIRST_PIECE = 16 * 1024
"""Bytes that are read first at the end of a transcript: about a screen."""
WARM_UP = 64 * 1024
"""Bytes before a piece that the reader reads first, because the meaning of a line may depend on the lines before it."""
PIECE_LINES, WARM_UP_LINES = 2_000, 500
"""The most lines of a piece and of the lines before it: very short lines take long for their bytes."""
SEARCHED = 64 * 1024
"""Bytes that a search reads at once, from a line that contains its words."""
LOADED, BLOCKS_KEPT = 6 * 1024 * 1024, 20_000
"""Bytes of transcript whose blocks are kept, and the most blocks."""
FOLLOWED = 16
"""The most new pieces that are read at once."""

Wanted = Callable[[Block], bool]
"""Tells whether a block is one that a search wants."""
Stop = Callable[[], bool]
"""Tells whether a search should be given up."""


def _never() -> bool:
    return False


class _Piece(NamedTuple):
    start: int
    end: int
    blocks: list[Block]


class Conversation:
    """Reads blocks of one lane around an offset; loads more at both ends and drops blocks that are far away.

    `until` (seconds UTC) leaves out what happened later, as in a replay. Not thread-safe, except that `find` and
    `next_of` may run in another thread: they change nothing.
    """

    def __init__(self, path: str, agent: Agent, lane: str = "", until: float | None = None) -> None:
        """Opens the transcript; nothing is read yet.

        Args:
            path: the transcript.
            agent: who wrote it.
            lane: the lane's name inside the transcript; empty for the file's own.
            until: the moment up to which it is read; None: it is followed.

        Raises:
            Refused, BrokenArchive, OSError: it cannot be read.
        """
        self._agent = agent
        self._lane = lane
        self._until = until
        self._file = LineFile(path)
        if until is not None:
            self._file.stop_at(self.offset_at(until))
        self._maker = self._new_maker()
        self._pieces: deque[_Piece] = deque()
        self._unfinished = sys.maxsize
        """The offset of the last line, while it is incomplete."""
        self._tail: Reader | None = None
        """The reader that has read to the end of the file, while the window reaches the end."""

    # -- the window -------------------------------------------------------------------------------

    @property
    def blocks(self) -> list[Block]:
        """The blocks that are loaded, in order."""
        return list(chain.from_iterable(piece.blocks for piece in self._pieces))

    @property
    def size(self) -> int:
        """Bytes of the transcript, as far as it is read."""
        return self._file.size

    @property
    def start(self) -> int:
        """The offset at which the window begins."""
        return self._pieces[0].start if self._pieces else 0

    @property
    def is_at_start(self) -> bool:
        """Whether the window reaches the beginning."""
        return not self._pieces or self._pieces[0].start == 0

    @property
    def is_at_end(self) -> bool:
        """Whether the window reaches the end."""
        return bool(self._pieces) and self._pieces[-1].end >= min(self._file.size, self._unfinished)

    @property
    def is_fixed(self) -> bool:
        """Whether it ends at a moment of the past and is not followed."""
        return self._until is not None

    @property
    def until(self) -> float | None:
        """The moment up to which it is read, in seconds UTC; None: it is followed."""
        return self._until

    @property
    def was_replaced(self) -> bool:
        """Whether another file took the transcript's place."""
        return self._until is None and self._file.was_replaced

    def go_to(self, offset: int) -> None:
        """Moves the window to the line of this byte and the lines after it."""
        start = self._file.start_of(max(0, min(offset, self._file.size)))
        self._pieces.clear()
        self._maker = self._new_maker()
        self._add_after(start if start is not None else offset)

    def go_to_start(self) -> None:
        """Moves the window to the beginning."""
        self.go_to(0)

    def go_to_end(self) -> None:
        """Moves the window to the end."""
        self._pieces.clear()
        self._maker = self._new_maker()
        self._add_before(self._file.size, FIRST_PIECE)

    def load_before(self) -> bool:
        """Loads the piece before the window, which may have no blocks. False if the window reaches the beginning."""
        if self.is_at_start:
            return False
        self._add_before(self._pieces[0].start)
        self._let_go(from_end=True)
        return True

    def load_after(self) -> bool:
        """Loads the piece after the window, which may have no blocks. False if the window reaches the end."""
        if not self._pieces or self.is_at_end:
            return False
        self._add_after(self._pieces[-1].end)
        self._let_go(from_end=False)
        return True

    def follow(self) -> bool:
        """Reads what was written since the last look, if the window reaches the end. True if there are new blocks.

        After `FOLLOWED` pieces the rest is left, and the window does not reach the end.
        """
        if self._until is not None:
            return False
        was_at_end = self.is_at_end or not self._pieces
        if not self._file.look() or not was_at_end:
            return False
        self._unfinished = sys.maxsize
        if not self._pieces:
            self.go_to_end()
            return bool(self.blocks)
        count = sum(len(piece.blocks) for piece in self._pieces)
        for _ in range(FOLLOWED):
            if not self.load_after():
                break
        return sum(len(piece.blocks) for piece in self._pieces) != count

    def _add_after(self, start: int) -> None:
        lines, end = self._file.after(start, PIECE, PIECE_LINES)
        self._unfinished = start if end == start else sys.maxsize
        goes_on = self._tail is not None and bool(self._pieces) and self._pieces[-1].end == start
        reader = self._tail if goes_on and self._tail is not None else self._reader_at(start, self._maker)
        numbered = self._maker.numbered_calls
        blocks = self._read(lines, reader, self._maker)
        self._tail = reader
        if self._maker.numbered_calls != numbered and self._pieces:  # the call may be in the piece before
            last = self._pieces[-1]
            self._pieces[-1] = last._replace(blocks=[self._maker.numbered(block) for block in last.blocks])
        if end > start:
            self._pieces.append(_Piece(start, end, blocks))

    def _add_before(self, end: int, wanted: int = PIECE) -> None:
        lines, start = self._file.before(end, wanted, PIECE_LINES)
        reader = self._reader_at(start, self._maker)
        blocks = self._read(lines, reader, self._maker)
        if end >= self._file.size:
            self._tail = reader
        if end > start:
            if self._pieces:
                later = self._pieces[0]
                self._pieces[0] = later._replace(blocks=[self._maker.named(block) for block in later.blocks])
            self._pieces.appendleft(_Piece(start, end, blocks))

    def _let_go(self, *, from_end: bool) -> None:
        blocks = sum(len(piece.blocks) for piece in self._pieces)
        while len(self._pieces) > 2 and (self._pieces[-1].end - self._pieces[0].start > LOADED or blocks > BLOCKS_KEPT):
            blocks -= len(self._pieces[-1 if from_end else 0].blocks)
            if from_end:
                self._pieces.pop()
                self._tail = None
            else:
                self._pieces.popleft()

    # -- from one end to the other ------------------------------------------------------------------

    def read(self, offset: int) -> Iterator[tuple[list[Block], int]]:
        """All blocks from the line of this byte on, in pieces, each with the offset at which it ends.

        The window stays where it is.
        """
        start = self._file.start_of(max(0, min(offset, self._file.size)))
        maker = self._new_maker()
        reader = self._reader_at(start or 0, maker)
        while start is not None and start < self._file.size:
            lines, end = self._file.after(start, PIECE, PIECE_LINES)
            yield self._read(lines, reader, maker), end
            if end == start:
                return  # the last line is not whole yet
            start = end

    def read_on(self, offset: int) -> Iterator[tuple[list[Block], int]]:
        """As `read`, but up to the present end of the file."""
        self._file.look()
        return self.read(offset)

    def read_back(self, offset: int) -> Iterator[list[Block]]:
        """All blocks before this byte, in pieces from the last one on; each piece is in the transcript's order."""
        return self._from(offset, _never, back=True)

    # -- looking for something ----------------------------------------------------------------------

    def find(self, words: str, place: Place, *, back: bool = False, stop: Stop = _never) -> Place | None:
        """The next block after (or before) `place` that contains `words`; None if there is none. Case does not matter.

        Bytes are searched first, so that only lines that can hold the words are read.
        """
        wanted = words.casefold()
        for blocks in self._candidates(_forms(words), place, stop, back=back):
            for block in reversed(blocks) if back else blocks:
                if _is_beyond(block.place, place, back=back) and wanted in searchable(block).casefold():
                    return block.place
        return None

    def places_of(self, words: str, most: int, stop: Stop = _never) -> list[Place]:
        """The first `most` blocks that contain `words`, in order; fewer if the search is given up."""
        wanted = words.casefold()
        found: list[Place] = []
        for blocks in self._candidates(_forms(words), Place(0, -1), stop, back=False):
            found += [
                block.place for block in blocks
                if wanted in searchable(block).casefold() and (not found or block.place > found[-1])
            ]  # fmt: skip
            if len(found) >= most:
                break
        return found[:most]

    def changes_of(self, path: str, most: int, stop: Stop = _never) -> list[Block]:
        """The last `most` blocks that change this file, in order, each with the changes of this file alone.

        A change also counts if the transcript names only the end of the path.
        """
        name = path.rsplit("/", 1)[-1]
        found: deque[Block] = deque(maxlen=most)
        for blocks in self._candidates(_forms(name), Place(0, -1), stop, back=False):
            for block in blocks:
                diffs = tuple(diff for diff in block.diffs if is_file(diff.path, path))
                if diffs and (not found or block.place > found[-1].place):
                    found.append(replace(block, diffs=diffs))
        return list(found)

    def next_of(self, wanted: Wanted, place: Place, *, back: bool = False, stop: Stop = _never) -> Place | None:
        """The next block after (or before) `place` that is wanted; None if there is none."""
        for blocks in self._from(place.offset, stop, back=back):
            for block in reversed(blocks) if back else blocks:
                if _is_beyond(block.place, place, back=back) and wanted(block):
                    return block.place
        return None

    def place_at(self, offset: int) -> Place:
        """The place of the first block of the line of this byte, or of the next line with a block."""
        start = self._file.start_of(max(0, min(offset, self._file.size)))
        place = Place(start if start is not None else offset, -1)
        return self.next_of(lambda _: True, place) or place

    def offset_at(self, at: float) -> int:
        """The offset of the first line with a time after `at` (seconds UTC); the size if there is none.

        A binary search: times in a transcript grow, with few exceptions.
        """
        low, high = 0, self._file.size
        while high - low > PIECE:
            middle = (low + high) // 2
            start = self._file.start_of(middle)
            stated = self._time_from(start) if start is not None else None
            if stated is None or stated > at:
                high = middle
            else:
                low = middle
        lines, _ = self._file.after(self._file.start_of(low) or 0, 2 * PIECE)
        for line in lines:
            stated = self._time_of(line)
            if stated is not None and stated > at:
                return line.offset
        return self._file.size if high >= self._file.size else high

    def lines_after(self, offset: int) -> int:
        """The number of lines that were written after this offset, as of the last look at the file."""
        return sum(data.count(b"\n") for _, data in self._file.slices(offset, 0, back=False))

    @property
    def span(self) -> tuple[float, float] | None:
        """The first and the last stated time in seconds UTC; None if no line states one."""
        first = self._time_from(0)
        lines, _ = self._file.before(self._file.size, PIECE)
        last = next((at for line in reversed(lines) if (at := self._time_of(line)) is not None), first)
        return (first, last) if first is not None and last is not None else None

    def opened_again(self) -> Conversation:
        """The conversation in the file that has the path now.

        Raises:
            Refused, BrokenArchive, OSError: it cannot be read.
        """
        return Conversation(self._file.path, self._agent, self._lane, self._until)

    def close(self) -> None:
        """Closes the transcript."""
        self._file.close()

    def _candidates(self, forms: list[bytes], place: Place, stop: Stop, *, back: bool) -> Iterator[list[Block]]:
        """The blocks of the place's line, then those of each piece that contains one of the forms.

        Case does not matter. A piece begins (or, going back, ends) with a line that contains one. So each line is read
        once, however many contain one.
        """
        edge = max(0, min(place.offset, self._file.size))
        here = self._file.line_at(edge)
        if here is not None:
            yield self._blocks_of(here)
            edge = here.offset if back else here.offset + len(here.data)
        overlap = max(map(len, forms))
        for start, data in self._file.slices(edge, overlap, back=back):
            if stop():
                return
            lowered = data.lower()
            while (at := _nearest(lowered, forms, edge - start, back=back)) is not None:
                if stop():
                    return
                blocks, edge = self._piece_with(start + at, back=back)
                yield blocks

    def _piece_with(self, offset: int, *, back: bool) -> tuple[list[Block], int]:
        """The blocks of the line of this byte and of some lines after (or before) it.

        The second value is the offset at which the search continues.
        """
        line = self._file.line_at(offset)
        if line is None:
            return [], self._file.beginning_of(offset) if back else self._file.end_of(offset)
        end = line.offset + len(line.data)
        if back:
            lines, start = self._file.before(line.offset, SEARCHED, PIECE_LINES)
            lines = [*lines, line]
        else:
            start = line.offset
            lines, end = self._file.after(start, max(SEARCHED, len(line.data) + 1), PIECE_LINES)
        maker = self._new_maker()
        return self._read(lines, self._reader_at(start, maker), maker), start if back else end

    def _from(self, offset: int, stop: Stop, *, back: bool) -> Iterator[list[Block]]:
        """Blocks of the transcript from an offset on (or back), in pieces.

        The first piece includes the line at the offset.
        """
        if not back:
            for blocks, _ in self.read(offset):
                yield blocks
                if stop():
                    return
            return
        here = self._file.line_at(offset)
        yield self._blocks_of(here) if here is not None else []
        start = here.offset if here is not None else offset
        while start > 0 and not stop():
            lines, start = self._file.before(start, PIECE, PIECE_LINES)
            maker = self._new_maker()
            yield self._read(lines, self._reader_at(start, maker), maker)

    def _time_from(self, start: int) -> float | None:
        lines, _ = self._file.after(start, PIECE)
        return next((at for line in lines if (at := self._time_of(line)) is not None), None)

    def _time_of(self, line: Line) -> float | None:
        for event in _events(self._agent.reader(), line):
            if isinstance(event, Event) and event.at is not None:
                return event.at
        return None

    def _blocks_of(self, line: Line) -> list[Block]:
        maker = self._new_maker()
        return self._read([line], self._reader_at(line.offset, maker), maker)

    def _reader_at(self, start: int, maker: BlockMaker) -> Reader:
        """A reader that has read the first line of the transcript and those before `start`, as has the maker."""
        reader = self._agent.reader()
        before, first = self._file.before(start, WARM_UP, WARM_UP_LINES) if start > 0 else ([], 0)
        head = self._file.after(0, 1)[0][:1] if first > 0 else []
        for line in (*head, *before):
            maker.blocks(_events(reader, line), line.offset)
        return reader

    def _read(self, lines: list[Line], reader: Reader, maker: BlockMaker) -> list[Block]:
        made: list[Block] = []
        with whole_texts():
            for line in lines:
                made += maker.blocks(_events(reader, line), line.offset)
        if self._until is not None:
            made = [block for block in made if block.at is None or block.at <= self._until]
        return [maker.numbered(block) for block in with_last_usage(made)]

    def _new_maker(self) -> BlockMaker:
        return BlockMaker(self._lane, self._agent.diffs_of)


def searchable(block: Block) -> str:
    """The text of a block in which a search looks; for a result, without the text of its call."""
    diffs = "\n".join(line.text for diff in block.diffs for line in diff.lines)
    items = "\n".join(item.text for item in block.items)
    paths = "\n".join(diff.path for diff in block.diffs)
    named = () if block.kind is BlockKind.RESULT else (block.title, block.summary)
    return "\n".join(filter(None, (*named, block.text, paths, diffs, items)))


def is_prompt(block: Block) -> bool:
    """Whether it is a prompt."""
    return block.kind is BlockKind.PROMPT


def is_error(block: Block) -> bool:
    """Whether it is an error or a failed call."""
    return block.is_error


def _events(reader: Reader, line: Line) -> list[Event | UnreadableLine]:
    try:
        return list(reader.read(line))
    except BadLine as bad:
        return [UnreadableLine("", None, line.offset, str(bad))]
    except Exception as error:  # lines are hostile: one of them must not end the reading
        why = f"the {reader.agent} reader failed on it ({type(error).__name__}: {str(error)[:200]})"
        return [UnreadableLine("", None, line.offset, why)]


def _is_beyond(one: Place, other: Place, *, back: bool) -> bool:
    return one < other if back else one > other


def _forms(words: str) -> list[bytes]:
    """The forms that the words may have in JSON text: as they are, and with escapes; ASCII letters in lower case."""
    plain = {words, words.lower(), words.upper(), words.capitalize()}
    forms = {orjson.dumps(form)[1:-1] for form in plain}
    forms |= {form.encode("ascii", "backslashreplace") for form in plain if not form.isascii()}
    return sorted({form.lower() for form in forms})


def _nearest(data: bytes, forms: list[bytes], edge: int, *, back: bool) -> int | None:
    """The last place of one of the forms before `edge`, or the first from `edge` on; None if there is none.

    Searching a copy in lower case takes a fiftieth of the time of a pattern that ignores case.
    """
    if back:
        found = [at for form in forms if (at := data.rfind(form, 0, max(0, min(edge, len(data))))) >= 0]
        return max(found, default=None)
    found = [at for form in forms if (at := data.find(form, max(0, edge))) >= 0]
    return min(found, default=None)
