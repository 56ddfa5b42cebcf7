"""Finds what a policy would have done in a recording, and what that would have saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tui.fleet.policy import Rules, Wanted, wanted
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.model.usage import ZERO, Usage
from tui.replay.player import Player

CAVEAT = "The agents would have gone on differently: this is what was spent after the act, not what would have been."
LOOK_S = 60.0
"""The rules are evaluated about every this many seconds, and whenever a finding or an action begins."""
LOOKS = 1000
"""The most regular evaluations."""

Progress = Callable[[float], None]
"""Receives the share that is done, from 0 to 1, before each evaluation. It may raise `Cancelled`."""


class Cancelled(Exception):
    """The operator did not wait for the result."""


def _no_progress(_share: float) -> None:
    pass


@frozen
class Act:
    """An act that would have been done: when (seconds UTC), on which lane, by which rule."""

    at: float
    lane: LaneId
    verb: Verb
    rule: str


@frozen
class Saving:
    """The usage of one lane after the time at which `act` would have stopped it or a lane above it.

    `seconds`: how long the lane kept working.
    """

    lane: LaneId
    act: Act
    usage: Usage
    cost: Cost
    seconds: float


@frozen
class Saved:
    """All acts in the order of time, and what they would have saved by lane and in all.

    `seconds` in all is from the first act to the last event of a lane that was stopped.
    """

    acts: tuple[Act, ...] = ()
    lanes: tuple[Saving, ...] = ()
    usage: Usage = ZERO
    cost: Cost = NO_COST
    seconds: float = 0.0


def of_policy(
    player: Player,
    rules: Rules,
    is_muted: Callable[[Finding], bool] = lambda _: False,
    progress: Progress = _no_progress,
) -> Saved:
    """The acts that the rules would have done.

    They are evaluated when findings and actions begin, and about every minute.

    A lane that was paused or closed is left out from then on, with all lanes below it. Each act has the time of the
    first event at which the rules want it. A finding that begins and ends between two evaluations, and is not open at
    the end, is not seen. The player must be whole (`Player.load`) and is at the same moment afterwards.

    Raises:
        Cancelled: `progress` raised it.
    """
    if not rules.is_on:
        return Saved()
    stood = player.at
    acts: list[Act] = []
    before = player.at
    looks = _looks(player, rules)
    try:
        for place, at in enumerate(looks):
            progress(place / len(looks))
            fleet = _at(player, at)
            for one in wanted(_without(fleet, acts), rules, is_muted):
                moment, told = _first(
                    player, before, at, one, lambda seen: wanted(_without(seen, acts), rules, is_muted)
                )
                acts.append(Act(moment, told.lane, told.verb, told.words))
            before = at
        return _saved(player, sorted(acts, key=lambda act: (act.at, act.lane)), progress)
    finally:
        player.seek(stood)


def of_finding(player: Player, finding: Finding) -> Saved:
    """The saving if the finding's lane had been closed when the finding was raised.

    For a finding of a family, this is the lane of its newest member at that time.
    """
    if finding.since is None:
        return Saved()
    stood = player.at
    fleet = _at(player, finding.since)
    lane = finding.lane
    if lane is None:
        members = next((family.members for family in fleet.families if family.id == finding.family), ())
        lane = members[-1].lane if members else None
    acts = [Act(player.at, lane, Verb.CLOSE, f'finding: {finding.kind.value} ("{finding.title}")')] if lane else []
    saved = _saved(player, acts)
    player.seek(stood)
    return saved


def _looks(player: Player, rules: Rules) -> list[float]:
    marks = player.marks()
    moments = {finding.since for finding in marks.findings if finding.since is not None}
    moments |= {mark.at for mark in marks.actions}
    moments |= {mark.at + rules.typing_s for mark in marks.actions}
    step = max(LOOK_S, (marks.end - marks.start) / LOOKS)
    moments |= {marks.start + number * step for number in range(int((marks.end - marks.start) // step) + 1)}
    return sorted(at for at in {*moments, marks.end} if marks.start <= at <= marks.end)


def _first(
    player: Player, before: float, at: float, one: Wanted, ask: Callable[[Fleet], Iterable[Wanted]]
) -> tuple[float, Wanted]:
    """The first event after `before`, and not after `at`, at which the rules want the same act."""
    times = player.event_times(before, at)
    low, high, told = 0, len(times), one
    while low < high:
        middle = (low + high) // 2
        found = next((each for each in ask(_at(player, times[middle])) if each.lane == one.lane), None)
        if found is not None:
            high, told = middle, found
        else:
            low = middle + 1
    return (times[low] if low < len(times) else at), told


def _at(player: Player, at: float) -> Fleet:
    player.seek(at)
    return player.snapshot()


def _without(fleet: Fleet, acts: Sequence[Act]) -> Fleet:
    """The fleet without the lanes that were stopped."""
    out = _below(fleet, {act.lane for act in acts})
    return replace(fleet, lanes=tuple(lane for lane in fleet.lanes if lane.id not in out)) if out else fleet


def _below(fleet: Fleet, stopped: set[LaneId]) -> set[LaneId]:
    """These lanes and all lanes below them; parents come before their children."""
    out: set[LaneId] = set()
    for lane in fleet.lanes:
        if lane.id in stopped or lane.parent in out:
            out.add(lane.id)
    return out


def _saved(player: Player, acts: Sequence[Act], progress: Progress = _no_progress) -> Saved:
    if not acts:
        return Saved()
    end = _at(player, player.last)
    lanes: dict[LaneId, Saving] = {}
    for act in acts:
        progress(1.0)
        then = {lane.id: lane for lane in _at(player, act.at).lanes}
        below = _below(end, {act.lane})
        for lane in end.lanes:
            if lane.id in below and lane.id not in lanes:
                lanes[lane.id] = _saving(act, lane, then.get(lane.id))
    usage = sum((saving.usage for saving in lanes.values()), ZERO)
    cost = sum((saving.cost for saving in lanes.values()), NO_COST)
    last = max((lane.last_event or 0.0 for lane in end.lanes if lane.id in lanes), default=0.0)
    return Saved(tuple(acts), tuple(lanes.values()), usage, cost, max(0.0, last - acts[0].at))


def _saving(act: Act, end: Lane, then: Lane | None) -> Saving:
    """The usage of a lane after the act. `then` is None if the lane began later."""
    began = max(act.at, end.started if end.started is not None else act.at)
    seconds = max(0.0, end.last_event - began) if end.last_event is not None else 0.0
    if then is None:
        return Saving(end.id, act, end.usage, end.cost, seconds)
    usage = end.usage - then.usage
    if usage == ZERO:
        return Saving(end.id, act, usage, NO_COST, seconds)
    return Saving(end.id, act, usage, end.cost.since(then.cost), seconds)
