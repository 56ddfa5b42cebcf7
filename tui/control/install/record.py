"""What install keeps in lanewatch's state folder, so that uninstall can give back exactly what was there."""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import hashlib
import os
from collections.abc import Generator
from pathlib import Path
from typing import cast

import orjson

from tui.control.install.errors import InstallError
from tui.control.install.settings_file import make_private, read, shown, write_private
from tui.model.frozen import frozen

SCHEMA = 1


@frozen
class Record:
    """One installed file."""

    original: bytes | None
    """What was there before; None: there was no file."""
    written: str
    """The SHA-256 of what install wrote, in hex."""
    made_folder: bool
    """Install made the folder that the file is in."""

    def is_written(self, data: bytes | None) -> bool:
        """True if this is to the byte what install wrote."""
        return data is not None and digest(data) == self.written


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def load(folder: Path, target: Path) -> Record | None:
    """The record of a file; None if there is none or it is damaged: then entries are found by their looks alone."""
    try:
        data = read(_file(folder, target))
        return None if data is None else _parsed(data, target)
    except (InstallError, orjson.JSONDecodeError, binascii.Error, KeyError, TypeError, ValueError):
        return None


def save(folder: Path, target: Path, record: Record) -> None:
    """Keeps it.

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


def drop(folder: Path, target: Path) -> None:
    """Forgets it. A record that cannot be removed does no harm: it no longer fits the file."""
    with contextlib.suppress(OSError):
        _file(folder, target).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """One install or uninstall at a time; makes the folder.

    Raises:
        InstallError: the folder cannot be used, or another lanewatch is at it.
    """
    make_private(folder)
    try:
        fd = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InstallError(f"{shown(folder)} cannot be locked: {error.strerror}; nothing was changed") from error
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
