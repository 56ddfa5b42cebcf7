"""Waits for the operator's answer to one request of an agent: a permission, questions, or a plan.

Runs beside `gate.py` from the state folder (`python -I -S -B ask.py AGENT`), with the standard library only, as the
hook of the event PermissionRequest. In the meantime the client shows its own dialog: the first answer counts. It prints
the decision, or nothing if the request was answered elsewhere. The exit code is always 0.

Files (0700 or 0600):

    ../pending/NONCE.json   the request, as long as this process waits: {"nonce", "hash", "tool", "input", "calls", ...}
    ../answers/NONCE.json   the answer: {"nonce", "hash", "order", "decision", "text", "answers", "boot", "uptime"}
    ../acks/ORDER.jsonl the result of the answer: {"at", "did", "why", ...}

Each request has a new random nonce, so no answer can reach a later request, not even an equal one. The hash is that of
the tool and its whole input. An answer is valid for `VALID_S`, and is refused if nonce or hash differ; then the process
keeps waiting. Decisions: `allow`, `deny`, `choose`, `approve_plan`, `refuse_plan`. None of them holds for later
requests, and none changes the command that runs. The effect of each decision was measured on Claude Code 2.1.197 and
2.1.329.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import signal
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING or __name__ != "__main__":
    from tui.control.gate import gate
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import gate
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

VALID_S = 30.0
"""Seconds for which an answer is valid."""
INPUT_SHOWN = 1024 * 1024
"""Bytes of JSON. A larger input is not stored, because nobody could read it: it can only be answered in the pane."""
ANSWER_CAP = 1024 * 1024
LONGEST_WAIT_S = gate.LONGEST_HOLD_S
TAIL = 4 * 1024 * 1024
"""Bytes at the end of a transcript in which the call of this request is searched."""
SLICE = 16 * 1024 * 1024
NO_ARGUMENTS = "its client does not state what would be done"
CALM_S = 1.0
"""Seconds after which a client that does not say that it waits counts as working again."""
LOOK_S = 0.2
"""Seconds between two looks at the transcript and the client."""


def digest(tool: str, given: object) -> str:
    """The SHA-256 of a tool's name and its input, which is the same however the input's JSON was written."""
    whole = json.dumps([tool, given], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(whole.encode("ascii")).hexdigest()


class Over(Exception):
    """The request no longer needs an answer; the text says why."""


class Waiter:
    """One request, from its record to its answer."""

    def __init__(
        self,
        state: str,
        agent: str,
        given: dict[str, Any],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        uptime: Callable[[], float] | None = None,
    ) -> None:
        """`state` is the folder, `given` the hook's input. Raises `ValueError` if it names no session or tool."""
        self.state = state
        self.door = gate.Gate(state, agent, given, clock)
        self.clock, self.sleep, self.uptime = clock, sleep, uptime or gate.since_boot
        tool = given.get("tool_name")
        if not isinstance(tool, str) or not tool:
            raise ValueError("the hook's input names no tool")
        self.tool, self.input = tool, given.get("tool_input")
        self.facts: dict[str, Any] = gate.AGENTS.get(agent, {})
        self.nonce = secrets.token_hex(16)
        self.hash = digest(tool, self.input)
        self.client = {"pid": self.door.client, "start": gate.start_of(self.door.client)}
        self.begun = self.uptime()
        self.transcript = Transcript(self._path(given.get("transcript_path")), tool, self.hash)
        self.waited = False
        self.calm_since: float | None = None
        self.answer: dict[str, Any] = {}

    def _path(self, stated: object) -> str:
        """The transcript of the session, or of the subagent that asks."""
        path = stated if isinstance(stated, str) else ""
        if self.door.child is None or not gate.PLAIN_ID.match(self.door.child):
            return path
        return os.path.join(path.removesuffix(".jsonl"), "subagents", f"agent-{self.door.child}.jsonl")

    @property
    def kind(self) -> str:
        """`question`, `plan` or `permission`."""
        return self.facts.get("asking", {}).get(self.tool, "permission")

    # -- the record -------------------------------------------------------------------------------

    def unanswerable(self) -> str:
        """The reason why only a person at the pane can answer; empty if the operator can."""
        if len(json.dumps(self.input)) > INPUT_SHOWN:
            return "it is too long to be shown whole"
        if self.kind == "plan" and not a_text(a_dict(self.input).get("plan")).strip():
            return "its client does not state the plan"
        if self.kind == "question" and not self.questions():
            return "its client does not state the questions"
        return "" if isinstance(self.input, dict) else NO_ARGUMENTS

    def questions(self) -> list[str]:
        """The texts of the questions; empty if they cannot be distinguished."""
        asked = a_list(a_dict(self.input).get("questions"))
        found = [text for one in asked if (text := a_text(a_dict(one).get("question")))]
        return found if len(set(found)) == len(asked) else []

    def write_record(self) -> None:
        """Writes the request, so that it can be shown and answered. Raises `OSError`."""
        why = self.unanswerable()
        env = os.environ
        gate.write_whole(self._file("pending"), {
            "v": 1, "nonce": self.nonce, "hash": self.hash, "agent": self.door.agent, "session": self.door.session,
            "agent_id": self.door.child, "tool": self.tool,
            "input": None if len(json.dumps(self.input)) > INPUT_SHOWN else self.input, "unanswerable": why,
            "calls": sorted(self.transcript.open), "cwd": self.door.given.get("cwd"),
            "transcript": self.transcript.path, "pane": env.get("TMUX_PANE"), "tmux": env.get("TMUX"),
            "client": self.client, "waiter": {"pid": os.getpid(), "start": gate.start_of(os.getpid())},
            "at": self.clock(),
        })  # fmt: skip

    def _file(self, folder: str) -> str:
        return os.path.join(self.state, folder, f"{self.nonce}.json")

    # -- waiting ----------------------------------------------------------------------------------

    def wait(self) -> dict[str, Any] | None:
        """Waits until the request is answered. Returns the client's decision; None if it was answered elsewhere."""
        looked = float("-inf")
        try:
            self.transcript.begin()
            self.waited = self.says_it_waits() is True
            known = sorted(self.transcript.open)
            self.write_record()
            while True:
                decision = self.read_answer()
                if decision is not None:
                    return decision
                now = self.uptime()
                if now - looked >= LOOK_S:
                    looked = now
                    self.check(now)
                    if sorted(self.transcript.open) != known:
                        known = sorted(self.transcript.open)
                        self.write_record()
                self.sleep(gate.QUICK_S if now - self.begun < 10 else gate.SLOW_S)
        except Over as end:
            self.tell_loser(str(end))
            return None
        finally:
            for folder in ("pending", "answers"):
                with contextlib.suppress(OSError):
                    os.unlink(self._file(folder))

    def check(self, now: float) -> None:
        """Raises `Over` if the request no longer needs an answer."""
        pid = self.door.client
        if not gate.alive(pid) or gate.start_of(pid) != self.client["start"]:
            raise Over("its client has ended")
        if self.transcript.look():
            raise Over("answered in the pane: its result stands in the transcript")
        if now - self.begun >= LONGEST_WAIT_S:
            raise Over("the hook's time is over: only its pane can answer it")
        waits = self.says_it_waits()
        if waits is None:
            return
        if waits:
            self.waited, self.calm_since = True, None
        elif self.waited and self.calm_since is None:
            self.calm_since = now
        elif self.calm_since is not None and now - self.calm_since >= CALM_S:
            raise Over("answered in the pane: its client works again")

    def says_it_waits(self) -> bool | None:
        """Whether the client's own registry says that it waits for a person; None if it says nothing."""
        home = os.path.dirname(os.path.dirname(os.path.dirname(str(self.door.given.get("transcript_path") or ""))))
        pid = self.door.client
        known = gate.read_json(os.path.join(home, "sessions", f"{pid}.json"), ANSWER_CAP) if home and pid else None
        status = known.get("status") if known is not None else None
        return status == "waiting" if isinstance(status, str) else None

    # -- the answer -------------------------------------------------------------------------------

    def read_answer(self) -> dict[str, Any] | None:
        """The decision for the client; None as long as there is no valid answer."""
        path = self._file("answers")
        if not os.path.exists(path):
            return None
        answer = own_json(path)
        why = "it cannot be read" if answer is None else self.refusal(answer)
        decision = None if why or answer is None else self.decision(answer)
        if decision is None:
            self.ack(answer or {}, "refused", why or "it does not answer this request")
            with contextlib.suppress(OSError):
                os.unlink(path)
            return None
        # Checked again just before the decision: somebody at the pane may have answered in the meantime.
        self.check(self.uptime())
        self.answer = answer or {}
        return {"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": decision}}

    def refusal(self, answer: dict[str, Any]) -> str:
        """The reason why an answer is not for this request now; empty if it is."""
        if answer.get("nonce") != self.nonce:
            return "it is for another request"
        if answer.get("hash") != self.hash:
            return "the request is not the one that was shown"
        given, lasts = answer.get("uptime"), answer.get("valid_s")
        if answer.get("boot") != gate.boot_id() or not isinstance(given, (int, float)):
            return "it does not say when it was given"
        limit = min(VALID_S, lasts) if isinstance(lasts, (int, float)) else VALID_S
        if not -1.0 <= self.uptime() - given <= limit:
            return f"it came too late: it was valid for {limit:.0f} s"
        if self.unanswerable():
            return self.unanswerable()
        return ""

    def decision(self, answer: dict[str, Any]) -> dict[str, Any] | None:
        """The client's form of an answer; None if it is no answer to this kind of request."""
        word, text = answer.get("decision"), answer.get("text")
        refuses = "refuse_plan" if self.kind == "plan" else "deny"
        if word == refuses and isinstance(text, str) and text.strip():
            return {"behavior": "deny", "message": text}
        if word == "allow" and self.kind == "permission":
            return {"behavior": "allow"}
        if word == "choose" and self.kind == "question":
            chosen = a_dict(answer.get("answers"))
            if set(chosen) != set(self.questions()) or not all(a_text(value) for value in chosen.values()):
                return None
            asked = a_dict(self.input)["questions"]
            return {"behavior": "allow", "updatedInput": {"questions": asked, "answers": chosen}}
        if word == "approve_plan" and self.kind == "plan" and self.plan_is_unchanged():
            return {"behavior": "allow", "updatedInput": {}}
        return None

    def plan_is_unchanged(self) -> bool:
        """True if the file of the plan, if there is one, still contains the plan that was shown."""
        fields = a_dict(self.input)
        path = a_text(fields.get("planFilePath"))
        if not path:
            return True
        try:
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # a pipe must not hold the hook
                now = file.read(INPUT_SHOWN + 1).decode("utf-8", "replace")
            return now.strip() == a_text(fields.get("plan")).strip()
        except OSError:
            return False

    def tell_loser(self, why: str) -> None:
        """Writes down why an answer that is in the folder now comes too late."""
        answer = own_json(self._file("answers"))
        if answer is not None:
            self.ack(answer, "over", why)

    def ack(self, answer: dict[str, Any], did: str, why: str = "") -> None:
        """Writes down the result of an answer."""
        order = answer.get("order")
        if not isinstance(order, str) or not gate.PLAIN_ID.match(order):
            return
        line = {
            "at": self.clock(), "did": did, "why": why, "event": "PermissionRequest", "pid": os.getpid(),
            "start": gate.start_of(os.getpid()), "agent_id": self.door.child, "tool": self.tool,
            "nonce": self.nonce, "calls": sorted(self.transcript.open),
        }  # fmt: skip
        try:
            gate.append(os.path.join(self.state, "acks", f"{order}.jsonl"), line)
        except OSError as error:
            gate.complain(f"{did} cannot be written: {error}")

    def run(self) -> None:
        """Waits, prints the decision and writes down that it was printed. Ends at once if the client asks for it."""
        signal.signal(signal.SIGTERM, self._ended)
        decision = self.wait()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if decision is not None:
            sys.stdout.write(json.dumps(decision))
            sys.stdout.flush()
            self.ack(self.answer, "printed")

    def _ended(self, _signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Over("answered in the pane, or its client ended")


class Transcript:
    """The calls of a request in the transcript of its lane: those that have no result yet."""

    def __init__(self, path: str, tool: str, wanted: str) -> None:
        """`wanted` is the hash of tool and input."""
        self.path, self.tool, self.wanted = path, tool, wanted
        self.offset: int | None = None
        self.equal: set[str] = set()
        self.named: set[str] = set()
        self.done: set[str] = set()

    @property
    def open(self) -> set[str]:
        """The ids of calls without result to which this request may belong.

        Several equal calls at the same time cannot be distinguished. If a client adds something to the input, the calls
        of the same tool are taken.
        """
        return (self.equal or self.named) - self.done

    def begin(self) -> None:
        """Reads the end of the transcript: the request can only belong to a call that has no result yet."""
        self.look()
        self.equal -= self.done
        self.named -= self.done

    def look(self) -> bool:
        """Reads new lines. True if all calls to which this request may belong have a result."""
        for line in self._lines():
            if b'"tool_use"' in line or b'"tool_result"' in line:
                self._read(line)
        found = self.equal or self.named
        return bool(found) and found <= self.done

    def _lines(self) -> Iterator[bytes]:
        try:
            size = os.stat(self.path).st_size
            if self.offset is None:
                self.offset = max(0, size - TAIL)
            if size <= self.offset:
                return
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                data = file.read(SLICE)
        except OSError:
            return
        end = data.rfind(b"\n") + 1
        self.offset += end
        yield from data[:end].splitlines()

    def _read(self, line: bytes) -> None:
        try:
            message = (gate.an_object(line) or {}).get("message")
        except (ValueError, RecursionError):
            return
        for block in map(a_dict, a_list(a_dict(message).get("content"))):
            kind, call, result = block.get("type"), a_text(block.get("id")), a_text(block.get("tool_use_id"))
            if kind == "tool_use" and block.get("name") == self.tool and call:
                self.named.add(call)
                if digest(self.tool, block.get("input")) == self.wanted:
                    self.equal.add(call)
            elif kind == "tool_result" and result:
                self.done.add(result)


def a_dict(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def a_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def a_text(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def own_json(path: str) -> dict[str, Any] | None:
    """The JSON object in a file that only this user can have written, or None."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        return None
    return gate.read_json(path, ANSWER_CAP)


def main(argv: list[str], state: str) -> int:
    """Runs the hook once."""
    try:
        given = gate.an_object(sys.stdin.buffer.read(gate.INPUT_CAP) or b"{}") or {}
        waiter = Waiter(state, argv[1], given)
    except (ValueError, IndexError, RecursionError) as error:
        gate.complain(f"the hook's input cannot be read ({error}): only the pane can answer")
        return 0
    try:
        waiter.run()
    except OSError as error:
        gate.complain(f"the request cannot be stored ({error}): only the pane can answer")
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir)))
