"""Plans the change of one settings file by an install or uninstall, as bytes and as a diff. Writes nothing."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar, cast

from tui.agents.hooks import Hooks, InstalledHook, Trust
from tui.agents.registry import find, gated, title_of
from tui.control.install.files import UNCHANGED, InstallError, behind_links, load_record, printable_path, read
from tui.control.install.hook_entries import (
    HookGroup,
    groups,
    holds_gate,
    hooks_of,
    is_gate,
    root_object,
    with_gate,
    without_gate,
)
from tui.control.install.json_text import JsonDocument, JsonTextError, line_and_column, scan
from tui.model.frozen import frozen

_T = TypeVar("_T")
ASKS = "PermissionRequest"
"""The event at which a hook may answer a request of an agent."""


@frozen
class Change:
    """The planned change of one settings file. All texts are raw."""

    agent: str
    path: Path
    """The path as the operator named it."""
    target: Path
    """The file that is changed: `path` after all links."""
    before: bytes | None
    """The content now; None if there is no file."""
    after: bytes | None
    """The content after the change; None if the file is removed."""
    diff: str
    """The unified diff from `before` to `after`; empty if nothing changes."""
    notes: tuple[str, ...]
    """Further facts for the operator, one sentence each."""
    inert: tuple[str, ...] = ()
    """Those of the notes that say why the agent would run no hook of this file, even with the gate installed."""


class GateStatus(StrEnum):
    """The state of the gate in a settings file."""

    ABSENT = "absent"
    CURRENT = "current"
    OTHER = "other"
    """The gate is installed with an older path, or entries are missing or changed."""
    BROKEN = "broken"
    """The file cannot be read, or the agent does not load it."""


@frozen
class InstallState:
    """The state of the gate, and a line about it for the operator (may be empty)."""

    status: GateStatus
    words: str = ""


def plan_install(agent: str, path: Path, command: str, record: Path) -> Change:
    """Plans to add the gate's entries or to bring them up to date. `command` runs the gate for this agent.

    Args:
        agent: the name of an agent that has hooks.
        path: the settings file. It and its folder need not exist, but the folder above that must.
        command: `PATH AGENT`, the path quoted for a shell and ending in `lanewatch/gate/gate.sh`.
        record: the folder where `apply` keeps what uninstall needs.

    Raises:
        InstallError: the agent has no gate, or the file cannot be changed: see `files.read` and `with_gate`.
    """
    hooks = hooks_of_agent(agent)
    _check(command)
    target, before = _read(path)
    text = _text(path, before)
    after = _with_place(
        path, text, lambda: with_gate(text, hooks.entries, command, original_text(record, target, text))
    )
    inert = (*load_refusals(agent, after), *_switches(agent, after))
    notes = (*_link_notes(path, target), *_other_hooks_notes(agent, text), *inert)
    return replace(_change(agent, path, target, before, after.encode(), notes), inert=inert)


def plan_uninstall(agent: str, path: Path, record: Path) -> Change:
    """Plans to remove every entry of lanewatch.

    A file that was not edited since the install gets its original bytes again.

    Raises:
        InstallError: see `plan_install`.
    """
    hooks_of_agent(agent)
    target, before = _read(path)
    text = _text(path, before)
    if before is None or not _with_place(path, text, lambda: holds_gate(text)):
        return _change(agent, path, target, before, before, ())
    kept = load_record(record, target)
    notes = _link_notes(path, target)
    if kept is not None and kept.is_written(before):
        return _change(agent, path, target, before, kept.original, notes)
    if kept is None:
        notes += ("there is no record of the install: lists and objects with only lanewatch's entries are removed",)
    after = _with_place(path, text, lambda: without_gate(text, original_text(record, target, text)))
    is_made = kept is not None and kept.original is None
    if is_made and not after.strip():
        return _change(agent, path, target, before, None, notes)
    return _change(agent, path, target, before, after.encode(), notes)


def install_state(agent: str, path: Path, command: str) -> InstallState:
    """The state of the gate in this file, for `doctor`.

    Never raises: a file that cannot be read is BROKEN, with the reason.
    """
    try:
        hooks = hooks_of_agent(agent)
        _, before = _read(path)
        text = _text(path, before)
        if before is None or not _with_place(path, text, lambda: holds_gate(text)):
            return InstallState(GateStatus.ABSENT)
        if refusal := load_refusals(agent, text):
            return InstallState(GateStatus.BROKEN, f"{printable_path(path)}: {refusal[0]}")
    except InstallError as error:
        return InstallState(GateStatus.BROKEN, str(error))
    document = scan(text)
    wanted = {hook.event: hook.group(command) for hook in hooks.entries}
    found = {group.event: document.value(group.node) for group in groups(document) if group.own}
    if missing := [event for event in wanted if event not in found]:
        return InstallState(GateStatus.OTHER, f"no entry for {', '.join(missing)}")
    if changed := [event for event in wanted if found[event] != wanted[event]]:
        return InstallState(GateStatus.OTHER, f"a different command, timeout or matcher for {', '.join(changed)}")
    if with_gate(text, hooks.entries, command, None) != text:
        return InstallState(GateStatus.OTHER, "entries of an older version stand beside the present ones")
    return InstallState(GateStatus.CURRENT, " ".join(_switches(agent, text)))


def original_text(record: Path, target: Path, text: str) -> str | None:
    """The content before lanewatch's first install; None if it has entries of lanewatch, but no record.

    Raises:
        JsonTextError: the text is not a valid settings file.
    """
    if not holds_gate(text):
        return text
    kept = load_record(record, target)
    return None if kept is None else (kept.original or b"").decode("utf-8", "replace")


def load_refusals(agent: str, text: str) -> tuple[str, ...]:
    """The reasons why the agent would not load this file at all; empty if it would.

    Measured on Claude Code 2.1 and Codex. Agents accept only plain JSON: with a comment or a trailing comma nothing in
    the file has an effect. Some also refuse a byte order mark, two `hooks` keys, and keys that they do not define: see
    `Hooks.only_names`.
    """
    document = scan(text)
    name = title_of(agent)
    if document.extras is not None:
        line, _ = line_and_column(text, document.extras)
        return (f"{name} does not load a file with comments or trailing commas (line {line}): no hook in it runs",)
    allowed = hooks_of_agent(agent).only_names
    if not allowed or document.root is None:
        return ()
    keys = [entry.key or "" for entry in document.root.entries]
    strange = sorted(set(keys) - allowed)
    if text.startswith("\ufeff"):
        return (f"{name} does not load a file with a byte order mark: no hook in it runs",)
    if keys.count("hooks") > 1 or strange:
        what = f'"{strange[0]}" in it' if strange else 'two "hooks" in it'
        return (f"{name} does not load a hooks file with {what}: no hook in it runs",)
    return ()


def trust_of(agent: str, home: Path, hooks_file: Path) -> dict[str, Trust]:
    """For each event with an entry of lanewatch in `hooks_file`: whether the agent runs it, as far as files show.

    Empty for an agent that runs every hook, and if the file cannot be read. Never raises.
    """
    rule = hooks_of_agent(agent).trust
    try:
        data = read(hooks_file)
        text = "" if data is None else data.decode()
        document = scan(text)
        ours = [group for group in groups(document) if group.own]
        refused = bool(ours) and bool(load_refusals(agent, text))
    except (InstallError, JsonTextError, UnicodeDecodeError):
        return {}
    if rule is None:
        return {}
    if refused:
        return {group.event: "unknown" for group in ours}
    return rule.of(home, hooks_file, [_installed_hook(document, group) for group in ours])


def _installed_hook(document: JsonDocument, group: HookGroup) -> InstalledHook:
    own, handlers = group.own[0], group.handlers
    node = hooks_of(document.root)
    is_usual = node is not None and group.array is node.member(group.event) and len(group.own) == 1
    position = None
    if is_usual and handlers is not None:
        position = (group.array.entries.index(group.path[-1][1]), handlers.entries.index(own))
    return InstalledHook(group.event, position, document.value(group.node), document.value(own.value))


def other_hooks(path: Path, event: str) -> list[str]:
    """The commands of hooks of an event in a settings file that are not lanewatch's; empty if it cannot be read."""
    try:
        _, data = _read(path)
        document = scan(_text(path, data))
        found = [group for group in groups(document) if group.event == event and group.others]
    except (InstallError, JsonTextError):
        return []
    handlers = [handler for group in found if group.handlers for handler in group.handlers.entries]
    return [words for handler in handlers if (words := _foreign(document.value(handler.value)))]


def _foreign(handler: object) -> str:
    """The command of another program's handler; empty for the gate."""
    fields = cast("dict[str, object]", handler) if isinstance(handler, dict) else {}
    command = fields.get("command") or fields.get("url") or fields.get("type")
    return "" if is_gate(command) else str(command)


def hooks_of_agent(agent: str) -> Hooks:
    """The hooks of an agent.

    Raises:
        InstallError: the agent has no hooks.
    """
    found = find(agent)
    if found is None or found.hooks is None:
        names = " and ".join(one.name for one in gated())
        raise InstallError(f"no gate is known for {agent}: {names} have one")
    return found.hooks


def _check(command: str) -> None:
    if not is_gate(command):
        raise InstallError(f"the command does not begin with a path that ends in lanewatch/gate/gate.sh; {UNCHANGED}")
    try:
        command.encode()
    except UnicodeEncodeError as error:
        raise InstallError(f"the gate's path is not UTF-8: settings cannot name it; {UNCHANGED}") from error


def _read(path: Path) -> tuple[Path, bytes | None]:
    target = behind_links(path)
    return target, read(target)


def _text(path: Path, data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError as error:
        raise InstallError(f"{printable_path(path)} is not UTF-8 (byte {error.start}); {UNCHANGED}") from error


def _with_place(path: Path, text: str, work: Callable[[], _T]) -> _T:
    """The result of `work`. A mistake in the JSON is raised as an `InstallError` that names the file and the place."""
    try:
        return work()
    except JsonTextError as error:
        raise InstallError(
            f"{printable_path(path)}:{error.line}:{error.column}: {error.message}; {UNCHANGED}"
        ) from error


def _link_notes(path: Path, target: Path) -> tuple[str, ...]:
    notes: list[str] = []
    if path.is_symlink():
        notes.append(f"{printable_path(path)} is a link: {printable_path(target)} is changed, the link stays")
    with contextlib.suppress(OSError):
        names = target.stat().st_nlink
        if names > 1:
            notes.append(f"{printable_path(target)} has {names} names (hard links): the others keep the old text")
    return tuple(notes)


def _other_hooks_notes(agent: str, text: str) -> Iterator[str]:
    """Hooks of other programs at the events that the gate uses, one sentence per event."""
    others: dict[str, int] = {}
    for group in groups(scan(text)):
        others[group.event] = others.get(group.event, 0) + group.others
    for hook in hooks_of_agent(agent).entries:
        count = others.get(hook.event, 0)
        if count:
            yield f"{hook.event} holds " + (
                "another hook of yours: it stays" if count == 1 else f"{count} other hooks of yours: they stay"
            )


def _switches(agent: str, text: str) -> tuple[str, ...]:
    document = scan(text)
    root = root_object(document)
    name = hooks_of_agent(agent).off_switch
    switch = root.member(name) if root is not None and name else None
    if switch is not None and document.value(switch) is True:
        return (f'"{name}" is true in this file: no hook runs until that is taken out',)
    return ()


def _change(
    agent: str, path: Path, target: Path, before: bytes | None, after: bytes | None, notes: tuple[str, ...]
) -> Change:
    diff = "" if before == after else "".join(_diff(target, before, after))
    return Change(agent, path, target, before, after, diff, notes)


def _diff(target: Path, before: bytes | None, after: bytes | None) -> Iterator[str]:
    old, new = ("/dev/null" if data is None else printable_path(target) for data in (before, after))
    for line in difflib.unified_diff(_lines(before), _lines(after), old, new):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes | None) -> list[str]:
    """The lines of the data as diff and patch define them: only a line feed ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", (data or b"").decode("utf-8", "replace"))
