"""The demo's workers: small processes that run the gate as a client does, and follow its answer.

`python -m tui.agents.claude.demo_worker HOME GATE KIND` writes a transcript like Claude Code's below HOME, registers
like it, and runs GATE before each tool and each model call. KIND is `loop` (the same failing request again and again,
until it is redirected) or another of `PROMPTS` (one file after another). It ends when it is closed, on SIGTERM, or when
its parent has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from tui.agents.process import see
from tui.io.json_fields import Record, obj, parse
from tui.io.lines import BadLine

MODEL = "claude-sonnet-4-5"
THINK_S, TOOL_S = 1.2, 0.8
"""Seconds that its model and its tools take."""
CONTEXT = 18_000
FILES = ("berths", "tariffs", "pilots", "tides", "manifests", "moorings", "weather", "customs", "cranes", "buoys")
SLOWLY_S = 4.0
"""Seconds that the model takes for kinds other than `loop` and `work`. It is long, so that their gates cost little."""
PROMPTS = {
    "loop": "live: Prove that the refund endpoint answers for every pier",
    "work": "live: Read the harbour modules one by one and note what each of them owns",
    "tariffs": "live: Write down the rules of every tariff",
    "tides": "live: Check the tide tables against the almanac",
    "handbook": "live: Describe each crane in the harbour handbook",
}
"""The prompt of each kind of worker. `live:` distinguishes these lanes, which can be controlled, from those of the
samples."""
CLOSEOUT = (
    "Closeout. Asked for: {asked}. Done: {done} steps, each recorded above. Tried and failed: nothing beyond them."
    " Half done: nothing. Next: decide whether the answer is worth more of the same."
)


class Closed(Exception):
    """The gate ended the loop."""


class Worker:
    """One session."""

    def __init__(self, home: Path, gate: str, kind: str) -> None:
        self.session = str(uuid.uuid4())
        self.cwd = str(home / "harbour")
        self.gate = gate
        self.kind = kind
        self.config = home / ".claude"
        self.file = self.config / "projects" / "-demo-harbour" / f"{self.session}.jsonl"
        self.steps = 0
        self.calls = 0
        self.told = ""
        self.last = ""
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
                self._step()
        except Closed:
            return

    def _step(self) -> None:
        time.sleep(THINK_S if self.kind in ("loop", "work") else SLOWLY_S)
        self.steps += 1
        call = f"toolu_{uuid.uuid4().hex[:24]}"
        command, result, failed = self._work()
        self._write_assistant(
            [{"type": "tool_use", "id": call, "name": "Bash", "input": {"command": command}}], "tool_use"
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

    def _work(self) -> tuple[str, str, bool]:
        """The next command, its output, and whether it failed. After a redirect it works without failures."""
        if self.kind == "loop" and not self.told:
            return (
                "curl -s https://harbour.example/refund/envelope",
                "HTTP 403 forbidden: no grant for this envelope",
                True,
            )
        name = FILES[self.steps % len(FILES)]
        lines = 40 + (self.steps * 37) % 400
        rules = f"{lines // 9} of them rules; table {name}_{self.steps} is written by it alone"
        owns = f"{name}.py owns {lines} lines, {rules}"
        folder = "harbour" if self.kind in ("loop", "work") else self.kind
        return f"sed -n '1,{lines}p' {folder}/{name}_{self.steps}.py", owns, False

    def _is_closing(self) -> bool:
        return "Do not begin new work" in self.told or "Closed by the operator" in self.told

    # -- the gate ---------------------------------------------------------------------------------

    def _ask(self, event: str, *, mode: str = "", **fields: Any) -> Record:
        """Runs the hook as the client does: its input on standard input, its answer on standard output."""
        given = {
            "session_id": self.session,
            "transcript_path": str(self.file),
            "cwd": self.cwd,
            "hook_event_name": event,
        }
        env = {**os.environ, "CLAUDE_CODE_SESSION_ID": self.session, "CLAUDE_PID": str(os.getpid())}
        args = [self.gate, "claude", *([mode] if mode else [])]
        done = subprocess.run(
            args, input=json.dumps({**given, **fields}).encode(), env=env, stdout=subprocess.PIPE, check=False
        )
        try:
            return parse(done.stdout or b"{}")
        except BadLine:
            return {}

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

    def _register(self, status: str) -> None:
        self.registration.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = int(time.time() * 1000)
        sight = see(os.getpid())
        self.registration.write_text(json.dumps({
            "pid": os.getpid(), "sessionId": self.session, "cwd": self.cwd, "startedAt": now, "status": status,
            "statusUpdatedAt": now, "kind": "interactive", "procStart": sight.start if sight is not None else None,
        }))  # fmt: skip

    def leave(self) -> None:
        """Removes its registration, as the client does when it ends."""
        with contextlib.suppress(OSError):
            self.registration.unlink()


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
