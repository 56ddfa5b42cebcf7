"""Scripts of Codex's code mode in a rollout: the calls of each as events, and their results when its output comes.

A script is one call of the model with one output, and makes any number of calls of tools: a batch. Lines that the
client writes about a tool in the meantime (a patch that it applied, a tool server's answer) do not name the call, and
are matched by content. A script that takes long keeps running as a cell, which the model polls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tui.agents.codex.calls import Running, RunningCommands, begin, edit_event, same_files
from tui.agents.codex.output import seconds_of
from tui.agents.codex.patch import FileChange, reported_changes
from tui.agents.codex.script import Script, ScriptCall, read_script
from tui.agents.codex.script_output import Share, divide
from tui.agents.codex.script_values import is_fields, is_list
from tui.agents.codex.usual_script import usual_script
from tui.agents.tools import DETAIL_BOUND, head_and_tail, joined_text
from tui.io.json_fields import Record, Where, array, integer, obj, text
from tui.model.event import Event, Mark, Result, State, ToolKind, Unknown
from tui.text.secrets.entry import clean_value

BATCHES_BOUND = 64
"""The most running scripts of one lane that are remembered."""
ITEMS_BOUND = 512
UNREAD_SCRIPT = "exec: "
"""The prefix of the kind of an `Unknown` for a script that could not be read; the reason follows."""
PLAIN_NAMESPACES = frozenset({"functions", "collaboration", "multi_agent_v1", "clock"})
"""Namespaces of Codex's own tools. They are not shown, because the tools' names are clear without them."""

_HEADER = re.compile(
    r"\AScript (?P<how>completed|failed|terminated|running(?: with cell ID (?P<cell>\S{1,60}))?)[^\n]{0,80}\n"
    r"(?:Wall time:? (?P<wall>\d{1,9}(?:\.\d{1,9})?) seconds\n)?(?:Output:\n?)?"
)
_ERROR = "Script error:"
_ENDED_WELL = frozenset({ToolKind.EDIT, ToolKind.PLAN, ToolKind.READ})
"""Kinds of tools whose failure ends their script with an error."""


@dataclass(slots=True)
class _Inner:
    """A call made by a script."""

    id: str
    tool: str
    kind: ToolKind
    made: ScriptCall
    patch: tuple[FileChange, ...]
    running: Running
    name: str | None
    """The name of the running command that it polls or writes to."""
    ok: bool | None = None
    """The outcome that the client's own line stated before the output came."""
    joined: bool = False
    said: str = ""
    """The answer in that line."""
    exit_code: int | None = None
    duration_s: float | None = None
    answered: bool = False


@dataclass(slots=True)
class Batch:
    """A script that was called and has not ended."""

    script: Script
    calls: list[_Inner]
    items: list[str] = field(default_factory=list[str])
    """The items printed so far."""


class BatchBook:
    """The scripts of one rollout. `commands` are the running commands."""

    def __init__(self, commands: RunningCommands) -> None:
        self._commands = commands
        self._open: dict[str, Batch] = {}
        """The open scripts by the id of the model's call."""
        self._cells: dict[str, Batch] = {}
        self._waits: dict[str, str] = {}
        """Calls that wait for a cell, with the name of the cell."""

    # -- calls ----------------------------------------------------------------------------------------

    def call_events(self, call: str, source: str, cwd: str | None, where: Where) -> list[Event]:
        """The calls of a script."""
        script = usual_script(source) or read_script(source)
        made = list(script.calls)
        if not made or (script.unread and all(one.tool != "exec" for one in made)):
            made.append(ScriptCall("exec", {"input": source}, whole=not script.unread))
        events: list[Event] = []
        calls: list[_Inner] = []
        for number, one in enumerate(made):
            name = call if number == 0 else f"{call}.{number + 1}"
            inner, begun = self._begin(name, one, calls, cwd, where, call)
            calls.append(inner)
            events += begun
        if script.unread:
            events.append(Unknown(*where, f"{UNREAD_SCRIPT}{script.unread}"))
        _keep(self._open, call, Batch(script, calls))
        return events

    def _begin(
        self, call: str, made: ScriptCall, before: list[_Inner], cwd: str | None, where: Where, message: str
    ) -> tuple[_Inner, list[Event]]:
        tool = _plain_name(made.tool)
        asked = before[made.polls].running if made.polls is not None and made.polls < len(before) else None
        # A script joins texts and resolves escapes, so the result was not masked with its line.
        args: Record = clean_value(obj(made.args) if is_fields(made.args) else {"input": made.args})
        begun = begin(call, tool, args, cwd, where, self._commands, asked, message)
        events = begun.events
        kind = begun.kind
        if tool == "exec":
            kind = ToolKind.OTHER  # the script itself is no shell command
            events = [replace(event, tool_kind=kind) if index == 0 else event for index, event in enumerate(events)]
        return _Inner(call, tool, kind, made, begun.patch, begun.running, begun.name), events

    def note_wait(self, call: str, cell: str) -> None:
        """Notes that the model waits for a cell."""
        _keep(self._waits, call, cell)

    # -- lines of the client before the output ---------------------------------------------------------

    def patch_events(self, changes: object, done: bool, cwd: str | None, where: Where) -> list[Event] | None:
        """The files that a script's patch changed; None if no script applied it."""
        reported = reported_changes(changes, cwd)
        paths = {change.path: None for change in reported}
        waiting = [one for one in self._inner() if not one.joined and (one.patch or one.tool == "apply_patch")]
        inner = max(waiting, key=lambda one: same_files(one.patch, paths), default=None)
        if inner is None:
            batch = next(reversed(self._open.values()), None)
            return None if batch is None else [edit_event(one, batch.calls[0].id, where) for one in reported if done]
        inner.joined = True
        inner.ok = done
        if not done:
            return []
        return [edit_event(change, inner.id, where) for change in reported]

    def note_command(self, fields: Record) -> None:
        """Notes that a command ended. Clients since 0.169 state this for scripts' commands too."""
        words = array(fields.get("command"))
        command = words[-1] if words else None
        waiting = (one for one in self._inner() if not one.joined and one.tool == "exec_command")
        inner = next((one for one in waiting if obj(one.made.args).get("cmd") == command), None)
        if inner is None:
            return
        inner.joined = True
        inner.exit_code = integer(fields.get("exit_code"))
        inner.duration_s = seconds_of(fields.get("duration"))

    def note_mcp(self, fields: Record) -> None:
        """Notes the answer of a tool server."""
        asked, result = obj(fields.get("invocation")), obj(fields.get("result"))
        name = _bare(f"mcp__{asked.get('server')}__{asked.get('tool')}")
        waiting = [one for one in self._inner() if not one.joined and _bare(one.made.tool) == name]
        same = [one for one in waiting if one.made.args == asked.get("arguments")]
        inner = next(iter(same or waiting), None)
        if inner is None:
            return
        answer = obj(result.get("Ok"))
        inner.joined = True
        inner.ok = "Err" not in result and answer.get("isError") is not True if result else None
        inner.said = joined_text(answer.get("content")) or text(result.get("Err")) or ""
        inner.duration_s = seconds_of(fields.get("duration"))

    def _inner(self) -> Iterable[_Inner]:
        """The calls of the scripts that may be running."""
        for batch in (*self._cells.values(), *self._open.values()):
            yield from batch.calls

    # -- outputs --------------------------------------------------------------------------------------

    def output_events(self, call: str, stated: object, where: Where) -> list[Event] | None:
        """The results that an output states; None if it belongs neither to a script nor to a wait for one."""
        batch = self._open.get(call)
        if batch is not None:
            return self._answered(call, batch, stated, where)
        if call in self._waits:
            return self._waited(call, self._waits.pop(call), stated, where)
        return None

    def _answered(self, call: str, batch: Batch, stated: object, where: Where) -> list[Event]:
        header, items = _taken_apart(stated)
        if header is None and batch.script.notifies and not _is_end(items):
            return []  # it was sent before the end: the script keeps running
        del self._open[call]
        if header is None:
            results = [self._plain_result(inner, items, where) for inner in batch.calls]
            is_refused = any(result.denied for result in results)
            return [*results, *([refusal(items[0], where)] if is_refused else [])]
        batch.items = items[:ITEMS_BOUND]
        if header["how"].startswith("running"):
            cell = f"cell {header['cell']}"
            alone = batch.calls[0] if len(batch.calls) == 1 else None
            title = alone.running.title if alone is not None else _titles(batch)
            self._commands.note(cell, Running(alone.running.call if alone is not None else cell, title))
            _keep(self._cells, cell, batch)
        return self._results(batch, header, items, _seconds(header), where)

    def _waited(self, call: str, name: str, stated: object, where: Where) -> list[Event]:
        """The output of a wait for a cell: the results of the cell's calls, then that of the wait."""
        header, items = _taken_apart(stated)
        batch = self._cells.get(name)
        if header is None:
            whole = "\n".join(items)
            return [Result(*where, call, None, head_and_tail(whole), len(whole), interrupted=_is_end(items))]
        goes_on = header["how"].startswith("running")
        if not goes_on:
            self._cells.pop(name, None)
            self._commands.end(name)
        events: list[Event] = []
        share = Share(items)
        if batch is not None:
            batch.items = [*batch.items, *items][:ITEMS_BOUND]
            if len(batch.calls) == 1:
                share = divide(batch.script, items, ended=False).shares[0] if batch.script.calls else share
            # The cell's calls come first, so that the judge counts the output as theirs and not as the wait's.
            events += self._results(batch, header, items, None, where) if not goes_on else []
        said = "\n".join(share.texts)
        ok = share.exit_code == 0 if share.exit_code is not None else False if header["how"] == "failed" else None
        if share.session is not None and batch is not None:
            self._commands.note(f"session {share.session}", batch.calls[0].running)
        asked = Result(
            *where, call, ok, head_and_tail(said), len(said), share.exit_code, _seconds(header),
            background=goes_on or share.session is not None,
        )  # fmt: skip
        return [*events, asked]

    def _results(
        self, batch: Batch, header: re.Match[str], new: list[str], seconds: float | None, where: Where
    ) -> list[Event]:
        """The results of the calls that have no final result yet."""
        how = header["how"]
        error = new[-1] if how == "failed" and new and new[-1].startswith(_ERROR) else ""
        items = batch.items[:-1] if error else batch.items
        division = divide(batch.script, items, ended=how == "completed")
        shares = [*division.shares, *(Share() for _ in batch.calls[len(division.shares) :])]
        if len(batch.calls) == 1 and not division.shares:
            shares[0].texts += items
        guilty = _guilty(batch, error) if error else None
        carries_rest = next((one for one, share in zip(batch.calls, shares, strict=True) if not share.texts), None)
        events: list[Event] = []
        for inner, share in zip(batch.calls, shares, strict=True):
            if inner.answered:
                continue
            if guilty is inner:
                share.texts.append(error)
            if division.rest and inner is carries_rest:
                share.texts += division.rest
            alone = seconds if len(batch.calls) == 1 else None
            made = self._result(batch, inner, share, header, alone, where)
            if guilty is inner:
                made = replace(made, ok=False)
            inner.answered = not made.background or share.is_told
            events += [made, *self._edits(inner, made, where)]
        return events

    def _result(
        self, batch: Batch, inner: _Inner, share: Share, header: re.Match[str], seconds: float | None, where: Where
    ) -> Result:
        ended_well = header["how"] == "completed"
        exit_code = share.exit_code if share.exit_code is not None else inner.exit_code
        runs_on = header["how"].startswith("running") and exit_code is None
        said = "\n".join(share.texts) or inner.said
        ok = exit_code == 0 if exit_code is not None else inner.ok
        if ok is None and ended_well and inner.made.sure and inner.kind in _ENDED_WELL:
            ok = True
        if ok is None and header["how"] == "failed" and len(batch.calls) == 1:
            ok = False
        if share.session is not None:
            self._commands.note(f"session {share.session}", inner.running)
        elif share.exit_code is not None and inner.name is not None:
            self._commands.end(inner.name)
        took = next((one for one in (share.duration_s, inner.duration_s) if one is not None), seconds)
        return Result(
            *where, inner.id, ok, head_and_tail(said), len(said), exit_code, took,
            background=runs_on or share.session is not None,
            untold=(runs_on or len(batch.calls) > 1) and not share.is_told and not said,
        )  # fmt: skip

    @staticmethod
    def _edits(inner: _Inner, made: Result, where: Where) -> list[Event]:
        if made.ok is not True or inner.joined:
            return []
        inner.joined = True
        return [edit_event(change, inner.id, where) for change in inner.patch]

    @staticmethod
    def _plain_result(inner: _Inner, items: list[str], where: Where) -> Result:
        """The result for an output that no script printed: the call was interrupted or refused."""
        whole = "\n".join(items)
        refused, aborted = REFUSED.match(whole) is not None, ABORTED.match(whole) is not None
        ok = False if refused else None if aborted else inner.ok
        return Result(*where, inner.id, ok, head_and_tail(whole), len(whole), interrupted=aborted, denied=refused)


REFUSED = re.compile(r"[\w ]{0,40}\brejected by user")
ABORTED = re.compile(r"aborted(?: by user)?\b")


def refusal(whole: str, where: Where) -> State:
    """A person refused the call."""
    return State(*where, Mark.DENIED, whole[:DETAIL_BOUND])


def _is_end(items: list[str]) -> bool:
    whole = items[0] if items else ""
    return bool(REFUSED.match(whole) or ABORTED.match(whole))


def _taken_apart(stated: object) -> tuple[re.Match[str] | None, list[str]]:
    """The header of a script's output, and the items after it."""
    content = obj(stated).get("content", stated)
    parts = array(content) if is_list(content) else [content]
    items = [joined_text([part]) for part in parts]
    header = _HEADER.match(items[0]) if items else None
    if header is None:
        return None, items
    rest = items[0][header.end() :]
    return header, [*([rest] if rest else []), *items[1:]]


def _seconds(header: re.Match[str] | None) -> float | None:
    return float(header["wall"]) if header is not None and header["wall"] is not None else None


def _guilty(batch: Batch, error: str) -> _Inner | None:
    """The call that an error belongs to; the last one if the error does not tell."""
    for inner in batch.calls:
        named = f"tools.{inner.made.tool} " in error or error.startswith(f"{_ERROR}\n{inner.tool} ")
        if named and not inner.joined:
            return inner
    return next((inner for inner in reversed(batch.calls) if not inner.joined), None)


def _titles(batch: Batch) -> str:
    first = batch.calls[0].running.title
    return f"{first[: DETAIL_BOUND // 2]} and {len(batch.calls) - 1} more"


def _plain_name(tool: str) -> str:
    namespace, _, name = tool.partition("__")
    return name if name and namespace in PLAIN_NAMESPACES else tool


def _bare(name: str) -> str:
    return re.sub(r"\W|_", "", name).lower()


def _keep(book: dict[str, Any], key: str, value: object) -> None:
    if len(book) >= BATCHES_BOUND:
        del book[next(iter(book))]
    book[key] = value
