"""The file of the index: an SQLite database in the cache folder, private, made anew whenever it cannot be trusted.

It is a cache: everything in it comes from transcripts. What its content depends on is a part of its name, so that
another version of lanewatch, other homes or other prices use another file. Whoever uses a file holds a shared lock on
it; a file is only removed by a process that alone holds it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import stat
from collections.abc import Callable, Generator, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from tui.sources.found import Found

FORMAT = 1
"""Grows when the tables change."""
_SUFFIX = ".usage"
_MOST_FILES = 4
"""Files that are kept: those of other homes or versions may be used again."""
_BUSY_S = 10.0

CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other", "output", "reasoning")
"""The columns of the token classes, in the order of the fields of `Usage`."""
UNKNOWN_QUARTER = -(1 << 40)
"""The quarter hour of calls without a time."""
QUARTER_S = 900

_COUNTS = ", ".join(f"{name} INTEGER NOT NULL" for name in CLASSES)
_WEIGHTED = " + ".join(f"{weight} * {name}" for weight, name in zip((3, 5, 7, 11, 13, 17, 19), CLASSES, strict=True))
CALL_CHECK = f"(({_WEIGHTED} + (key & 1048575) + 23 * how + 29 * model) % 1000003)"
"""A figure of one call. The sum over a lane's calls is kept beside the lane, to notice damage."""
ROLL_CHECK = f"(({_WEIGHTED} + 23 * calls + (29 * model + band) * calls + quarter) % 1000003)"

_TABLES = f"""
CREATE TABLE file (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, dev INTEGER NOT NULL, ino INTEGER NOT NULL,
    size INTEGER NOT NULL, mtime REAL NOT NULL, ctime REAL NOT NULL,
    agent TEXT NOT NULL, offset INTEGER NOT NULL, head BLOB NOT NULL, before BLOB NOT NULL,
    saved BLOB NOT NULL, mark INTEGER NOT NULL, unreadable INTEGER NOT NULL);
CREATE TABLE lane (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, local TEXT NOT NULL, agent INTEGER NOT NULL,
    session TEXT NOT NULL, agent_id TEXT, agent_type TEXT, parent_session TEXT, parent_call TEXT,
    forked INTEGER NOT NULL, title TEXT NOT NULL, title_rank INTEGER NOT NULL, cwd TEXT, first_cwd TEXT,
    branch TEXT, version TEXT, started REAL, last REAL, has_unread_usage INTEGER NOT NULL,
    kind INTEGER NOT NULL, project INTEGER NOT NULL, guesses INTEGER NOT NULL,
    lower_bound INTEGER NOT NULL DEFAULT 0, call_check INTEGER NOT NULL, roll_check INTEGER NOT NULL DEFAULT 0);
CREATE INDEX lane_file ON lane (file);
CREATE INDEX lane_session ON lane (session);
CREATE TABLE call (
    lane INTEGER NOT NULL, n INTEGER NOT NULL, key INTEGER NOT NULL, at REAL, model INTEGER NOT NULL, {_COUNTS},
    provisional INTEGER NOT NULL, how INTEGER NOT NULL, free INTEGER NOT NULL, shared INTEGER NOT NULL DEFAULT 0,
    counter INTEGER, cwd INTEGER NOT NULL, branch INTEGER NOT NULL,
    PRIMARY KEY (lane, n)) WITHOUT ROWID;
CREATE TABLE shared (
    key INTEGER PRIMARY KEY, lane INTEGER NOT NULL, at REAL, model INTEGER NOT NULL, {_COUNTS},
    provisional INTEGER NOT NULL, free INTEGER NOT NULL);
CREATE INDEX shared_lane ON shared (lane);
CREATE TABLE roll (
    lane INTEGER NOT NULL, quarter INTEGER NOT NULL, model INTEGER NOT NULL, band INTEGER NOT NULL,
    calls INTEGER NOT NULL, provisional INTEGER NOT NULL, {_COUNTS},
    PRIMARY KEY (lane, quarter, model, band)) WITHOUT ROWID;
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, mark INTEGER NOT NULL);
"""
KEY_INDEX = "CREATE INDEX IF NOT EXISTS call_key ON call (key)"
"""Is made when the first calls were written: that takes a third of the time of keeping it while they are."""
"""`file` holds seals of the marks of a transcript's content (`scan.seal`). `call` holds what each lane states; `shared`
the calls that several lanes state, with the lane that owns each; `roll` the sums of what each lane owns, by quarter
hour, model and size of the prompt. `name` holds texts by number; 0: none.
"""


class Sort(NamedTuple):
    """A sort of index: how its files are called, and the tables in them."""

    suffix: str
    tables: str
    format: int
    """Stands in each file. Grows when the tables change."""


USAGE = Sort(_SUFFIX, _TABLES, FORMAT)


class KnownFile(NamedTuple):
    """A transcript in the index."""

    id: int
    dev: int
    ino: int
    size: int
    mtime: float
    ctime: float

    def is_same(self, found: Found) -> bool:
        """Whether nothing in the file changed."""
        return self[1:] == identity(found)


_MOST = (1 << 63) - 1


def identity(found: Found) -> tuple[int, int, int, float, float]:
    """By this a file is known: device, inode (as much of it as SQLite can hold), size, and two times."""
    return found.dev & _MOST, found.ino & _MOST, found.size, found.mtime, found.ctime


class NotUsable(Exception):
    """The index cannot be used now, as on a full disk. What is asked can be answered without it."""


def name_of(parts: Iterable[object]) -> str:
    """The name of the file for what its content depends on."""
    return blake2b(repr((FORMAT, sqlite3.sqlite_version_info[0], *parts)).encode("utf-8", "surrogatepass")).hexdigest()[
        :24
    ]


def in_memory() -> sqlite3.Connection:
    """An empty index that is not kept."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(_TABLES)
    return made


@contextlib.contextmanager
def opened(folder: Path, name: str, sort: Sort = USAGE) -> Generator[sqlite3.Connection]:
    """The index of that name, made if it is not there. A damaged one is replaced.

    Raises:
        NotUsable: the folder or the file is not private, cannot be written, or another process replaces it now.
    """
    lock = _locked(folder, name)
    try:
        connection = _connected(folder / f"{name}{sort.suffix}", sort, lock)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        os.close(lock)


def remove(folder: Path, name: str, sort: Sort = USAGE) -> None:
    """Removes a damaged index. Raises: NotUsable: another process uses it, or it cannot be removed."""
    lock = _locked(folder, name)
    try:
        _remove(folder / f"{name}{sort.suffix}", lock)
    finally:
        os.close(lock)


def remove_old(folder: Path, name: str, sort: Sort = USAGE) -> None:
    """Removes all but the newest files of other names, if nobody uses them."""
    with contextlib.suppress(OSError):
        others = [path for path in folder.glob(f"*{sort.suffix}") if path.stem != name]
        others.sort(key=lambda path: path.lstat().st_mtime, reverse=True)
        for path in others[_MOST_FILES - 1 :]:
            with contextlib.suppress(NotUsable):
                remove(folder, path.stem, sort)
                path.with_suffix(".lock").unlink(missing_ok=True)


def known_files(connection: sqlite3.Connection) -> dict[str, KnownFile]:
    """All transcripts in the index, by path."""
    rows = connection.execute("SELECT path, id, dev, ino, size, mtime, ctime FROM file")
    return {os.fsdecode(path): KnownFile(*rest) for path, *rest in rows}


def check_rolls(connection: sqlite3.Connection) -> bool:
    """Whether the sums agree with what is kept of them beside each lane."""
    rolls = connection.execute(f"SELECT coalesce(sum{ROLL_CHECK}, 0) FROM roll").fetchone()[0]  # noqa: S608
    return rolls == connection.execute("SELECT coalesce(sum(roll_check), 0) FROM lane").fetchone()[0]


def _locked(folder: Path, name: str) -> int:
    """A shared lock on the name."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _must_be_private(folder.lstat(), folder, stat.S_ISDIR)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        lock = os.open(folder / f"{name}.lock", flags, 0o600)
    except OSError as error:
        raise NotUsable(str(error)) from error
    try:
        _must_be_private(os.fstat(lock), folder, stat.S_ISREG)
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (OSError, NotUsable) as error:
        os.close(lock)
        raise NotUsable(str(error)) from error
    return lock


def _connected(path: Path, sort: Sort, lock: int) -> sqlite3.Connection:
    for is_last in (False, True):
        try:
            return _tried(path, sort)
        except sqlite3.OperationalError as error:
            raise NotUsable(str(error)) from error
        except sqlite3.DatabaseError as error:
            if is_last:
                raise NotUsable(str(error)) from error
            _remove(path, lock)
    raise AssertionError


def _tried(path: Path, sort: Sort) -> sqlite3.Connection:
    try:
        for one in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            with contextlib.suppress(FileNotFoundError):
                _must_be_private(one.lstat(), one, stat.S_ISREG)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise NotUsable(str(error)) from error
    made = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = NORMAL")
        made.execute("PRAGMA cache_size = -65536")
        version = made.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            _make(made, sort)
        elif version != sort.format:
            raise sqlite3.DatabaseError("another format")
    except BaseException:
        made.close()
        raise
    return made


def _make(connection: sqlite3.Connection, sort: Sort) -> None:
    """Makes the tables, unless another process did so at the same time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in f"{sort.tables}PRAGMA user_version = {sort.format};".split(";"):
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _remove(path: Path, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for suffix in ("", "-wal", "-shm"):  # the database first: SQLite never uses the others for an empty one
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError as error:
        raise NotUsable(str(error)) from error


def _must_be_private(found: os.stat_result, path: Path, is_kind: Callable[[int], bool]) -> None:
    """Raises: NotUsable: another user could read or write it, or it is a link."""
    if not is_kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise NotUsable(f"{path} is not private")
