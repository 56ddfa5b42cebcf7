"""Claude's tool calls: the call, its result, and the facts about files and plans that both state together.

The meaning of a result often depends on its call (which file, which task), so a few facts of each such call are kept
until its result comes. Calls without a result are bounded by number.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tui.agents.claude.tool_kinds import KINDS
from tui.agents.claude.user_text import INTERRUPTED
from tui.agents.hunks import hunks_of_patch
from tui.agents.tools import (
    DETAIL_BOUND,
    PROMPT_BOUND,
    absolute,
    bounded,
    bounded_args,
    head_and_tail,
    joined_text,
    keeps_whole,
    kind_of,
    seconds_of_limit,
    summary_of,
)
from tui.io.json_fields import Record, Where, array, compact_json, integer, number, obj, text
from tui.model.event import Call, Edit, EditLines, Event, Mark, Origin, Plan, PlanItem, Prompt, Result, State, ToolKind

OPEN_CALLS_BOUND = 256
TASKS_BOUND = 200
POLLED_BOUND = 64

_REFUSED = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "User rejected tool use",
)
_REFUSED_SAYING = "To tell you how to proceed, the user said:"
_FORBIDDEN = re.compile(r"^(?:Permission to use .{1,200} has been denied|This command requires approval)", re.DOTALL)
_EXIT_CODE = re.compile(r"Exit code (\d{1,5})\b")
_AGENT_ID = re.compile(r"\bagentId: ([0-9A-Za-z_-]{4,64})")
_TASK_MADE = re.compile(r"^Task #(\S{1,32}) created")
_POLLING = {"BashOutput": ("bash_id", "shell_id"), "TaskOutput": ("task_id",), "AgentOutputTool": ("agentId",)}


class OpenCall(NamedTuple):
    """The facts of a call that its result needs. Most results need none."""

    tool: str
    path: str | None = None
    lines: int | None = None
    """The lines of a file that is written whole."""
    task: str | None = None
    subject: str | None = None
    status: str | None = None
    agent_type: str | None = None
    description: str | None = None


class _Answer(NamedTuple):
    """A result with the fields beside it in its line."""

    call: str
    opened: OpenCall | None
    whole: str
    """Its text."""
    failed: bool
    told: Record
    """The structured result that the client writes beside the text."""
    record: Record
    where: Where


class ToolBook:
    """Turns tool blocks into events. One per transcript; lanes inside it are distinguished by their local name."""

    def __init__(self) -> None:
        self._open: dict[str, OpenCall] = {}
        self._tasks: dict[str, dict[str, PlanItem]] = {}
        self._background: dict[str, str] = {}

    def call_events(self, block: Record, fallback_id: str, where: Where, message: str | None) -> list[Event]:
        """The events of a `tool_use` block of a message."""
        call = text(block.get("id")) or fallback_id
        tool = text(block.get("name")) or "unknown"
        args = obj(block.get("input"))
        kind = kind_of(tool, KINDS)
        if (opened := _opened(tool, kind, args)) is not None:
            if len(self._open) >= OPEN_CALLS_BOUND:
                del self._open[next(iter(self._open))]
            self._open[call] = opened
        continues = self._polled(tool, args) if tool in _POLLING else None
        arguments = bounded_args(compact_json(block.get("input", {})))
        limited = tool == "Bash" and args.get("run_in_background") is not True
        timeout = seconds_of_limit(args.get("timeout")) if limited else None
        events: list[Event] = [
            Call(*where, call, tool, kind, arguments, summary_of(args), continues, timeout, limited, message)
        ]
        if tool == "TodoWrite":
            events.append(Plan(*where, _todos(args.get("todos"))))
        elif tool == "ExitPlanMode":
            events += _plan_in_prose(args, where)
        return events

    def spawner(self, call: str | None) -> OpenCall | None:
        """The open call with this id, if it may have spawned a lane."""
        return self._open.get(call) if call else None

    def result_events(self, block: Record, record: Record, where: Where, *, alone: bool) -> list[Event]:
        """The events of a `tool_result` block. `alone`: the line's structured result belongs to this block."""
        call = text(block.get("tool_use_id")) or ""
        answer = _Answer(
            call,
            self._open.pop(call, None),
            joined_text(block.get("content")),
            block.get("is_error") is True,
            obj(record.get("toolUseResult")) if alone else {},
            record,
            where,
        )
        result = _result(answer)
        events: list[Event] = [result]
        if result.denied:
            events += _refusal(answer)
        if result.background:
            self._note_background(text(answer.told.get("backgroundTaskId")) or result.spawned, call)
        if not answer.failed and answer.opened is not None:
            events += self._outcome(answer, answer.opened)
        return events

    def set_tasks(self, listed: list[Any], where: Where) -> list[Event]:
        """Sets the whole list of the lane's tasks, as the transcript states it. No event if nothing changed."""
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

    def _polled(self, tool: str, args: Record) -> str | None:
        tasks = (text(args.get(key)) for key in _POLLING[tool])
        return next((self._background[task] for task in tasks if task is not None and task in self._background), None)

    def _note_background(self, task: str | None, call: str) -> None:
        if task is None:
            return
        if len(self._background) >= POLLED_BOUND:
            del self._background[next(iter(self._background))]
        self._background[task] = call

    def _outcome(self, answer: _Answer, opened: OpenCall) -> list[Event]:
        match opened.tool:
            case "TaskCreate":
                return self._task_made(answer, opened)
            case "TaskUpdate":
                return self._task_changed(answer, opened)
            case "TaskList":
                return self.set_tasks(array(answer.told.get("tasks")), answer.where)
            case "ExitPlanMode":
                return _plan_in_prose(answer.told, answer.where)
            case _:
                return _edit(answer, opened)

    def _task_made(self, answer: _Answer, opened: OpenCall) -> list[Event]:
        task = obj(answer.told.get("task"))
        made = _TASK_MADE.match(answer.whole)
        key = text(task.get("id")) or (made[1] if made else None)
        subject = text(task.get("subject")) or opened.subject
        tasks = self._tasks.setdefault(answer.where.lane, {})
        if key is None or subject is None or len(tasks) >= TASKS_BOUND:
            return []
        tasks[key] = PlanItem(subject[:DETAIL_BOUND], "pending")
        return [Plan(*answer.where, tuple(tasks.values()))]

    def _task_changed(self, answer: _Answer, opened: OpenCall) -> list[Event]:
        tasks = self._tasks.get(answer.where.lane, {})
        known = tasks.get(opened.task or "")
        if known is None or opened.task is None or answer.told.get("success") is False:
            return []  # unknown task: another lane that shares the list made it, so its text is not in this transcript
        changed = PlanItem((opened.subject or known.text)[:DETAIL_BOUND], opened.status or known.status)
        if changed == known:
            return []
        if changed.status == "deleted":
            del tasks[opened.task]
        else:
            tasks[opened.task] = changed
        return [Plan(*answer.where, tuple(tasks.values()))]


def _opened(tool: str, kind: ToolKind, args: Record) -> OpenCall | None:
    if kind is ToolKind.EDIT:
        content = args.get("content")
        lines = _line_count(content) if isinstance(content, str) else None
        path = text(args.get("file_path")) or text(args.get("notebook_path"))
        return OpenCall(tool, path=path, lines=lines)
    if kind is ToolKind.AGENT:
        return OpenCall(tool, agent_type=text(args.get("subagent_type")), description=text(args.get("description")))
    if tool in ("TaskCreate", "TaskUpdate"):
        task, subject, status = (text(args.get(key)) for key in ("taskId", "subject", "status"))
        return OpenCall(tool, task=task, subject=subject, status=status)
    if tool == "TaskList" or (tool == "ExitPlanMode" and text(args.get("plan")) is None):
        return OpenCall(tool)
    return None


def _plan_in_prose(told: Record, where: Where) -> list[Event]:
    prose = text(told.get("plan"))
    return [Plan(*where, (), bounded(prose, PROMPT_BOUND))] if prose is not None else []


def _result(answer: _Answer) -> Result:
    told, whole, failed = answer.told, answer.whole, answer.failed
    denial = text(answer.record.get("toolDenialKind"))
    interrupted = denial == "interrupted" or told.get("interrupted") is True or whole.startswith(INTERRUPTED)
    ok = False if failed else None if interrupted else True  # interrupted: nothing states whether its work was done
    exited = _EXIT_CODE.match(whole) if failed else None
    stated = integer(told.get("exitCode"))
    return Result(
        *answer.where,
        answer.call,
        ok,
        head_and_tail(whole),
        len(whole),
        stated if stated is not None else int(exited[1]) if exited else None,
        _duration(told) if told else None,
        interrupted,
        failed and _is_denied(whole, denial),
        _spawned(answer),
        told.get("isAsync") is True or told.get("status") == "async_launched" or "backgroundTaskId" in told,
    )


def _is_denied(whole: str, denial: str | None) -> bool:
    if denial is not None:
        return denial not in ("interrupted", "cancelled")
    return whole.startswith(_REFUSED) or _FORBIDDEN.match(whole) is not None


def _refusal(answer: _Answer) -> list[Event]:
    """A refusal by a person rather than by a rule, and the person's comment."""
    denial = text(answer.record.get("toolDenialKind"))
    if not (denial.startswith("user") if denial is not None else answer.whole.startswith(_REFUSED)):
        return []
    events: list[Event] = [State(*answer.where, Mark.DENIED, answer.whole[:DETAIL_BOUND])]
    said = answer.whole.partition(_REFUSED_SAYING)[2].strip()
    if said:
        events.append(Prompt(*answer.where, bounded(said, PROMPT_BOUND), Origin.QUEUED))
    return events


def _duration(told: Record) -> float | None:
    for key, per_second in (("durationMs", 1000), ("totalDurationMs", 1000), ("durationSeconds", 1)):
        stated = number(told[key]) if key in told else None
        if stated is not None and stated >= 0:
            return stated / per_second
    return None


def _spawned(answer: _Answer) -> str | None:
    stated = text(answer.told.get("agentId"))
    if stated is not None or answer.opened is None or answer.opened.tool not in ("Agent", "Task"):
        return stated
    named = _AGENT_ID.search(answer.whole[-500:]) or _AGENT_ID.search(answer.whole[:500])
    return named[1] if named else None


def _edit(answer: _Answer, opened: OpenCall) -> list[Event]:
    told = answer.told
    path = text(told.get("filePath")) or opened.path
    if path is None:
        return []
    created = told.get("type") == "create" or (opened.tool == "Write" and answer.whole.startswith("File created"))
    added, removed = _patch_size(told.get("structuredPatch"))
    if created:
        content = told.get("content")
        added, removed = (_line_count(content) if isinstance(content, str) else opened.lines), 0
    path = absolute(path, text(answer.record.get("cwd")))
    change = "create" if created else "update"
    edit = Edit(*answer.where, path, answer.call, change, added=added, removed=removed)
    hunks = hunks_of_patch(told.get("structuredPatch")) if keeps_whole() else ()
    return [edit, EditLines(*answer.where, path, answer.call, hunks)] if hunks else [edit]


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
