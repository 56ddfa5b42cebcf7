"""The search index: which words are in which documents, in an SQLite file of its own. It is a cache and nothing more.

It holds the words of each document, without their order, and the place of the document in its transcript. It holds no
text but the titles of lanes.
Whoever finds a document reads it again there. Transcripts are known by their device, inode, size, times and two marks.
Documents of a transcript that was replaced stay until the file is built anew, but belong to no transcript any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tui.history.documents import Document, LaneFacts
from tui.history.search_pieces import START, Entry, Piece, newest_first, packed, unpacked
from tui.history.search_words import Query, indexed_words, is_indexed, without_long_words
from tui.sources.discover import Found

NAME = "search.db"
"""The name of the file in the cache folder."""
MARK = 4096
"""Bytes at the beginning, and before the offset, by whose hashes the content of a transcript is known again."""
_MERGED_PAGES = 4000
"""The most pages of 4 kB that are written to make the file smaller."""
_BUSY_S = 5.0
"""Seconds to wait for another lanewatch that writes."""
_DEAD_LEAST, _DEAD_SHARE = 20_000, 0.5
"""The index is built anew if so many of its documents, and this share, belong to no transcript any more."""
_SCHEMA = """
CREATE TABLE file(
  id INTEGER PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL UNIQUE, inode TEXT NOT NULL, size INTEGER NOT NULL,
  times TEXT NOT NULL, offset INTEGER NOT NULL, head BLOB NOT NULL, before BLOB NOT NULL, agent TEXT NOT NULL,
  last INTEGER NOT NULL, documents INTEGER NOT NULL);
CREATE TABLE lane(
  file INTEGER NOT NULL, local TEXT NOT NULL, session TEXT NOT NULL, agent_id TEXT, cwd TEXT, title TEXT NOT NULL,
  PRIMARY KEY(file, local)) WITHOUT ROWID;
CREATE TABLE piece(
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL, file INTEGER NOT NULL, last INTEGER NOT NULL,
  documents BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
  x, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '_'");
"""
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PARTS = ("", "-wal", "-shm", "-journal")
_TRANSIENT = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_AUTH,
}  # fmt: skip


class Unusable(Exception):
    """The index cannot be used, for example because its folder is not private. The message is for the operator."""


class Damaged(Unusable):
    """The index is damaged or of another version. It must be built anew."""


class Overtaken(Exception):
    """Another lanewatch wrote about the same transcript in the meantime."""


class Known(Enum):
    """How much the index knows of a transcript."""

    WHOLE = "whole"
    GROWN = "grown"
    """It is longer than it was."""
    NOTHING = "nothing"


class FileRow(NamedTuple):
    """What the index knows of a transcript."""

    id: int
    path: str
    inode: str
    size: int
    times: str
    offset: int
    """The bytes that are in the index: up to the last whole line."""
    head: bytes
    before: bytes
    agent: str
    """Empty: no line shows an agent."""
    last: int
    """The last second in which a document was written."""

    def knows(self, found: Found) -> Known:
        """How much of a transcript is in the index, as far as its size and times tell.

        If it has grown, the marks must be compared: see `marks_agree`.
        """
        if self.inode != _inode(found) or found.size < self.offset:
            return Known.NOTHING
        if self.size == found.size:
            return Known.WHOLE if self.times == _times(found) else Known.NOTHING
        is_packed = found.path.endswith(".zst")
        return Known.GROWN if found.size > self.size and not is_packed else Known.NOTHING


def marks(fd: int, offset: int) -> tuple[bytes, bytes]:
    """The marks of the content of an open file up to an offset. They do not give away what is there."""
    return _digest(os.pread(fd, min(MARK, offset), 0)), _digest(os.pread(fd, min(MARK, offset), max(0, offset - MARK)))


def marks_agree(row: FileRow) -> bool:
    """Whether the content that is in the index is still there. Touches the disk."""
    try:
        fd = os.open(row.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode) and marks(fd, row.offset) == (row.head, row.before)
    except OSError:
        return False
    finally:
        os.close(fd)


class SearchIndex:
    """The open index. Not thread-safe: each thread opens its own."""

    def __init__(self, folder: Path, *, writes: bool = False) -> None:
        """Opens the index in a cache folder; with `writes`, makes what is missing.

        Raises:
            Damaged: it must be built anew.
            Unusable: it cannot be used, or there is none.
        """
        self.path = folder / NAME
        if writes:
            _prepare(folder, self.path)
        _check(folder, self.path)
        try:
            self._db = sqlite3.connect(
                self.path, timeout=_BUSY_S if writes else 0.2, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _failure(error) from error
        self._inode = self.path.stat().st_ino
        self._has_grown = False
        try:
            self._set_up(writes=writes)
        except BaseException:
            self._db.close()
            raise

    def _set_up(self, *, writes: bool) -> None:
        with _told():
            self._db.execute("PRAGMA trusted_schema=OFF")
            self._db.execute("PRAGMA cell_size_check=ON")
            if not writes:
                self._db.execute("PRAGMA query_only=ON")
            else:
                self._db.execute("PRAGMA auto_vacuum=INCREMENTAL")  # only while the file is empty
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
            stated = self._db.execute("PRAGMA user_version").fetchone()[0]
            if stated == version():
                return
            if stated or self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise Damaged("the search index is of another version")
            if not writes:
                raise Unusable("the search index is empty")
            self._db.execute("BEGIN EXCLUSIVE")
            if not self._db.execute("PRAGMA user_version").fetchone()[0]:  # another lanewatch may have been faster
                for part in _SCHEMA.split(";\n"):
                    if part.strip():
                        self._db.execute(part)
                self._db.execute(f"PRAGMA user_version={version()}")
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    @property
    def is_current(self) -> bool:
        """Whether the path still holds the file that is open."""
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def check(self) -> None:
        """Reads the whole file.

        Raises:
            Damaged: a part of it is damaged.
        """
        with _told():
            if self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise Damaged("the search index is damaged")
            total, kept = self._db.execute(
                "SELECT (SELECT coalesce(sum(count), 0) FROM piece), (SELECT coalesce(sum(documents), 0) FROM file)"
            ).fetchone()
            dead = total - kept
            if dead < 0 or (dead > _DEAD_LEAST and dead > _DEAD_SHARE * total):
                raise Damaged("most of the search index is about transcripts that are gone")
            self._db.execute("INSERT INTO words(words) VALUES('integrity-check')")

    # -- reading ----------------------------------------------------------------------------------

    def files(self) -> dict[str, FileRow]:
        """What it knows of transcripts, by path."""
        with _told():
            rows = self._db.execute(
                "SELECT id, path, inode, size, times, offset, head, before, agent, last FROM file"
            ).fetchall()
        return {path: FileRow(one[0], path, *one[2:]) for one in rows if (path := os.fsdecode(one[1]))}

    def file(self, path: str) -> FileRow | None:
        """What it knows of one transcript; None: nothing."""
        with _told():
            one = self._db.execute(
                "SELECT id, path, inode, size, times, offset, head, before, agent, last FROM file WHERE path = ?",
                (os.fsencode(path),),
            ).fetchone()
        return FileRow(one[0], path, *one[2:]) if one else None

    def lanes(self, file: int) -> dict[str, LaneFacts]:
        """The lanes of a transcript, by their names inside it."""
        with _told():
            rows = self._db.execute(
                "SELECT local, session, agent_id, cwd, title FROM lane WHERE file = ?", (file,)
            ).fetchall()
        return {row[0]: LaneFacts(*row) for row in rows}

    def find(self, query: Query, role: int | None) -> Iterator[Entry]:
        """The documents that may match, newest first: their words are there, their order must still be compared."""
        asked = match_of(query)
        if not asked:
            return
        least = float(int(query.since)) if query.since is not None else float("-inf")
        with _told():
            pieces = [
                Piece(*row) for row in self._db.execute("SELECT first, count, file, last FROM piece ORDER BY first")
            ]
            rows = self._db.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC", (asked,))
            for entry in newest_first(pieces, (row[0] for row in rows), self._load, least):
                if role is None or entry.role == role:
                    yield entry

    def _load(self, piece: Piece) -> list[Entry]:
        row = self._db.execute("SELECT documents FROM piece WHERE first = ?", (piece.first,)).fetchone()
        try:
            return unpacked(piece.file, row[0]) if row is not None else []
        except (zlib.error, ValueError, TypeError, IndexError) as error:
            raise Damaged("the search index is damaged") from error

    def size(self) -> int:
        """Its size on disk in bytes."""
        return sum(_size(Path(f"{self.path}{part}")) for part in _PARTS)

    # -- writing ----------------------------------------------------------------------------------

    def take(
        self, found: Found, before: FileRow | None, offset: int, marked: tuple[bytes, bytes], agent: str,
        documents: Sequence[Document], lanes: Iterable[LaneFacts], *, is_end: bool,
    ) -> FileRow:  # fmt: skip
        """Adds documents of a transcript, all of them or none.

        Args:
            found: the transcript as it was on disk.
            before: what the index knew of it when the documents were read; None: they are its first ones.
            offset: where they end.
            marked: the marks at this offset.
            agent: who wrote it.
            documents: in the order of the transcript.
            lanes: its lanes so far.
            is_end: True if the offset is the end of the last whole line.

        Raises:
            Overtaken: another lanewatch was faster.
            Unusable: it cannot be written.
        """
        size = found.size if is_end else offset
        times = _times(found) if is_end else ""
        with _told(), self._writing():
            now = self.file(found.path)
            if before is not None and (now is None or (now.id, now.offset) != (before.id, before.offset)):
                raise Overtaken
            if before is None and now is not None:
                if now.knows(found) is Known.WHOLE:
                    raise Overtaken
                self._db.execute("DELETE FROM lane WHERE file = ?", (now.id,))
                self._db.execute("DELETE FROM file WHERE id = ?", (now.id,))
            if before is None:
                number = self._db.execute(
                    "INSERT INTO file(path, inode, size, times, offset, head, before, agent, last, documents)"
                    " VALUES(?, ?, 0, '', 0, x'', x'', '', 0, 0)", (os.fsencode(found.path), _inode(found)),
                ).lastrowid  # fmt: skip
                assert number is not None  # noqa: S101 (an insert gives one)
            else:
                number = before.id
            last = self._add(number, documents, before.last if before is not None and before.last else int(found.mtime))
            self._db.execute(
                "UPDATE file SET size = ?, times = ?, offset = ?, head = ?, before = ?, agent = ?, last = ?,"
                " documents = documents + ? WHERE id = ?",
                (size, times, offset, *marked, agent, last, len(documents), number),
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO lane(file, local, session, agent_id, cwd, title) VALUES(?, ?, ?, ?, ?, ?)",
                [(number, *lane._replace(title=without_long_words(lane.title))) for lane in lanes],
            )
        return FileRow(number, found.path, _inode(found), size, times, offset, *marked, agent, last)

    def forget(self, paths: Iterable[str]) -> None:
        """Removes transcripts that are gone."""
        with _told(), self._writing():
            for path in paths:
                row = self.file(path)
                if row is not None:
                    self._db.execute("DELETE FROM lane WHERE file = ?", (row.id,))
                    self._db.execute("DELETE FROM file WHERE id = ?", (row.id,))

    def compact(self) -> None:
        """Makes the file smaller if something was added, within bounds: each change has words of its own at first.

        Raises:
            Unusable: it cannot be written.
        """
        if not self._has_grown:
            return
        self._has_grown = False
        with _told():
            with self._writing():
                self._db.execute("INSERT INTO words(words, rank) VALUES('merge', ?)", (-_MERGED_PAGES,))
            self._db.executescript(f"PRAGMA incremental_vacuum({_MERGED_PAGES})")  # `execute` would give one page back

    def _add(self, file: int, documents: Sequence[Document], last: int) -> int:
        """Adds documents and returns the second of the newest. A document without a time has that of the one before."""
        seconds: list[int] = []
        for document in documents:
            stated = document.at
            last = int(stated) if stated is not None and 0 <= stated < 1 << 40 else last
            seconds.append(last)
        if not documents:
            return last
        order = sorted(range(len(documents)), key=seconds.__getitem__)
        self._has_grown = True
        newest = max(seconds)
        first = self._room(len(documents), newest)
        made = packed((documents[at], seconds[at]) for at in order)
        self._db.execute("INSERT INTO piece VALUES(?, ?, ?, ?, ?)", (first, len(documents), file, newest, made))
        words = ((first + n, " ".join(sorted(indexed_words(documents[at].text)))) for n, at in enumerate(order))
        self._db.executemany("INSERT INTO words(rowid, x) VALUES(?, ?)", words)
        return newest

    def _room(self, count: int, newest: int) -> int:
        """The first number of so many documents, the newest of which is of this second."""
        upper = self._db.execute("SELECT first + count, last FROM piece ORDER BY first DESC LIMIT 1").fetchone()
        if upper is None:
            return START
        lowest = self._db.execute("SELECT first FROM piece ORDER BY first LIMIT 1").fetchone()[0]
        return upper[0] if newest >= upper[1] or lowest <= count else lowest - count

    @contextlib.contextmanager
    def _writing(self) -> Generator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise


def discard(folder: Path) -> None:
    """Deletes the index. Only for the process that builds it.

    Raises:
        Unusable: it cannot be deleted.
    """
    try:
        for part in reversed(_PARTS):  # the file itself last: without its log it is older, never mixed with a new one
            with contextlib.suppress(FileNotFoundError):
                (folder / f"{NAME}{part}").unlink()
    except OSError as error:
        raise Unusable(f"the search index cannot be deleted: {error.strerror}") from error


def size_of(folder: Path) -> int:
    """The size of the index on disk in bytes; 0 if there is none."""
    return sum(_size(folder / f"{NAME}{part}") for part in _PARTS)


def match_of(query: Query) -> str:
    """The query as FTS5 takes it; empty if the index cannot help. Its words hold letters, digits and `_` alone.

    Only single words are excluded here: a phrase is compared with the text.
    """
    parts: list[str] = []
    for term in query.wanted:
        *first, last = term.words
        parts += [f'"{word}"' for word in first if is_indexed(word)]
        if term.is_beginning:
            parts.append(f'"{last}"*')
        elif is_indexed(last):
            parts.append(f'"{last}"')
    excluded = [
        f'"{term.words[0]}"{"*" if term.is_beginning else ""}'
        for term in query.terms
        if term.is_excluded and len(term.words) == 1 and is_indexed(term.words[0])
    ]
    if not parts:
        return ""
    return f"({' AND '.join(dict.fromkeys(parts))})" + "".join(f" NOT {one}" for one in excluded)


@cache
def version() -> int:
    """A number that changes with the code that decides what the index holds: readers, masks, words."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.blake2b(digest_size=4)
    own = [
        Path(__file__).with_name(f"{name}.py")
        for name in ("search_index", "search_pieces", "search_words", "documents")
    ]
    parts = [*own, *package.joinpath("agents").rglob("*.py"), *package.joinpath("text").rglob("*.*")]
    for part in sorted(parts):
        if part.suffix in (".py", ".toml"):
            with contextlib.suppress(OSError):
                digest.update(part.read_bytes())
    return int.from_bytes(digest.digest(), "big") % (1 << 30) + 1


def _prepare(folder: Path, path: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unusable(f"{folder} cannot be written: {error.strerror}") from error


def _check(folder: Path, path: Path) -> None:
    """Refuses a folder or a file that is a link, belongs to somebody else, or that others may read."""
    try:
        fd = os.open(folder, _FOLDER_FLAGS)
        try:
            for found in (os.fstat(fd), os.lstat(path)):
                if found.st_uid != os.geteuid() or found.st_mode & 0o077:
                    raise Unusable(f"{folder} is not private: no search index is kept there")
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise Unusable(f"{path} is not a file: no search index is kept there")
        finally:
            os.close(fd)
    except FileNotFoundError as error:
        raise Unusable("there is no search index yet") from error
    except OSError as error:
        raise Unusable(f"{folder} cannot hold a search index: {error.strerror}") from error


@contextlib.contextmanager
def _told() -> Generator[None]:
    """Turns errors of SQLite into `Damaged` and `Unusable`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _failure(error) from error


def _failure(error: sqlite3.Error) -> Unusable:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _TRANSIENT:
        return Unusable(f"the search index cannot be used: {error}")
    return Damaged("the search index is damaged")


def _inode(found: Found) -> str:
    return f"{found.dev}:{found.ino}"


def _times(found: Found) -> str:
    return f"{found.mtime!r}:{found.ctime!r}"


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
