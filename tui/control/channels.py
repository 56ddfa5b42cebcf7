"""Channels for notices: desktop notices of the terminal, and programs of the operator."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from tui.control.notify import Notice

COMMAND_S = 10.0
"""Time limit for a command, in seconds; a command that takes longer is killed."""
GRACE_S = 1.0
"""Seconds that `close` waits for notices that are being sent."""
WAITING = 8
"""Maximum number of waiting notices. If the carrier is too slow, further notices are dropped and that is reported."""
TEXT_CHARS = 200

_TITLE = "lanewatch"


class DesktopChannel:
    """A desktop notice, made by the terminal from an OSC sequence."""

    def __init__(self, write: Callable[[str], None], words: Callable[[Notice], str], osc: str, *, tmux: bool) -> None:
        """`write` sends a sequence to the terminal unchanged; `words` returns a notice as one safe line.

        `osc` is 9 or 777. `tmux`: the terminal is a tmux, which passes sequences on only if they are wrapped.
        """
        self._write = write
        self._words = words
        self._osc = osc
        self._tmux = tmux

    def send(self, notice: Notice) -> None:
        """See `Channel.send`."""
        self._write(osc_notice(self._osc, self._words(notice), tmux=self._tmux))

    def close(self) -> None:
        """See `Channel.close`."""


def osc_notice(osc: str, text: str, *, tmux: bool) -> str:
    r"""The sequence that shows a text on the desktop: `ESC ] 9 ; TEXT BEL`, or `ESC ] 777 ; notify ; TITLE ; TEXT BEL`.

    A `;` would begin another field and a control character would end the sequence, so `;` is replaced and control
    characters are removed. For tmux the sequence is wrapped as `ESC P tmux ; ... ESC \` with each ESC in it doubled;
    tmux passes it on if `allow-passthrough` is on.
    """
    plain = "".join(char for char in text.replace(";", ",") if char.isprintable())[:TEXT_CHARS]
    field = f"9;{_TITLE}: {plain}" if osc == "9" else f"777;notify;{_TITLE};{plain}"
    sequence = f"\x1b]{field}\a"
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" if tmux else sequence


class DeliveryError(Exception):
    """The reason why a notice did not arrive, in lanewatch's own words."""


class Carrier(Protocol):
    """Delivers a document to one place. Its methods are called from a thread of their own."""

    def deliver(self, document: bytes) -> None:
        """Delivers the document.

        Raises:
            DeliveryError: it was not delivered.
        """
        ...

    def stop(self) -> None:
        """Aborts a delivery in progress. Called from another thread."""
        ...


class QueuedChannel:
    """Passes notices to a slow carrier, one after the other, in a thread.

    After a failure, further failures are not reported until a delivery succeeds. The thread starts with the first
    notice.
    """

    def __init__(
        self, name: str, carrier: Carrier, document: Callable[[Notice], bytes], report: Callable[[str], None]
    ) -> None:
        """Starts no thread yet.

        `name` is the name of the setting (`notify.command`), `document` returns the JSON of a notice, `report` receives
        a line for the operator and is called from the thread.
        """
        self._name = name
        self._carrier = carrier
        self._document = document
        self._report = report
        self._waiting: queue.Queue[bytes | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self._failing = False
        self._given_up = False

    def send(self, notice: Notice) -> None:
        """See `Channel.send`."""
        try:
            self._waiting.put_nowait(self._document(notice))
        except queue.Full:
            self._fail(f"more than {WAITING} notices wait for it: the newest are dropped")
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Waits up to `GRACE_S` seconds for a delivery in progress, then aborts it."""
        if self._thread is None:
            return
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(GRACE_S)
        if self._thread.is_alive():
            self._given_up = True
            self._carrier.stop()
            self._thread.join(GRACE_S)

    def _work(self) -> None:
        while (document := self._waiting.get()) is not None and not self._given_up:
            try:
                self._carrier.deliver(document)
            except DeliveryError as error:
                if not self._given_up:
                    self._fail(str(error))
            except Exception as error:  # any error: the thread must keep running, and the error is reported
                self._fail(f"{type(error).__name__}: {error}")
            else:
                self._failing = False

    def _fail(self, why: str) -> None:
        if not self._failing:
            self._failing = True
            self._report(f"{self._name}: {why}")


class CommandCarrier:
    """Runs a program for each notice, without a shell. The document is its standard input; its output is discarded.

    Arguments and environment are the operator's own and never contain text of a transcript.
    """

    def __init__(self, argv: Sequence[str], limit_s: float = COMMAND_S) -> None:
        self._argv = list(argv)
        self._limit_s = limit_s
        self._running: subprocess.Popen[bytes] | None = None

    def deliver(self, document: bytes) -> None:
        """See `Carrier.deliver`."""
        try:
            # In a session of its own: it can be killed with all its children, and keys pressed here do not reach it.
            process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise DeliveryError(f"{self._argv[0]} cannot be run: {error}") from error
        self._running = process
        try:
            process.communicate(document, timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            _end(process)
            process.wait()
            raise DeliveryError(f"{self._argv[0]} took longer than {self._limit_s:g} s and was ended") from None
        finally:
            self._running = None
        if process.returncode:
            raise DeliveryError(f"{self._argv[0]} ended with code {process.returncode}")

    def stop(self) -> None:
        """See `Carrier.stop`."""
        process = self._running
        if process is not None and process.returncode is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the command and all processes it started.

    Must be called before `wait`: until then its process id is not reused.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
