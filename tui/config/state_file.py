"""A small JSON file of the state folder, which several lanewatch processes may write."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

from tui.io.files import atomic_write
from tui.settings.declare import settings_in

Document = dict[str, object]
"""The content of a file: an object with the key `schema`."""

_MOST_BYTES = 16 * 1024 * 1024
_TRIES = 50
_TRY_S = 0.01
"""Seconds between tries. The lock is held while one small file is written; a process that holds it for half a second
hangs."""

_Stamp = tuple[int, int, int]


class StateFile:
    """A file that only its owner can read, and that is replaced as a whole.

    Not thread-safe. A change is made under a lock to the present content of the file, so that no change is lost.
    """

    def __init__(self, path: Path, schema: int, check: Callable[[Document], str] = lambda _document: "") -> None:
        """Reads nothing yet. Files of another `schema` are damaged; `check` returns what else is wrong with one."""
        self.path = path
        self._schema = schema
        self._check = check
        self._stamp: _Stamp | None = None

    @property
    def has_changed(self) -> bool:
        """True if the file is not as it was at the last `read` or `change`, or exists and was never read."""
        return _stamp(self.path) != self._stamp

    def read(self) -> tuple[Document, str]:
        """The content, and what is wrong with the file ("" if nothing).

        A missing file and one without a document of this schema are empty.
        """
        self._stamp = _stamp(self.path)
        try:
            data = _read_own(self.path)
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            return {}, f"cannot be read: {error.strerror or error}"
        if len(data) > _MOST_BYTES:
            return {}, "cannot be read: larger than 16 MiB"
        try:
            found: object = json.loads(data)
        except (ValueError, RecursionError):
            return {}, "cannot be read: not JSON"
        document = cast("Document", found) if isinstance(found, dict) else {}
        if document.get("schema") != self._schema:
            return {}, f"cannot be read: not of schema {self._schema}"
        return document, self._check(document)

    def change(self, make: Callable[[Document], Document], *, durable: bool = False) -> str:
        """Replaces the content by what `make` returns for it.

        A damaged file is kept beside it with the ending `.broken`. Returns a line about that, or "".

        Raises:
            TimeoutError: another process holds the lock and does not release it.
            OSError: the file cannot be written; it stays as it was.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(self.path.parent)
        with _locked(self.path.with_suffix(".lock")):
            document, wrong = self.read()
            aside = self.path.with_suffix(".broken")
            if wrong:
                self.path.replace(aside)
            made = {"schema": self._schema} | make(document)
            with atomic_write(self.path, durable=durable) as stream:
                stream.write(json.dumps(made, indent=1).encode("ascii") + b"\n")
            self._stamp = _stamp(self.path)
        return f"{wrong}; kept as {aside.name}" if wrong else ""


def as_table(value: object) -> Document:
    """The value if it is an object of JSON, else an empty one."""
    return cast("Document", value) if isinstance(value, dict) else {}


def read_fields(section: type[Any], table: Document) -> tuple[Document, list[str]]:
    """The values of the settings that `section` declares, and what is wrong with those that cannot be used."""
    values: Document = {}
    problems: list[str] = []
    for name, declared in settings_in(section).items():
        if name not in table:
            continue
        try:
            values[name] = declared.kind.read(table[name])
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return values, problems


def _read_own(file: Path) -> bytes:
    """The content of a file that nobody else can have written, at most one byte more than is allowed.

    Raises:
        OSError: it cannot be read, is a link, or others can write it or its folder.
    """
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        _check_own(os.fstat(handle), "it")
        _check_own(file.parent.stat(), "its folder")
        return stream.read(_MOST_BYTES + 1)


def _make_private(folder: Path) -> None:
    """Closes an own folder to others, who could replace its files. Raises `OSError` for another user's folder."""
    found = folder.stat()
    if found.st_uid == os.geteuid() and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        folder.chmod(0o700)
    _check_own(folder.stat(), "its folder")


def _check_own(found: os.stat_result, what: str) -> None:
    if found.st_uid != os.geteuid():
        raise PermissionError(0, f"{what} belongs to another user")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(0, f"others can write {what}")


def _stamp(file: Path) -> _Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@contextlib.contextmanager
def _locked(file: Path) -> Generator[None]:
    """Holds the lock file, which is never deleted: a lock on a deleted file would lock out nobody.

    Raises:
        TimeoutError: another process holds it and does not release it.
        OSError: it cannot be created or locked.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_TRY_S)
        else:
            raise TimeoutError(0, "another lanewatch holds its lock")
        yield
    finally:
        os.close(handle)
