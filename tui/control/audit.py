"""The audit log: who did what to which lane, when, why, by which route and with what result.

One file per month of the state folder, `audit/2026-11.jsonl`, 0600, one JSON object a line, only ever appended to. Each
line carries the hash of the one before it, so that a line that was changed or taken out is noticed.
"""

from __future__ import annotations

import fcntl
import getpass
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson

from tui.control.folder import ControlFolder, FolderError
from tui.model.control import Order, OrderStep

MOST_READ = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. Texts are raw."""

    at: float
    by: str
    verb: str
    lane: str
    order: str
    stage: str
    route: str
    words: str
    """What happened, with its evidence."""
    reason: str
    """Why the order was given: the operator's words, a finding's key, a policy's rule."""
    text: str
    """What was delivered, at the step that asked for it."""
    session: str = ""


def actor() -> str:
    """Who acts: user, terminal and process."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"uid {os.geteuid()}"
    try:
        terminal = os.ttyname(0).removeprefix("/dev/")
    except OSError:
        terminal = "no terminal"
    return f"{user} ({terminal}, pid {os.getpid()})"


def entry_of(order: Order, step: OrderStep, *, first: bool) -> Entry:
    """The line for one step of an order; the text stands at the first one only."""
    return Entry(
        step.at, order.by, order.verb.value, order.lane, order.id, step.stage.value,
        (step.route or order.route).value, step.text, order.reason, order.text if first else "", order.session,
    )  # fmt: skip


def append(folder: ControlFolder, entry: Entry) -> None:
    """Adds a line, under a lock, chained to the one before it.

    Raises:
        FolderError: it cannot be written.
    """
    path = folder.path / "audit" / f"{datetime.fromtimestamp(entry.at, UTC):%Y-%m}.jsonl"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "rb+", buffering=0) as file:
            fcntl.flock(fd, fcntl.LOCK_EX)
            fields = {name: getattr(entry, name) for name in Entry.__slots__}
            line = orjson.dumps({"v": 1, **fields, "prev": _last_hash(fd)}, option=orjson.OPT_APPEND_NEWLINE)
            file.write(line)
            os.fdatasync(fd) if hasattr(os, "fdatasync") else os.fsync(fd)
    except (OSError, orjson.JSONEncodeError) as error:
        raise FolderError(f"the audit log {path} cannot be written: {error}") from error


def read(folder: ControlFolder, since: float | None = None) -> list[Entry]:
    """All lines from `since` (seconds UTC) on, the oldest first. What cannot be read is left out; `problems` tells."""
    return [entry for entry, _, _ in _lines(folder) if entry is not None and (since is None or entry.at >= since)]


def entries_in(path: Path) -> list[Entry]:
    """The lines of a file in this form that came from elsewhere, such as a bundle's journal: no chain holds there.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        lines = file.read(MOST_READ).splitlines()
    return [entry for line in lines if (entry := _entry(line)) is not None]


def problems(folder: ControlFolder) -> list[str]:
    """Where the log is not what was written: lines that cannot be read, a chain that does not hold."""
    found: list[str] = []
    file, before = "", ""
    for entry, raw, where in _lines(folder):
        name = where.rpartition(":")[0]
        if name != file:
            file, before = name, ""
        if entry is None:
            found.append(f"{where}: this line cannot be read")
        elif (_object(raw) or {}).get("prev") != before:
            found.append(f"{where}: what stood before this line was changed or taken out")
        before = sha256(raw).hexdigest()
    return found


def _lines(folder: ControlFolder) -> list[tuple[Entry | None, bytes, str]]:
    lines: list[tuple[Entry | None, bytes, str]] = []
    for name in folder.names("audit"):
        if not name.endswith(".jsonl"):
            continue
        try:
            with (folder.path / "audit" / name).open("rb") as file:
                data = file.read(MOST_READ)
        except OSError:
            continue
        lines += [(_entry(raw), raw, f"{name}:{number}") for number, raw in enumerate(data.splitlines(), 1)]
    return lines


def _last_hash(fd: int) -> str:
    """The hash of the last line; empty for the first one."""
    size = os.fstat(fd).st_size
    want = 4096
    while size:
        tail = os.pread(fd, min(want, size), max(0, size - want))
        line = tail.rstrip(b"\n").rpartition(b"\n")
        if line[1] or want >= size:
            return sha256(line[2]).hexdigest()
        want *= 8
    return ""


def _entry(raw: bytes) -> Entry | None:
    fields = _object(raw)
    if fields is None:
        return None
    try:
        given = {name: fields.get(name, "") for name in Entry.__slots__}
        if isinstance(given["at"], bool) or not isinstance(given["at"], int | float):
            return None
        texts = {name: value for name, value in given.items() if name != "at"}
        return Entry(at=float(given["at"]), **texts) if all(isinstance(text, str) for text in texts.values()) else None
    except (TypeError, ValueError):
        return None


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
