"""Differing clocks: a child that began before its parent started it, or continued after its parent had its result.

Transcripts of one run may come from several hosts. Nothing is corrected: the difference is shown with its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.model.event import Call, Event, Result, ToolKind
from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen

OUT_OF_ORDER_S = 2.0
"""Lines of one client are in the order of their times within milliseconds; a smaller difference is not a skew."""
OPEN_LIMIT = 256


@frozen
class Spawn:
    """A call that started a subagent, as its parent's transcript states it. Times are seconds UTC.

    `ended` is the time of its result; None while there is none, and if the subagent continues after it.
    """

    path: str
    lane: str
    """The parent's lane within the transcript."""
    call: str
    agent: str | None
    began: float
    began_offset: int
    ended: float | None
    ended_offset: int | None


@frozen
class Descent:
    """A lane and its parent: their ids, their transcripts, and when the child began and ended (seconds UTC).

    `names` are the names that the parent may have for the child: the call, and the child's own id.
    """

    parent: LaneId
    child: LaneId
    path: str
    lane: str
    """The parent's name within its transcript."""
    names: tuple[str, ...]
    child_path: str
    started: float | None
    last_event: float | None


@frozen
class Skew:
    """Two clocks that differ by at least `seconds`, which is negative if the child's clock is behind its parent's."""

    parent: LaneId
    child: LaneId
    seconds: float
    evidence: tuple[Evidence, ...]


class SpawnLog:
    """Collects the calls that started subagents, and the times of their results."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, str], Call] = {}
        self.spawns: list[Spawn] = []

    def take(self, path: str, events: Iterable[Event]) -> None:
        """Takes more events of one transcript, in their order."""
        for event in events:
            if isinstance(event, Call):
                if event.tool_kind is ToolKind.AGENT and event.at is not None:
                    self._note(path, event)
            elif isinstance(event, Result):
                self._answered(path, event)

    def all(self) -> list[Spawn]:
        """The answered calls, then those that are open."""
        waiting = [_spawn(path, call, None) for (path, _, _), call in self._open.items()]
        return [*self.spawns, *waiting]

    def _note(self, path: str, call: Call) -> None:
        if len(self._open) >= OPEN_LIMIT:
            self._open.pop(next(iter(self._open)))
        self._open[path, call.lane, call.call] = call

    def _answered(self, path: str, result: Result) -> None:
        call = self._open.pop((path, result.lane, result.call), None)
        if call is not None:
            self.spawns.append(_spawn(path, call, result))


def skews(descents: Iterable[Descent], spawns: Iterable[Spawn]) -> tuple[Skew, ...]:
    """The pairs of child and parent in which the child's times are impossible by the parent's clock."""
    known: dict[tuple[str, str, str], list[Spawn]] = {}
    newest: dict[tuple[str, str], float] = {}
    for spawn in spawns:
        newest[spawn.path, spawn.lane] = max(spawn.began, newest.get((spawn.path, spawn.lane), spawn.began))
        for name in {spawn.call, spawn.agent} - {None}:
            known.setdefault((spawn.path, spawn.lane, name or ""), []).append(spawn)
    found: list[Skew] = []
    for descent in descents:
        calls = [spawn for name in descent.names for spawn in known.get((descent.path, descent.lane, name), ())]
        skew = _early(descent, calls) or _late(descent, calls, newest.get((descent.path, descent.lane), 0.0))
        if skew is not None:
            found.append(skew)
    return tuple(sorted(found, key=lambda one: (one.parent, one.child)))


def _early(descent: Descent, calls: Sequence[Spawn]) -> Skew | None:
    """The skew of a child that began before the first call that names it."""
    first = min(calls, key=lambda spawn: spawn.began, default=None)
    if first is None or descent.started is None or first.began - descent.started <= OUT_OF_ORDER_S:
        return None
    evidence = (
        Evidence("the parent started it", first.began, first.path, first.began_offset),
        Evidence("the child's first line is earlier", descent.started, descent.child_path, 0),
    )
    return Skew(descent.parent, descent.child, descent.started - first.began, evidence)


def _late(descent: Descent, calls: Sequence[Spawn], newest: float) -> Skew | None:
    """The skew of a child that continued after the last answer of a call that names it.

    No later call of the parent (`newest`) woke it.
    """
    if not calls or descent.last_event is None or any(spawn.ended is None for spawn in calls):
        return None
    last = max(calls, key=lambda spawn: spawn.ended or 0.0)
    ended = last.ended or 0.0
    if descent.last_event - ended <= OUT_OF_ORDER_S or newest > ended:
        return None
    evidence = (
        Evidence("the parent had its result", ended, last.path, last.ended_offset),
        Evidence("the child's last line is later", descent.last_event, descent.child_path, None),
    )
    return Skew(descent.parent, descent.child, descent.last_event - ended, evidence)


def _spawn(path: str, call: Call, result: Result | None) -> Spawn:
    ended = result.at if result is not None and not result.background else None
    return Spawn(
        path, call.lane, call.call, result.spawned if result is not None else None, call.at or 0.0, call.offset, ended,
        result.offset if result is not None else None,
    )  # fmt: skip
