"""Lines as Claude Code writes them.

Two generations: 2.1.329 (a line for each request, `requestRef`, all blocks with their place) and
2.1.138 (neither). In both a message is one line per content block, each repeating the message's usage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from writing.dice import iso
from writing.lane import Json, Lane, Spent

NEW, OLD = "2.1.329", "2.1.138"
SHORT_CACHE_S = 300
SYSTEM_TOKENS = 27_640
"""The system prompt, the tools and the project's notes: in the cache already when a session begins."""


@dataclass
class Tool:
    """A tool call and what came back. `secs` is how long it took, `tokens` what the result adds to the context."""

    name: str
    args: Json
    result: str | list[Json] = ""
    told: Any = None
    """The structured result beside it."""
    secs: float = 0.3
    tokens: int = 300
    failed: bool = False
    pending: bool = False
    """No result comes by itself."""
    id: str = ""
    asked_by: str | None = None
    """The line that called it."""


def bash(
    command: str, about: str, output: str = "", secs: float = 1.2, tokens: int = 400, code: int = 0,
    timeout: int | None = None, pending: bool = False,
) -> Tool:  # fmt: skip
    """A shell command. With an exit code other than 0 the result is the error text that the client makes of it."""
    args: Json = {"command": command, "description": about}
    if timeout is not None:
        args["timeout"] = timeout
    if code:
        text = f"Exit code {code}\n{output}"
        return Tool("Bash", args, text, f"Error: {text}", secs, tokens, failed=True)
    told = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False, "noOutputExpected": False}
    return Tool("Bash", args, output or "(Bash completed with no output)", told, secs, tokens, pending=pending)


def read(path: str, text: str, tokens: int) -> Tool:
    """A file read. `text` is a few of its lines; `tokens` is the whole of it."""
    numbered = "\n".join(f"{number:>6}\t{line}" for number, line in enumerate(text.splitlines(), 1))
    lines = text.count("\n") + 1
    told = {
        "type": "text",
        "file": {"filePath": path, "content": text, "numLines": lines, "startLine": 1, "totalLines": lines},
    }
    return Tool("Read", {"file_path": path, "limit": lines}, numbered, told, 0.2, tokens)


def grep(pattern: str, where: str, found: str, tokens: int = 350) -> Tool:
    """A search. `found` is one match a line."""
    args = {"pattern": pattern, "path": where, "output_mode": "content", "-n": True}
    told = {
        "mode": "content",
        "numFiles": 0,
        "filenames": [],
        "content": found,
        "numLines": found.count("\n") + 1,
    }
    return Tool("Grep", args, found, told, 0.3, tokens)


def edit(path: str, old: str, new: str, line: int = 40) -> Tool:
    """A change of a file."""
    before, after = old.splitlines(), new.splitlines()
    hunk = {
        "oldStart": line,
        "oldLines": len(before),
        "newStart": line,
        "newLines": len(after),
        "lines": [f"-{one}" for one in before] + [f"+{one}" for one in after],
    }
    told = {
        "filePath": path, "oldString": old, "newString": new, "originalFile": None, "structuredPatch": [hunk],
        "userModified": False, "replaceAll": False,
    }  # fmt: skip
    args = {"file_path": path, "old_string": old, "new_string": new, "replace_all": False}
    tokens = 120 + (len(old) + len(new)) // 3
    return Tool("Edit", args, f"The file {path} has been updated successfully.", told, 0.2, tokens)


def write(path: str, content: str) -> Tool:
    """A new file."""
    told = {"type": "create", "filePath": path, "content": content, "structuredPatch": [], "originalFile": None}
    args = {"file_path": path, "content": content}
    return Tool("Write", args, f"File created successfully at: {path}", told, 0.2, 150)


def todos(*items: tuple[str, str]) -> Tool:
    """The plan: pairs of text and status."""
    listed = [{"content": text, "status": status, "activeForm": text} for text, status in items]
    done = "Todos have been modified successfully."
    return Tool("TodoWrite", {"todos": listed}, done, secs=0.1, tokens=180)


@dataclass
class ClaudeLane(Lane):
    """A session of Claude Code, or a subagent of one."""

    cwd: str = ""
    branch: str = "main"
    model: str = "claude-opus-4-6"
    version: str = OLD
    cache: str = "1h"
    """Lifetime of cache writes: 1h, 5m, both (the prompt 1h, what follows 5m) or unsaid (the parts are all zero)."""
    parent: ClaudeLane | None = None
    agent_type: str = ""
    description: str = ""
    own_prompt_tokens: int = 6_000
    history_tokens: int = 0
    """What an earlier part of the session left in the cache."""

    session: str = field(init=False)
    agent_id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.session = self.parent.session if self.parent else self.dice.uuid()
        if self.parent:
            self.cwd, self.branch, self.version = self.parent.cwd, self.parent.branch, self.parent.version
            self.agent_id = "a" + self.dice.hex(16)
        self._last_uuid: str | None = None
        self._prompt_id = self.dice.uuid()
        self._cached = SYSTEM_TOKENS if self.parent is None else SYSTEM_TOKENS - 9_000
        self._cached += self.history_tokens
        self._fresh = self.own_prompt_tokens
        self._turn_began = self.now
        self._turn_lines = 0
        self._last_call = 0.0
        self.began = self.now
        self.spawned_by = ""
        self.tools_used = 0

    # -- where it lies ----------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """See `Lane.path`."""
        folder = "claude/projects/" + "".join(c if c.isalnum() else "-" for c in self.cwd)
        if self.parent is None:
            return f"{folder}/{self.session}.jsonl"
        return f"{folder}/{self.session}/subagents/agent-{self.agent_id}.jsonl"

    @property
    def sidecars(self) -> dict[str, str]:
        """See `Lane.sidecars`."""
        if self.parent is None:
            return {}
        facts = (
            f'{{"agentType":"{self.agent_type}","isBuiltIn":{"true" if self.agent_type == "Explore" else "false"},'
            f'"description":"{self.description}","toolUseId":"{self.spawned_by}","spawnDepth":1,'
            f'"requestShape":"foreground","model":"{self.model}"}}'
        )
        return {self.path.replace(".jsonl", ".meta.json"): facts}

    # -- the client's own lines -------------------------------------------------------------------

    def title(self, text: str) -> None:
        """The title that the client makes of the first prompt."""
        self.write({"type": "ai-title", "aiTitle": text, "sessionId": self.session})

    def mode(self, mode: str) -> None:
        """The permission mode."""
        self.write({"type": "permission-mode", "permissionMode": mode, "sessionId": self.session})

    def prompt(self, text: str, tokens: int | None = None) -> None:
        """A prompt: by a person, or in a subagent by its parent."""
        self._turn_began, self._turn_lines = self.now, len(self.lines)
        self._fresh += tokens if tokens is not None else len(text) // 4 + 20
        line = self._head() | {"promptId": self._prompt_id} | self._agent()
        line |= {"type": "user", "message": {"role": "user", "content": text}}
        line |= self._stamp()
        if self.parent is None:
            line |= {"permissionMode": "acceptEdits"}
            if self.version == NEW:
                line |= {"promptSource": "typed", "turnOrigin": "human"}
        self.write(line | self._tail())

    def queue(self, text: str, delivered_after: float) -> None:
        """A person types while the lane is busy; the text reaches the model at the next tool boundary."""
        base = {"type": "queue-operation", "operation": "enqueue", "timestamp": iso(self.now)}
        self.write(base | {"sessionId": self.session, "content": text})
        self.wait(delivered_after)
        self.write(base | {"operation": "remove", "timestamp": iso(self.now), "sessionId": self.session})
        attachment = {"type": "queued_command", "prompt": text, "commandMode": "prompt"}
        self._fresh += len(text) // 4 + 20
        self.write(self._head() | {"attachment": attachment, "type": "attachment"} | self._stamp() | self._tail())

    def end_turn(self) -> None:
        """The client's line at the end of a turn."""
        self.wait(0.2)
        facts = {
            "durationMs": int((self.now - self._turn_began) * 1000),
            "messageCount": len(self.lines) - self._turn_lines,
            "pendingBackgroundAgentCount": 0,
        }
        line = self._head() | {"type": "system", "subtype": "turn_duration"} | facts
        self.write(line | self._stamp() | {"isMeta": False} | self._tail())

    def compact(self, summary: str, after_tokens: int, secs: float) -> None:
        """The client compacts the conversation by itself. Nothing is written while it does."""
        before = self._cached + self._fresh
        self.wait(secs)
        logical, self._last_uuid = self._last_uuid, None
        metadata = {
            "trigger": "auto",
            "preTokens": before,
            "postTokens": after_tokens,
            "durationMs": int(secs * 1000),
        }
        line = {"parentUuid": None, "logicalParentUuid": logical, "isSidechain": False}
        line |= {"type": "system", "subtype": "compact_boundary", "content": "Conversation compacted", "isMeta": False}
        self.write(line | self._stamp() | {"level": "info", "compactMetadata": metadata} | self._tail())
        self.wait(0.004)
        text = "This session is being continued from a previous conversation that ran out of context.\n" + summary
        line = self._head() | {"type": "user", "message": {"role": "user", "content": text}}
        line |= {"isVisibleInTranscriptOnly": True, "isCompactSummary": True}
        self.write(line | self._stamp() | self._tail())
        self._cached, self._fresh = SYSTEM_TOKENS, after_tokens - SYSTEM_TOKENS

    def hit_limit(self, text: str) -> None:
        """The service refuses the next request: the client says so in the model's place, at no tokens."""
        self.wait(1.8)
        usage = {
            "input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 0,
            "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0}, "service_tier": None,
            "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        }  # fmt: skip
        message = {
            "model": "<synthetic>", "id": self.dice.uuid(), "type": "message", "role": "assistant",
            "content": [{"type": "text", "text": text}], "stop_reason": "stop_sequence", "stop_sequence": "",
            "usage": usage,
        }  # fmt: skip
        line = self._head() | {"message": message, "type": "assistant"} | self._stamp()
        self.write(line | {"error": "rate_limit", "isApiErrorMessage": True, "apiErrorStatus": 429} | self._tail())

    # -- model calls ------------------------------------------------------------------------------

    def step(
        self, *tools: Tool, out: int, secs: float, say: str | None = None, think: str | None = None, ends: bool = False
    ) -> None:
        """One model call and the tools that it asked for.

        Args:
            tools: what it calls; their results follow, one after the other.
            out: output tokens of the call.
            secs: from the request to the end of the answer.
            say: text of the answer.
            think: reasoning; an empty text stands for reasoning that is not shown.
            ends: the turn is over with this answer.
        """
        began = self.now
        request = self._request(secs)
        blocks = self._blocks(tools, say, think)
        for index, (block, tool) in enumerate(blocks):
            is_last = index == len(blocks) - 1
            self.now = began + secs * (0.45 + 0.55 * (index + 1) / len(blocks))
            # The count of a message that still streams is that of its first moments; its last line has the whole.
            seen = out if is_last else min(out, 2 + 5 * index + out * index // 9)
            stop = ("end_turn" if ends else "tool_use") if is_last else None
            line = self._head() | self._agent() | self._assistant(request, block, index, seen, stop)
            self.write(line | self._stamp() | ({"madeBy": "model"} if self.version == NEW else {}) | self._tail())
            if tool is not None:
                tool.asked_by = self._last_uuid
        self.spent.output += out
        self._fresh += out
        for tool in tools:
            if not tool.pending:
                self.answer(tool)

    def answer(self, tool: Tool) -> None:
        """The result of a tool call."""
        self.wait(tool.secs)
        self.tools_used += 1
        self._fresh += tool.tokens
        block: Json = {"tool_use_id": tool.id, "type": "tool_result", "content": tool.result}
        if tool.name == "Bash" or tool.failed:
            block["is_error"] = tool.failed
        line = self._head() | {"promptId": self._prompt_id} | self._agent()
        line |= {"type": "user", "message": {"role": "user", "content": [block]}} | self._stamp()
        if self.parent is None and tool.told is not None:
            line |= {"toolUseResult": tool.told}
        self.write(line | {"sourceToolAssistantUUID": tool.asked_by} | self._tail())

    def take_back(self, tool: Tool, child: ClaudeLane, report: str) -> None:
        """The result of a call that a subagent worked on: its report, and what the client says of its work."""
        self.wait_until(child.now + 0.12)
        took = int((self.now - child.began) * 1000)
        context = child.context
        tool.secs, tool.tokens = 0.0, len(report) // 4 + 150
        tool.result = [
            {"type": "text", "text": report},
            {
                "type": "text",
                "text": f"agentId: {child.agent_id}\n<usage>subagent_tokens: {context}\n"
                f"tool_uses: {child.tools_used}\nduration_ms: {took}</usage>",
            },
        ]
        tool.told = {
            "status": "completed", "prompt": tool.args["prompt"], "agentId": child.agent_id,
            "agentType": child.agent_type, "content": [{"type": "text", "text": report}],
            "resolvedModel": child.model, "totalDurationMs": took, "totalTokens": context,
            "totalToolUseCount": child.tools_used,
        }  # fmt: skip
        self.answer(tool)

    @property
    def context(self) -> int:
        """Tokens that the next call would read."""
        return self._cached + self._fresh

    def _request(self, secs: float) -> Json:
        request: Json = {
            "usage": self._usage(),
            "message_id": self.dice.word("msg_01", 22),
            "request_id": self.dice.word("req_011C", 20),
            "ref": self.dice.uuid(),
        }
        if self.version == NEW:
            source = f"agent:{self.agent_type}" if self.parent else "repl_main_thread"
            line = {"type": "api-request", "sessionId": self.session} | self._agent()
            line |= {"id": request["ref"], "timestamp": iso(self.now + min(0.1, secs / 4)), "version": self.version}
            line |= {"querySource": source, "params": {"model": self.model, "max_tokens": 32000}, "keep": 0, "tail": []}
            self.write(line)
        return request

    def _usage(self) -> Json:
        """What this call reads and writes: all that was cached, and all that is new since."""
        if self.cache != "1h" and self._last_call and self.now - self._last_call > SHORT_CACHE_S:
            self._fresh += self._cached - SYSTEM_TOKENS
            self._cached = SYSTEM_TOKENS
        spent = Spent(input=min(self._fresh, self.dice.whole(3, 11)), cache_read=self._cached, calls=1)
        written = self._fresh - spent.input
        if self.cache == "unsaid":
            spent.cache_write_unsaid = written
        elif self.cache == "1h" or (self.cache == "both" and self._last_call == 0):
            spent.cache_write_1h = written
        else:
            spent.cache_write_5m = written
        self._cached += written
        self._fresh = 0
        self._last_call = self.now
        for name, value in vars(spent).items():
            setattr(self.spent, name, getattr(self.spent, name) + value)
        return {
            "input_tokens": spent.input, "cache_creation_input_tokens": written,
            "cache_read_input_tokens": spent.cache_read, "output_tokens": 0,
            "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0}, "service_tier": "standard",
            "cache_creation": {
                "ephemeral_1h_input_tokens": spent.cache_write_1h, "ephemeral_5m_input_tokens": spent.cache_write_5m,
            },
        }  # fmt: skip

    def _blocks(self, tools: tuple[Tool, ...], say: str | None, think: str | None) -> list[tuple[Json, Tool | None]]:
        blocks: list[tuple[Json, Tool | None]] = []
        if think is not None:
            blocks.append(({"type": "thinking", "thinking": think, "signature": self.dice.word("Eq", 40)}, None))
        if say is not None:
            blocks.append(({"type": "text", "text": say}, None))
        for tool in tools:
            tool.id = self.dice.word("toolu_01", 22)
            blocks.append(({"type": "tool_use", "id": tool.id, "name": tool.name, "input": tool.args}, tool))
        return blocks

    def _assistant(self, request: Json, block: Json, index: int, seen: int, stop: str | None) -> Json:
        usage = request["usage"] | {"output_tokens": seen}
        message = {
            "model": self.model, "id": request["message_id"], "type": "message", "role": "assistant",
            "content": [block], "stop_reason": stop, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        if self.version == OLD:
            return {"message": message, "requestId": request["request_id"], "type": "assistant"}
        message["usage"] = usage | {"inference_geo": "", "iterations": [], "speed": "standard"}
        line = {"message": message, "apiBlockIndex": index, "requestId": request["request_id"]}
        line |= {"requestRef": request["ref"]} | ({"attributionAgent": self.agent_type} if self.parent else {})
        return line | {"type": "assistant"}

    def _head(self) -> Json:
        return {"parentUuid": self._last_uuid, "isSidechain": self.parent is not None}

    def _agent(self) -> Json:
        return {"agentId": self.agent_id} if self.parent else {}

    def _stamp(self) -> Json:
        self._last_uuid = self.dice.uuid()
        return {"uuid": self._last_uuid, "timestamp": iso(self.now)}

    def _tail(self) -> Json:
        return {
            "userType": "external", "entrypoint": "cli", "cwd": self.cwd, "sessionId": self.session,
            "version": self.version, "gitBranch": self.branch,
        }  # fmt: skip


def agent(about: str, agent_type: str, task: str) -> Tool:
    """The call that starts a subagent; `take_back` ends it."""
    return Tool("Agent", {"description": about, "subagent_type": agent_type, "prompt": task}, pending=True)


def spawn(parent: ClaudeLane, tool: Tool, name: str, model: str, cache: str, own_prompt_tokens: int) -> ClaudeLane:
    """The subagent that an `agent` call of the parent started."""
    child = ClaudeLane(
        name, parent.now + 0.15, parent=parent, agent_type=tool.args["subagent_type"], model=model,
        description=tool.args["description"], cache=cache, own_prompt_tokens=own_prompt_tokens,
    )  # fmt: skip
    child.spawned_by = tool.id
    child.prompt(tool.args["prompt"])
    return child
