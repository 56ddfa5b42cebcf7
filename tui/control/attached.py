"""Finds out whether somebody may be at the pane of a lane.

An answer could open another question there while they type.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psutil

from tui.agents.process import SHARED_DAEMON
from tui.agents.process_table import environment_of
from tui.agents.registry import find
from tui.control.context import VerbContext
from tui.control.routes.signals import terminal_of
from tui.control.routes.tmux.client import Pane, pane_above
from tui.model.frozen import frozen


@frozen
class Watchers:
    """The persons who could answer in the pane of a lane. `somebody` is False only if there is certainly nobody."""

    somebody: bool
    words: str


def watchers_of(context: VerbContext) -> Watchers:
    """The persons at the pane of the lane's client.

    Somebody counts as being there if the keys of an attached terminal go to the pane: its session is attached, and it
    is the active pane of the session's current window.
    """
    process = context.main.process
    if process is None:
        return Watchers(True, "its process is not known, so nobody can tell whether somebody is at its pane")
    if process.is_worker:
        return Watchers(False, "a lane of the demo has no pane, so nobody is at it")
    if process.source == SHARED_DAEMON:
        return _of_daemon(context, process.viewers)
    pane = pane_above(process.pid, context.around.panes)
    if pane is None:
        why = (
            "it runs outside tmux"
            if not context.around.no_tmux
            else f"its terminal is not known ({context.around.no_tmux})"
        )
        return Watchers(True, f"{why}, so nobody can tell whether somebody is at its terminal")
    return _of_pane(pane)


def _of_pane(pane: Pane) -> Watchers:
    if pane.takes_keys:
        return Watchers(True, f"somebody is at its pane {pane.id} (session {pane.session})")
    return Watchers(False, f"nobody is at its pane {pane.id}")


def _of_daemon(context: VerbContext, viewers: tuple[str, ...] | None) -> Watchers:
    """The persons who could answer in a thread of a daemon, which any of the daemon's clients can show."""
    if viewers == ():
        return Watchers(False, "no client shows it")
    panes = [pane_above(pid, context.around.panes) for pid in clients_of(context.lane.agent, context.main.path)]
    if not panes or None in panes:
        return Watchers(True, "a client outside tmux may show it, so nobody can tell whether somebody is there")
    there = next((pane for pane in panes if pane is not None and pane.takes_keys), None)
    return _of_pane(there) if there is not None else Watchers(False, "nobody is at the panes that may show it")


def clients_of(agent: str, transcript: str) -> Iterator[int]:
    """The processes of the agent's clients with a screen that may keep this transcript.

    A client of another home has another daemon. One whose homes are not known may have this one.
    """
    declared = find(agent)
    name = declared.start_command if declared is not None else agent
    real = Path(os.path.realpath(transcript))
    for process in psutil.process_iter(["name", "cmdline", "terminal", "status"]):
        words = cast("list[str]", process.info["cmdline"] or [])
        if process.info["name"] != name or "app-server" in words:
            continue
        # Not by psutil alone: it knows only the terminals that existed at its first call.
        if not process.info["terminal"] and terminal_of(process.pid) is None:
            continue
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue  # it has ended, and nobody can see its homes any more
        env = environment_of(process)
        if not env and _is_ending(process.pid):
            continue
        homes = declared.homes.find(env, Path(env["HOME"])) if declared is not None and "HOME" in env else [Path("/")]
        if any(real.is_relative_to(os.path.realpath(home)) for home in homes):
            yield process.pid


def _is_ending(pid: int) -> bool:
    """Whether the process has ended, or is about to: then its memory, with its command line, is gone already."""
    try:
        return not psutil.Process(pid).cmdline()
    except psutil.AccessDenied:
        return False
    except psutil.Error:
        return True
