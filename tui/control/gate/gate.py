"""The gate's full answer: there is a request for this session, or the session is not registered yet.

Runs alone (`python -I -S gate.py AGENT [woke]`) from the state folder, with the standard library only: it must start
fast and must not depend on what is installed. It reads the agent's hook input from standard input and writes the
answer to standard output. The exit code is 0, or 2 for an idle session that is woken (the text is on standard error).

Files beside it (0700 or 0600, each written whole by rename or by one append):

    ../requests/AGENT-SESSION/ID.json    a request: {"id", "verb", "agent_id", "text", "now", "until", "stop_at",
                                         "client", "asked"}
    ../taken/ID                          created by the one gate that gives the text
    ../acks/ID.jsonl                     what the gates did: {"at", "did", "event", "pid", "start", ...}
    ../sessions/AGENT-SESSION            a session: {"pid", "start", "transcript", "cwd", "pane", "tmux", ...}

A request is for the process that ran the session when the request was made (`client`: {"pid", "start"}). When that
process has ended, another one may continue the session, and the request is not for that one. A request counts only
while its folder can be written: a request that nobody could withdraw must hold no lane.

Times are seconds UTC. They are compared with the clock as it would be if nobody had set it since the request was made
(`asked`: {"boot", "uptime", "at"}: the id of this start of the machine, the seconds since then, and seconds UTC).

Verbs: `pause` holds until the request is removed. `redirect` gives its text once. `close` gives its text once, writes
down when the next turn has ended, and stops the loop from `stop_at` on. The effect of each answer was measured on
Claude Code 2.1.329 and Codex 0.169.0.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time

TYPE_CHECKING = False  # `typing` itself would take a quarter of the start time
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

AGENTS: dict[str, dict[str, Any]] = {}  # filled in where the gate is installed
"""For each agent: `client` and `entrypoint`, the environment variables that contain its process id and how it was
started; `context_before_tool`: True if a text can be added before a tool runs; and `asking`: the tools by which it asks
a person, each with the kind of request."""
PLAIN_ID = re.compile(r"\A[0-9A-Za-z][0-9A-Za-z-]{0,127}\Z")
LONGEST_HOLD_S = 86_400 - 300
"""The longest hold in seconds. Hooks are installed with a time limit of a day, and agents run the tool if a hook
exceeds it."""
QUICK_S, SLOW_S = 0.05, 0.2
"""Seconds between two checks while the gate holds; `SLOW_S` after the first ten seconds."""
INPUT_CAP = 64 * 1024 * 1024
REQUEST_CAP = 1024 * 1024
SHELLS = ("sh", "bash", "dash", "zsh")
ENDED_STATES = ("Z", "X", "x")
"""States in /proc/PID/stat of a process that has ended, but whose parent has not collected it yet."""

PAUSED_FOR_A_DAY = "Paused by the operator for a day. Do nothing more; end your turn now."
CLOSED = "Closed by the operator: no further work. End your turn now."
CLOSED_TO_PROMPTS = "The operator closes this session with lanewatch. To work on in it: `lanewatch resume {session}`."
"""The text for a person whose prompt is refused."""


class Gate:
    """One call of the hook."""

    def __init__(
        self,
        state: str,
        agent: str,
        given: dict[str, Any],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        uptime: Callable[[], float] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`state` is the folder, `given` is the hook's input. Raises `ValueError` if the session id is not plain.

        `clock` (seconds UTC) may be set while the gate runs. `uptime` (seconds since the machine started) and
        `monotonic` (the same without sleep, as the agents count a hook's time) are never set.
        """
        self.state, self.agent, self.given = state, agent, given
        self.facts = AGENTS.get(agent, {})
        self.clock, self.sleep, self.uptime, self.monotonic = clock, sleep, uptime or since_boot, monotonic
        self.event = str(given.get("hook_event_name", ""))
        session = given.get("session_id")
        if not isinstance(session, str) or not PLAIN_ID.match(session):
            raise ValueError("the hook's input names no session")
        self.session, self.key = session, f"{agent}-{session}"
        child = given.get("agent_id")
        self.child = child if isinstance(child, str) and child else None
        self.client = client_pid(self.facts.get("client") or "")

    # -- what is asked ------------------------------------------------------------------------

    def requests(self) -> list[dict[str, Any]]:
        """The requests for this lane, the oldest first. A damaged file is ignored."""
        folder = os.path.join(self.state, "requests", self.key)
        found: list[dict[str, Any]] = []
        if os.path.exists(folder) and not os.access(folder, os.W_OK | os.X_OK):
            complain(f"{folder} cannot be written, so no request could be withdrawn: the lane goes on")
            return found
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(folder)):
                request = read_json(os.path.join(folder, name), REQUEST_CAP)
                if name.endswith(".json") and request is not None and self.concerns(request, name[:-5]):
                    found.append(request)
        return found

    def concerns(self, request: dict[str, Any], name: str) -> bool:
        """True if the request is for this lane and has not lapsed."""
        until = request.get("until")
        lapsed = isinstance(until, (int, float)) and self.time_of(request) >= until
        aimed = request.get("agent_id")
        # A pause of a whole session holds its subagents too; a text for the session is for its main lane only.
        mine = aimed == self.child or (aimed is None and request.get("verb") == "pause")
        if aimed is None and self.child is not None and request.get("verb") == "close":
            mine = self.stops(request)
        meant = not lapsed and self.is_for_this_client(request)
        return request.get("id") == name and bool(PLAIN_ID.match(name)) and mine and meant

    def is_for_this_client(self, request: dict[str, Any]) -> bool:
        """False if the process that the request was made for has ended: another process runs the session now."""
        client = request.get("client")
        if not isinstance(client, dict) or client == {"pid": self.client, "start": start_of(self.client)}:
            return True
        pid, start = client.get("pid"), client.get("start")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return not isinstance(pid, int) or not isinstance(start, str) or start_of(pid) == start

    def time_of(self, request: dict[str, Any]) -> float:
        """The time now in seconds UTC, by the clock as it was when the request was made, even if it was set since."""
        asked = request.get("asked")
        if not isinstance(asked, dict) or asked.get("boot") is None or asked["boot"] != boot_id():  # pyright: ignore[reportUnknownMemberType]
            return self.clock()
        at, uptime = asked.get("at"), asked.get("uptime")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(at, (int, float)) or not isinstance(uptime, (int, float)):
            return self.clock()
        return at + self.uptime() - uptime

    def stops(self, request: dict[str, Any]) -> bool:
        """True if the time of a close to stop the lane has come: no more tool calls, no more model calls."""
        stop_at = request.get("stop_at")
        return isinstance(stop_at, (int, float)) and self.time_of(request) >= stop_at

    # -- answering ------------------------------------------------------------------------------

    def answer(self) -> dict[str, Any] | None:
        """Holds as long as a pause is in force. Returns the answer for the agent, or None."""
        ran_out = self.hold()
        if ran_out:
            return self.refuse(PAUSED_FOR_A_DAY)
        for request in self.requests():
            verb = request.get("verb")
            if verb == "close" and self.stops(request):
                prompt = self.event == "UserPromptSubmit"
                answer = self.refuse(CLOSED_TO_PROMPTS.format(session=self.session) if prompt else CLOSED)
                if answer is not None:
                    self.ack(request, "stopped")
                    return answer
            if verb in ("redirect", "close"):
                answer = self.deliver(request)
                if answer is not None:
                    return answer
            if verb == "close" and self.event in ("Stop", "SubagentStop") and self.was_taken(request):
                self.ack(request, "turn_ended", said=len(str(self.given.get("last_assistant_message") or "")))
        return None

    def hold(self) -> bool:
        """Holds while a pause is in force. True if the hook's own time limit was reached."""
        began, looked = self.monotonic(), float("-inf")
        held: list[dict[str, Any]] = []
        stamp: int | None = None
        while True:
            now = self.monotonic()
            stamp_now = folder_stamp(os.path.join(self.state, "requests", self.key))
            if stamp_now != stamp or now - looked >= 1.0:
                stamp, looked = stamp_now, now
                every = self.requests()
                stopping = any(one.get("verb") == "close" and self.stops(one) for one in every)
                asked = [] if stopping else [one for one in every if one.get("verb") == "pause"]
                for one in asked if self.can_hold() else ():
                    if one["id"] not in [other["id"] for other in held]:
                        held.append(one)
                        self.ack(one, "held")
                if not asked or not self.can_hold():
                    break
                if now - began >= LONGEST_HOLD_S:
                    for one in held:
                        self.ack(one, "ran_out")
                    return True
                if not alive(self.client):
                    sys.exit(0)  # the client has ended: nobody waits for the answer
            self.sleep(QUICK_S if now - began < 10 else SLOW_S)
        for one in held:
            self.ack(one, "released")
        return False

    def can_hold(self) -> bool:
        """False for events at which nothing can be held; after the end of a turn the next prompt is held instead."""
        return self.event not in ("Stop", "SubagentStop", "SessionStart", "SessionEnd")

    def deliver(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Gives a text once, in the way that this event allows.

        None if the event does not allow it, or another gate gave it.
        """
        text = request.get("text")
        if not isinstance(text, str) or not text:
            return None
        answer = self.telling(text, now=bool(request.get("now")))
        if answer is None or not self.take(request):
            return None
        self.ack(request, "told")
        return answer

    def telling(self, text: str, *, now: bool) -> dict[str, Any] | None:
        """The answer that gives a text to the model at this event; None if this event cannot give it."""
        if self.event in ("Stop", "SubagentStop"):
            return {"decision": "block", "reason": text}
        if self.event == "PreToolUse":
            return self.refuse(text) if now else (self.context(text) if self.facts.get("context_before_tool") else None)
        if self.event in ("PostToolUse", "PostToolBatch", "UserPromptSubmit"):
            return self.context(text)
        return None

    def context(self, text: str) -> dict[str, Any]:
        """The answer that adds a text to what the model reads next."""
        return {"hookSpecificOutput": {"hookEventName": self.event, "additionalContext": text}}

    def refuse(self, reason: str) -> dict[str, Any] | None:
        """The answer that refuses the tool or prompt and, where the agent allows it, the next model call.

        None if this event cannot refuse.
        """
        if self.event == "PreToolUse":
            # `continue: false` here would let this tool run (Claude Code) or have no effect (Codex).
            return {
                "hookSpecificOutput": {
                    "hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason,
                }
            }  # fmt: skip
        if self.event == "PostToolBatch":
            return {"continue": False, "stopReason": reason}
        if self.event == "UserPromptSubmit":
            return {"decision": "block", "reason": reason}
        return None

    # -- what is written --------------------------------------------------------------------------

    def take(self, request: dict[str, Any]) -> bool:
        """Claims a request's text for this gate. True if no other gate has claimed it."""
        try:
            os.close(
                os.open(os.path.join(self.state, "taken", request["id"]), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            )
        except FileExistsError:
            return False
        except OSError as error:
            complain(f"the text of {request['id']} cannot be given: {error}")
            return False
        if request.get("verb") == "redirect":
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.state, "requests", self.key, request["id"] + ".json"))
                # Then `gate.sh` answers without this program again.
                os.rmdir(os.path.join(self.state, "requests", self.key))
        return True

    def was_taken(self, request: dict[str, Any]) -> bool:
        """True if a gate has claimed the request's text."""
        return os.path.exists(os.path.join(self.state, "taken", request["id"]))

    def ack(self, request: dict[str, Any], did: str, **more: object) -> None:
        """Writes down what was done. If that fails, the lane continues, and standard error has the reason."""
        line = {
            "at": self.time_of(request), "did": did, "event": self.event, "pid": os.getpid(),
            "start": start_of(os.getpid()), "agent_id": self.child, "call": self.given.get("tool_use_id"),
            "tool": self.given.get("tool_name"), **more,
        }  # fmt: skip
        try:
            append(os.path.join(self.state, "acks", request["id"] + ".jsonl"), line)
        except OSError as error:
            complain(f"{did} cannot be written: {error}")

    def register(self) -> None:
        """Registers the session at its first hook, and again when another process runs it."""
        path = os.path.join(self.state, "sessions", self.key)
        known = read_json(path, REQUEST_CAP)
        mine = {"pid": self.client, "start": start_of(self.client)}
        if known is not None and {name: known.get(name) for name in mine} == mine:
            return
        env = os.environ
        facts = {
            "v": 1, **mine, "at": self.clock(), "transcript": self.given.get("transcript_path"),
            "cwd": self.given.get("cwd"), "pane": env.get("TMUX_PANE"), "tmux": env.get("TMUX"),
            "entrypoint": env.get(self.facts.get("entrypoint") or ""),
        }  # fmt: skip
        try:
            write_whole(path, facts)
        except OSError as error:
            complain(f"the session cannot be registered: {error}")


def woken(gate: Gate) -> int:
    """Answers for an idle session that was woken: it continues if the text is on standard error and the exit code is 2.

    Returns that code.
    """
    gate.event = "Stop"
    for request in gate.requests():
        text = request.get("text")
        if request.get("verb") in ("redirect", "close") and isinstance(text, str) and text and gate.take(request):
            gate.ack(request, "told", woke=True)
            sys.stderr.write(text)
            return 2
    return 0


# -- files and processes ------------------------------------------------------------------------


def read_json(path: str, cap: int) -> dict[str, Any] | None:
    """The JSON object in a file of at most `cap` bytes, or None."""
    try:
        with open(path, "rb") as file:
            data = file.read(cap + 1)
        return an_object(data) if len(data) <= cap else None
    except (OSError, ValueError, RecursionError):
        return None


def an_object(data: bytes) -> dict[str, Any] | None:
    """A JSON object; None for any other value. Raises `ValueError` if the data is not JSON."""
    value = json.loads(data)
    return value if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType]


def write_whole(path: str, value: dict[str, Any]) -> None:
    """Writes a file by rename, so that no reader sees half of it."""
    half = f"{path}.{os.getpid()}.tmp"
    fd = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(fd, json.dumps(value).encode())
    finally:
        os.close(fd)
    os.replace(half, path)


def append(path: str, line: dict[str, Any]) -> None:
    """Appends one line in one write."""
    fd = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        os.write(fd, json.dumps(line).encode() + b"\n")
    finally:
        os.close(fd)


def folder_stamp(path: str) -> int | None:
    """The folder's time of change; it differs after a request was added or removed. None if there is no folder."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def since_boot() -> float:
    """Seconds since the machine started, including sleep. Without such a clock: of the monotonic clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot_id() -> str | None:
    """The id of this start of the machine; None if it is unknown."""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            return file.read(64).decode("ascii").strip() or None
    except (OSError, ValueError):
        return None


def start_of(pid: int | None) -> str | None:
    """The start time of a process in kernel ticks (Linux); None if it is unknown or the process has ended.

    A process whose parent has not collected it yet has ended.
    """
    stat = proc_stat(pid)
    return stat[19] if stat is not None and stat[0] not in ENDED_STATES else None


def proc_stat(pid: int | None) -> list[str] | None:
    """The fields of /proc/PID/stat from the state (field 3) on, or None."""
    if pid is None:
        return None
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read(4096).rpartition(b")")[2].decode("ascii").split()
    except (OSError, ValueError):
        return None


def client_pid(variable: str) -> int | None:
    """The agent's own process id: from an environment variable, or the first parent process that is not a shell."""
    stated = os.environ.get(variable, "")
    if stated.isdigit() and len(stated) < 10:
        return int(stated)
    pid = os.getppid()
    for _ in range(4):
        stat = proc_stat(pid)
        if stat is None or command_of(pid) not in SHELLS:
            break
        pid = int(stat[1])
    return pid if pid > 1 else None


def command_of(pid: int) -> str:
    """The short name of a process, or an empty string."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as file:
            return file.read(64).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def alive(pid: int | None) -> bool:
    """False only if the process is known to have ended."""
    if pid is None:
        return os.getppid() != 1
    stat = proc_stat(pid)
    if stat is not None and stat[0] in ENDED_STATES:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def complain(words: str) -> None:
    """Writes one line to standard error, which the client shows in its own log."""
    sys.stderr.write(f"lanewatch gate: {words}\n")


def main(argv: Sequence[str], state: str) -> int:
    """Runs the hook once. Returns the exit code: 0, or 2 for a session that is woken."""
    woke = argv[2:] == ["woke"]
    try:
        gate = Gate(state, argv[1], an_object(sys.stdin.buffer.read(INPUT_CAP) or b"{}") or {})
    except (ValueError, IndexError, RecursionError) as error:
        complain(f"the hook's input cannot be read ({error}): the lane goes on")
        return 0
    if woke:
        return woken(gate)
    if gate.event != "SessionEnd":
        gate.register()
    answer = gate.answer()
    if answer is not None:
        sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir)))
