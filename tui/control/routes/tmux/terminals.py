"""Finds the process that would read the keys of a terminal, just before keys are sent.

The kernel gives a key to the first process of the foreground process group that reads. A client that runs an editor
waits for it in the same group, so the group alone is not enough: the processes that have the terminal open for reading
are checked. A client with a screen reads single keys. A client without a screen reads none, and the shell would read
them when the client ends.
"""

from __future__ import annotations

import os
import subprocess
import termios
import time
from pathlib import Path

import psutil

from tui.control.routes.signals import Terminal, terminal_of

TWIN_S, TWIN_LOOKS = 0.05, 2
OWN_TERMINAL = "/dev/tty"
"""The device that is, for each process, the terminal that it runs in."""
OUTPUTS = frozenset({"1", "2"})
_LOCAL_FLAGS = 3
"""The index of the flags with ICANON in the result of `termios.tcgetattr`."""


def terminal_at(pid: int, tty: str) -> Terminal | None:
    """The terminal of the process if it is `tty`; None if it has another or none."""
    found = terminal_of(pid)
    try:
        # Compared by number, not by name: psutil caches the names of the terminals that existed at its first call.
        return found if found is not None and os.stat(tty).st_rdev == found.device else None  # noqa: PTH116
    except OSError:
        return None


def unreachable_reason(client: int, pane: str, tty: str) -> str:
    """The reason why keys for a pane would not reach the client's process group; empty if they would.

    A client that runs in the background, or was stopped by ^Z, has the shell in the foreground.
    """
    terminal = terminal_at(client, tty)
    if terminal is None:
        return f"pane {pane} began it, but it has another terminal, or none"
    try:
        group = os.getpgid(client)
    except OSError:
        return "the client has gone"
    if terminal.front != group:
        return f"the client is not in front in pane {pane}: another program would get the keys"
    if _stands_still(client):
        return f"the client in pane {pane} was stopped: if it ends like that, a shell finds the keys there"
    return ""


def _stands_still(pid: int) -> bool:
    """True if a signal has stopped the process. A wrapper that started it may not notice and stay in the foreground."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def takes_keys(tty: str) -> bool:
    """True if a program reads single keys from the terminal, as all clients with a screen do."""
    try:
        opened = os.open(tty, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return not termios.tcgetattr(opened)[_LOCAL_FLAGS] & termios.ICANON
    except termios.error:
        return False
    finally:
        os.close(opened)


def other_reader(client: int, tty: str) -> int | None:
    """A process of the client's group, other than the client, that may read the terminal's keys; None if there is none.

    A wrapper that started the client waits for it and reads nothing, so the client's ancestors are ignored. A tool that
    is just being started shares the client's terminal for a moment, so only a process that is still there after
    `TWIN_S` counts.
    """
    found = _readers(client, tty)
    for _ in range(TWIN_LOOKS):
        if not found:
            return None
        time.sleep(TWIN_S)
        found &= _readers(client, tty)
    return min(found, default=None)


def _readers(client: int, tty: str) -> set[int]:
    try:
        group = os.getpgid(client)
    except OSError:
        return set()
    try:
        calm = {client, *(process.pid for process in psutil.Process(client).parents())}
    except psutil.Error:
        calm = {client}
    return {pid for pid in _members(group) if pid not in calm and may_read(pid, tty)}


def may_read(pid: int, tty: str) -> bool:
    """True if a process may read the terminal: it has it open other than for output, or this cannot be checked.

    Programs that ask for a password or show pages (ssh, sudo, less) open `/dev/tty` and read it, whatever their
    standard input is. Output and error output are ignored: helpers inherit them and read neither.
    """
    folder = Path(f"/proc/{pid}/fd")
    if not Path("/proc/self/fd").exists():
        return _may_read_by_lsof(pid, tty)
    try:
        terminals = {os.stat(name).st_rdev for name in (tty, OWN_TERMINAL)}  # noqa: PTH116
        return any(_device(opened) in terminals for opened in folder.iterdir() if opened.name not in OUTPUTS)
    except FileNotFoundError:  # the process has ended
        return False
    except OSError:
        return True


def _device(opened: Path) -> int | None:
    """The device of an open file of a process; None if it was closed in the meantime."""
    try:
        return opened.stat().st_rdev
    except FileNotFoundError:
        return None


def _may_read_by_lsof(pid: int, tty: str) -> bool:
    """As `may_read`, without /proc (macOS)."""
    try:
        done = subprocess.run(
            ["lsof", "-a", "-p", str(pid), "-d", "^1,^2", "-Fn"],
            capture_output=True, text=True, check=False, timeout=2,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return True
    return not {f"n{tty}", f"n{OWN_TERMINAL}"}.isdisjoint(done.stdout.splitlines())


def _members(group: int) -> list[int]:
    found: list[int] = []
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == group:
                found.append(pid)
        except OSError:
            continue
    return found
