"""Which lanes stand in the table and in what order: sort, filter, fold. Rows keep their place until asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.view.flags import Flag

NO_FLAGS: Mapping[LaneId, Flag] = {}
_CALM = (0, 0.0)
STATE_ORDER = {state: index for index, state in enumerate(LaneState)}


class Sort(StrEnum):
    """What the table is ordered by."""

    ATTENTION = "attention"
    BURN = "burn"
    TOKENS = "tokens"
    COST = "cost"
    RECENT = "recent"
    NAME = "name"
    REPETITION = "repetition"


@frozen
class Filter:
    """What a lane must match: words that all stand somewhere in it, `key:value` pairs, `!` for not."""

    text: str = ""

    def matches(self, lane: Lane) -> bool:
        """True if each word holds."""
        return all(_holds(word, lane) for word in self.text.lower().split())


def _loop_words(lane: Lane) -> str:
    """What a filter finds of a lane that goes in circles; nothing of any other."""
    found = lane.repetition
    return f"loop {found.severity} {found.kind or ''} {found.reason}" if found.severity is not None else ""


_KEYS: dict[str, Callable[[Lane], str]] = {
    "state": lambda lane: lane.state.value,
    "agent": lambda lane: f"{lane.agent} {lane.agent_type or ''}",
    "model": lambda lane: " ".join(share.model or "unknown" for share in lane.models),
    "project": lambda lane: f"{lane.project} {lane.cwd or ''}",
    "branch": lambda lane: lane.branch or "",
    "id": lambda lane: f"{lane.id} {lane.session}",
    "finding": lambda lane: " ".join(f"{found.severity} {found.kind}" for found in lane.findings),
    "loop": _loop_words,
}


def _holds(word: str, lane: Lane) -> bool:
    if word.startswith("!") and len(word) > 1:
        return not _holds(word[1:], lane)
    key, colon, value = word.partition(":")
    if colon and key in _KEYS and value:
        return value in _KEYS[key](lane).lower()
    return word in " ".join((lane.title, lane.doing, *(read(lane) for read in _KEYS.values()))).lower()


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
    order = _order(sort, reverse, place, _alarms(fleet, flags))
    shown: list[LaneId] = []
    waiting = sorted(children.get(None, ()), key=order, reverse=True)
    while waiting:
        lane = waiting.pop()
        shown.append(lane.id)
        if wanted.text or lane.id not in folded:
            waiting += sorted(children.get(lane.id, ()), key=order, reverse=True)
    return shown


def _matching(fleet: Fleet, wanted: Filter, lanes: dict[LaneId, Lane]) -> set[LaneId]:
    """The lanes that match, and those above them."""
    found: set[LaneId] = set()
    for lane in fleet.lanes:
        if not wanted.matches(lane):
            continue
        above: Lane | None = lane
        while above is not None and above.id not in found:
            found.add(above.id)
            above = lanes.get(above.parent) if above.parent is not None else None
    return found


_Alarm = tuple[int, float]


def _alarms(fleet: Fleet, flags: Mapping[LaneId, Flag]) -> dict[LaneId, _Alarm]:
    """The worst flag of each lane and all below it, as severity and score; lanes without any are not in it."""
    worst: dict[LaneId, _Alarm] = {}
    if not flags:
        return worst
    for lane in reversed(fleet.lanes):  # children stand after their parents
        flag = flags.get(lane.id)
        own = (flag.severity.rank, flag.repetition.score) if flag is not None else _CALM
        alarm = max(own, worst.get(lane.id, _CALM))
        if alarm == _CALM:
            continue
        worst[lane.id] = alarm
        if lane.parent is not None:
            worst[lane.parent] = max(alarm, worst.get(lane.parent, _CALM))
    return worst


def _order(
    sort: Sort, reverse: bool, place: dict[LaneId, int] | None, alarms: Mapping[LaneId, _Alarm]
) -> Callable[[Lane], tuple[float | str, ...]]:
    if place is not None:
        last = len(place)
        return lambda lane: (place.get(lane.id, last), -(lane.started or 0.0), lane.id)
    sign = -1.0 if reverse else 1.0

    def attention(lane: Lane) -> tuple[float | str, ...]:
        # What should be stopped burns while nobody looks: it comes before what merely waits. Within one state
        # the fastest burn first, then what moved last.
        stop = alarms.get(lane.id, _CALM)[0] == Severity.STOP.rank
        return (
            sign * (-1 if stop else STATE_ORDER[lane.state]),
            -lane.tree_burn[1].tokens,
            -(lane.last_event or 0.0),
            lane.id,
        )

    keys: dict[Sort, Callable[[Lane], tuple[float | str, ...]]] = {
        Sort.ATTENTION: attention,
        Sort.BURN: lambda lane: (-sign * lane.tree_burn[1].tokens, -(lane.last_event or 0.0), lane.id),
        Sort.TOKENS: lambda lane: (-sign * lane.tree_usage.total, lane.id),
        Sort.COST: lambda lane: (-sign * (lane.cost_usd or 0.0), lane.id),
        Sort.RECENT: lambda lane: (-sign * (lane.last_event or 0.0), lane.id),
        Sort.REPETITION: lambda lane: (
            *(-sign * part for part in alarms.get(lane.id, _CALM)),
            -lane.tree_burn[1].tokens,
            lane.id,
        ),
        Sort.NAME: lambda lane: (lane.project.lower(), lane.title.lower(), lane.id),
    }
    return keys[sort]


def has_children(fleet: Fleet) -> frozenset[LaneId]:
    """Lanes that have others below them."""
    return frozenset(lane.parent for lane in fleet.lanes if lane.parent is not None)


def next_needing(
    order: list[LaneId], lanes: dict[LaneId, Lane], after: LaneId | None, *, back: bool = False
) -> LaneId | None:
    """The next lane that needs a person, after the cursor (or before it) and around; None if there is none."""
    rows = order[::-1] if back else order
    start = rows.index(after) + 1 if after is not None and after in rows else 0
    around = rows[start:] + rows[:start]
    for lane_id in around:
        lane = lanes.get(lane_id)
        if lane is not None and needs_you(lane):
            return lane_id
    return None


def needs_you(lane: Lane) -> bool:
    """True if the lane cannot go on without a person."""
    return lane.state in (LaneState.NEEDS_INPUT, LaneState.LIMITED, LaneState.STALLED)
