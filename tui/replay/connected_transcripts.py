"""Which transcripts of a recording belong together: those in which the same calls stand."""

from __future__ import annotations

from collections.abc import Iterable


class Groups:
    """Each transcript, by its index, is a group of its own until a call is met in two of them."""

    def __init__(self, count: int) -> None:
        self._of = list(range(count))
        self._members = [[index] for index in range(count)]
        self._first: dict[str, int] = {}
        """Where each call was met first."""
        self.version = 0
        """Grows when groups become one."""

    def meet(self, index: int, calls: Iterable[str]) -> None:
        """These calls stand in the transcript."""
        for call in calls:
            other = self._first.setdefault(call, index)
            if self._of[other] != self._of[index]:
                self._join(self._of[other], self._of[index])

    def of(self, index: int) -> int:
        """The name of a transcript's group: its least index."""
        return self._of[index]

    def all(self) -> Iterable[tuple[int, ...]]:
        """The groups, each by the indexes of its transcripts."""
        return (tuple(self._members[name]) for name in range(len(self._of)) if self._of[name] == name)

    def _join(self, one: int, other: int) -> None:
        name, gone = sorted((one, other))
        self._members[name] = sorted(self._members[name] + self._members[gone])
        for index in self._members[gone]:
            self._of[index] = name
        self._members[gone] = []
        self.version += 1
