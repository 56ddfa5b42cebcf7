"""Calls of a lane that have no result yet, each with a value that a detector keeps for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
OPEN_CALLS_LIMIT = 128
"""The most calls that are kept: the newest ones."""


class OpenCalls(Generic[T]):
    """Values for open calls, by the call's id. If there are too many, the oldest is forgotten."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[T]:
        """The values, oldest call first."""
        return iter(self._kept.values())

    def add(self, call: str, kept: T) -> None:
        """Adds the value of a call that began, or that continues under another id."""
        if len(self._kept) >= OPEN_CALLS_LIMIT and call not in self._kept:
            del self._kept[next(iter(self._kept))]
        self._kept[call] = kept

    def get(self, call: str) -> T | None:
        """The value of a call; None if it is not open."""
        return self._kept.get(call)

    def take(self, call: str) -> T | None:
        """Removes a call and returns its value; None if it is not open."""
        return self._kept.pop(call, None)

    def clear(self) -> None:
        """Removes all calls."""
        self._kept.clear()
