"""The indexer of a replay. It feeds everything that was read, ahead of the cursor, and saves checkpoints on the way."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence

from tui.fleet.fleet_judge import file_write
from tui.fleet.shard import FleetShard
from tui.fleet.supervisor import Supervisor
from tui.judge.findings.collision import Touch
from tui.model.event import Edit
from tui.replay.event_log import CHUNK, LogEntry, Offsets, merge_by_time
from tui.replay.recording import Recording

SPACING = CHUNK
"""Entries between two checkpoints of a short group."""
GROWTH = 32
"""In a long group, the distance between checkpoints is one part in this many of the entries before, because later
checkpoints are larger."""
STRETCH = 512
"""Entries that are fed at once."""


class CheckpointStore:
    """The checkpoints of one group of transcripts, in time order."""

    def __init__(self) -> None:
        self._offsets: list[Offsets] = []
        self._saved: list[bytes] = []

    def add(self, offsets: Offsets, saved: bytes) -> None:
        """Adds a saved shard that was fed up to `offsets`."""
        self._offsets.append(offsets)
        self._saved.append(saved)

    def nearest(self, offsets: Offsets) -> int | None:
        """The number of the last checkpoint at or before `offsets`; None if there is none."""
        low, high = 0, len(self._offsets)
        while low < high:
            middle = (low + high) // 2
            if all(one <= other for one, other in zip(self._offsets[middle], offsets, strict=True)):
                low = middle + 1
            else:
                high = middle
        return low - 1 if low else None

    def offsets(self, number: int) -> Offsets:
        """The offsets of a checkpoint."""
        return self._offsets[number]

    def saved(self, number: int) -> bytes:
        """The shard saved at a checkpoint."""
        return self._saved[number]

    @property
    def last(self) -> int:
        """The number of entries at the newest checkpoint."""
        return sum(self._offsets[-1]) if self._offsets else 0

    @property
    def size(self) -> int:
        """The size of the checkpoints in bytes."""
        return sum(map(len, self._saved))


class ReplayIndexer:
    """Feeds each group of transcripts, as far as it was read, to a Supervisor of its own."""

    def __init__(self, recording: Recording, supervisor: Supervisor, midnight: Callable[[float], float]) -> None:
        self._recording = recording
        self._midnight = midnight
        self.supervisor = supervisor
        self._shards: dict[int, FleetShard] = {}
        self._checkpoints: dict[int, CheckpointStore] = {}
        self._fed: array[int] = array("q")
        self._groups = -1
        self._members: dict[int, tuple[int, ...]] = {}
        self._writes: list[tuple[int, int, Touch]] = []
        """Writes of files: the log, the number of its entries fed by then, the write."""
        self._contested: tuple[int, list[tuple[int, int, Touch]]] = (0, [])
        """The writes of files that several lanes wrote, and the number of all writes when these were selected."""
        self._refused = 0

    def step(self, budget: int) -> bool:
        """Feeds about `budget` more entries. Returns True if more are there to feed."""
        self._regroup()
        refused = self._recording.refused
        self.supervisor.feed("", "", refused[self._refused :])
        self._refused = len(refused)
        waiting = deque(self._members.items())
        while waiting and budget > 0:
            name, members = waiting.popleft()
            count = self._advance(name, members, budget)
            budget -= count
            if count:
                waiting.append((name, members))
        return budget <= 0

    def covers(self, ends: Sequence[int]) -> bool:
        """Whether it has fed this many entries of each log."""
        return len(self._fed) == len(ends) and all(fed >= end for fed, end in zip(self._fed, ends, strict=True))

    def lend(self, name: int) -> FleetShard | None:
        """The shard of a group after the last fed entry, for reading only. None if it cannot be lent now."""
        shard = self._shards[name]
        shard.book.settle()
        return shard if shard.can_be_lent else None

    def checkpoints(self, name: int) -> CheckpointStore | None:
        """A group's checkpoints."""
        return self._checkpoints.get(name)

    def writes(self, offsets: Sequence[int]) -> list[Touch]:
        """The writes within these offsets of files that several lanes wrote."""
        if self._contested[0] != len(self._writes):
            lanes: dict[str, set[str]] = {}
            for _, _, write in self._writes:
                lanes.setdefault(write.path, set()).add(write.lane)
            self._contested = len(self._writes), [each for each in self._writes if len(lanes[each[2].path]) > 1]
        return [write for index, end, write in self._contested[1] if end <= offsets[index]]

    @property
    def size(self) -> int:
        """The size of all checkpoints in bytes."""
        return sum(store.size for store in self._checkpoints.values())

    # -- inside ---------------------------------------------------------------------------------

    def _regroup(self) -> None:
        """Starts again with groups that were joined."""
        groups, logs = self._recording.groups, self._recording.logs
        if self._groups == groups.version and len(self._fed) == len(logs):
            return
        self._groups = groups.version
        self._fed.extend([0] * (len(logs) - len(self._fed)))
        before, self._members = self._members, {members[0]: members for members in groups.all()}
        dropped: list[FleetShard] = []
        for name, members in before.items():
            if self._members.get(name) == members:
                continue
            if (shard := self._shards.pop(name, None)) is not None:
                dropped.append(shard)
            self._checkpoints.pop(name, None)
            for index in members:
                self._fed[index] = 0
            self._writes = [each for each in self._writes if each[0] not in members]
            self._contested = (-1, [])
        if dropped:
            self.supervisor.exchange_shards([write for _, _, write in self._writes], drop=dropped)

    def _advance(self, name: int, members: tuple[int, ...], budget: int) -> int:
        """Feeds more of one group. Returns the number of entries."""
        logs = [self._recording.logs[index] for index in members]
        horizon = self._recording.horizon
        # Logs of one group are fed in time order, so only up to the moment that all of them have reached.
        ends = [len(log) if len(logs) == 1 else log.until(horizon) for log in logs]
        first = tuple(self._fed[index] for index in members)
        if all(end <= fed for end, fed in zip(ends, first, strict=True)):
            return 0
        shard = self._shards.get(name)
        if shard is None:
            shard = self._shards[name] = self.supervisor.new_shard()
        store = self._checkpoints.setdefault(name, CheckpointStore())
        count = 0
        for log, entries in merge_by_time(logs, first, self._so_far(members, first, ends, budget)):
            index = members[logs.index(log)]
            for run in _until_edits(entries):
                self.supervisor.feed(log.path, log.agent, run, shard)
                self._fed[index] += len(run)
                count += len(run)
                self._note_write(shard, index, run[-1])
                offsets = tuple(self._fed[member] for member in members)
                if sum(offsets) - store.last >= max(SPACING, sum(offsets) // GROWTH):
                    # A person who goes back most likely stays within the day.
                    shard.set_day(self._midnight(log.times[self._fed[index] - 1]))
                    store.add(offsets, self.supervisor.factory.save(shard))
        return count

    def _note_write(self, shard: FleetShard, index: int, entry: LogEntry) -> None:
        """Notes the write of a file, if the newest entry of a log states one."""
        if not isinstance(entry, Edit):
            return
        write = file_write(shard.records[self._recording.logs[index].path, entry.lane], entry)
        if write is not None:
            self._writes.append((index, self._fed[index], write))

    def _so_far(self, members: Sequence[int], first: Offsets, ends: Sequence[int], budget: int) -> Offsets:
        """The offsets at which to stop feeding for now. With several logs, they are those of one moment."""
        if len(members) == 1:
            return (min(ends[0], first[0] + min(budget, STRETCH)),)
        logs = [self._recording.logs[index] for index in members]
        following = sorted(
            at
            for log, fed, end in zip(logs, first, ends, strict=True)
            for at in log.times[fed : min(end, fed + STRETCH)]
        )
        stop = following[min(len(following), budget, STRETCH) - 1]
        return tuple(max(fed, min(end, log.until(stop))) for log, fed, end in zip(logs, first, ends, strict=True))


def _until_edits(entries: Sequence[LogEntry]) -> list[Sequence[LogEntry]]:
    """Cuts entries into pieces that end at each edit, so that the place of each write is known."""
    pieces: list[Sequence[LogEntry]] = []
    first = 0
    for index, entry in enumerate(entries):
        if isinstance(entry, Edit) or index - first >= SPACING // 2:
            pieces.append(entries[first : index + 1])
            first = index + 1
    if first < len(entries):
        pieces.append(entries[first:])
    return pieces
