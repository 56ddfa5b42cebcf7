"""Commands that an agent left running in the background. A pause stops the agent's loop, but not these commands."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

import psutil

SHOWN = 3
SHELLS = ("sh", "bash", "zsh", "dash")


def commands_left(client: int, gates: Iterable[int]) -> list[str]:
    """Names of commands that a client started and that still run, one name per terminal session; raw text.

    Both agents start each command in a terminal session of its own, and helpers such as MCP servers in the client's
    session. The hooks of the processes in `gates` are not counted as commands.
    """
    hooks = {pid for gate in gates for pid in (gate, *_above(gate))}
    try:
        own, root = os.getsid(client), psutil.Process(client)
        below = root.children(recursive=True)
    except (OSError, psutil.Error, ValueError):
        return []
    found: dict[int, str] = {}
    for process in below:
        with contextlib.suppress(OSError, psutil.Error):
            session = os.getsid(process.pid)
            if session == own or process.pid in hooks or session in hooks or process.status() == psutil.STATUS_ZOMBIE:
                continue
            # The shell is listed first, then the program that it runs.
            if found.get(session) in (None, *SHELLS):
                found[session] = process.name()
    return list(found.values())


def _above(pid: int) -> list[int]:
    try:
        return [process.pid for process in psutil.Process(pid).parents()]
    except (psutil.Error, ValueError):
        return []


def words_of(names: list[str]) -> str:
    """The text `2 commands in the background continue (sleep, node)`; empty if there are no names."""
    if not names:
        return ""
    what = "command in the background continues" if len(names) == 1 else "commands in the background continue"
    more = ", …" if len(names) > SHOWN else ""
    return f"{len(names)} {what} ({', '.join(names[:SHOWN])}{more})"
