"""lanewatch's folder for control: requests, acknowledgements, orders and the audit log.

It must be private (0700, files 0600) and belong to the user before anything is written into it, because a person who
can write there can control agents. Every file is written whole by rename, or by one append, so a lanewatch that is
killed leaves no half-written file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import orjson

from tui.control.gate.gate import PLAIN_ID
from tui.io.files import atomic_write

SUBFOLDERS = (
    "requests", "taken", "acks", "sessions", "wake", "pending", "answers", "orders", "audit", "gate", "record",
    "backups",
)  # fmt: skip
FILE_CAP = 4 * 1024 * 1024


class FolderError(Exception):
    """The reason why the folder cannot be used, as one line. The requested action was not done."""


class ControlFolder:
    """The folder for control. All methods take paths relative to it, such as `requests/claude-ID/ID.json`."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist; `prepare` creates it."""
        self.path = path

    def prepare(self) -> None:
        """Creates the folder and its subfolders, readable by the user alone.

        Raises:
            FolderError: it cannot be created, belongs to another user, is a link, or cannot be made private.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for name in ("", *SUBFOLDERS):
                self._private(self.path / name)
        except OSError as error:
            raise FolderError(f"{self.path} cannot be used for control: {error.strerror or error}") from error

    @staticmethod
    def _private(folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise FolderError(f"{folder} is a link and not a real folder: lanewatch does not use it for control")
        if found.st_uid != os.geteuid():
            raise FolderError(f"{folder} belongs to another user: lanewatch does not use it for control")
        if found.st_mode & 0o077:
            folder.chmod(0o700)

    def write(self, relative: str, data: bytes) -> None:
        """Writes a whole file by rename; refuses if the folder of the file is a link.

        Raises:
            FolderError: it cannot be written; the old file is unchanged.
        """
        path = self.path / relative
        try:
            self._private(path.parent)
            with atomic_write(path, durable=True) as file:
                file.write(data)
        except OSError as error:
            raise FolderError(f"{path} cannot be written: {error.strerror or error}") from error

    def write_new(self, relative: str, data: bytes) -> bool:
        """Writes a whole file that must not exist yet. If several processes try, only one succeeds.

        False if the file exists already.

        Raises:
            FolderError: it cannot be written.
        """
        path = self.path / relative
        half = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            self._private(path.parent)
            with atomic_write(half, durable=True) as file:
                file.write(data)
            try:
                os.link(half, path)
            finally:
                half.unlink()
        except FileExistsError:
            return False
        except OSError as error:
            raise FolderError(f"{path} cannot be written: {error.strerror or error}") from error
        return True

    def claim(self, relative: str) -> bool:
        """Creates an empty file. If several processes try, only one succeeds. False if the file exists already.

        Raises:
            FolderError: it cannot be created.
        """
        try:
            os.close(os.open(self.path / relative, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        except OSError as error:
            raise FolderError(f"{self.path / relative} cannot be made: {error.strerror or error}") from error
        return True

    @contextlib.contextmanager
    def locked(self, relative: str) -> Generator[bool]:
        """Holds a lock file while the block runs; the system releases the lock even if lanewatch is killed.

        Yields False if another process has the lock.

        Raises:
            FolderError: it cannot be created.
        """
        try:
            fd = os.open(self.path / relative, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise FolderError(f"{self.path / relative} cannot be locked: {error.strerror or error}") from error
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(fd)

    def read(self, relative: str) -> bytes | None:
        """The content of a file; None if there is none, or if it is not a regular file of at most `FILE_CAP` bytes."""
        try:
            fd = os.open(self.path / relative, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(fd, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > FILE_CAP:
                return None
            try:
                return file.read(FILE_CAP)
            except OSError:
                return None

    def read_object(self, relative: str) -> dict[str, Any] | None:
        """The JSON object in a file; None if there is none or it cannot be read."""
        data = self.read(relative)
        return None if data is None else json_object(data)

    def unwritable(self, *parts: str) -> str:
        """The reason why one of these subfolders cannot be written, as one line; empty if all can be, or do not exist.

        A full disk is noticed only when something is written.
        """
        for part in parts:
            path = self.path / part
            if path.exists() and not os.access(path, os.W_OK | os.X_OK):
                return f"{path} cannot be written: {_reason(path)}"
        return ""

    def names(self, relative: str) -> list[str]:
        """The names in a subfolder, sorted, without those that begin with a dot (unfinished files)."""
        try:
            return sorted(name for name in os.listdir(self.path / relative) if not name.startswith("."))  # noqa: PTH208
        except OSError:
            return []

    def remove(self, relative: str) -> bool:
        """Removes a file, and its folder if that is then empty and lies below a subfolder.

        False if the file did not exist.

        Raises:
            FolderError: it exists and cannot be removed.
        """
        path = self.path / relative
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise FolderError(f"{path} cannot be removed: {error.strerror or error}") from error
        if relative.count("/") > 1:
            with contextlib.suppress(OSError):
                path.parent.rmdir()
        return True


def _reason(path: Path) -> str:
    try:
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError as error:
        return error.strerror or str(error)
    return os.strerror(errno.EROFS if read_only else errno.EACCES)


def json_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object in the data; None if there is none. lanewatch's own state contains no secrets to mask."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def plain_id(text: str) -> bool:
    """True if an id can be used as a file name."""
    return bool(PLAIN_ID.match(text))
