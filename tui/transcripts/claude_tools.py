"""Claude's tool calls: the call itself, its result, and what the two together say of files and plans.

What a result means often stands in its call alone (which file, which task), so a few facts of each
such call are kept until its result comes. They are dropped with the result; calls that never get
one are bounded by number.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

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
TASKS_BOUND = 200
POLLED_BOUND = 64

_REFUSED = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "User rejected tool use",
)
_FORBIDDEN = re.compile(r"^(?:Permission to use .{1,200} has been denied|This command requires approval)", re.DOTALL)
_EXIT_CODE = re.compile(r"^(?:Error: )?Exit code (\d{1,5})\b")
_AGENT_ID = re.compile(r"\bagentId: ([0-9A-Za-z_-]{4,64})")
_TASK_MADE = re.compile(r"^Task #(\S{1,32}) created")
_EDITING = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
_POLLING = {"BashOutput": ("bash_id", "shell_id"), "TaskOutput": ("task_id",), "AgentOutputTool": ("agentId",)}


class OpenCall(NamedTuple):
    """What a result needs to know of its call."""

    tool: str
    path: str | None = None
    lines: int | None = None
    """Lines of a file that is written whole."""
    task: str | None = None
    subject: str | None = None
    status: str | None = None
    agent_type: str | None = None
    description: str | None = None


class ToolBook:
    """Turns tool blocks into events. One per transcript; lanes inside it are told apart by their local name."""

    def __init__(self) -> None:
        self._open: dict[str, OpenCall] = {}
        self._tasks: dict[str, dict[str, PlanItem]] = {}
        self._background: dict[str, str] = {}

    def call_events(self, block: Record, fallback_id: str, where: Where) -> list[Event]:
        """The events of a `tool_use` block."""
        call = text(block.get("id")) or fallback_id
        tool = text(block.get("name")) or "unknown"
        args = obj(block.get("input"))
        self._remember(call, tool, args)
        continues = self._polled(tool, args)
        arguments = bounded_args(compact_json(block.get("input", {})))
        events: list[Event] = [Call(*where, call, tool, kind_of(tool), arguments, summary_of(args), continues)]
        if tool == "TodoWrite":
            events.append(Plan(*where, _todos(args.get("todos"))))
        elif tool == "ExitPlanMode" and (prose := text(args.get("plan"))):
            events.append(Plan(*where, (), bounded(prose, PROMPT_BOUND)))
        return events

    def spawner(self, call: str | None) -> OpenCall | None:
        """The open call with this id, if it may have spawned a lane."""
        return self._open.get(call) if call else None

    def result_events(
        self, block: Record, record: Record, cwd: str | None, where: Where, *, alone: bool
    ) -> list[Event]:
        """The events of a `tool_result` block. `alone`: the line's structured result belongs to this block."""
        call = text(block.get("tool_use_id")) or ""
        opened = self._open.pop(call, None)
        told = record.get("toolUseResult") if alone else None
        whole = joined_text(block.get("content"))
        result = _result(call, opened, whole, block, obj(told), record, where)
        events: list[Event] = [result]
        if result.denied and _by_person(whole, record):
            events.append(State(*where, Mark.DENIED, whole[:DETAIL_BOUND]))
        if task := text(obj(told).get("backgroundTaskId")) or (result.spawned if result.background else None):
            self._note_background(task, call)
        if result.ok is not False and opened is not None:
            events += self._outcome(opened, whole, obj(told), cwd, call, where)
        return events

    def set_tasks(self, listed: list[Any], where: Where) -> list[Event]:
        """The whole list of the lane's tasks, as the transcript states it. No event if it is as known."""
        tasks: dict[str, PlanItem] = {}
        for one in listed[:TASKS_BOUND]:
            fields = obj(one)
            key, subject = text(fields.get("id")), text(fields.get("subject"))
            if key and subject:
                tasks[key] = PlanItem(subject[:DETAIL_BOUND], text(fields.get("status")) or "pending")
        if not tasks or tasks == self._tasks.get(where.lane):
            return []
        self._tasks[where.lane] = tasks
        return [Plan(*where, tuple(tasks.values()))]

    # -- calls ------------------------------------------------------------------------------------

    def _remember(self, call: str, tool: str, args: Record) -> None:
        if len(self._open) >= OPEN_CALLS_BOUND:
            del self._open[next(iter(self._open))]
        if tool in _EDITING:
            content = args.get("content")
            lines = _line_count(content) if isinstance(content, str) else None
            path = text(args.get("file_path")) or text(args.get("notebook_path"))
            opened = OpenCall(tool, path=path, lines=lines)
        elif tool in ("TaskCreate", "TaskUpdate"):
            opened = OpenCall(
                tool,
                task=text(args.get("taskId")),
                subject=text(args.get("subject")),
                status=text(args.get("status")),
            )
        elif kind_of(tool) is ToolKind.AGENT:
            described = text(args.get("description"))
            opened = OpenCall(tool, agent_type=text(args.get("subagent_type")), description=described)
        else:
            opened = OpenCall(tool)
        self._open[call] = opened

    def _polled(self, tool: str, args: Record) -> str | None:
        for key in _POLLING.get(tool, ()):
            task = text(args.get(key))
            if task is not None and task in self._background:
                return self._background[task]
        return None

    def _note_background(self, task: str, call: str) -> None:
        if len(self._background) >= POLLED_BOUND:
            del self._background[next(iter(self._background))]
        self._background[task] = call

    # -- results ----------------------------------------------------------------------------------

    def _outcome(
        self, opened: OpenCall, whole: str, told: Record, cwd: str | None, call: str,
        where: Where,
    ) -> list[Event]:  # fmt: skip
        if opened.tool in _EDITING:
            path = text(told.get("filePath")) or opened.path
            return [_edit(path, opened, whole, told, cwd, call, where)] if path else []
        if opened.tool == "TaskCreate":
            return self._task_made(opened, whole, told, where)
        if opened.tool == "TaskUpdate" and told.get("success") is not False:
            return self._task_changed(opened, where)
        if opened.tool == "TaskList":
            return self.set_tasks(array(told.get("tasks")), where)
        return []

    def _task_made(self, opened: OpenCall, whole: str, told: Record, where: Where) -> list[Event]:
        task = obj(told.get("task"))
        made = _TASK_MADE.match(whole)
        key = text(task.get("id")) or (made[1] if made else None)
        subject = text(task.get("subject")) or opened.subject
        tasks = self._tasks.setdefault(where.lane, {})
        if key is None or subject is None or len(tasks) >= TASKS_BOUND:
            return []
        tasks[key] = PlanItem(subject[:DETAIL_BOUND], "pending")
        return [Plan(*where, tuple(tasks.values()))]

    def _task_changed(self, opened: OpenCall, where: Where) -> list[Event]:
        tasks = self._tasks.get(where.lane, {})
        known = tasks.get(opened.task or "")
        if known is None or opened.task is None:
            return []  # made by another lane that shares the list: its words are not here
        changed = PlanItem((opened.subject or known.text)[:DETAIL_BOUND], opened.status or known.status)
        if changed == known:
            return []
        if changed.status == "deleted":
            del tasks[opened.task]
        else:
            tasks[opened.task] = changed
        return [Plan(*where, tuple(tasks.values()))]


def _result(
    call: str, opened: OpenCall | None, whole: str, block: Record, told: Record, record: Record,
    where: Where,
) -> Result:  # fmt: skip
    interrupted = told.get("interrupted") is True or record.get("toolDenialKind") == "interrupted"
    denied = _is_denied(whole, record, failed=block.get("is_error") is True)
    ok: bool | None = block.get("is_error") is not True
    if ok and interrupted:
        ok = None  # it was cut off: nothing says whether it had done its work
    stated = integer(told.get("exitCode"))
    exited = _EXIT_CODE.match(whole)
    return Result(
        *where,
        call,
        ok,
        head_and_tail(whole),
        len(whole),
        exit_code=stated if stated is not None else int(exited[1]) if exited else None,
        duration_s=_duration(told),
        interrupted=interrupted or whole.startswith("[Request interrupted by user"),
        denied=denied,
        spawned=_spawned(opened, whole, told),
        background=_goes_on(told),
    )


def _is_denied(whole: str, record: Record, *, failed: bool) -> bool:
    kind = text(record.get("toolDenialKind"))
    if kind is not None:
        return kind not in ("interrupted", "cancelled")
    return failed and (whole.startswith(_REFUSED) or _FORBIDDEN.match(whole) is not None)


def _by_person(whole: str, record: Record) -> bool:
    kind = text(record.get("toolDenialKind"))
    return kind.startswith("user") if kind is not None else whole.startswith(_REFUSED)


def _duration(told: Record) -> float | None:
    for key in ("durationMs", "totalDurationMs"):
        milliseconds = number(told.get(key))
        if milliseconds is not None and milliseconds >= 0:
            return milliseconds / 1000
    seconds = number(told.get("durationSeconds"))
    return seconds if seconds is not None and seconds >= 0 else None


def _spawned(opened: OpenCall | None, whole: str, told: Record) -> str | None:
    stated = text(told.get("agentId"))
    if stated is not None or opened is None or opened.tool not in ("Agent", "Task"):
        return stated
    named = _AGENT_ID.search(whole[-500:]) or _AGENT_ID.search(whole[:500])
    return named[1] if named else None


def _goes_on(told: Record) -> bool:
    launched = told.get("isAsync") is True or told.get("status") == "async_launched"
    return launched or text(told.get("backgroundTaskId")) is not None


def _edit(
    path: str, opened: OpenCall, whole: str, told: Record, cwd: str | None, call: str,
    where: Where,
) -> Edit:  # fmt: skip
    created = told.get("type") == "create" or (opened.tool == "Write" and whole.startswith("File created"))
    added, removed = _patch_size(told.get("structuredPatch"))
    if created:
        content = told.get("content")
        added, removed = (_line_count(content) if isinstance(content, str) else opened.lines), 0
    return Edit(*where, absolute(path, cwd), call, "create" if created else "update", added=added, removed=removed)


def _patch_size(patch: object) -> tuple[int | None, int | None]:
    if patch is None:
        return None, None
    lines = [line for hunk in array(patch) for line in array(obj(hunk).get("lines")) if isinstance(line, str)]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)


def _line_count(content: str) -> int:
    return content.count("\n") + (1 if content and not content.endswith("\n") else 0)


def _todos(todos: object) -> tuple[PlanItem, ...]:
    items: list[PlanItem] = []
    for one in array(todos)[:TASKS_BOUND]:
        fields = obj(one)
        words = text(fields.get("content"))
        if words:
            items.append(PlanItem(words[:DETAIL_BOUND], text(fields.get("status")) or "pending"))
    return tuple(items)
