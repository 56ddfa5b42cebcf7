"""Which agent processes live now, looked at so cheaply that it can be done every other second beside a live screen.

Nothing is started for it. On Linux `/proc` is read directly, since that is several times cheaper than anything general;
elsewhere psutil is asked. A process that vanishes while it is looked at, or may not be looked at, is left out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psutil

TURNS = 5
"""Processes already known are looked at again in turns, each once in so many looks; new ones and agents always."""

GENERATIONS = 16
"""Ancestors that are looked at; more is a circle or damage."""

LINUX = sys.platform == "linux"

_NAMES = {"claude": "claude", "claude.exe": "claude", "codex": "codex", "codex.exe": "codex"}
_RUNTIMES = frozenset({"node", "nodejs", "bun", "deno", "MainThread", "node-MainThread"})
"""Names of processes that may run an agent's script: its path tells."""
_SCRIPTS = (
    (re.compile(r"(?:\A|/)@anthropic-ai/claude-(?:code|agent-sdk)/cli\.m?js\Z|/bin/claude\Z"), "claude"),
    (re.compile(r"(?:\A|/)@openai/codex/bin/codex\.js\Z|/bin/codex\Z"), "codex"),
)
_CD = frozenset({"-C", "--cd"})
_OLDER = frozenset({"resume", "fork"})
_STAT_BYTES = 2048


class Sight(NamedTuple):
    """One look at a process. Two looks with equal `start` saw the same process, whoever else had its id between."""

    name: str
    parent: int
    start: str
    """When it began: on Linux in clock ticks since boot (field 22 of `/proc/<pid>/stat`), else in seconds UTC."""


@dataclass(frozen=True, slots=True)
class AgentProcess:
    """A live process of this user that runs a known agent."""

    pid: int
    agent: str
    """claude or codex."""
    started: float | None
    """When it began, in seconds UTC."""
    cwd: str | None
    shared: bool
    """A daemon that many sessions share: that it lives says nothing of any one of them."""
    anywhere: bool = False
    """It was told to go on with an older session, which may be one of any folder."""


def see(pid: int) -> Sight | None:
    """Looks at one process; None if there is none that may be looked at."""
    return _see_in_proc(pid) if LINUX else _see_by_psutil(pid)


def open_paths(pid: int) -> list[str]:
    """Paths of the files that a process has open; empty if it may not be looked at."""
    try:
        if not LINUX:
            return [each.path for each in psutil.Process(pid).open_files()]
        folder = f"/proc/{pid}/fd"
        return list(_links(f"{folder}/{fd}" for fd in os.listdir(folder)))  # noqa: PTH208 (hot path)
    except (psutil.Error, OSError):
        return []


See = Callable[[int], Sight | None]
Pids = Callable[[], Iterable[int]]


class ProcessTable:
    """The agent processes of this user. Remembers what it has seen; ask it from one thread at a time."""

    def __init__(self, see: See = see, pids: Pids = psutil.pids) -> None:
        self._see = see
        self._pids = pids
        self._turn = 0
        self._known: dict[int, AgentProcess | None] = {}
        """What each process id was last seen to be; None: no agent."""
        self._judged: dict[int, Sight] = {}
        """As what those were seen that had to be examined to tell."""
        self._sights: dict[int, Sight | None] = {}
        """Seen since the last look began."""
        self._begun: dict[tuple[int, str], float | None] = {}

    def look(self) -> Mapping[int, AgentProcess]:
        """The agents that live now, by process id.

        One that took the place of another program (by `exec`, or by getting its id) may be noticed `TURNS` looks late.
        """
        self._turn += 1
        self._sights = {}
        now = {pid: self._known.get(pid) for pid in self._pids()}
        for pid, known in now.items():
            if known is not None or pid not in self._known or (pid + self._turn) % TURNS == 0:
                now[pid] = self._judge(pid)
        self._known = now
        self._judged = {pid: sight for pid, sight in self._judged.items() if pid in now}
        self._begun = {key: begun for key, begun in self._begun.items() if key[0] in now}
        return {pid: agent for pid, agent in now.items() if agent is not None}

    def see(self, pid: int) -> Sight | None:
        """The process as it was seen since the last look began; None if there is none."""
        if pid not in self._sights:
            self._sights[pid] = self._see(pid)
        return self._sights[pid]

    def started(self, pid: int, sight: Sight) -> float | None:
        """When the process that was seen so began, in seconds UTC; None if it is gone."""
        key = (pid, sight.start)
        if key not in self._begun:
            self._begun[key] = _create_time(pid)
        return self._begun[key]

    def ancestors(self, pid: int) -> list[int]:
        """Process ids of its parent, the parent's parent and so on, as far as may be seen."""
        found: list[int] = []
        sight = self.see(pid)
        while sight is not None and sight.parent > 1 and sight.parent not in found and len(found) < GENERATIONS:
            found.append(sight.parent)
            sight = self.see(sight.parent)
        return found

    def _judge(self, pid: int) -> AgentProcess | None:
        sight = self.see(pid)
        if sight is None or (sight.name not in _NAMES and sight.name not in _RUNTIMES):
            self._judged.pop(pid, None)
            return None
        before = self._judged.get(pid)
        if before is not None and (before.name, before.start) == (sight.name, sight.start):
            return self._known.get(pid)
        self._judged[pid] = sight
        return self._examine(pid, sight)

    def _examine(self, pid: int, sight: Sight) -> AgentProcess | None:
        """Costs several times more than a look, and is done once for each process."""
        try:
            process = psutil.Process(pid)
            if hasattr(os, "getuid") and process.uids().real != os.getuid():
                return None
            args = process.cmdline()
            agent = _NAMES.get(sight.name) or _agent_of_script(args)
            if agent is None:
                return None
            started = self.started(pid, sight)
            return AgentProcess(
                pid, agent, started, _folder(args, _cwd(process)), shared="app-server" in args[1:],
                anywhere=not _OLDER.isdisjoint(args[1:]),
            )  # fmt: skip
        except (psutil.Error, OSError):
            self._judged.pop(pid, None)  # perhaps it was just changing: its turn comes again
            return None


def _see_in_proc(pid: int) -> Sight | None:
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            stat = os.read(fd, _STAT_BYTES)
        finally:
            os.close(fd)
    except OSError:
        return None
    # The name may hold spaces and brackets: the last bracket ends it. What follows begins with field 3.
    name, found, rest = stat.partition(b"(")[2].rpartition(b")")
    fields = rest.split()
    if not found or len(fields) < 20 or fields[0] == b"Z":
        return None
    return Sight(name.decode("utf-8", "replace"), int(fields[1]), fields[19].decode())


def _see_by_psutil(pid: int) -> Sight | None:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return Sight(process.name(), process.ppid(), repr(process.create_time()))
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None


def _create_time(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None


def _cwd(process: psutil.Process) -> str | None:
    try:
        return process.cwd() or None
    except (psutil.Error, OSError):
        return None


def _folder(args: Sequence[str], cwd: str | None) -> str | None:
    """Where it works: Codex may be told so (`-C DIR`, `--cd DIR`), and stays where it was begun all the same."""
    for at, arg in enumerate(args[1:], 1):
        told = arg.partition("=")[2] if arg.startswith("--cd=") else args[at + 1 : at + 2] if arg in _CD else None
        if told:
            folder = told if isinstance(told, str) else told[0]
            return os.path.normpath(os.path.join(cwd, folder)) if cwd is not None else None  # noqa: PTH118
    return cwd


def _agent_of_script(args: Sequence[str]) -> str | None:
    script = next((arg for arg in args[1:] if not arg.startswith("-")), "").replace("\\", "/")
    return next((agent for pattern, agent in _SCRIPTS if pattern.search(script)), None)


def _links(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        try:
            yield os.readlink(path)  # noqa: PTH115 (hot path)
        except OSError:
            continue  # closed since it was listed
