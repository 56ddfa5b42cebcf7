"""Findings that a person muted, in a file of the state folder. Several lanewatch processes may write it at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from tui.config.state_file import Document, StateFile
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.text.messages import printable

SCHEMA = 1
MOST = 10_000
"""Maximum number of mutes; the oldest are removed first."""
REASON_CHARS = 500

_LATEST = 1e12
"""An upper limit for times in seconds UTC. NaN and infinity fail the comparison with it, too."""

Key = tuple[LaneId | None, str]


@frozen
class Mute:
    """One muted finding: its lane (None for a finding of a family or the fleet), key, reason and time (seconds UTC)."""

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
        self._file = StateFile(file, SCHEMA, lambda document: _read(document)[1]) if file is not None else None
        self._tell = tell
        self._saved: dict[Key, Mute] = {}
        self._unsaved: dict[Key, Mute | None] = {}
        """Changes that could not be written; None means that the mute was removed."""
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
        if self._file is None or not self._file.has_changed:
            return
        document, wrong = self._file.read()
        self._saved = _read(document)[0]
        if wrong:
            self._say(f"{self._file.path}: {wrong}")

    # -- inside ---------------------------------------------------------------------------------

    def _change(self, key: Key, mute: Mute | None) -> None:
        self._unsaved[key] = mute
        if self._file is None:
            return
        try:
            self._write(self._file)
        except OSError as error:
            self._say(f"{self._file.path}: mutes hold until lanewatch ends: {error.strerror or error}")

    def _write(self, file: StateFile) -> None:
        saved: dict[Key, Mute] = {}

        def merged(document: Document) -> Document:
            saved.update(_read(document)[0])
            for key, mute in self._unsaved.items():
                if mute is None:
                    saved.pop(key, None)
                else:
                    saved[key] = mute
            for old in sorted(saved.values(), key=lambda mute: mute.at)[:-MOST]:
                del saved[old.lane, old.key]
            return {"mutes": [_entry(mute) for mute in sorted(saved.values(), key=lambda mute: mute.at)]}

        wrong = file.change(merged, durable=True)
        if wrong:
            self._say(f"{file.path}: {wrong}")
        self._saved = saved
        self._unsaved.clear()

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(printable(text))


def _read(document: Document) -> tuple[dict[Key, Mute], str]:
    """The mutes in the file, and what is wrong with it ("" if nothing)."""
    entries = document.get("mutes", None if document else [])
    if not isinstance(entries, list):
        return {}, f"mutes cannot be read: not a list of mutes of schema {SCHEMA}"
    found = cast("list[object]", entries)
    mutes = [mute for mute in map(_mute, found) if mute is not None]
    wrong = "" if len(mutes) == len(found) else f"{len(found) - len(mutes)} mutes cannot be read"
    return {(mute.lane, mute.key): mute for mute in mutes}, wrong


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


def _entry(mute: Mute) -> Document:
    return {"lane": mute.lane, "key": mute.key, "reason": mute.reason, "at": mute.at}
