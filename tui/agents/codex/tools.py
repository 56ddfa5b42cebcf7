"""Codex's tool calls: the call, its output, and other lines that state exit codes, files and spawned threads.

The facts of a call come in up to three lines: the call, an event when the tool ended, and the output that the model
was given. A few facts of each open call are kept until its output. They are bounded by number, since a call may never
get one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from tui.agents.codex.calls import Running, RunningCommands, begin, edit_event
from tui.agents.codex.output import seconds_of, take_apart
from tui.agents.codex.patch import FileChange, reported_changes, reported_hunks
from tui.agents.codex.script_calls import ABORTED, PLAIN_NAMESPACES, REFUSED, BatchBook, refusal
from tui.agents.codex.tool_kinds import KINDS
from tui.agents.tools import (
    PROMPT_BOUND,
    bounded,
    bounded_args,
    head_and_tail,
    joined_text,
    keeps_whole,
    kind_of,
    summary_of,
)
from tui.io.json_fields import Record, Where, array, compact_json, integer, obj, text
from tui.model.event import Call, Edit, EditLines, Event, Plan, Result, ToolKind

OPEN_CALLS_BOUND = 256


class _OpenCall(NamedTuple):
    kind: ToolKind
    patch: tuple[FileChange, ...]
    running: Running


class _Outcome(NamedTuple):
    """The facts of the tool's own line, which came before the output."""

    ok: bool | None = None
    exit_code: int | None = None
    duration_s: float | None = None
    spawned: str | None = None


_NOTHING_SAID = _Outcome()


class ToolBook:
    """Turns tool lines into events."""

    def __init__(self) -> None:
        self._open: dict[str, _OpenCall] = {}
        self._outcomes: dict[str, _Outcome] = {}
        self._commands = RunningCommands()
        self._batches = BatchBook(self._commands)

    def call_events(self, payload: Record, cwd: str | None, where: Where) -> list[Event]:
        """The events of a call: function, custom tool, local shell or tool search."""
        call = text(payload.get("call_id")) or text(payload.get("id")) or f"@{where.offset}"
        tool = _tool_name(payload)
        if tool == "exec" and payload.get("type") == "custom_tool_call":
            return self._batches.call_events(call, text(payload.get("input")) or "", cwd, where)
        begun = begin(call, tool, _arguments(payload), cwd, where, self._commands)
        if tool == "wait" and begun.name is not None:
            self._batches.note_wait(call, begun.name)
            return begun.events
        _drop_oldest(self._open, OPEN_CALLS_BOUND)
        self._open[call] = _OpenCall(begun.kind, begun.patch, begun.running)
        return begun.events

    def output_events(self, payload: Record, where: Where) -> list[Event]:
        """The events of an output of any kind of call."""
        call = text(payload.get("call_id")) or ""
        batched = self._batches.output_events(call, payload.get("output"), where)
        if batched is not None:
            return batched
        opened = self._open.pop(call, None)
        told = self._outcomes.pop(call, _NOTHING_SAID)
        stated = payload.get("output")
        whole = _whole_output(stated) if stated is not None else compact_json(payload.get("tools"))
        output = take_apart(whole, opened.kind if opened is not None else ToolKind.OTHER)
        refused = REFUSED.match(whole) is not None
        aborted = ABORTED.match(whole) is not None
        if output.session is not None:
            self._commands.note(f"session {output.session}", opened.running if opened else Running(call, ""))
        ok = _first_known(False if refused else None, told.ok, obj(stated).get("success"), output.ok)
        spawned = told.spawned or _spawned(opened, whole)
        result = Result(
            *where,
            call,
            None if aborted else ok,
            head_and_tail(output.body),
            len(output.body),
            told.exit_code if told.exit_code is not None else output.exit_code,
            told.duration_s if told.duration_s is not None else output.duration_s,
            interrupted=aborted,
            denied=refused,
            spawned=spawned,
            background=output.session is not None or spawned is not None,
        )
        events: list[Event] = [result]
        if refused:
            events.append(refusal(whole, where))
        if result.ok and opened is not None:
            events += [edit_event(change, call, where) for change in opened.patch]
        return events

    def whole_call_events(self, payload: Record, tool: str, args: object, where: Where) -> list[Event]:
        """The events of a call whose line also states its outcome: a web search, an image."""
        call = text(payload.get("id")) or text(payload.get("call_id")) or f"@{where.offset}"
        status = payload.get("status")
        ok = True if status == "completed" else False if status in ("failed", "incomplete", "error") else None
        arguments = bounded_args(compact_json(args))
        return [
            Call(*where, call, tool, kind_of(tool, KINDS), arguments, summary_of(obj(args))),
            Result(*where, call, ok, "", 0),
        ]

    def item_events(self, item: Record, cwd: str | None, where: Where) -> list[Event]:
        """The events of a completed item. Most items only add to the output that follows."""
        call = text(item.get("id"))
        match item.get("type"):
            case "CommandExecution":
                self.note_command(call, item)
            case "McpToolCall":
                self.note_mcp(call, item)
            case "FileChange":
                return self.patch_events(call, item.get("changes"), item.get("status") == "completed", cwd, where)
            case "CollabAgentToolCall" if item.get("tool") == "spawn_agent":
                self.note_spawned(call, next(iter(array(item.get("receiver_thread_ids"))), None))
            case "SubAgentActivity" if item.get("kind") == "started":
                self.note_spawned(call, item.get("agent_thread_id"))
            case "Plan":
                prose = text(item.get("text"))
                return [Plan(*where, (), bounded(prose, PROMPT_BOUND))] if prose is not None else []
            case _:
                pass
        return []

    def note_command(self, call: str | None, fields: Record) -> None:
        """Notes that a command ended. Its output comes later."""
        if call not in self._open:
            self._batches.note_command(fields)
            return
        exit_code = integer(fields.get("exit_code"))
        ok = exit_code == 0 if exit_code is not None else None
        self._note(call, _Outcome(ok, exit_code, seconds_of(fields.get("duration"))))

    def note_mcp(self, call: str | None, fields: Record) -> None:
        """Notes that a call to a tool server ended. Its output comes later."""
        if call not in self._open:
            self._batches.note_mcp(fields)
            return
        result = obj(fields.get("result"))
        failed = "Err" in result or result.get("isError") is True or obj(result.get("Ok")).get("isError") is True
        ok = False if failed or fields.get("status") == "failed" else True if result else None
        self._note(call, _Outcome(ok, None, seconds_of(fields.get("duration"))))

    def note_spawned(self, call: str | None, thread: object) -> None:
        """Notes that a call started a subagent."""
        self._note(call, _Outcome(spawned=text(thread)))

    def patch_events(self, call: str | None, changes: object, done: bool, cwd: str | None, where: Where) -> list[Event]:
        """The events of changed files, as the client found them on disk."""
        events = self._edits_of_patch(call, changes, done, cwd, where)
        hunks = reported_hunks(changes, cwd) if events and keeps_whole() else {}
        edits = (one for one in events if isinstance(one, Edit) and one.call is not None and one.path in hunks)
        return [*events, *(EditLines(*where, one.path, one.call or "", hunks[one.path]) for one in edits)]

    def _edits_of_patch(
        self, call: str | None, changes: object, done: bool, cwd: str | None, where: Where
    ) -> list[Event]:
        opened = self._open.get(call) if call is not None else None
        if opened is not None and call is not None:
            self._open[call] = opened._replace(patch=())  # this line is more exact than the call's own text
        elif (of_script := self._batches.patch_events(changes, done, cwd, where)) is not None:
            return of_script
        return [edit_event(change, call, where) for change in reported_changes(changes, cwd)] if done else []

    def _note(self, call: str | None, outcome: _Outcome) -> None:
        if call is not None and call in self._open:
            self._outcomes[call] = outcome
            _drop_oldest(self._outcomes, OPEN_CALLS_BOUND)


def _drop_oldest(book: dict[Any, Any], bound: int) -> None:
    if len(book) >= bound:
        del book[next(iter(book))]


def _first_known(*answers: object) -> bool | None:
    return next((answer for answer in answers if isinstance(answer, bool)), None)


def _tool_name(payload: Record) -> str:
    kind = payload.get("type")
    if kind == "local_shell_call":
        return "local_shell"
    if kind == "tool_search_call":
        return "tool_search"
    name = text(payload.get("name")) or "unknown"
    namespace = text(payload.get("namespace"))
    if namespace is None or namespace in PLAIN_NAMESPACES or name.startswith("mcp__"):
        return name
    return f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"


def _arguments(payload: Record) -> object:
    """A call's arguments: usually an object as JSON text; for custom tools a text; for a shell its action."""
    if payload.get("type") == "custom_tool_call":
        return {"input": payload.get("input")}
    stated = payload.get("arguments", payload.get("action"))
    if not isinstance(stated, str):
        return stated if stated is not None else {}
    try:
        return orjson.loads(stated)
    except orjson.JSONDecodeError:
        return stated


def _whole_output(stated: object) -> str:
    content = obj(stated).get("content")
    return joined_text(content if content is not None else stated)


def _spawned(opened: _OpenCall | None, whole: str) -> str | None:
    if opened is None or opened.kind is not ToolKind.AGENT or not whole.startswith('{"agent_id":'):
        return None
    try:
        return text(obj(orjson.loads(whole)).get("agent_id"))
    except orjson.JSONDecodeError:
        return None
