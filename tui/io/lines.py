"""Cuts bytes, which come in any pieces, into whole lines with their places in the file. Only newlines matter here."""

from __future__ import annotations

from typing import NamedTuple

MIB = 1 << 20
LINE_CAP = 32 * MIB
"""The longest line in bytes. Real lines with images have several MB; a longer line is dropped."""


class Line(NamedTuple):
    """One whole line without its newline. `offset` is the place of its first byte; `number` counts from 1."""

    offset: int
    number: int
    data: bytes


class BadLine(Exception):
    """A line that cannot be read. The message is written for the operator. Only this line is lost."""


class LongLine(NamedTuple):
    """Stands for a line that is too long. Its bytes are dropped, its place is kept."""

    offset: int
    number: int
    why: str


class LineSplitter:
    """Cuts a growing file into lines. The same bytes in any pieces give the same lines.

    A last line without its newline is held until the rest comes. Empty lines are not returned, but are counted in
    `number`. Memory is bounded by the cap and the largest piece fed.
    """

    def __init__(self, cap: int = LINE_CAP) -> None:
        self._cap = cap
        self._offset = 0
        """The place of the unfinished line's first byte."""
        self._number = 1
        self._pieces: list[bytes] = []
        self._length = 0
        """The length of the unfinished line, also if its bytes were dropped."""
        self._thrown = False
        """True if the unfinished line is too long and was reported."""
        self._newline_owed = False
        """True if a line was taken before its newline came."""

    @property
    def unfinished(self) -> int:
        """The bytes of the last line so far, which has no newline yet."""
        return self._length

    def feed(self, data: bytes, end_of_file: bool = False) -> list[Line | LongLine]:
        """Returns the lines that these bytes complete, in order.

        Args:
            data: the bytes that follow the last ones.
            end_of_file: True if nothing follows, so that a last line without a newline is a line too.
        """
        out: list[Line | LongLine] = []
        if self._newline_owed and data:
            self._newline_owed = False
            data = data.removeprefix(b"\n")
        parts = data.split(b"\n")
        rest = parts.pop()
        if parts:
            self._hold(parts[0], out)
            self._finish(out)
            self._cut(parts, out)
        if rest:
            self._hold(rest, out)
        if end_of_file and self._length:
            self._finish(out)
        return out

    @property
    def place(self) -> tuple[int, int]:
        """Number and offset of the unfinished line."""
        return self._number, self._offset

    def peek(self) -> bytes:
        """The unfinished line so far; empty if it is too long."""
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""

    def take_unfinished(self) -> list[Line | LongLine]:
        """Ends the last line without its newline, for a caller that knows it is whole."""
        out: list[Line | LongLine] = []
        if self._length:
            self._finish(out)
            self._newline_owed = True
        return out

    def _hold(self, piece: bytes, out: list[Line | LongLine]) -> None:
        """Adds to the unfinished line. Pieces are joined once at the end, so a long line takes linear time."""
        self._length += len(piece)
        if self._thrown:
            return
        if self._length > self._cap:
            self._thrown = True
            self._pieces.clear()
            out.append(LongLine(self._offset, self._number, self._too_long()))
            return
        self._pieces.append(piece)

    def _finish(self, out: list[Line | LongLine]) -> None:
        """Ends the unfinished line at a newline (or at the end of the file)."""
        text = b"".join(self._pieces).removesuffix(b"\r")
        if text:
            out.append(Line(self._offset, self._number, text))
        self._offset += self._length + 1
        self._number += 1
        self._pieces.clear()
        self._length = 0
        self._thrown = False

    def _cut(self, parts: list[bytes], out: list[Line | LongLine]) -> None:
        """Cuts all lines after the first that lie within one piece: the fast path."""
        offset, number, cap = self._offset, self._number, self._cap
        for text in parts[1:]:
            length = len(text)
            if length > cap:
                out.append(LongLine(offset, number, self._too_long()))
            elif text and (text := text.removesuffix(b"\r")):
                out.append(Line(offset, number, text))
            offset += length + 1
            number += 1
        self._offset, self._number = offset, number

    def _too_long(self) -> str:
        return f"a line of more than {_size(self._cap)}, the cap for one line"


def _size(count: int) -> str:
    return f"{count // MIB} MiB" if count >= MIB and count % MIB == 0 else f"{count} bytes"
