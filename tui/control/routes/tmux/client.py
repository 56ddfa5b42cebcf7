"""Finds the tmux pane in which a process runs, and brings it to the front. Types nothing and changes nothing else.

Each call of tmux has a time limit; call from a thread. `jump` and `pane_of` use only the server that lanewatch itself
runs in, because a pane of another server cannot be shown in this terminal. Arguments are lists and never pass through a
shell; they contain only lanewatch's own words and a pane's id as tmux printed it.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import psutil

from tui.agents.process import identity
from tui.model.frozen import frozen

TIMEOUT_S = 3.0
"""Seconds that tmux may take for one command. A machine full of agents needs more than one."""
MOST_SERVERS = 32
NEW_S = 10.0
"""Seconds in which a socket that refuses may belong to a server that is just beginning."""
DEEPEST = 64
"""Maximum number of processes between a pane's first process and an agent."""

NOT_INSIDE = "lanewatch does not run inside tmux, so it cannot switch panes"
NOT_INSTALLED = "tmux is not installed here"
NO_ANSWER = "tmux did not answer in time"

_PANE_ID = re.compile(r"\A%[0-9]{1,9}\Z")
_PID = re.compile(r"\A[0-9]{1,9}\Z")
_FORMATS = (
    "#{pane_id}",
    "#{pane_pid}",
    "#{pane_dead}",
    "#{pane_tty}",
    "#{session_name}",
    "#{window_index}",
    "#{window_name}",
    "#{pane_current_command}",
    "#{pane_title}",
    "#{session_attached}",
    "#{window_active}#{pane_active}",
)

Run = Callable[[Sequence[str]], str]
"""Runs one tmux command and returns its output. Raises `TmuxError`."""


_Mark = tuple[int, int, int]
_ended: dict[str, _Mark] = {}
"""The sockets that ended servers left behind, by path, with their marks: they are not asked again."""


class TmuxError(Exception):
    """The reason why tmux failed. It may quote tmux, so it is untrusted text for display."""


@frozen
class Pane:
    """One live pane. All fields but `id` and `pid` are untrusted text for display: programs choose names and titles."""

    id: str
    """The pane's id, such as `%7`: it stays the same when the pane is moved, and the server never uses it again."""
    pid: int
    """The process that tmux started in it, usually a shell."""
    tty: str
    session: str
    window: str
    """The number of the window in its session."""
    window_name: str = ""
    command: str = ""
    title: str = ""
    server: str = ""
    """The socket of its server, if several servers were asked."""
    takes_keys: bool = False
    """True if the keys of a terminal that is attached to the server go to it now."""


def run_tmux(args: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """Runs tmux on the server that this process runs in, as named by `TMUX` in the environment.

    Raises:
        TmuxError: lanewatch is not inside tmux, or tmux failed.
    """
    env = os.environ if env is None else env
    if not env.get("TMUX"):
        raise TmuxError(NOT_INSIDE)
    return _run(["tmux", "-u", *args], env)


def ask_server(server: str, args: Sequence[str], given: str | None = None, timeout_s: float | None = None) -> str:
    """Runs tmux on the server of a socket, whatever server this process runs in. `given` is its standard input.

    Raises:
        TmuxError: tmux failed, or did not answer in time.
    """
    return _run(["tmux", "-u", "-S", server, *args], os.environ, given, timeout_s)


def servers(env: Mapping[str, str] | None = None) -> list[str]:
    """The sockets of the user's tmux servers; the server that this process runs in comes first."""
    env = os.environ if env is None else env
    found: dict[str, None] = {}
    inside = env.get("TMUX", "").partition(",")[0]
    if inside and _answers(inside):
        found[inside] = None
    folder = os.path.join(env.get("TMUX_TMPDIR") or "/tmp", f"tmux-{os.getuid()}")  # noqa: PTH118, S108 (tmux's own)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        names = []
    paths = [os.path.join(folder, name) for name in names]  # noqa: PTH118
    for path in paths:
        if len(found) < MOST_SERVERS and _answers(path):
            found.setdefault(path)
    for path in _ended.keys() - set(paths):
        _ended.pop(path, None)  # another thread may look, too
    return list(found)


def _answers(path: str) -> bool:
    """True for a socket of the user with a running server. A server that has ended may leave its socket behind."""
    try:
        seen = os.lstat(path)
    except OSError:
        return False
    mark = seen.st_dev, seen.st_ino, seen.st_mtime_ns
    if not stat.S_ISSOCK(seen.st_mode) or seen.st_uid != os.geteuid() or _ended.get(path) == mark:
        return False
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(0.2)
            door.connect(path)
    except ConnectionRefusedError:
        if time.time() - seen.st_mtime > NEW_S:
            _ended[path] = mark
        return False
    except OSError:
        return False
    return True


def _run(
    command: Sequence[str], env: Mapping[str, str], given: str | None = None, timeout_s: float | None = None
) -> str:
    try:
        done = subprocess.run(
            command,
            check=False,
            env=env,
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=TIMEOUT_S if timeout_s is None else timeout_s,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError as error:
        raise TmuxError(NOT_INSTALLED) from error
    except subprocess.TimeoutExpired as error:
        raise TmuxError(NO_ANSWER) from error
    except (OSError, ValueError) as error:
        raise TmuxError(f"tmux cannot be run: {error}") from error
    if done.returncode:
        raise TmuxError(f"tmux: {done.stderr.strip()[:200] or f'failed with code {done.returncode}'}")
    return done.stdout


def all_panes() -> list[Pane]:
    """The live panes of all servers of the user.

    Raises:
        TmuxError: tmux is not installed, or no server runs.
    """
    known = servers()
    if not known:
        raise TmuxError("no tmux server of yours runs")
    found: list[Pane] = []
    for server in known:
        try:
            found += [replace(pane, server=server) for pane in panes(lambda args, at=server: ask_server(at, args))]
        except TmuxError:
            continue  # this server has just ended or does not answer; the other servers are still asked
    return found


def panes(run: Run = run_tmux) -> list[Pane]:
    """The live panes of the server, each once, in tmux's order.

    Raises:
        TmuxError: see `run_tmux`.
    """
    # A window's name may contain anything, even line breaks. The separator is random, so no name can contain it.
    between = secrets.token_hex(12)
    fields = run(["list-panes", "-a", "-F", between.join(["", *_FORMATS, ""])]).split(between)
    found: dict[str, Pane] = {}
    step = len(_FORMATS) + 1  # a line end separates two panes
    for first in range(1, len(fields) - len(_FORMATS), step):
        pane = _pane(fields[first : first + len(_FORMATS)])
        if pane is not None and (pane.id not in found or pane.takes_keys):
            found[pane.id] = pane  # a window that is linked into two sessions is listed twice
    return list(found.values())


def pane_of(pid: int, *, start: str | None = None, run: Run = run_tmux) -> Pane | None:
    """The pane whose first process is this process or an ancestor of it. None if there is no such pane or process.

    Args:
        pid: the process.
        start: its identity (`process_table.identity`). If given, a later process with the same pid is not
            accepted.
        run: runs tmux.

    Raises:
        TmuxError: see `run_tmux`.
    """
    by_pid = {pane.pid: pane for pane in panes(run)}
    if start is not None and identity(pid) != start:
        return None
    return pane_above(pid, by_pid)


def pane_above(pid: int, by_pid: Mapping[int, Pane]) -> Pane | None:
    """The pane in which a process runs, by its ancestors. `by_pid` maps the process that tmux started to its pane."""
    try:
        process: psutil.Process | None = psutil.Process(pid)
        for _ in range(DEEPEST):
            if process is None:
                return None
            if process.pid in by_pid:
                return by_pid[process.pid]
            process = process.parent()
    except (psutil.Error, ValueError, OverflowError):
        return None
    return None


def jump(pane: Pane, run: Run = run_tmux) -> None:
    """Shows the pane in the terminal in which lanewatch is shown, whatever session the pane is in.

    Raises:
        TmuxError: see `run_tmux`; or the pane no longer exists, or no terminal is attached.
    """
    if not _PANE_ID.match(pane.id):
        raise TmuxError("that is not a pane of tmux")
    target = ["-t", pane.id]
    run(["select-window", *target, ";", "select-pane", *target, ";", "switch-client", *target])


def _pane(fields: Sequence[str]) -> Pane | None:
    """A pane; None if it is dead (its pid may belong to another process) or its fields are not as expected."""
    pane_id, pid, dead, tty, session, window, window_name, command, title, attached, active = fields
    if not _PANE_ID.match(pane_id) or not _PID.match(pid) or int(pid) <= 1 or dead == "1":
        return None
    takes_keys = attached not in ("", "0") and active == "11"
    return Pane(pane_id, int(pid), tty, session, window, window_name, command, title, takes_keys=takes_keys)
