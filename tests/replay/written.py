"""Small transcripts of several lanes, made at random: subagents, forks, copies, equal times, lines without a time."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from hypothesis import strategies as st

START = 1_778_317_200.0
SESSIONS = tuple(f"{name * 8}-0000-4000-8000-000000000000" for name in "abc")
STEPS = (0.0, 0.0, 1.0, 4.0, 30.0, 200.0, 2500.0)
OPS = ("prompt", "say", "tool", "tool", "tool", "fail", "edit", "end", "bad", "timeless", "late")
TASKS = (
    "S001 prove the refund envelope",
    "S002 prove the reissue envelope",
    "S003 prove the swap envelope",
    "Look on.",
)


def stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"


class Claude:
    """Lines of one Claude session, or of one of its subagents."""

    def __init__(self, session: str, agent: str | None = None) -> None:
        self.session = session
        self.agent = agent
        self.lines: list[dict[str, object]] = []
        self.calls = 0

    def put(self, at: float | None, kind: str, **rest: object) -> None:
        line: dict[str, object] = {
            "type": kind, "uuid": f"{self.session}{self.agent}{len(self.lines)}", "sessionId": self.session,
            "cwd": "/home/mara/harbor", "version": "2.1.329", "isSidechain": self.agent is not None, **rest,
        }  # fmt: skip
        if self.agent is not None:
            line["agentId"] = self.agent
        if at is not None:
            line["timestamp"] = stamp(at)
        self.lines.append(line)

    def op(self, op: str, at: float, number: int) -> None:
        name = f"{self.session[:4]}{self.agent or ''}{number}"
        match op:
            case "prompt":
                self.put(at, "user", message={"role": "user", "content": TASKS[number % len(TASKS)]})
            case "say":
                self.answer(at, name, {"type": "text", "text": f"Step {number % 3} of 9 is done."}, "end_turn")
            case "tool" | "fail" | "late":
                said = {"command": f"make check-{number % 2}"}
                self.answer(at, name, {"type": "tool_use", "id": f"toolu_{name}", "name": "Bash", "input": said})
                text = f"error in line {number % 2}" if op == "fail" else "ok"
                later = at - 5 if op == "late" else at
                self.result(later, f"toolu_{name}", text, failed=op == "fail")
            case "edit":
                said = {
                    "file_path": f"/home/mara/harbor/{number % 2}.go",
                    "old_string": "a",
                    "new_string": f"b{number}",
                }
                self.answer(at, name, {"type": "tool_use", "id": f"toolu_{name}", "name": "Edit", "input": said})
                self.result(at, f"toolu_{name}", "updated", failed=False)
            case "timeless":
                self.put(None, "user", message={"role": "user", "content": "Go on."})
            case "bad":
                self.lines.append({})
            case _:
                self.answer(at, name, {"type": "text", "text": "Done."}, "end_turn")

    def answer(self, at: float, name: str, block: dict[str, object], stop: str | None = None) -> None:
        self.calls += 1
        usage = {"input_tokens": 10, "cache_read_input_tokens": 900_000, "output_tokens": 20 * self.calls}
        message = {
            "id": f"msg_{name}", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "content": [block],
            "stop_reason": stop, "usage": usage,
        }  # fmt: skip
        self.put(at, "assistant", message=message, requestId=f"req_{name}")

    def result(self, at: float, call: str, text: str, *, failed: bool) -> None:
        block = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": failed}
        self.put(at, "user", message={"role": "user", "content": [block]}, toolUseResult={"stdout": text})

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join("{broken" if not line else json.dumps(line) for line in self.lines)
        path.write_text(text)  # without a last newline: a line at rest counts


class Codex:
    """Lines of one Codex thread."""

    def __init__(self, number: int) -> None:
        self.thread = f"019e0bf7-{number:04x}-7ae8-bc12-{number:012d}"
        self.lines: list[dict[str, object]] = []
        self.total = 0
        self.calls = 0

    def put(self, at: float, kind: str, payload: dict[str, object]) -> None:
        self.lines.append({"timestamp": stamp(at), "type": kind, "payload": payload})

    def begin(self, at: float, parent: Codex | None, *, copied: bool) -> None:
        meta: dict[str, object] = {
            "id": self.thread,
            "timestamp": stamp(at),
            "cwd": "/home/mara/harbor",
            "cli_version": "0.169.0",
        }
        if parent is not None:
            meta["forked_from_id"] = parent.thread
        self.put(at, "session_meta", meta)
        if parent is not None and copied:
            self.lines += parent.lines
            self.total = parent.total
        self.put(at, "turn_context", {"model": "gpt-5.3-codex", "cwd": "/home/mara/harbor"})

    def op(self, op: str, at: float, number: int) -> None:
        if op == "prompt":
            content = [{"type": "input_text", "text": TASKS[number % len(TASKS)]}]
            self.put(at, "response_item", {"type": "message", "role": "user", "content": content})
            return
        call = f"call_{number}"
        if op in ("tool", "fail"):
            arguments = json.dumps({"cmd": f"make check-{number % 2}"})
            self.put(
                at,
                "response_item",
                {"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": call},
            )
            self.put(
                at, "response_item", {"type": "function_call_output", "call_id": call, "output": f"{op} {number % 2}"}
            )
        self.calls += 1
        self.total += 400_000
        counts = {
            "input_tokens": 400_000,
            "cached_input_tokens": 0,
            "output_tokens": 0,
            "reasoning_output_tokens": 0,
            "total_tokens": 400_000,
        }
        info = {
            "total_token_usage": {**counts, "input_tokens": self.total, "total_tokens": self.total},
            "last_token_usage": counts,
        }
        limits = {
            "limit_id": "codex",
            "primary": {"used_percent": float(number % 5), "window_minutes": 300, "resets_in_seconds": 60},
        }
        self.put(at, "event_msg", {"type": "token_count", "info": info, "rate_limits": limits})

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line) + "\n" for line in self.lines))


@st.composite
def scripts(draw: st.DrawFn) -> tuple[tuple[tuple[int, str, float], ...], int, tuple[int, ...]]:
    """What happens (which lane, what, how much later), how far in the forks are made, and the files' ages."""
    happens = st.tuples(st.integers(0, 4), st.sampled_from(OPS), st.sampled_from(STEPS))
    ops = tuple(draw(st.lists(happens, min_size=5, max_size=60)))
    ages = tuple(draw(st.lists(st.integers(0, 1000), min_size=8, max_size=8)))
    return ops, draw(st.integers(0, len(ops))), ages


def write(folder: Path, script: tuple[tuple[tuple[int, str, float], ...], int, tuple[int, ...]]) -> None:
    """Two sessions, a subagent of the first, a thread and its fork; and two kinds of copies of the first session."""
    ops, forked_at, ages = script
    sessions = [Claude(SESSIONS[0]), Claude(SESSIONS[1]), Claude(SESSIONS[0], "feedbeef")]
    threads = [Codex(1), Codex(2)]
    switched, opened = Claude(SESSIONS[2]), Claude("dddddddd-0000-4000-8000-000000000000")
    at = START
    for number, (lane, op, step) in enumerate(ops):
        at += step
        if number == forked_at:
            threads[1].begin(at, threads[0] if threads[0].lines else None, copied=number % 2 == 0)
            switched.lines = list(sessions[0].lines)
            opened.lines = [
                {
                    "type": "permission-mode",
                    "permissionMode": "default",
                    "sessionId": opened.session,
                    "timestamp": stamp(at),
                }
            ]
            opened.lines += [{**line, "sessionId": opened.session} if line else line for line in sessions[0].lines]
        if lane < 3:
            sessions[lane].op(op, at, number)
        else:
            thread = threads[lane - 3]
            if not thread.lines:
                thread.begin(at, None, copied=False)
            thread.op(op, at, number)
        if number > forked_at and number % 3 == 0:
            switched.op(op, at + 0.5, 1000 + number)
            opened.op(op, at + 0.5, 2000 + number)
    _lay(folder, sessions, threads, switched, opened)
    for path, age in zip(sorted(path for path in folder.rglob("*.jsonl")), ages, strict=False):
        os.utime(path, (START + age, START + age))


def _lay(folder: Path, sessions: list[Claude], threads: list[Codex], switched: Claude, opened: Claude) -> None:
    project = folder / "claude" / "projects" / "-home-mara-harbor"
    for made in (sessions[0], sessions[1], switched, opened):
        if any(made.lines):
            made.write(project / f"{made.session}.jsonl")
    if sessions[2].lines:
        sessions[2].write(project / SESSIONS[0] / "subagents" / "agent-feedbeef.jsonl")
        (project / SESSIONS[0] / "subagents" / "agent-feedbeef.meta.json").write_text(
            '{"agentType":"Explore","description":"Look"}'
        )
    for number, thread in enumerate(threads):
        if thread.lines:
            name = f"rollout-2026-05-09T09-0{number}-00-{thread.thread}.jsonl"
            thread.write(folder / "codex" / "sessions" / "2026" / "05" / "09" / name)
