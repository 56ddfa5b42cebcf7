"""What a value of a script can be for somebody who only reads it: known, known in parts, or a call's result.

Known values are those of JSON (text, number, truth value, None, list, dict) and `UNDEFINED`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, NamedTuple, TypeGuard

from tui.io.json_fields import array, compact_json, obj

SOURCE_BOUND = 160
"""Characters of a piece of source that stands for a value."""
NODES_BOUND = 4000
"""Values within one argument."""
DEPTH_BOUND = 40


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a list."""
    return isinstance(value, list)


def is_fields(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is an object."""
    return isinstance(value, dict)


class Undefined(Enum):
    """JavaScript's `undefined`: the same one in every copy."""

    IT = "undefined"


UNDEFINED: Final = Undefined.IT


class Unknown(NamedTuple):
    """A value that only a run of the script would give.

    `source` is how the script writes it. `calls` are the numbers of the calls that it is made of. `path` is set where
    it is the unchanged result of the one call in `calls`, or the property of it that the path names.
    """

    source: str
    calls: frozenset[int] = frozenset()
    path: tuple[str, ...] | None = None


class Text(NamedTuple):
    """A text of which parts are known."""

    parts: tuple[str | Unknown | Json, ...]


class Json(NamedTuple):
    """`JSON.stringify` of something that is not wholly known."""

    value: Any


def calls_of(value: object, depth: int = 0) -> frozenset[int]:
    """The calls whose results a value is made of."""
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
    """What is shown in place of a value that is not known."""
    words = " ".join(source.split())
    return "${" + (words if len(words) <= SOURCE_BOUND else f"{words[: SOURCE_BOUND - 1]}…") + "}"


class Plain:
    """A value as JSON, with what is not known written as `${source}`; `whole` is False if there was any of that."""

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
    """A copy of a value without functions and other things of a walk, and of bounded size."""

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
    """The value within a template; None where it is an object or a function, whose text says nothing."""
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
    """The values one after another as one text; unknown where that is not known at all or grows too long."""
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
