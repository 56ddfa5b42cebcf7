"""Values in a Codex script that is parsed but never run (see `script`): known, partly known, or unknown.

Known values are those of JSON (text, number, truth value, None, list, dict) and `UNDEFINED`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, NamedTuple, TypeGuard

from tui.io.json_fields import array, compact_json, obj

SOURCE_BOUND = 160
"""The longest source text, in characters, that is shown in place of an unknown value."""
NODES_BOUND = 4000
"""The most values within one argument."""
DEPTH_BOUND = 40


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a list."""
    return isinstance(value, list)


def is_fields(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is an object."""
    return isinstance(value, dict)


class Undefined(Enum):
    """JavaScript's `undefined`. There is only one such object, also after copying, so it can be compared with `is`."""

    IT = "undefined"


UNDEFINED: Final = Undefined.IT


class Unknown(NamedTuple):
    """A value that is known only when the script runs.

    `source` is its source text. `calls` are the positions, in the script's list of tool calls, of those whose results
    it depends on. `path` holds the property names that lead from the result of the only call in `calls` to this value:
    empty for the unchanged result itself, None for any other value.
    """

    source: str
    calls: frozenset[int] = frozenset()
    path: tuple[str, ...] | None = None


class Text(NamedTuple):
    """A text that is partly known."""

    parts: tuple[str | Unknown | Json, ...]


class Json(NamedTuple):
    """The text that `JSON.stringify` would make of `value`, which is only partly known."""

    value: Any


def calls_of(value: object, depth: int = 0) -> frozenset[int]:
    """The calls on whose results a value depends."""
    if isinstance(value, Unknown):
        return value.calls
    if depth > DEPTH_BOUND:
        return frozenset()
    if isinstance(value, Text):
        return _union(value.parts, depth)
    if isinstance(value, Json):
        return calls_of(value.value, depth + 1)
    if is_list(value):
        return _union(tuple(array(value)[:NODES_BOUND]), depth)
    if is_fields(value):
        return _union(tuple(obj(value).values()), depth)
    return frozenset()


def _union(values: tuple[object, ...], depth: int) -> frozenset[int]:
    found: frozenset[int] = frozenset()
    for value in values:
        if not isinstance(value, str | int | float):
            found |= calls_of(value, depth + 1)
    return found


def hole(source: str) -> str:
    """The text that is shown in place of an unknown value."""
    words = " ".join(source.split())
    return "${" + (words if len(words) <= SOURCE_BOUND else f"{words[: SOURCE_BOUND - 1]}…") + "}"


class Plain:
    """A value as plain JSON values, not as text. Unknown parts are written as `${source}`; then `whole` is False."""

    def __init__(self, value: object) -> None:
        self.whole = True
        self._left = NODES_BOUND
        self.value = self._plain(value, 0)

    def _plain(self, value: object, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if self._left < 0 or depth > DEPTH_BOUND:
            self.whole = False
            return "…"
        if is_list(value):
            return [self._plain(one, depth + 1) for one in array(value)[: max(self._left, 0)]]
        if is_fields(value):
            fields = list(obj(value).items())[: max(self._left, 0)]
            return {key: self._plain(one, depth + 1) for key, one in fields if one is not UNDEFINED}
        if value is UNDEFINED:
            return None
        if isinstance(value, Text):
            return "".join(part if isinstance(part, str) else self._part(part, depth) for part in value.parts)
        return self._part(value, depth)

    def _part(self, value: object, depth: int) -> str:
        if isinstance(value, Json):
            return compact_json(self._plain(value.value, depth + 1))
        self.whole = False
        return hole(value.source if isinstance(value, Unknown) else "…")


class Kept:
    """Copies a value as it is now: `value` is the copy, of bounded size, with an unknown value for each function."""

    def __init__(self, value: object) -> None:
        self._left = NODES_BOUND
        self.value = self._kept(value, 0)

    def _kept(self, value: object, depth: int) -> object:
        self._left -= 1
        if value is None or isinstance(value, str | bool | int | float | Unknown | Undefined):
            return value
        if self._left < 0 or depth > DEPTH_BOUND:
            return Unknown("…")
        if is_list(value):
            return [self._kept(one, depth + 1) for one in value[: max(self._left, 0)]]
        if is_fields(value):
            fields = list(value.items())[: max(self._left, 0)]
            return {key: self._kept(one, depth + 1) for key, one in fields}
        if isinstance(value, Json):
            return Json(self._kept(value.value, depth + 1))
        if isinstance(value, Text):
            parts = [self._kept(part, depth + 1) for part in value.parts]
            return Text(tuple(part for part in parts if isinstance(part, str | Unknown | Json)))
        return Unknown("…")


def number_text(value: float) -> str:
    """A number as JavaScript writes it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def as_text(value: object) -> str | Text | Unknown | None:
    """The text of a value in a JavaScript template literal; None for a list, an object or a function."""
    if isinstance(value, str | Text | Unknown):
        return value
    if isinstance(value, Json):
        return Text((value,))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if value is None:
        return "null"
    return "undefined" if value is UNDEFINED else None


def joined(values: list[object], source: str, bound: int) -> object:
    """The values joined as one text, a `Text` if a part is not known; one `Unknown` if it grows too long."""
    parts: list[str | Unknown | Json] = []
    size = 0
    for value in values:
        made = as_text(value)
        if made is None:
            made = Unknown(source, calls_of(value))
        for part in made.parts if isinstance(made, Text) else (made,):
            if isinstance(part, str):
                size += len(part)
                if parts and isinstance(parts[-1], str):
                    parts[-1] += part
                    continue
            parts.append(part)
        if size > bound or len(parts) > NODES_BOUND:
            return Unknown(source, _union(tuple(parts), 0))
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return Text(tuple(parts))
