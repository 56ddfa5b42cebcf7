"""Claude Code's live processes: how its program is recognised, and its list of running sessions.

The list is one file `sessions/<pid>.json` in its config folder, removed at exit. Fields, as the client writes them
(2.1.197 and 2.1.329): `pid`, `procStart`, `sessionId`, `cwd`, `startedAt` (ms), `kind`; newer also `status`,
`statusUpdatedAt`, `waitingFor`, and `pidDomain`, which names the machine and the process namespace. A client that was
killed leaves its file behind. Beside these files lie secrets (`<pid>.<hash>.key`), which are never opened. Files of
another user, and a folder of another user or behind a link, are ignored; files that others may write are not believed.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence

from tui.agents.process import LINUX, REGISTRY, Processes, Program, Sight, Stale
from tui.io.files import Refused, open_transcript
from tui.io.json_fields import number, parse, text
from tui.io.lines import BadLine
from tui.model.frozen import frozen
from tui.model.snapshot import ProcessFact

NAME = "claude"

FILE_CAP = 64 * 1024
"""In bytes. Real files are smaller than one KiB."""
FILES_CAP = 5000
TEXT_CAP = 4096
CLOCK_SLACK_S = 2.0
"""Without /proc (macOS), a process may seem to have begun this much later than its client states, in seconds."""
STATUSES = frozenset({"idle", "busy", "waiting"})

_SYSTEMS = frozenset({"linux", "darwin", "win32"})
_FILE = re.compile(r"\A([1-9][0-9]{0,9})\.json\Z")


@frozen
class Registered:
    """The claims of one file. Whether its process still lives is checked elsewhere. Texts are raw."""

    path: str
    pid: int
    session: str
    cwd: str | None
    proc_start: str | None
    started: float | None
    """The time at which the client registered, in seconds UTC."""
    status: str | None
    """idle, busy or waiting; None if the client states nothing, or an unknown word."""
    waiting_for: str | None
    domain: str | None
    is_open: bool = False
    """True if another user may write the file, or put another in its place."""


@frozen
class _Stamp:
    """A file is read again when any of this changes."""

    mtime_ns: int
    size: int
    inode: int
    is_open: bool
    """See `Registered.is_open`."""


class ClaudeRegistry:
    """Reads the files of one folder, each again only after it changed."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._cache: dict[int, tuple[_Stamp, Registered | None]] = {}

    def read(self) -> Mapping[int, Registered] | None:
        """The registrations by process id. None if there is no such folder, or it cannot be read.

        A file that is broken, too large or no regular file is ignored.
        """
        stamps = self._stamps()
        if stamps is None:
            return None
        cache: dict[int, tuple[_Stamp, Registered | None]] = {}
        for pid, stamp in stamps.items():
            known = self._cache.get(pid)
            cache[pid] = known if known is not None and known[0] == stamp else (stamp, self._load(pid, stamp))
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
                    match = _FILE.match(entry.name)
                    if match is None or len(stamps) >= FILES_CAP:
                        continue
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue  # removed since it was listed
                    is_open = _is_open_to_others(folder.st_mode, found.st_mode)
                    stamps[int(match[1])] = _Stamp(found.st_mtime_ns, found.st_size, found.st_ino, is_open)
        except OSError:
            return None
        return stamps

    def _load(self, pid: int, stamp: _Stamp) -> Registered | None:
        path = os.path.join(self.folder, f"{pid}.json")  # noqa: PTH118 (hot path)
        try:
            data = _read(path, self.folder)
            return _registered(path, pid, data, is_open=stamp.is_open) if data is not None else None
        except (Refused, OSError, BadLine):
            return None


def _is_open_to_others(folder: int, file: int) -> bool:
    """True if another user may write a file with such a mode in a folder with such a mode.

    Clients make the folder with mode 0700, and the file with the mode of the umask. So the group's right to write the
    file matters only if the group may enter the folder.
    """
    anybody = stat.S_IWGRP | stat.S_IWOTH
    return bool(folder & anybody or file & stat.S_IWOTH or (file & stat.S_IWGRP and folder & stat.S_IXGRP))


def _read(path: str, folder: str) -> bytes | None:
    """The file's content; None if it is too large or another user's."""
    opened = open_transcript(path, [os.path.realpath(folder)])
    try:
        if opened.stat.st_uid != os.geteuid():
            return None
        data = os.read(opened.fd, FILE_CAP + 1)
    finally:
        os.close(opened.fd)
    return data if len(data) <= FILE_CAP else None


def _registered(path: str, pid: int, data: bytes, *, is_open: bool) -> Registered | None:
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
        is_open=is_open,
    )


def _short(value: object) -> str | None:
    words = text(value)
    return words if words is not None and len(words) <= TEXT_CAP else None


def _proc_start(value: object) -> str | None:
    """The client writes digits as a text on Linux; a number is accepted too."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return str(value)
    return _short(value)


class ClaudeEvidence:
    """The registered sessions of the user's homes that are believed.

    A registration is believed only while the process that it names lives, is the same process (by the kernel's start
    ticks) and runs Claude Code's program.
    """

    def __init__(self, homes: Sequence[str]) -> None:
        """`homes`: places where transcripts are read.

        The list is searched beside each `projects` folder that is one of them, contains one of them or is directly
        below one.
        """
        configs = dict.fromkeys(config for home in homes if (config := _config_folder(home)) is not None)
        self._registries = {config: ClaudeRegistry(os.path.join(config, "sessions")) for config in configs}  # noqa: PTH118
        self._domain = _own_domain()
        self.stale: tuple[Stale, ...] = ()
        """Registrations that the last look did not believe."""
        self.complete: tuple[str, ...] = ()
        self.unserved: tuple[str, ...] = ()
        """Folders of transcripts in which the last look saw every live session, because no other machine's clients
        register there."""

    def look(self, table: Processes) -> list[ProcessFact]:
        """The believed sessions, by process id."""
        facts: list[ProcessFact] = []
        stale: list[Stale] = []
        complete: list[str] = []
        for config, registry in self._registries.items():
            entries = registry.read()
            if entries is None:
                continue
            transcripts = os.path.join(config, "projects", "")  # noqa: PTH118 (a separator at the end is the point)
            found = [self._check(entry, transcripts, table) for entry in entries.values()]
            facts += [one for one in found if isinstance(one, ProcessFact)]
            doubted = [one for one in found if isinstance(one, Stale)]
            stale += doubted
            if not any(one.foreign for one in doubted):
                complete.append(transcripts)
        self.stale = tuple(sorted(stale, key=lambda each: each.path))
        self.complete = tuple(complete)
        return sorted(facts, key=lambda fact: fact.pid)

    def _check(self, entry: Registered, transcripts: str, table: Processes) -> ProcessFact | Stale:
        if self._is_foreign(entry):
            return Stale(entry.path, entry.pid, "written on another machine or in another container", foreign=True)
        sight = table.see(entry.pid)
        if sight is None:
            return Stale(entry.path, entry.pid, "its process is gone")
        if entry.is_open:
            return Stale(entry.path, entry.pid, "other users may write it: it, or its folder, is open to them")
        if LINUX and entry.proc_start is None:
            return Stale(entry.path, entry.pid, "it does not say when its process began")
        if not _is_same(entry, sight):
            return Stale(entry.path, entry.pid, "its process is gone; another one has its id")
        agent = table.agent(entry.pid)
        if agent is None or agent.agent != NAME:
            return Stale(entry.path, entry.pid, "its process does not run Claude Code")
        if not agent.is_worker and agent.home != _config_of(entry.path):
            return Stale(entry.path, entry.pid, "its process keeps its sessions in another folder")
        return ProcessFact(
            pid=entry.pid, session=entry.session, transcript=None, cwd=entry.cwd, agent=NAME, status=entry.status,
            waiting_for=entry.waiting_for, start=agent.start, source=REGISTRY, home=transcripts,
            is_worker=agent.is_worker,
        )  # fmt: skip

    def _is_foreign(self, entry: Registered) -> bool:
        """Whether another machine registered it, by `pidDomain` such as `linux:<machine id>:pid:[4026531836]`.

        An id of another form says nothing.
        """
        system, _, rest = (entry.domain or "").partition(":")
        machine, _, namespace = rest.partition(":")
        if system in _SYSTEMS and system != sys.platform:
            return True
        if self._domain is None or not namespace.startswith("pid:["):
            return False
        own_machine, own_namespace = self._domain
        return namespace != own_namespace or own_machine not in ("", machine)


def _config_of(path: str) -> str:
    """The real path of the agent's folder that contains a registry file `sessions/<pid>.json`."""
    return os.path.realpath(os.path.join(path, os.pardir, os.pardir))  # noqa: PTH118


def _is_same(entry: Registered, sight: Sight) -> bool:
    """Whether the observed process is the one that registered.

    On Linux the kernel's start ticks decide. Elsewhere (macOS) the client's own value cannot be compared: a process
    that had begun before the client registered is accepted, since one that got a reused pid began later.
    """
    if LINUX:
        return entry.proc_start == sight.start
    try:
        return entry.started is not None and float(sight.start) <= entry.started + CLOCK_SLACK_S
    except ValueError:
        return False


def _config_folder(home: str) -> str | None:
    """Claude's config folder for a folder of transcripts, as a real path; None if there is none."""
    real = os.path.realpath(home)
    if os.path.isdir(os.path.join(real, "projects")):  # noqa: PTH112, PTH118
        return real
    while True:
        parent, name = os.path.split(real)
        if name == "projects":
            return parent
        if parent == real:
            return None
        real = parent


def _own_domain() -> tuple[str, str] | None:
    """This machine's id ("" if it has none) and our process namespace; None where there are no namespaces."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    except OSError:
        return None
    try:
        with open("/etc/machine-id", encoding="ascii") as file:  # noqa: PTH123
            return file.read(64).strip(), namespace
    except (OSError, ValueError):
        return "", namespace


def _home_of(environment: Mapping[str, str]) -> str | None:
    """The folder in which a Claude Code with this environment registers: `CLAUDE_CONFIG_DIR`, else `~/.claude`."""
    named, home = environment.get("CLAUDE_CONFIG_DIR"), environment.get("HOME")
    if not named and not home:
        return None
    return os.path.realpath(named or os.path.join(home or "", ".claude"))  # noqa: PTH118


PROGRAM = Program(
    names=frozenset({"claude", "claude.exe"}),
    mark=b"@anthropic-ai/claude-code",
    script=re.compile(r"/@anthropic-ai/claude-(?:code|agent-sdk)/cli\.m?js\Z"),
    script_mark=b"@anthropic-ai/claude-code",
    home_of=_home_of,
)
