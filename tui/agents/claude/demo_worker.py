"""The demo's workers: small processes that run the gate as a client does, and follow its answer.

`python -m tui.agents.claude.demo_worker HOME GATE KIND` writes a transcript like Claude Code's below HOME, registers
like it, and runs GATE before each tool and each model call. KIND is `loop` (the same failing request again and again,
until it is redirected), `ask` (asks a person, does what the answer says, and asks again) or another of `PROMPTS` (one
file after another). It ends when it is closed, on SIGTERM, or when its parent has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from tui.agents.claude.demo_modules import FILES, module, note
from tui.agents.process import see
from tui.io.json_fields import Record, obj, parse
from tui.io.lines import BadLine

MODEL = "claude-sonnet-4-5"
THINK_S, TOOL_S = 1.2, 0.8
"""Seconds that its model and its tools take."""
CONTEXT = 18_000
PROJECT = "quayside"
SLOWLY_S = 4.0
"""Seconds that the model takes for kinds other than `loop` and `work`. It is long, so that their gates cost little."""
PROMPTS = {
    "loop": "live: Prove that the refund endpoint answers for every pier",
    "work": "live: Read the harbour modules one by one and note what each of them owns",
    "tariffs": "live: Write down the rules of every tariff",
    "tides": "live: Check the tide tables against the almanac",
    "handbook": "live: Describe each crane in the harbour handbook",
    "ask": "live: Write the winter timetable, and ask me before each decision",
}
"""The prompt of each kind of worker. `live:` distinguishes these lanes, which can be controlled, from those of the
samples."""
QUESTION = {
    "questions": [{
        "question": "Which night ferry stays in the winter timetable?",
        "header": "Night ferry",
        "multiSelect": False,
        "options": [
            {"label": "22:30", "description": "full on Fridays, half empty else"},
            {"label": "23:45", "description": "meets the last train"},
            {"label": "both", "description": "needs a second crew"},
        ],
    }],
}  # fmt: skip
COMMAND = {"command": "rm -r timetable/drafts", "description": "Remove the drafts of the timetable"}
PLAN = {
    "plan": "1. Move every departure after 20:00 by ten minutes.\n2. Print the timetable for the piers.\n"
    "3. Tell the crews."
}
REQUESTS = (("AskUserQuestion", QUESTION), ("Bash", COMMAND), ("ExitPlanMode", PLAN))
"""The requests of the worker `ask`, one after the other: a tool and its input."""
WAITS_FOR = {"Bash": "permission prompt", "ExitPlanMode": "approve plan", "AskUserQuestion": "input needed"}
CLOSING = "Do not begin new work"
"""Words of every closing template."""
STEPS_BETWEEN = 3
"""The number of steps of that worker after each answer, so that its reaction is visible."""
PARENT_LOOK_S = 0.5
"""Seconds between two looks whether the parent is still there while a hook runs."""
CLOSEOUT = (
    "Closeout. Asked for: {asked}. Done: {done} steps, each recorded above. Tried and failed: nothing beyond them."
    " Half done: nothing. Next: decide whether the answer is worth more of the same."
)


def honest_work(kind: str, step: int) -> tuple[str, str]:
    """A command and its output: a file is read, then what it owns is noted, then the next one is read."""
    number = (step + 1) // 2
    folder = "harbour" if kind in ("loop", "work") else kind
    name = FILES[number % len(FILES)]
    if step % 2 == 0:
        return f"echo {shlex.quote(note(name, number))} >> notes/{folder}.md", ""
    title, text = module(name, number)
    return f"cat {folder}/{title}.py", text


class Closed(Exception):
    """The gate ended the loop."""


class Worker:
    """One session."""

    def __init__(self, home: Path, gate: str, kind: str) -> None:
        self.session = str(uuid.uuid4())
        self.cwd = str(home / PROJECT)
        self.gate = gate
        self.kind = kind
        self.config = home / ".claude"
        self.file = self.config / "projects" / f"-demo-{PROJECT}" / f"{self.session}.jsonl"
        self.steps = 0
        self.calls = 0
        self.told = ""
        self.last = ""
        self.answer = ""
        """The last answer that the worker `ask` got, in a few words."""
        self.says = ""
        """The text that it writes before its next call."""
        self.asked = 0
        self.parent = os.getppid()

    # -- the loop ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Works until it is closed."""
        self._register("busy")
        self._ask("SessionStart", mode="start", source="startup")
        self._say_user(PROMPTS[self.kind])
        self._obey(self._ask("UserPromptSubmit", prompt=PROMPTS[self.kind]))
        try:
            while os.getppid() == self.parent:
                if self._is_closing():
                    self._answer(CLOSEOUT.format(asked=PROMPTS[self.kind], done=self.steps))
                    if not self._obey(self._ask("Stop", last_assistant_message=self.last)):
                        return
                    continue
                if self.kind == "ask" and self.steps >= self.asked * STEPS_BETWEEN:
                    self._ask_person()
                else:
                    self._step()
        except Closed:
            return

    def _step(self) -> None:
        time.sleep(THINK_S if self.kind in ("loop", "work") else SLOWLY_S)
        self.steps += 1
        call = f"toolu_{uuid.uuid4().hex[:24]}"
        command, result, failed = self._work()
        text = [{"type": "text", "text": self.says}] if self.says else []
        self.says = ""
        self._write_assistant(
            [*text, {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": command}}], "tool_use"
        )
        verdict = self._ask("PreToolUse", tool_name="Bash", tool_input={"command": command}, tool_use_id=call)
        said = obj(verdict.get("hookSpecificOutput"))
        if said.get("permissionDecision") == "deny":
            reason = str(said.get("permissionDecisionReason", ""))
            self.told = reason
            self._write_result(call, reason, failed=True)
        else:
            self._obey(verdict)
            time.sleep(TOOL_S)
            self._write_result(call, result, failed=failed)
        self._obey(self._ask("PostToolBatch", tool_calls=[{"tool_name": "Bash", "tool_use_id": call}]))

    def _ask_person(self) -> None:
        """Asks the next of its requests, waits until it is answered, and tells what it makes of the answer."""
        time.sleep(THINK_S)
        tool, given = REQUESTS[self.asked % len(REQUESTS)]
        self.asked += 1
        call = f"toolu_{uuid.uuid4().hex[:24]}"
        self._write_assistant([{"type": "tool_use", "id": call, "name": tool, "input": given}], "tool_use")
        verdict = self._ask("PreToolUse", tool_name=tool, tool_input=given, tool_use_id=call)
        said = obj(verdict.get("hookSpecificOutput"))
        if said.get("permissionDecision") == "deny":
            self.told = str(said.get("permissionDecisionReason", ""))
            self._write_result(call, self.told, failed=True)
            return
        self._obey(verdict)
        self._register("waiting", WAITS_FOR[tool])
        answered = self._ask("PermissionRequest", mode="ask", tool_name=tool, tool_input=given)
        self._register("busy")
        decision = obj(obj(answered.get("hookSpecificOutput")).get("decision"))
        self._take(call, tool, decision)
        self._obey(self._ask("PostToolBatch", tool_calls=[{"tool_name": tool, "tool_use_id": call}]))

    def _take(self, call: str, tool: str, decision: Record) -> None:
        """Writes the decision of a person into the transcript, and says what follows from it."""
        allows = decision.get("behavior") == "allow"
        message = str(decision.get("message", ""))
        self._write({"type": "attachment", "attachment": {
            "type": "hook_permission_decision", "decision": "allow" if allows else "deny", "toolUseID": call,
            "hookEvent": "PermissionRequest",
        }})  # fmt: skip
        chosen = obj(obj(decision.get("updatedInput")).get("answers"))
        stated = ", ".join(f'"{question}"="{label}"' for question, label in chosen.items())
        results = {
            "AskUserQuestion": f"User has answered your questions: {stated}.",
            "Bash": "removed 'timetable/drafts'",
            "ExitPlanMode": "User has approved your plan. You can now start coding.",
        }
        self._write_result(call, results[tool] if allows else message, failed=not allows)
        words = {
            "AskUserQuestion": f"you chose {', '.join(map(str, chosen.values()))}",
            "Bash": "you allowed it: the drafts are removed",
            "ExitPlanMode": "you approved the plan",
        }
        self.answer = words[tool] if allows else f"you said no: {message}"
        self.says = f"{self.answer[0].upper()}{self.answer[1:]}."

    def _work(self) -> tuple[str, str, bool]:
        """The next command, its output, and whether it failed. After a redirect it works without failures."""
        if self.kind == "loop" and not self.told:
            return (
                "curl -s https://harbour.example/refund/envelope",
                "HTTP 403 forbidden: no grant for this envelope",
                True,
            )
        if self.kind == "ask":
            return f"echo '{self.steps}: {shown(self.answer)}' >> timetable/winter.md", "", False
        return (*honest_work(self.kind, self.steps), False)

    def _is_closing(self) -> bool:
        return CLOSING in self.told or "Closed by the operator" in self.told

    # -- the gate ---------------------------------------------------------------------------------

    def _ask(self, event: str, *, mode: str = "", **fields: Any) -> Record:
        """Runs the hook as the client does: its input on standard input, its answer on standard output."""
        given = {
            "session_id": self.session,
            "transcript_path": str(self.file),
            "cwd": self.cwd,
            "hook_event_name": event,
        }
        env = {
            **os.environ, "CLAUDE_CODE_SESSION_ID": self.session, "CLAUDE_PID": str(os.getpid()),
            "CLAUDE_CODE_ENTRYPOINT": "cli",
        }  # fmt: skip
        args = [self.gate, "claude", *([mode] if mode else [])]
        try:
            return parse(self._run(args, json.dumps({**given, **fields}).encode(), env) or b"{}")
        except BadLine:
            return {}

    def _run(self, args: Sequence[str], given: bytes, env: Mapping[str, str]) -> bytes:
        """The standard output of a hook. It may run for as long as a person thinks; nobody thinks without a parent."""
        with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as hook:
            try:
                waiting: bytes | None = given
                while True:
                    try:
                        return hook.communicate(waiting, timeout=PARENT_LOOK_S)[0]
                    except subprocess.TimeoutExpired:
                        waiting = None
                        if os.getppid() != self.parent:
                            raise Closed from None
            finally:
                hook.kill()

    def _obey(self, answer: Record) -> bool:
        """Follows the answer of the gate. True if the answer contains a text for the model."""
        if answer.get("continue") is False:
            self._attach("hook_stopped_continuation", str(answer.get("stopReason", "")))
            raise Closed
        if answer.get("decision") == "block":
            self.told = str(answer.get("reason", ""))
            self._say_user(self.told)
            return True
        said = obj(answer.get("hookSpecificOutput"))
        context = said.get("additionalContext")
        if isinstance(context, str) and context:
            self.told = context
            self._attach("hook_additional_context", context)
            return True
        return False

    # -- the transcript ---------------------------------------------------------------------------

    def _answer(self, text: str) -> None:
        time.sleep(THINK_S)
        self.last = text
        self._write_assistant([{"type": "text", "text": text}], "end_turn")

    def _write_assistant(self, content: list[dict[str, Any]], stop: str) -> None:
        self.calls += 1
        usage = {
            "input_tokens": 6,
            "cache_creation_input_tokens": 420,
            "output_tokens": 90 + 13 * (self.calls % 7),
            "cache_read_input_tokens": CONTEXT + 500 * self.calls,
        }
        message = {
            "id": f"msg_{uuid.uuid4().hex[:24]}", "type": "message", "role": "assistant", "model": MODEL,
            "content": content, "stop_reason": stop, "usage": usage,
        }  # fmt: skip
        self._write({"type": "assistant", "message": message, "requestId": f"req_{uuid.uuid4().hex[:24]}"})

    def _write_result(self, call: str, text: str, *, failed: bool) -> None:
        block = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": failed}
        self._write({"type": "user", "message": {"role": "user", "content": [block]}})

    def _say_user(self, text: str) -> None:
        self._write({"type": "user", "message": {"role": "user", "content": text}})

    def _attach(self, kind: str, text: str) -> None:
        self._write({"type": "attachment", "attachment": {"type": kind, "content": [text]}})

    def _write(self, fields: dict[str, Any]) -> None:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "parentUuid": None, "isSidechain": False, "userType": "external", "cwd": self.cwd, "version": "2.1.329",
            "sessionId": self.session, "gitBranch": "main", "uuid": str(uuid.uuid4()), "timestamp": stamp, **fields,
        }  # fmt: skip
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.file.open("ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")

    # -- the client's own list of processes ---------------------------------------------------------

    @property
    def registration(self) -> Path:
        """The file in which Claude Code registers a live process."""
        return self.config / "sessions" / f"{os.getpid()}.json"

    def _register(self, status: str, waits_for: str | None = None) -> None:
        self.registration.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = int(time.time() * 1000)
        sight = see(os.getpid())
        half = self.registration.with_suffix(".half")
        half.write_text(json.dumps({
            "pid": os.getpid(), "sessionId": self.session, "cwd": self.cwd, "startedAt": now, "status": status,
            "statusUpdatedAt": now, "kind": "interactive", "procStart": sight.start if sight is not None else None,
            **({"waitingFor": waits_for} if waits_for else {}),
        }))  # fmt: skip
        half.replace(self.registration)

    def leave(self) -> None:
        """Removes its registration, as the client does when it ends."""
        with contextlib.suppress(OSError):
            self.registration.unlink()


def shown(text: str) -> str:
    """A text within quotes of a command that is shown and not run."""
    return text.replace("'", "")[:80]


def main(argv: Sequence[str]) -> int:
    """Runs one worker. Returns 0; 143 if it was terminated."""
    home, gate, kind = argv[1:4]
    worker = Worker(Path(home), gate, kind)

    def end(number: int, frame: FrameType | None) -> None:
        worker.leave()
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    try:
        worker.run()
    finally:
        worker.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
