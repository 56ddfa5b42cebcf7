"""Lanes as Claude Code writes them: one JSON line per content block, results as messages of the user."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Self

from tests.bench.judge.incidents.lane import HEX, Json, Lane, Tokens

DESCRIPTIONS = {"git": "Run git", "sleep": "Wait", "cat": "Show file", "rg": "Search", "ls": "List files"}
TODO_WRITTEN = (
    "Todos have been modified successfully. Ensure that you continue to use the todo list to track your progress."
)


class ClaudeLane(Lane):
    """A session of Claude Code, or one of its subagents."""

    models = ("claude-opus-4-7", "claude-sonnet-4-6", "claude-opus-4-8")

    def begin(self) -> str:
        self.last_uuid: str | None = None
        self.agent: str | None = None
        """The id of a subagent."""
        slug = "".join(c if c.isalnum() else "-" for c in self.w.root)
        if self.parent is None:
            return f"projects/{slug}/{self.sid}.jsonl"
        self.agent = "a" + "".join(self.rng.choice(HEX) for _ in range(16))
        self.sid = self.parent.sid
        return f"projects/{slug}/{self.sid}/subagents/agent-{self.agent}.jsonl"

    def meta(self) -> Json:
        """What stands in the file beside a subagent's transcript."""
        return {"agentType": "general-purpose", "description": self.task}

    def line(self, kind: str, content: Json) -> None:
        head: Json = {"parentUuid": self.last_uuid, "isSidechain": self.agent is not None}
        if self.agent:
            head["agentId"] = self.agent
        self.last_uuid = self.uuid()
        tail = {
            "type": kind,
            "uuid": self.last_uuid,
            "timestamp": self.ts(),
            "userType": "external",
            "entrypoint": "cli",
            "cwd": self.cwd,
            "sessionId": self.sid,
            "version": self.version,
            "gitBranch": self.w.branch,
        }
        self.lines.append((self.clock.t, head | content | tail))

    def block(self, block: Json, used: Tokens, stop: str = "tool_use") -> None:
        """One content block of the answer that the call of the model gave."""
        message = {
            "model": self.model,
            "id": self.message_id,
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {
                "input_tokens": self.rng.randint(1, 8),
                "cache_creation_input_tokens": used.new,
                "cache_read_input_tokens": used.cached,
                "output_tokens": used.output,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": used.new},
                "service_tier": "standard",
            },
        }
        self.line("assistant", {"message": message, "requestId": self.request_id})

    def call(
        self,
        name: str,
        inp: Json,
        out: str,
        err: bool = False,
        dur: float = 0.05,
        say: str | None = None,
        result: Any = None,
    ) -> None:
        """A call of a tool and its result; `result` is what the client keeps of it beside the text."""
        self.begin_call()
        used = self.usage(len(json.dumps(inp)) + len(say or ""))
        if say:
            self.block({"type": "text", "text": say}, used)
            self.tick(0.3, 1.5)
        call_id = "toolu_01" + self.al(22)
        self.block({"type": "tool_use", "id": call_id, "name": name, "input": inp, "caller": {"type": "direct"}}, used)
        self.tick(dur)
        block = {"tool_use_id": call_id, "type": "tool_result", "content": out, "is_error": err}
        if result is None:
            result = f"Error: {out}" if err else {"content": out[:80]}
        self.line("user", {"message": {"role": "user", "content": [block]}, "toolUseResult": result})
        self.ctx += len(out) // 4
        self.open_end = True

    def user(self, text: str, wait: tuple[float, float] = (20, 240)) -> None:
        self.tick(*wait)
        if self.prompted and self.open_end:
            self.line(
                "system",
                {
                    "subtype": "turn_duration",
                    "durationMs": self.rng.randint(20000, 400000),
                    "messageCount": self.calls * 2,
                    "isMeta": False,
                },
            )
        self.line("user", {"promptId": self.uuid(), "message": {"role": "user", "content": text}})
        self.prompted = True
        self.open_end = False
        self.ctx += len(text) // 3

    def say(self, text: str) -> None:
        self.begin_call()
        self.block({"type": "text", "text": text}, self.usage(len(text)), "end_turn")
        self.open_end = True

    def _described(self, cmd: str) -> str:
        word = cmd.split(maxsplit=1)[0].rpartition("/")[2]
        return DESCRIPTIONS.get(word, f"Run {word}") + self.rng.choice(
            ["", " command", " in project", " and check output"]
        )

    def bash(self, cmd: str, out: str = "", code: int = 0, dur: float | None = None, say: str | None = None) -> None:
        dur = self.rng.uniform(0.1, 2.5) if dur is None else dur
        inp = {"command": cmd, "description": self._described(cmd)}
        if code:
            told = f"Exit code {code}\n{out}"
            self.call("Bash", inp, told, True, dur, say, f"Error: {told}")
        else:
            result = {"stdout": out, "stderr": "", "interrupted": False, "isImage": False}
            self.call("Bash", inp, out, False, dur, say, result)

    def read(self, path: str, lo: int = 1, n: int | None = None, say: str | None = None) -> None:
        lines = self.w.code(path).split("\n")
        n = n or len(lines)
        part = lines[lo - 1 : lo - 1 + n]
        full = f"{self.cwd}/{path}"
        inp: Json = {"file_path": full}
        if lo > 1 or n < len(lines):
            inp |= {"offset": lo, "limit": n}
        numbered = "\n".join(f"{number:6d}→{line}" for number, line in enumerate(part, lo))
        file = {"filePath": full, "numLines": len(part), "startLine": lo, "totalLines": len(lines)}
        self.call("Read", inp, numbered, say=say, result={"type": "text", "file": file})

    def grep(self, pattern: str, out: str, path: str | None = None, say: str | None = None) -> None:
        inp = {"pattern": pattern, "output_mode": "content"} | ({"path": path} if path else {})
        files = len({line.split(":")[0] for line in out.split("\n")}) if out else 0
        result = {"mode": "content", "numFiles": files, "content": out}
        self.call("Grep", inp, out or "No matches found", dur=0.1, say=say, result=result)

    def edit(self, path: str, old: str, new: str, say: str | None = None, fail: str | None = None) -> None:
        full = f"{self.cwd}/{path}"
        inp = {"file_path": full, "old_string": old, "new_string": new, "replace_all": False}
        if fail:
            self.w.code(path)
            self.call("Edit", inp, f"<tool_use_error>{fail}</tool_use_error>", True, say=say)
            return
        self.change(path, old, new)
        hunk = {
            "oldStart": 40,
            "oldLines": old.count("\n") + 1,
            "newStart": 40,
            "newLines": new.count("\n") + 1,
            "lines": [f"-{line}" for line in old.split("\n")] + [f"+{line}" for line in new.split("\n")],
        }
        result = {
            "filePath": full,
            "oldString": old,
            "newString": new,
            "structuredPatch": [hunk],
            "userModified": False,
        }
        self.call("Edit", inp, f"The file {full} has been updated successfully.", say=say, result=result)

    def write(self, path: str, text: str, say: str | None = None) -> None:
        full = self.absolute(path)
        new = path not in self.w.fs
        self.w.fs[path] = text
        told = f"File created successfully at: {full}" if new else f"The file {full} has been updated successfully."
        result = {"type": "create" if new else "update", "filePath": full, "content": text}
        self.call("Write", {"file_path": full, "content": text}, told, say=say, result=result)

    def tool(self, name: str, inp: Json, out: str, err: bool = False, say: str | None = None, dur: float = 0.6) -> None:
        self.call(name, inp, out, err, dur, say)

    def todo(self, items: Sequence[tuple[str, str]], say: str | None = None) -> None:
        todos = [{"content": text, "status": status, "activeForm": text} for text, status in items]
        self.call("TodoWrite", {"todos": todos}, TODO_WRITTEN, dur=0.02, say=say)

    def bg(self, cmd: str, out: str = "", say: str | None = None) -> str:
        handle = "b" + self.al(8).lower()
        inp = {"command": cmd, "description": self._described(cmd), "run_in_background": True}
        result = {"stdout": "", "stderr": "", "interrupted": False, "backgroundTaskId": handle}
        self.call("Bash", inp, f"Command running in background with ID: {handle}", dur=0.1, say=say, result=result)
        return handle

    def poll(
        self, handle: str | int, out: str = "", done: int | None = None, say: str | None = None, secs: int = 30
    ) -> None:
        parts = [
            f"<retrieval_status>{'timeout' if done is None else 'success'}</retrieval_status>",
            f"<task_id>{handle}</task_id>",
            "<task_type>local_bash</task_type>",
            f"<status>{'running' if done is None else 'completed'}</status>",
            *([] if done is None else [f"<exit_code>{done}</exit_code>"]),
            f"<output>\n{out}\n</output>",
        ]
        inp = {"task_id": handle, "block": True, "timeout": secs * 1000}
        self.call("TaskOutput", inp, "\n\n".join(parts), dur=secs, say=say)

    def spawn(self, desc: str, prompt: str, work: Callable[[Self], None], result: str, say: str | None = None) -> None:
        start = self.clock.t
        self.begin_call()
        used = self.usage(len(prompt))
        if say:
            self.block({"type": "text", "text": say}, used)
            self.tick(0.5)
        call_id = "toolu_01" + self.al(22)
        inp = {"description": desc, "subagent_type": "general-purpose", "prompt": prompt}
        self.block({"type": "tool_use", "id": call_id, "name": "Agent", "input": inp}, used)
        self.tick(1)
        kid = type(self)(self.rng, self.w, self.clock, self, desc)
        self.kids.append(kid)
        kid.user(prompt, wait=(0.1, 0.3))
        work(kid)
        kid.say(result)
        self.tick(0.5, 2)
        took = int((self.clock.t - start) * 1000)
        told = (
            f"agentId: {kid.agent} (use SendMessage with to: '{kid.agent}' to continue this agent)\n"
            f"<usage>total_tokens: {kid.ctx}\ntool_uses: {kid.calls}\nduration_ms: {took}</usage>"
        )
        content = [{"type": "text", "text": result}]
        block = {
            "tool_use_id": call_id,
            "type": "tool_result",
            "content": [*content, {"type": "text", "text": told}],
        }
        kept = {
            "status": "completed",
            "prompt": prompt,
            "agentId": kid.agent,
            "agentType": "general-purpose",
            "content": content,
            "totalDurationMs": took,
            "totalTokens": kid.ctx,
            "totalToolUseCount": kid.calls,
        }
        self.line("user", {"message": {"role": "user", "content": [block]}, "toolUseResult": kept})
        self.ctx += len(result) // 3
        self.open_end = True
