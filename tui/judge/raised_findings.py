"""The findings of one detector by their subject. Each is raised once and ended once; the newest ended ones are kept."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tui.judge.detector import PAST_LIMIT, Raised

OPEN_LIMIT = 32
"""The most open subjects of one kind that a lane can have at the same time."""


class RaisedFindings:
    """The findings that a detector has raised. Raising a subject again replaces its words and keeps its beginning."""

    __slots__ = ("_open", "_past")

    def __init__(self) -> None:
        self._open: dict[str, Raised] = {}
        self._past: deque[Raised] = deque(maxlen=PAST_LIMIT)

    def __contains__(self, subject: str) -> bool:
        return subject in self._open

    def __bool__(self) -> bool:
        return bool(self._open)

    def put(self, raised: Raised) -> None:
        """Raises a finding, or replaces its words. Nothing happens if `OPEN_LIMIT` others hold."""
        known = self._open.get(raised.subject)
        if known is None and len(self._open) >= OPEN_LIMIT:
            return
        self._open[raised.subject] = raised if known is None else replace(raised, since=known.since)

    def end(self, subject: str, at: float | None) -> None:
        """Ends it."""
        known = self._open.pop(subject, None)
        if known is not None:
            self._past.append(replace(known, until=at))

    def end_all(self, at: float | None) -> None:
        """Ends all of them."""
        for subject in list(self._open):
            self.end(subject, at)

    @property
    def all(self) -> tuple[Raised, ...]:
        """The ended findings, oldest first, then those that hold."""
        return (*self._past, *self._open.values())
