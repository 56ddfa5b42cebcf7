"""Claude Code's list of its live processes: one file `sessions/<pid>.json` in its config folder, removed at exit.

Fields, as the client writes them (2.1.197 and 2.1.329): `pid`, `procStart`, `sessionId`, `cwd`, `startedAt` (ms),
`kind`; newer also `status`, `statusUpdatedAt`, `waitingFor`, and `pidDomain`, which names the machine and the process
namespace. A client that was killed leaves its file behind. Beside these files lie secrets (`<pid>.<hash>.key`), which
are never opened. Files of another user, and a folder of another user or behind a link, count as not there.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping

from tui.io.files import Refused, open_transcript
from tui.io.json_fields import number, parse, text
from tui.io.lines import BadLine
from tui.model.frozen import frozen

FILE_CAP = 64 * 1024
"""Real ones are below one KiB."""
FILES_CAP = 5000
TEXT_CAP = 4096
STATUSES = frozenset({"idle", "busy", "waiting"})

_NAME = re.compile(r"\A([1-9][0-9]{0,9})\.json\Z")


@frozen
class Registered:
    """What one file claims. Whether its process still lives is for others to find out. Texts are raw."""

    path: str
    pid: int
    session: str
    cwd: str | None
    proc_start: str | None
    started: float | None
    """When the client registered, in seconds UTC."""
    status: str | None
    """idle, busy or waiting; None where the client says nothing, or a word that is not known."""
    waiting_for: str | None
    domain: str | None


@frozen
class _Stamp:
    """A file is read again when any of this changes."""

    mtime_ns: int
    size: int
    inode: int


class ClaudeRegistry:
    """Reads one folder of such files, each only when it has changed."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._cache: dict[int, tuple[_Stamp, Registered | None]] = {}

    def read(self) -> Mapping[int, Registered] | None:
        """What is registered, by process id. None if there is no such folder, or it cannot be read.

        A file that is broken, too large or not a file at all counts as not there.
        """
        stamps = self._stamps()
        if stamps is None:
            return None
        cache: dict[int, tuple[_Stamp, Registered | None]] = {}
        for pid, stamp in stamps.items():
            known = self._cache.get(pid)
            cache[pid] = known if known is not None and known[0] == stamp else (stamp, self._load(pid))
        self._cache = cache
        return {pid: entry for pid, (_, entry) in cache.items() if entry is not None}

    def _stamps(self) -> dict[int, _Stamp] | None:
        stamps: dict[int, _Stamp] = {}
        try:
            folder = os.lstat(self.folder)
            if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.geteuid():
                return None
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    match = _NAME.match(entry.name)
                    if match is None or len(stamps) >= FILES_CAP:
                        continue
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue  # removed since it was listed
                    stamps[int(match[1])] = _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            return None
        return stamps

    def _load(self, pid: int) -> Registered | None:
        path = os.path.join(self.folder, f"{pid}.json")  # noqa: PTH118 (hot path)
        try:
            data = _read(path, self.folder)
            return _registered(path, pid, data) if data is not None else None
        except (Refused, OSError, BadLine):
            return None


def _read(path: str, folder: str) -> bytes | None:
    """The file's content, or None if there is too much of it, or it is another user's."""
    opened = open_transcript(path, [os.path.realpath(folder)])
    try:
        if opened.stat.st_uid != os.geteuid():
            return None
        data = os.read(opened.fd, FILE_CAP + 1)
    finally:
        os.close(opened.fd)
    return data if len(data) <= FILE_CAP else None


def _registered(path: str, pid: int, data: bytes) -> Registered | None:
    record = parse(data)
    session = _short(record.get("sessionId"))
    if record.get("pid") != pid or isinstance(record.get("pid"), bool) or session is None:
        return None
    status = text(record.get("status"))
    status = status if status in STATUSES else None
    started_ms = number(record.get("startedAt"))
    return Registered(
        path=path,
        pid=pid,
        session=session,
        cwd=_short(record.get("cwd")),
        proc_start=_proc_start(record.get("procStart")),
        started=None if started_ms is None else started_ms / 1000,
        status=status,
        waiting_for=_short(record.get("waitingFor")) if status == "waiting" else None,
        domain=_short(record.get("pidDomain")),
    )


def _short(value: object) -> str | None:
    words = text(value)
    return words if words is not None and len(words) <= TEXT_CAP else None


def _proc_start(value: object) -> str | None:
    """The client writes a text of digits on Linux; a number would mean the same."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return str(value)
    return _short(value)
