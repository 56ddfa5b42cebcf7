"""Values as plain data, which any format can hold, and back: lists, numbers, texts, bytes.

What a value is made of is taken from its type's annotations, so that a new field needs no code here. Reading it back
makes no other classes than the annotated ones. Most data of another form raise an error, but numbers and texts are not
checked: whoever keeps the data has to notice that they were changed, as by a digest.
"""

from __future__ import annotations

import types
from array import array
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

Convert = Callable[[Any], Any]
_PLAIN = (str, int, float, bool, None, types.NoneType, Any)


class _Array:
    """Stands for `array` in annotations, which Python 3.11 cannot evaluate."""

    def __class_getitem__(cls, item: object) -> type:
        return cls


class Plain:
    """How values of one type become plain data and back. Both are None if the value itself is plain."""

    __slots__ = ("make", "pack")

    def __init__(self, pack: Convert | None = None, make: Convert | None = None) -> None:
        self.pack = pack
        """Makes plain data of a value."""
        self.make = make
        """Makes a value of plain data. Raises: TypeError, ValueError or KeyError: it is of another form."""


@cache
def plain(kind: Any) -> Plain:
    """The conversion of values that are annotated with this type.

    Raises:
        TypeError: the type cannot be converted.
    """
    if isinstance(kind, NewType):
        return plain(kind.__supertype__)
    if kind in _PLAIN:
        return Plain()
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(args)
    if kind is _Array:
        return Plain(lambda value: [value.typecode, value.tobytes()], _array)
    if origin in (list, set, frozenset):
        return _many(origin, plain(args[0]))
    if origin is tuple:
        return _many(tuple, plain(args[0])) if args[1:] == (...,) else _row([plain(one) for one in args])
    if origin is dict:
        return _mapping(plain(args[0]), plain(args[1]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Plain(attrgetter("value"), kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _of_fields(kind)
    raise TypeError(f"{kind} cannot be plain data")


def packed(kind: Any, value: Any) -> Any:
    """The value, annotated with this type, as plain data."""
    pack = plain(kind).pack
    return value if pack is None else pack(value)


def made(kind: Any, data: Any) -> Any:
    """The value of this type. Raises: TypeError, ValueError or KeyError: the data are of another form."""
    make = plain(kind).make
    return data if make is None else make(data)


def _array(data: list[Any]) -> array[Any]:
    made: array[Any] = array(str(data[0]))
    made.frombytes(data[1])
    return made


def _optional(args: tuple[Any, ...]) -> Plain:
    given = [arg for arg in args if arg is not types.NoneType]
    known = [plain(arg) for arg in given]
    if len(known) > 1 and any(one.pack or one.make for one in known):
        raise TypeError(f"one of several types: {args}")
    pack, make = known[0].pack, known[0].make
    return Plain(
        None if pack is None else lambda value: None if value is None else pack(value),
        None if make is None else lambda data: None if data is None else make(data),
    )


def _many(kind: Callable[[Any], Any], item: Plain) -> Plain:
    pack, make = item.pack, item.make
    return Plain(
        list if pack is None else lambda value: [pack(one) for one in value],
        kind if make is None else lambda data: kind([make(one) for one in data]),
    )


def _row(items: list[Plain]) -> Plain:
    packs, makes = [item.pack for item in items], [item.make for item in items]
    if not any(packs) and not any(makes):
        return Plain(list, tuple)
    return Plain(
        lambda value: [one if pack is None else pack(one) for pack, one in zip(packs, value, strict=True)],
        lambda data: tuple([one if make is None else make(one) for make, one in zip(makes, data, strict=True)]),
    )


def _mapping(key: Plain, item: Plain) -> Plain:
    """A dictionary as a list of pairs, whose order is kept."""
    row = _row([key, item])
    pack, make = row.pack, row.make
    assert pack is not None  # noqa: S101 (rows are always converted)
    assert make is not None  # noqa: S101
    return Plain(
        lambda value: [pack(pair) for pair in value.items()],
        lambda data: dict([make(pair) for pair in data]),
    )


def _of_fields(kind: type) -> Plain:
    names = [field.name for field in fields(kind)]
    hints = get_type_hints(kind, localns={"array": _Array})
    items = [plain(hints[name]) for name in names]
    packs = [(at, item.pack) for at, item in enumerate(items) if item.pack is not None]
    makes = [(at, item.make) for at, item in enumerate(items) if item.make is not None]

    def one(value: Any) -> tuple[Any]:
        return (getattr(value, names[0]),)

    read: Convert = attrgetter(*names) if len(names) > 1 else one

    def pack(value: Any) -> list[Any]:
        found = list(read(value))
        for at, convert in packs:
            found[at] = convert(found[at])
        return found

    def make(data: list[Any]) -> Any:
        if len(data) != len(names):
            raise ValueError(f"{kind.__name__} has {len(names)} fields")
        found = list(data)
        for at, convert in makes:
            found[at] = convert(found[at])
        return kind(*found)

    return Plain(pack, make)
