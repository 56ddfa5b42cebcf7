"""Scans one transcript for its usage: bytes become a tally of lanes and calls.

The agent is found as the tail finds it, by the first line that shows it. Lines have the same borders, the same greatest
length, and are refused for the same reasons as in `sources.transcript`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import orjson

from tui.agents.counting import CountingReader, NotSure, WholeReading, counting_of
from tui.agents.registry import find, make_reader, sidecar_for, sniff
from tui.history.tally import CountedLane, Tally
from tui.io.compressed import BrokenArchive, ZstStream
from tui.io.lines import LINE_CAP, BadLine, LineSplitter, LongLine
from tui.model.event import LaneInfo
from tui.sources.transcript import SNIFF_BYTES, SNIFF_ENOUGH, SNIFF_LEAST, SNIFF_LINES, unclean
from tui.sources.whole_lines import is_object

MARK = 64
"""The length in bytes of the marks by which the content of a file is known."""
_CHUNK = 1 << 18
"""Bytes that are read at once: they stay in the processor's cache while their lines are cut out."""
_FIRST_CHUNK = 1 << 14
"""Bytes that are read to find the agent. Mostly the first line shows it."""
_BOM = b"\xef\xbb\xbf"

Pieces = Callable[[int], Iterator[bytes]]
"""Gives the content of a transcript in pieces of so many bytes, each time from the same place on."""


class Scanned(NamedTuple):
    """What a scan found in one transcript."""

    agent: str
    """The agent that wrote it; empty if no line shows it."""
    offset: int
    """The bytes that were taken: up to the last whole line."""
    head: bytes
    """The first bytes of the content, at most MARK."""
    before: bytes
    """The bytes just before the offset, at most MARK."""
    lanes: list[CountedLane]
    unreadable: int
    """The number of lines that could not be read."""
    saved: bytes
    """What `resumed` needs to continue; empty: a longer file is scanned from its start."""


def seal(mark: bytes) -> bytes:
    """What is kept of a mark: its length and a digest. Content itself, which may hold a secret, is not kept."""
    return bytes([len(mark)]) + blake2b(mark, digest_size=16).digest()


class _Marks:
    """The first and the last bytes of what was taken."""

    __slots__ = ("before", "head", "offset")

    def __init__(self, offset: int = 0, head: bytes = b"", before: bytes = b"") -> None:
        self.offset, self.head, self.before = offset, head, before

    def take(self, data: bytes, length: int) -> None:
        """Takes the first `length` bytes of `data`."""
        if len(self.head) < MARK:
            self.head += data[: min(length, MARK - len(self.head))]
        self.before = data[max(0, length - MARK) : length] if length >= MARK else (self.before + data[:length])[-MARK:]
        self.offset += length


def scan(path: str, pieces: Pieces, cap: int = LINE_CAP) -> Scanned:
    """Scans a whole transcript.

    Args:
        path: its name, by which its lanes are ranked and its sidecar is found.
        pieces: its content.
        cap: bytes of the longest line that is read.

    Raises:
        OSError: it cannot be read.
    """
    agent = _agent_of(pieces, cap)
    known = find(agent) if agent else None
    if known is None:
        return Scanned("", 0, b"", b"", [], 0, b"")
    quick = counting_of(known)
    if quick is not None:
        try:
            return _Scan(path, agent, quick(), cap).run(pieces(_CHUNK), _Marks())
        except NotSure:
            pass
    return _Scan(path, agent, WholeReading(make_reader(agent)), cap).run(pieces(_CHUNK), _Marks())


def resumed(path: str, before: Scanned, pieces: Pieces, cap: int = LINE_CAP) -> Scanned | None:
    """Scans what was added to a transcript. `pieces` begins at the offset that was reached before.

    None if the whole transcript must be scanned.

    Raises:
        OSError: it cannot be read.
    """
    known = find(before.agent) if before.agent else None
    quick = counting_of(known) if known is not None else None
    if quick is None or not before.saved:
        return None
    try:
        reader = quick.restored(orjson.loads(before.saved))
        run = _Scan(path, before.agent, reader, cap, before.lanes)
        made = run.run(pieces(_CHUNK), _Marks(before.offset, before.head, before.before))
    except (NotSure, LookupError, TypeError, ValueError):
        return None
    return made._replace(unreadable=made.unreadable + before.unreadable)


class _Rest:
    """The beginning of a line whose end was not read yet. Its pieces are put together once, however many there are."""

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Takes more of the line."""
        self._pieces.append(piece)
        self.size += len(piece)

    def set(self, piece: bytes) -> None:
        """Begins another line."""
        self._pieces, self.size = [piece] if piece else [], len(piece)

    def before(self, piece: bytes) -> bytes:
        """All of it, and then the piece."""
        return b"".join((*self._pieces, piece)) if self._pieces else piece


class _Scan:
    """One scan of one transcript with one reader."""

    def __init__(
        self, path: str, agent: str, reader: CountingReader, cap: int, before: Sequence[CountedLane] = ()
    ) -> None:
        self._path, self._agent, self._reader, self._cap = path, agent, reader, cap
        self._tally = Tally(path, agent)
        self._tally.restore(before)
        self._unreadable = 0

    def run(self, pieces: Iterator[bytes], marks: _Marks) -> Scanned:
        """Reads all pieces. Raises: NotSure: this reader cannot count the transcript."""
        rest, is_dropped = _Rest(), False
        try:
            for piece in pieces:
                end = piece.rfind(b"\n") + 1
                if end:
                    end += rest.size
                    data = rest.before(piece)
                    start = data.find(b"\n") + 1 if is_dropped else 0
                    is_dropped = False
                    self._lines(data, start, end, marks.offset)
                    marks.take(data, end)
                    rest.set(data[end:])
                    continue
                rest.add(piece)
                if is_dropped or rest.size > self._cap:
                    self._unreadable += not is_dropped
                    is_dropped = True
                    marks.take(rest.before(b""), rest.size)
                    rest.set(b"")
        except BrokenArchive:
            self._unreadable += 1
            rest.set(b"")
        last = rest.before(b"")
        if last and not is_dropped and is_object(last):
            self._lines(last + b"\n", 0, len(last) + 1, marks.offset)
            marks.take(last, len(last))
        self._reader.end(self._tally)
        if not self._tally.end(self._reader.spans):
            raise NotSure
        if not self._tally.is_empty and (facts := _beside(self._path)) is not None:
            self._tally.take([facts])
        saved = self._reader.saved() if not is_dropped else None
        return Scanned(
            self._agent, marks.offset, marks.head, marks.before, self._tally.lanes(), self._unreadable,
            orjson.dumps(saved) if saved is not None else b"",
        )  # fmt: skip

    def _lines(self, data: bytes, start: int, end: int, offset: int) -> None:
        """Reads the lines of `data` from `start` to `end`, just behind a newline. `data` begins at `offset`.

        This runs for each line of all history, so nothing is done twice and lines are cut out one by one: that takes
        half the time of splitting the data.
        """
        is_checked = data.isascii() and b"\0" not in data
        has_returns = b"\r" in data
        if offset == 0 and start == 0 and data.startswith(_BOM):
            start = len(_BOM)
        read, tally, cap, newline = self._reader.read, self._tally, self._cap, data.find
        while start < end:
            stop = newline(b"\n", start)
            line = data[start:stop]
            at = offset + start
            is_long = stop - start > cap
            start = stop + 1
            if has_returns:
                line = line.removesuffix(b"\r")
            if not line:
                continue
            if is_long or not (is_checked or line.isascii() or unclean(line) is None):
                self._unreadable += 1
                continue
            try:
                if events := read(line, at, tally):
                    tally.take(events)
            except BadLine:
                self._unreadable += 1
            except NotSure:
                raise
            except Exception:  # lines are hostile: an error of the reader with one of them costs that line
                self._fail()

    def _fail(self) -> None:
        """Counts a line with which the agent's reader failed. Raises: NotSure: another reader failed."""
        if not isinstance(self._reader, WholeReading):
            raise NotSure from None
        self._unreadable += 1


def file_pieces(fd: int, chunk: int, offset: int = 0) -> Iterator[bytes]:
    """The content of an open file from an offset on."""
    while data := os.pread(fd, chunk, offset):
        offset += len(data)
        yield data


def packed_pieces(fd: int, chunk: int) -> Iterator[bytes]:
    """The content of an open compressed file. Raises: BrokenArchive: it is damaged from here on."""
    stream = ZstStream(os.dup(fd))
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        while data := stream.read(chunk):
            yield data
    finally:
        stream.close()


def _agent_of(pieces: Pieces, cap: int) -> str:
    """The agent that wrote a transcript, found as `Transcript` finds it; empty if no line shows it."""
    splitter = LineSplitter(cap)
    lines = size = 0
    rest = b""
    try:
        for data in pieces(_FIRST_CHUNK):
            for line in splitter.feed(data):
                lines += 1
                if not isinstance(line, LongLine) and unclean(line.data) is None:
                    size += len(line.data)
                    if agent := sniff(line.data.removeprefix(_BOM) if line.offset == 0 else line.data):
                        return agent
                if lines >= SNIFF_LINES or size >= SNIFF_BYTES or (lines >= SNIFF_LEAST and size >= SNIFF_ENOUGH):
                    return ""
        rest = splitter.peek()
    except BrokenArchive:
        return ""
    return (sniff(rest.removeprefix(_BOM)) or "") if rest and is_object(rest) else ""


def _beside(path: str) -> LaneInfo | None:
    """The facts in the small file beside a transcript; None if there are none."""
    known = sidecar_for(path)
    said = known.kind.read(known.path) if known is not None else None
    return said if isinstance(said, LaneInfo) else None
