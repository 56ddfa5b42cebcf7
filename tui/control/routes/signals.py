"""Signals to an agent's own process: interrupt, terminate, freeze, thaw. Never to a process that took its number.

On Linux a pidfd is opened first and the process's identity (the kernel's start ticks and the boot's id, never a time of
the clock) is compared after, so that what is signalled is what was looked at; elsewhere it is compared right before, by
what `process_table.identity` has there. Signals go to the client alone: it ends its own tools, and both
Claude Code and Codex were seen to do so.
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
"""A frozen lane thaws by itself after that: what stands still keeps its locks and may be paid twice."""
MOST_PROCESSES = 512


class SignalRefused(Exception):
    """Why nothing was sent, as one line."""


@frozen
class Target:
    """A process as it was known when the operator decided: its number and its identity (`process_table.identity`)."""

    pid: int
    start: str


@frozen
class Freeze:
    """Processes that stand still, and the guardian that lets them go on if nobody else does."""

    target: Target
    members: tuple[Target, ...]
    guardian: subprocess.Popen[bytes]


def interrupt(target: Target) -> None:
    """SIGINT to the process itself.

    Raises:
        SignalRefused: it is gone, another, not ours, or may not be signalled.
    """
    with opened(target) as handle:
        handle.send(signal.SIGINT)


def terminate(target: Target) -> None:
    """SIGTERM to the process itself; one that was stopped is let go on, or it would never read it.

    Raises:
        SignalRefused: see `interrupt`.
    """
    with opened(target) as handle:
        handle.send(signal.SIGTERM)
        with contextlib.suppress(SignalRefused):
            handle.send(signal.SIGCONT)


def wait_gone(target: Target, seconds: float) -> bool:
    """True once that very process has ended, if it does within so many seconds."""
    end = time.monotonic() + seconds
    while True:
        if not is_alive(target):
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)


def is_alive(target: Target) -> bool:
    """True while that very process runs. One that has ended and waits for its parent to look does not run."""
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
    """Stops a process and its descendants for so many seconds at most.

    A guardian in a session of its own thaws them when the time is over, and at once when we are gone.

    Raises:
        SignalRefused: see `interrupt`; or the process is the first one of a terminal (tmux lets such a one go on).
    """
    with opened(target):
        _refuse_terminal(target)
        guardian = subprocess.Popen(
            [sys.executable, "-m", "tui.control.routes.unfreeze_watchdog", str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        stopped: dict[int, Target] = {}
        for _ in range(5):  # a process may have a new child while its kin are being stopped
            new = [member for member in tree(target) if member.pid not in stopped]
            if not new:
                break
            for member in new:
                stopped[member.pid] = member
                _tell(guardian, member)
                with contextlib.suppress(SignalRefused), opened(member) as one:
                    one.send(signal.SIGSTOP)
        frozen = Freeze(target, tuple(stopped.values()), guardian)
        if not stopped or guardian.poll() is not None:
            thaw(frozen)
            raise SignalRefused("nobody could be set to let it go on again: it was not frozen")
    return frozen


def thaw(frozen: Freeze) -> None:
    """Lets them all go on, children first, and the guardian leave.

    Raises:
        SignalRefused: the process itself is gone.
    """
    for member in reversed(frozen.members):
        with contextlib.suppress(SignalRefused), opened(member) as handle:
            handle.send(signal.SIGCONT)
    if frozen.guardian.stdin is not None:
        with contextlib.suppress(OSError):
            frozen.guardian.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        frozen.guardian.wait(5)
    if not is_alive(frozen.target):
        raise SignalRefused(f"process {frozen.target.pid} has gone")


def go_on(target: Target) -> None:
    """Lets a process and its descendants go on that another lanewatch has stopped, children first.

    Raises:
        SignalRefused: see `interrupt`.
    """
    with opened(target) as handle:
        for member in reversed(tree(target)[1:]):
            with contextlib.suppress(SignalRefused), opened(member) as one:
                one.send(signal.SIGCONT)
        handle.send(signal.SIGCONT)


def is_stopped(target: Target) -> bool:
    """True while that very process stands still."""
    try:
        return is_alive(target) and psutil.Process(target.pid).status() == psutil.STATUS_STOPPED
    except (psutil.Error, ValueError, OverflowError):
        return False


class Handle:
    """A process that was looked at while it could not be exchanged for another."""

    def __init__(self, target: Target, fd: int | None) -> None:
        self._target = target
        self._fd = fd

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal.

        Raises:
            SignalRefused: it has gone, or may not be signalled.
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
    """The process, held so that its number cannot become another's.

    Raises:
        SignalRefused: it is gone, its number is another's, it is not the user's, or it is one of our own ancestors.
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
    """A terminal's first process is let go on by tmux at once; a shell's child gives the terminal back to the shell."""
    if terminal_of(target.pid) is not None:
        raise SignalRefused("it has a terminal: the terminal would let it go on, or hand its keys to the shell")


@frozen
class Terminal:
    """A process's terminal: its device number, and the process group in front of it."""

    device: int
    front: int


def terminal_of(pid: int) -> Terminal | None:
    """The terminal of a process; None if it has none, or nobody can tell. Without /proc (macOS) `ps` is asked."""
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


def _tell(guardian: subprocess.Popen[bytes], member: Target) -> None:
    if guardian.stdin is not None:
        with contextlib.suppress(OSError):
            guardian.stdin.write(f"{member.pid} {member.start}\n".encode())
            guardian.stdin.flush()
