"""Reads and writes the tar container of a bundle: plain files with relative names, and nothing else.

It does not use the standard library's `tarfile`, which reads a whole pax header into memory before the caller can
refuse it, even from a stream. A header of 300 MiB takes as much memory and minutes of computing. This reader knows
three kinds of entry (POSIX.1-2001, ustar and pax): a file, a folder (skipped, since the names of files contain their
folders), and a pax header, of which only the path is used. Each entry of another kind is refused by name.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator

from tui.model.frozen import frozen

BLOCK = 512
END = bytes(2 * BLOCK)
"""The blocks at the end of an archive."""
HEADER_CAP = 64 * 1024
"""The most bytes of a pax header. A name needs far fewer."""

_FILE, _FOLDER, _PAX = (b"0", b"\0"), b"5", b"x"
_KINDS = {
    b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a named pipe",
    b"S": "a sparse file", b"L": "a name in GNU's form", b"K": "a link in GNU's form", b"g": "a global header",
}  # fmt: skip

Read = Callable[[int], bytes]
"""Returns the next bytes, at most this many; b"" at the end."""


class BrokenTar(Exception):
    """The archive cannot be read from here on. The message is written for the operator."""


@frozen
class TarEntry:
    """One entry.

    `refused` is the reason why it is not accepted; `pieces` are its bytes, which must be read before the next entry.
    """

    name: str
    size: int
    refused: str | None
    pieces: Iterator[bytes]


def header_of(name: str, size: int) -> bytes:
    """The header of a file. It depends on the name and the size alone."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, 0
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def padding_of(size: int) -> bytes:
    """The bytes that fill the last block of a file."""
    return bytes(-size % BLOCK)


def entries(read: Read) -> Iterator[TarEntry]:
    """The entries in order. The unread rest of an entry is skipped.

    Raises:
        BrokenTar: this is no archive, or it ends too early.
    """
    source = _Source(read)
    named: str | None = None
    while (head := _head(source)) is not None:
        kind, name, size = head
        if kind == _PAX:
            named = _path_in(source, size)
            continue
        if named is not None:
            name, named = named, None
        if kind == _FOLDER:
            source.skip(size + -size % BLOCK)
            continue
        refused = None if kind in _FILE else f"{_KINDS.get(kind, 'an entry of another kind')}, not a file"
        body = _Body(source, size)
        yield TarEntry(name, size, refused, iter(body))
        body.finish()


class _Source:
    """Reads exact numbers of bytes from a stream whose pieces have any size."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes, or fewer at the end."""
        parts: list[bytes] = []
        while count > 0 and (data := self._read(min(count, HEADER_CAP))):
            parts.append(data)
            count -= len(data)
        return b"".join(parts)

    def pieces(self, count: int) -> Iterator[bytes]:
        """Exactly `count` bytes, in pieces.

        Raises:
            BrokenTar: there are fewer.
        """
        while count > 0:
            data = self._read(min(count, HEADER_CAP))
            if not data:
                raise BrokenTar("ends in the middle of a file")
            count -= len(data)
            yield data

    def skip(self, count: int) -> None:
        """Skips `count` bytes."""
        for _ in self.pieces(count):
            pass


class _Body:
    """The bytes of one entry; they can be read once."""

    def __init__(self, source: _Source, size: int) -> None:
        self._pieces = source.pieces(size)
        self._source = source
        self._padding = -size % BLOCK

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def finish(self) -> None:
        """Skips the bytes that were not read."""
        for _ in self._pieces:
            pass
        self._source.skip(self._padding)


def _head(source: _Source) -> tuple[bytes, str, int] | None:
    """Kind, name and size of the next entry; None at the end."""
    block = source.take(BLOCK)
    if not block or block == bytes(BLOCK):
        return None
    if len(block) < BLOCK:
        raise BrokenTar("ends in the middle of a header")
    if _checksum(block) != _octal(block[148:156]):
        raise BrokenTar("holds something that is no tar header")
    name, prefix = _text(block[:100]), _text(block[345:500]) if block[257:262] == b"ustar" else ""
    return block[156:157], f"{prefix}/{name}" if prefix else name, _octal(block[124:136])


def _checksum(block: bytes) -> int:
    return sum(block) - sum(block[148:156]) + 8 * ord(" ")


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not digits.isdigit() or digits.strip(b"01234567"):
        raise BrokenTar("holds a header with a number that is none")
    return int(digits, 8)


def _text(field: bytes) -> str:
    try:
        return field.partition(b"\0")[0].decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenTar("holds a name that is not UTF-8") from error


def _path_in(source: _Source, size: int) -> str | None:
    """The path that a pax header states. Its records are `LENGTH KEY=VALUE`, each ended by a newline."""
    if size > HEADER_CAP:
        raise BrokenTar("holds a header of more than 64 KiB")
    data = source.take(size + -size % BLOCK)[:size]
    path: str | None = None
    while data:
        length = data.partition(b" ")[0]
        end = int(length) if length.isdigit() and len(length) <= 6 else 0
        record = data[len(length) + 1 : end]
        if not record.endswith(b"\n") or b"=" not in record:
            raise BrokenTar("holds a header that cannot be read")
        key, _, value = record[:-1].partition(b"=")
        if key == b"path":
            path = _text(value)
        elif key == b"size":
            raise BrokenTar("holds a file of more than 8 GiB")
        data = data[end:]
    return path
