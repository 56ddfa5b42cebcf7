"""A private folder for files that can be made again at any time: compiled searches, parsed tables.

It is used only if it belongs to the user (folder 0700, files 0600), is no link and is not open to others. Nothing here
raises; the caller makes what is missing again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Generator
from pathlib import Path

MOST = 16 * 1024 * 1024
"""The largest file that is read, in bytes."""
_MAGIC = b"lanewatch cache 1\n"
_HEAD = len(_MAGIC) + hashlib.sha256().digest_size
_SUFFIX = ".cache"
_FILES = 6
"""The number of files kept, so that several versions on one machine do not delete each other's."""
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Cache:
    """The folder. It is created with the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """The stored data of that name; None unless it is certainly whole and undamaged."""
        try:
            with self._opened() as folder:
                fd = os.open(name + _SUFFIX, _READ_FLAGS, dir_fd=folder)
                with os.fdopen(fd, "rb") as file:
                    found = os.fstat(fd)
                    if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > MOST:
                        return None
                    content = file.read(MOST + 1)
        except OSError:
            return None
        data = content[_HEAD:]
        return data if content[:_HEAD] == _head(data) else None

    def write(self, name: str, data: bytes) -> None:
        """Stores the data under that name; a reader never sees a part of it.

        Does nothing if that is impossible or unsafe.
        """
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._opened() as folder:
                _write_whole(folder, name + _SUFFIX, _head(data) + data)
                _remove_oldest(folder)

    def machine(self) -> str:
        """The features of the processor, on which compiled searches depend."""
        about = os.uname()
        try:
            with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as file:
                first = file.read(8192).partition("\n\n")[0]
        except OSError:
            first = ""
        flags = [line for line in first.splitlines() if line.startswith(("flags", "Features", "model name"))]
        return "\n".join((about.sysname, about.machine, *flags))

    @contextlib.contextmanager
    def _opened(self) -> Generator[int]:
        folder = os.open(self._folder, _FOLDER_FLAGS)
        try:
            if not _is_private(os.fstat(folder)):
                raise PermissionError(f"{self._folder} is not private")
            yield folder
        finally:
            os.close(folder)


def _head(data: bytes) -> bytes:
    return _MAGIC + hashlib.sha256(data).digest()


def _is_private(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _write_whole(folder: int, name: str, content: bytes) -> None:
    half = f".{name}.{os.urandom(8).hex()}.tmp"
    fd = os.open(half, _WRITE_FLAGS, 0o600, dir_fd=folder)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        os.rename(half, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(half, dir_fd=folder)
        raise


def _remove_oldest(folder: int) -> None:
    names = [name for name in os.listdir(folder) if name.endswith(_SUFFIX)]
    names.sort(key=lambda name: os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns)
    for name in names[:-_FILES]:
        os.unlink(name, dir_fd=folder)
