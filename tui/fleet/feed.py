"""Feeds events to shards: each lane's ledger and judge take a transcript's events in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tui.fleet.fleet_judge import FleetJudge, file_write
from tui.fleet.picture import Notes
from tui.fleet.shard import FleetShard, ShardFactory
from tui.judge.lane import LaneJudge
from tui.ledger.lane import LaneLedger
from tui.model.event import Edit, Event, LaneInfo, Limit, Prompt, UnreadableLine

Listener = Callable[[LaneLedger, LaneJudge, Event], None]
EventFilter = Callable[[str, Iterable[Event | UnreadableLine]], Iterable[Event | UnreadableLine]]
"""Selects among the events of a transcript, which is named by its path."""


@dataclass(slots=True)
class Changes:
    """The changes since the last snapshot."""

    any: bool = True
    relations: bool = False
    """True if a fact changed on which names, parents or processes depend."""
    rest: bool = False
    """True if something besides the lanes changed: an unreadable line, a limit, the day, the tree."""


class EventFeed:
    """Feeds events to shards and notes what changed."""

    def __init__(
        self,
        factory: ShardFactory,
        judge: FleetJudge,
        changes: Changes,
        listener: Listener | None = None,
        only: EventFilter | None = None,
    ) -> None:
        self._factory = factory
        self._judge = judge
        self._changes = changes
        self._listener = listener
        self._only = only
        self.notes: dict[str, Notes] | None = None
        """By path: what its picture needs besides the lanes; None: no pictures are taken."""

    def feed(
        self, shard: FleetShard, path: str, agent: str, events: Iterable[Event | UnreadableLine], midnight: float
    ) -> None:
        """Feeds more of a transcript to its shard. `midnight` (seconds UTC) is when today began."""
        if agent:
            shard.agents[path] = agent
        agent = shard.agents.get(path, agent) or "unknown"
        listener, changes = self._listener, self._changes
        notes = self.notes.setdefault(path, Notes()) if self.notes is not None else None
        changes.any = True
        for event in events if self._only is None else self._only(path, events):
            if isinstance(event, UnreadableLine):
                shard.add_skip(event)
                changes.rest = True
                if notes is not None:
                    notes.skips.append(event)
                continue
            if isinstance(event, Limit):
                changes.rest |= shard.add_limit(agent, event, path)
                if notes is not None:
                    notes.add_limit(agent, event, path)
            record = shard.records.get((path, event.lane))
            if record is None:
                record = self._factory.record(shard, path, agent, event.lane, midnight)
                changes.relations = True
            ledger, judge = record.ledger, record.judge
            spawned = len(ledger.spawned)
            if isinstance(event, Prompt) and judge.first_prompt is None:
                changes.relations = True  # subagents of one prompt are counted
            ledger.apply(event)
            judge.apply(event)
            if listener is not None:
                listener(ledger, judge, event)
            if isinstance(event, Edit) and (write := file_write(record, event)) is not None:
                self._judge.add_write(write)
                if notes is not None:
                    notes.writes.append(write)
            # A call or a result may name the subagent that it started.
            if isinstance(event, LaneInfo) or len(ledger.spawned) != spawned:
                changes.relations = True


class EventsUntil:
    """Drops events after a time (seconds UTC), as if the transcripts had been read then: an `EventFilter`."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._over: set[tuple[str, str]] = set()
        """Lanes that have passed the time: their further events without a time are dropped too."""

    def __call__(self, path: str, events: Iterable[Event | UnreadableLine]) -> Iterator[Event | UnreadableLine]:
        """The events up to the time. Unreadable lines are always reported."""
        for event in events:
            if isinstance(event, UnreadableLine):
                yield event
                continue
            key = (path, event.lane)
            if event.at is not None and event.at > self._until:
                self._over.add(key)
                continue
            if event.at is not None:
                self._over.discard(key)
            if key not in self._over:
                yield event
