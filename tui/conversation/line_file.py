"""Lines of a transcript at any offset, forwards and backwards, without reading the file from its start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import orjson

from tui.io.compressed import ZstStream
from tui.io.files import open_transcript
from tui.io.lines import LINE_CAP, MIB, Line

SLICE = 4 * MIB
"""Bytes that are read at once in long reads."""
COMPRESSED = ".zst"
UNPACKED_CAP = 512 * MIB
"""The most bytes to which a compressed transcript may expand here: it is unpacked as a whole before anything is
shown."""
_BOM = b"\xef\xbb\xbf"


class LineFile:
    """A transcript, open for reading by offsets. A compressed one is unpacked first, into a file without a name.

    `size` is as of the last `look`. Nothing beyond `limit` is read, if a limit is given.
    """

    def __init__(self, path: str, limit: int | None = None) -> None:
        """Opens the file.

        Raises:
            Refused: it cannot be opened, or is no file.
            BrokenArchive: it is compressed and broken.
            OSError: it cannot be read.
        """
        opened = open_transcript(path)
        self._fd = _unpacked(opened.fd) if path.endswith(COMPRESSED) else opened.fd
        self.path = path
        self._limit = limit
        self.size = 0
        self.look()

    def look(self) -> bool:
        """Updates `size`. True if the file is longer than before."""
        before = self.size
        size = os.fstat(self._fd).st_size
        self.size = size if self._limit is None else min(size, self._limit)
        return self.size > before

    @property
    def was_replaced(self) -> bool:
        """Whether the path holds another file now, or the file is shorter than it was."""
        try:
            found = os.stat(self.path)  # noqa: PTH116
        except OSError:
            return False  # it was removed: what is open can still be read
        own = os.fstat(self._fd)
        return not self.path.endswith(COMPRESSED) and (
            (found.st_ino, found.st_dev) != (own.st_ino, own.st_dev) or own.st_size < self.size
        )

    def stop_at(self, limit: int) -> None:
        """Sets the limit: nothing from this offset on is read."""
        self._limit = limit
        self.look()

    def after(self, offset: int, wanted: int, most: int | None = None) -> tuple[list[Line], int]:
        """The lines from this offset on, about `wanted` bytes and at most `most` of them, and where they end.

        `offset` must be the beginning of a line. Returns at least one line, unless there is none; a line longer than
        `LINE_CAP` is left out. A last line without its newline counts if it is whole.
        """
        while True:
            data = self._read(offset, min(wanted, self.size - offset))
            end = data.rfind(b"\n") + 1
            at_end = offset + len(data) >= self.size
            if at_end and end < len(data) and _is_whole(data[end:]):
                end = len(data)
            if end or at_end or not data:
                lines = list(_cut(data[:end], offset))
                if most is not None and len(lines) > most:
                    return lines[:most], lines[most].offset
                return lines, offset + end
            if wanted > LINE_CAP:
                return [], self.end_of(offset + len(data))
            wanted *= 4

    def before(self, offset: int, wanted: int, most: int | None = None) -> tuple[list[Line], int]:
        """The lines that end at this offset, about `wanted` bytes and at most `most` of them, and where they begin."""
        while True:
            start = max(0, offset - wanted)
            data = self._read(start, offset - start)
            first = 0 if start == 0 else data.find(b"\n", 0, max(0, len(data) - 1)) + 1
            if first or start == 0:
                lines = list(_cut(data[first:], start + first))
                if most is not None and len(lines) > most:
                    return lines[-most:], lines[-most].offset
                return lines, start + first
            if wanted > LINE_CAP:
                return [], self.beginning_of(start)
            wanted *= 4

    def slices(self, offset: int, overlap: int, *, back: bool) -> Iterator[tuple[int, bytes]]:
        """The bytes from this offset to the end, or back to the start, in slices with their offsets.

        Neighbours share `overlap` bytes, so that a match across a border is whole in one of them.
        """
        if back:
            end = offset
            while end > 0:
                start = max(0, end - SLICE)
                yield start, self._read(start, min(self.size, end + overlap) - start)
                end = start
            return
        while offset < self.size:
            yield offset, self._read(offset, min(SLICE + overlap, self.size - offset))
            offset += SLICE

    def line_at(self, offset: int) -> Line | None:
        """The whole line in which this byte lies; None if it is too long or there is none."""
        if not 0 <= offset < self.size:
            return None
        start = self.start_of(offset)
        lines, _ = self.after(start, 1 << 16) if start is not None else ([], 0)
        return lines[0] if lines else None

    def start_of(self, offset: int) -> int | None:
        """The offset at which the line of this byte begins; None if the line is longer than `LINE_CAP`."""
        wanted = 1 << 16
        while True:
            start = max(0, offset - wanted)
            found = self._read(start, offset - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            if start == 0:
                return 0
            if wanted > LINE_CAP:
                return None
            wanted *= 4

    def close(self) -> None:
        """Closes the file. May be called again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def end_of(self, offset: int) -> int:
        """The offset at which the line of this byte ends, however long the line is."""
        for start, data in self.slices(offset, 0, back=False):
            found = data.find(b"\n")
            if found >= 0:
                return start + found + 1
        return self.size

    def beginning_of(self, offset: int) -> int:
        """The offset at which the line before this offset begins, however long it is.

        The line may end at the offset or continue.
        """
        for start, data in self.slices(offset, 0, back=True):
            found = data.rfind(b"\n")
            if found >= 0:
                return start + found + 1
        return 0

    def _read(self, offset: int, length: int) -> bytes:
        parts: list[bytes] = []
        while length > 0:
            part = os.pread(self._fd, length, offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return b"".join(parts)


def _is_whole(last: bytes) -> bool:
    if not last.endswith(b"}"):
        return False
    try:
        orjson.loads(last)
    except orjson.JSONDecodeError:
        return False
    return True


def _cut(data: bytes, offset: int) -> Iterator[Line]:
    if offset == 0 and data.startswith(_BOM):
        data, offset = data[len(_BOM) :], len(_BOM)
    for text in data.split(b"\n"):
        clean = text.removesuffix(b"\r")
        if clean and len(clean) <= LINE_CAP:
            yield Line(offset, 0, clean)
        offset += len(text) + 1


def _unpacked(fd: int) -> int:
    """Unpacks a compressed file into a file without a name, and closes its descriptor."""
    stream = ZstStream(fd, output_cap=UNPACKED_CAP)
    try:
        with tempfile.TemporaryFile() as file:
            while piece := stream.read(SLICE):
                file.write(piece)
            file.flush()
            return os.dup(file.fileno())
    finally:
        stream.close()
