"""Lines as real clients write them, in their real order of keys, and what to do with them in a test.

A builder returns one record; keyword arguments named `extra` go into the record as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from tui.agents.base import Reader
from tui.io.lines import Line
from tui.model.event import Event, UsageReported
from tui.model.usage import ZERO, Usage

Record = dict[str, Any]
SESSION = "5f0c21aa-0000-4000-8000-000000000001"
THREAD = "019fc8be-3658-7ca3-9e29-000000000001"  # a UUID of version 7: it holds the time of its making
E_ = TypeVar("E_", bound=Event)


# -- lines ----------------------------------------------------------------------------------------


def encode(record: object) -> bytes:
    """One line without its newline, written as JSON.stringify writes it."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def to_lines(records: Iterable[object]) -> list[Line]:
    """The records as the lines of one transcript; bytes stand for themselves."""
    lines: list[Line] = []
    offset = 0
    for number, record in enumerate(records, 1):
        data = record if isinstance(record, bytes) else encode(record)
        lines.append(Line(offset, number, data))
        offset += len(data) + 1
    return lines


def read_all(reader: Reader, *records: object) -> list[Event]:
    """All events of these lines, read one after the other."""
    events = [event for line in to_lines(records) for event in reader.read(line)]
    assert all(isinstance(event, Event) for event in events)
    return events


def only(events: Iterable[Event], kind: type[E_]) -> list[E_]:
    """The events of one kind."""
    return [event for event in events if isinstance(event, kind)]


def one(events: Iterable[Event], kind: type[E_]) -> E_:
    """The single event of this kind."""
    found = only(events, kind)
    assert len(found) == 1, found
    return found[0]


def larger(a: Usage, b: Usage) -> Usage:
    """The larger count of each class."""
    return Usage(*(max(getattr(a, name), getattr(b, name)) for name in Usage.__slots__))


def spent(events: Iterable[Event], lane: str | None = None) -> Usage:
    """What these events say was spent: each key once, its largest counts, without what was inherited."""
    calls: dict[str, Usage] = {}
    for event in only(events, UsageReported):
        if (lane is None or event.lane == lane) and event.inherited in ("no", "guess_no"):
            calls[event.key] = larger(calls.get(event.key, ZERO), event.usage)
    return sum(calls.values(), ZERO)


def at(seconds: float) -> str:
    """A time, so many seconds after noon."""
    whole = int(seconds)
    return f"2026-08-03T12:{whole // 60:02}:{whole % 60:02}.{round(seconds % 1 * 1000):03}Z"


# -- Claude Code ----------------------------------------------------------------------------------


def claude_usage(
    input: int = 3,
    output: int = 100,
    cache_read: int = 1000,
    cache_write: int = 50,
    *,
    short: int | None = 50,
    long: int | None = 0,
    **extra: Any,
) -> Record:
    """A message's usage. `short` and `long` are the parts of the cache write; None leaves all parts out."""
    usage: Record = {
        "input_tokens": input,
        "cache_creation_input_tokens": cache_write,
        "cache_read_input_tokens": cache_read,
        "output_tokens": output,
        "service_tier": "standard",
    }
    if short is not None and long is not None:
        usage["cache_creation"] = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    return usage | extra


def claude_line(
    kind: str, *, seconds: float = 0, session: str = SESSION, agent: str | None = None, **extra: Any
) -> Record:
    """A line of the conversation with its envelope. `agent` makes it a subagent's."""
    record: Record = {
        "parentUuid": None,
        "isSidechain": agent is not None,
        "userType": "external",
        "cwd": "/home/ada/harbor",
        "sessionId": session,
        "version": "2.1.114",
        "gitBranch": "main",
        "type": kind,
    }
    if agent:
        record["agentId"] = agent
    record |= {"uuid": f"{kind}-{session}-{agent}-{seconds}", "timestamp": at(seconds)}
    return record | extra


def claude_message(
    message_id: str = "msg_01A",
    content: Sequence[Record] | str = ({"type": "text", "text": "Done."},),
    usage: Record | None = None,
    *,
    stop: str | None = "tool_use",
    model: str = "claude-opus-4-8",
    request: str | None = "req_1",
    **extra: Any,
) -> Record:
    """An assistant line: one block of a message, with the usage that all its lines repeat."""
    message: Record = {
        "model": model,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": content if isinstance(content, str) else list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": claude_usage() if usage is None else usage,
    }
    record = claude_line("assistant", message=message, **extra)
    if request is not None:
        record["requestId"] = request
    return record


def claude_user(content: object, **extra: Any) -> Record:
    """A user line: a prompt as text, or blocks."""
    return claude_line("user", message={"role": "user", "content": content}, **extra)


def tool_use(name: str, args: Record | None = None, call: str = "toolu_1") -> Record:
    """The block of a tool call."""
    return {"type": "tool_use", "id": call, "name": name, "input": args or {}}


def claude_call(name: str, args: Record | None = None, call: str = "toolu_1", **extra: Any) -> Record:
    """An assistant line with one tool call."""
    return claude_message(f"msg_{call}", [tool_use(name, args, call)], **extra)


def claude_result(
    text: object = "ok", call: str = "toolu_1", *, error: bool = False, told: object = None, **extra: Any
) -> Record:
    """A user line with one tool result; `told` is the structured result beside it."""
    block: Record = {"tool_use_id": call, "type": "tool_result", "content": text}
    if error:
        block["is_error"] = True
    if told is not None:
        extra["toolUseResult"] = told
    return claude_user([block], **extra)


def claude_progress(inner: Record, agent: str = "a1", call: str = "toolu_1", **extra: Any) -> Record:
    """A progress line that carries one line of a subagent."""
    kept = ("type", "message", "requestId", "uuid", "timestamp")
    message = {key: inner[key] for key in kept if key in inner}
    data = {"type": "agent_progress", "agentId": agent, "prompt": "go", "message": message, "normalizedMessages": []}
    return claude_line("progress", data=data, toolUseID="agent_msg_1", parentToolUseID=call, **extra)


def claude_system(subtype: str | None, **extra: Any) -> Record:
    """A system line."""
    return claude_line("system", subtype=subtype, level="info", **extra)


def claude_attachment(kind: str, fields: Record | None = None, **extra: Any) -> Record:
    """An attachment line."""
    return claude_line("attachment", attachment={"type": kind} | (fields or {}), **extra)


def claude_queue(operation: str, content: object = None, seconds: float = 0) -> Record:
    """A queue operation."""
    record: Record = {
        "type": "queue-operation", "operation": operation, "timestamp": at(seconds), "sessionId": SESSION,
    }  # fmt: skip
    return record if content is None else record | {"content": content}


def claude_api_error(text: str, **extra: Any) -> Record:
    """The message that the client puts in place of a failed request."""
    return claude_message(
        "b1c2", [{"type": "text", "text": text}], claude_usage(0, 0, 0, 0, short=0), stop="stop_sequence",
        model="<synthetic>", request=None, isApiErrorMessage=True, **extra,
    )  # fmt: skip


# -- Codex ----------------------------------------------------------------------------------------


def thread_id(seconds: float, last: int = 1) -> str:
    """A UUID of version 7 that was made so many seconds after noon."""
    made = int((1785758400 + seconds) * 1000)
    return f"{made >> 16:08x}-{made & 0xFFFF:04x}-7ca3-9e29-{last:012x}"


def codex_line(kind: str, payload: Record, *, seconds: float = 0, ordinal: int | None = None) -> Record:
    """One line of a rollout."""
    record: Record = {"timestamp": at(seconds)}
    if ordinal is not None:
        record["ordinal"] = ordinal
    return record | {"type": kind, "payload": payload}


def codex_meta(
    thread: str = THREAD, *, seconds: float = 0, began: float | None = None, ordinal: int | None = None, **extra: Any
) -> Record:
    """A session_meta; `began` is the thread's own beginning if it differs from the line's time."""
    payload: Record = {
        "id": thread, "timestamp": at(seconds if began is None else began), "cwd": "/home/ada/harbor",
        "originator": "codex_cli_rs", "cli_version": "0.169.0", "source": "cli", "model_provider": "openai",
        "git": {"branch": "main"},
    }  # fmt: skip
    return codex_line("session_meta", payload | extra, seconds=seconds, ordinal=ordinal)


def codex_turn(turn: str | None = None, *, model: str = "gpt-5.6-sol", seconds: float = 0, **extra: Any) -> Record:
    """A turn_context."""
    payload: Record = {"cwd": "/home/ada/harbor", "approval_policy": "never", "model": model}
    if turn is not None:
        payload["turn_id"] = turn
    return codex_line("turn_context", payload | extra, seconds=seconds)


def codex_usage(input: int = 0, cached: int = 0, output: int = 0, reasoning: int = 0, cache_write: int = 0) -> Record:
    """A snapshot of the counter, or one call."""
    return {
        "input_tokens": input,
        "cached_input_tokens": cached,
        "cache_write_input_tokens": cache_write,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": input + output,
    }


def codex_count(
    total: Record | None,
    last: Record | None = None,
    *,
    limit_id: str | None = None,
    window: int | None = 258_400,
    rate_limits: Record | None = None,
    seconds: float = 0,
    ordinal: int | None = None,
) -> Record:
    """A token_count; without a total it only refreshes rate limits."""
    info: Record | None = None
    if total is not None:
        info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": window}
    limits = {"limit_id": limit_id, "primary": None, "secondary": None} | (rate_limits or {})
    payload = {"type": "token_count", "info": info, "rate_limits": limits}
    return codex_line("event_msg", payload, seconds=seconds, ordinal=ordinal)


def codex_record(
    call: Record, thread_total: Record | None, response: str = "resp_1", *, thread: str = THREAD, seconds: float = 0
) -> Record:
    """A token_usage_record."""
    payload = {
        "thread_id": thread, "response_id": response, "usage": call, "turn_token_usage": call,
        "thread_token_usage": thread_total,
    }  # fmt: skip
    return codex_line("token_usage_record", payload, seconds=seconds)


def codex_event(kind: str, /, *, seconds: float = 0, ordinal: int | None = None, **fields: Any) -> Record:
    """An event_msg."""
    return codex_line("event_msg", {"type": kind} | fields, seconds=seconds, ordinal=ordinal)


def codex_item(kind: str, /, *, seconds: float = 0, ordinal: int | None = None, **fields: Any) -> Record:
    """A response_item."""
    return codex_line("response_item", {"type": kind} | fields, seconds=seconds, ordinal=ordinal)


def codex_message(text: str, role: str = "user", *, kind: str | None = None, seconds: float = 0) -> Record:
    """A message; `kind` is what newer lines state of its one part, such as `user.text`."""
    part = "output_text" if role == "assistant" else "input_text"
    fields: Record = {"role": role, "content": [{"type": part, "text": text}]}
    if kind is not None:
        fields["internal_chat_message_metadata_passthrough"] = {"content_item_kinds": [kind]}
    return codex_item("message", seconds=seconds, **fields)


def codex_call(name: str, args: object = None, call: str = "call_1", *, seconds: float = 0, **fields: Any) -> Record:
    """A function call; its arguments stand in the line as JSON text."""
    arguments = args if isinstance(args, str) else json.dumps(args or {})
    return codex_item("function_call", seconds=seconds, name=name, arguments=arguments, call_id=call, **fields)


def codex_output(output: object, call: str = "call_1", *, seconds: float = 0) -> Record:
    """A function call's output."""
    return codex_item("function_call_output", seconds=seconds, call_id=call, output=output)


def ran(body: str, code: int | None = 0, *, session: int | None = None, wall: float = 0.5) -> str:
    """What the exec tools report above a command's output."""
    state = f"Process exited with code {code}" if session is None else f"Process running with session ID {session}"
    return f"Chunk ID: 308879\nWall time: {wall:.4f} seconds\n{state}\nOriginal token count: 2\nOutput:\n{body}"


def codex_exec(script: str, call: str = "call_1", *, seconds: float = 0) -> Record:
    """A call in code mode: the model's script."""
    return codex_item("custom_tool_call", seconds=seconds, status="completed", call_id=call, name="exec", input=script)


def codex_printed(
    *items: object, call: str = "call_1", how: str = "completed", wall: float = 0.5, seconds: float = 0
) -> Record:
    """A script's output: the header, and what it printed."""
    head = f"Script {how}\nWall time {wall} seconds\nOutput:\n"
    texts = [item if isinstance(item, str) else json.dumps(item, separators=(",", ":")) for item in items]
    output: object = [{"type": "input_text", "text": text} for text in (head, *texts)] if texts else head
    return codex_item("custom_tool_call_output", seconds=seconds, call_id=call, output=output)
