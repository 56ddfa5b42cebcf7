"""Documents made from their types alone: whatever field a type has, it is filled."""

from __future__ import annotations

import dataclasses
import types
from enum import Enum
from itertools import count
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from msgspec import Struct, structs

START = 1_778_304_756.0
EACH = 2
"""Items of each list."""


class Filler:
    """Makes values of types. Each text is the same; times rise by a minute, counts are small."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.texts = 0
        """How many fields of texts were filled."""
        self._numbers = count(1)

    def value(self, hint: Any) -> Any:
        """A value of a type: optional ones are there, lists have two items, enumerations go round."""
        if isinstance(hint, NewType):
            hint = hint.__supertype__
        if get_origin(hint) in (Union, types.UnionType):
            return self.value(next(one for one in get_args(hint) if one is not type(None)))
        if get_origin(hint) is tuple:
            return tuple(self.value(get_args(hint)[0]) for _ in range(EACH))
        if hint is str:
            self.texts += 1
            return self.text
        if hint is bool:
            return next(self._numbers) % 2 == 0
        if hint is int:
            return next(self._numbers) % 7 + 1
        if hint is float:
            return START + 60.0 * next(self._numbers)
        if issubclass(hint, Enum):
            members = list(hint)
            return members[next(self._numbers) % len(members)]
        return hint(**{name: self.value(one) for name, one in fields_of(hint).items()})


def filled(of: type, text: str) -> Any:
    """A document with this text in every field that holds one."""
    return Filler(text).value(of)


def fields_of(of: type) -> dict[str, Any]:
    """Fields of a struct or a dataclass with their types."""
    hints = get_type_hints(of)
    names = structs.fields(of) if issubclass(of, Struct) else dataclasses.fields(of)
    return {field.name: hints[field.name] for field in names}


def text_fields(of: type, found: set[str] | None = None) -> set[str]:
    """`Class.field` of every field of a document that holds texts, found from its types."""
    found = set() if found is None else found
    for name, hint in fields_of(of).items():
        for one in _parts(hint):
            if one is str:
                found.add(f"{of.__name__}.{name}")
            elif isinstance(one, type) and (issubclass(one, Struct) or dataclasses.is_dataclass(one)):
                text_fields(one, found)
    return found


def _parts(hint: Any) -> list[Any]:
    if isinstance(hint, NewType):
        return [hint.__supertype__]
    if get_origin(hint) in (Union, types.UnionType, tuple):
        return [part for one in get_args(hint) if one is not type(None) and one is not ... for part in _parts(one)]
    return [hint]
