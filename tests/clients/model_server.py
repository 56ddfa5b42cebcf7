"""A model on 127.0.0.1 that does what the prompt's script says: for real agent clients, offline.

The newest user text that holds `{{calls=N ...}}` asks for N shell calls and an answer; `agent=K` makes the K-th call
start a subagent with a script of its own; `shape=NAME` makes them one of `SHAPES`; `heeds=0` goes on although a closing text was read;
`asks=NAME` makes the calls of a script in `asks.py`;
`background=K` lets Claude Code leave the K-th call running. Usage differs at every request, so that whatever is counted
twice shows.
Speaks Anthropic's Messages and OpenAI's Responses, streaming.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, ClassVar

from tests.clients import asks
from tests.clients.loops import SHAPES

SCRIPT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
PLANS = re.compile(r"/[^\s\"\\`]*/plans/[\w-]+\.md")
SHELLS = ("Bash", "exec_command", "shell_command", "shell")
AGENTS = ("Agent", "Task")
CLOSE = "Do not begin new work"
"""Words of the closing templates."""
CLOSEOUT = "Closeout: what was asked for is done; nothing is left half written."
SUBAGENT = "look around {{calls=2}}"

Turn = tuple[str, str]
"""`user` or `result`, and its text."""


class Script:
    """What to do next, from the conversation so far: a server without memory."""

    def __init__(self, turns: list[Turn]) -> None:
        self.calls, self.agent, self.done, self.wait, self.long = 0, 0, 0, 0.0, 0
        self.heeds, self.background, self.code = True, 0, False
        self.shape = ""
        self.asks = ""
        for kind, text in turns:
            if kind == "result":
                self.done += 1
            elif found := SCRIPT.findall(text):
                asked = dict(part.split("=", 1) for part in found[-1].split())
                self.calls, self.agent, self.done = int(asked.get("calls", 0)), int(asked.get("agent", 0)), 0
                self.wait = float(asked.get("wait", 0))
                self.long = int(asked.get("long", 0))
                self.code = "code" in asked
                self.shape = asked.get("shape", "")
                self.asks = asked.get("asks", "")
                self.heeds = asked.get("heeds") != "0"
                self.background = int(asked.get("background", 0))

    def closes_if_told(self, conversation: object) -> str:
        """What is said instead of going on, where the conversation holds the order to close; else empty."""
        if not self.heeds or CLOSE not in json.dumps(conversation, ensure_ascii=False):
            return ""
        self.calls = self.done
        return CLOSEOUT

    def command(self, number: int) -> str:
        """What the shell is asked to do."""
        if self.shape:
            return SHAPES[self.shape].command(self.done)
        does = f"sleep {self.wait}; echo step {number}" if self.wait else f"echo step {number}"
        return f"{does} # {'x' * self.long}" if self.long else does

    def asked(self, scripts: dict[str, list[asks.Calls]]) -> asks.Calls:
        """The calls of a script that asks a person, if the prompt names one."""
        return asks.calls_after(scripts, self.asks, self.done) if self.asks else []

    @property
    def calls_a_tool(self) -> bool:
        return self.done < self.calls

    @property
    def starts_an_agent(self) -> bool:
        return self.done + 1 == self.agent


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ids = count(1)
    """Shared by all threads: usage grows with every request of the server."""
    heard: ClassVar[list[tuple[float, str]]] = []
    """Every request for the model: when (seconds UTC) and its body."""

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self._json({})

    def do_GET(self) -> None:
        self._json({"data": [], "models": []})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        path = self.path.split("?")[0]
        if path.endswith("/count_tokens"):
            self._json({"input_tokens": 100})
        elif path.endswith("/messages"):
            self.heard.append((time.time(), json.dumps(body, ensure_ascii=False)))
            self._messages(body, next(self.ids))
        elif path.endswith("/responses"):
            self.heard.append((time.time(), json.dumps(body, ensure_ascii=False)))
            self._responses(body, next(self.ids))
        else:
            self._json({})

    # -- Anthropic ------------------------------------------------------------------------------

    def _messages(self, body: dict[str, Any], number: int) -> None:
        script = Script(list(anthropic_turns(body)))
        closing = script.closes_if_told(body["messages"])
        names = [tool.get("name") for tool in body.get("tools", [])]
        shell = next((name for name in SHELLS if name in names), None)
        agent = next((name for name in AGENTS if name in names), None)
        blocks: list[dict[str, Any]] = [{"type": "text", "text": closing or f"Request {number}."}]
        for place, (name, asked) in enumerate(script.asked(asks.SCRIPTS) if shell else ()):
            given = dict(asked)
            if given.get("file_path") == asks.PLAN_FILE:
                given["file_path"] = PLANS.findall(json.dumps(body, ensure_ascii=False))[-1]
            blocks.append({"type": "tool_use", "id": f"toolu_{number:018d}{place:02d}", "name": name, "input": given})
        if shell and script.calls_a_tool:
            name = shell
            args: dict[str, Any] = {"command": script.command(number), "description": "a step"}
            if script.done + 1 == script.background:
                args |= {"command": "sleep 25", "run_in_background": True}
            if agent and script.starts_an_agent:
                name = agent
                args = {
                    "description": "look around",
                    "prompt": SUBAGENT,
                    "subagent_type": "general-purpose",
                    "run_in_background": False,
                }
            blocks.append({"type": "tool_use", "id": f"toolu_{number:020d}", "name": name, "input": args})
        start = {
            "input_tokens": 3 + number,
            "cache_creation_input_tokens": 700 + 11 * number,
            "cache_read_input_tokens": 9000 + 500 * number,
            "output_tokens": 1,
        }
        end = {"output_tokens": 40 + 7 * number}
        message = {
            "id": f"msg_{number:022d}", "type": "message", "role": "assistant", "model": body.get("model"),
            "stop_sequence": None,
        }  # fmt: skip
        stop = "tool_use" if len(blocks) > 1 else "end_turn"
        if not body.get("stream"):
            self._json({**message, "content": blocks, "stop_reason": stop, "usage": {**start, **end}})
            return
        self._stream(anthropic_events(message, blocks, stop, start, end))

    # -- OpenAI ---------------------------------------------------------------------------------

    def _responses(self, body: dict[str, Any], number: int) -> None:
        script = Script(list(openai_turns(body)))
        closing = script.closes_if_told(body["input"])
        names = [tool.get("name") for tool in body.get("tools", [])]
        shell = next((name for name in SHELLS if name in names), None)
        call = None
        if shell and script.calls_a_tool:
            command = script.command(number)
            args = {"cmd": command} if shell == "exec_command" else {"command": command}
            if shell == "shell":
                args = {"command": ["bash", "-lc", command]}  # type: ignore[dict-item]
            call = {
                "id": f"fc_{number}", "type": "function_call", "status": "completed", "call_id": f"call_{number}",
                "name": shell, "arguments": json.dumps(args),
            }  # fmt: skip
        elif shell and (asked := script.asked(asks.CODEX)):
            ((tool, given),) = asked
            call = openai_call(tool, given, number)
        elif script.code and offers_code_mode(body):
            call = code_step(script.done, number, json.dumps(body["input"]))
        usage = {
            "input_tokens": 8000 + 600 * number,
            "input_tokens_details": {"cached_tokens": 7000 + 450 * number},
            "output_tokens": 50 + 3 * number,
            "output_tokens_details": {"reasoning_tokens": 10 + number},
            "total_tokens": 8050 + 603 * number,
        }
        self._stream(openai_events(str(body.get("model")), number, call, usage, closing))

    # -- sending --------------------------------------------------------------------------------

    def _json(self, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            for event in events:
                self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass  # the client left: it may
        self.close_connection = True


def anthropic_turns(body: dict[str, Any]) -> Iterator[Turn]:
    for message in body.get("messages", []):
        content = message["content"]
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            if message["role"] == "user" and block["type"] in ("text", "tool_result"):
                yield ("user" if block["type"] == "text" else "result", str(block.get("text", "")))


def openai_turns(body: dict[str, Any]) -> Iterator[Turn]:
    for item in body.get("input", []):
        if item.get("type") in ("function_call_output", "custom_tool_call_output"):
            yield ("result", "")
        elif item.get("role") == "user":
            content = item.get("content")
            yield ("user", content if isinstance(content, str) else " ".join(part.get("text", "") for part in content))


def offers_code_mode(body: dict[str, Any]) -> bool:
    """Whether the client has the one tool that takes scripts: it stands among the input, not among the tools."""
    added = [tool for item in body["input"] if item.get("type") == "additional_tools" for tool in item["tools"]]
    inner = [tool for one in (*body.get("tools", []), *added) for tool in (one, *one.get("tools", []))]
    return any(tool.get("type") == "custom" and tool.get("name") == "exec" for tool in inner)


PATCH = "*** Begin Patch\\n*** Add File: made.txt\\n+one\\n+two\\n*** Update File: old.txt\\n@@\\n-before\\n+after\\n*** End Patch"
CODE_STEPS = (
    "const plan = await tools.update_plan({plan:[{step:'look',status:'in_progress'},{step:'write',status:'pending'}]});\n"
    "const [a, b] = await Promise.all(['echo first', 'echo second; exit 3'].map(cmd => tools.exec_command({cmd})));\n"
    "text(JSON.stringify(a)); text(`second: ${b.exit_code} ${b.output}`);",
    f'const patch = "{PATCH}";\ntext(await tools.apply_patch(patch));',
    "const r = await tools.exec_command({cmd:'sleep 1.5; echo ran 3 tests',yield_time_ms:250});\n"
    "text(r.output); if (r.session_id) text(`SESSION ${r.session_id}`);",
    "text(JSON.stringify(await tools.write_stdin({session_id:<session>,chars:'',yield_time_ms:250})));",
    '// @exec: {"yield_time_ms": 250}\n'
    "const r = await tools.exec_command({cmd:'sleep 1.5; echo from the cell'}); text(JSON.stringify(r));",
    "<wait>",
    "await tools.apply_patch('*** Begin Patch\\n*** Update File: none.txt\\n@@\\n-x\\n+y\\n*** End Patch');",
)
"""What the model writes in code mode, call by call. The client says how the running command and the cell are called."""


def openai_call(tool: str, given: dict[str, Any], number: int) -> dict[str, Any]:
    """A call of a tool; one of an MCP server (`mcp__SERVER.TOOL`) has a name space."""
    base = {"status": "completed", "call_id": f"call_{number}"}
    space, _, name = tool.rpartition(".")
    named = {"name": name, "namespace": space} if space else {"name": name}
    return {**base, "id": f"fc_{number}", "type": "function_call", **named, "arguments": json.dumps(given)}


def code_step(done: int, number: int, conversation: str) -> dict[str, Any] | None:
    """The call that comes after so many results; None after the last."""
    if done >= len(CODE_STEPS):
        return None
    base = {"id": f"ctc_{number}", "status": "completed", "call_id": f"call_{number}"}
    if CODE_STEPS[done] == "<wait>":
        cell = re.findall(r"running with cell ID (\w+)", conversation)[-1]
        args = json.dumps({"cell_id": cell, "yield_time_ms": 5000})
        return {**base, "id": f"fc_{number}", "type": "function_call", "name": "wait", "arguments": args}
    session = re.findall(r"SESSION (\d+)", conversation)[-1:]
    written = CODE_STEPS[done].replace("<session>", session[0] if session else "0")
    return {**base, "type": "custom_tool_call", "name": "exec", "input": written}


def anthropic_events(
    message: dict[str, Any], blocks: list[dict[str, Any]], stop: str, start: dict[str, int], end: dict[str, int]
) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None, "usage": start}}
    for index, block in enumerate(blocks):
        empty = {**block, "text": ""} if block["type"] == "text" else {**block, "input": {}}
        delta = (
            {"type": "text_delta", "text": block["text"]}
            if block["type"] == "text"
            else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        )
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": end}
    yield {"type": "message_stop"}


def openai_events(
    model: str, number: int, call: dict[str, Any] | None, usage: dict[str, Any], closing: str = ""
) -> Iterator[dict[str, Any]]:
    base = {"id": f"resp_{number}", "object": "response", "created_at": 0, "model": model, "output": []}
    text = {"type": "output_text", "text": closing or f"Request {number}.", "annotations": []}
    said = {"id": f"msg_{number}", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    items = [said, *([call] if call else [])]
    yield {"type": "response.created", "response": {**base, "status": "in_progress"}}
    for index, item in enumerate(items):
        yield {"type": "response.output_item.added", "output_index": index, "item": {**item, "status": "in_progress"}}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    done = {**base, "status": "completed", "output": items, "usage": usage}
    yield {"type": "response.completed", "response": done}


@contextmanager
def serving() -> Iterator[int]:
    """A server on a free port of 127.0.0.1; gives the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.heard.clear()
    Handler.ids = count(1)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
