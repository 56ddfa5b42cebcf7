"""The door to Codex's daemon: threads, steering, interrupting, the queue. JSON-RPC over WebSocket over a local socket.

The Codex TUI is a screen over `codex app-server`, in which the loop lives: a TUI that is killed leaves its turn
running.
Methods and fields were read from `codex app-server generate-json-schema --experimental` of 0.169.0 and tried on it:
`thread/loaded/list`, `thread/read`, `thread/turns/list`, `turn/steer` (compare-and-set by the turn's id),
`turn/interrupt`, `turn/start`, `thread/queue/list`, `thread/queue/delete`. What an answer holds beyond the fields read
here is left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

if TYPE_CHECKING:
    from websockets.sync.connection import Connection

DEADLINE_S = 3.0
ANSWER_CAP = 16 * 1024 * 1024
MOST_QUEUED = 100

_ID = re.compile(r"\A[A-Za-z0-9-]{8,64}\Z")
_STATUS = {"idle": "idle", "notLoaded": "not_loaded", "systemError": "system_error", "active": "active"}


class DaemonError(Exception):
    """Why the daemon did not do it, as one line. May quote the daemon, so it is untrusted text for display."""


class NoDaemon(DaemonError):
    """There is no daemon, or it is not ours."""


class DaemonRefused(DaemonError):
    """The daemon answered with an error: nothing was done."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread as the daemon tells it. `status`: idle, active, not_loaded, system_error or unknown."""

    id: str
    status: str
    cwd: str | None
    path: str | None
    turn: str | None
    """The turn in progress."""
    queued: int | None
    """Messages that wait for later turns; None if the daemon does not say."""


def thread(socket: Path, thread_id: str) -> Thread | None:
    """A thread; None if the daemon does not know it.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    with _connected(socket) as door:
        try:
            read = door.call("thread/read", {"threadId": thread_id})
        except DaemonRefused:
            return None
        found = _object(read.get("thread"))
        status = _object(found.get("status")).get("type")
        turn = None
        if status == "active":
            turn = _turn_in_progress(door, thread_id)
        return Thread(
            thread_id, _STATUS.get(str(status), "unknown"), _text(found.get("cwd")), _text(found.get("path")), turn,
            _queue_length(door, thread_id),
        )  # fmt: skip


def loaded(socket: Path) -> list[str]:
    """The ids of the threads that the daemon has loaded.

    Raises:
        DaemonError: see there.
    """
    with _connected(socket) as door:
        data = door.call("thread/loaded/list", {}).get("data")
        ids = cast("list[object]", data) if isinstance(data, list) else []
        return [found for found in ids if isinstance(found, str) and _ID.match(found)]


def steer(socket: Path, thread_id: str, turn_id: str, text: str) -> str:
    """Gives a text to the turn that runs: the model reads it after its next tool call. Words of the acknowledgement.

    Raises:
        DaemonError: it is another turn by now, or see there.
    """
    _check_id(thread_id)
    began = time.monotonic()
    with _connected(socket) as door:
        door.call("turn/steer", {"threadId": thread_id, "expectedTurnId": turn_id, "input": _input(text)})
    return f"the daemon gave it to the running turn ({_ms(began)})"


def interrupt(socket: Path, thread_id: str, turn_id: str) -> str:
    """Ends the turn that runs. Words of the acknowledgement.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    began = time.monotonic()
    with _connected(socket) as door:
        door.call("turn/interrupt", {"threadId": thread_id, "turnId": turn_id})
    return f"the daemon interrupted the turn ({_ms(began)})"


def start_turn(socket: Path, thread_id: str, text: str) -> str:
    """Begins a turn of an idle thread with a text. Words of the acknowledgement.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    began = time.monotonic()
    with _connected(socket) as door:
        door.call("turn/start", {"threadId": thread_id, "input": _input(text)})
    return f"the daemon began a turn with it ({_ms(began)})"


def clear_queue(socket: Path, thread_id: str) -> int | None:
    """Takes out the messages that wait for later turns, or the daemon would begin a turn with each.

    Returns how many there were; None if the daemon does not tell of its queue.

    Raises:
        DaemonError: one could not be taken out, or see there.
    """
    _check_id(thread_id)
    with _connected(socket) as door:
        try:
            queued = _queue(door, thread_id)
        except DaemonRefused:
            return None
        for one in queued:
            door.call("thread/queue/delete", {"threadId": thread_id, "queuedSubmissionId": one})
        return len(queued)


class _Door:
    """One connection: calls and their answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._number = 0
        self._end = time.monotonic() + DEADLINE_S

    def notify(self, method: str) -> None:
        self._connection.send(orjson.dumps({"jsonrpc": "2.0", "method": method}).decode())

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result. Raises `DaemonRefused` for an error, `DaemonError` if no answer comes in time."""
        self._number += 1
        request = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        try:
            self._connection.send(orjson.dumps(request).decode())
        except orjson.JSONEncodeError as error:
            raise DaemonRefused(f"the text cannot be sent: {error}") from error
        while True:
            left = self._end - time.monotonic()
            if left <= 0:
                raise DaemonError(f"the daemon did not answer {method} within {DEADLINE_S:.0f} s")
            answer = _object(orjson.loads(self._connection.recv(timeout=left)))
            if answer.get("id") != self._number or "method" in answer:
                continue  # what the daemon tells or asks of everyone
            if "error" in answer:
                raise DaemonRefused(_words(_object(answer.get("error")), method))
            return _object(answer.get("result"))


@contextlib.contextmanager
def _connected(socket: Path) -> Generator[_Door]:
    # Only who talks to a daemon pays for the library.
    from websockets.exceptions import WebSocketException  # noqa: PLC0415
    from websockets.sync.client import unix_connect  # noqa: PLC0415

    real = _checked(socket)
    try:
        with unix_connect(
            str(real), uri="ws://localhost/", compression=None, open_timeout=DEADLINE_S, close_timeout=0.5,
            max_size=ANSWER_CAP,
        ) as connection:  # fmt: skip
            door = _Door(connection)
            door.call(
                "initialize",
                {"clientInfo": {"name": "lanewatch", "version": "1"}, "capabilities": {"experimentalApi": True}},
            )
            door.notify("initialized")
            yield door
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NoDaemon("no Codex daemon answers on its socket") from error
    except TimeoutError as error:
        raise DaemonError(f"the daemon did not answer within {DEADLINE_S:.0f} s") from error
    except (OSError, WebSocketException, orjson.JSONDecodeError, EOFError) as error:
        raise DaemonError(f"the daemon cannot be talked to: {error}") from error


def _checked(socket: Path) -> Path:
    """Where the socket really is. Whoever could put another socket there would read every redirect.

    Where the home's path is too long for a socket, Codex puts a link there to one in a short folder of the user's.
    """
    try:
        real = socket.resolve(strict=True)
        folders = [socket.parent.stat(), real.parent.stat()]
        found = real.stat()
    except (OSError, RuntimeError) as error:
        raise NoDaemon("no Codex daemon answers on its socket") from error
    if not stat.S_ISSOCK(found.st_mode):
        raise NoDaemon(f"{socket} is no socket")
    theirs = any(one.st_uid != os.geteuid() or one.st_mode & 0o022 for one in folders)
    if theirs or found.st_uid != os.geteuid():
        raise NoDaemon(f"{socket} is not the user's own: nothing is said to it")
    return real


def _check_id(thread_id: str) -> None:
    if not _ID.match(thread_id):
        raise DaemonRefused("its session has no id that the daemon would know")


def _turn_in_progress(door: _Door, thread_id: str) -> str | None:
    data = door.call("thread/turns/list", {"threadId": thread_id, "limit": 1, "sortDirection": "desc"}).get("data")
    turns = cast("list[object]", data) if isinstance(data, list) else []
    newest = _object(turns[0]) if turns else {}
    turn = newest.get("id")
    return turn if newest.get("status") == "inProgress" and isinstance(turn, str) else None


def _queue(door: _Door, thread_id: str) -> list[str]:
    data = door.call("thread/queue/list", {"threadId": thread_id, "limit": MOST_QUEUED}).get("data")
    queued = cast("list[object]", data) if isinstance(data, list) else []
    ids = [_object(one).get("id") for one in queued]
    return [one for one in ids if isinstance(one, str)]


def _queue_length(door: _Door, thread_id: str) -> int | None:
    try:
        return len(_queue(door, thread_id))
    except DaemonRefused:
        return None


def _input(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


def _words(error: dict[str, Any], method: str) -> str:
    return f"the daemon refused {method}: {str(error.get('message'))[:300]} ({error.get('code')})"


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"
