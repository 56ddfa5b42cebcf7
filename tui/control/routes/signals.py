"""Signals to an agent's own process: interrupt, terminate, freeze, unfreeze. Never to a process that reused its pid.

On Linux a pidfd is opened first. Then the process's identity is compared (start ticks of the kernel and the boot id,
never a clock time), so the process that was checked is the one that is signalled. Elsewhere the identity is compared
just before the signal, with what `process_table.identity` offers there. Only the client is signalled: it ends its own
tools, as was observed with both Claude Code and Codex.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator

import psutil

from tui.agents.process import identity
from tui.model.frozen import frozen

FREEZE_S = 120.0
"""Seconds after which a frozen lane continues by itself, because a stopped process keeps its locks, and its requests
may be paid twice."""
MOST_PROCESSES = 512


class SignalRefused(Exception):
    """The reason why nothing was sent, as one line."""


@frozen
class Target:
    """A process at the time of the operator's decision: its pid and its identity (see `process_table.identity`)."""

    pid: int
    start: str


@frozen
class Freeze:
    """Stopped processes, and the watchdog process that continues them if nothing else does."""

    target: Target
    members: tuple[Target, ...]
    watchdog: subprocess.Popen[bytes]


def interrupt(target: Target) -> None:
    """Sends SIGINT to the process itself.

    Raises:
        SignalRefused: it has ended, was replaced by another, belongs to another user, or may not be signalled.
    """
    with opened(target) as handle:
        handle.send(signal.SIGINT)


def terminate(target: Target) -> None:
    """Sends SIGTERM to the process itself, then SIGCONT: a stopped process would not receive SIGTERM.

    Raises:
        SignalRefused: see `interrupt`.
    """
    with opened(target) as handle:
        handle.send(signal.SIGTERM)
        with contextlib.suppress(SignalRefused):
            handle.send(signal.SIGCONT)


def wait_for_end(target: Target, seconds: float) -> bool:
    """True if the process ends within this many seconds."""
    end = time.monotonic() + seconds
    while True:
        if not is_alive(target):
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)


def is_alive(target: Target) -> bool:
    """True while the process runs. A process that has ended and was not yet collected by its parent does not run."""
    return identity(target.pid) == target.start


def tree(target: Target) -> tuple[Target, ...]:
    """The process and all its descendants, itself first."""
    try:
        if not is_alive(target):
            return ()
        found = [target]
        for child in psutil.Process(target.pid).children(recursive=True)[:MOST_PROCESSES]:
            start = identity(child.pid)
            if start is not None:
                found.append(Target(child.pid, start))
        return tuple(found)
    except (psutil.Error, ValueError, OverflowError):
        return ()


def freeze(target: Target, seconds: float = FREEZE_S) -> Freeze:
    """Stops a process and its descendants for at most this many seconds.

    A watchdog process in a session of its own continues them when the time is over, or as soon as lanewatch ends.

    Raises:
        SignalRefused: see `interrupt`; or the process is the first one of a terminal (tmux would continue it).
    """
    with opened(target):
        _refuse_terminal(target)
        watchdog = subprocess.Popen(
            [sys.executable, "-m", "tui.control.routes.unfreeze_watchdog", str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        stopped: dict[int, Target] = {}
        for _ in range(5):  # a process may have a new child while the others are being stopped
            new = [member for member in tree(target) if member.pid not in stopped]
            if not new:
                break
            for member in new:
                stopped[member.pid] = member
                _tell(watchdog, member)
                with contextlib.suppress(SignalRefused), opened(member) as one:
                    one.send(signal.SIGSTOP)
        frozen = Freeze(target, tuple(stopped.values()), watchdog)
        if not stopped or watchdog.poll() is not None:
            unfreeze(frozen)
            raise SignalRefused("the watchdog that would let it go on again did not start: it was not frozen")
    return frozen


def unfreeze(frozen: Freeze) -> None:
    """Continues all frozen processes, children first, and lets the watchdog exit.

    Raises:
        SignalRefused: the process itself has ended.
    """
    for member in reversed(frozen.members):
        with contextlib.suppress(SignalRefused), opened(member) as handle:
            handle.send(signal.SIGCONT)
    if frozen.watchdog.stdin is not None:
        with contextlib.suppress(OSError):
            frozen.watchdog.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        frozen.watchdog.wait(5)
    if not is_alive(frozen.target):
        raise SignalRefused(f"process {frozen.target.pid} has gone")


def continue_tree(target: Target) -> None:
    """Continues a process and its descendants that another lanewatch stopped, children first.

    Raises:
        SignalRefused: see `interrupt`.
    """
    with opened(target) as handle:
        for member in reversed(tree(target)[1:]):
            with contextlib.suppress(SignalRefused), opened(member) as one:
                one.send(signal.SIGCONT)
        handle.send(signal.SIGCONT)


def is_stopped(target: Target) -> bool:
    """True while the process is stopped."""
    try:
        return is_alive(target) and psutil.Process(target.pid).status() == psutil.STATUS_STOPPED
    except (psutil.Error, ValueError, OverflowError):
        return False


class Handle:
    """A process that was identified while its pid could not be reused."""

    def __init__(self, target: Target, fd: int | None) -> None:
        self._target = target
        self._fd = fd

    def send(self, number: signal.Signals) -> None:
        """Sends the process a signal.

        Raises:
            SignalRefused: it has ended, or may not be signalled.
        """
        try:
            if self._fd is not None:
                signal.pidfd_send_signal(self._fd, number)
            else:
                _check_same(self._target)
                os.kill(self._target.pid, number)
        except ProcessLookupError as error:
            raise SignalRefused(f"process {self._target.pid} has gone") from error
        except OSError as error:
            raise SignalRefused(f"process {self._target.pid} cannot be signalled: {error.strerror}") from error


@contextlib.contextmanager
def opened(target: Target) -> Generator[Handle]:
    """Identifies the process, and holds it so that its pid cannot be reused.

    Raises:
        SignalRefused: it has ended, another process has its pid, it belongs to another user, or lanewatch runs in it.
    """
    if target.pid <= 1 or target.pid == os.getpid() or target.pid in _ancestors():
        raise SignalRefused(f"process {target.pid} is not an agent: lanewatch itself runs in it")
    fd = None
    try:
        if hasattr(os, "pidfd_open"):
            fd = os.pidfd_open(target.pid)
        _check_same(target)
        yield Handle(target, fd)
    except ProcessLookupError as error:
        raise SignalRefused(f"process {target.pid} has gone") from error
    except OSError as error:
        raise SignalRefused(f"process {target.pid} cannot be held: {error.strerror or error}") from error
    finally:
        if fd is not None:
            os.close(fd)


def _check_same(target: Target) -> None:
    try:
        start = identity(target.pid)
        if start is None:
            raise SignalRefused(f"process {target.pid} has gone")
        if start != target.start:
            raise SignalRefused(f"process {target.pid} is another one by now: the agent has gone")
        process = psutil.Process(target.pid)
        if hasattr(process, "uids") and process.uids().real != os.getuid():
            raise SignalRefused(f"process {target.pid} belongs to another user")
    except psutil.NoSuchProcess as error:
        raise SignalRefused(f"process {target.pid} has gone") from error
    except psutil.Error as error:
        raise SignalRefused(f"process {target.pid} cannot be looked at: {error}") from error


def _ancestors() -> set[int]:
    try:
        return {process.pid for process in psutil.Process().parents()}
    except psutil.Error:
        return set()


def _refuse_terminal(target: Target) -> None:
    """Refuses a process with a terminal, because tmux would continue it, or a shell would take its terminal."""
    if terminal_of(target.pid) is not None:
        raise SignalRefused("it has a terminal: the terminal would let it go on, or hand its keys to the shell")


@frozen
class Terminal:
    """The terminal of a process: its device number and its foreground process group."""

    device: int
    front: int


def terminal_of(pid: int) -> Terminal | None:
    """The terminal of a process; None if it has none or it is unknown. Without /proc (macOS), `ps` is run."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            fields = file.read(4096).rpartition(b")")[2].split()
        device, front = int(fields[4]), int(fields[5])
        return Terminal(device, front) if device and front > 0 else None
    except (OSError, ValueError, IndexError):
        return _terminal_by_ps(pid)


def _terminal_by_ps(pid: int) -> Terminal | None:
    try:
        done = subprocess.run(
            ["ps", "-o", "tty=,tpgid=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=2
        )
        name, front = done.stdout.split()
        return Terminal(os.stat(f"/dev/{name}").st_rdev, int(front))  # noqa: PTH116
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _tell(watchdog: subprocess.Popen[bytes], member: Target) -> None:
    if watchdog.stdin is not None:
        with contextlib.suppress(OSError):
            watchdog.stdin.write(f"{member.pid} {member.start}\n".encode())
            watchdog.stdin.flush()
