"""The time that a lane waited for a person: from a question or a request for permission to its answer."""

from __future__ import annotations

from collections.abc import Iterable

from tui.model.event import Result, ToolKind
from tui.model.snapshot import OpenCall

KEPT = 64
"""The number of the newest waits that are kept, because later ones may overlap them."""
INSTANT_S = 20.0
"""A read, search or edit that took longer waited for a permission."""
SHELL_S = 120.0
"""The time limit of a limited shell command that states none."""
_INSTANT = (ToolKind.READ, ToolKind.SEARCH, ToolKind.EDIT)


class WaitBook:
    """The waits of one lane. Time in which several requests waited counts once."""

    __slots__ = ("_kept", "_older_s")

    def __init__(self) -> None:
        self._kept: list[tuple[float, float]] = []
        """Disjoint, oldest first."""
        self._older_s = 0.0

    @property
    def saved(self) -> tuple[float, list[tuple[float, float]]]:
        """The whole state, for `restored`."""
        return self._older_s, list(self._kept)

    @classmethod
    def restored(cls, older_s: float, kept: Iterable[tuple[float, float]]) -> WaitBook:
        """The waits that were saved."""
        made = cls()
        made._older_s, made._kept = older_s, list(kept)
        return made

    @property
    def seconds(self) -> float:
        """The sum of all waits that have ended."""
        return self._older_s + sum(end - start for start, end in self._kept)

    def between(self, since: float | None, until: float | None) -> float:
        """The seconds from `since` to `until` (seconds UTC; None: no bound). Very old waits need `since` None."""
        low = since if since is not None else float("-inf")
        high = until if until is not None else float("inf")
        kept = sum(max(0.0, min(end, high) - max(start, low)) for start, end in self._kept)
        return kept + (self._older_s if since is None else 0.0)

    @property
    def end(self) -> float | None:
        """The end of the last wait in seconds UTC; None if there was none."""
        return self._kept[-1][1] if self._kept else None

    def add(self, start: float | None, end: float | None) -> None:
        """Counts a wait; times in seconds UTC. Nothing is counted if one of them is unknown."""
        if start is None or end is None or end <= start:
            return
        before = [one for one in self._kept if one[1] < start]
        after = [one for one in self._kept if one[0] > end]
        between = [one for one in self._kept if one[1] >= start and one[0] <= end]
        whole = (min([start, *(one[0] for one in between)]), max([end, *(one[1] for one in between)]))
        self._kept = [*before, whole, *after]
        while len(self._kept) > KEPT:
            first = self._kept.pop(0)
            self._older_s += first[1] - first[0]

    def add_result(self, call: OpenCall, result: Result) -> None:
        """Counts what a finished call waited.

        A question waits from its call to its answer, and so does a call that a person refused. Other permissions are
        not written down: a read, search or edit that took long waited all the time, and a shell command that took
        longer than its time limit waited for the rest.
        """
        if call.started is None or result.at is None:
            return
        took = result.at - call.started
        if call.tool_kind is ToolKind.ASK or result.denied or (call.tool_kind in _INSTANT and took > INSTANT_S):
            self.add(call.started, result.at)
        elif call.tool_kind is ToolKind.SHELL and call.limited:
            limit = call.timeout_s or SHELL_S
            if took > limit + INSTANT_S:
                self.add(call.started, result.at - limit)
