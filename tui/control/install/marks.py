"""Finds lanewatch's own entries in the text of a settings file, and the hooks of others beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tui.control.install.entries import is_gate
from tui.control.install.json_text import Document, Entry, JsonTextError, Kind, Node
from tui.model.frozen import frozen

HOOKS = "hooks"


@frozen
class Group:
    """One item of an event's array; `own` are lanewatch's handlers in it, `others` counts the rest."""

    event: str
    path: tuple[tuple[Node, Entry], ...]
    """The way to it from the root: each container with the entry in it, the last the event's array with the group."""
    own: tuple[Entry, ...]
    handlers: Node | None
    others: int

    @property
    def array(self) -> Node:
        """The event's array."""
        return self.path[-1][0]

    @property
    def node(self) -> Node:
        """The group itself."""
        return self.path[-1][1].value

    @property
    def is_ours(self) -> bool:
        """True if it holds nothing but lanewatch's."""
        return bool(self.own) and self.others == 0


def checked(document: Document) -> Node | None:
    """The root object; None if the text is blank.

    Raises:
        JsonTextError: the settings are no object, `hooks` is none, or an event is no array.
    """
    root = document.root
    if root is None:
        return None
    _expect(document, root, Kind.OBJECT, "the file")
    for hooks in root.members(HOOKS):
        _expect(document, hooks.value, Kind.OBJECT, '"hooks"')
        for event in hooks.value.entries:
            _expect(document, event.value, Kind.ARRAY, f'"hooks"."{event.key}"')
    return root


def hooks_of(root: Node | None) -> Node | None:
    """The object that agents read hooks from."""
    return None if root is None else root.member(HOOKS)


def groups(document: Document) -> Iterator[Group]:
    """Every group of every event, also of an object that a later one of the same name hides.

    Raises:
        JsonTextError: see `checked`.
    """
    root = checked(document)
    if root is None:
        return
    for hooks in root.members(HOOKS):
        for event in hooks.value.entries:
            for entry in event.value.entries:
                yield _group(document, event.key or "", ((root, hooks), (hooks.value, event), (event.value, entry)))


def _group(document: Document, event: str, path: tuple[tuple[Node, Entry], ...]) -> Group:
    entry = path[-1][1]
    handlers = entry.value.member(HOOKS) if entry.value.kind is Kind.OBJECT else None
    if handlers is None or handlers.kind is not Kind.ARRAY:
        return Group(event, path, (), None, 1)
    own = tuple(handler for handler in handlers.entries if _is_ours(document.value(handler.value)))
    return Group(event, path, own, handlers, len(handlers.entries) - len(own))


def _is_ours(handler: Any) -> bool:
    return isinstance(handler, dict) and is_gate(cast("dict[str, Any]", handler).get("command"))


def _expect(document: Document, node: Node, kind: Kind, name: str) -> None:
    if node.kind is not kind:
        raise JsonTextError(document.text, node.start, f"{name} must be {kind}, and is {node.kind}")
