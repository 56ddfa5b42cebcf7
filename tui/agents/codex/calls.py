"""Makes events of one Codex tool call, which a line or a script states, and tracks commands that keep running."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tui.agents.codex.patch import FileChange, written_patch
from tui.agents.codex.script_values import is_fields, is_list
from tui.agents.codex.tool_kinds import KINDS
from tui.agents.tools import (
    DETAIL_BOUND,
    PROMPT_BOUND,
    SUMMARY_BOUND,
    bounded,
    bounded_args,
    clipped,
    kind_of,
    seconds_of_limit,
    summary_of,
)
from tui.io.json_fields import Record, Where, array, compact_json, integer, obj, text
from tui.model.event import Call, Edit, Event, Plan, PlanItem, ToolKind

RUNNING_BOUND = 64
PLAN_BOUND = 200
WORDS_BOUND = 12

_LIMITED = frozenset({"shell", "shell_command", "local_shell", "container.exec"})
"""Tools that end a command after a time limit. The newer `exec_command` only stops waiting for it."""
_NOT_DONE = ("in_progress", "pending")


class Running(NamedTuple):
    """A command that keeps running after its result: the call that started it, and the summary of that call."""

    call: str
    title: str


class RunningCommands:
    """Running commands by the name that the agent uses for them: `session 7`, `cell 7`."""

    def __init__(self) -> None:
        self._known: dict[str, Running] = {}

    def note(self, name: str, running: Running) -> None:
        """Adds a running command under this name."""
        self._known.pop(name, None)
        if len(self._known) >= RUNNING_BOUND:
            del self._known[next(iter(self._known))]
        self._known[name] = running

    def find(self, name: str) -> Running:
        """The command of this name. If its start was not seen, its summary is the name."""
        return self._known.get(name) or Running(name, "")

    def end(self, name: str) -> None:
        """Removes an ended command. The name may be used again."""
        self._known.pop(name, None)


class Begun(NamedTuple):
    """A call that began: its events, and what its result needs later."""

    events: list[Event]
    kind: ToolKind
    patch: tuple[FileChange, ...]
    running: Running
    """The call itself, or the running command that it polls or writes to."""
    name: str | None
    """The name of that command, if there is one."""


def begin(
    call: str, tool: str, args: object, cwd: str | None, where: Where, commands: RunningCommands,
    asked: Running | None = None, message: str | None = None,
) -> Begun:  # fmt: skip
    """The events of a call that begins. `asked` is the command that it polls, if its arguments do not name it.

    `message` is the script that makes the call.
    """
    fields = obj(args)
    kind = ToolKind.SHELL if tool == "wait" and "cell_id" in fields else kind_of(tool, KINDS)
    patch = written_patch(args, text(fields.get("workdir")) or cwd)
    name = _running_name(tool, fields)
    polled = name if name is not None and not _is_input(tool, fields) else None
    running = asked or (commands.find(name) if name is not None else None)
    summary = _summary(tool, kind, fields, patch, polled, name, running)
    limited = tool in _LIMITED
    timeout = seconds_of_limit(fields.get("timeout_ms")) if limited else None
    continues = running.call if polled is not None and running is not None else None
    events: list[Event] = [
        Call(*where, call, tool, kind, bounded_args(compact_json(args)), summary, continues, timeout, limited, message)
    ]
    if tool == "update_plan":
        why = bounded(text(fields.get("explanation")) or "", PROMPT_BOUND)
        events.append(Plan(*where, _plan_items(fields.get("plan")), why))
    return Begun(events, kind, patch, running or Running(call, summary), name)


def edit_event(change: FileChange, call: str | None, where: Where) -> Edit:
    """A changed file as an event."""
    return Edit(*where, change.path, call, change.change, added=change.added, removed=change.removed)


def _running_name(tool: str, fields: Record) -> str | None:
    """The name of the running command that a call polls or writes to."""
    if tool == "write_stdin":
        session = fields.get("session_id")
        return f"session {session}" if integer(session) is not None or text(session) is not None else None
    cell = fields.get("cell_id")
    if tool == "wait" and (integer(cell) is not None or text(cell) is not None):
        return f"cell {cell}"[:DETAIL_BOUND]
    return None


def _is_input(tool: str, fields: Record) -> bool:
    """Whether the call does more than poll: it types something, or ends the command."""
    return bool(fields.get("chars")) if tool == "write_stdin" else fields.get("terminate") is True


def _summary(
    tool: str, kind: ToolKind, fields: Record, patch: tuple[FileChange, ...], polled: str | None, name: str | None,
    running: Running | None,
) -> str:  # fmt: skip
    """The summary of the call: never empty."""
    if patch and kind is ToolKind.EDIT:
        return patch[0].path[:SUMMARY_BOUND]
    title = f": {running.title}" if running is not None and running.title else ""
    if polled is not None:
        return clipped(f"poll of {polled}{title}", SUMMARY_BOUND)
    if name is not None and tool == "wait":
        return clipped(f"stop of {name}{title}", SUMMARY_BOUND)
    said = summary_of(fields)
    if any(sign.isprintable() and sign != " " for sign in said):
        return said
    if name is not None:
        return clipped(f"input to {name}: {compact_json(fields.get('chars'))}", SUMMARY_BOUND)
    if tool == "update_plan" and (step := _plan_step(fields.get("plan"))):
        return clipped(step, SUMMARY_BOUND)
    words = ", ".join(_words(list(fields.values())))
    rest = compact_json(fields) if fields else tool.replace("_", " ")
    return clipped(words if words.strip() else rest, SUMMARY_BOUND)


def _words(values: list[object]) -> list[str]:
    """All texts in lists and objects, such as the queries of several searches."""
    found: list[str] = []
    for value in values[:WORDS_BOUND]:
        for one in array(value)[:WORDS_BOUND] if is_list(value) else [value]:
            parts = obj(one).values() if is_fields(one) else (one,)
            found += [part for part in parts if isinstance(part, str) and part.strip()]
    return found[:WORDS_BOUND]


def _plan_step(plan: object) -> str:
    """The current step of a plan."""
    steps = [obj(step) for step in array(plan)[:PLAN_BOUND]]
    for status in _NOT_DONE:
        for step in steps:
            if step.get("status") == status and (words := text(step.get("step"))) is not None:
                return words
    return f"{len(steps)} steps done" if steps else ""


def _plan_items(plan: object) -> tuple[PlanItem, ...]:
    steps = [obj(step) for step in array(plan)[:PLAN_BOUND]]
    return tuple(
        PlanItem(words[:DETAIL_BOUND], text(step.get("status")) or "pending")
        for step in steps
        if (words := text(step.get("step"))) is not None
    )


def same_files(patch: tuple[FileChange, ...], changes: Mapping[str, object]) -> int:
    """The number of reported paths that the written patch also names."""
    return len({change.path for change in patch} & set(changes))
