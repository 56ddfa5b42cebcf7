"""Codex's tool calls: the call, its output, and what its other lines say of exit codes, files and spawned threads.

A call's facts come in up to three lines: the call, an event when the tool itself was done, and the
output that the model was given. A few facts of each open call are kept until its output. They are
bounded by number, since a call may never get one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from tui.model.event import Call, Edit, Event, Mark, Plan, PlanItem, Result, State, ToolKind
from tui.transcripts.fields import Record, Where, array, compact_json, integer, number, obj, text
from tui.transcripts.tools import (
    DETAIL_BOUND,
    PROMPT_BOUND,
    absolute,
    bounded,
    bounded_args,
    head_and_tail,
    joined_text,
    kind_of,
    summary_of,
)

OPEN_CALLS_BOUND = 256
SESSIONS_BOUND = 64
PLAN_BOUND = 200
PATCHED_FILES_BOUND = 200

_HEADER_BOUND = 600
_BODY = "\nOutput:\n"
_EXITED = re.compile(r"^(?:Process exited with code|Exit code:) (-?\d{1,10})", re.MULTILINE)
_WALL_TIME = re.compile(r"^Wall time: (\d{1,9}(?:\.\d{1,9})?) seconds", re.MULTILINE)
_RUNNING = re.compile(r"^Process running with session ID (\d{1,18})", re.MULTILINE)
_REFUSED = re.compile(r"^[\w ]{0,40}\brejected by user")
_ABORTED = re.compile(r"^aborted(?: by user)?\b")
_FAILED = (
    "unsupported call:", "unsupported custom tool call:", "apply_patch verification failed", "execution error",
    "failed to parse function arguments", "exec_command failed",
)  # fmt: skip
_SUCCEEDED = ("Plan updated", "Success. Updated the following files")
_FILE = re.compile(r"^\*\*\* (Add|Update|Delete) File: (.+?)\s*$")
_MOVED = re.compile(r"^\*\*\* Move to: (.+?)\s*$")
_PATCH = "*** Begin Patch"
_CHANGES = {"Add": "create", "Update": "update", "Delete": "delete", "add": "create"}


class FileChange(NamedTuple):
    """One file of a patch."""

    path: str
    change: str
    added: int | None
    removed: int | None


class _OpenCall(NamedTuple):
    kind: ToolKind
    patch: tuple[FileChange, ...] = ()


class _Outcome(NamedTuple):
    """What the tool's own line said before the output came."""

    ok: bool | None = None
    exit_code: int | None = None
    duration_s: float | None = None
    spawned: str | None = None


class _Output(NamedTuple):
    """An output, taken apart."""

    body: str
    exit_code: int | None = None
    duration_s: float | None = None
    session: int | None = None
    ok: bool | None = None


class ToolBook:
    """Turns tool lines into events."""

    def __init__(self) -> None:
        self._open: dict[str, _OpenCall] = {}
        self._outcomes: dict[str, _Outcome] = {}
        self._sessions: dict[int, str] = {}

    # -- what the model was told and said -------------------------------------------------------------

    def call_events(self, payload: Record, cwd: str | None, where: Where) -> list[Event]:
        """The events of a call: function, custom tool, local shell or tool search."""
        call = text(payload.get("call_id")) or text(payload.get("id")) or f"@{where.offset}"
        tool = _tool_name(payload)
        args = _arguments(payload)
        kind = kind_of(tool)
        fields = obj(args)
        patch = _patch_in(args, cwd)
        _put(self._open, call, _OpenCall(kind, patch), OPEN_CALLS_BOUND)
        session = integer(fields.get("session_id"))
        polls = tool == "write_stdin" and session is not None and not fields.get("chars")
        continues = self._sessions.get(session) if polls and session is not None else None
        summary = _summary(fields, patch, kind)
        events: list[Event] = [
            Call(*where, call, tool, kind, bounded_args(compact_json(args)), summary, continues)
        ]
        if tool == "update_plan":
            events.append(Plan(*where, _plan_items(fields), bounded(text(fields.get("explanation")) or "", PROMPT_BOUND)))
        return events

    def output_events(self, payload: Record, where: Where) -> list[Event]:
        """The events of an output, whichever call it answers."""
        call = text(payload.get("call_id")) or ""
        opened = self._open.pop(call, None)
        told = self._outcomes.pop(call, _Outcome())
        stated = payload.get("output", payload.get("tools"))
        whole = joined_text(stated) if not isinstance(payload.get("tools"), list) else compact_json(payload["tools"])
        output = _taken_apart(whole, opened.kind if opened is not None else ToolKind.OTHER)
        if output.session is not None:
            _put(self._sessions, output.session, call, SESSIONS_BOUND)
        exit_code = told.exit_code if told.exit_code is not None else output.exit_code
        refused = _REFUSED.match(whole) is not None
        ok = False if refused else _verdict(told, output, exit_code, obj(stated))
        spawned = told.spawned or _spawned(opened, whole)
        result = Result(
            *where,
            call,
            ok,
            head_and_tail(output.body),
            len(output.body),
            exit_code,
            told.duration_s if told.duration_s is not None else output.duration_s,
            interrupted=_ABORTED.match(whole) is not None,
            denied=refused,
            spawned=spawned,
            background=output.session is not None or spawned is not None,
        )
        events: list[Event] = [result]
        if refused:
            events.append(State(*where, Mark.DENIED, whole[:DETAIL_BOUND]))
        if ok and opened is not None:
            events += [_edit(change, call, where) for change in opened.patch]
        return events

    def whole_call_events(self, payload: Record, tool: str, args: object, where: Where) -> list[Event]:
        """The events of a call that stands in one line with its outcome: a web search, an image."""
        call = text(payload.get("id")) or text(payload.get("call_id")) or f"@{where.offset}"
        fields = obj(args)
        status = payload.get("status")
        ok = True if status == "completed" else False if status in ("failed", "incomplete", "error") else None
        arguments = bounded_args(compact_json(args))
        return [
            Call(*where, call, tool, kind_of(tool), arguments, summary_of(fields)),
            Result(*where, call, ok, "", 0),
        ]

    # -- what the tools themselves said ---------------------------------------------------------------

    def item_events(self, item: Record, cwd: str | None, where: Where) -> list[Event]:
        """The events of a completed item; most of them only add to the output that follows."""
        call = text(item.get("id")) or ""
        match item.get("type"):
            case "CommandExecution":
                self._note_command(call, item)
            case "McpToolCall":
                self._note(call, _Outcome(_mcp_ok(item), None, _seconds(item.get("duration"))))
            case "FileChange":
                return self.patch_events(call, item.get("changes"), item.get("status") == "completed", cwd, where)
            case "CollabAgentToolCall" if item.get("tool") == "spawn_agent":
                spawned = next(filter(None, map(text, array(item.get("receiver_thread_ids")))), None)
                self._note(call, _Outcome(spawned=spawned))
            case "SubAgentActivity" if item.get("kind") == "started":
                self._note(call, _Outcome(spawned=text(item.get("agent_thread_id"))))
            case "Plan" if prose := text(item.get("text")):
                return [Plan(*where, (), bounded(prose, PROMPT_BOUND))]
            case _:
                pass
        return []

    def note_command_end(self, payload: Record) -> None:
        """Older builds: a command ended."""
        self._note_command(text(payload.get("call_id")) or "", payload)

    def note_mcp_end(self, payload: Record) -> None:
        """Older builds: a call to a tool server ended."""
        self._note(text(payload.get("call_id")) or "", _Outcome(_mcp_ok(payload), None, _seconds(payload.get("duration"))))

    def note_spawned(self, call: str | None, thread: str | None) -> None:
        """Older builds: a subagent was started."""
        self._note(call or "", _Outcome(spawned=thread))

    def patch_events(self, call: str, changes: object, done: bool, cwd: str | None, where: Where) -> list[Event]:
        """The events of files that were changed, as the client found them on disk."""
        opened = self._open.get(call)
        if opened is not None:
            self._open[call] = opened._replace(patch=())  # told here, and better than by the call's own text
        if not done:
            return []
        found = [
            change
            for path, fields in list(obj(changes).items())[:PATCHED_FILES_BOUND]
            for change in _changed(path, obj(fields), cwd)
        ]
        return [_edit(change, call or None, where) for change in found]

    def _note_command(self, call: str, fields: Record) -> None:
        exit_code = integer(fields.get("exit_code"))
        ok = exit_code == 0 if exit_code is not None else None
        self._note(call, _Outcome(ok, exit_code, _seconds(fields.get("duration"))))

    def _note(self, call: str, outcome: _Outcome) -> None:
        if call in self._open:
            _put(self._outcomes, call, outcome, OPEN_CALLS_BOUND)


def _put[K, V](book: dict[K, V], key: K, value: V, bound: int) -> None:
    if key not in book and len(book) >= bound:
        del book[next(iter(book))]
    book[key] = value
