"""lanewatch's side of the gate's protocol: writes requests to a session and reads what its gate processes did.

The docstring of `gate/gate.py` describes the files and their fields.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import Any

import orjson

from tui.control.folder import ControlFolder, json_object, plain_id
from tui.control.gate.gate import start_of
from tui.io.json_fields import number, text
from tui.model.control import Asked
from tui.model.finding import Verb
from tui.model.frozen import frozen

LONGEST_TEXT = 9_500
"""The longest text in characters. A longer text is refused, never cut: Claude Code would cut a hook's text at
10,000."""


@frozen
class Request:
    """A request to a session, or to one subagent (`agent_id`). Times are seconds UTC."""

    id: str
    verb: Verb
    agent_id: str | None = None
    text: str = ""
    now: bool = False
    """True: the next tool is refused and the text is given instead. False: the tool may run."""
    until: float | None = None
    """The time at which it lapses; None: it stays until it is withdrawn."""
    stop_at: float | None = None
    """For a close: the time from which the gate refuses all tool and model calls."""
    client: tuple[int, str] | None = None
    """The process that it is for, by pid and start; None: any process that runs the session."""
    asked: Asked | None = None
    """The time of the request, by the clock and by uptime, so that `until` and `stop_at` hold even if the clock is
    set."""


@frozen
class Ack:
    """An act of one gate process for a request, and the identity of the process."""

    at: float
    did: str
    """`held`, `released`, `told` (its text was given), `stopped`, `turn_ended`, or `ran_out` (the hook's time was
    over). For an answer: `printed`, `refused`, or `over` (it came too late)."""
    event: str
    pid: int
    start: str | None
    agent_id: str | None
    call: str | None
    tool: str | None
    said: int | None
    """The number of characters in the agent's last message, if its turn has ended."""
    why: str = ""
    """The reason why an answer was refused or came too late."""

    @property
    def gate_lives(self) -> bool:
        """True if the gate process that wrote this still runs."""
        return self.start is not None and not has_ended((self.pid, self.start))


@frozen
class Session:
    """A session that is registered with the gate: the process that runs it, and its tmux pane."""

    key: str
    pid: int | None
    start: str | None
    transcript: str | None
    cwd: str | None
    pane: str | None
    tmux: str | None
    at: float | None

    @property
    def client(self) -> tuple[int, str] | None:
        """The process that registered, by pid and start; None if it is unknown."""
        return (self.pid, self.start) if self.pid is not None and self.start is not None else None

    @property
    def lives(self) -> bool:
        """True if the process that registered still runs, or if its pid or start is not known."""
        return self.client is None or not has_ended(self.client)


def has_ended(client: tuple[int, str]) -> bool:
    """True if the process with this pid and start no longer runs."""
    return start_of(client[0]) != client[1]


def key_of(agent: str, session: str) -> str | None:
    """The name of a session's files; None if the session's id is not plain, so that the gate cannot be asked."""
    key = f"{agent}-{session}"
    return key if plain_id(session) and plain_id(key) else None


def put_request(folder: ControlFolder, key: str, request: Request) -> None:
    """Writes a request to the folder that the session's gate reads.

    Raises:
        FolderError: it cannot be written; nothing was requested.
    """
    fields = {
        "v": 1, "id": request.id, "verb": request.verb.value, "agent_id": request.agent_id, "text": request.text,
        "now": request.now, "until": request.until, "stop_at": request.stop_at,
        "client": dict(zip(("pid", "start"), request.client, strict=True)) if request.client else None,
        "asked": request.asked,
    }  # fmt: skip
    folder.write(f"requests/{key}/{request.id}.json", orjson.dumps(fields))


def take_back(folder: ControlFolder, key: str, request: str) -> bool:
    """Withdraws a request. False if it was no longer there.

    Raises:
        FolderError: it is still there and cannot be removed.
    """
    return folder.remove(f"requests/{key}/{request}.json")


def requests_of(folder: ControlFolder, key: str) -> list[Request]:
    """The requests to a session that are in force now."""
    names = folder.names(f"requests/{key}")
    found = [_request(folder.read_object(f"requests/{key}/{name}")) for name in names if name.endswith(".json")]
    return [request for request in found if request is not None]


def acks_of(folder: ControlFolder, request: str) -> list[Ack]:
    """The acts of gates for a request, in the order of writing. Lines that cannot be read are left out."""
    data = folder.read(f"acks/{request}.jsonl") or b""
    return [ack for line in data.splitlines() if (ack := _ack(line)) is not None]


def sessions(folder: ControlFolder) -> dict[str, Session]:
    """All sessions that are registered with the gate, by key."""
    found: dict[str, Session] = {}
    for key in folder.names("sessions"):
        fields = folder.read_object(f"sessions/{key}")
        if fields is None or not plain_id(key):
            continue
        pid = fields.get("pid")
        found[key] = Session(
            key, pid if isinstance(pid, int) else None, text(fields.get("start")), text(fields.get("transcript")),
            text(fields.get("cwd")), text(fields.get("pane")), text(fields.get("tmux")), number(fields.get("at")),
        )  # fmt: skip
    return found


def wake(folder: ControlFolder, key: str) -> bool:
    """Wakes the hook that waits for an idle session. False if none waits."""
    try:
        fd = os.open(folder.path / "wake" / key, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ENOENT):
            return False
        return False
    with contextlib.suppress(OSError), os.fdopen(fd, "wb") as door:
        door.write(b"knock\n")
    return True


def has_waiting_hook(folder: ControlFolder, key: str) -> bool:
    """True if a hook of an idle session waits to be woken. Does not wake it."""
    data = folder.read(f"wake/{key}.pid")
    if data is None or not data.strip().isdigit():
        return False
    try:
        os.kill(int(data), 0)
    except (OSError, OverflowError):
        return False
    return True


def remove_ended_sessions(folder: ControlFolder) -> int:
    """Ends hooks that wait for an ended client, and removes its registration. Returns the number of such clients."""
    gone = [session.key for session in sessions(folder).values() if not session.lives]
    for key in gone:
        with contextlib.suppress(OSError):
            # Opened and closed without writing: the hook reads the end of its input and exits.
            os.close(os.open(folder.path / "wake" / key, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW))
        for name in (f"wake/{key}", f"wake/{key}.pid", f"sessions/{key}"):
            with contextlib.suppress(Exception):
                folder.remove(name)
    return len(gone)


def _request(fields: dict[str, Any] | None) -> Request | None:
    if fields is None or not isinstance(fields.get("id"), str):
        return None
    try:
        verb = Verb(fields.get("verb"))
    except ValueError:
        return None
    return Request(
        fields["id"], verb, text(fields.get("agent_id")), text(fields.get("text")) or "",
        fields.get("now") is True, number(fields.get("until")), number(fields.get("stop_at")),
    )  # fmt: skip


def _ack(line: bytes) -> Ack | None:
    fields = json_object(line)
    if fields is None:
        return None
    at, pid, did = number(fields.get("at")), fields.get("pid"), fields.get("did")
    if at is None or not isinstance(pid, int) or not isinstance(did, str):
        return None
    said = fields.get("said")
    return Ack(
        at, did, text(fields.get("event")) or "", pid, text(fields.get("start")), text(fields.get("agent_id")),
        text(fields.get("call")), text(fields.get("tool")), said if isinstance(said, int) else None,
        text(fields.get("why")) or "",
    )  # fmt: skip
