"""Plays a recording: gives the snapshot of any moment of recorded time."""

from __future__ import annotations

import gc
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import field

from tui.fleet.clock_skew import Skew, skews
from tui.fleet.refresh import EXACT, RefreshPolicy
from tui.fleet.supervisor import Supervisor
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.model.snapshot import Action, Fleet
from tui.replay.checkpoints import ReplayIndexer
from tui.replay.cursor import ReplayCursor
from tui.replay.recording import SLICE, Recording

CELLS = 600
"""Buckets of the histogram: more than a terminal has columns."""
BYTES_PER_ENTRY = 1000
"""About this many bytes of a transcript make one entry. With it, feeding keeps up with reading."""


@frozen
class ActionMark:
    """The beginning of an action: seconds UTC, the lane, its name (raw text)."""

    at: float
    lane: LaneId
    name: str


@frozen
class TimelineSummary:
    """A summary of the recording, as far as it was read. Times are seconds UTC.

    `burn[i]` is the number of tokens spent in the bucket that begins at `start + i * step_s`.
    """

    start: float = 0.0
    end: float = 0.0
    step_s: float = 1.0
    burn: array[int] = field(default_factory=lambda: array("q"))
    findings: tuple[Finding, ...] = ()
    """All findings, ended ones too, by their beginning. Findings of unknown time come first."""
    actions: tuple[ActionMark, ...] = ()
    """The actions by their beginning."""


class Player:
    """The position of a replay. Not thread-safe.

    The snapshot of a moment includes all entries up to that moment, in whatever way the moment was reached. No live
    process is examined: a lane is judged by what its transcript had stated by then.
    """

    def __init__(
        self,
        recording: Recording,
        make: Callable[[RefreshPolicy], Supervisor],
        midnight: Callable[[float], float],
        until: float | None = None,
    ) -> None:
        """A player at the start of the recording.

        `make` gives a new Supervisor with the operator's settings and the given pace, `midnight` when the day of a
        time began.

        `until` (seconds UTC): recorded time goes on to there after the last entry, so that silence is judged too.
        """
        self._until = until
        self._recording = recording
        self._midnight = midnight
        self._indexer = ReplayIndexer(recording, make(EXACT), midnight)
        self._cursor = ReplayCursor(recording, self._indexer, lambda: make(EXACT), midnight)
        self._marks = TimelineSummary()
        self._marks_of = -1
        start = recording.start
        self.at = start if start is not None else 0.0
        """The present moment in seconds UTC of recorded time."""

    def step(self, budget: int = SLICE) -> bool:
        """Reads about `budget` more bytes and saves checkpoints. Returns True while something is left.

        If only the recording was stepped, the player works too, but goes back slowly.
        """
        reading = self._recording.step(budget)
        indexing = self._indexer.step(budget // BYTES_PER_ENTRY)
        return reading or indexing

    def load(self) -> None:
        """Reads to the end."""
        while self.step(1 << 24):
            pass
        self._recording.close()

    def settle(self) -> None:
        """Tells the garbage collector to ignore everything that was read. For a process that only replays.

        With 1 GB of transcripts each collection takes longer than a move, and each move makes so many objects that a
        collection would follow.
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)

    @property
    def recording(self) -> Recording:
        """The recording that is played."""
        return self._recording

    @property
    def size(self) -> int:
        """The size of checkpoints and packed events in bytes."""
        return self._indexer.size + sum(log.packed_bytes for log in self._recording.logs)

    @property
    def supervisor(self) -> Supervisor:
        """The Supervisor at `at`."""
        self._cursor.go(self.at)
        return self._cursor.supervisor

    def seek(self, at: float) -> None:
        """Goes to a moment (seconds UTC). A moment outside the recording is moved to its start or its horizon."""
        start = self._recording.start
        if start is None:
            return
        self.at = max(start, min(at, self.last))

    @property
    def last(self) -> float:
        """The latest moment that can be reached now, in seconds UTC: the horizon, or `until` once all is read."""
        recording = self._recording
        if self._until is None or not recording.complete:
            return recording.horizon
        return max(recording.horizon, self._until)

    def snapshot(self) -> Fleet:
        """All lanes at `at`. The same object while nothing has changed."""
        supervisor = self.supervisor
        supervisor.set_scan(self._recording.scan)
        return supervisor.snapshot(self.at, self._midnight(self.at))

    def whole(self) -> Fleet:
        """All lanes at the end of what has been read."""
        while self._indexer.step(1 << 20):
            pass
        horizon = self._recording.horizon
        at = horizon if math.isfinite(horizon) else self.at  # nothing was read yet
        return self._indexer.supervisor.snapshot(at, self._midnight(at))

    # -- places to go to --------------------------------------------------------------------------------

    def next_event(self) -> float | None:
        """The time of the next entry after `at`; None if there is none before the horizon."""
        times = (log.times for log in self._recording.logs)
        following = (each[at] for each in times if (at := bisect_right(each, self.at)) < len(each))
        return self._known(min(following, default=None))

    def previous_event(self) -> float | None:
        """The time of the newest entry before `at`; None if there is none."""
        times = (log.times for log in self._recording.logs)
        return max((each[at - 1] for each in times if (at := bisect_left(each, self.at))), default=None)

    def event_times(self, after: float, until: float) -> list[float]:
        """The times of entries after `after` up to `until` (seconds UTC), in order."""
        found: set[float] = set()
        for log in self._recording.logs:
            found.update(log.times[log.until(after) : log.until(until)])
        return sorted(found)

    def skews(self) -> tuple[Skew, ...]:
        """Differences between the clocks of a child and its parent, as far as was read."""
        self.marks()
        return skews(self._indexer.supervisor.descents(), self._recording.spawns.all())

    def next_action(self, lane: LaneId | None = None) -> float | None:
        """The time of the next beginning of an action, of any lane or of this one."""
        return self._known(_after(self._action_times(lane), self.at))

    def previous_action(self, lane: LaneId | None = None) -> float | None:
        """The time of the newest beginning of an action before `at`."""
        return _before(self._action_times(lane), self.at)

    def next_finding(self) -> float | None:
        """The time at which the next finding was raised."""
        return self._known(_after(self._finding_times(), self.at))

    def previous_finding(self) -> float | None:
        """The time at which the newest finding before `at` was raised."""
        return _before(self._finding_times(), self.at)

    def marks(self) -> TimelineSummary:
        """The summary of the recording, as far as it was read. It is the same object until more was read."""
        recording = self._recording
        start, horizon = recording.start, recording.horizon
        if self._marks_of == recording.version or start is None or horizon < start:
            return self._marks
        self._marks_of = recording.version
        fleet = self.whole()
        findings = sorted((*fleet.findings, *fleet.past_findings), key=lambda one: (one.since or -math.inf, one.key))
        actions = sorted(
            (
                ActionMark(action.started, lane.id, action.name)
                for lane in fleet.lanes
                for action in self._actions(lane.id)
                if action.started is not None
            ),
            key=lambda mark: (mark.at, mark.lane),
        )
        step = max(1.0, (horizon - start) / CELLS)
        burn = self._indexer.supervisor.burn_over(start, step, int((horizon - start) // step) + 1)
        self._marks = TimelineSummary(start, horizon, step, burn, tuple(findings), tuple(actions))
        return self._marks

    # -- inside ---------------------------------------------------------------------------------

    def _actions(self, lane: LaneId) -> tuple[Action, ...]:
        ledger = self._indexer.supervisor.ledger(lane)
        return ledger.actions.newest(len(ledger.actions)) if ledger is not None else ()

    def _known(self, at: float | None) -> float | None:
        return at if at is not None and at <= self._recording.horizon else None

    def _action_times(self, lane: LaneId | None) -> list[float]:
        return [mark.at for mark in self.marks().actions if lane is None or mark.lane == lane]

    def _finding_times(self) -> list[float]:
        return [finding.since for finding in self.marks().findings if finding.since is not None]


def _after(times: Sequence[float], at: float) -> float | None:
    return next((time for time in times if time > at), None)


def _before(times: Sequence[float], at: float) -> float | None:
    return next((time for time in reversed(times) if time < at), None)
