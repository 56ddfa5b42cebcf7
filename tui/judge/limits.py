"""Limits of findings: fields of a class beside each declaration, and keys of `[judge]` in the configuration."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar, cast

from tui.settings.declare import setting
from tui.settings.kinds import Count, Kind, Number, Seconds, Whole

T = TypeVar("T")
_DAY_S = 86400


class Unit(StrEnum):
    """The unit of a limit. It decides which values the configuration accepts."""

    COUNT = "count"
    """A whole number, 1 or more."""
    SHARE = "share"
    """0 to 1."""
    RATIO = "ratio"
    """0 to 1000."""
    TOKENS = "tokens"
    SECONDS = "seconds"


_KINDS: dict[Unit, Kind[Any]] = {
    Unit.COUNT: Whole(1, 1_000_000),
    Unit.SHARE: Number(0, 1),
    Unit.RATIO: Number(0, 1000),
    Unit.TOKENS: Count(),
    Unit.SECONDS: Seconds(1, 30 * _DAY_S),
}


def limit(default: T, unit: Unit, doc: str, *, most: int | None = None) -> T:
    """A setting of `[judge]`: its default, its unit, and its meaning in one sentence. `most` bounds a count.

    The sentence says whether the limit itself is included. `From this many ... on` and `Up to this ...` include it;
    `More than this many ...`, `Less than this ...` and `Below this ...` do not.
    """
    kind: Kind[Any] = Whole(1, most) if most is not None else _KINDS[unit]
    return setting(default, kind, doc)


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
