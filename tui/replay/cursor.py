"""The cursor of a replay: a Supervisor that can be brought to any moment."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from tui.fleet.shard import FleetShard
from tui.fleet.supervisor import Supervisor
from tui.replay.checkpoints import ReplayIndexer
from tui.replay.event_log import EventLog, Offsets, merge_by_time
from tui.replay.recording import Recording

RESTORED = 32
"""Restoring a checkpoint takes as long as feeding about this many entries."""


@contextmanager
def _uncollected() -> Generator[None]:
    """Turns the garbage collector off: while many objects are made, it would examine all objects again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class ReplayCursor:
    """A Supervisor at one moment, and how many entries each of its shards has taken.

    It owns its shards, except those that it borrows from the indexer; these are at the end of their transcripts.
    """

    def __init__(
        self,
        recording: Recording,
        indexer: ReplayIndexer,
        make: Callable[[], Supervisor],
        midnight: Callable[[float], float],
    ) -> None:
        self._recording = recording
        self._midnight = midnight
        self._indexer = indexer
        self._make = make
        self._begin()

    def go(self, at: float) -> None:
        """Brings every group to `at` (seconds UTC)."""
        with _uncollected():
            self._go(at)

    def _go(self, at: float) -> None:
        if self._groups != self._recording.groups.version:
            self._begin()
        recording = self._recording
        ends = [log.until(at) for log in recording.logs]
        if self._is_beyond(ends) and not self._indexer.covers(ends):
            self._begin()
        self.supervisor.turn_day(self._midnight(at))
        self.supervisor.feed("", "", recording.refused[self._refused :])
        self._refused = len(recording.refused)
        self._is_whole = recording.complete and self._indexer.covers([len(log) for log in recording.logs])
        before, self._exchanged = dict(self._shards), set[int]()
        for members in recording.groups.all():
            self._bring(members, tuple(ends[index] for index in members))
        if self._exchanged:
            self._hold(before, ends)

    def _begin(self) -> None:
        self.supervisor = self._make()
        self._shards: dict[int, FleetShard] = {}
        self._borrowed: set[int] = set()
        """Groups whose shard is borrowed from the indexer."""
        self._exchanged: set[int] = set()
        """Groups whose shard was exchanged and not yet given to the Supervisor."""
        self._fed: dict[int, Offsets] = {}
        self._refused = 0
        self._is_whole = False
        """True if the indexer is at the end of all logs, so that its shards may be borrowed."""
        self._groups = self._recording.groups.version

    def _is_beyond(self, ends: list[int]) -> bool:
        groups = self._recording.groups.all()
        return any(
            fed > ends[index]
            for members in groups
            for fed, index in zip(self._fed.get(members[0], ()), members, strict=False)
        )

    def _hold(self, before: dict[int, FleetShard], ends: Sequence[int]) -> None:
        """Gives the exchanged shards to the Supervisor."""
        now = {name: shard for name, shard in self._shards.items() if name in self._exchanged}
        self.supervisor.exchange_shards(
            self._indexer.writes(ends),
            drop=[before[name] for name in self._exchanged if name in before],
            own=[shard for name, shard in now.items() if name not in self._borrowed],
            borrow=[shard for name, shard in now.items() if name in self._borrowed],
        )

    def _bring(self, members: tuple[int, ...], end: Offsets) -> None:
        """Brings one group to `end`: feeds more entries, or exchanges its shard."""
        name = members[0]
        fed = self._fed.get(name, (0,) * len(members))
        if fed == end:
            return
        self._fed[name] = end
        logs = [self._recording.logs[index] for index in members]
        if self._is_whole and end == tuple(len(log) for log in logs):
            lent = self._indexer.lend(name)
            if lent is not None:
                self._exchange(name, lent)
                self._borrowed.add(name)
                return
        store = self._indexer.checkpoints(name)
        number = store.nearest(end) if store is not None else None
        reached = store.offsets(number) if store is not None and number is not None else (0,) * len(members)
        forward = all(one <= other for one, other in zip(fed, end, strict=True))
        if forward and sum(end) - sum(fed) <= sum(end) - sum(reached) + RESTORED:
            shard = self._shards.get(name)
            if shard is None:
                shard = self._shards[name] = self.supervisor.new_shard()
            feed_between(self.supervisor, shard, logs, fed, end)
            return
        factory = self.supervisor.factory
        shard = factory.restored(store.saved(number)) if store is not None and number is not None else factory.shard()
        self._exchange(name, shard if sum(end) else None)
        feed_between(self.supervisor, shard, logs, reached, end)

    def _exchange(self, name: int, shard: FleetShard | None) -> None:
        self._shards.pop(name, None)
        self._borrowed.discard(name)
        self._exchanged.add(name)
        if shard is not None:
            self._shards[name] = shard


def feed_between(
    supervisor: Supervisor, shard: FleetShard, logs: Sequence[EventLog], first: Offsets, end: Offsets
) -> None:
    """Feeds the entries of these logs from `first` to before `end` to a shard, in time order."""
    for log, entries in merge_by_time(logs, first, end):
        supervisor.feed(log.path, log.agent, entries, shard)
