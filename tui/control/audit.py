"""The audit log: who did what to which lane, when, why, by which route and with what result.

One file per month of the state folder, `audit/2026-11.jsonl`, 0600, one JSON object a line, only ever appended to. Each
line carries the hash of the one before it, so that a line that was changed or taken out is noticed. Beside it lies its
head, `audit/2026-11.head`: how many lines there are and the hash of the last one, so that a changed or missing end and
a missing file are noticed too, also after more was appended. Whoever changes both to fit is not noticed.
"""

from __future__ import annotations

import errno
import fcntl
import getpass
import io
import os
import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import orjson

from tui.control.folder import ControlFolder, FolderError, json_object
from tui.model.control import Order, OrderStep
from tui.model.frozen import frozen

NO_ROUTE = "no route"
"""Stands for the route of an order that was refused since nothing leads to its lane, and none was asked for by name."""
DRY_RUN = "dry run"
"""The stage of an act that a policy only wrote down: nothing was asked of the lane."""
MOST_READ = 64 * 1024 * 1024
_HEAD = re.compile(rb"\A(\d{12}) ([0-9a-f]{64})\n\Z")
"""Always as long: it is written over in one go, also where the disk is full."""


@frozen
class Entry:
    """One line. Texts are raw."""

    at: float
    by: str
    """Who acts: a person as `actor` names them, or a policy by its rule: `policy: pause on repetition`."""
    verb: str
    lane: str
    order: str
    stage: str
    route: str
    words: str
    """What happened, with its evidence."""
    reason: str
    """Why the order was given: the operator's words, a finding's key, what a policy's rule saw."""
    text: str
    """What was delivered, at the step that asked for it."""
    session: str = ""
    run_by: str = ""
    """Where a policy acts: the user, terminal and process of the lanewatch that runs it."""


_NAMES = tuple(one.name for one in fields(Entry))


@frozen
class Head:
    """The end of a file as it was last written: how many lines, and the hash of the last one."""

    count: int
    hash: str


def actor() -> str:
    """The person who acts: user, terminal and process."""
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
    route = step.route.value if step.route is not None else NO_ROUTE
    return Entry(
        step.at, order.by, order.verb.value, order.lane, order.id, step.stage.value,
        route, step.text, order.reason, order.text if first else "", order.session, order.run_by,
    )  # fmt: skip


def append(folder: ControlFolder, entry: Entry) -> None:
    """Adds a line, under a lock, chained to the one before it.

    Raises:
        FolderError: it cannot be written.
    """
    path = folder.path / "audit" / f"{datetime.fromtimestamp(entry.at, UTC):%Y-%m}.jsonl"
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    try:
        with (
            os.fdopen(os.open(path, flags | os.O_APPEND, 0o600), "rb+", buffering=0) as file,
            os.fdopen(os.open(path.with_suffix(".head"), flags, 0o600), "rb+", buffering=0) as head,
        ):
            fd = file.fileno()
            fcntl.flock(fd, fcntl.LOCK_EX)
            before = _end_of(fd, head.fileno())
            line = orjson.dumps({"v": 1, **{name: getattr(entry, name) for name in _NAMES}, "prev": before.hash})
            _append_whole(file, line + b"\n")
            os.fdatasync(fd) if hasattr(os, "fdatasync") else os.fsync(fd)
            # After the line, and not synced: a head that is behind its file is no harm, see `_end_of`.
            os.pwrite(head.fileno(), _head_line(Head(before.count + 1, _hash(line))), 0)
    except OSError as error:
        raise FolderError(f"the audit log {path} cannot be written: {error.strerror or error}") from error
    except orjson.JSONEncodeError as error:
        raise FolderError(f"the audit log {path} cannot be written: {error}") from error


def _append_whole(file: io.FileIO, data: bytes) -> None:
    """Writes all of it or, where the disk becomes full in the middle, none: half a line would spoil the next one."""
    size = os.fstat(file.fileno()).st_size
    try:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        os.ftruncate(file.fileno(), size)
        raise


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
    """Where the log is not what was written: lines that cannot be read, a chain that does not hold, another end."""
    names = folder.names("audit")
    found: list[str] = []
    for stem in sorted({name.rpartition(".")[0] for name in names if name.endswith((".jsonl", ".head"))}):
        name = f"{stem}.jsonl"
        raws = _raw_lines(folder, name)
        found += _broken_chain(name, raws)
        found += _other_end(name, raws, _head_of(folder.read(f"audit/{stem}.head") or b""))
    return found


def _broken_chain(name: str, raws: Sequence[bytes]) -> list[str]:
    found: list[str] = []
    before = ""
    for number, raw in enumerate(raws, 1):
        if _entry(raw) is None:
            found.append(f"{name}:{number}: this line cannot be read")
        elif (json_object(raw) or {}).get("prev") != before:
            found.append(f"{name}:{number}: what stood before this line was changed or taken out")
        before = _hash(raw)
    return found


def _other_end(name: str, raws: Sequence[bytes], head: Head | None) -> list[str]:
    """What the head tells. Lines behind it are chained to it: a lanewatch was killed before it wrote the new head."""
    if head is None:
        return [f"{name}: its head is missing: whether its end was cut off cannot be told"] if raws else []
    if len(raws) < head.count:
        return [f"{name}: {head.count - len(raws)} of {head.count} lines are missing"]
    if head.count and _hash(raws[head.count - 1]) != head.hash:
        return [f"{name}:{head.count}: this line was changed, or lines were put in before it"]
    return []


def _lines(folder: ControlFolder) -> list[tuple[Entry | None, bytes, str]]:
    lines: list[tuple[Entry | None, bytes, str]] = []
    for name in folder.names("audit"):
        if name.endswith(".jsonl"):
            raws = _raw_lines(folder, name)
            lines += [(_entry(raw), raw, f"{name}:{number}") for number, raw in enumerate(raws, 1)]
    return lines


def _raw_lines(folder: ControlFolder, name: str) -> list[bytes]:
    try:
        with (folder.path / "audit" / name).open("rb") as file:
            return _split(file.read(MOST_READ))
    except OSError:
        return []


def _split(data: bytes) -> list[bytes]:
    """Its lines: only a line feed ends one."""
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _end_of(fd: int, head_fd: int) -> Head:
    """What the next line is chained to: the end of the file; where that is not what its head says, the head.

    Then the chain does not hold at the new line either, and stays the evidence that something was changed before it.
    """
    last = _last_hash(fd)
    head = _head_of(os.pread(head_fd, 256, 0))
    if head is not None and head.hash == last:
        return head
    raws = _split(os.pread(fd, MOST_READ, 0))
    if head is None or _follows(raws, head):
        return Head(len(raws), last)
    return head


def _follows(raws: Sequence[bytes], head: Head) -> bool:
    """True if the head is that of these lines, of which some were written after it."""
    if not 0 < head.count <= len(raws) or _hash(raws[head.count - 1]) != head.hash:
        return False
    before = head.hash
    for raw in raws[head.count :]:
        if (json_object(raw) or {}).get("prev") != before:
            return False
        before = _hash(raw)
    return True


def _head_of(data: bytes) -> Head | None:
    found = _HEAD.match(data)
    return Head(int(found[1]), found[2].decode()) if found is not None else None


def _head_line(head: Head) -> bytes:
    return f"{head.count:012d} {head.hash}\n".encode()


def _hash(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def _last_hash(fd: int) -> str:
    """The hash of the last line; empty for the first one."""
    size = os.fstat(fd).st_size
    want = 4096
    while size:
        tail = os.pread(fd, min(want, size), max(0, size - want))
        line = tail.rstrip(b"\n").rpartition(b"\n")
        if line[1] or want >= size:
            return _hash(line[2])
        want *= 8
    return ""


def _entry(raw: bytes) -> Entry | None:
    known = json_object(raw)
    if known is None:
        return None
    try:
        given = {name: known.get(name, "") for name in _NAMES}
        if isinstance(given["at"], bool) or not isinstance(given["at"], int | float):
            return None
        texts = {name: value for name, value in given.items() if name != "at"}
        return Entry(at=float(given["at"]), **texts) if all(isinstance(text, str) for text in texts.values()) else None
    except (TypeError, ValueError):
        return None
