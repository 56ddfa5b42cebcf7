"""Feeding a stretch of recorded time to a part of a Supervisor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from tui.fleet.shard import Part
from tui.fleet.supervisor import Supervisor
from tui.replay.event_log import Entry, Track

Fed = tuple[int, ...]
"""How many entries of each track of a group were fed."""


def feed_stretch(supervisor: Supervisor, part: Part, tracks: Sequence[Track], first: Fed, end: Fed) -> None:
    """Feeds what lies between, in the order of time over these tracks."""
    for track, entries in between(tracks, first, end):
        supervisor.feed(track.path, track.agent, entries, part)


def between(tracks: Sequence[Track], first: Fed, end: Fed) -> Iterator[tuple[Track, Sequence[Entry]]]:
    """What lies between, merged by time: ties by path, then by the order of the file."""
    if len(tracks) == 1:
        yield tracks[0], tracks[0].entries(first[0], end[0])
        return
    merged: list[tuple[float, int, Entry]] = []
    for index, track in enumerate(tracks):
        entries = track.entries(first[index], end[index])
        merged += zip(track.times[first[index] : end[index]], [index] * len(entries), entries, strict=True)
    merged.sort(key=itemgetter(0, 1))
    for index, run in groupby(merged, key=itemgetter(1)):
        yield tracks[index], [entry for _, _, entry in run]
