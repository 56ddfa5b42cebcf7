"""What the hands touch outside the control folder: panes, sockets, processes.

Each act says in words what it did, or raises why nothing was done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

from tui.agents.process import CWD, SHARED_DAEMON
from tui.control import codex_daemon, signals, typing
from tui.control.reach import recording_words, socket_path
from tui.control.refused import Refused
from tui.control.transcript_probe import queued_prompts
from tui.control.verb_context import open_question
from tui.model.snapshot import Lane

SETTLE_S = {"claude": 0.15, "codex": 0.3}
"""Between a paste and its Enter: sooner, and the client takes the Enter for a part of the text."""
LEAVE = {"claude": "/exit", "codex": "/quit"}


class World:
    """The outside."""

    def __init__(self) -> None:
        self._frozen: dict[int, signals.Freeze] = {}

    # -- panes ------------------------------------------------------------------------------------

    def press_escape(self, main: Lane) -> str:
        """Interrupts the turn in the lane's pane."""
        waiting = queued_prompts(main.path) if main.agent == "claude" else 0
        if waiting:
            raise Refused(f"{waiting} prompt(s) wait in its queue: Escape would send them, not stop it")
        self._no_question(main)
        with _refusals():
            aim = self._aim(main)
            typing.interrupt(aim, draft_stays=main.process is not None and main.process.status == "busy")
            return f"Escape to pane {aim.pane}"

    def type_text(self, main: Lane, text: str) -> str:
        """Pastes a text into the lane's pane and submits it."""
        self._no_question(main)
        with _refusals():
            aim = self._aim(main)
            typing.paste(aim, typing.clean(text), SETTLE_S.get(main.agent, 0.3))
            return f"pasted into pane {aim.pane} and submitted"

    def type_exit(self, main: Lane) -> str:
        """Asks the client in the lane's pane to leave."""
        self._no_question(main)
        with _refusals():
            aim = self._aim(main)
            typing.leave(aim, LEAVE.get(main.agent, "/exit"))
            return f"{LEAVE.get(main.agent, '/exit')} to pane {aim.pane}"

    @staticmethod
    def _no_question(main: Lane) -> None:
        """A key would answer a question that is open: Enter with Yes, Escape with No."""
        if asks := open_question(main):
            raise Refused(f"{asks}: answer it first")

    def _aim(self, main: Lane) -> typing.Aim:
        target = target_of(main)
        return typing.aim_at(target.pid, target.start)

    # -- Codex's daemon -----------------------------------------------------------------------------

    def daemon_thread(self, main: Lane) -> codex_daemon.Thread:
        """The lane's thread as its daemon tells it."""
        socket = socket_path(main)
        if socket is None:
            raise Refused("the socket of its daemon is not there")
        with _refusals():
            thread = codex_daemon.thread(socket, main.session)
        if thread is None:
            raise Refused("its daemon does not know this thread")
        return thread

    def daemon_interrupt(self, main: Lane) -> str:
        """Ends the turn that runs in the daemon."""
        thread = self.daemon_thread(main)
        if thread.turn is None:
            raise Refused("between turns: there is nothing to interrupt")
        with _refusals():
            return codex_daemon.interrupt(_socket(main), thread.id, thread.turn)

    def daemon_tell(self, main: Lane, text: str) -> str:
        """Gives a text to the running turn, or begins one with it."""
        thread = self.daemon_thread(main)
        with _refusals():
            if thread.turn is not None:
                return codex_daemon.steer(_socket(main), thread.id, thread.turn, text)
            return codex_daemon.start_turn(_socket(main), thread.id, text)

    def daemon_empty_queue(self, main: Lane) -> int | None:
        """Empties the messages that wait for later turns. How many there were; None if that cannot be known."""
        with _refusals():
            return codex_daemon.clear_queue(_socket(main), main.session)

    def daemon_end_commands(self, main: Lane) -> int | None:
        """Ends what the thread's tool calls have left running. How many; None if the daemon does not tell."""
        with _refusals():
            return codex_daemon.end_commands(_socket(main), main.session)

    # -- processes --------------------------------------------------------------------------------

    def interrupt(self, target: signals.Target) -> str:
        """SIGINT to the client itself."""
        with _refusals():
            signals.interrupt(target)
            return f"SIGINT to process {target.pid}"

    def terminate(self, target: signals.Target) -> str:
        """SIGTERM to the client itself."""
        with _refusals():
            signals.terminate(target)
            return f"SIGTERM to process {target.pid}"

    def is_gone(self, target: signals.Target) -> bool:
        """True if that very process has ended."""
        return signals.wait_gone(target, 0)

    def freeze(self, target: signals.Target) -> str:
        """Stops every process of the client, for a short time: a guardian lets them go on if we do not."""
        with _refusals():
            self._frozen[target.pid] = signals.freeze(target)
            return f"SIGSTOP to process {target.pid} and its children, for two minutes at most"

    def can_freeze(self, target: signals.Target) -> bool:
        """False where it is known that a freeze would be refused: the client has a terminal."""
        return signals.terminal_of(target.pid) is None

    def is_frozen(self, target: signals.Target) -> bool:
        """True while that very process stands still, whoever stopped it."""
        return signals.is_stopped(target)

    def thaw(self, target: signals.Target) -> str:
        """Lets them go on, also those that another lanewatch has frozen: its guardian has nothing left to do then."""
        frozen = self._frozen.pop(target.pid, None)
        with _refusals():
            if frozen is not None and frozen.target == target:
                signals.thaw(frozen)
            else:
                signals.go_on(target)
            return f"process {target.pid} and its children go on"

    def check(self, target: signals.Target) -> None:
        """Looks whether it may be signalled.

        Raises:
            Refused: it may not.
        """
        with _refusals(), signals.opened(target):
            return


def target_of(main: Lane) -> signals.Target:
    """The client's process as it is known now: whatever is signalled or typed into is this one.

    Raises:
        Refused: none is known for certain, or the lane is a recording.
    """
    if main.recording:
        raise Refused(recording_words(main, main))
    process = main.process
    if process is None or process.start is None:
        raise Refused("no live process of it is known")
    if process.source == SHARED_DAEMON:
        raise Refused("the daemon serves other threads too: it is never signalled")
    if process.source == CWD:
        raise Refused(f"process {process.pid} only seems to be its own (by its folder alone)")
    return signals.Target(process.pid, process.start)


def _socket(main: Lane) -> Path:
    socket = socket_path(main)
    if socket is None:
        raise Refused("the socket of its daemon is not there")
    return socket


@contextlib.contextmanager
def _refusals() -> Generator[None]:
    """Whatever a route refuses is one thing to its caller."""
    try:
        yield
    except (typing.TypingRefused, signals.SignalRefused, codex_daemon.DaemonError) as error:
        raise Refused(str(error)) from error
