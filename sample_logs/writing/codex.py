"""Lines as Codex writes them.

Two generations: 0.144.2 (turns told by events, a forked thread opens with its parent's whole history)
and 0.169.0 (every line numbered, finished items told whole, a usage record for each response).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from writing.dice import DAY, iso, millis
from writing.lane import Json, Lane

NEW, OLD = "0.169.0", "0.144.2"
WINDOW_TOKENS = 258_400
ECHO_STEPS = 3
"""So often the older generation writes the same count twice, when the limits are heard anew."""
FIVE_HOURS, WEEK = 300, 10_080
"""Minutes."""
FIVE_HOURS_RESET = DAY + 3 * 3600 + 12 * 60
WEEK_RESET = DAY + 4 * 86400 + 5 * 3600


@dataclass
class Call:
    """A tool call and what came back. `secs` is how long it took, `tokens` what the result adds to the context."""

    name: str
    args: Json | str
    """A function's arguments, or the text that a free-form tool is given."""
    output: str = ""
    secs: float = 0.4
    tokens: int = 300
    namespace: str | None = None
    changes: Json | None = None
    """Files that a patch changed."""
    exit_code: int = 0
    running: str | None = None
    """The id of a command that goes on after its output."""
    pending: bool = False
    """No output comes by itself."""
    id: str = ""


def run(command: str, output: str = "", secs: float = 0.6, tokens: int = 500, code: int = 0, goes_on: str = "") -> Call:
    """A shell command. `goes_on` is the number of its session if it has not ended when it yields."""
    state = f"Process running with session ID {goes_on}" if goes_on else f"Process exited with code {code}"
    return Call("exec_command", {"cmd": command, "yield_time_ms": 30000}, _chunk(state, secs, tokens, output), secs,
                tokens, exit_code=code, running=goes_on or None)  # fmt: skip


def poll(session: str, output: str, secs: float, tokens: int, code: int = 0) -> Call:
    """Waits for more output of a running command, which ends now."""
    args = {"session_id": int(session), "chars": "", "yield_time_ms": 60000}
    state = f"Process exited with code {code}"
    return Call("write_stdin", args, _chunk(state, secs, tokens, output), secs, tokens, exit_code=code)


def _chunk(state: str, secs: float, tokens: int, output: str) -> str:
    mark = f"{(len(output) * 7919 + tokens * 31 + int(secs * 1000)) % 0xFFFFFF:06x}"
    return (
        f"Chunk ID: {mark}\nWall time: {secs:.4f} seconds\n{state}\nOriginal token count: {tokens}\nOutput:\n{output}\n"
    )


def patch(cwd: str, path: str, lines: str, new: bool = False) -> Call:
    """A change of one file: lines with their + and - in front."""
    body = "\n".join(lines.splitlines())
    head = f"*** Add File: {path}" if new else f"*** Update File: {path}\n@@"
    mark = "A" if new else "M"
    done = f"Success. Updated the following files:\n{mark} {path}\n"
    if new:
        change: Json = {"type": "add", "content": "".join(f"{line[1:]}\n" for line in lines.splitlines())}
    else:
        change = {"type": "update", "unified_diff": f"@@\n{body}\n", "move_path": None}
    return Call(
        "apply_patch", f"*** Begin Patch\n{head}\n{body}\n*** End Patch\n",
        f"Exit code: 0\nWall time: 0.1 seconds\nOutput:\n{done}", 0.3, 120, changes={f"{cwd}/{path}": change},
    )  # fmt: skip


def plan(*items: tuple[str, str]) -> Call:
    """The plan: pairs of step and status."""
    return Call(
        "update_plan", {"plan": [{"step": step, "status": status} for step, status in items]}, "Plan updated", 0.05, 60
    )


@dataclass
class CodexLane(Lane):
    """A thread of Codex."""

    cwd: str = ""
    branch: str = "main"
    model: str = "gpt-5.3-codex"
    version: str = OLD
    source: str = "cli"
    provider: str = "openai"
    parent: CodexLane | None = None
    """Who spawned it."""
    nickname: str = ""
    origin: CodexLane | None = None
    """Whose history it was forked from."""
    prompt_tokens: int = 11_900
    shared_tokens: int = 0
    """What of the prompt is in the cache already: instructions that other threads began with too."""
    plan_type: str | None = "pro"
    window: int = WINDOW_TOKENS
    """Tokens that fit into the model's context."""

    thread: str = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.began = self.now
        self.thread = self.dice.timed_uuid(self.now)
        self._turn = ""
        self._turn_began = self.now
        self._total = dict.fromkeys(_COUNTS, 0)
        self._turn_total = dict.fromkeys(_COUNTS, 0)
        self._last = dict.fromkeys(_COUNTS, 0)
        self._context = self.prompt_tokens
        self._previous = 0
        self._steps = 0
        self._begin()

    # -- where it lies ----------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        began = datetime.fromtimestamp(int(self.began), UTC)
        return f"codex/sessions/{began:%Y/%m/%d}/rollout-{began:%Y-%m-%dT%H-%M-%S}-{self.thread}.jsonl"

    def write_record(self, kind: str, payload: Json) -> None:
        """One line: when, what, and the rest."""
        line: Json = {"timestamp": iso(self.now)}
        if self.version == NEW:
            line["ordinal"] = len(self.lines)
        self.write(line | {"type": kind, "payload": payload})

    def _event(self, kind: str, **fields: object) -> None:
        self.write_record("event_msg", {"type": kind, **fields})

    def _item(self, **fields: object) -> None:
        item = {"thread_id": self.thread, "turn_id": self._turn, "item": fields}
        times = {"started_at_ms": millis(self.now), "completed_at_ms": millis(self.now)}
        self._event("item_completed", **item, **times)

    def _response(self, kind: str, **fields: object) -> None:
        passed = {"internal_chat_message_metadata_passthrough": {"turn_id": self._turn}} if self.version == NEW else {}
        self.write_record("response_item", {"type": kind, **fields, **passed})

    # -- sessions and turns -----------------------------------------------------------------------

    def _begin(self) -> None:
        source: object = self.source
        meta: Json = {"id": self.thread, "session_id": self.parent.thread if self.parent else self.thread}
        if self.origin:
            meta["forked_from_id"] = self.origin.thread
        if self.parent:
            meta["parent_thread_id"] = self.parent.thread
            spawned = {"parent_thread_id": self.parent.thread, "depth": 1, "agent_path": None}
            source = {"subagent": {"thread_spawn": spawned | {"agent_nickname": self.nickname, "agent_role": "worker"}}}
        meta |= {
            "timestamp": iso(self.now - 0.04), "cwd": self.cwd, "originator": _ORIGINATORS[self.source],
            "cli_version": self.version, "source": source, "thread_source": "subagent" if self.parent else "user",
            "model_provider": self.provider,
        }  # fmt: skip
        if self.parent:
            meta |= {"agent_nickname": self.nickname, "agent_role": "worker"}
        if self.version == NEW:
            meta["history_mode"] = "paginated"
        meta["base_instructions"] = {"text": "Work in small steps. Run what you claim. Say what is missing."}
        meta["git"] = {"commit_hash": self.dice.hex(40), "branch": self.branch}
        self.write_record("session_meta", meta)
        if self.origin:
            self._replay(self.origin)

    def _replay(self, origin: CodexLane) -> None:
        """Copies the origin's history as it stands, all within a few hundredths of a second."""
        for text in origin.lines:
            self.wait(0.0006)
            self.lines.append(
                json.dumps(json.loads(text) | {"timestamp": iso(self.now)}, ensure_ascii=False, separators=(",", ":"))
            )
        self._total, self._context, self._previous = dict(origin._total), origin._context, origin._previous
        self._last = dict(origin._last)

    def prompt(self, text: str) -> None:
        """A prompt: by a person, or by the lane that spawned this one."""
        self._turn = self.dice.timed_uuid(self.now)
        self._turn_began = self.now
        self._turn_total = dict.fromkeys(_COUNTS, 0)
        self._event("task_started", turn_id=self._turn, started_at=int(self.now), model_context_window=self.window,
                    collaboration_mode_kind="default")  # fmt: skip
        if self._steps == 0 and self.origin is None:
            shown = f"<environment_context>\n  <cwd>{self.cwd}</cwd>\n  <shell>bash</shell>\n</environment_context>"
            self._response("message", role="user", content=[{"type": "input_text", "text": shown}])
        elif self.version == OLD:
            self._token_count()  # told again, with no news in it, when the next turn begins
        self.wait(0.03)
        self.write_record("turn_context", {
            "turn_id": self._turn, "cwd": self.cwd, "approval_policy": "on-request",
            "sandbox_policy": {"type": "workspace-write", "network_access": False},
            "current_date": iso(self.now)[:10], "timezone": "Etc/UTC", "model": self.model, "effort": "medium",
            "summary": "auto",
        })  # fmt: skip
        self._context += len(text) // 4 + 40
        self._response("message", role="user", content=[{"type": "input_text", "text": text}])
        if self.version == NEW:
            self._item(type="UserMessage", id=self.dice.timed_uuid(self.now), content=[{"type": "text", "text": text}])
        else:
            self._event("user_message", message=text, images=[], local_images=[], text_elements=[])

    def entitle(self, text: str) -> None:
        """The thread gets a name."""
        self.wait(0.4)
        self._event("thread_name_updated", thread_id=self.thread, thread_name=text)

    def notify(self, worker: CodexLane, report: str) -> None:
        """The client tells the model that a worker has ended."""
        self.wait(0.01)
        told = json.dumps({"agent_path": worker.thread, "status": {"completed": report}}, ensure_ascii=False)
        text = f"<subagent_notification>\n{told}\n</subagent_notification>"
        self._context += len(text) // 4
        self._response("message", role="user", content=[{"type": "input_text", "text": text}])

    def end_turn(self, last_message: str) -> None:
        """The line at the end of a turn."""
        self.wait(0.02)
        times = {"started_at": int(self._turn_began), "completed_at": int(self.now)}
        took = int((self.now - self._turn_began) * 1000)
        self._event("task_complete", turn_id=self._turn, last_agent_message=last_message, **times, duration_ms=took)

    # -- model calls ------------------------------------------------------------------------------

    def step(
        self, *calls: Call, out: int, secs: float, say: str | None = None, think: str | None = None, ends: bool = False
    ) -> None:
        """One model call and the tools that it asked for. See `ClaudeLane.step`."""
        self.wait(secs)
        usage = self._usage(out, reasoned=think is not None)
        if think is not None:
            summary = [{"type": "summary_text", "text": think}]
            self._response("reasoning", id=self.dice.word("rs_", 20), summary=summary, encrypted_content="gAAAA")
            if self.version == OLD:
                self._event("agent_reasoning", text=think)
        if say is not None:
            self._say(say, ends)
        for call in calls:
            self._call(call)
        if self.version == NEW:
            self._usage_record(usage)
        else:
            self._token_count()
        for call in calls:
            if not call.pending:
                self.answer(call)
        if self.version == NEW:
            self._token_count()
        elif self._steps % ECHO_STEPS == 0:
            self.wait(0.05)
            self._token_count()
        if ends:
            self.end_turn(say or "")

    def answer(self, call: Call) -> None:
        """The output of a tool call."""
        self.wait(call.secs)
        self._context += call.tokens
        if call.changes is not None:
            done = {"changes": call.changes, "status": "completed", "stdout": call.output.partition("Output:\n")[2],
                    "stderr": ""}  # fmt: skip
            if self.version == NEW:
                self._item(type="FileChange", id=call.id, **done)
            else:
                self._event("patch_apply_end", call_id=call.id, turn_id=self._turn, success=True, **done)
            self._response("custom_tool_call_output", call_id=call.id, output=call.output)
            return
        if self.version == NEW and call.name == "exec_command" and isinstance(call.args, dict):
            whole, nanos = divmod(int(call.secs * 1e9), 10**9)
            self._item(
                type="CommandExecution", id=call.id, command=["/bin/bash", "-lc", call.args["cmd"]],
                cwd=f"file://{self.cwd}", source="unified_exec_startup",
                status="failed" if call.exit_code else "completed",
                aggregated_output=call.output.partition("Output:\n")[2], exit_code=call.exit_code,
                duration={"secs": whole, "nanos": nanos},
            )  # fmt: skip
        self._response("function_call_output", call_id=call.id, output=call.output)

    def _say(self, text: str, ends: bool) -> None:
        phase = "final_answer" if ends else "commentary"
        message_id = self.dice.word("msg_", 20)
        if self.version == NEW:
            self._item(type="AgentMessage", id=message_id, content=[{"type": "Text", "text": text}])
        else:
            self._event("agent_message", message=text, phase=phase)
        content = [{"type": "output_text", "text": text}]
        self._response("message", id=message_id, role="assistant", content=content, phase=phase)

    def _call(self, call: Call) -> None:
        call.id = self.dice.word("call_", 22)
        named: Json = {"id": self.dice.word("fc_", 18), "status": "completed", "name": call.name, "call_id": call.id}
        if isinstance(call.args, str):
            self._response("custom_tool_call", **named, input=call.args)
            return
        if call.namespace:
            named["namespace"] = call.namespace
        self._response("function_call", **named, arguments=json.dumps(call.args, ensure_ascii=False))

    def _usage(self, out: int, *, reasoned: bool) -> Json:
        """The whole context is read with each call; what the call before had read is cached, in steps of 128."""
        self._steps += 1
        cached = (self._previous or self.shared_tokens) // 128 * 128
        reasoning = out * self.dice.whole(18, 46) // 100 if reasoned else 0
        usage = dict(zip(_COUNTS, (self._context, cached, 0, out, reasoning, self._context + out), strict=True))
        for name in _COUNTS:
            self._total[name] += usage[name]
            self._turn_total[name] += usage[name]
        self._last = usage
        self._previous = self._context
        self._context += out
        self.spent.calls += 1
        self.spent.input += usage["input_tokens"] - cached
        self.spent.cache_read += cached
        self.spent.output += out
        return usage

    def _usage_record(self, usage: Json) -> None:
        record = {
            "thread_id": self.thread, "turn_id": self._turn, "session_id": self.thread,
            "response_id": self.dice.word("resp_", 24), "usage": usage, "turn_token_usage": dict(self._turn_total),
            "thread_token_usage": dict(self._total),
        }  # fmt: skip
        self.write_record("token_usage_record", record)

    def _token_count(self) -> None:
        total, last = dict(self._total), dict(self._last)
        info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": self.window}
        self._event("token_count", info=info, rate_limits=self._limits())

    def _limits(self) -> Json:
        known = self.plan_type is not None
        primary = _window(52.0 + (self.now - DAY) / 170, FIVE_HOURS, FIVE_HOURS_RESET)
        secondary = _window(33.0 + (self.now - DAY) / 1500, WEEK, WEEK_RESET)
        return {
            "limit_id": "codex", "limit_name": None, "primary": primary if known else None,
            "secondary": secondary if known else None, "credits": None, "individual_limit": None,
            "plan_type": self.plan_type, "rate_limit_reached_type": None,
        }  # fmt: skip


def _window(used: float, minutes: int, resets_at: float) -> Json:
    return {"used_percent": float(int(used)), "window_minutes": minutes, "resets_at": int(resets_at)}


_COUNTS: tuple[str, ...] = (
    "input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
    "total_tokens",
)  # fmt: skip

_ORIGINATORS = {"cli": "codex-tui", "vscode": "codex_vscode", "exec": "codex_exec"}


def spawn_agent(task: str, worker: CodexLane) -> Call:
    """Starts a worker thread."""
    output = json.dumps({"agent_id": worker.thread, "nickname": worker.nickname}, separators=(",", ":"))
    args: Json = {"message": task, "agent_type": "worker"}
    return Call("spawn_agent", args, output, 0.05, 60, namespace="multi_agent_v1")


def wait_agent(worker: CodexLane, secs: float, report: str | None) -> Call:
    """Waits for a worker. Without a report it has not ended yet."""
    output = json.dumps({"status": {worker.thread: {"completed": report}}, "timed_out": False}, ensure_ascii=False,
                        separators=(",", ":"))  # fmt: skip
    args: Json = {"targets": [worker.thread], "timeout_ms": 1_800_000}
    tokens = len(report or "") // 4 + 60
    return Call("wait_agent", args, output, secs, tokens, namespace="multi_agent_v1", pending=report is None)
