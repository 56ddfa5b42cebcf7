"""Which routes lead to a lane, how that is known, and why the others are shut."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from tui.agents.process import CWD, SHARED_DAEMON
from tui.control.codex_daemon import socket_of
from tui.control.folder import ControlFolder
from tui.control.gate_client import Session, key_of, sessions, waits
from tui.control.terminals import behind, takes_keys
from tui.control.tmux import DEEPEST, Pane, TmuxError, all_panes, pane_above
from tui.model.control import Route, RouteKind
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Lane, LaneState

GATED = ("claude", "codex")
"""The agents that have a gate."""
ALL = frozenset(Verb)
NOTHING: frozenset[Verb] = frozenset()


@frozen
class Ways:
    """What leads anywhere on this machine, looked up once for all lanes."""

    sessions: Mapping[str, Session] = field(default_factory=dict[str, Session])
    waiting: frozenset[str] = frozenset()
    """Keys of idle sessions that a knock would wake."""
    panes: Mapping[int, Pane] = field(default_factory=dict[int, Pane])
    """By the pid of the process that tmux started in them."""
    no_tmux: str = ""
    """Why no pane is known at all."""
    installed: bool = False
    """The gate lies in the folder: it was installed for some agent at some time."""


class Reach:
    """Looks the ways up. `list_panes` gives the panes of every tmux server of the user."""

    def __init__(self, folder: ControlFolder, list_panes: Callable[[], list[Pane]] = all_panes) -> None:
        self._folder = folder
        self._list_panes = list_panes

    def ways(self) -> Ways:
        """As they are now. Touches files and asks tmux; a few milliseconds."""
        known = sessions(self._folder)
        try:
            found, why = {pane.pid: pane for pane in self._list_panes()}, ""
        except TmuxError as error:
            found, why = {}, str(error)
        return Ways(
            known, frozenset(key for key in known if waits(self._folder, key)), found, why,
            (self._folder.path / "gate" / "gate.sh").exists(),
        )  # fmt: skip


def session_lane(lane: Lane, lanes: Mapping[str, Lane]) -> Lane:
    """The main lane of the session that a subagent runs in; the lane itself if it is one."""
    found = lane
    for _ in range(DEEPEST):
        if found.agent_id is None or found.parent is None or found.parent not in lanes:
            break
        found = lanes[found.parent]
    return found


def recording_words(lane: Lane, main: Lane) -> str:
    """Why a lane can only be read and no verb may touch it; empty if it is the operator's own.

    The one place in which control asks: no route leads to such a lane, no order is given or driven on it.
    """
    why = lane.recording or main.recording
    return f"it is a recording: {why}" if why else ""


def routes_of(lane: Lane, main: Lane, ways: Ways) -> tuple[Route, ...]:
    """Every kind of route to a lane, the strongest first. `main` is the lane of its session."""
    if why := recording_words(lane, main):
        return tuple(_shut(kind, why) for kind in RouteKind)
    return (_gate(lane, main, ways), _api(lane, main, ways), _tmux(lane, main, ways), _process(lane, main))


def codex_home(lane: Lane) -> Path | None:
    """The Codex home that a transcript lies in."""
    head, found, _ = lane.path.rpartition("/sessions/")
    return Path(head) if found and head else None


def socket_path(lane: Lane) -> Path | None:
    """The daemon's socket for a lane whose loop lives in a daemon; None if it does not, or there is none."""
    home = codex_home(lane)
    if lane.process is None or lane.process.source != SHARED_DAEMON or home is None:
        return None
    socket = socket_of(home)
    return socket if socket.exists() else None


def ended_words(lane: Lane) -> str:
    """Why nothing is given to a session that has ended, with what a person may type to go on with it.

    lanewatch starts no run of its own: that would run the hooks and settings of a folder that a transcript names,
    without the question whether it is trusted that the client asks a person first.
    """
    folder = lane.first_cwd
    if key_of(lane.agent, lane.session) is None or folder is None or not folder.isprintable():
        return "it has ended: go on with it in its own client, in the folder where it began"
    command = {"claude": "claude --resume", "codex": "codex resume"}[lane.agent]
    return f"it has ended: go on with it yourself: cd {shlex.quote(folder)} && {command} {lane.session}"


def is_over(lane: Lane) -> bool:
    """True if no process runs it any more."""
    return lane.process is None and lane.state in (LaneState.ENDED, LaneState.CLOSED)


def _gate(lane: Lane, main: Lane, ways: Ways) -> Route:
    key = key_of(lane.agent, main.session)
    if lane.agent not in GATED or key is None:
        return _shut(RouteKind.GATE, f"no gate is known for {lane.agent or 'this agent'}")
    session = ways.sessions.get(key)
    if session is None:
        why = "it has not asked the gate: it began before that was installed, or its hooks are not trusted"
        return _shut(RouteKind.GATE, why if ways.installed else f"no gate: `lanewatch install {lane.agent}`")
    if is_over(main) or not session.lives:
        return _shut(RouteKind.GATE, "the process that asked the gate has gone")
    if session.transcript is not None and not _same_file(session.transcript, main.path):
        return _shut(RouteKind.GATE, "the session of that id that asked the gate writes another transcript")
    if not lane.busy and lane.agent_id is None:
        if key in ways.waiting:
            return Route(RouteKind.GATE, ALL, "between turns; a hook waits to be woken")
        return Route(
            RouteKind.GATE, frozenset((Verb.PAUSE, Verb.RESUME)), "between turns: its next prompt asks the gate"
        )
    who = f"subagent {lane.agent_id} can be told apart" if lane.agent_id else "it asks before each tool and model call"
    return Route(RouteKind.GATE, ALL, who)


def _api(lane: Lane, main: Lane, ways: Ways) -> Route:
    if lane.agent == "codex" and main.process is not None and main.process.source == SHARED_DAEMON:
        if socket_path(main) is None:
            return _shut(RouteKind.API, "its loop lives in a daemon whose socket is not where it should be")
        return Route(RouteKind.API, ALL, "the socket of the daemon that its loop lives in")
    if lane.agent_id is not None:
        return _shut(RouteKind.API, "a subagent has no door of its own")
    if lane.agent in GATED and is_over(lane):
        return _shut(RouteKind.API, ended_words(lane))
    return _shut(RouteKind.API, "its client has no socket of its own")


def _tmux(lane: Lane, main: Lane, ways: Ways) -> Route:
    if main.process is None:
        return _shut(RouteKind.TMUX, "no live process of it is known")
    if main.process.source == SHARED_DAEMON:
        return _shut(RouteKind.TMUX, "its loop lives in a daemon: no pane is certain to be its own")
    if ways.no_tmux:
        return _shut(RouteKind.TMUX, ways.no_tmux)
    pane = pane_above(main.process.pid, ways.panes)
    if pane is None:
        return _shut(RouteKind.TMUX, "its process is in no tmux pane")
    if main.process.source == CWD:
        return _shut(RouteKind.TMUX, f"pane {pane.id} only seems to be its own (by its folder alone)")
    if why := behind(main.process.pid, pane.id, pane.tty):
        return _shut(RouteKind.TMUX, why)
    if not takes_keys(pane.tty):
        return _shut(RouteKind.TMUX, f"it reads no keys in pane {pane.id}: it runs without a screen of its own")
    return Route(RouteKind.TMUX, ALL, f"pane {pane.id} of session {pane.session} shows it")


def _process(lane: Lane, main: Lane) -> Route:
    process = main.process
    if process is None or process.start is None:
        return _shut(RouteKind.PROCESS, "no live process of it is known")
    if process.source == SHARED_DAEMON:
        return _shut(RouteKind.PROCESS, "the daemon serves other threads too: it is never signalled")
    if process.source == CWD:
        return _shut(RouteKind.PROCESS, f"process {process.pid} only seems to be its own (by its folder alone)")
    return Route(
        RouteKind.PROCESS,
        frozenset((Verb.PAUSE, Verb.RESUME, Verb.CLOSE)),
        f"process {process.pid}, by {process.source}",
    )


def _same_file(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _shut(kind: RouteKind, why: str) -> Route:
    return Route(kind, NOTHING, why)
