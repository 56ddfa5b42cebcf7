"""Finds, adds and removes lanewatch's own entries in the text of a settings file; all other text stays unchanged.

A new group is added after the existing ones: Codex trusts a hook by its position, so the other hooks must not move.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, cast

from tui.agents.hooks import Hook
from tui.control.install.json_text import (
    JsonDocument,
    JsonItem,
    JsonKind,
    JsonNode,
    JsonTextError,
    Style,
    after_comments,
    ends_in_line_comment,
    line_indent,
    opens_line,
    scan,
)
from tui.model.frozen import frozen

_GATE = ("lanewatch", "gate", "gate.sh")
"""The end of the path of every gate, whichever version installed it."""


def is_gate(command: object) -> bool:
    """True if this command runs lanewatch's gate: its first word is a path that ends in `lanewatch/gate/gate.sh`."""
    if not isinstance(command, str):
        return False
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and PurePath(words[0]).parts[-len(_GATE) :] == _GATE


HOOKS = "hooks"


@frozen
class HookGroup:
    """One item of an event's array. `own` contains lanewatch's handlers in it; `others` counts all other handlers."""

    event: str
    path: tuple[tuple[JsonNode, JsonItem], ...]
    """The path to the group from the root: each container with the entry in it; the last pair is the event's array
    and the group."""
    own: tuple[JsonItem, ...]
    handlers: JsonNode | None
    others: int

    @property
    def array(self) -> JsonNode:
        """The event's array."""
        return self.path[-1][0]

    @property
    def node(self) -> JsonNode:
        """The group's own node."""
        return self.path[-1][1].value

    @property
    def is_ours(self) -> bool:
        """True if the group contains only handlers of lanewatch."""
        return bool(self.own) and self.others == 0


def root_object(document: JsonDocument) -> JsonNode | None:
    """The root object of the settings; None if the text is blank.

    Raises:
        JsonTextError: the settings or `hooks` are not an object, or an event is not an array.
    """
    root = document.root
    if root is None:
        return None
    _expect(document, root, JsonKind.OBJECT, "the file")
    for hooks in root.members(HOOKS):
        _expect(document, hooks.value, JsonKind.OBJECT, '"hooks"')
        for event in hooks.value.entries:
            _expect(document, event.value, JsonKind.ARRAY, f'"hooks"."{event.key}"')
    return root


def hooks_of(root: JsonNode | None) -> JsonNode | None:
    """The `hooks` object that agents read: the last one."""
    return None if root is None else root.member(HOOKS)


def groups(document: JsonDocument) -> Iterator[HookGroup]:
    """Every group of every event, including those in a `hooks` object that a later one of the same name hides.

    Raises:
        JsonTextError: see `root_object`.
    """
    root = root_object(document)
    if root is None:
        return
    for hooks in root.members(HOOKS):
        for event in hooks.value.entries:
            for entry in event.value.entries:
                yield _group(document, event.key or "", ((root, hooks), (hooks.value, event), (event.value, entry)))


def _group(document: JsonDocument, event: str, path: tuple[tuple[JsonNode, JsonItem], ...]) -> HookGroup:
    entry = path[-1][1]
    handlers = entry.value.member(HOOKS) if entry.value.kind is JsonKind.OBJECT else None
    if handlers is None or handlers.kind is not JsonKind.ARRAY:
        return HookGroup(event, path, (), None, 1)
    own = tuple(handler for handler in handlers.entries if _is_ours(document.value(handler.value)))
    return HookGroup(event, path, own, handlers, len(handlers.entries) - len(own))


def _is_ours(handler: Any) -> bool:
    return isinstance(handler, dict) and is_gate(cast("dict[str, Any]", handler).get("command"))


def _expect(document: JsonDocument, node: JsonNode, kind: JsonKind, name: str) -> None:
    if node.kind is not kind:
        raise JsonTextError(document.text, node.start, f"{name} must be {kind}, and is {node.kind}")


def with_gate(text: str, hooks: Sequence[Hook], command: str, was: str | None) -> str:
    """The text with these entries. An entry that is already there and has the same value stays as it is written.

    `was`: the text before the first install, or None if it is unknown; see `without_gate`.

    Raises:
        JsonTextError: the text is not settings, see `root_object`.
    """
    text = _without_strays(text, {hook.event for hook in hooks}, was)
    style = Style.of(scan(without_gate(text, was)))  # without our entries: so a second install changes nothing
    for hook in hooks:
        text = _with_hook(text, style, hook.event, hook.group(command))
    return text


def without_gate(text: str, was: str | None) -> str:
    """The text without any entry of lanewatch.

    `was`: the text before the first install. It shows which arrays and objects install added; these are removed when
    they are empty. If it is None, a container that held only lanewatch's entries is treated as added by install.

    Raises:
        JsonTextError: see `root_object`.
    """
    while (own := next((group for group in groups(scan(text)) if group.own), None)) is not None:
        text = _cut_group(text, own, was)
    return text


def holds_gate(text: str) -> bool:
    """True if the text contains an entry of lanewatch.

    Raises:
        JsonTextError: see `root_object`.
    """
    return any(group.own for group in groups(scan(text)))


def _without_strays(text: str, wanted: set[str], was: str | None) -> str:
    """Removes entries of lanewatch that are not where they belong: one group of its own for each wanted event."""
    while (stray := _stray(scan(text), wanted)) is not None:
        text = _cut_group(text, stray, was)
    return text


def _stray(document: JsonDocument, wanted: set[str]) -> HookGroup | None:
    read = hooks_of(root_object(document))
    arrays = {} if read is None else {event: read.member(event) for event in wanted}
    seen: set[str] = set()
    for group in groups(document):
        if not group.own:
            continue
        if not group.is_ours or group.event in seen or group.array is not arrays.get(group.event):
            return group
        seen.add(group.event)
    return None


def _with_hook(text: str, style: Style, event: str, group: dict[str, Any]) -> str:
    document = scan(text)
    root = root_object(document)
    if root is None:
        return _with_root(text, style, {HOOKS: {event: [group]}})
    read = hooks_of(root)
    if read is None:
        return _appended(document, style, root, HOOKS, {event: [group]})
    array = read.member(event)
    if array is None:
        return _appended(document, style, read, event, [group])
    ours = next((found for found in groups(document) if found.array is array and found.is_ours), None)
    if ours is None:
        return _appended(document, style, array, None, group)
    node = ours.node
    if document.value(node) == group:
        return text
    at = array.entries.index(ours.path[-1][1])
    neighbour = array.entries[at - 1 if at else 0].start  # our group was written in this entry's style
    fresh = style.rendered(group, line_indent(text, node.start), flat=not opens_line(text, neighbour))
    return text[: node.start] + fresh + text[node.end :]


def _appended(document: JsonDocument, style: Style, box: JsonNode, key: str | None, value: Any) -> str:
    """The text with one more entry at the end of a container, written in the container's style."""
    text = document.text
    last = box.entries[-1] if box.entries else None
    begin = box.start + 1 if last is None else last.end if last.comma is None else last.comma + 1
    place = after_comments(text, begin)
    flat = style.flat if last is None else not opens_line(text, last.start)
    indent = line_indent(text, box.start) + style.unit if last is None else line_indent(text, last.start)
    if not flat or ends_in_line_comment(text, begin):
        lead = style.newline + indent
    else:
        lead = "" if last is None else style.gap
    closing_line = last is None and not flat and "\n" not in text[place : box.end - 1]
    return "".join(
        (
            text[:begin],
            "," if last is not None and last.comma is None else "",
            text[begin:place],
            lead,
            "" if key is None else json.dumps(key, ensure_ascii=False) + style.colon,
            style.rendered(value, indent, flat=flat),
            style.newline + line_indent(text, box.start) if closing_line else "",
            text[place:],
        )
    )


def _cut_group(text: str, group: HookGroup, was: str | None) -> str:
    """The text without the group and the containers that install added for it.

    If others share the group, only one handler is removed.
    """
    if not group.is_ours:
        return text if group.handlers is None else _cut(text, group.handlers, group.own[0], None, "")
    before = _before(group.event, was)
    level = len(group.path) - 1
    while level > 0 and before[level] is None and len(group.path[level][0].entries) == 1:
        level -= 1
    box, entry = group.path[level]
    if level == 0 and was is not None and before[0] is None and len(box.entries) == 1:
        return _without_root(text, box, was)
    return _cut(text, box, entry, before[level], was or "")


def _before(event: str, was: str | None) -> tuple[JsonNode | None, JsonNode | None, JsonNode | None]:
    """The root, `hooks` and the event's array as they were before install; None for each that did not exist."""
    root = None if was is None else root_object(scan(was))
    hooks = hooks_of(root)
    return root, hooks, None if hooks is None else hooks.member(event)


def _with_root(text: str, style: Style, value: Any) -> str:
    """A blank text with a root object after its comments."""
    begin = _begin(text)
    place = after_comments(text, begin)
    lead = style.newline if place > begin else ""
    return text[:place] + lead + style.rendered(value, "") + (text[place:] or style.newline)


def _without_root(text: str, root: JsonNode, was: str) -> str:
    """Undoes `_with_root`."""
    begin = _begin(was)
    place = after_comments(was, begin)
    start = after_comments(text, _begin(text)) if place > begin else root.start
    rest = text[root.end :]
    if place == len(was):
        rest = rest.removeprefix("\r").removeprefix("\n")
    return text[:start] + rest


def _begin(text: str) -> int:
    return 1 if text.startswith("\ufeff") else 0


def _cut(text: str, box: JsonNode, entry: JsonItem, before: JsonNode | None, was: str) -> str:
    """The text without one entry of a container, its comma and the white space before it.

    `before` is the same container in `was`: if its last entry is removed, its original white space and comments are
    restored.
    """
    index = box.entries.index(entry)
    previous = box.entries[index - 1] if index else None
    begin = box.start + 1 if previous is None or previous.comma is None else previous.comma + 1
    start = after_comments(text, begin)
    following = box.entries[index + 1] if index + 1 < len(box.entries) else None
    if previous is None and following and not text[entry.end : following.start].strip(", \t\r\n"):
        return text[: entry.start] + text[following.start :]
    behind = text[entry.end :] if entry.comma is None else text[entry.end : entry.comma] + text[entry.comma + 1 :]
    if ends_in_line_comment(text, begin) and not behind.lstrip(" \t").startswith(("\r", "\n")):
        start = entry.start  # the line comment before it must still end with a line break
    front = text[:start]
    is_last = entry.comma is None
    if is_last and previous is not None and previous.comma is not None and not (before and before.trailing_comma):
        front = text[: previous.comma] + text[previous.comma + 1 : start]
    if len(box.entries) > 1 or before is None or before.entries:
        return front + behind
    inside = front[box.start + 1 :] + behind[: len(behind) - (len(text) - box.end) - 1]
    own = was[before.start + 1 : before.end - 1]
    return text[: box.start + 1] + (own if inside.split() == own.split() else inside) + text[box.end - 1 :]
