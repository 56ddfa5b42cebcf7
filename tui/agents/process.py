"""Examines single processes of this machine, and declares how those of an agent are recognised.

No program is started for this. On Linux `/proc` is read directly, since that is several times cheaper than a general
library; elsewhere psutil is used. A process that vanishes while it is examined, or may not be examined, is left out.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import psutil

from tui.model.snapshot import ProcessFact

LINUX = sys.platform == "linux"

REGISTRY = "registry"
OPEN_FILE = "open file"
SHARED_DAEMON = "open file of a shared daemon"
"""The daemon lives, which does not show that this thread does anything."""
CWD = "cwd"

_STAT_BYTES = 2048


class Sight(NamedTuple):
    """One look at a process. Two looks with equal `start` saw the same process, even if its id was reused between."""

    name: str
    parent: int
    start: str
    """Its start: on Linux in clock ticks since boot (field 22 of `/proc/<pid>/stat`), else in seconds UTC."""


@dataclass(frozen=True, slots=True)
class AgentProcess:
    """A live process of this user that runs a known agent."""

    pid: int
    agent: str
    """The agent's name in the registry."""
    start: str
    """The identity of the process: see `identity`."""
    cwd: str | None
    shared: bool
    """True for a daemon that many sessions share. It may run while none of them does."""
    anywhere: bool = False
    """True if it was started to resume an older session, which may belong to any folder."""
    home: str | None = None
    """The real path of the folder in which it keeps its sessions, by the process's own environment; None: not known."""
    is_worker: bool = False
    """True if lanewatch started it to simulate an agent (for the demo)."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A registration that is not believed, and the reason in words for the operator."""

    path: str
    pid: int
    why: str
    foreign: bool = False
    """True if it was made on another machine or in another container. The processes there are not known here."""


class Processes(Protocol):
    """The live processes, as `LiveEvidence` uses them: see `process_table.ProcessTable`."""

    @property
    def agents(self) -> Mapping[int, AgentProcess]:
        """The agents that the last look saw, by process id."""
        ...

    def see(self, pid: int) -> Sight | None:
        """The process as seen at most since the last look began; None if there is none."""
        ...

    def agent(self, pid: int) -> AgentProcess | None:
        """Examines a process again. Returns the agent that it is now; None if it is none."""
        ...


class LiveEvidence(Protocol):
    """The evidence of an agent's live processes in its registrations, sockets and open files."""

    def look(self, table: Processes) -> list[ProcessFact]:
        """Facts that are certain, ordered by process id."""
        ...

    @property
    def stale(self) -> Sequence[Stale]:
        """Registrations that the last look did not believe."""
        ...

    @property
    def complete(self) -> Sequence[str]:
        """Folders of transcripts, ending in a separator, in which the last look saw every live session."""
        ...

    @property
    def unserved(self) -> Sequence[str]:
        """Folders of transcripts, ending in a separator, whose daemon has ended."""
        ...


def _no_home(_: Mapping[str, str]) -> str | None:
    return None


def _same_folder(_: Sequence[str], cwd: str | None) -> str | None:
    return cwd


def _no(_: Sequence[str]) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The facts by which an agent's processes are recognised, and the meaning of their arguments and environment."""

    names: frozenset[str]
    """Process names of the agent's native program, and file names of its script below a `bin` folder."""
    mark: bytes
    """A text that is in every build of the native program, and in no shell, interpreter or runtime."""
    script: re.Pattern[str] | None = None
    """The path of the agent's script for a JavaScript runtime, from a `/` on."""
    script_mark: bytes = b""
    """A text that is in every version of the script."""
    home_of: Callable[[Mapping[str, str]], str | None] = _no_home
    """The real path of the folder in which a process with this environment keeps its sessions."""
    folder_of: Callable[[Sequence[str], str | None], str | None] = _same_folder
    """The folder that a process works in, from its arguments and its working folder."""
    is_shared: Callable[[Sequence[str]], bool] = _no
    """Tells by the arguments whether it is a daemon that many sessions share."""
    is_anywhere: Callable[[Sequence[str]], bool] = _no
    """Tells by the arguments whether it resumes an older session, which may belong to any folder."""


def see(pid: int) -> Sight | None:
    """Examines one process; None if there is none, or it may not be examined."""
    return _see_in_proc(pid) if LINUX else _see_by_psutil(pid)


def identity(pid: int) -> str | None:
    """The identity of the process that has this id now. Equal identities: the same process, even if the clock was set.

    On Linux the kernel's start ticks and the id of this boot. Elsewhere (macOS) it is the start time that psutil gives.
    There, if the clock is set, one process may seem to be another, but two processes never seem to be one. None if
    there is no such process, or it has ended and its parent has not yet waited for it.
    """
    sight = see(pid)
    return None if sight is None else identity_of(sight)


def identity_of(sight: Sight) -> str:
    """The identity of a process that was seen like this: see `identity`."""
    return f"{sight.start}@{_boot_id()}" if LINUX else sight.start


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def open_paths(pid: int) -> list[str]:
    """Paths of the files that a process has open; empty if it may not be examined."""
    try:
        if not LINUX:
            return [each.path for each in psutil.Process(pid).open_files()]
        folder = f"/proc/{pid}/fd"
        return list(_links(f"{folder}/{fd}" for fd in os.listdir(folder)))  # noqa: PTH208 (hot path)
    except (psutil.Error, OSError):
        return []


def _see_in_proc(pid: int) -> Sight | None:
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            stat = os.read(fd, _STAT_BYTES)
        finally:
            os.close(fd)
    except OSError:
        return None
    # The name may contain spaces and brackets: the last bracket ends it. The next field is field 3.
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


def _links(paths: Iterable[str]) -> Iterable[str]:
    for path in paths:
        try:
            yield os.readlink(path)  # noqa: PTH115 (hot path)
        except OSError:
            continue  # closed since it was listed
