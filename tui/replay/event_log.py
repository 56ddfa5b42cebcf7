"""One transcript in recorded time: its events in order, each with the time at which a live watcher would see it."""

from __future__ import annotations

import pickle
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from tui.fleet.event_codec import opened, packed
from tui.model.event import Event, LaneInfo, UnreadableLine

LogEntry = Event | UnreadableLine
"""An event of a line, or the reason why the line could not be read."""

Offsets = tuple[int, ...]
"""A number of entries for each log of a group."""

CHUNK = 64
"""Entries that are packed together; unpacking them takes about a millisecond."""


class EventLog:
    """The events of one transcript with their times, packed to a tenth of the transcript's size.

    Order and time: events are in the order of the file, because a live watcher saw them in that order. A line without a
    time, or with an earlier time than lines before it, gets the latest time before it. Lines before the first time get
    the first time.

    A fork or a resumed session begins with copied history that has old times, although nobody saw it in this file
    before the copy was made. If the copy stands below the file's own first line, it plays at that line's time by the
    rule above. If the file begins with the copy, everything before the line that states the fork is moved to that
    line's time once the line is read. A copy that no line states plays at its old times. This changes no figure: usage
    counts at the time that its line states, and a shared call is counted once.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.agent = ""
        """The agent that wrote it; empty until a line shows it."""
        self.is_begun = False
        """True if it gave an event, so that its sidecar was read."""
        self.sidecar: LaneInfo | None = None
        """The facts of the sidecar."""
        self.times: array[float] = array("d")
        """The time of each entry in seconds UTC, never falling."""
        self.skips: list[tuple[int, UnreadableLine]] = []
        """Unreadable lines, with their index among the entries."""
        self._packed: list[bytes] = []
        self._newest: list[LogEntry] = []
        """Entries that are not packed yet."""
        self._unpacked: tuple[int, list[LogEntry]] = (-1, [])
        """The chunk that was unpacked last."""
        self._early: list[LogEntry] = []
        """Entries before the first time."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def latest(self) -> float | None:
        """The time of the last entry in seconds UTC; None before the first time."""
        return self.times[-1] if self.times else None

    @property
    def packed_bytes(self) -> int:
        """The size of its packed entries in bytes."""
        return sum(map(len, self._packed))

    def add(self, entries: Iterable[LogEntry]) -> None:
        """Adds more of the transcript, in the order of the file."""
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
        """Gives the time `otherwise` (seconds UTC) to entries that have none yet."""
        for early in self._early:
            self._put(early, otherwise)
        self._early = []

    def until(self, at: float) -> int:
        """The number of entries at or before `at` (seconds UTC)."""
        return bisect_right(self.times, at)

    def before(self, at: float) -> int:
        """The number of entries before `at` (seconds UTC)."""
        return bisect_left(self.times, at)

    def entries(self, first: int, end: int) -> Sequence[LogEntry]:
        """The entries from index `first` to before `end`."""
        found: list[LogEntry] = []
        while first < end:
            number, start = divmod(first, CHUNK)
            stop = min(CHUNK, start + end - first)
            found += self._chunk(number)[start:stop]
            first += stop - start
        return found

    def _chunk(self, number: int) -> list[LogEntry]:
        if number == len(self._packed):
            return self._newest
        if self._unpacked[0] != number:
            events = pickle.loads(opened(self._packed[number]))  # noqa: S301 (packed below, never stored)
            self._unpacked = (number, events)
        return self._unpacked[1]

    def _hold_back(self) -> None:
        """Holds the entries back, because they are a copy that was made now."""
        self.times = array("d", [self.times[-1]]) * len(self.times)

    def _put(self, entry: LogEntry, at: float) -> None:
        if isinstance(entry, UnreadableLine):
            self.skips.append((len(self.times), entry))
        self._newest.append(entry)
        self.times.append(at)
        if len(self._newest) == CHUNK:
            self._packed.append(packed(self._newest))
            self._newest = []


def in_file_order(events: Sequence[Event], skips: Sequence[UnreadableLine]) -> list[LogEntry]:
    """The entries of one read, with each unreadable line at its place. Unreadable files come last."""
    if not skips:
        return list(events)
    found: list[LogEntry] = []
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


def merge_by_time(
    logs: Sequence[EventLog], first: Offsets, end: Offsets
) -> Iterator[tuple[EventLog, Sequence[LogEntry]]]:
    """Entries of these logs from `first` to before `end`: by time, then path, then the order of the file."""
    if len(logs) == 1:
        yield logs[0], logs[0].entries(first[0], end[0])
        return
    merged: list[tuple[float, int, LogEntry]] = []
    for index, log in enumerate(logs):
        entries = log.entries(first[index], end[index])
        merged += zip(log.times[first[index] : end[index]], [index] * len(entries), entries, strict=True)
    merged.sort(key=itemgetter(0, 1))
    for index, run in groupby(merged, key=itemgetter(1)):
        yield logs[index], [entry for _, _, entry in run]
