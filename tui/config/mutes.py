"""Findings that a person muted, in a file of the state folder. Several lanewatch processes may write it at once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

from tui.io.files import atomic_write
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.text.messages import printable

SCHEMA = 1
MOST = 10_000
"""Maximum number of mutes; the oldest are removed first."""
REASON_CHARS = 500

_MOST_BYTES = 16 * 1024 * 1024
_LATEST = 1e12
"""A limit in seconds UTC that no real time reaches. NaN and infinity are not below it either."""
_TRIES = 50
_TRY_S = 0.01
"""Seconds between tries. The lock is held while one small file is written; after half a second its holder must hang."""

Key = tuple[LaneId | None, str]
_Stamp = tuple[int, int, int]


@frozen
class Mute:
    """One muted finding: its lane (None: it is a family's or the fleet's), key, reason and time (seconds UTC)."""

    lane: LaneId | None
    key: str
    reason: str
    at: float


class Mutes:
    """The mutes. If the file cannot be read or written, they apply to this process alone, and that is reported.

    Not thread-safe. A change is made under a lock to the present content of the file, so that no change is lost.
    """

    def __init__(self, file: Path | None, tell: Callable[[str], None]) -> None:
        """Reads the file; None keeps mutes in memory. `tell` receives a line for the operator."""
        self._file = file
        self._tell = tell
        self._saved: dict[Key, Mute] = {}
        self._unsaved: dict[Key, Mute | None] = {}
        """Changes that could not be written; None means that the mute was removed."""
        self._stamp: _Stamp | None = None
        self._told: set[str] = set()
        self.refresh()

    def muted(self, finding: Finding) -> Mute | None:
        """The finding's mute, or None."""
        key = (finding.lane, finding.key)
        return self._unsaved[key] if key in self._unsaved else self._saved.get(key)

    def all(self) -> tuple[Mute, ...]:
        """All mutes, the oldest first."""
        every = self._saved | {key: mute for key, mute in self._unsaved.items() if mute is not None}
        gone = {key for key, mute in self._unsaved.items() if mute is None}
        return tuple(sorted((mute for key, mute in every.items() if key not in gone), key=lambda mute: mute.at))

    @property
    def is_kept(self) -> bool:
        """True if all mutes are in the file, or there is no file."""
        return self._file is None or not self._unsaved

    def mute(self, finding: Finding, reason: str, at: float) -> None:
        """Mutes the finding from now on, whenever it is raised. `at`: now, in seconds UTC."""
        made = Mute(finding.lane, finding.key, reason[:REASON_CHARS], at)
        self._change((made.lane, made.key), made)

    def unmute(self, finding: Finding) -> None:
        """Removes the mute of a finding."""
        self.forget(finding.lane, finding.key)

    def forget(self, lane: LaneId | None, key: str) -> bool:
        """Removes a mute, even if its finding no longer exists. False if it was not muted."""
        known = any((mute.lane, mute.key) == (lane, key) for mute in self.all())
        if known:
            self._change((lane, key), None)
        return known

    def refresh(self) -> None:
        """Reads what other lanewatch processes have written. If the file is unchanged, only its date is checked."""
        if self._file is None:
            return
        stamp = _stamp(self._file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        self._saved, wrong = _read(self._file)
        if wrong:
            self._say(f"{self._file}: {wrong}")

    # -- inside ---------------------------------------------------------------------------------

    def _change(self, key: Key, mute: Mute | None) -> None:
        self._unsaved[key] = mute
        if self._file is None:
            return
        try:
            self._write(self._file)
        except OSError as error:
            self._say(f"{self._file}: mutes hold until lanewatch ends: {error.strerror or error}")

    def _write(self, file: Path) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(file.with_suffix(".lock")):
            saved, wrong = _read(file)
            if wrong:
                aside = file.with_suffix(".broken")
                file.replace(aside)
                self._say(f"{file}: {wrong}; kept as {aside.name}")
            for key, mute in self._unsaved.items():
                if mute is None:
                    saved.pop(key, None)
                else:
                    saved[key] = mute
            newest = sorted(saved.values(), key=lambda mute: mute.at)[-MOST:]
            _replace(file, newest)
            self._stamp = _stamp(file)
        self._saved = {(mute.lane, mute.key): mute for mute in newest}
        self._unsaved.clear()

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(printable(text))


def _stamp(file: Path) -> _Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(file: Path) -> tuple[dict[Key, Mute], str]:
    """The mutes in the file, and what is wrong with it ("" if nothing). A missing file has no mutes."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"mutes cannot be read: {error.strerror or error}"
    if len(data) > _MOST_BYTES:
        return {}, "mutes cannot be read: larger than 16 MiB"
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return {}, "mutes cannot be read: not JSON"
    entries = _entries(document)
    if entries is None:
        return {}, "mutes cannot be read: not a list of mutes of schema 1"
    mutes = [mute for mute in map(_mute, entries) if mute is not None]
    wrong = "" if len(mutes) == len(entries) else f"{len(entries) - len(mutes)} mutes cannot be read"
    return {(mute.lane, mute.key): mute for mute in mutes}, wrong


def _entries(document: object) -> list[object] | None:
    if not isinstance(document, dict):
        return None
    table = cast("dict[str, object]", document)
    entries = table.get("mutes")
    return cast("list[object]", entries) if table.get("schema") == SCHEMA and isinstance(entries, list) else None


def _mute(entry: object) -> Mute | None:
    if not isinstance(entry, dict):
        return None
    table = cast("dict[str, object]", entry)
    lane, key, reason, at = (table.get(name) for name in ("lane", "key", "reason", "at"))
    if not (lane is None or isinstance(lane, str)) or not isinstance(key, str) or not isinstance(reason, str):
        return None
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < _LATEST:
        return None
    return Mute(None if lane is None else LaneId(lane), key, reason, float(at))


def _replace(file: Path, mutes: list[Mute]) -> None:
    """Writes the file, so that a reader sees either the whole old file or the whole new one."""
    entries = [{"lane": mute.lane, "key": mute.key, "reason": mute.reason, "at": mute.at} for mute in mutes]
    with atomic_write(file, durable=True) as stream:
        stream.write(json.dumps({"schema": SCHEMA, "mutes": entries}, indent=1).encode("ascii") + b"\n")


@contextlib.contextmanager
def _locked(file: Path) -> Generator[None]:
    """Holds the lock file, which is never deleted: a lock on a deleted file would lock out nobody.

    Raises:
        TimeoutError: another process holds it and does not release it.
        OSError: it cannot be created or locked.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_TRY_S)
        else:
            raise TimeoutError(0, "another lanewatch holds their lock")
        yield
    finally:
        os.close(handle)
