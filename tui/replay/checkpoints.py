"""What runs ahead of a replay: it takes in all that has been read and leaves checkpoints to come back to."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence

from tui.fleet.shard import Part
from tui.fleet.supervisor import Supervisor
from tui.judge.collisions import Touch
from tui.model.event import Edit
from tui.replay.event_log import CHUNK, Entry
from tui.replay.merge_by_time import Fed, between
from tui.replay.recording import Recording

SPACING = CHUNK
"""Entries between two checkpoints of a short group."""
GROWTH = 32
"""In long ones there is a checkpoint in so many parts of the way: what is saved grows with the way."""
STRETCH = 512
"""Entries that are fed in one go."""


class Shelf:
    """The checkpoints of one group, in the order of time."""

    def __init__(self) -> None:
        self._fed: list[Fed] = []
        self._saved: list[bytes] = []

    def add(self, fed: Fed, saved: bytes) -> None:
        """A checkpoint after so many entries of each track."""
        self._fed.append(fed)
        self._saved.append(saved)

    def nearest(self, fed: Fed) -> int | None:
        """The last checkpoint that is not beyond `fed`."""
        low, high = 0, len(self._fed)
        while low < high:
            middle = (low + high) // 2
            if all(one <= other for one, other in zip(self._fed[middle], fed, strict=True)):
                low = middle + 1
            else:
                high = middle
        return low - 1 if low else None

    def fed(self, number: int) -> Fed:
        """What had been fed at a checkpoint."""
        return self._fed[number]

    def saved(self, number: int) -> bytes:
        """What was saved there."""
        return self._saved[number]

    @property
    def last(self) -> int:
        """Entries fed at the newest checkpoint."""
        return sum(self._fed[-1]) if self._fed else 0

    @property
    def size(self) -> int:
        """Bytes that the checkpoints take."""
        return sum(map(len, self._saved))


class Lead:
    """Each group of transcripts as far as it has been read, in one Supervisor; see `Groups`."""

    def __init__(self, recording: Recording, supervisor: Supervisor, midnight: Callable[[float], float]) -> None:
        self._recording = recording
        self._midnight = midnight
        self.supervisor = supervisor
        self._parts: dict[int, Part] = {}
        self._shelves: dict[int, Shelf] = {}
        self._fed: array[int] = array("q")
        self._groups = -1
        self._members: dict[int, tuple[int, ...]] = {}
        self._touches: list[tuple[int, int, Touch]] = []
        """Writes of files: the track, its entries fed by then, the write."""
        self._shared: tuple[int, list[tuple[int, int, Touch]]] = (0, [])
        """Of so many writes those of files that several lanes wrote."""
        self._refused = 0

    def step(self, budget: int) -> bool:
        """Takes in about so many entries more. True if more is there to take in."""
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
        """Whether it has taken in so many entries of each track."""
        return len(self._fed) == len(ends) and all(fed >= end for fed, end in zip(self._fed, ends, strict=True))

    def part(self, name: int) -> Part:
        """A group's state at the end of what was taken in. Nobody else may feed it."""
        return self._parts[name]

    def shelf(self, name: int) -> Shelf | None:
        """A group's checkpoints."""
        return self._shelves.get(name)

    def touches(self, fed: Sequence[int]) -> list[Touch]:
        """The writes of files within so many entries of each track, of files that several lanes wrote."""
        if self._shared[0] != len(self._touches):
            lanes: dict[str, set[str]] = {}
            for _, _, touch in self._touches:
                lanes.setdefault(touch.path, set()).add(touch.lane)
            self._shared = len(self._touches), [each for each in self._touches if len(lanes[each[2].path]) > 1]
        return [touch for index, end, touch in self._shared[1] if end <= fed[index]]

    @property
    def size(self) -> int:
        """Bytes that the checkpoints take."""
        return sum(shelf.size for shelf in self._shelves.values())

    # -- inside ---------------------------------------------------------------------------------

    def _regroup(self) -> None:
        """Groups that became one begin anew."""
        groups = self._recording.groups
        if self._groups == groups.version and len(self._fed) == len(self._recording.tracks):
            return
        self._groups = groups.version
        self._fed.extend([0] * (len(self._recording.tracks) - len(self._fed)))
        before, self._members = self._members, {members[0]: members for members in groups.all()}
        for name, members in before.items():
            if self._members.get(name) == members:
                continue
            if (part := self._parts.pop(name, None)) is not None:
                self.supervisor.drop(part)
            self._shelves.pop(name, None)
            for index in members:
                self._fed[index] = 0
            self._touches = [each for each in self._touches if each[0] not in members]
            self._shared = (-1, [])
            self.supervisor.set_seen(
                [*self._recording.refused, *self._recording.skips(self._fed)], (touch for _, _, touch in self._touches)
            )

    def _advance(self, name: int, members: tuple[int, ...], budget: int) -> int:
        """Feeds more of one group. Returns how many entries."""
        tracks = [self._recording.tracks[index] for index in members]
        horizon = self._recording.horizon
        # Tracks that belong together go on in the order of time, so no further than all of them were read.
        ends = [len(track) if len(tracks) == 1 else track.until(horizon) for track in tracks]
        first = tuple(self._fed[index] for index in members)
        if all(end <= fed for end, fed in zip(ends, first, strict=True)):
            return 0
        part = self._parts.get(name)
        if part is None:
            part = self._parts[name] = self.supervisor.new_part()
        shelf = self._shelves.setdefault(name, Shelf())
        count = 0
        for track, entries in between(tracks, first, self._so_far(members, first, ends, budget)):
            index = members[tracks.index(track)]
            for run in _until_edits(entries):
                self.supervisor.feed(track.path, track.agent, run, part)
                self._fed[index] += len(run)
                count += len(run)
                self._touches += [(index, self._fed[index], touch) for touch in self.supervisor.take_touches()]
                fed = tuple(self._fed[member] for member in members)
                if sum(fed) - shelf.last >= max(SPACING, sum(fed) // GROWTH):
                    # Whoever comes back here most likely stays within the day.
                    part.set_day(self._midnight(track.times[self._fed[index] - 1]))
                    shelf.add(fed, part.save(self.supervisor.shared))
        return count

    def _so_far(self, members: Sequence[int], first: Fed, ends: Sequence[int], budget: int) -> Fed:
        """Where to stop for now: at a moment, where there are several tracks."""
        if len(members) == 1:
            return (min(ends[0], first[0] + min(budget, STRETCH)),)
        tracks = [self._recording.tracks[index] for index in members]
        following = sorted(
            at
            for track, fed, end in zip(tracks, first, ends, strict=True)
            for at in track.times[fed : min(end, fed + STRETCH)]
        )
        stop = following[min(len(following), budget, STRETCH) - 1]
        return tuple(max(fed, min(end, track.until(stop))) for track, fed, end in zip(tracks, first, ends, strict=True))


def _until_edits(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """In pieces of some entries, which end with an edit at the latest: so it is known where a file was written."""
    pieces: list[Sequence[Entry]] = []
    first = 0
    for index, entry in enumerate(entries):
        if isinstance(entry, Edit) or index - first >= SPACING // 2:
            pieces.append(entries[first : index + 1])
            first = index + 1
    if first < len(entries):
        pieces.append(entries[first:])
    return pieces
