"""A recording played through the one Supervisor: the picture at any moment of recorded time."""

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
"""Buckets of the histogram: more than any terminal is wide."""
BYTES_PER_ENTRY = 1000
"""Of a transcript, about: so that taking in keeps up with reading."""


@frozen
class ActionMark:
    """Where an action of a lane begins: seconds UTC, the lane, its name (raw text)."""

    at: float
    lane: LaneId
    name: str


@frozen
class TimelineSummary:
    """What has been read of a recording so far. Times are seconds UTC.

    `burn[i]` is the tokens spent in the bucket that begins at `start + i * step_s`.
    """

    start: float = 0.0
    end: float = 0.0
    step_s: float = 1.0
    burn: array[int] = field(default_factory=lambda: array("q"))
    findings: tuple[Finding, ...] = ()
    """All, ended ones too, by their beginning; those of unknown time come first."""
    actions: tuple[ActionMark, ...] = ()
    """By their beginning."""


class Player:
    """Where a replay stands. Not thread-safe.

    The picture at a moment is that of all entries up to and including it, whichever way one came there. No live
    process is looked at: a lane is judged by what its transcript had said by then.
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
        """Seconds UTC of recorded time."""

    def step(self, budget: int = SLICE) -> bool:
        """Reads about `budget` bytes more and leaves checkpoints in what was read. True while something is left.

        Whoever steps the recording alone has a player that works, and is slow to go back.
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
        """Everything has been read, and stays: the collector need not look at it again with every move.

        For a process that does nothing else. With 1 GB of transcripts each look takes longer than a move; and a move
        makes so many objects that the collector would look at them after each one.
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 20, 100)

    @property
    def recording(self) -> Recording:
        """What is played."""
        return self._recording

    @property
    def size(self) -> int:
        """Bytes that checkpoints and packed events take."""
        return self._indexer.size + sum(log.packed_bytes for log in self._recording.logs)

    @property
    def supervisor(self) -> Supervisor:
        """As it stands at `at`."""
        self._cursor.go(self.at)
        return self._cursor.supervisor

    def seek(self, at: float) -> None:
        """Goes to a moment (seconds UTC), back or forward; to the start or the horizon where it lies beyond."""
        start = self._recording.start
        if start is None:
            return
        self.at = max(start, min(at, self.last))

    @property
    def last(self) -> float:
        """The latest moment that can be gone to now (seconds UTC): the horizon, and `until` once all has been read."""
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
        at = horizon if math.isfinite(horizon) else self.at  # nothing was found
        return self._indexer.supervisor.snapshot(at, self._midnight(at))

    # -- where to go ----------------------------------------------------------------------------

    def next_event(self) -> float | None:
        """When the next entry of any transcript stands, after `at`; None: there is none before the horizon."""
        times = (log.times for log in self._recording.logs)
        following = (each[at] for each in times if (at := bisect_right(each, self.at)) < len(each))
        return self._known(min(following, default=None))

    def previous_event(self) -> float | None:
        """When the newest entry before `at` stands."""
        times = (log.times for log in self._recording.logs)
        return max((each[at - 1] for each in times if (at := bisect_left(each, self.at))), default=None)

    def event_times(self, after: float, until: float) -> list[float]:
        """The moments at which entries stand, after `after` and no later than `until` (seconds UTC), in order."""
        found: set[float] = set()
        for log in self._recording.logs:
            found.update(log.times[log.until(after) : log.until(until)])
        return sorted(found)

    def skews(self) -> tuple[Skew, ...]:
        """Where the clocks of a child and its parent differ, by what has been read so far."""
        self.marks()
        return skews(self._indexer.supervisor.descents(), self._recording.spawns.all())

    def next_action(self, lane: LaneId | None = None) -> float | None:
        """When the next action begins, of any lane or of this one."""
        return self._known(_after(self._action_times(lane), self.at))

    def previous_action(self, lane: LaneId | None = None) -> float | None:
        """When the newest action before `at` began."""
        return _before(self._action_times(lane), self.at)

    def next_finding(self) -> float | None:
        """When the next finding was raised."""
        return self._known(_after(self._finding_times(), self.at))

    def previous_finding(self) -> float | None:
        """When the newest finding before `at` was raised."""
        return _before(self._finding_times(), self.at)

    def marks(self) -> TimelineSummary:
        """What is known of the whole recording so far. The same object while nothing more has been read."""
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
