"""The audit log: who did what to which lane, when, why, by which route and with what result.

One file per month in the state folder, `audit/2026-11.jsonl`, mode 0600, one JSON object per line; lines are only
appended. Each line contains the hash of the line before it, so a line that was changed or removed is noticed. The file
`audit/2026-11.head` beside it stores the number of lines and the hash of the last line, so a changed or missing end, or
a missing file, is noticed too, even after more lines were appended. A change of both files that keeps them consistent
is not noticed.
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
"""The route of an order that was refused because no route leads to its lane, and none was requested by name."""
DRY_RUN = "dry run"
"""The stage of an act that a policy only recorded: nothing was requested from the lane."""
MOST_READ = 64 * 1024 * 1024
_HEAD = re.compile(rb"\A(\d{12}) ([0-9a-f]{64})\n\Z")
"""A line of the `.head` file. Its length never changes, so it is overwritten in one write, even if the disk is full."""


@frozen
class AuditRecord:
    """One line of the log. Its texts are raw, not safe text."""

    at: float
    by: str
    """The actor: a person as returned by `actor`, or a policy by its rule, such as `policy: pause on repetition`."""
    verb: str
    lane: str
    order: str
    stage: str
    route: str
    words: str
    """The event in words, with its evidence."""
    reason: str
    """The reason for the order: the operator's words, the key of a finding, or what a policy's rule found."""
    text: str
    """The text that was given to the lane; only in the entry that requested it."""
    session: str = ""
    run_by: str = ""
    """For an act of a policy: the user, terminal and process of the lanewatch that runs the policy."""


_NAMES = tuple(one.name for one in fields(AuditRecord))


@frozen
class LogEnd:
    """The recorded end of a file: its number of lines and the hash of its last line."""

    count: int
    hash: str


def actor() -> str:
    """The person who acts: user, terminal and process id."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"uid {os.geteuid()}"
    try:
        terminal = os.ttyname(0).removeprefix("/dev/")
    except OSError:
        terminal = "no terminal"
    return f"{user} ({terminal}, pid {os.getpid()})"


def entry_of(order: Order, step: OrderStep, *, first: bool) -> AuditRecord:
    """The entry for one step of an order. `first`: it is the order's first step, which contains the text."""
    route = step.route.value if step.route is not None else NO_ROUTE
    return AuditRecord(
        step.at, order.by, order.verb.value, order.lane, order.id, step.stage.value,
        route, step.text, order.reason, order.text if first else "", order.session, order.run_by,
    )  # fmt: skip


def append(folder: ControlFolder, entry: AuditRecord) -> None:
    """Appends a line under a lock. The line contains the hash of the line before it.

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
            # Written after the line and not synced: a `.head` file that is older than its log does no harm, see
            # `_end_of`.
            os.pwrite(head.fileno(), _head_line(LogEnd(before.count + 1, _hash(line))), 0)
    except OSError as error:
        raise FolderError(f"the audit log {path} cannot be written: {error.strerror or error}") from error
    except orjson.JSONEncodeError as error:
        raise FolderError(f"the audit log {path} cannot be written: {error}") from error


def _append_whole(file: io.FileIO, data: bytes) -> None:
    """Writes all of `data`, or nothing if the disk becomes full: half a line would damage the next one."""
    size = os.fstat(file.fileno()).st_size
    try:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        os.ftruncate(file.fileno(), size)
        raise


def read(folder: ControlFolder, since: float | None = None) -> list[AuditRecord]:
    """All entries from `since` (seconds UTC) on, the oldest first.

    Lines that cannot be read are left out; see `problems`.
    """
    return [entry for entry, _, _ in _lines(folder) if entry is not None and (since is None or entry.at >= since)]


def entries_in(path: Path) -> list[AuditRecord]:
    """The entries of a log file from elsewhere, such as the log in a bundle. Its hash chain is not checked.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        lines = file.read(MOST_READ).splitlines()
    return [entry for line in lines if (entry := _entry(line)) is not None]


def problems(folder: ControlFolder) -> list[str]:
    """The damages of the log: unreadable lines, a broken hash chain, a changed or missing end."""
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
            found.append(f"{name}:{number}: a line before this one was changed or removed")
        before = _hash(raw)
    return found


def _other_end(name: str, raws: Sequence[bytes], head: LogEnd | None) -> list[str]:
    """Compares the lines with their `.head` file.

    Later lines are allowed: lanewatch may be killed before it writes that file.
    """
    if head is None:
        return [f"{name}: its head is missing: lines may have been removed from its end"] if raws else []
    if len(raws) < head.count:
        return [f"{name}: {head.count - len(raws)} of {head.count} lines are missing"]
    if head.count and _hash(raws[head.count - 1]) != head.hash:
        return [f"{name}:{head.count}: this line was changed, or lines were inserted before it"]
    return []


def _lines(folder: ControlFolder) -> list[tuple[AuditRecord | None, bytes, str]]:
    lines: list[tuple[AuditRecord | None, bytes, str]] = []
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
    """The lines of the data. Only a line feed ends a line."""
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _end_of(fd: int, head_fd: int) -> LogEnd:
    """The end to which the next line is chained: the file's end, or the recorded end if the file does not match that.

    In the second case the hash chain stays broken at the new line: the evidence of a change before it is kept.
    """
    last = _last_hash(fd)
    head = _head_of(os.pread(head_fd, 256, 0))
    if head is not None and head.hash == last:
        return head
    raws = _split(os.pread(fd, MOST_READ, 0))
    if head is None or _follows(raws, head):
        return LogEnd(len(raws), last)
    return head


def _follows(raws: Sequence[bytes], head: LogEnd) -> bool:
    """True if `head` was written for these lines, and all lines after it are chained to it."""
    if not 0 < head.count <= len(raws) or _hash(raws[head.count - 1]) != head.hash:
        return False
    before = head.hash
    for raw in raws[head.count :]:
        if (json_object(raw) or {}).get("prev") != before:
            return False
        before = _hash(raw)
    return True


def _head_of(data: bytes) -> LogEnd | None:
    found = _HEAD.match(data)
    return LogEnd(int(found[1]), found[2].decode()) if found is not None else None


def _head_line(head: LogEnd) -> bytes:
    return f"{head.count:012d} {head.hash}\n".encode()


def _hash(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def _last_hash(fd: int) -> str:
    """The hash of the last line; empty if the file is empty."""
    size = os.fstat(fd).st_size
    want = 4096
    while size:
        tail = os.pread(fd, min(want, size), max(0, size - want))
        line = tail.rstrip(b"\n").rpartition(b"\n")
        if line[1] or want >= size:
            return _hash(line[2])
        want *= 8
    return ""


def _entry(raw: bytes) -> AuditRecord | None:
    known = json_object(raw)
    if known is None:
        return None
    try:
        given = {name: known.get(name, "") for name in _NAMES}
        if isinstance(given["at"], bool) or not isinstance(given["at"], int | float):
            return None
        texts = {name: value for name, value in given.items() if name != "at"}
        return (
            AuditRecord(at=float(given["at"]), **texts)
            if all(isinstance(text, str) for text in texts.values())
            else None
        )
    except (TypeError, ValueError):
        return None
