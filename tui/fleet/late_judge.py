"""Judges lanes later than they were read: it reads their transcripts again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tui.fleet.supervisor import Supervisor
from tui.judge.lane import LaneJudge
from tui.model.event import Event
from tui.model.snapshot import Judging, ProcessFact
from tui.sources.tail import Tailer

STARTED = 3
"""The most transcripts that may be judged in part, so that another one can be judged in between."""
LEAST = 1024
"""A transcript counts as at least this many bytes of the budget, because opening a file takes time, too."""

ReadFacts = Callable[[str], Event | None]
"""Returns the facts in the small file beside a transcript; None if there are none."""


@dataclass(slots=True)
class _Started:
    """A transcript that was judged in part."""

    judges: dict[str, LaneJudge] = field(default_factory=dict[str, LaneJudge])
    """By the lane's name within the transcript."""
    has_facts: bool = False
    """True if its sidecar was read. This is done after its first events."""


class LateJudge:
    """Judges the lanes of deferred transcripts, a slice at a time.

    The same reader makes the same events of the same bytes. A lane gets its judge when the judge has taken exactly the
    bytes that were read for the lane, so that both continue with the same line. Until then the lane is not judged.
    """

    def __init__(self, supervisor: Supervisor, read: Tailer, again: Tailer, facts: ReadFacts) -> None:
        """`read` has read the transcripts, `again` reads them a second time. `facts` reads their sidecars."""
        self._supervisor = supervisor
        self._read = read
        self._again = again
        self._facts = facts
        self._waiting: dict[str, None] = {}
        """Paths in the order in which they are judged."""
        self._started: dict[str, _Started] = {}
        self._done = 0

    @property
    def waiting(self) -> bool:
        """True while something is left to judge."""
        return bool(self._waiting)

    def waits(self, path: str) -> bool:
        """True if the lanes of this transcript are still to be judged."""
        return path in self._waiting

    def waiting_for(self, process: ProcessFact) -> list[str]:
        """The queued transcripts that may be of the process's session."""
        session = process.session
        return [
            path for path in self._waiting if path == process.transcript or (session is not None and session in path)
        ]

    def anew(self, path: str) -> None:
        """Begins a transcript again, since its sidecar changed."""
        if path in self._started:
            self._give_up(path)

    def add(self, paths: Iterable[str]) -> None:
        """Appends deferred transcripts to the queue."""
        for path in paths:
            self._waiting.setdefault(path)
        self._tell()

    def first(self, paths: Iterable[str]) -> None:
        """Moves these of the queued transcripts to the front, in this order."""
        wanted = [path for path in dict.fromkeys(paths) if path in self._waiting]
        if wanted and wanted != [path for path, _ in zip(self._waiting, wanted, strict=False)]:
            self._waiting = {**dict.fromkeys(wanted), **self._waiting}

    def drop(self, path: str) -> None:
        """Removes a transcript from the queue, because it is read again or has another name now."""
        if path in self._waiting:
            del self._waiting[path]
            self._give_up(path)
            self._tell()

    def close(self) -> None:
        """Closes all open files."""
        self._again.close()

    def judge(self, paths: Iterable[str]) -> None:
        """Judges all lanes of these transcripts that wait."""
        for path in paths:
            while path in self._waiting:
                self._step(path, 1 << 30)
        self._tell()

    def step(self, budget: int) -> bool:
        """Reads about `budget` bytes again and judges them. True if lanes got their judges."""
        done = self._done
        while self._waiting and budget > 0:
            budget -= max(LEAST, self._step(next(iter(self._waiting)), budget))
        if self._done == done:
            return False
        self._tell()
        return True

    # -- inside ---------------------------------------------------------------------------------

    def _step(self, path: str, budget: int) -> int:
        """Judges at most `budget` bytes of a transcript. At its end, it leaves the queue.

        Returns the number of bytes.
        """
        before = self._offset(path)
        is_done = self._advance(path, budget)
        read = self._offset(path) - before
        if is_done is not None:
            self._finish(path, judged=is_done)
        return read

    def _advance(self, path: str, budget: int) -> bool | None:
        """Judges more of a transcript. None: there is more; True: all of it; False: it cannot be read again."""
        read = self._read.reached(path)
        if read is None or not self._supervisor.is_deferred(path):
            return False
        started = self._start(path)
        before = self._offset(path)
        batch = self._again.read_new(path, min(budget, read.offset - before))
        if batch.path != path or batch.reset or batch.gone:
            return False
        self._take(started, batch.events)
        if batch.events and not started.has_facts:
            started.has_facts = True
            facts = self._facts(path)
            self._take(started, [facts] if facts is not None else [])
        again = self._again.reached(path)
        if again is None or (again.offset < read.offset and again.offset == before):
            return False
        if again.offset < read.offset:
            return None
        return again == read and self._take_last_line(path, started)

    def _take_last_line(self, path: str, started: _Started) -> bool:
        """Takes a last line without its newline if it was taken when the transcript was read. Returns True."""
        if self._read.took_last_line(path) and not self._again.took_last_line(path):
            last = self._again.finish(path)
            self._take(started, last.events if last is not None else [])
        return True

    def _take(self, started: _Started, events: Iterable[Event]) -> None:
        judges = started.judges
        for event in events:
            judge = judges.get(event.lane)
            if judge is None:
                judge = judges[event.lane] = self._supervisor.new_judge()
            judge.apply(event)

    def _start(self, path: str) -> _Started:
        known = self._started.get(path)
        if known is not None:
            return known
        while len(self._started) >= STARTED:
            self._give_up(max(self._started, key=list(self._waiting).index))
        made = self._started[path] = _Started()
        return made

    def _finish(self, path: str, *, judged: bool) -> None:
        del self._waiting[path]
        started = self._started.get(path)
        if judged and started is not None:
            self._supervisor.take_judges(path, started.judges)
        self._give_up(path)
        self._done += 1

    def _give_up(self, path: str) -> None:
        self._started.pop(path, None)
        self._again.detach(path)

    def _offset(self, path: str) -> int:
        reached = self._again.reached(path)
        return reached.offset if reached is not None else 0

    def _tell(self) -> None:
        self._supervisor.set_judging(Judging(self._done, self._done + len(self._waiting)))
