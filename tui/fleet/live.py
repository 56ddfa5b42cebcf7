"""Reads transcripts into the Supervisor: history newest first, a slice at a time, and every change at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from tui.agents.registry import files_of, sidecar_at, sidecar_for
from tui.fleet.deferral import ALL_AT_ONCE, Deferral
from tui.fleet.judge_pool import JudgePool, PoolSetup
from tui.fleet.late_judge import LateJudge, ShapeListener
from tui.fleet.picture import Picture, Taken
from tui.fleet.supervisor import Supervisor
from tui.io.files import is_inside
from tui.io.lines import LINE_CAP
from tui.judge.ended import EndedJudge
from tui.judge.lane import LaneJudge
from tui.ledger.past_calls import PastCalls
from tui.model.event import LaneInfo, UnreadableLine
from tui.model.snapshot import Fleet, ProcessFact, Scan
from tui.sources.discover import OUTSIDE, Found, OwnHomes, Root, RootKind, Roots, find
from tui.sources.sidecar import facts_beside, sidecar_event
from tui.sources.tail import Batch, Tailer
from tui.sources.transcript import Transcript

SLICE = 256 * 1024
"""Bytes that are read before the keyboard is served again: about a millisecond of parsing."""
JUDGE_SLICE = 16 * 1024
"""Bytes that are judged before the keyboard is served again: some milliseconds."""
POOL_SLICE = 4 << 20
"""Bytes that are read before worker processes are given their next transcripts."""
LEAST_OF_A_WORKER = 8 << 20
"""Bytes for which it is worth starting a worker process: judging them takes longer than its start."""


class Kept(Protocol):
    """A picture that was kept."""

    @property
    def picture(self) -> Picture:
        """The picture."""
        ...

    def calls(self, local: str) -> PastCalls:
        """The calls of one of its lanes."""
        ...


class Pictures(Protocol):
    """The pictures that were kept of transcripts that have not changed since."""

    def of(self, found: Sequence[Found], counted: Collection[str]) -> Mapping[str, Kept]:
        """The pictures of these transcripts, by path. Those that are only `counted` need not be judged."""
        ...


class LiveFleet:
    """Transcripts on disk and their lanes. Not thread-safe. Reads files, but no clock: callers state the times."""

    def __init__(
        self,
        roots: Sequence[Root] | Roots,
        supervisor: Supervisor,
        line_cap: int = LINE_CAP,
        own: Roots = tuple,
        deferral: Deferral = ALL_AT_ONCE,
        outside: str = OUTSIDE,
        ended_before: float = float("-inf"),
    ) -> None:
        """A fleet of the transcripts below the roots.

        Args:
            roots: where transcripts are searched.
            supervisor: takes what is read.
            line_cap: a longer line is left out, in bytes.
            own: gives the user's own agent homes: only lanes in them can be acted on.
            deferral: chooses the transcripts that are judged after all were read.
            outside: why a lane in none of these homes cannot be acted on.
            ended_before: of the judges of transcripts that last changed before (seconds UTC), only what they found is
                kept.
        """
        self._roots = roots
        self.own = OwnHomes(own, outside)
        self.supervisor = supervisor
        self._line_cap = line_cap
        self._tailer, again = (
            Tailer(lambda: self.roots, lambda path, hint: Transcript(path, hint, cap=line_cap)) for _ in range(2)
        )
        self._deferral = deferral
        self._ended_before = ended_before
        self._late = LateJudge(supervisor, self._tailer, again, facts_beside)
        self._late.on_judged = self._settle
        self._pool: JudgePool | None = None
        self._waiting: deque[str] = deque()
        self._queued: set[str] = set()
        self._sizes: dict[str, int] = {}
        """The size in bytes of each file when it was found."""
        self._pictured: Mapping[str, Kept] = {}
        """The pictures of transcripts that need not be read."""
        self._first_cwd: dict[str, str | None] = {}
        """The folder that the first lines of each transcript state."""
        self._old: set[str] = set()
        """Transcripts that had ended long before they were found, and have not changed since."""
        self._begun: set[str] = set()
        """Transcripts that have given an event. Their sidecars were read then."""
        self._last: set[str] = set()
        """Transcripts whose last line was taken without its newline."""
        self._progress: dict[str, int] = {}
        """The bytes read of files that are not finished."""
        self._total_bytes = 0
        self._done_bytes = 0

    @property
    def roots(self) -> list[Root]:
        """The present roots. They are computed each time, since homes and profiles come and go."""
        return list(self._roots() if callable(self._roots) else self._roots)

    # -- history --------------------------------------------------------------------------------

    def find(self, since: float | None) -> tuple[list[Found], list[UnreadableLine]]:
        """Transcripts changed after `since` (seconds UTC; None: all), newest first, and what was refused.

        Changes nothing, so it may be called from another thread; `add` takes the result.
        """
        refused: list[UnreadableLine] = []
        return find(self.roots, since, refused.append), refused

    def add(
        self, found: Iterable[Found], refused: Iterable[UnreadableLine] = (), pictures: Pictures | None = None
    ) -> None:
        """Queues transcripts in this order. Those of which there are `pictures` are not read."""
        new = [file for file in found if file.path not in self._sizes]
        if pictures is not None:
            self.supervisor.take_notes()
            self._late.restored = self._judges_of
        if pictures is not None and self._deferral.judges_all:
            self._pictured = pictures.of(new, ())
            deferred = self._deferral.deferred([file for file in new if file.path not in self._pictured])
        else:
            deferred = self._deferral.deferred(new)
            if pictures is not None:
                self._pictured = pictures.of(new, frozenset(deferred))
        self.supervisor.defer(deferred)
        self._late.add(deferred)
        for file in new:
            self._sizes[file.path] = file.size
            if file.mtime < self._ended_before:
                self._old.add(file.path)
            self._total_bytes += file.size
            self._queue(file.path)
        self.refuse(refused)
        self._tell_scan()

    def refuse(self, skips: Iterable[UnreadableLine]) -> None:
        """Lists files that the operator asked for and that cannot be read."""
        self.supervisor.feed("", "", skips)

    @property
    def reading(self) -> bool:
        """True while something is left to read."""
        return bool(self._waiting)

    def step(self, budget: int = SLICE) -> None:
        """Reads about `budget` bytes more of what is queued."""
        while self._waiting and budget > 0:
            path = self._waiting[0]
            kept = self._pictured.get(path)
            if kept is not None:
                self._restore(path, kept)
                self._count(path, Batch(path), budget)
                budget -= 1024
                self._waiting.popleft()
                self._queued.discard(path)
                continue
            batch = self._read(path, budget)
            budget -= max(1024, self._count(path, batch, budget))
            if batch.more:
                break
            self._waiting.popleft()
            self._queued.discard(path)
            self._settle(path)
        self._tell_scan()

    def read_all(self) -> None:
        """Reads everything that was found, for callers that show one snapshot and end.

        If `judge_in_workers` was called, it also waits until all of it is judged.
        """
        pool = self._pool
        while self._waiting:
            self.step(POOL_SLICE if pool is not None else 1 << 30)
            if pool is not None:
                pool.collect()
        self.take_last_lines()
        self.supervisor.feed("", "", self._tailer.unread())
        if pool is not None:
            pool.give_all(self._late)
            self._pool = None

    # -- pictures of what has ended -------------------------------------------------------------------

    def overtaken(self, keys: Callable[[Iterable[int]], set[str]]) -> set[str]:
        """The transcripts whose pictures were used and are not right beside what was read.

        As of the last snapshot. If there are any, everything must be read again without their pictures. `keys` gives
        the transcripts among those with pictures that state one of these calls.
        """
        if not self._pictured:
            return set()
        found = self.supervisor.changed_forks() | self._late.unready | keys(self.supervisor.call_keys())
        return found & self._pictured.keys()

    def ended(self) -> Iterable[tuple[str, Taken]]:
        """The pictures of all transcripts that were read and may be pictured, as of the last snapshot.

        A file with an unfinished last line is left out, since it is read in another order.
        """
        for path in self._begun - self._pictured.keys():
            if self._tailer.reached(path) is not None and self._tailer.took_last_line(path) and path not in self._last:
                yield path, self.supervisor.picture(path, self._first_cwd.get(path))

    def _restore(self, path: str, kept: Kept) -> None:
        picture = kept.picture
        if picture.lanes:
            self.supervisor.apply_owner(path, self._why_recording(path, picture.agent, picture.cwd))
        self.supervisor.restore(path, picture, kept.calls)

    def _judges_of(self, path: str) -> Mapping[str, LaneJudge] | None:
        """The judges of a transcript that was not read; None if it was, or if its picture has none."""
        kept = self._pictured.get(path)
        if kept is None or not kept.picture.is_judged:
            return None
        return {lane.local: EndedJudge(lane.judgement) for lane in kept.picture.lanes if lane.judgement is not None}

    # -- judging later ---------------------------------------------------------------------------------

    def judge_in_workers(self, most: int, on_shapes: ShapeListener | None = None) -> None:
        """Judges all deferred transcripts in worker processes. Call it between `add` and `read_all`.

        Args:
            most: the greatest number of processes.
            on_shapes: takes the shapes of all actions of each transcript.
        """
        self._late.on_shapes = on_shapes
        paths = sorted(self._late.paths, key=lambda path: self._sizes[path], reverse=True)
        size = sum(self._sizes[path] for path in paths)
        count = min(most, len(paths), size // LEAST_OF_A_WORKER)
        if count < 1:
            return
        factory = self.supervisor.factory
        shapes = on_shapes is not None
        setup = PoolSetup(self.roots, self._line_cap, factory.prices, factory.limits, keeps_shapes=shapes)
        self._pool = JudgePool(setup, count)
        self._pool.add(paths)

    @property
    def judging(self) -> bool:
        """True while lanes wait to be judged and everything that was found has been read."""
        return self._late.waiting and not self._waiting

    def judge_step(self, budget: int = JUDGE_SLICE) -> bool:
        """Reads about `budget` bytes of deferred transcripts again and judges them. True if lanes were judged."""
        return self._late.step(budget)

    def judge_related(self) -> None:
        """Judges deferred lanes that may be in one family with a judged lane, as of the last snapshot."""
        self._late.judge(self.supervisor.related_transcripts())

    def judge_first(self, paths: Iterable[str]) -> None:
        """Judges the lanes of these transcripts before all others, in this order."""
        self._late.first(paths)

    def observe(self, processes: Sequence[ProcessFact], registries: Sequence[str]) -> bool:
        """Sets which agent processes live now: see `Supervisor.observe`. Lanes with a process are judged first."""
        changed = self.supervisor.observe(processes, registries)
        if self._late.waiting:
            self._late.first(path for fact in processes for path in self._late.waiting_for(fact))
        return changed

    # -- changes --------------------------------------------------------------------------------

    def changed(self, paths: Iterable[str], budget: int = SLICE) -> bool:
        """Reads what is new in these paths.

        Returns True if anything changed. A path with more to read than the budget allows is put first in the queue.
        """
        news = False
        for path in paths:
            if (known := sidecar_at(path)) is not None:
                path = known.kind.transcript_of(path)  # noqa: PLW2901 (its transcript is what we know)
                self._read_sidecar(path)
                self._late.anew(path)
                news = True
            if path in self._queued:
                continue  # it is being read anyway
            batch = self._read(path, budget)
            if batch.events and self.supervisor.is_deferred(batch.path):
                self._late.add([batch.path])
                self._late.first([batch.path])
            news = news or bool(batch.events or batch.skips or batch.reset or batch.gone or batch.moved_from)
            if batch.more:
                self._queue(path, first=True)
        return news

    def take_last_lines(self) -> bool:
        """Takes last lines that are complete except for their newline.

        Returns True if there were any. Call it when nothing changes.
        """
        batches = self._tailer.last_lines()
        self._last.update(batch.path for batch in batches)
        for batch in batches:
            self._set_owner(batch)
            self._feed(batch)
            self._note_first_events(batch)
        return bool(batches)

    def snapshot(self, now: float, midnight: float) -> Fleet:
        """All lanes; see `Supervisor.snapshot`."""
        return self.supervisor.snapshot(now, midnight)

    def close(self) -> None:
        """Closes all open files."""
        self._tailer.close()
        self._late.close()

    # -- inside ---------------------------------------------------------------------------------

    def _read(self, path: str, budget: int) -> Batch:
        batch = self._tailer.read_new(path, budget)
        supervisor = self.supervisor
        self._set_owner(batch)
        if batch.moved_from is not None:
            supervisor.move(batch.moved_from, batch.path)
            if self._late.waits(batch.moved_from):
                self._late.drop(batch.moved_from)
                self._late.add([batch.path])
        if batch.reset:
            supervisor.forget(batch.path)
            self._late.drop(batch.path)
        if batch.events or batch.skips:
            self._feed(batch)
        self._note_first_events(batch)
        return batch

    def _feed(self, batch: Batch) -> None:
        """Feeds what was read. A lane that had ended and goes on is judged anew."""
        if batch.events:
            self._wake(batch.path)
        self.supervisor.feed(batch.path, batch.agent or "", [*batch.events, *batch.skips])

    def _wake(self, path: str) -> None:
        """Judges the lanes of a transcript anew if their judges had been settled, because they go on."""
        if self.supervisor.defer_again(path):
            self._old.discard(path)
            self._late.add([path])
            self._late.first([path])

    def _settle(self, path: str) -> None:
        """Gives up what only judging more of a transcript needs, if that has ended and was read to its last line."""
        if path in self._old and self._tailer.took_last_line(path):
            self.supervisor.settle(path)

    def _set_owner(self, batch: Batch) -> None:
        """Sets whether the transcript is the operator's own or a recording.

        Done before its first events, and whenever another file has its name.
        """
        is_new = bool(batch.events) and batch.path not in self._begun
        if is_new or batch.reset or batch.moved_from is not None:
            cwd = next((one.cwd for one in batch.events if isinstance(one, LaneInfo) and one.cwd), None)
            self._first_cwd[batch.path] = cwd
            self.supervisor.apply_owner(batch.path, self._why_recording(batch.path, batch.agent or "", cwd))

    def _why_recording(self, path: str, agent: str, cwd: str | None) -> str:
        """The reason why a transcript is a recording; empty if it is the operator's own. `cwd`: its first folder."""
        return self.own.recording(path) or self._why_copy(path, agent, cwd)

    def _why_copy(self, path: str, agent: str, cwd: str | None) -> str:
        """The reason why a transcript may be a copy of one that is not read; empty if it is no copy.

        In homes that are read whole, both files are lanes, and the tree distinguishes them.
        """
        if any(root.kind is RootKind.HOME and is_inside(path, [root.path]) for root in self.roots):
            return ""
        other = self.own.other_folder(path)
        if other is None:
            return ""
        if cwd is not None and files_of(agent).is_place_of(path, cwd):
            return ""
        return f"another transcript of its session lies in {other}: one of the two is a copy"

    def _note_first_events(self, batch: Batch) -> None:
        """Reads the sidecar of a transcript that gives its first event."""
        if batch.events and batch.path not in self._begun:
            self._begun.add(batch.path)
            self._read_sidecar(batch.path)

    def _read_sidecar(self, path: str) -> None:
        known = sidecar_for(path)
        said = sidecar_event(path)
        if known is not None and said is not None:
            self._wake(path)
            self.supervisor.feed(path, known.agent, [said])

    def _queue(self, path: str, *, first: bool = False) -> None:
        if path in self._queued:
            return
        self._queued.add(path)
        if first:
            self._waiting.appendleft(path)
        else:
            self._waiting.append(path)

    def _count(self, path: str, batch: Batch, budget: int) -> int:
        """The bytes of this read, for the budget and for the progress bar."""
        size, before = self._sizes.get(path, 0), self._progress.pop(path, 0)
        reached = min(size, before + budget) if batch.more else size
        if batch.more:
            self._progress[path] = reached
        self._done_bytes += reached - before
        return budget if batch.more else reached - before

    def _tell_scan(self) -> None:
        done_files = len(self._sizes) - len(self._waiting)
        self.supervisor.set_scan(Scan(self._done_bytes, self._total_bytes, max(0, done_files), len(self._sizes)))
