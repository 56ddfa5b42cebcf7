"""The gate's protocol from lanewatch's side: putting requests to a session, and reading what its gate processes did.

The files and their fields are stated at the head of `gate/gate.py`.
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
"""Claude Code cuts what a hook says at 10,000 characters; what is longer is refused, never cut."""


@frozen
class Request:
    """What is asked of a session or (`agent_id`) of one subagent. Times are seconds UTC."""

    id: str
    verb: Verb
    agent_id: str | None = None
    text: str = ""
    now: bool = False
    """The next tool is refused, and the text is given in its place; False: the tool may run."""
    until: float | None = None
    """When it lapses; None: it stands until it is taken back."""
    stop_at: float | None = None
    """For a close: the time from which the gate refuses all tools and model calls."""
    client: tuple[int, str] | None = None
    """The process that it is asked of, by pid and start; None: whichever runs the session."""
    asked: Asked | None = None
    """When it was asked, by the clock and by uptime: so `until` and `stop_at` hold even if the clock is set."""


@frozen
class Ack:
    """What one gate did about a request, and which process that gate is."""

    at: float
    did: str
    """held, released, told (its text), stopped, turn_ended, or ran_out (the hook's time was over)."""
    event: str
    pid: int
    start: str | None
    agent_id: str | None
    call: str | None
    tool: str | None
    said: int | None
    """The number of characters in the agent's last message, if its turn has ended."""

    @property
    def gate_lives(self) -> bool:
        """True if the gate process that wrote this still runs."""
        return self.start is not None and not has_ended((self.pid, self.start))


@frozen
class Session:
    """A session that has registered with the gate: which process runs it, and in which tmux pane."""

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
        """The process that registered, by pid and start; None where that is not known."""
        return (self.pid, self.start) if self.pid is not None and self.start is not None else None

    @property
    def lives(self) -> bool:
        """True if the process that registered still runs, or if its pid or start is not known."""
        return self.client is None or not has_ended(self.client)


def has_ended(client: tuple[int, str]) -> bool:
    """True if that very process, by pid and start, runs no more."""
    return start_of(client[0]) != client[1]


def key_of(agent: str, session: str) -> str | None:
    """The name of a session's files; None if its id is not a plain one: then the gate cannot be asked."""
    key = f"{agent}-{session}"
    return key if plain_id(session) and plain_id(key) else None


def ask(folder: ControlFolder, key: str, request: Request) -> None:
    """Puts a request where the session's gate looks.

    Raises:
        FolderError: it cannot be written; nothing is asked.
    """
    fields = {
        "v": 1, "id": request.id, "verb": request.verb.value, "agent_id": request.agent_id, "text": request.text,
        "now": request.now, "until": request.until, "stop_at": request.stop_at,
        "client": dict(zip(("pid", "start"), request.client, strict=True)) if request.client else None,
        "asked": request.asked,
    }  # fmt: skip
    folder.write(f"requests/{key}/{request.id}.json", orjson.dumps(fields))


def take_back(folder: ControlFolder, key: str, request: str) -> bool:
    """Takes a request back. False if it was no longer there.

    Raises:
        FolderError: it is still there and cannot be removed.
    """
    return folder.remove(f"requests/{key}/{request}.json")


def asked(folder: ControlFolder, key: str) -> list[Request]:
    """What is asked of a session now."""
    names = folder.names(f"requests/{key}")
    found = [_request(folder.read_object(f"requests/{key}/{name}")) for name in names if name.endswith(".json")]
    return [request for request in found if request is not None]


def acks_of(folder: ControlFolder, request: str) -> list[Ack]:
    """What gates did about a request, in their order. A line that cannot be read is left out."""
    data = folder.read(f"acks/{request}.jsonl") or b""
    return [ack for line in data.splitlines() if (ack := _ack(line)) is not None]


def sessions(folder: ControlFolder) -> dict[str, Session]:
    """All sessions that have registered with the gate, by key."""
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


def knock(folder: ControlFolder, key: str) -> bool:
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


def waits(folder: ControlFolder, key: str) -> bool:
    """True if a hook of an idle session waits to be woken. Asks without waking it."""
    data = folder.read(f"wake/{key}.pid")
    if data is None or not data.strip().isdigit():
        return False
    try:
        os.kill(int(data), 0)
    except (OSError, OverflowError):
        return False
    return True


def forget_dead(folder: ControlFolder) -> int:
    """Ends hooks that wait for an ended client, and removes what it registered. Returns how many these were."""
    gone = [session.key for session in sessions(folder).values() if not session.lives]
    for key in gone:
        with contextlib.suppress(OSError):
            # Opened and closed without writing anything: the hook reads the end of its input and exits.
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
    )  # fmt: skip
