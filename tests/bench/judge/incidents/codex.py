"""Lanes as Codex writes them: rollouts with function calls, and code mode, where a script calls the tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from tests.bench.judge.incidents.lane import Json, Lane

WINDOW = 258400
"""Tokens that fit into the model's context."""
COUNTED = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")


def _removed(text: str) -> str:
    return "\n".join(f"-{line}" for line in text.split("\n"))


def _added(text: str) -> str:
    return "\n".join(f"+{line}" for line in text.split("\n"))


def _counts(counts: Sequence[int]) -> Json:
    """The counts of tokens by name, in the order of COUNTED, with their total."""
    return dict(zip(COUNTED, counts, strict=True)) | {"total_tokens": counts[0] + counts[2]}


class CodexLane(Lane):
    """A session of Codex, or one of its subagents, that calls functions."""

    models = ("gpt-5.6-sol", "gpt-5.5", "gpt-5.6")

    def begin(self) -> str:
        self.sid = self.uuid(7)
        self.total = [0, 0, 0, 0]
        """Tokens so far, in the order of COUNTED."""
        self.patched: Json | None = None
        """The event of a patch, which is written before the result of the call."""
        moment = datetime.fromtimestamp(self.clock.t, UTC)
        path = f"sessions/{moment:%Y/%m/%d}/rollout-{moment:%Y-%m-%dT%H-%M-%S}-{self.sid}.jsonl"
        source: Any = "cli"
        if self.parent:
            thread = {
                "parent_thread_id": self.parent.sid,
                "depth": 1,
                "agent_path": f"/root/{self.task}",
                "agent_nickname": self.rng.choice(["Euclid", "Hypatia", "Noether", "Turing", "Ada", "Gauss"]),
                "agent_role": "worker",
            }
            source = {"subagent": {"thread_spawn": thread}}
        meta = {
            "session_id": self.parent.sid if self.parent else self.sid,
            "id": self.sid,
            "timestamp": self.ts(),
            "cwd": self.w.root,
            "originator": "codex_cli_rs",
            "cli_version": self.rng.choice(["0.144.2", "0.147.0", "0.146.1"]),
            "source": source,
            "thread_source": "subagent" if self.parent else "user",
            "model_provider": "openai",
            "base_instructions": {"text": "You are Codex, an agent based on GPT-5."},
            "git": {"branch": self.w.branch, "commit_hash": self.hx(40)},
        }
        if self.parent:
            meta["parent_thread_id"] = self.parent.sid
        self.line("session_meta", meta)
        self._turn()
        return path

    def line(self, kind: str, payload: Json) -> None:
        self.lines.append((self.clock.t, {"timestamp": self.ts(), "type": kind, "payload": payload}))

    def event(self, kind: str, payload: Json) -> None:
        self.line("event_msg", {"type": kind} | payload)

    def item(self, kind: str, payload: Json) -> None:
        """A response item that belongs to the turn."""
        turn = {"internal_chat_message_metadata_passthrough": {"turn_id": self.turn}}
        self.line("response_item", {"type": kind} | payload | turn)

    def _turn(self) -> None:
        self.turn = self.uuid(7)
        started = {
            "turn_id": self.turn,
            "started_at": int(self.clock.t),
            "model_context_window": WINDOW,
            "collaboration_mode_kind": "default",
        }
        self.event("task_started", started)
        context = {
            "turn_id": self.turn,
            "cwd": self.cwd,
            "approval_policy": "never",
            "sandbox_policy": {"type": "danger-full-access"},
            "model": self.model,
            "effort": "medium",
            "summary": "auto",
        }
        self.line("turn_context", context)

    def _text(self, text: str, phase: str = "commentary") -> None:
        self.event("agent_message", {"message": text, "phase": phase, "memory_citation": None})
        content = [{"type": "output_text", "text": text}]
        self.item("message", {"id": f"msg_{self.hx(50)}", "role": "assistant", "content": content, "phase": phase})

    def _count(self, length: int) -> None:
        """The count of tokens after an output of some characters."""
        used = self.usage(length)
        counts = (used.new + used.cached, used.cached, used.output, used.output // 3)
        self.total = [before + now for before, now in zip(self.total, counts, strict=True)]
        info = {
            "total_token_usage": _counts(self.total),
            "last_token_usage": _counts(counts),
            "model_context_window": WINDOW,
        }
        primary = {"used_percent": 31.0, "window_minutes": 10080, "resets_at": int(self.clock.t) + 300000}
        limits = {"limit_id": "codex", "primary": primary, "secondary": None}
        self.event("token_count", {"info": info, "rate_limits": limits})

    def _said_before(self, say: str | None) -> None:
        if self.rng.random() < 0.7:
            self.item("reasoning", {"id": f"rs_{self.hx(50)}", "summary": [], "encrypted_content": "REDACTED"})
            self.tick(0.5, 2)
        if say:
            self._text(say)
            self.tick(0.2, 1)

    def _finish(self, kind: str, call_id: str, out: Any, dur: float, length: int) -> None:
        """The output of a call, after `dur` seconds; `length` is that of the call's arguments."""
        self.tick(dur)
        if self.patched:
            self.event("patch_apply_end", self.patched)
            self.patched = None
        self.item(kind, {"call_id": call_id, "output": out})
        self.ctx += len(json.dumps(out)) // 4
        self._count(length)
        self.open_end = True

    def function(self, name: str, args: Json, out: str, dur: float, say: str | None = None) -> None:
        """A call of a function with JSON arguments."""
        self.begin_call()
        self._said_before(say)
        call_id = "call_" + self.al(24)
        arguments = json.dumps(args)
        self.item(
            "function_call", {"id": f"fc_{self.hx(50)}", "name": name, "arguments": arguments, "call_id": call_id}
        )
        self._finish("function_call_output", call_id, out, dur, len(arguments) if args else 2)

    def custom(self, name: str, text: str, out: Any, dur: float, say: str | None = None) -> None:
        """A call of a tool whose input is a text."""
        self.begin_call()
        self._said_before(say)
        call_id = "call_" + self.al(24)
        call = {
            "id": f"ctc_{self.hx(50)}",
            "status": "completed",
            "call_id": call_id,
            "name": name,
            "input": text,
        }
        self.item("custom_tool_call", call)
        self._finish("custom_tool_call_output", call_id, out, dur, len(json.dumps(text)))

    def user(self, text: str, wait: tuple[float, float] = (20, 240)) -> None:
        self.tick(*wait)
        if self.prompted:
            self._turn()
        content = [{"type": "input_text", "text": text}]
        self.line("response_item", {"type": "message", "role": "user", "content": content})
        self.event("user_message", {"message": text, "images": [], "local_images": [], "text_elements": []})
        self.prompted = True
        self.open_end = False
        self.ctx += len(text) // 3

    def say(self, text: str) -> None:
        self.begin_call()
        self._text(text, "final_answer")
        self._count(len(text))
        took = self.rng.randint(9000, 300000)
        self.event("task_complete", {"turn_id": self.turn, "last_agent_message": text, "duration_ms": took})
        self.open_end = True

    def _told(self, state: str, out: str, dur: float) -> str:
        """The output of a command as the function returns it."""
        return (
            f"Chunk ID: {self.hx(6)}\nWall time: {dur:.4f} seconds\n{state}\n"
            f"Original token count: {len(out) // 4}\nOutput:\n{out}"
        )

    def bash(self, cmd: str, out: str = "", code: int = 0, dur: float | None = None, say: str | None = None) -> None:
        dur = self.rng.uniform(0.1, 2.5) if dur is None else dur
        args = {
            "cmd": cmd,
            "workdir": self.cwd,
            "yield_time_ms": 10000,
            "max_output_tokens": self.rng.choice([6000, 12000, 20000]),
        }
        self.function("exec_command", args, self._told(f"Process exited with code {code}", out, dur), dur, say)

    def read(self, path: str, lo: int = 1, n: int | None = None, say: str | None = None) -> None:
        lines = self.w.code(path).split("\n")
        last = lo - 1 + (n or len(lines))
        self.bash(f"sed -n '{lo},{last}p' {path}", "\n".join(lines[lo - 1 : last]), dur=0.06, say=say)

    def grep(self, pattern: str, out: str, path: str | None = None, say: str | None = None) -> None:
        self.bash(f"rg -n {json.dumps(pattern)} {path or '.'}", out, 0 if out else 1, 0.05, say)

    def edit(self, path: str, old: str, new: str, say: str | None = None, fail: str | None = None) -> None:
        full = f"{self.cwd}/{path}"
        if fail:
            self.w.code(path)
        else:
            self.change(path, old, new)
        named = full if self.rng.random() < 0.5 else path
        patch = f"*** Begin Patch\n*** Update File: {named}\n@@\n{_removed(old)}\n{_added(new)}\n*** End Patch"
        counted = [text.count("\n") + 1 for text in (old, new)]
        diff = f"@@ -40,{counted[0]} +40,{counted[1]} @@\n{_removed(old)}\n{_added(new)}\n"
        if not fail:
            self._patched(full, "M", {"type": "update", "unified_diff": diff, "move_path": None})
        self.patch(patch, full, say, fail)

    def write(self, path: str, text: str, say: str | None = None) -> None:
        full = self.absolute(path)
        self.w.fs[path] = text
        self._patched(full, "A", {"type": "add", "content": text})
        self.patch(f"*** Begin Patch\n*** Add File: {full}\n{_added(text)}\n*** End Patch", full, say)

    def _patched(self, full: str, letter: str, change: Json) -> None:
        self.patched = {
            "call_id": f"exec-{self.uuid()}",
            "turn_id": self.turn,
            "stdout": f"Success. Updated the following files:\n{letter} {full}\n",
            "stderr": "",
            "success": True,
            "changes": {full: change},
            "status": "completed",
        }

    def patch(self, patch: str, full: str, say: str | None, fail: str | None = None) -> None:
        """Apply a patch to one file; with `fail`, it is refused with that error."""
        told = f"Exit code: 0\nWall time: 0.1 seconds\nOutput:\nSuccess. Updated the following files:\nM {full}\n"
        self.custom("apply_patch", patch, f"apply_patch verification failed: {fail}" if fail else told, 0.1, say)

    def tool(self, name: str, inp: Json, out: str, err: bool = False, say: str | None = None, dur: float = 0.6) -> None:
        self.function(name, inp, out, dur, say)

    def todo(self, items: Sequence[tuple[str, str]], say: str | None = None) -> None:
        plan = {"plan": [{"step": text, "status": status} for text, status in items]}
        self.function("update_plan", plan, "Plan updated", 0.02, say)

    def bg(self, cmd: str, out: str = "", say: str | None = None) -> int:
        handle = self.rng.randint(10000, 99999)
        args = {"cmd": cmd, "workdir": self.cwd, "yield_time_ms": 10000}
        told = self._told(f"Process running with session ID {handle}", out, 10.0012)
        self.function("exec_command", args, told, 10, say)
        return handle

    def poll(
        self, handle: str | int, out: str = "", done: int | None = None, say: str | None = None, secs: int = 30
    ) -> None:
        state = f"Process running with session ID {handle}" if done is None else f"Process exited with code {done}"
        args = {"session_id": handle, "chars": "", "yield_time_ms": secs * 1000}
        self.function("write_stdin", args, self._told(state, out, secs), secs, say)

    def spawn(self, desc: str, prompt: str, work: Callable[[Self], None], result: str, say: str | None = None) -> None:
        self.begin_call()
        self.usage(len(prompt))
        name = "".join(c if c.isalnum() else "_" for c in desc.lower())[:30]
        if say:
            self._text(say)
            self.tick(0.5)
        call_id = "call_" + self.al(24)
        args = {"agent_type": "worker", "fork_turns": "none", "message": prompt, "task_name": name}
        call = {
            "id": f"fc_{self.hx(50)}",
            "name": "spawn_agent",
            "namespace": "collaboration",
            "arguments": json.dumps(args),
            "call_id": call_id,
        }
        self.item("function_call", call)
        self.tick(1)
        kid = type(self)(self.rng, self.w, self.clock, self, name)
        self.kids.append(kid)
        activity = {
            "event_id": call_id,
            "occurred_at_ms": int(self.clock.t * 1000),
            "agent_thread_id": kid.sid,
            "agent_path": f"/root/{name}",
            "kind": "started",
        }
        self.event("sub_agent_activity", activity)
        self.item("function_call_output", {"call_id": call_id, "output": json.dumps({"task_name": f"/root/{name}"})})
        self._count(len(prompt))
        kid.user(prompt, wait=(0.1, 0.3))
        work(kid)
        kid.say(result)
        self.tick(0.5, 2)
        waited = json.dumps({"message": "Wait completed.", "timed_out": False})
        self.function("wait_agent", {"timeout_ms": 600000}, waited, 0.2)
        told = f"Message Type: FINAL_ANSWER\nTask name: /root\nSender: /root/{name}\nPayload:\n{result}"
        message = {
            "type": "agent_message",
            "id": f"amsg_{self.uuid(7)}",
            "author": f"/root/{name}",
            "recipient": "/root",
            "content": [{"type": "input_text", "text": told}],
        }
        self.line("response_item", message)
        self.ctx += len(result) // 3
        self.open_end = True


class CodeModeLane(CodexLane):
    """A session of Codex in code mode: JavaScript that calls the tools."""

    def script(self, code: str, told: str, wall: float, say: str | None = None, status: str = "completed") -> None:
        """A script of one tool call and what it prints."""
        head = f"Script {status}\nWall time {wall:.1f} seconds\nOutput:\n"
        out = [{"type": "input_text", "text": text} for text in (head, told)]
        self.custom("exec", code, out, wall, say)

    def bash(self, cmd: str, out: str = "", code: int = 0, dur: float | None = None, say: str | None = None) -> None:
        dur = self.rng.uniform(0.1, 2.5) if dur is None else dur
        args = {
            "cmd": cmd,
            "workdir": self.cwd,
            "yield_time_ms": self.rng.choice([1000, 10000, 30000]),
            "max_output_tokens": self.rng.choice([8000, 12000, 20000]),
        }
        call = f"const r = await tools.exec_command({json.dumps(args)});"
        if code or self.rng.random() < 0.4:
            told = {"chunk_id": self.hx(6), "exit_code": code, "output": out, "wall_time_seconds": round(dur, 3)}
            self.script(f"{call}\ntext(JSON.stringify(r))\n", json.dumps(told), dur, say)
        else:
            self.script(f"{call} text(r.output)\n", out, dur, say)

    def patch(self, patch: str, full: str, say: str | None, fail: str | None = None) -> None:
        code = f"const patch = {json.dumps(patch)};\ntext(await tools.apply_patch(patch));\n"
        if fail:
            self.script(code, f"apply_patch verification failed: {fail}", 0.1, say, "failed")
        else:
            self.script(code, "{}", 0.1, say)

    def tool(self, name: str, inp: Json, out: str, err: bool = False, say: str | None = None, dur: float = 0.6) -> None:
        name = name.replace("WebFetch", "web__run").replace("WebSearch", "web__run")
        code = f"const r = await tools.{name}({json.dumps(inp)}); text(JSON.stringify(r))\n"
        self.script(code, json.dumps({"isError": err, "content": out}), dur, say)

    def todo(self, items: Sequence[tuple[str, str]], say: str | None = None) -> None:
        plan = {"plan": [{"step": text, "status": status} for text, status in items]}
        self.script(f"await tools.update_plan({json.dumps(plan)}); text('ok')\n", "ok", 0.02, say)

    def bg(self, cmd: str, out: str = "", say: str | None = None) -> int:
        handle = self.rng.randint(10000, 99999)
        args = json.dumps({"cmd": cmd, "workdir": self.cwd, "yield_time_ms": 10000})
        code = f"const r = await tools.exec_command({args}); text(JSON.stringify(r))\n"
        self.script(code, json.dumps({"output": out, "session_id": handle}), 10, say)
        return handle

    def poll(
        self, handle: str | int, out: str = "", done: int | None = None, say: str | None = None, secs: int = 30
    ) -> None:
        args = f'{{session_id:{handle},chars:"",yield_time_ms:{secs * 1000},max_output_tokens:8000}}'
        told = {"output": out, "wall_time_seconds": secs}
        told |= {"session_id": handle} if done is None else {"exit_code": done}
        code = f"const r = await tools.write_stdin({args}); text(JSON.stringify(r))\n"
        self.script(code, json.dumps(told), secs, say)
