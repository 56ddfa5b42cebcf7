"""Selects and orders the lanes of the table: sort, filter, fold. Rows keep their place until a sort is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.styled_text import own
from tui.view.columns.base import Alarm, FilterKey, Sort
from tui.view.columns.registry import all_columns, screen_columns
from tui.view.flags import Flag

NO_FLAGS: Mapping[LaneId, Flag] = {}
_CALM = Alarm()


@frozen
class Filter:
    """The conditions that a lane must match: words that it contains, `key:value` pairs, `!` for not."""

    text: str = ""

    def matches(self, lane: Lane) -> bool:
        """Whether all conditions hold."""
        return all(_holds(word, lane) for word in self.text.lower().split())


def _finding_text(lane: Lane) -> str:
    return " ".join(f"{found.severity} {found.kind}" for found in lane.findings)


@cache
def filter_keys() -> dict[str, FilterKey]:
    """The keys that may stand before a colon in a filter, by name: those of the columns, and `finding`."""
    keys = [key for column in screen_columns() for key in column.filters]
    keys += [key for column in all_columns() if column.rank is None for key in column.filters]
    keys.append(FilterKey("finding", _finding_text, (own("finding:stop"), own("what has such a finding; or its kind"))))
    return {key.name: key for key in keys}


def _holds(word: str, lane: Lane) -> bool:
    if word.startswith("!") and len(word) > 1:
        return not _holds(word[1:], lane)
    key, colon, value = word.partition(":")
    keys = filter_keys()
    if colon and key in keys and value:
        return value in keys[key].text(lane).lower()
    return word in " ".join((lane.title, lane.doing, *(each.text(lane) for each in keys.values()))).lower()


def arrange(
    fleet: Fleet,
    sort: Sort,
    wanted: Filter,
    folded: frozenset[LaneId],
    keep: Iterable[LaneId] | None = None,
    *,
    reverse: bool = False,
    flags: Mapping[LaneId, Flag] = NO_FLAGS,
) -> list[LaneId]:
    """Ids of the lanes to show, children below their parents.

    `keep` is the order that stands on the screen now: lanes in it keep their place among their
    siblings, new ones come after them. None sorts everything anew. A filter shows each match with
    the lanes above it, so that a subagent is never seen without its parent.
    """
    lanes = {lane.id: lane for lane in fleet.lanes}
    matching = _matching(fleet, wanted, lanes)
    children: dict[LaneId | None, list[Lane]] = {}
    for lane in fleet.lanes:
        if lane.id in matching:
            children.setdefault(lane.parent if lane.parent in lanes else None, []).append(lane)
    place = {lane_id: index for index, lane_id in enumerate(keep)} if keep is not None else None
    alarms = _alarms(fleet, flags)

    def last_first(siblings: Iterable[Lane]) -> list[Lane]:
        return (_sorted(siblings, sort, reverse, alarms) if place is None else _kept(siblings, place))[::-1]

    shown: list[LaneId] = []
    waiting = last_first(children.get(None, ()))
    while waiting:
        lane = waiting.pop()
        shown.append(lane.id)
        if wanted.text or lane.id not in folded:
            waiting += last_first(children.get(lane.id, ()))
    return shown


def _matching(fleet: Fleet, wanted: Filter, lanes: dict[LaneId, Lane]) -> set[LaneId]:
    """The lanes that match, with the lanes above them."""
    found: set[LaneId] = set()
    for lane in fleet.lanes:
        if not wanted.matches(lane):
            continue
        above: Lane | None = lane
        while above is not None and above.id not in found:
            found.add(above.id)
            above = lanes.get(above.parent) if above.parent is not None else None
    return found


def _alarms(fleet: Fleet, flags: Mapping[LaneId, Flag]) -> dict[LaneId, Alarm]:
    """The gravest flag of each lane with all lanes below it. Lanes without any are left out."""
    worst: dict[LaneId, Alarm] = {}
    if not flags:
        return worst
    for lane in reversed(fleet.lanes):  # children stand after their parents
        flag = flags.get(lane.id)
        own_alarm = Alarm(flag.severity.rank, flag.repetition.score) if flag is not None else _CALM
        alarm = max(own_alarm, worst.get(lane.id, _CALM))
        if alarm == _CALM:
            continue
        worst[lane.id] = alarm
        if lane.parent is not None:
            worst[lane.parent] = max(alarm, worst.get(lane.parent, _CALM))
    return worst


def _sorted(lanes: Iterable[Lane], sort: Sort, reverse: bool, alarms: Mapping[LaneId, Alarm]) -> list[Lane]:
    by_ties = sorted(lanes, key=lambda lane: (*sort.ties(lane), lane.id))
    return sorted(
        by_ties, key=lambda lane: sort.key(lane, alarms.get(lane.id, _CALM)), reverse=sort.descending != reverse
    )


def _kept(lanes: Iterable[Lane], place: Mapping[LaneId, int]) -> list[Lane]:
    last = len(place)
    return sorted(lanes, key=lambda lane: (place.get(lane.id, last), -(lane.started or 0.0), lane.id))


def has_children(fleet: Fleet) -> frozenset[LaneId]:
    """The lanes that have lanes below them."""
    return frozenset(lane.parent for lane in fleet.lanes if lane.parent is not None)


def next_needing(
    order: list[LaneId], lanes: dict[LaneId, Lane], after: LaneId | None, *, back: bool = False
) -> LaneId | None:
    """The next lane that needs a person, after the cursor (or before it), starting over at the end.

    None if there is none.
    """
    rows = order[::-1] if back else order
    start = rows.index(after) + 1 if after is not None and after in rows else 0
    around = rows[start:] + rows[:start]
    for lane_id in around:
        lane = lanes.get(lane_id)
        if lane is not None and needs_you(lane):
            return lane_id
    return None


def needs_you(lane: Lane) -> bool:
    """Whether the lane cannot go on without a person."""
    return lane.state in (LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED)
