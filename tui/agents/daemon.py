"""The interface to a daemon that runs an agent's sessions: threads, steering, interrupting, the queue."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tui.model.frozen import frozen
from tui.model.pending import Answer, PendingRequest


class DaemonError(Exception):
    """The reason why the daemon did not do something, in one line. It may quote the daemon: untrusted text."""


class NoDaemon(DaemonError):
    """There is no daemon, or it is not ours."""


class DaemonRefused(DaemonError):
    """The daemon answered with an error, or was not asked: nothing was done. `code` is JSON-RPC's, if it answered."""

    def __init__(self, words: str, code: int | None = None) -> None:
        super().__init__(words)
        self.code = code


@frozen
class Thread:
    """One thread as the daemon states it."""

    id: str
    status: str
    """idle, active, waiting_on_approval, waiting_on_input, system_error, not_loaded or unknown."""
    cwd: str | None
    path: str | None
    turn: str | None
    """The turn in progress."""
    queued: int | None
    """Messages that wait for later turns, 100 at most; None if the daemon does not say."""


class Daemon(Protocol):
    """The calls to a daemon; each raises `DaemonError` if it is not done. `socket` is from `socket_at`."""

    def socket_at(self, transcript: str) -> Path | None:
        """The socket of the daemon of a transcript's home; None if there is none."""
        ...

    def has_ended(self, transcript: str) -> bool:
        """Whether the daemon of a transcript's home was killed: its socket exists, but nobody listens."""
        ...

    def thread(self, socket: Path, thread_id: str) -> Thread | None:
        """A thread; None if the daemon does not know it."""
        ...

    def interrupt(self, socket: Path, thread_id: str, turn_id: str) -> str:
        """Ends the turn that runs. Returns the words of the acknowledgement."""
        ...

    def steer(self, socket: Path, thread_id: str, turn_id: str, text: str) -> str:
        """Gives a text to the turn that runs. Returns the words of the acknowledgement."""
        ...

    def start_turn(self, socket: Path, thread_id: str, text: str) -> str:
        """Begins a turn of an idle thread with a text. Returns the words of the acknowledgement."""
        ...

    def clear_queue(self, socket: Path, thread_id: str) -> int | None:
        """Removes the messages that wait for later turns. Returns their number; None if it is not stated."""
        ...

    def end_commands(self, socket: Path, thread_id: str) -> int | None:
        """Ends the commands that a thread's calls left running. Returns their number; None if it is not stated."""
        ...

    def pending(self, socket: Path, thread_id: str) -> tuple[PendingRequest, ...]:
        """The requests of a thread that wait for a person, the oldest first."""
        ...

    def answer(self, socket: Path, thread_id: str, request: PendingRequest, given: Answer) -> str:
        """Answers exactly this request, if it still waits. Returns the words of the acknowledgement."""
        ...
