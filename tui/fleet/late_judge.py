"""Judges lanes later than they were read: it reads their transcripts again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tui.fleet.supervisor import Supervisor
from tui.fleet.transcript_judge import ReadFacts, TranscriptJudge
from tui.judge.actions import ActionShape
from tui.judge.lane import LaneJudge
from tui.model.snapshot import Judging, ProcessFact
from tui.sources.tail import Tail, Tailer

STARTED = 3
"""The most transcripts that may be judged in part, so that another one can be judged in between."""
LEAST = 1024
"""A transcript counts as at least this many bytes of the budget, because opening a file takes time, too."""

ShapeListener = Callable[[str, Mapping[str, Mapping[int, ActionShape]]], None]
"""Takes the shapes of the actions of a transcript, by the lane's name within it and by the offset of their prompt."""


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
        self.on_shapes: ShapeListener | None = None
        """Takes the shapes of all actions of each transcript that was judged."""
        self._waiting: dict[str, None] = {}
        """Paths in the order in which they are judged."""
        self._started: dict[str, TranscriptJudge] = {}
        self._done = 0
        self.on_judged: Callable[[str], None] | None = None
        """Is told each transcript whose lanes got their judges."""
        self.restored: Callable[[str], Mapping[str, LaneJudge] | None] | None = None
        """Gives the judges of a transcript that was not read, because a picture of it was kept."""
        self.unready: set[str] = set()
        """Transcripts that were not read and whose pictures have no judges."""

    @property
    def waiting(self) -> bool:
        """True while something is left to judge."""
        return bool(self._waiting)

    @property
    def paths(self) -> list[str]:
        """The transcripts that are still to be judged, in their order."""
        return list(self._waiting)

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

    def take_judged(self, path: str, tail: Tail, judged: TranscriptJudge) -> None:
        """Takes a transcript that another process judged as far as `tail`. What is missing is judged now.

        It must have been read completely. If it is not the same file any more, all of it is judged now.
        """
        read = self._read.reached(path)
        if path not in self._waiting or read is None:
            return
        self._give_up(path)
        if tail.path == path and tail.file == (read.dev, read.ino) and tail.offset <= read.offset:
            self._again.attach([tail])
            judged.continue_with(self._again, self._supervisor.factory, self._facts)
            self._started[path] = judged
        self.judge([path])

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
        ready = self.restored(path) if self.restored is not None else None
        if ready is not None:
            self._supervisor.take_judges(path, ready)
            self._finish(path, judged=False)
            return 0
        before = self._offset(path)
        is_done = self._advance(path, budget)
        read = self._offset(path) - before
        if is_done is not None:
            self._finish(path, judged=is_done)
        return read

    def _advance(self, path: str, budget: int) -> bool | None:
        """Judges more of a transcript. None: there is more; True: all of it; False: it cannot be read again."""
        read = self._read.reached(path)
        if read is None and self.restored is not None and self._supervisor.is_deferred(path):
            self.unready.add(path)
        if read is None or not self._supervisor.is_deferred(path):
            return False
        started = self._start(path)
        before = self._offset(path)
        if started.read(min(budget, read.offset - before)) is None:
            return False
        again = self._again.reached(path)
        if again is None or (again.offset < read.offset and again.offset == before):
            return False
        if again.offset < read.offset:
            return None
        return again == read and self._take_last_line(path, started)

    def _take_last_line(self, path: str, started: TranscriptJudge) -> bool:
        """Takes a last line without its newline if it was taken when the transcript was read. Returns True."""
        if self._read.took_last_line(path) and not self._again.took_last_line(path):
            last = self._again.finish(path)
            started.take(last.events if last is not None else [])
        return True

    def _start(self, path: str) -> TranscriptJudge:
        known = self._started.get(path)
        if known is not None:
            return known
        while len(self._started) >= STARTED:
            self._give_up(max(self._started, key=list(self._waiting).index))
        made = self._started[path] = TranscriptJudge(
            path, self._again, self._supervisor.factory, self._facts, keeps_shapes=self.on_shapes is not None
        )
        return made

    def _finish(self, path: str, *, judged: bool) -> None:
        del self._waiting[path]
        started = self._started.get(path)
        if judged and started is not None:
            self._supervisor.take_judges(path, started.judges)
            if self.on_shapes is not None:
                self.on_shapes(path, started.shapes)
            if self.on_judged is not None:
                self.on_judged(path)
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
