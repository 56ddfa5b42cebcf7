"""The cumulative counters of a lane's calls, for agents that state such counters."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from tui.model.event import Inherited

_HOWS = tuple(Inherited)


class CounterSequence:
    """The counters in order. They show which calls a fork copied from its parent."""

    __slots__ = ("_how", "_marks", "_rows")

    def __init__(self) -> None:
        self._marks: array[int] | None = None
        """Hashes of the counters. Most lanes have none, and the containers are made with the first."""
        self._rows: array[int] | None = None
        self._how: bytearray | None = None

    def __len__(self) -> int:
        return len(self._marks or ())

    def add(self, counter: tuple[int, ...], row: int, how: Inherited) -> None:
        """Adds the counter after a call, the call's row in the book, and whether it was inherited."""
        if self._marks is None or self._rows is None or self._how is None:
            self._marks, self._rows, self._how = array("q"), array("I"), bytearray()
        self._marks.append(hash(counter))
        self._rows.append(row)
        self._how.append(_HOWS.index(how))

    def __iter__(self) -> Iterator[tuple[int, Inherited]]:
        """The row of each call, and whether it was inherited."""
        return ((row, _HOWS[how]) for row, how in zip(self._rows or (), self._how or (), strict=True))

    def common(self, other: CounterSequence) -> int:
        """The number of counters with which both begin."""
        shared = 0
        for mine, theirs in zip(self._marks or (), other._marks or (), strict=False):
            if mine != theirs:
                break
            shared += 1
        return shared
