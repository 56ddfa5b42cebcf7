"""One transcript on recorded time: its events in its own order, each with the time at which a watcher saw it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from tui.model.event import Event, LaneInfo, Skip

Entry = Event | Skip


class Track:
    """What one transcript says and when.

    Order and time: the order is that of the file, since that is what a live watcher saw. A line without a time, or
    with one that is earlier than its forerunners', has the latest time seen before it; lines before the first time
    have that first one.

    History that a fork or a resumed session copied in bears old times, but nobody saw it in this file before the copy
    was made. Where it stands below the file's own first line it plays at that line's time by the rule above; where
    the file begins with it, everything before the line that tells of the fork is moved to that line's time once the
    line is read. A copy that nothing tells of plays at its old times. None of this moves a figure: what was spent is
    booked at the time that its line states, and a shared call is counted once whoever comes first.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.agent = ""
        """Who writes it; "" until a line has told."""
        self.is_begun = False
        """It gave an event: its sidecar was read."""
        self.times: array[float] = array("d")
        """Seconds UTC, never falling, one for each entry."""
        self._entries: list[Entry] = []
        self._early: list[Entry] = []
        """Before the first time."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def latest(self) -> float | None:
        """Seconds UTC up to which it has come; None before the first time."""
        return self.times[-1] if self.times else None

    def add(self, entries: Iterable[Entry]) -> None:
        """Takes more of the transcript, in the order of the file."""
        for entry in entries:
            at = entry.at if isinstance(entry, Event) else None
            latest = self.latest
            if latest is not None:
                self._put(entry, latest if at is None else max(at, latest))
                if isinstance(entry, LaneInfo) and entry.forked and not entry.lane:
                    self._hold_back()
            elif at is None:
                self._early.append(entry)
            else:
                self.finish(at)
                self._put(entry, at)

    def finish(self, otherwise: float) -> None:
        """Puts what has no time yet at the time `otherwise` (seconds UTC)."""
        for early in self._early:
            self._put(early, otherwise)
        self._early = []

    def until(self, at: float) -> int:
        """How many entries stand at `at` (seconds UTC) or earlier."""
        return bisect_right(self.times, at)

    def before(self, at: float) -> int:
        """How many entries stand earlier than `at` (seconds UTC)."""
        return bisect_left(self.times, at)

    def entries(self, first: int, end: int) -> Sequence[Entry]:
        """Those from index `first` to before `end`."""
        return self._entries[first:end]

    def _hold_back(self) -> None:
        """What was taken so far is a copy that was made now."""
        self.times = array("d", [self.times[-1]]) * len(self.times)

    def _put(self, entry: Entry, at: float) -> None:
        self._entries.append(entry)
        self.times.append(at)


def in_file_order(events: Sequence[Event], skips: Sequence[Skip]) -> list[Entry]:
    """What one read gave, with each skip where its line stands; skips of whole files come last."""
    if not skips:
        return list(events)
    found: list[Entry] = []
    waiting = list(events)
    waiting.reverse()
    for skip in skips:
        while waiting and skip.offset is not None and waiting[-1].offset <= skip.offset:
            found.append(waiting.pop())
        if skip.offset is not None:
            found.append(skip)
    found += reversed(waiting)
    found += [skip for skip in skips if skip.offset is None]
    return found
