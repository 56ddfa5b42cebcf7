"""Calls of a lane that have no result yet, with what a detector keeps of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
OPEN_CALLS_LIMIT = 128
"""Calls that are kept at most, the newest."""


class OpenCalls(Generic[T]):
    """What is kept of each open call, by the call's id. The oldest is forgotten where there are too many."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[T]:
        """What is kept, oldest call first."""
        return iter(self._kept.values())

    def add(self, call: str, kept: T) -> None:
        """A call has begun, or goes on under another id."""
        if len(self._kept) >= OPEN_CALLS_LIMIT and call not in self._kept:
            del self._kept[next(iter(self._kept))]
        self._kept[call] = kept

    def get(self, call: str) -> T | None:
        """What is kept of a call; None if it is not open."""
        return self._kept.get(call)

    def take(self, call: str) -> T | None:
        """The same; the call is open no more."""
        return self._kept.pop(call, None)

    def clear(self) -> None:
        """No call is open."""
        self._kept.clear()
