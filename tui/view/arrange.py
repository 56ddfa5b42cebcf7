"""Selects and orders the rows of the table: sort, filter, groups, folds, pins.

Rows keep their places until somebody sorts, or a lane becomes urgent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum

from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own
from tui.view.columns.base import Alarm, Grouping, Sort, SortKey
from tui.view.filter import Filter
from tui.view.flags import Flag
from tui.view.states import NEEDING

NO_FLAGS: Mapping[LaneId, Flag] = {}
_CALM = Alarm()
_NEEDS = {state: need for need, state in enumerate(reversed(NEEDING), 1)}


NOBODY: frozenset[LaneId] = frozenset()


class Hide(StrEnum):
    """Which lanes have no row."""

    NONE = "none"
    ENDED = "ended"
    IDLE = "idle"
    """Lanes that ended, and idle ones."""


HIDDEN_STATES: dict[Hide, frozenset[LaneState]] = {
    Hide.NONE: frozenset(),
    Hide.ENDED: frozenset({LaneState.ENDED, LaneState.CLOSED}),
    Hide.IDLE: frozenset({LaneState.ENDED, LaneState.CLOSED, LaneState.IDLE}),
}


@frozen
class Arrangement:
    """The choices that hold for all rows."""

    sort: Sort
    reverse: bool = False
    filter: Filter = field(default_factory=Filter)
    group: Grouping | None = None
    hide: Hide = Hide.NONE


@frozen
class Choice:
    """What the operator chose for single lanes and groups."""

    folded: frozenset[LaneId] = NOBODY
    """Lanes whose lanes below have no row, and rows of groups whose lanes have no row."""
    pinned: frozenset[LaneId] = NOBODY
    """Roots that stand above all others."""


@frozen
class GroupRow:
    """The row above the lanes of a group."""

    title: SafeText
    lanes: tuple[LaneId, ...]
    """The lanes of the group that are not hidden, also those that are folded away."""
    hidden: tuple[LaneId, ...] = ()
    """Its lanes that are hidden because of `Hide`. They are part of its sums."""


@frozen
class Rows:
    """The rows of the table from top to bottom."""

    order: list[LaneId]
    """Lanes, children below their parents, and the rows of groups."""
    groups: Mapping[LaneId, GroupRow]
    """The rows of groups, by their ids in `order`."""
    hidden: int
    """The number of lanes that match the filter and have no row because of `Hide`."""


def group_id(value: str) -> LaneId:
    """The id of a group's row. No lane has such an id: ids of lanes begin with the name of an agent."""
    return LaneId(f"group:{value}")


PINNED = group_id("\0pinned")
"""The id of the row above the pinned lanes, if lanes are grouped."""


def arrange(
    fleet: Fleet,
    wanted: Arrangement,
    choice: Choice | None = None,
    keep: Iterable[LaneId] | None = None,
    *,
    flags: Mapping[LaneId, Flag] = NO_FLAGS,
) -> Rows:
    """The rows of a fleet.

    `keep` is the order that the screen shows now: lanes in it keep their place among their siblings, new ones come
    after them. None: everything is sorted. A filter shows each match with the lanes above it, so that a subagent is
    never seen without its parent. While there is a filter, nothing is folded.
    """
    choice = choice or Choice()
    lanes = {lane.id: lane for lane in fleet.lanes}
    matching = _with_above((lane for lane in fleet.lanes if wanted.filter.matches(lane, fleet.at)), lanes)
    shown = _with_above(
        (lanes[one] for one in matching if not _is_hidden(lanes[one], wanted.hide, choice, flags)), lanes
    )
    shown &= matching
    children = _children(fleet, lanes, shown)
    place = {lane_id: index for index, lane_id in enumerate(keep)} if keep is not None else None
    alarms = _alarms(fleet, flags)

    def in_order(siblings: Iterable[Lane]) -> list[Lane]:
        if place is not None:
            return _kept(siblings, place)
        return _sorted(siblings, wanted.sort, wanted.reverse, alarms)

    roots = sorted(in_order(children.get(None, ())), key=lambda root: root.id not in choice.pinned)
    folded = NOBODY if wanted.filter.conditions else choice.folded
    rows = Rows([], {}, len(matching - shown))
    if wanted.group is None:
        rows.order.extend(_descend(roots, children, in_order, folded))
        return rows
    all_children = children
    if rows.hidden:
        all_children = _children(fleet, lanes, matching)
        roots += [root for root in all_children.get(None, ()) if root.id not in shown]
    made: dict[LaneId, GroupRow] = {}
    groups = _groups(roots, all_children, wanted.group, choice.pinned)
    for row in _groups_in_order(groups, wanted, place):
        title, members = groups[row]
        every = _descend(members, all_children, list, NOBODY)
        made[row] = GroupRow(
            title, tuple(one for one in every if one in shown), tuple(one for one in every if one not in shown)
        )
        seen = [member for member in members if member.id in shown]
        if not seen:
            del made[row]  # all its lanes are hidden
            continue
        rows.order.append(row)
        if row not in folded:
            rows.order.extend(_descend(seen, children, in_order, folded))
    return Rows(rows.order, made, rows.hidden)


def _children(
    fleet: Fleet, lanes: Mapping[LaneId, Lane], chosen: Collection[LaneId]
) -> dict[LaneId | None, list[Lane]]:
    """The chosen lanes below each lane; those below None are roots."""
    found: dict[LaneId | None, list[Lane]] = {}
    for lane in fleet.lanes:
        if lane.id in chosen:
            found.setdefault(lane.parent if lane.parent in lanes else None, []).append(lane)
    return found


def _descend(
    roots: Iterable[Lane],
    children: Mapping[LaneId | None, list[Lane]],
    in_order: Callable[[Iterable[Lane]], list[Lane]],
    folded: Collection[LaneId],
) -> list[LaneId]:
    """The rows of these trees, each lane above its children."""
    found: list[LaneId] = []
    waiting = list(roots)[::-1]
    while waiting:
        lane = waiting.pop()
        found.append(lane.id)
        if lane.id not in folded and lane.id in children:
            waiting += in_order(children[lane.id])[::-1]
    return found


def _groups(
    roots: Iterable[Lane], children: Mapping[LaneId | None, list[Lane]], group: Grouping, pinned: Collection[LaneId]
) -> dict[LaneId, tuple[SafeText, list[Lane]]]:
    """The title and the roots of each group, in the order of their first roots.

    The group of lanes without a value is last.
    """
    found: dict[LaneId, tuple[SafeText, list[Lane]]] = {}
    without: list[Lane] = []
    for root in roots:
        value = group.value(_tree(root, children))
        if root.id in pinned:
            found.setdefault(PINNED, (own("pinned"), []))[1].append(root)
        elif value:
            found.setdefault(group_id(value), (group.title(value), []))[1].append(root)
        else:
            without.append(root)
    if without:
        found[group_id("")] = (joined(own("no "), safe_text(group.name)), without)
    return found


def _groups_in_order(
    groups: Mapping[LaneId, tuple[SafeText, list[Lane]]], wanted: Arrangement, place: Mapping[LaneId, int] | None
) -> list[LaneId]:
    """The rows of the groups from top to bottom.

    Kept ones stay in their places. If the lanes are sorted by the sums of trees, groups are sorted by their own sums.
    Otherwise they follow their first lanes. The pinned lanes are first, and lanes without a value last.
    """

    def key(row: LaneId) -> tuple[bool, bool, float]:
        amount = 0.0
        if place is not None:
            amount = place.get(row, len(place))
        elif wanted.sort.of_tree:
            amount = sum(float(wanted.sort.key(root, _CALM)[0]) for root in groups[row][1])
            amount = -amount if wanted.sort.descending != wanted.reverse else amount
        return row != PINNED, row == group_id(""), amount

    return sorted(groups, key=key)


def _tree(root: Lane, children: Mapping[LaneId | None, list[Lane]]) -> list[Lane]:
    """The lane and all lanes below it."""
    found = [root]
    for lane in found:
        found += children.get(lane.id, ())
    return found


def _is_hidden(lane: Lane, hide: Hide, choice: Choice, flags: Mapping[LaneId, Flag]) -> bool:
    """Whether the lane itself has no row. A lane that should be stopped always has one."""
    if lane.state not in HIDDEN_STATES[hide] or lane.id in choice.pinned:
        return False
    flag = flags.get(lane.id)
    return flag is None or flag.severity is not Severity.STOP


def _with_above(chosen: Iterable[Lane], lanes: Mapping[LaneId, Lane]) -> set[LaneId]:
    """These lanes with the lanes above them."""
    found: set[LaneId] = set()
    for lane in chosen:
        above: Lane | None = lane
        while above is not None and above.id not in found:
            found.add(above.id)
            above = lanes.get(above.parent) if above.parent is not None else None
    return found


def _alarms(fleet: Fleet, flags: Mapping[LaneId, Flag]) -> dict[LaneId, Alarm]:
    """For each lane the most severe flag and the greatest need, its own or of a lane below it.

    Lanes without either are left out.
    """
    worst: dict[LaneId, Alarm] = {}
    for lane in reversed(fleet.lanes):  # children come after their parents
        flag = flags.get(lane.id)
        need = _NEEDS.get(lane.state, 0)
        own_alarm = Alarm(flag.severity.rank, flag.repetition.score, need) if flag is not None else Alarm(need=need)
        alarm = _worse(own_alarm, worst.get(lane.id, _CALM))
        if alarm == _CALM:
            continue
        worst[lane.id] = alarm
        if lane.parent is not None:
            worst[lane.parent] = _worse(alarm, worst.get(lane.parent, _CALM))
    return worst


def _worse(a: Alarm, b: Alarm) -> Alarm:
    flag = max(a, b)
    return Alarm(flag.severity, flag.score, max(a.need, b.need))


def _sorted(lanes: Iterable[Lane], sort: Sort, reverse: bool, alarms: Mapping[LaneId, Alarm]) -> list[Lane]:
    by_ties = sorted(lanes, key=lambda lane: (*sort.ties(lane), lane.id))
    return sorted(
        by_ties, key=lambda lane: sort.key(lane, alarms.get(lane.id, _CALM)), reverse=sort.descending != reverse
    )


def _kept(lanes: Iterable[Lane], place: Mapping[LaneId, int]) -> list[Lane]:
    last = len(place)
    return sorted(lanes, key=lambda lane: (place.get(lane.id, last), -(lane.started or 0.0), lane.id))


def moved_rows(order: Sequence[LaneId], sorted_order: Sequence[LaneId], lanes: Mapping[LaneId, Lane]) -> int:
    """The least number of rows that must move among their siblings to get from the first order to the second.

    Both orders hold the same lanes. A lane that moves takes the lanes below it along, and counts once.
    """
    place = {lane: index for index, lane in enumerate(sorted_order)}
    siblings: dict[LaneId | None, list[int]] = {}
    for lane_id in order:
        lane = lanes.get(lane_id)
        if lane is not None and lane_id in place:
            siblings.setdefault(lane.parent, []).append(place[lane_id])
    return sum(len(places) - _longest_rising(places) for places in siblings.values())


def _longest_rising(numbers: Sequence[int]) -> int:
    """The length of the longest increasing subsequence."""
    ends: list[int] = []
    for one in numbers:
        at = bisect_left(ends, one)
        ends[at : at + 1] = [one]
    return len(ends)


def is_overtaken(
    fleet: Fleet,
    rows: Rows,
    sort: Sort,
    *,
    flags: Mapping[LaneId, Flag] = NO_FLAGS,
    pinned: Collection[LaneId] = NOBODY,
) -> bool:
    """True if a lane that should be stopped, or needs a person, stands below one that matters less by this order.

    Roots are compared with the roots of their group, and groups with each other. Pinned roots are compared among
    themselves. `sort` compares lanes by one number, the smallest first.
    """
    alarms = _alarms(fleet, flags)
    ranks = {
        lane.id: (sort.key(lane, alarm), bool(alarm.need) or alarm.severity == Severity.STOP.rank)
        for lane in fleet.lanes
        if lane.parent is None
        for alarm in (alarms.get(lane.id, _CALM),)
    }
    return any(_has_urgent_below([ranks[one] for one in run if one in ranks]) for run in _runs(rows, pinned)) or (
        _has_urgent_below([
            min(found)
            for row, group in rows.groups.items()
            if row not in (PINNED, group_id("")) and (found := [ranks[one] for one in group.lanes if one in ranks])
        ])
    )  # fmt: skip


def _runs(rows: Rows, pinned: Collection[LaneId]) -> Iterator[list[LaneId]]:
    """The rows that are sorted together: those of each group; without groups, the pinned ones and the others."""
    if not rows.groups:
        yield [one for one in rows.order if one in pinned]
        yield [one for one in rows.order if one not in pinned]
        return
    run: list[LaneId] = []
    for one in rows.order:
        if one in rows.groups:
            yield run
            run = []
        else:
            run.append(one)
    yield run


def _has_urgent_below(ranks: Iterable[tuple[SortKey, bool]]) -> bool:
    """True if one whose second part is True stands below one with a larger key."""
    highest: SortKey | None = None
    for key, is_urgent in ranks:
        if highest is not None and key < highest and is_urgent:
            return True
        highest = key if highest is None else max(highest, key)
    return False


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
    """Whether the lane needs a person to continue."""
    return lane.state in NEEDING
