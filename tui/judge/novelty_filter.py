"""A bounded memory of what was seen: 32-bit marks in a table in which new marks overwrite old ones."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

SMALLEST = 64
LARGEST = 2048
"""The most slots of a table: 8 kB."""
FEW = 512
"""The slots of a small table."""


class Seen:
    """A set of marks (`crc32` of anything) with a fixed upper bound of memory.

    It doubles until it has its largest size, so that a short lane needs little memory. Then a new mark overwrites the
    one in its slot: old marks are forgotten, and the same sequence of marks always forgets the same ones.
    """

    __slots__ = ("_largest", "_mask", "_slots")

    def __init__(self, largest: int = LARGEST) -> None:
        """`largest` is a power of two."""
        self._largest = largest
        self._slots = array("I", bytes(4 * SMALLEST))
        self._mask = SMALLEST - 1

    def __contains__(self, mark: int) -> bool:
        return self._slots[mark & self._mask] == mark

    def add(self, mark: int) -> None:
        """Remembers a mark."""
        self.learn((mark,))

    def unseen(self, marks: Iterable[int]) -> list[int]:
        """Those of `marks` that are not known."""
        # Inline, not by `in`: this runs for every word of every result.
        slots, mask = self._slots, self._mask
        return [mark for mark in marks if slots[mark & mask] != mark]

    def take(self, marks: Iterable[int]) -> list[int]:
        """Remembers marks. Returns those that were not known."""
        slots, mask = self._slots, self._mask
        unknown = [mark for mark in marks if slots[mark & mask] != mark]
        if unknown:
            self.learn(unknown)
        return unknown

    def learn(self, marks: Iterable[int]) -> None:
        """Remembers marks."""
        slots, mask = self._slots, self._mask
        for mark in marks:
            at = mark & mask
            known = slots[at]
            if known == mark:
                continue
            if known and known & mask == at and mask + 1 < self._largest:
                self._grow()
                slots, mask = self._slots, self._mask
                at = mark & mask
            slots[at] = mark

    def _grow(self) -> None:
        # The table is repeated, which takes no loop: a mark that stands in another slot than its own means nothing.
        size = min(4 * len(self._slots), self._largest)
        self._slots *= size // len(self._slots)
        self._mask = size - 1
        self._slots[0] = 0  # empty at first, whatever was there: the model was fitted to such tables


class SeenLines:
    """The lines that a lane has seen: each without its digits, and in its newest form."""

    __slots__ = ("_exact", "_largest", "_mask", "_slots")

    def __init__(self, largest: int) -> None:
        """`largest` is a power of two."""
        self._largest = largest
        self._slots = array("I", bytes(4 * SMALLEST))
        self._exact = array("I", bytes(4 * SMALLEST))
        self._mask = SMALLEST - 1

    def look(self, marks: list[int], exact: list[int]) -> tuple[list[int], list[int]]:
        """Positions of new lines, and of lines that differ in digits from the last time. All lines are remembered."""
        slots, written, mask = self._slots, self._exact, self._mask
        new: list[int] = []
        moved: list[int] = []
        for at, one in enumerate(marks):
            place = one & mask
            known = slots[place]
            if known == one:
                if written[place] != exact[at]:
                    moved.append(at)
                    written[place] = exact[at]
                continue
            new.append(at)
            if known and known & mask == place and mask + 1 < self._largest:
                self._grow()
                slots, written, mask = self._slots, self._exact, self._mask
                place = one & mask
            slots[place] = one
            written[place] = exact[at]
        return new, moved

    def _grow(self) -> None:
        size = min(4 * len(self._slots), self._largest)
        times = size // len(self._slots)
        self._slots *= times
        self._exact *= times
        self._mask = size - 1
        self._slots[0] = self._exact[0] = 0  # as in `Seen`
