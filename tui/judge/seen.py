"""A bounded memory of what was seen: 32-bit marks in a table that forgets the old by being overwritten."""

from __future__ import annotations

from array import array

SMALLEST = 64
LARGEST = 2048
"""Slots at most: 8 kB a table."""


class Seen:
    """A set of marks (`crc32` of anything) with a fixed upper bound of memory.

    It doubles while it is small, so that a short lane costs little. At its largest a new mark overwrites the one
    in its slot: what was seen long ago is forgotten, and the same sequence always forgets the same.
    """

    __slots__ = ("_count", "_mask", "_slots")

    def __init__(self) -> None:
        self._slots = array("I", bytes(4 * SMALLEST))
        self._mask = SMALLEST - 1
        self._count = 0

    def __contains__(self, mark: int) -> bool:
        return self._slots[mark & self._mask] == (mark or 1)

    def add(self, mark: int) -> None:
        """Remembers a mark."""
        mark = mark or 1
        at = mark & self._mask
        known = self._slots[at]
        if known == mark:
            return
        if known == 0:
            self._count += 1
        elif self._mask + 1 < LARGEST:
            self._grow()
            self.add(mark)
            return
        self._slots[at] = mark

    def _grow(self) -> None:
        old = self._slots
        size = 2 * len(old)
        self._slots = array("I", bytes(4 * size))
        self._mask = size - 1
        self._count = 0
        for mark in old:
            if mark:
                at = mark & self._mask
                self._count += self._slots[at] == 0
                self._slots[at] = mark
