"""Transcripts on disk as one recording, read in slices, the earliest first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from operator import itemgetter

from tui.fleet.clock_skew import SpawnLog
from tui.io.compressed import BrokenArchive, ZstStream
from tui.io.files import Refused, open_transcript
from tui.io.lines import LINE_CAP
from tui.model.event import LaneInfo, UnreadableLine, UsageReported
from tui.model.snapshot import Scan
from tui.replay.event_log import EventLog, in_file_order
from tui.sources.discover import Found, Root, find
from tui.sources.sidecar import sidecar_event
from tui.sources.tail import Batch, Tailer
from tui.sources.transcript import Transcript

SLICE = 256 * 1024
"""Bytes that are read before the keyboard is served again."""
PIECE = 64 * 1024
"""Bytes that are read of one transcript at once. At most this much is held beyond the horizon."""
HEAD = 4096
"""Bytes at the beginning of a transcript that are searched for its first time; at most `PIECE`."""
REWRITTEN = "it was rewritten while it was read for replay: what came after that is left out"


class Recording:
    """Transcripts on disk, read up to a horizon that moves. Not thread-safe.

    Each transcript is an `EventLog`. The log that has advanced least in time is read next. So everything before the
    horizon is complete, and a large corpus can be played from its start while the rest is read.
    """

    def __init__(self, roots: Sequence[Root], line_cap: int = LINE_CAP) -> None:
        self._roots = list(roots)
        self._cap = line_cap
        self._tailer = Tailer(lambda: self._roots, lambda path, hint: Transcript(path, hint, cap=line_cap))
        self.logs: list[EventLog] = []
        """The logs, by path."""
        self.refused: list[UnreadableLine] = []
        """Files that were asked for and cannot be read. They have no time and are listed from the start on."""
        self.spawns = SpawnLog()
        """The calls that started subagents."""
        self.groups = ConnectedTranscripts(0)
        """The groups of logs that share calls."""
        self.version = 0
        """Grows with everything that is read."""
        self._waiting: list[tuple[float, int]] = []
        """A heap of (time reached, index) of the transcripts that are not finished."""
        self._sizes: list[int] = []
        self._read: list[int] = []
        self._finished: list[bool] = []

    # -- reading --------------------------------------------------------------------------------

    def refuse(self, skips: Sequence[UnreadableLine]) -> None:
        """Lists files that the operator asked for and that cannot be read."""
        self.refused += skips
        self.version += 1

    def open(self, since: float | None = None) -> None:
        """Finds the transcripts changed after `since` (seconds UTC; None: all), and reads their first times."""
        found = sorted(find(self._roots, since, self.refused.append), key=lambda file: file.path)
        self.logs = [EventLog(file.path) for file in found]
        self.groups = ConnectedTranscripts(len(found))
        self._sizes = [file.size for file in found]
        self._read = [0] * len(found)
        self._finished = [False] * len(found)
        for index, file in enumerate(found):
            self._look(index, file)
        self.version += 1

    def step(self, budget: int = SLICE) -> bool:
        """Reads about `budget` more bytes. Returns True while something is left."""
        while self._waiting and budget > 0:
            _, index = heappop(self._waiting)
            budget -= max(1024, self._advance(index, PIECE))
            self._queue(index)
        if not self._waiting:
            self._place_the_timeless()
        return bool(self._waiting)

    def read_all(self) -> None:
        """Reads to the end."""
        while self.step(1 << 30):
            pass
        self._tailer.close()

    def close(self) -> None:
        """Closes all open files."""
        self._tailer.close()

    # -- queries ---------------------------------------------------------------------------------------

    @property
    def scan(self) -> Scan:
        """The progress of reading."""
        return Scan(sum(self._read), sum(self._sizes), sum(self._finished), len(self.logs))

    def skips(self, fed: Sequence[int]) -> list[UnreadableLine]:
        """The unreadable lines within these offsets, in time order."""
        found = [
            (log.times[index], number, index, skip)
            for number, (log, end) in enumerate(zip(self.logs, fed, strict=True))
            for index, skip in log.skips
            if index < end
        ]
        return [skip for *_, skip in sorted(found, key=itemgetter(0, 1, 2))]

    @property
    def complete(self) -> bool:
        """True if everything was read."""
        return not self._waiting

    @property
    def start(self) -> float | None:
        """The time of the first known entry in seconds UTC; None if no entry has a time yet."""
        return min((log.times[0] for log in self.logs if log.times), default=None)

    @property
    def end(self) -> float | None:
        """The time of the last entry in seconds UTC."""
        return max((log.times[-1] for log in self.logs if log.times), default=None)

    @property
    def horizon(self) -> float:
        """Everything before this time (seconds UTC) was read; minus infinity if nothing was."""
        if self._waiting:
            return math.nextafter(self._waiting[0][0], -math.inf)
        end = self.end
        return end if end is not None else -math.inf

    # -- inside ---------------------------------------------------------------------------------

    def _look(self, index: int, file: Found) -> None:
        """Finds out when a transcript begins; the head of an uncompressed one is read for this."""
        if file.path.endswith(".zst"):
            heappush(self._waiting, (_first_time(file.path, self._cap), index))
            return
        size = HEAD
        while size <= PIECE and not self.logs[index].times and not self._finished[index]:
            self._advance(index, size)
            size *= 4
        self._queue(index)

    def _queue(self, index: int) -> None:
        if not self._finished[index]:
            latest = self.logs[index].latest
            heappush(self._waiting, (latest if latest is not None else -math.inf, index))

    def _advance(self, index: int, limit: int) -> int:
        """Reads on in one transcript. Returns the number of bytes."""
        log = self.logs[index]
        batch = self._tailer.read_new(log.path, limit)
        self.version += 1
        if batch.reset:
            self._take(index, Batch(log.path, skips=[UnreadableLine(log.path, None, None, REWRITTEN)]))
            return self._finish(index)
        self._take(index, batch)
        if not batch.more:
            self._say_again(log)
            last = self._tailer.finish(log.path)
            if last is not None:
                self._take(index, last)
            return self._finish(index)
        self._read[index] = min(self._sizes[index], self._read[index] + limit)
        return limit

    def _take(self, index: int, batch: Batch) -> None:
        log = self.logs[index]
        self.groups.meet(index, [event.key for event in batch.events if isinstance(event, UsageReported)])
        self.spawns.take(log.path, batch.events)
        log.agent = batch.agent or log.agent
        log.add(in_file_order(batch.events, batch.skips))
        if batch.events and not log.is_begun:
            log.is_begun = True
            said = sidecar_event(log.path)
            if said is not None:
                log.add([said])
                log.sidecar = said if isinstance(said, LaneInfo) else None

    @staticmethod
    def _say_again(log: EventLog) -> None:
        """Repeats the sidecar's facts at the end of a file that was read at once, because they overrule its lines."""
        if log.sidecar is not None:
            log.add([log.sidecar])

    def _finish(self, index: int) -> int:
        took, self._read[index] = self._sizes[index] - self._read[index], self._sizes[index]
        self._finished[index] = True
        start = self.start
        if start is not None:
            self.logs[index].finish(start)
        return took

    def _place_the_timeless(self) -> None:
        """Puts transcripts without any time at the start."""
        start = self.start
        for log in self.logs:
            log.finish(start if start is not None else 0.0)


class ConnectedTranscripts:
    """Groups of transcripts that contain the same calls. Each transcript begins as a group of its own."""

    def __init__(self, count: int) -> None:
        self._of = list(range(count))
        self._members = [[index] for index in range(count)]
        self._first: dict[str, int] = {}
        """The transcript in which each call was first found."""
        self.version = 0
        """Grows when groups are joined."""

    def meet(self, index: int, calls: Iterable[str]) -> None:
        """Notes that the transcript contains these calls."""
        for call in calls:
            other = self._first.setdefault(call, index)
            if self._of[other] != self._of[index]:
                self._join(self._of[other], self._of[index])

    def of(self, index: int) -> int:
        """The name of a transcript's group: its smallest index."""
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


def _first_time(path: str, cap: int) -> float:
    """The time (seconds UTC) at which a compressed transcript begins, from its first bytes.

    Minus infinity if unknown.
    """
    try:
        opened = open_transcript(path)
    except Refused:
        return -math.inf
    stream = ZstStream(opened.fd)
    transcript = Transcript(path, None, cap=cap)
    try:
        left = PIECE
        while left > 0 and (data := stream.read(left)):
            left -= len(data)
            for entry in transcript.feed(data):
                if not isinstance(entry, UnreadableLine) and entry.at is not None:
                    return entry.at
    except (BrokenArchive, OSError):
        pass
    finally:
        stream.close()
    return -math.inf
