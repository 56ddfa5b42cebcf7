"""Limits of findings: fields of a class beside each declaration, and keys of `[judge]` in the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, field, fields
from enum import StrEnum
from typing import Any, TypeVar, cast

from tui.model.frozen import frozen

T = TypeVar("T")


class Unit(StrEnum):
    """What a limit counts. It decides what the configuration accepts."""

    COUNT = "count"
    """A whole number, 1 or more."""
    SHARE = "share"
    """0 to 1."""
    RATIO = "ratio"
    """0 to 1000."""
    TOKENS = "tokens"
    SECONDS = "seconds"


@frozen
class LimitInfo:
    """What is known of a limit beside its name and default. `most` is the largest value that is accepted."""

    unit: Unit
    doc: str
    most: int | None = None


def limit(default: T, unit: Unit, doc: str, *, most: int | None = None) -> T:
    """A field of a class of limits: its default, its unit and what it means in one sentence."""
    return field(default=default, metadata={"limit": LimitInfo(unit, doc, most)})


def limits_in(group: type[Any]) -> Iterator[tuple[str, Any, LimitInfo]]:
    """Name, default and meaning of each limit of a class of limits."""
    every: tuple[Field[Any], ...] = fields(group)
    for one in every:
        yield one.name, one.default, cast("LimitInfo", one.metadata["limit"])


class Limits:
    """The limits of all findings: those that are given, and the defaults of all others."""

    __slots__ = ("_given",)

    def __init__(self, *groups: object) -> None:
        """`groups` are instances of classes of limits, at most one of each class."""
        self._given: dict[type, object] = {type(group): group for group in groups}

    def of(self, group: type[T]) -> T:
        """The limits of one class."""
        given = self._given.get(group)
        return group() if given is None else cast("T", given)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Limits):
            return NotImplemented
        groups: set[type[object]] = {*self._given, *other._given}
        return all(self.of(group) == other.of(group) for group in groups)

    __hash__ = None  # pyright: ignore[reportAssignmentType]
