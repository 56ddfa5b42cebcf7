"""Reads and replaces a settings file of another program, and keeps a record of its content before the install.

Each failure is an `InstallError` with one line of text. The record lies in lanewatch's state folder. With it, uninstall
restores exactly the original bytes.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Generator
from pathlib import Path
from typing import cast

import orjson

from tui.io.files import atomic_write
from tui.model.frozen import frozen
from tui.text.messages import printable


class InstallError(Exception):
    """The mistake in one line: with the path, and with line and column if they are known."""


MOST_BYTES = 4 * 1024 * 1024
"""Size limit in bytes: a larger file is not a settings file."""

UNCHANGED = "nothing was changed"


def behind_links(path: Path) -> Path:
    """The file that a path leads to after all links; it need not exist.

    Raises:
        InstallError: the links lead in a circle.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise InstallError(f"{printable_path(path)} cannot be followed: {_words(error)}") from error


def read(path: Path) -> bytes | None:
    """The content of the file; None if there is no file.

    Raises:
        InstallError: it is no regular file of this user, or larger than 4 MiB, or cannot be read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO without a writer must not block here
    try:
        fd = os.open(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InstallError(f"{printable_path(path)} cannot be read: {_words(error)}; {UNCHANGED}") from error
    try:
        _check(path, os.fstat(fd))
        with open(fd, "rb", closefd=False) as file:  # it is open already
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InstallError(f"{printable_path(path)} cannot be read: {_words(error)}; {UNCHANGED}") from error
    finally:
        os.close(fd)
    if len(data) > MOST_BYTES:  # it grew in the meantime
        raise InstallError(_too_large(path))
    return data


def replace(path: Path, before: bytes | None, after: bytes) -> None:
    """Replaces the content `before` by `after`, completely or not at all.

    Mode, owner and attributes stay the same. `before` is None if there is no file yet.

    Raises:
        InstallError: the file is no longer `before`, or it cannot be written. Nothing was changed then.
    """
    # Does not use `atomic_write`: the new file takes the old one's owner and attributes, and the old one is compared
    # last.
    temporary = _temporary(path)
    with _in_words(path, "written"), _gone_after(temporary):
        _write_new(temporary, after)
        if before is None:
            _create(temporary, path)
        else:
            _like(path, temporary)
            check_unchanged(path, before)
            temporary.replace(path)
        _sync(path.parent)


def check_writable(path: Path, before: bytes | None) -> None:
    """Checks that `replace` or `remove` could change the file, without changing it.

    Raises:
        InstallError: the file is read-only, or nothing can be written into its folder.
    """
    if before is not None:
        with _in_words(path, "written"):
            _refuse_read_only(path, path.stat())
    # A folder that does not exist yet is created in its parent folder.
    folder = path.parent if path.parent.exists() else path.parent.parent
    if not folder.is_dir():
        raise InstallError(
            f"{printable_path(path.parent)} cannot be made: {printable_path(folder)} is no folder; {UNCHANGED}"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InstallError(
            f"{printable_path(path)} cannot be written: {printable_path(folder)} is read-only; {UNCHANGED}"
        )


def remove(path: Path, before: bytes) -> None:
    """Removes the file.

    Raises:
        InstallError: it is no longer `before`, or it cannot be removed. Nothing was changed then.
    """
    check_unchanged(path, before)
    with _in_words(path, "removed"):
        path.unlink()
        _sync(path.parent)


def check_unchanged(path: Path, before: bytes | None) -> None:
    """Checks that the file still has the content for which a change was planned.

    Raises:
        InstallError: it differs.
    """
    if read(path) != before:
        raise InstallError(f"{printable_path(path)} has changed since this was planned: look at it again; {UNCHANGED}")


def make_folder(path: Path) -> bool:
    """Creates the folder, but not its parents. True if it did not exist.

    Raises:
        InstallError: it cannot be created.
    """
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return False
    except OSError as error:
        raise InstallError(f"{printable_path(path)} cannot be made: {_words(error)}; {UNCHANGED}") from error
    return True


def make_private(path: Path) -> None:
    """Creates a folder of lanewatch's own state, accessible to this user alone.

    Raises:
        InstallError: it cannot be created, or others may read or write it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat(follow_symlinks=False)
    except OSError as error:
        raise InstallError(f"{printable_path(path)} cannot be made: {_words(error)}; {UNCHANGED}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise InstallError(
            f"{printable_path(path)} must be a folder of yours that nobody else can open (0700); {UNCHANGED}"
        )


def write_private(path: Path, data: bytes) -> None:
    """Writes a file of lanewatch's own state, mode 0600, completely or not at all.

    Raises:
        InstallError: it cannot be written.
    """
    with _in_words(path, "written"):
        with atomic_write(path, durable=True) as file:
            file.write(data)
        _sync(path.parent)


def printable_path(path: Path) -> str:
    """The path as text that is safe in a message."""
    return printable(str(path))


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise InstallError(f"{printable_path(path)} is no regular file; {UNCHANGED}")
    if found.st_uid != os.geteuid():
        raise InstallError(f"{printable_path(path)} belongs to another user (uid {found.st_uid}); {UNCHANGED}")
    if found.st_size > MOST_BYTES:
        raise InstallError(_too_large(path))


def _too_large(path: Path) -> str:
    return (
        f"{printable_path(path)} is larger than {MOST_BYTES // (1024 * 1024)} MiB: these are no settings; {UNCHANGED}"
    )


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.lanewatch-{secrets.token_hex(8)}")


def _write_new(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(fd, "wb") as file:  # noqa: PTH123  # opened as a new file of this user
        file.write(data)
        file.flush()
        os.fsync(fd)


def _create(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)  # unlike a rename this fails if the file was created in the meantime
    except FileExistsError as error:
        raise InstallError(f"{printable_path(path)} has been made since this was planned; {UNCHANGED}") from error
    except OSError:  # a file system without hard links
        check_unchanged(path, None)
        temporary.rename(path)


def _like(path: Path, temporary: Path) -> None:
    """Gives the new file the old file's owner, group, mode and extended attributes. Its times are those of now."""
    old = path.stat()
    _refuse_read_only(path, old)
    os.chown(temporary, old.st_uid, old.st_gid)
    shutil.copystat(path, temporary)
    os.utime(temporary)


def _refuse_read_only(path: Path, found: os.stat_result) -> None:
    if not found.st_mode & stat.S_IWUSR:
        raise InstallError(f"{printable_path(path)} cannot be written: it is read-only; {UNCHANGED}")


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the file itself is safe
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextlib.contextmanager
def _gone_after(temporary: Path) -> Generator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _in_words(path: Path, verb: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise InstallError(f"{printable_path(path)} cannot be {verb}: {_words(error)}; {UNCHANGED}") from error


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or printable(str(error)) or type(error).__name__


SCHEMA = 1


@frozen
class Record:
    """The record of one installed file."""

    original: bytes | None
    """The content before the install; None if there was no file."""
    written: str
    """The SHA-256 of the content that install wrote, in hex."""
    made_folder: bool
    """True if install created the folder of the file."""

    def is_written(self, data: bytes | None) -> bool:
        """True if the data is exactly the content that install wrote."""
        return data is not None and digest(data) == self.written


def digest(data: bytes) -> str:
    """The SHA-256 of the data in hex."""
    return hashlib.sha256(data).hexdigest()


def load_record(folder: Path, target: Path) -> Record | None:
    """The record of a file; None if there is none or it is damaged.

    Without it, entries are recognised by their command alone.
    """
    try:
        data = read(_file(folder, target))
        return None if data is None else _parsed(data, target)
    except (InstallError, orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError):
        return None


def save_record(folder: Path, target: Path, record: Record) -> None:
    """Writes the record of a file.

    Raises:
        InstallError: it cannot be written.
    """
    original = record.original
    document = {
        "schema": SCHEMA,
        "path": os.fsencode(target).decode("utf-8", "replace"),
        "original": None if original is None else base64.b64encode(original).decode(),
        "original_sha256": None if original is None else digest(original),
        "written_sha256": record.written,
        "made_folder": record.made_folder,
    }
    write_private(_file(folder, target), orjson.dumps(document, option=orjson.OPT_INDENT_2))


def drop_record(folder: Path, target: Path) -> None:
    """Removes the record of a file. A record that cannot be removed does no harm: it no longer matches the file."""
    with contextlib.suppress(OSError):
        _file(folder, target).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Holds the lock for installing and uninstalling, and creates the folder.

    Raises:
        InstallError: the folder cannot be used, or another lanewatch holds the lock.
    """
    make_private(folder)
    try:
        fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InstallError(
            f"{printable_path(folder)} cannot be locked: {error.strerror}; nothing was changed"
        ) from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InstallError("another lanewatch is installing or uninstalling; nothing was changed") from error
        yield
    finally:
        os.close(fd)


def _file(folder: Path, target: Path) -> Path:
    return folder / f"{digest(os.fsencode(target))[:32]}.json"


def _parsed(data: bytes, target: Path) -> Record | None:
    document = cast("dict[str, object]", orjson.loads(data))
    if document["schema"] != SCHEMA or document["path"] != os.fsencode(target).decode("utf-8", "replace"):
        return None
    kept, written, made_folder = document["original"], document["written_sha256"], document["made_folder"]
    original = base64.b64decode(kept, validate=True) if isinstance(kept, str) else None
    if original is not None and digest(original) != document["original_sha256"]:
        return None
    if not isinstance(written, str) or not isinstance(made_folder, bool):
        return None
    return Record(original, written, made_folder)
