"""The agent's own interface as a route: the socket of the daemon that runs the lane."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from tui.agents.daemon import Daemon, DaemonError, Thread
from tui.agents.process import CWD, SHARED_DAEMON
from tui.agents.registry import find, has_hooks
from tui.control.folder import ControlFolder
from tui.control.refused import Refused
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.headless import ended_words
from tui.control.subjects import is_over
from tui.model.control import Route, RouteKind
from tui.model.pending import Answer, PendingRequest
from tui.model.snapshot import Lane


class DaemonRoute(RouteDriver):
    """A daemon serves many threads: requests to it name one thread, and it never receives a signal."""

    kind = RouteKind.API
    doc = "the socket of the agent's daemon"
    place = 20
    ends_turn = True

    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """See `RouteDriver.probe`."""
        if _daemon_of(lane) is not None and self.runs(main):
            if socket_path(main) is None:
                return self.shut("its loop lives in a daemon, but the daemon's socket was not found")
            return self.open("the socket of the daemon that its loop lives in")
        if lane.agent_id is not None:
            return self.shut("subagents can't be controlled separately")
        if has_hooks(lane.agent) and is_over(lane):
            return self.shut(ended_words(lane))
        if main.busy and _is_lost(main):
            return self.shut(_lost_words(main))
        return self.shut("no API socket")

    def __init__(self, folder: ControlFolder) -> None:
        """See `RouteDriver`."""
        super().__init__(folder)
        self._heard: dict[str, tuple[Surroundings, tuple[PendingRequest, ...]]] = {}

    def pending(self, lane: Lane, main: Lane, around: Surroundings) -> tuple[PendingRequest, ...]:
        """See `RouteDriver.pending`. The daemon is asked at most once for each set of surroundings."""
        # A request belongs to a call that has no result yet.
        if lane.agent_id is not None or not lane.open_calls or not self.runs(main) or socket_path(main) is None:
            return ()
        heard = self._heard.get(main.session)
        if heard is None or heard[0] is not around:
            try:
                with _asked(main) as (daemon, socket):
                    heard = (around, daemon.pending(socket, main.session))
            except Refused:
                heard = (around, ())
            self._heard[main.session] = heard
        return tuple(replace(one, call=one.call or _call_of(lane, one)) for one in heard[1])

    def answer(self, main: Lane, request: PendingRequest, answer: Answer, order: str) -> str:
        """See `RouteDriver.answer`."""
        del order
        with _asked(main) as (daemon, socket):
            return daemon.answer(socket, main.session, request, answer)

    @staticmethod
    def runs(main: Lane) -> bool:
        """True if the lane runs in a daemon."""
        return main.process is not None and main.process.source == SHARED_DAEMON

    def thread(self, main: Lane) -> Thread:
        """The lane's thread as its daemon reports it.

        Raises:
            Refused: the daemon cannot be asked, or has no such thread.
        """
        with _asked(main) as (daemon, socket):
            thread = daemon.thread(socket, main.session)
        if thread is None:
            raise Refused("its daemon has no such thread")
        return thread

    def end_turn(self, main: Lane) -> str:
        """See `RouteDriver.end_turn`."""
        thread = self.thread(main)
        if thread.turn is None:
            raise Refused("between turns: there is nothing to interrupt")
        with _asked(main) as (daemon, socket):
            return daemon.interrupt(socket, thread.id, thread.turn)

    def tell(self, main: Lane, text: str) -> str:
        """See `RouteDriver.tell`."""
        thread = self.thread(main)
        with _asked(main) as (daemon, socket):
            if thread.turn is not None:
                return daemon.steer(socket, thread.id, thread.turn, text)
            return daemon.start_turn(socket, thread.id, text)

    def empty_queue(self, main: Lane) -> int | None:
        """Removes the messages that wait for later turns. Returns how many there were; None if that is unknown.

        Raises:
            Refused: the daemon cannot be asked.
        """
        with _asked(main) as (daemon, socket):
            return daemon.clear_queue(socket, main.session)

    def end_commands(self, main: Lane) -> int | None:
        """Ends the commands that the thread's tool calls left running.

        Returns how many; None if the daemon does not report it.

        Raises:
            Refused: the daemon cannot be asked.
        """
        with _asked(main) as (daemon, socket):
            return daemon.end_commands(socket, main.session)


def _call_of(lane: Lane, request: PendingRequest) -> str | None:
    """The call of a request that states none, if only one call of its tool has no result yet."""
    calls = [call.call for call in lane.open_calls if call.tool == request.tool]
    return calls[0] if len(calls) == 1 else None


def socket_path(lane: Lane) -> Path | None:
    """The socket of the daemon that runs the lane; None if it runs in no daemon, or there is no socket."""
    daemon = _daemon_of(lane)
    if daemon is None or lane.process is None or lane.process.source != SHARED_DAEMON:
        return None
    return daemon.socket_at(lane.path)


def _lost_words(main: Lane) -> str:
    daemon = _daemon_of(main)
    if daemon is not None and daemon.has_ended(main.path):
        return "its daemon has ended: nothing runs its loop"
    return "its daemon has closed its transcript, as it does on a full disk: no way to it until it can write again"


def _is_lost(main: Lane) -> bool:
    """True if no process has the lane's transcript open, and its home has the socket of a daemon."""
    daemon = _daemon_of(main)
    is_held = main.process is not None and main.process.source != CWD
    return daemon is not None and not is_held and daemon.socket_at(main.path) is not None


def _daemon_of(lane: Lane) -> Daemon | None:
    agent = find(lane.agent)
    return agent.daemon if agent is not None else None


@contextlib.contextmanager
def _asked(main: Lane) -> Generator[tuple[Daemon, Path]]:
    """The daemon of a lane and its socket. Errors of the daemon become `Refused`."""
    daemon, socket = _daemon_of(main), socket_path(main)
    if daemon is None or socket is None:
        raise Refused("the socket of its daemon does not exist")
    try:
        yield daemon, socket
    except DaemonError as error:
        raise Refused(str(error)) from error
