"""The agent's own interface as a route: the socket of the daemon in which its loop lives."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from tui.agents.process import SHARED_DAEMON
from tui.control.refused import Refused
from tui.control.routes import codex_daemon
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.headless import GATED, ended_words
from tui.control.subjects import is_over
from tui.model.control import Route, RouteKind
from tui.model.snapshot import Lane

if TYPE_CHECKING:
    from tui.control.routes.codex_daemon import Thread


class DaemonRoute(RouteDriver):
    """A daemon serves many threads: it is asked for one of them, and never signalled."""

    kind = RouteKind.API
    place = 20
    ends_turn = True

    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """See `RouteDriver.probe`."""
        if lane.agent == "codex" and self.runs(main):
            if socket_path(main) is None:
                return self.shut("its loop lives in a daemon whose socket is not where it should be")
            return self.open("the socket of the daemon that its loop lives in")
        if lane.agent_id is not None:
            return self.shut("a subagent has no door of its own")
        if lane.agent in GATED and is_over(lane):
            return self.shut(ended_words(lane))
        return self.shut("its client has no socket of its own")

    @staticmethod
    def runs(main: Lane) -> bool:
        """True if the lane's loop lives in a daemon."""
        return main.process is not None and main.process.source == SHARED_DAEMON

    def thread(self, main: Lane) -> Thread:
        """The lane's thread as its daemon tells it.

        Raises:
            Refused: the daemon cannot be asked, or does not know it.
        """
        with _refusals():
            thread = codex_daemon.thread(_socket(main), main.session)
        if thread is None:
            raise Refused("its daemon does not know this thread")
        return thread

    def end_turn(self, main: Lane) -> str:
        """See `RouteDriver.end_turn`."""
        thread = self.thread(main)
        if thread.turn is None:
            raise Refused("between turns: there is nothing to interrupt")
        with _refusals():
            return codex_daemon.interrupt(_socket(main), thread.id, thread.turn)

    def tell(self, main: Lane, text: str) -> str:
        """See `RouteDriver.tell`."""
        thread = self.thread(main)
        with _refusals():
            if thread.turn is not None:
                return codex_daemon.steer(_socket(main), thread.id, thread.turn, text)
            return codex_daemon.start_turn(_socket(main), thread.id, text)

    def empty_queue(self, main: Lane) -> int | None:
        """Empties the messages that wait for later turns. How many there were; None if that cannot be known.

        Raises:
            Refused: the daemon cannot be asked.
        """
        with _refusals():
            return codex_daemon.clear_queue(_socket(main), main.session)

    def end_commands(self, main: Lane) -> int | None:
        """Ends what the thread's tool calls have left running. How many; None if the daemon does not tell.

        Raises:
            Refused: the daemon cannot be asked.
        """
        with _refusals():
            return codex_daemon.end_commands(_socket(main), main.session)


def socket_path(lane: Lane) -> Path | None:
    """The daemon's socket for a lane whose loop lives in a daemon; None if it does not, or there is none."""
    head, found, _ = lane.path.rpartition("/sessions/")
    home = Path(head) if found and head else None
    if lane.process is None or lane.process.source != SHARED_DAEMON or home is None:
        return None
    socket = codex_daemon.socket_of(home)
    return socket if socket.exists() else None


def _socket(main: Lane) -> Path:
    socket = socket_path(main)
    if socket is None:
        raise Refused("the socket of its daemon is not there")
    return socket


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except codex_daemon.DaemonError as error:
        raise Refused(str(error)) from error
