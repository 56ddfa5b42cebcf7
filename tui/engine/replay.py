"""A recording played through the one Supervisor: the picture at any moment of recorded time."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from tui.engine.marks import CELLS, ActionMark, Marks
from tui.engine.recording import Recording
from tui.engine.supervisor import Supervisor
from tui.engine.track import Entry
from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet


class Player:
    """Where a replay stands. Not thread-safe.

    The picture at a moment is that of all entries up to and including it, whichever way one came there. No live
    process is looked at: a lane is judged by what its transcript had said by then.
    """

    def __init__(
        self,
        recording: Recording,
        make: Callable[[], Supervisor],
        midnight: Callable[[float], float],
        until: float | None = None,
    ) -> None:
        """`make` gives a new Supervisor with the operator's settings, `midnight` when the day of a time began.

        `until` (seconds UTC): recorded time goes on to there after the last entry, so that silence is judged too.
        """
        self._until = until
        self._recording = recording
        self._make = make
        self._midnight = midnight
        self._head = _Head(recording, make)
        """At `at`."""
        self._lead = _Head(recording, make)
        """At the horizon: knows what is to come."""
        self._marks = Marks()
        self._marks_of = -1
        start = recording.start
        self.at = start if start is not None else 0.0
        """Seconds UTC of recorded time."""

    @property
    def supervisor(self) -> Supervisor:
        """As it stands at `at`."""
        self._head.go(self.at)
        return self._head.supervisor

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
        horizon = self._recording.horizon
        self._lead.go(horizon)
        return self._lead.supervisor.snapshot(horizon, self._midnight(horizon))

    # -- where to go ----------------------------------------------------------------------------

    def next_event(self) -> float | None:
        """When the next entry of any transcript stands, after `at`; None: there is none before the horizon."""
        times = (track.times for track in self._recording.tracks)
        following = (each[at] for each in times if (at := bisect_right(each, self.at)) < len(each))
        return self._known(min(following, default=None))

    def previous_event(self) -> float | None:
        """When the newest entry before `at` stands."""
        times = (track.times for track in self._recording.tracks)
        return max((each[at - 1] for each in times if (at := bisect_left(each, self.at))), default=None)

    def next_action(self, lane: LaneId | None = None) -> float | None:
        """When the next action begins, of any lane or of this one."""
        return _after(self._action_times(lane), self.at)

    def previous_action(self, lane: LaneId | None = None) -> float | None:
        """When the newest action before `at` began."""
        return _before(self._action_times(lane), self.at)

    def next_finding(self) -> float | None:
        """When the next finding was raised."""
        return _after(self._finding_times(), self.at)

    def previous_finding(self) -> float | None:
        """When the newest finding before `at` was raised."""
        return _before(self._finding_times(), self.at)

    def marks(self) -> Marks:
        """What is known of the whole recording so far. The same object while nothing more has been read."""
        recording = self._recording
        start, horizon = recording.start, recording.horizon
        if self._marks_of == recording.version or start is None or horizon < start:
            return self._marks
        self._marks_of = recording.version
        self._lead.go(horizon)
        fleet = self._lead.supervisor.snapshot(horizon, self._midnight(horizon))
        findings = sorted((*fleet.findings, *fleet.past_findings), key=lambda one: (one.since or -math.inf, one.key))
        actions = sorted(
            (
                ActionMark(action.started, lane.id, action.name)
                for lane in fleet.lanes
                for action in lane.actions
                if action.started is not None
            ),
            key=lambda mark: (mark.at, mark.lane),
        )
        step = max(1.0, (horizon - start) / CELLS)
        burn = self._lead.supervisor.burn_over(start, step, int((horizon - start) // step) + 1)
        self._marks = Marks(start, horizon, step, burn, tuple(findings), tuple(actions))
        return self._marks

    # -- inside ---------------------------------------------------------------------------------

    def _known(self, at: float | None) -> float | None:
        return at if at is not None and at <= self._recording.horizon else None

    def _action_times(self, lane: LaneId | None) -> list[float]:
        return [mark.at for mark in self.marks().actions if lane is None or mark.lane == lane]

    def _finding_times(self) -> list[float]:
        return [finding.since for finding in self.marks().findings if finding.since is not None]


class _Head:
    """A Supervisor and how much of each track it was fed."""

    def __init__(self, recording: Recording, make: Callable[[], Supervisor]) -> None:
        self._recording = recording
        self._make = make
        self._fed: array[int] = array("q")
        self.supervisor = self._new()
        self._refused = 0

    def go(self, at: float) -> None:
        """Feeds what stands between; from the start where it is before what was fed."""
        tracks = self._recording.tracks
        ends = [track.until(at) for track in tracks]
        if any(end < fed for end, fed in zip(ends, self._fed, strict=False)):
            self.supervisor = self._new()
            self._fed, self._refused = array("q"), 0
        self._fed.extend([0] * (len(tracks) - len(self._fed)))
        refused = self._recording.refused
        if self._refused < len(refused):
            self.supervisor.feed("", "", refused[self._refused :])
            self._refused = len(refused)
        moved = [index for index, end in enumerate(ends) if end > self._fed[index]]
        for index, entries in self._in_time(moved, ends):
            track = tracks[index]
            self.supervisor.feed(track.path, track.agent, entries)
        for index in moved:
            self._fed[index] = ends[index]

    def _new(self) -> Supervisor:
        supervisor = self._make()
        supervisor.is_exact = True
        return supervisor

    def _in_time(self, moved: Sequence[int], ends: Sequence[int]) -> Iterable[tuple[int, list[Entry]]]:
        """What stands between, merged by time: ties by path, then by the order of the file."""
        tracks = self._recording.tracks
        merged: list[tuple[float, int, Entry]] = []
        for index in moved:
            track, first = tracks[index], self._fed[index]
            entries = track.entries(first, ends[index])
            times = track.times[first : ends[index]]
            merged += zip(times, [index] * len(entries), entries, strict=True)
        merged.sort(key=itemgetter(0, 1))
        for index, group in groupby(merged, key=itemgetter(1)):
            yield index, [entry for _, _, entry in group]


def _after(times: Sequence[float], at: float) -> float | None:
    return next((time for time in times if time > at), None)


def _before(times: Sequence[float], at: float) -> float | None:
    return next((time for time in reversed(times) if time < at), None)
