"""Opens a path of any kind without blocking and without side effects on a device; writes a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Generator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

_KINDS = {
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFDIR: "a folder, not a file",
}


class Reason(StrEnum):
    """The reason why a path was not opened."""

    MISSING = "missing"
    NOT_A_FILE = "not_a_file"
    LOOP = "loop"
    OUTSIDE = "outside"
    UNREADABLE = "unreadable"


class Refused(Exception):
    """A path was not opened. `why` is written for the operator."""

    def __init__(self, path: str, reason: Reason, why: str) -> None:
        super().__init__(path, reason, why)
        self.path = path
        self.reason = reason
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Opened(NamedTuple):
    """A regular file, open for reading. The caller closes `fd`."""

    fd: int
    stat: os.stat_result


def open_transcript(path: str, roots: Sequence[str] | None = None) -> Opened:
    """Opens a regular file for reading.

    The path is checked before it is opened, since opening a named pipe or a device has effects, and again afterwards,
    since another file may have taken its place in between.

    Args:
        path: what to open. Links are followed.
        roots: real paths of folders and files. Wherever links lead, the file must lie in one of them.
            None: it may lie anywhere; only for a path that was checked before.

    Raises:
        Refused: it was not opened; the error holds the reason.
    """
    try:
        _must_be_file(path, os.stat(path))  # noqa: PTH116 (this is the hot path of the tail)
        real = path if roots is None else _inside(path, roots)
        fd = os.open(real, _FLAGS if roots is None else _FLAGS | os.O_NOFOLLOW)
    except OSError as error:
        raise refusal(path, error) from error
    try:
        found = os.fstat(fd)
        _must_be_file(path, found)
    except BaseException:
        os.close(fd)
        raise
    return Opened(fd, found)


@contextlib.contextmanager
def atomic_write(path: Path, *, mode: int = 0o600, durable: bool = False) -> Generator[BinaryIO]:
    """Opens a new file for writing. It replaces `path` when the block ends, and is removed if the block fails.

    The new file lies beside `path` under a name of its own that begins with a dot. `durable`: its content is on the
    disk before it replaces `path`. A link at `path` is replaced, not followed.

    Raises:
        OSError: it cannot be written. The old file at `path` stays.
    """
    half = path.with_name(f".lanewatch-{os.urandom(8).hex()}.tmp")
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(fd)
        half.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            half.unlink()
        raise


def held_lock(path: Path) -> int:
    """Locks a file for this process alone, and makes it with its folder. Returns its descriptor, to be closed.

    -1: another process holds it. Raises: OSError: it cannot be made, or is a link.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return -1
    except OSError:
        os.close(fd)
        raise
    return fd


def refusal(path: str, error: OSError) -> Refused:
    """The refusal for an error of the operating system."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return Refused(path, Reason.MISSING, "no such file or directory")
        case errno.ELOOP:
            return Refused(path, Reason.LOOP, "a link that leads back to itself")
        case errno.EACCES | errno.EPERM:
            return Refused(path, Reason.UNREADABLE, "no permission to read it")
        case errno.ENXIO:
            return Refused(path, Reason.NOT_A_FILE, _KINDS[stat.S_IFSOCK])
        case _:
            return Refused(path, Reason.UNREADABLE, f"cannot be read ({error.strerror or error})")


def not_a_file(path: str, mode: int) -> Refused:
    """The refusal for something that is not a regular file. `mode` is its st_mode."""
    return Refused(path, Reason.NOT_A_FILE, _KINDS.get(stat.S_IFMT(mode), "not a regular file"))


def leads_outside(path: str, real: str) -> Refused:
    """The refusal for a link that leads out of the watched folders."""
    return Refused(path, Reason.OUTSIDE, f"a link that leads out of the watched folders, to {real}")


def is_inside(real: str, roots: Sequence[str]) -> bool:
    """Whether a real path is one of the roots or lies below one."""
    return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _must_be_file(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise not_a_file(path, found.st_mode)


def _inside(path: str, roots: Sequence[str]) -> str:
    real = os.path.realpath(path, strict=True)
    if not is_inside(real, roots):
        raise leads_outside(path, real)
    return real
