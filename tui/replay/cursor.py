"""The Supervisor of a replay, brought to any moment: each group of transcripts by the shorter of two ways."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tui.fleet.shard import Part
from tui.fleet.supervisor import Supervisor
from tui.replay.checkpoints import Lead
from tui.replay.merge_by_time import Fed, feed_stretch
from tui.replay.recording import Recording

RESTORED = 32
"""Restoring a checkpoint takes as long as feeding about so many entries."""


@contextmanager
def _uncollected() -> Generator[None]:
    """Without the collector, which would look at every object again and again while so many are made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Head:
    """A Supervisor, and how much of each group it was fed."""

    def __init__(
        self,
        recording: Recording,
        lead: Lead,
        make: Callable[[], Supervisor],
        midnight: Callable[[float], float],
    ) -> None:
        self._recording = recording
        self._midnight = midnight
        self._lead = lead
        self._make = make
        self._begin()

    def go(self, at: float) -> None:
        """Brings everything to `at` (seconds UTC)."""
        with _uncollected():
            self._go(at)

    def _go(self, at: float) -> None:
        if self._groups != self._recording.groups.version:
            self._begin()
        recording = self._recording
        ends = [track.until(at) for track in recording.tracks]
        if self._is_beyond(ends) and not self._lead.covers(ends):
            self._begin()
        self.supervisor.turn_day(self._midnight(at))
        self.supervisor.feed("", "", recording.refused[self._refused :])
        self._refused = len(recording.refused)
        went_back = False
        self._is_whole = recording.complete and self._lead.covers([len(track) for track in recording.tracks])
        for members in recording.groups.all():
            end = tuple(ends[index] for index in members)
            went_back = self._bring(members, end) or went_back
        if went_back:
            self.supervisor.set_seen([*recording.refused, *recording.skips(ends)], self._lead.touches(ends))

    def _begin(self) -> None:
        self.supervisor = self._make()
        self._parts: dict[int, Part] = {}
        self._fed: dict[int, Fed] = {}
        self._refused = 0
        self._is_whole = False
        """The lead stands at the end of everything: its parts may be used as they are."""
        self._groups = self._recording.groups.version

    def _is_beyond(self, ends: list[int]) -> bool:
        groups = self._recording.groups.all()
        return any(
            fed > ends[index]
            for members in groups
            for fed, index in zip(self._fed.get(members[0], ()), members, strict=False)
        )

    def _bring(self, members: tuple[int, ...], end: Fed) -> bool:
        """Brings one group there. True if another state of it was taken in, so that not everything was fed."""
        name = members[0]
        fed = self._fed.get(name, (0,) * len(members))
        if fed == end:
            return False
        self._fed[name] = end
        tracks = [self._recording.tracks[index] for index in members]
        if self._is_whole and end == tuple(len(track) for track in tracks):
            self._swap(name, self._lead.part(name))
            return True
        forward = all(one <= other for one, other in zip(fed, end, strict=True))
        shelf = self._lead.shelf(name)
        nearest = shelf.nearest(end) if shelf is not None else None
        reached = shelf.fed(nearest) if shelf is not None and nearest is not None else (0,) * len(members)
        if forward and sum(end) - sum(fed) <= sum(end) - sum(reached) + RESTORED:
            part = self._parts.get(name)
            if part is None:
                part = self._parts[name] = self.supervisor.new_part()
            feed_stretch(self.supervisor, part, tracks, fed, end)
            return False
        if not sum(end):
            self._swap(name, None)
            return True
        part = (
            Part.restored(shelf.saved(nearest), self.supervisor.shared)
            if shelf is not None and nearest is not None
            else None
        )
        self._swap(name, part)
        feed_stretch(self.supervisor, self._parts.get(name) or self._new(name), tracks, reached, end)
        return True

    def _new(self, name: int) -> Part:
        part = self._parts[name] = self.supervisor.new_part()
        return part

    def _swap(self, name: int, part: Part | None) -> None:
        old = self._parts.pop(name, None)
        if old is not None:
            self.supervisor.drop(old)
        if part is not None:
            self._parts[name] = part
            self.supervisor.put(part)
