"""Codex's daemon: threads, steering, interrupting, the queue, requests for a person.

It speaks JSON-RPC over WebSocket over a local socket.

The Codex TUI is a client of `codex app-server`, which runs the session: the turn of a TUI that is killed keeps running.
Methods and fields were read from `codex app-server generate-json-schema --experimental` of 0.169.0 and tried on it:
`thread/loaded/list`, `thread/read`, `thread/turns/list`, `turn/steer` (compare-and-set by the turn's id),
`turn/interrupt`, `turn/start`, `thread/queue/list`, `thread/queue/delete`, `thread/backgroundTerminals/list` and
`/clean`, `thread/resume` (which sends the open requests). Other fields of an answer are ignored.

Messages that a TUI holds back for later (Tab) are in no queue of the daemon. The TUI sends one of them when a turn ends
by itself; after an interrupt it puts them back into its editor.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket as sockets
import stat
import struct
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from tui.agents.codex import processes
from tui.agents.codex.processes import SOCKET
from tui.agents.codex.requests import FILE_CHANGE, CodexRequest, answer_of, codex_request
from tui.agents.daemon import DaemonError, DaemonRefused, NoDaemon, Thread
from tui.model.pending import Answer, PendingRequest

if TYPE_CHECKING:
    from websockets.sync.connection import Connection

DEADLINE_S = 3.0
ANSWER_CAP = 16 * 1024 * 1024
PAGE = 100
ROUNDS = 20
"""The most pages of a queue that are emptied. Then it counts as endless."""
ARRIVES_S, QUIET_S = 1.0, 0.05
"""The longest waits in seconds: for the first open request of a thread, and for the next one."""
INVALID_REQUEST = -32600
"""The error code for an unknown thread, and for a turn that is not running."""

_ID = re.compile(r"\A[A-Za-z0-9-]{8,64}\Z")
_STATUS = {"idle": "idle", "notLoaded": "not_loaded", "systemError": "system_error", "active": "active"}
_WAITS = {"waitingOnApproval": "waiting_on_approval", "waitingOnUserInput": "waiting_on_input"}


def socket_at(transcript: str) -> Path | None:
    """The socket of the daemon of a rollout's home; None if there is none."""
    home, found, _ = transcript.rpartition("/sessions/")
    socket = socket_of(Path(home)) if found and home else None
    return socket if socket is not None and socket.exists() else None


def has_ended(transcript: str) -> bool:
    """Whether the daemon of a rollout's home was killed: its socket exists, but nobody listens."""
    home, found, _ = transcript.rpartition("/sessions/")
    return bool(found and home) and processes.has_ended(Path(home))


def socket_of(codex_home: Path) -> Path:
    """The path of the socket of a Codex home's daemon."""
    return codex_home / SOCKET


def thread(socket: Path, thread_id: str) -> Thread | None:
    """A thread; None if the daemon does not know it.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    with _connected(socket) as client:
        found = _read(client, thread_id)
        return None if found is None else _told(client, thread_id, found)


def threads(socket: Path) -> list[Thread]:
    """The threads that the daemon has loaded, without those that it does not store, such as its own for titles.

    Raises:
        DaemonError: see there.
    """
    with _connected(socket) as client:
        ids = [one for one in _list(client.call("thread/loaded/list", {})) if isinstance(one, str) and _ID.match(one)]
        read = {one: found for one in ids if (found := _read(client, one)) is not None}
        return [_told(client, one, found) for one, found in read.items() if found.get("ephemeral") is not True]


def steer(socket: Path, thread_id: str, turn_id: str, text: str) -> str:
    """Gives a text to the turn that runs: the model reads it after its next tool call. Returns the acknowledgement.

    Raises:
        DaemonError: it is another turn by now, or see there.
    """
    _check_id(thread_id)
    _check_id(turn_id)
    began = time.monotonic()
    with _connected(socket) as client:
        client.call("turn/steer", {"threadId": thread_id, "expectedTurnId": turn_id, "input": _input(text)})
    return f"the daemon gave it to the running turn ({_ms(began)})"


def interrupt(socket: Path, thread_id: str, turn_id: str) -> str:
    """Ends the turn that runs. Returns the words of the acknowledgement.

    A command of the turn's last tool call keeps running, unless it has just begun: see `end_commands`. A hook that
    holds the turn ends.

    Raises:
        DaemonError: it is another turn by now, or see there.
    """
    _check_id(thread_id)
    _check_id(turn_id)
    began = time.monotonic()
    with _connected(socket) as client:
        client.call("turn/interrupt", {"threadId": thread_id, "turnId": turn_id})
    return f"the daemon interrupted the turn ({_ms(began)})"


def start_turn(socket: Path, thread_id: str, text: str) -> str:
    """Begins a turn of an idle thread with a text. Returns the words of the acknowledgement.

    If another turn has begun in the meantime, the daemon gives the text to that turn; the words say which turn got it.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    began = time.monotonic()
    with _connected(socket) as client:
        before = _turn_in_progress(client, thread_id)
        turn = _object(client.call("turn/start", {"threadId": thread_id, "input": _input(text)}).get("turn")).get("id")
    if before is not None and turn == before:
        return f"a turn ran already: the daemon gave it to that one ({_ms(began)})"
    return f"the daemon began a turn with it ({_ms(began)})"


def clear_queue(socket: Path, thread_id: str) -> int | None:
    """Removes the messages that wait for later turns. The daemon would begin a turn with each of them.

    After an interrupt they stay in the queue until another turn has ended by itself.

    Returns the number of removed messages; None if the daemon does not show its queue.

    Raises:
        DaemonError: the queue does not get empty, or see there.
    """
    _check_id(thread_id)
    taken = 0
    with _connected(socket) as client:
        for _ in range(ROUNDS):
            queued = _queue(client, thread_id)
            if queued is None:
                return None
            if not queued:
                return taken
            for one in queued:
                done = client.call("thread/queue/delete", {"threadId": thread_id, "queuedSubmissionId": one})
                # If it was not deleted, it became a turn, or another client removed it.
                taken += done.get("deleted") is True
    raise DaemonError("its queue does not get empty")


def end_commands(socket: Path, thread_id: str) -> int | None:
    """Ends the commands that a thread's tool calls have left running, since an interrupt ends only the turn.

    Returns their number; None if the daemon does not list them, and then none was ended.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    with _connected(socket) as client:
        try:
            running = len(_list(client.call("thread/backgroundTerminals/list", {"threadId": thread_id, "limit": PAGE})))
        except DaemonRefused:
            return None
        if running:
            client.call("thread/backgroundTerminals/clean", {"threadId": thread_id})
        return running


def pending(socket: Path, thread_id: str) -> tuple[PendingRequest, ...]:
    """The requests of a thread that wait for a person, the oldest first.

    Raises:
        DaemonError: see there.
    """
    _check_id(thread_id)
    with _connected(socket) as client:
        return tuple(asked.request for asked in _asked(client, thread_id))


def answer(socket: Path, thread_id: str, request: PendingRequest, given: Answer) -> str:
    """Answers exactly this request. Returns the words of the acknowledgement.

    The daemon numbers the requests of all threads together and takes an answer from any client. So a request is
    answered only if this connection has received it, if it is the one that was shown, and if it is not resolved.

    Raises:
        DaemonRefused: it no longer waits, or is another one by now. Nothing was answered.
        DaemonError: see there.
    """
    _check_id(thread_id)
    began = time.monotonic()
    with _connected(socket) as client:
        found = next((one for one in _asked(client, thread_id) if one.request.id == request.id), None)
        if found is None:
            raise DaemonRefused("it does not wait any more: it was answered in the pane, or its turn has ended")
        if found.request.hash != request.hash:
            raise DaemonRefused("the request is not the one that was shown")
        if found.request.unanswerable:
            raise DaemonRefused(found.request.unanswerable)
        result = answer_of(found.method, found.request, given)
        if result is None:
            raise DaemonRefused("this kind of request takes no such answer")
        if not client.resolve(found.number, thread_id, result):
            return f"sent to the daemon, which has not said that it is resolved ({_ms(began)})"
        if given.text.strip():
            turn = _turn_in_progress(client, thread_id)
            if turn is None:
                return f"the daemon resolved it ({_ms(began)}); no turn runs that could read the text"
            client.call("turn/steer", {"threadId": thread_id, "expectedTurnId": turn, "input": _input(given.text)})
            return f"the daemon resolved it and gave the text to the turn ({_ms(began)})"
    return f"the daemon resolved it ({_ms(began)})"


def _asked(client: _Client, thread_id: str) -> list[CodexRequest]:
    """The requests of the thread that this connection has received and that are not resolved."""
    status = _object((_read(client, thread_id) or {}).get("status"))
    if not _array(status.get("activeFlags")):
        return []
    result = client.call("thread/resume", {"threadId": thread_id, "excludeTurns": True})
    del result
    waiting = client.requests_of(thread_id)
    if any(one.get("method") == FILE_CHANGE for one in waiting):
        # The request does not contain the change itself.
        turns = _object(client.call("thread/resume", {"threadId": thread_id}).get("thread")).get("turns")
        return [codex_request(one, _items(turns)) for one in client.requests_of(thread_id)]
    return [codex_request(one, {}) for one in waiting]


def _items(turns: object) -> dict[str, dict[str, Any]]:
    items = [_object(item) for turn in _array(turns) for item in _array(_object(turn).get("items"))]
    return {str(item.get("id")): item for item in items}


class _Client:
    """One connection: sends calls and receives answers and the daemon's own requests."""

    def __init__(self, connection: Connection, end: float) -> None:
        """`end`: the time by which everything must be answered, in seconds of the monotonic clock."""
        self._connection = connection
        self._number = 0
        self._end = end
        self._requests: dict[int, dict[str, Any]] = {}
        """The daemon's requests to its clients that are not resolved, by their number."""

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
            answer = self._receive(left)
            if answer.get("id") != self._number or "method" in answer:
                continue  # notices and requests that the daemon sends to all clients
            if "error" in answer:
                raise _refusal(_object(answer.get("error")), method)
            return _object(answer.get("result"))

    def requests_of(self, thread_id: str) -> list[dict[str, Any]]:
        """The open requests of a thread, the oldest first. Waits a moment for requests that are still being sent."""
        end = time.monotonic() + ARRIVES_S
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                self._receive(QUIET_S if self._of(thread_id) else left)
                continue
            break
        return self._of(thread_id)

    def resolve(self, number: int, thread_id: str, result: dict[str, Any]) -> bool:
        """Answers an open request. True once the daemon has said that it is resolved."""
        if number not in self._requests or self._requests[number] not in self._of(thread_id):
            raise DaemonRefused("it does not wait any more: it was answered in the pane, or its turn has ended")
        self._connection.send(orjson.dumps({"jsonrpc": "2.0", "id": number, "result": result}).decode())
        while (left := self._end - time.monotonic()) > 0:
            try:
                self._receive(left)
            except TimeoutError:
                return False
            if number not in self._requests:
                return True
        return False

    def _of(self, thread_id: str) -> list[dict[str, Any]]:
        found = [one for one in self._requests.values() if _object(one.get("params")).get("threadId") == thread_id]
        return sorted(found, key=lambda one: cast("int", one["id"]))

    def _receive(self, timeout: float) -> dict[str, Any]:
        """The next message. Requests of the daemon are kept until they are resolved."""
        message = _object(orjson.loads(self._connection.recv(timeout=timeout)))
        number = message.get("id")
        if "method" in message and isinstance(number, int):
            self._requests[number] = message
        elif message.get("method") == "serverRequest/resolved":
            self._requests.pop(cast("int", _object(message.get("params")).get("requestId")), None)
        return message


@contextlib.contextmanager
def _connected(socket: Path) -> Generator[_Client]:
    # Imported here: only calls to a daemon need these.
    import logging  # noqa: PLC0415

    from websockets.exceptions import WebSocketException  # noqa: PLC0415
    from websockets.sync.client import unix_connect  # noqa: PLC0415

    silent = logging.getLogger(__name__)  # otherwise the library would write into the terminal of the screen
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    end = time.monotonic() + DEADLINE_S
    real = _checked(socket)
    try:
        with unix_connect(
            sock=_own(real), uri="ws://localhost/", compression=None, open_timeout=DEADLINE_S, close_timeout=0.5,
            ping_interval=None, max_size=ANSWER_CAP, logger=silent,
        ) as connection:  # fmt: skip
            client = _Client(connection, end)
            client.call(
                "initialize",
                {"clientInfo": {"name": "lanewatch", "version": "1"}, "capabilities": {"experimentalApi": True}},
            )
            client.notify("initialized")
            yield client
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NoDaemon("no Codex daemon answers on its socket") from error
    except TimeoutError as error:
        raise DaemonError(f"the daemon did not answer within {DEADLINE_S:.0f} s") from error
    except (OSError, WebSocketException, orjson.JSONDecodeError, EOFError) as error:
        raise DaemonError(f"the daemon cannot be talked to: {error}") from error


def _checked(socket: Path) -> Path:
    """The real path of the socket, after a check that no other user can replace it and read the redirects.

    If the home's path is too long for a socket, Codex puts a link there that leads to a socket with a shorter path.
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


def _own(real: Path) -> sockets.socket:
    """A connection to the socket, if its listener is the same user.

    This is checked again, because the files may have changed.

    Raises:
        OSError: nobody listens.
        NoDaemon: another user listens.
    """
    connection = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
    try:
        connection.settimeout(DEADLINE_S)
        connection.connect(str(real))
        connection.settimeout(None)
        # The library has no time limit for sending: a stopped daemon would block the caller for ever.
        limit = struct.pack("ll", int(DEADLINE_S), int(DEADLINE_S % 1 * 1_000_000))
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDTIMEO, limit)
        if (listener := _listener(connection)) not in (None, os.geteuid()):
            raise NoDaemon(f"user {listener} listens on {real}: nothing is said to it")
    except BaseException:
        connection.close()
        raise
    return connection


def _listener(connection: sockets.socket) -> int | None:
    """The user id of the process at the other end; None if the system does not state it."""
    if not hasattr(sockets, "SO_PEERCRED"):
        return None
    _, user, _ = struct.unpack("3i", connection.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, 12))
    return user


def _check_id(given: str) -> None:
    if not _ID.match(given):
        raise DaemonRefused("that is no id that the daemon would know")


def _read(client: _Client, thread_id: str) -> dict[str, Any] | None:
    try:
        return _object(client.call("thread/read", {"threadId": thread_id}).get("thread"))
    except DaemonRefused as refusal:
        if refusal.code == INVALID_REQUEST:
            return None
        raise


def _told(client: _Client, thread_id: str, found: dict[str, Any]) -> Thread:
    status = _object(found.get("status"))
    kind = _STATUS.get(str(status.get("type")), "unknown")
    turn = None
    if kind == "active":
        turn = _turn_in_progress(client, thread_id)
        flags = _array(status.get("activeFlags"))
        kind = next((words for flag, words in _WAITS.items() if flag in flags), kind)
    queue = _queue(client, thread_id)
    return Thread(
        thread_id, kind, _text(found.get("cwd")), _text(found.get("path")), turn, None if queue is None else len(queue)
    )


def _turn_in_progress(client: _Client, thread_id: str) -> str | None:
    turns = _list(client.call("thread/turns/list", {"threadId": thread_id, "limit": 1, "sortDirection": "desc"}))
    newest = _object(turns[0]) if turns else {}
    turn = newest.get("id")
    return turn if newest.get("status") == "inProgress" and isinstance(turn, str) and _ID.match(turn) else None


def _queue(client: _Client, thread_id: str) -> list[str] | None:
    """The ids of at most one page of the queue; None if the daemon does not show it."""
    try:
        queued = _list(client.call("thread/queue/list", {"threadId": thread_id, "limit": PAGE}))
    except DaemonRefused:
        return None
    ids = [_object(one).get("id") for one in queued]
    return [one for one in ids if isinstance(one, str) and _ID.match(one)]


def _input(text: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text}]


def _refusal(error: dict[str, Any], method: str) -> DaemonRefused:
    code = error.get("code")
    words = f"the daemon refused {method}: {str(error.get('message'))[:300]} ({code})"
    return DaemonRefused(words, code if isinstance(code, int) else None)


def _list(result: dict[str, Any]) -> list[object]:
    return _array(result.get("data"))


def _array(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _ms(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"
