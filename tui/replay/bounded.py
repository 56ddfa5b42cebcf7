"""A Supervisor that knows nothing of what happened after a given time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tui.fleet.shard import Part
from tui.fleet.supervisor import Supervisor
from tui.model.event import Event, Skip


class BoundedSupervisor(Supervisor):
    """Leaves out events after `until` (seconds UTC), as if the transcripts had been read at that time."""

    def __init__(self, *args: Any, until: float, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._until = until
        self._over: set[tuple[str, str]] = set()
        """Lanes whose newest timed event came later: what they say without a time came later too."""

    def feed(self, path: str, agent: str, events: Iterable[Event | Skip], part: Part | None = None) -> None:
        """Takes what happened up to the given time."""
        super().feed(path, agent, self._before(path, events), part)

    def _before(self, path: str, events: Iterable[Event | Skip]) -> Iterator[Event | Skip]:
        for event in events:
            if isinstance(event, Skip):
                yield event
                continue
            key = (path, event.lane)
            if event.at is not None and event.at > self._until:
                self._over.add(key)
                continue
            if event.at is not None:
                self._over.discard(key)
            if key not in self._over:
                yield event
