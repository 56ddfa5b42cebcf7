"""Which agent processes live now, looked at so cheaply that it can be done every other second beside a live screen.

Nothing is started for it. On Linux `/proc` is read directly, since that is several times cheaper than anything general;
elsewhere psutil is asked. A process that vanishes while it is looked at, or may not be looked at, is left out. What
counts as an agent is told by the program file that runs: see `agent_program`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import psutil

from tui.agents.agent_program import LINUX, NAMES, RUNTIMES, exe_id, program_of, seems
from tui.model.frozen import frozen

TURNS = 5
"""Processes already known are looked at again in turns, each once in so many looks; new ones and agents always."""

GENERATIONS = 16
"""Ancestors that are looked at; more is a circle or damage."""

_CD = frozenset({"-C", "--cd"})
_OLDER = frozenset({"resume", "fork"})
_STAT_BYTES = 2048


class Sight(NamedTuple):
    """One look at a process. Two looks with equal `start` saw the same process, whoever else had its id between."""

    name: str
    parent: int
    start: str
    """When it began: on Linux in clock ticks since boot (field 22 of `/proc/<pid>/stat`), else in seconds UTC."""


@frozen
class AgentProcess:
    """A live process of this user that runs a known agent."""

    pid: int
    agent: str
    """claude or codex."""
    start: str
    """Which process it is: see `identity`."""
    cwd: str | None
    shared: bool
    """A daemon that many sessions share: that it lives says nothing of any one of them."""
    anywhere: bool = False
    """It was told to go on with an older session, which may be one of any folder."""
    home: str | None = None
    """The real path of the folder in which Claude Code keeps its sessions, by the process's own environment; None: it
    is not known, or it is another agent."""
    is_worker: bool = False
    """This program started it, to stand for Claude Code."""


def see(pid: int) -> Sight | None:
    """Looks at one process; None if there is none that may be looked at."""
    return _see_in_proc(pid) if LINUX else _see_by_psutil(pid)


def identity(pid: int) -> str | None:
    """Which process has this number now. Equal identities: the same process, whatever the clock was set to meanwhile.

    On Linux the kernel's start ticks and the id of this boot. Elsewhere (macOS) the start time that psutil gives, the
    only thing known there: a step of the clock may make one process seem another, never the other way round.
    None if there is no such process, or only what its parent has not yet waited for.
    """
    sight = see(pid)
    return None if sight is None else identity_of(sight)


def identity_of(sight: Sight) -> str:
    """The identity of a process that was seen so: see `identity`."""
    return f"{sight.start}@{_boot_id()}" if LINUX else sight.start


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


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
    """The agent processes of this user. Remembers what it has seen; ask it from one thread at a time.

    `workers` are child processes of this program that stand for Claude Code: the demo's. A child's number cannot become
    another's before its parent has waited for it.
    """

    def __init__(self, see: See = see, pids: Pids = psutil.pids, workers: Iterable[int] = ()) -> None:
        self._see = see
        self._pids = pids
        self._workers = frozenset(workers)
        self._turn = 0
        self._known: dict[int, AgentProcess | None] = {}
        """What each process id was last seen to be; None: no agent."""
        self._judged: dict[int, tuple[Sight, tuple[int, int]]] = {}
        """As what those were seen, and which file they ran, that had to be examined to tell."""
        self._sights: dict[int, Sight | None] = {}
        """Seen since the last look began."""
        self._doubtful: dict[int, str] = {}
        """Agents that processes seem to be by their names, and that nothing proves."""

    @property
    def doubtful(self) -> Mapping[int, str]:
        """The agent that a process seems to be by its name or script, without a proof that it is; by process id."""
        return self._doubtful

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
        self._judged = {pid: seen for pid, seen in self._judged.items() if pid in now}
        self._doubtful = {pid: agent for pid, agent in self._doubtful.items() if pid in now}
        return self.agents

    @property
    def agents(self) -> Mapping[int, AgentProcess]:
        """The agents as they were last seen, by process id."""
        return {pid: agent for pid, agent in self._known.items() if agent is not None}

    def see(self, pid: int) -> Sight | None:
        """The process as it was seen since the last look began; None if there is none."""
        if pid not in self._sights:
            self._sights[pid] = self._see(pid)
        return self._sights[pid]

    def agent(self, pid: int) -> AgentProcess | None:
        """The agent that a process is now, looked at anew; None if it is none."""
        self._known[pid] = self._judge(pid)
        return self._known[pid]

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
        if sight is not None and pid in self._workers:
            return AgentProcess(pid, "claude", identity_of(sight), None, shared=False, is_worker=True)
        if sight is None or (sight.name not in NAMES and sight.name not in RUNTIMES):
            self._judged.pop(pid, None)
            self._doubtful.pop(pid, None)
            return None
        # A program that takes the place of another keeps number and start: the file that runs tells them apart.
        seen = sight, exe_id(pid)
        before = self._judged.get(pid)
        if before is not None and (before[0].name, before[0].start, before[1]) == (sight.name, sight.start, seen[1]):
            return self._known.get(pid)
        self._judged[pid] = seen
        return self._examine(pid, sight)

    def _examine(self, pid: int, sight: Sight) -> AgentProcess | None:
        """Costs several times more than a look, and is done once for each process."""
        self._doubtful.pop(pid, None)
        try:
            process = psutil.Process(pid)
            if hasattr(os, "getuid") and process.uids().real != os.getuid():
                return None
            args = process.cmdline()
            agent = program_of(pid, args)
            if agent is None:
                if seeming := seems(sight.name, args):
                    self._doubtful[pid] = seeming
                return None
            return AgentProcess(
                pid, agent, identity_of(sight), _folder(args, _cwd(process)), shared="app-server" in args[1:],
                anywhere=not _OLDER.isdisjoint(args[1:]), home=_claude_home(process) if agent == "claude" else None,
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


def _claude_home(process: psutil.Process) -> str | None:
    """Where this Claude Code registers itself: `CLAUDE_CONFIG_DIR`, else `~/.claude` (2.1.197 and 2.1.329)."""
    try:
        env = process.environ()
    except (psutil.Error, OSError):
        return None
    named = env.get("CLAUDE_CONFIG_DIR")
    home = env.get("HOME")
    if not named and not home:
        return None
    return os.path.realpath(named or os.path.join(home or "", ".claude"))  # noqa: PTH118


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


def _links(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        try:
            yield os.readlink(path)  # noqa: PTH115 (hot path)
        except OSError:
            continue  # closed since it was listed
