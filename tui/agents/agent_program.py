"""Finds which agent's program a process really runs: by the program file, never by a name, which anyone can choose.

A process is an agent only if the file that the kernel runs for it (`/proc/<pid>/exe`) is the agent's client: its
native program, or a JavaScript runtime with the client's own script. The files are recognised by a mark: a text that is
in every build of the client, and in no shell, interpreter or runtime. So a `sleep`, a script with a client's name, or
a shell whose prompt looks like the client's is no agent, whatever its name, folder and arguments are.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Sequence
from pathlib import Path

import psutil

from tui.agents.process import LINUX
from tui.agents.registry import AGENTS

RUNTIMES = frozenset({"node", "nodejs", "bun", "deno", "MainThread", "node-MainThread"})
"""Process names of JavaScript runtimes, which may run an agent's script; Node may be called `MainThread`."""

_RUNTIME_FILES = re.compile(r"\A(?:node|nodejs|bun|deno)(?:-?[0-9.]+)?(?:\.exe)?\Z")
_CACHED = 256

_known: dict[tuple[int, int, int, int, bytes], bool] = {}
"""Whether a file contains a mark, by device, inode, size, time of change (ns) and mark, so that each file is searched
once."""


def native_agent(name: str) -> str | None:
    """The agent whose native program has this process name; None if there is none."""
    return next((agent.name for agent in AGENTS if agent.program is not None and name in agent.program.names), None)


def apparent_agent(name: str, args: Sequence[str]) -> str | None:
    """The agent that a process appears to run, by its name or script; None if it appears to run none."""
    if agent := native_agent(name):
        return agent
    script = _script_of(args).replace("\\", "/") if name in RUNTIMES else ""
    known = _script_agent(f"/{script}")
    if known is not None:
        return known[0]
    return native_agent(script.rpartition("/")[2]) if "/bin/" in script else None


def certain_agent(pid: int, args: Sequence[str]) -> str | None:
    """The agent whose program the process certainly runs; None if it runs another program, or that is unknown.

    Costs a few file operations. Each program file is searched once.
    """
    name = _name_of(pid)
    for agent in AGENTS:
        program = agent.program
        if program is not None and name in program.names and _holds(exe_path(pid), program.mark):
            return agent.name
    if not _RUNTIME_FILES.match(_file_name(pid)):
        return None
    script = _real_script(pid, args)
    known = _script_agent(script)
    return known[0] if known is not None and _holds(script, known[1]) else None


def runs_agent(pid: int) -> bool:
    """Whether the process certainly runs an agent's program now. Checked directly before keys are sent to it."""
    try:
        return certain_agent(pid, psutil.Process(pid).cmdline()) is not None
    except (psutil.Error, ValueError, OverflowError):
        return False


def exe_path(pid: int) -> str:
    """A path under which the program file of the process can be opened.

    Empty if unknown. On Linux it stays valid after an update deleted the file.
    """
    if LINUX:
        return f"/proc/{pid}/exe"
    try:
        return psutil.Process(pid).exe()
    except (psutil.Error, OSError):
        return ""


def exe_id(pid: int) -> tuple[int, int]:
    """Device and inode of the running program file; zeros if unknown."""
    try:
        found = os.stat(exe_path(pid))  # noqa: PTH116 (hot path)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _name_of(pid: int) -> str:
    """The name of a process, as the kernel keeps it."""
    try:
        if LINUX:
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
        return psutil.Process(pid).name()
    except (psutil.Error, OSError):
        return ""


def _file_name(pid: int) -> str:
    """The name of the file that a process runs."""
    path = exe_path(pid)
    try:
        path = os.readlink(path) if LINUX else path  # noqa: PTH115
    except OSError:
        return ""
    return path.removesuffix(" (deleted)").rpartition(os.sep)[2]


def _script_agent(script: str) -> tuple[str, bytes] | None:
    """The agent whose script lies at this path, with the text that the script must hold."""
    for agent in AGENTS:
        program = agent.program
        if program is not None and program.script is not None and program.script.search(script):
            return agent.name, program.script_mark
    return None


def _script_of(args: Sequence[str]) -> str:
    return next((arg for arg in args[1:] if not arg.startswith("-")), "")


def _real_script(pid: int, args: Sequence[str]) -> str:
    """The real path of the script that a runtime runs; empty if there is none."""
    script = _script_of(args)
    if not script:
        return ""
    try:
        folder = psutil.Process(pid).cwd()
    except (psutil.Error, OSError):
        return ""
    return os.path.realpath(os.path.join(folder, script))  # noqa: PTH118


def _holds(path: str, mark: bytes) -> bool:
    """Whether the file at this path is a regular file that contains the mark (see `Program.mark`)."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        found = os.fstat(fd)
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, mark)
        if key not in _known:
            if len(_known) >= _CACHED:
                _known.clear()
            with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as content:
                _known[key] = content.find(mark) >= 0
        return _known[key]
    except (OSError, ValueError):  # the file is empty, or is not a regular file
        return False
    finally:
        os.close(fd)
