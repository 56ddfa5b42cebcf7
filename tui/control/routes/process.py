"""The client's own process as a route: signals to it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from tui.agents.process import CWD, SHARED_DAEMON
from tui.control import background
from tui.control.refused import Refused
from tui.control.routes import signals
from tui.control.routes.base import RouteDriver, Surroundings
from tui.control.routes.signals import Target
from tui.control.subjects import recording_words
from tui.model.control import Order, Route, RouteKind
from tui.model.snapshot import Lane


class ProcessRoute(RouteDriver):
    """Ends or freezes a client by signals. It carries no text."""

    kind = RouteKind.PROCESS
    doc = "signals to the process of the session"
    place = 40
    carries_text = False
    is_last_resort = True

    def __init__(self, folder: object) -> None:
        """Uses no folder."""
        del folder
        self._frozen: dict[int, signals.Freeze] = {}

    def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
        """See `RouteDriver.probe`."""
        process = main.process
        if process is None or process.start is None:
            return self.shut("process not found")
        if process.source == SHARED_DAEMON:
            return self.shut("its daemon serves other threads too: never signalled")
        if process.source == CWD:
            return self.shut(f"process {process.pid} only seems to be its own (by its folder alone)")
        return self.open(f"process {process.pid}, by {process.source}")

    def tell(self, main: Lane, text: str) -> str:
        """Always refuses."""
        raise Refused("signals carry no text")

    def interrupt(self, target: Target) -> str:
        """Sends SIGINT to the client itself. Returns what it did, in words.

        Raises:
            Refused: nothing was sent. Each method below raises it too.
        """
        with _refusals():
            signals.interrupt(target)
            return f"SIGINT to process {target.pid}"

    def terminate(self, target: Target) -> str:
        """Sends SIGTERM to the client itself."""
        with _refusals():
            signals.terminate(target)
            return f"SIGTERM to process {target.pid}"

    def has_gone(self, order: Order) -> bool:
        """True if the process at which the order was aimed is known and has ended."""
        return order.pid is not None and order.start is not None and signals.wait_for_end(self.target_in(order), 0)

    @staticmethod
    def target_in(order: Order) -> Target:
        """The client's process as it was when the order was given."""
        if order.pid is None or order.start is None:
            raise Refused("no process of it was known")
        return Target(order.pid, order.start)

    @staticmethod
    def target_of(main: Lane) -> Target:
        """The client's process as it is now."""
        return target_of(main)

    def freeze_client(self, main: Lane) -> str:
        """Stops all processes of the client for a short time.

        A watchdog process continues them if lanewatch does not.
        """
        target = self.target_of(main)
        with _refusals():
            self._frozen[target.pid] = signals.freeze(target)
            return f"SIGSTOP to process {target.pid} and its children, for two minutes at most"

    def can_freeze_client(self, main: Lane) -> bool:
        """False if a freeze is known to be refused: the client has a terminal."""
        return signals.terminal_of(self.target_of(main).pid) is None

    def is_frozen(self, target: Target) -> bool:
        """True while this process is stopped, by lanewatch or by somebody else."""
        return signals.is_stopped(target)

    def unfreeze_client(self, main: Lane) -> str:
        """Continues the client's processes, even if somebody else stopped them."""
        return self.unfreeze(self.target_of(main))

    def unfreeze(self, target: Target) -> str:
        """Continues the client's processes, including those that another lanewatch stopped."""
        frozen = self._frozen.pop(target.pid, None)
        with _refusals():
            if frozen is not None and frozen.target == target:
                signals.unfreeze(frozen)
            else:
                signals.continue_tree(target)
            return f"process {target.pid} and its children continue"

    def left_running(self, client: int, gates: list[int]) -> str:
        """The commands that a client left running, such as `2 commands in the background continue (sleep, node)`.

        `gates` are the pids of its gate hooks, which are not counted.
        """
        return background.words_of(background.commands_left(client, gates))

    def check(self, target: Target) -> None:
        """Checks that the process may be signalled.

        Raises:
            Refused: it may not be signalled.
        """
        with _refusals(), signals.opened(target):
            return


def target_of(main: Lane) -> Target:
    """The client's process as it is now; only this process is signalled or typed into.

    Raises:
        Refused: no process is known for certain, or the lane is a recording.
    """
    if main.recording:
        raise Refused(recording_words(main, main))
    process = main.process
    if process is None or process.start is None:
        raise Refused("process not found")
    if process.source == SHARED_DAEMON:
        raise Refused("its daemon serves other threads too: never signalled")
    if process.source == CWD:
        raise Refused(f"process {process.pid} only seems to be its own (by its folder alone)")
    return Target(process.pid, process.start)


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except signals.SignalRefused as error:
        raise Refused(str(error)) from error
