"""Keeps pictures of transcripts whose lanes have ended, in an SQLite file in the cache folder.

The file is a cache: it is named after everything that a picture depends on besides its transcript, and each picture is
kept with the identity of its transcript and a digest. What is missing, of another transcript or damaged is not used,
and the transcript is read. Pictures hold only what readers give, in which secrets are masked.

The groups in the file share no call with each other: a new one replaces all those with which it does.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from array import array
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zstandard

from tui.agents.registry import sidecar_for
from tui.fleet.picture import Picture, Taken
from tui.history.index import NotUsable, Sort, identity, name_of, opened, remove, remove_old
from tui.history.sync import code_mark
from tui.io.plain_values import made, packed
from tui.ledger.past_calls import PastCalls
from tui.sources.found import Found

PICTURES = Sort(
    ".pictures",
    """
CREATE TABLE picture (
    path BLOB PRIMARY KEY, identity TEXT NOT NULL, grp BLOB NOT NULL, members INTEGER NOT NULL, judged INTEGER NOT NULL,
    mark BLOB NOT NULL, data BLOB NOT NULL, calls BLOB NOT NULL, keys BLOB NOT NULL);
CREATE INDEX picture_grp ON picture (grp);
""",
    1,
)
_DIGEST = 16
_AT_ONCE = 1000
"""So many groups are written in one transaction."""
_PACK = zstandard.ZstdCompressor(level=1)
_UNPACK = zstandard.ZstdDecompressor()
_MOST_BYTES = 1 << 30
_CALLS = list[tuple[str, PastCalls]]


class Damaged(Exception):
    """The file is not as it was written. It must be removed."""


class Entry(NamedTuple):
    """A transcript to be kept: what it was before it was read, its picture, and its group."""

    found: Found
    taken: Taken
    group: frozenset[str]
    """The paths of the group; empty: it is a group of its own."""


class _Row(NamedTuple):
    path: str
    identity: str
    group: bytes
    members: int
    is_judged: bool

    @property
    def head(self) -> bytes:
        """What the digest covers besides the data."""
        return repr(tuple(self)).encode("utf-8", "surrogatepass")


class KeptPicture:
    """A picture in the file. It is made anew each time it is asked for."""

    __slots__ = ("_data", "_path", "_pictures")

    def __init__(self, pictures: KeptPictures, path: str, data: bytes) -> None:
        self._pictures = pictures
        self._path = path
        self._data = data

    @property
    def picture(self) -> Picture:
        """The picture. Raises: Damaged."""
        return _unpacked(Picture, self._data)

    def calls(self, local: str) -> PastCalls:
        """The calls of one of its lanes. Raises: Damaged."""
        return self._pictures.calls(self._path)[local]


class KeptPictures:
    """The pictures in an open file. Not thread-safe."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self.left_out: set[str] = set()
        """Paths of transcripts whose pictures are not used."""
        self.is_damaged = False
        """Set by whoever finds that the file is not as it was written."""
        self.has_written = False
        self._calls: dict[str, dict[str, PastCalls]] = {}
        self._known: dict[str, _Row] = {}
        """The rows when the file was last read."""
        self._used: set[str] = set()

    def of(self, found: Sequence[Found], counted: Collection[str]) -> dict[str, KeptPicture]:
        """The pictures of these transcripts, by path. Those that are only `counted` need not be judged.

        Raises:
            sqlite3.Error, Damaged: the file cannot be read.
        """
        groups: dict[bytes, list[_Row]] = {}
        self._calls.clear()
        if not self._sql.in_transaction:
            self._sql.execute("BEGIN")
        self._known = known = self._rows()
        for one in found:
            row = known.get(one.path)
            if row is None or one.path in self.left_out or not (row.is_judged or one.path in counted):
                continue
            if row.identity == _identity(one):
                groups.setdefault(row.group, []).append(row)
        usable = [row for rows in groups.values() if len(rows) == rows[0].members for row in rows]
        kept = {row.path: KeptPicture(self, row.path, self._data(row)) for row in usable}
        self._used = set(kept)
        return kept

    def stating(self, keys: Iterable[int]) -> set[str]:
        """The transcripts among those that were used last that state one of these calls.

        Raises:
            sqlite3.Error, Damaged: the file cannot be read.
        """
        wanted = set(keys)
        if not wanted:
            return set()
        return {path for path, stated in self._keys() if path in self._used and not wanted.isdisjoint(stated)}

    def calls(self, path: str) -> dict[str, PastCalls]:
        """The calls of the lanes of a transcript, by the lane's name. Raises: sqlite3.Error, Damaged."""
        known = self._calls.get(path)
        if known is None:
            row = self._sql.execute("SELECT calls FROM picture WHERE path = ?", (os.fsencode(path),)).fetchone()
            if row is None:
                raise Damaged(path)
            known = self._calls[path] = dict(_unpacked(_CALLS, _checked(row[0])))
        return known

    def write(self, entries: Iterable[Entry]) -> None:
        """Keeps pictures. A group is kept only if all its transcripts are among the entries.

        Raises:
            sqlite3.Error, Damaged: the file cannot be read or written.
        """
        self._end()
        parts: dict[frozenset[str], list[Entry]] = {}
        waiting: list[list[Entry]] = []
        for entry in entries:
            group = parts.setdefault(entry.group, []) if entry.group else []
            group.append(entry)
            if len(group) == len(entry.group or (entry,)):
                waiting.append(group)
                parts.pop(entry.group, None)
            if len(waiting) >= _AT_ONCE:
                self._put(waiting)
                waiting = []
        if waiting:
            self._put(waiting)

    def remove_gone(self, found: Collection[str]) -> None:
        """Removes the pictures of transcripts that are not among these paths. Raises: sqlite3.Error."""
        gone = [(row.group,) for row in self._known.values() if row.path not in found]
        if gone:
            self._end()
            self._sql.executemany("DELETE FROM picture WHERE grp = ?", gone)

    def _put(self, groups: Sequence[Sequence[Entry]]) -> None:
        rows = [row for group in groups if (row := _rows_of(group)) is not None]
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            stated = {key for group in rows for _, values in group for key in values[3]}
            known = self._rows()
            old = {known[row.path].group for group in rows for row, _ in group if row.path in known}
            old |= {known[path].group for path, keys in self._keys() if not stated.isdisjoint(keys)}
            self._sql.executemany("DELETE FROM picture WHERE grp = ?", ((group,) for group in old))
            self._sql.executemany(
                "INSERT INTO picture VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (os.fsencode(row.path), *row[1:], mark, data, calls, _sealed(keys.tobytes()))
                    for group in rows
                    for row, (mark, data, calls, keys) in group
                ),
            )
            self._sql.execute("COMMIT")
            self.has_written = True
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._sql.execute("ROLLBACK")
            raise

    def _end(self) -> None:
        if self._sql.in_transaction:
            self._sql.execute("COMMIT")

    def _rows(self) -> dict[str, _Row]:
        rows = self._sql.execute("SELECT path, identity, grp, members, judged FROM picture")
        return {
            os.fsdecode(path): _Row(os.fsdecode(path), text, group, members, bool(judged))
            for path, text, group, members, judged in rows
        }

    def _data(self, row: _Row) -> bytes:
        found = self._sql.execute("SELECT mark, data FROM picture WHERE path = ?", (os.fsencode(row.path),)).fetchone()
        if found is None or found[0] != _digest(row.head, found[1]):
            raise Damaged(row.path)
        return found[1]

    def _keys(self) -> Iterator[tuple[str, array[int]]]:
        for path, sealed in self._sql.execute("SELECT path, keys FROM picture"):
            keys = array("q")
            keys.frombytes(_checked(sealed))
            yield os.fsdecode(path), keys


def name_of_pictures(*parts: object) -> str:
    """The name of the file for these parts, on which pictures depend besides their transcripts and the code."""
    return name_of((PICTURES.format, code_mark("fleet", "judge", "settings"), *parts))


@contextlib.contextmanager
def kept_pictures(folder: Path, name: str) -> Generator[KeptPictures | None]:
    """The pictures in the file of that name in the folder; None if they cannot be used.

    Afterwards the file is removed if it was found to be damaged.
    """
    with contextlib.ExitStack() as stack:
        try:
            made = KeptPictures(stack.enter_context(opened(folder, name, PICTURES)))
        except (NotUsable, sqlite3.Error):
            yield None
            return
        yield made
    with contextlib.suppress(NotUsable):
        if made.is_damaged:
            remove(folder, name, PICTURES)
        elif made.has_written:
            remove_old(folder, name, PICTURES)


def _identity(found: Found) -> str:
    """By this a transcript is known, with the small file beside it."""
    return repr((identity(found), _beside(found.path)))


def _beside(path: str) -> tuple[int, ...] | None:
    known = sidecar_for(path)
    if known is None:
        return None
    try:
        found = os.stat(known.path)  # noqa: PTH116 (thousands at each start)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _rows_of(group: Sequence[Entry]) -> list[tuple[_Row, tuple[bytes, bytes, bytes, array[int]]]] | None:
    """The rows of a group; None if something in it cannot be written, such as half a character."""
    name = _digest(*(repr((one.found.path, _identity(one.found))).encode("utf-8", "surrogatepass") for one in group))
    rows: list[tuple[_Row, tuple[bytes, bytes, bytes, array[int]]]] = []
    for found, taken, _ in group:
        row = _Row(found.path, _identity(found), name, len(group), taken.picture.is_judged)
        try:
            data, calls = _packed(Picture, taken.picture), _sealed(_packed(_CALLS, taken.calls))
        except (UnicodeEncodeError, OverflowError, TypeError):
            return None
        rows.append((row, (_digest(row.head, data), data, calls, taken.keys)))
    return rows


def _packed(kind: Any, value: Any) -> bytes:
    return _PACK.compress(msgspec.msgpack.encode(packed(kind, value)))


def _unpacked(kind: Any, data: bytes) -> Any:
    try:
        return made(kind, msgspec.msgpack.decode(_UNPACK.decompress(data, _MOST_BYTES)))
    except (zstandard.ZstdError, msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
        raise Damaged(str(error)) from error


def _digest(*parts: bytes) -> bytes:
    made_of = blake2b(digest_size=_DIGEST)
    for part in parts:
        made_of.update(len(part).to_bytes(8, "little"))
        made_of.update(part)
    return made_of.digest()


def _sealed(data: bytes) -> bytes:
    return _digest(data) + data


def _checked(sealed: bytes) -> bytes:
    data = sealed[_DIGEST:]
    if sealed[:_DIGEST] != _digest(data):
        raise Damaged("what is kept beside a picture")
    return data


def pictured(
    known: Mapping[str, Found], taken: Iterable[tuple[str, Taken]], groups: Mapping[str, frozenset[str]]
) -> Iterator[Entry]:
    """The entries for pictures that were taken, if their transcripts are as they were when they were found."""
    for path, one in taken:
        found = known.get(path)
        if found is not None:
            yield Entry(found, one, groups.get(path, frozenset()))
