"""The Supervisor takes events and gives snapshots at a time that the caller states.

Live, replay, `lanes`, reports and tests use it in the same way and so get the same figures.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tui.fleet.clock_skew import Descent
from tui.fleet.costs import ModelCosts, Prices
from tui.fleet.feed import Changes, EventFeed, EventFilter, Listener
from tui.fleet.fleet_judge import FleetJudge, JudgePacing
from tui.fleet.picture import LaneName, Notes, Picture, Taken, changed_forks, groups, take, writes_of
from tui.fleet.refresh import LIVE, RefreshPolicy
from tui.fleet.shard import FleetShard, LaneRecord, ShardFactory
from tui.fleet.snapshotter import Snapshotter, Told
from tui.fleet.state import Thresholds
from tui.fleet.tree import LaneTree
from tui.judge.detector import Raised
from tui.judge.ended import EndedJudge, Judgement
from tui.judge.findings.collision import Touch
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.ledger.ended import restore
from tui.ledger.lane import LaneLedger
from tui.ledger.past_calls import PastCalls
from tui.model.control import LaneControl
from tui.model.event import Event, UnreadableLine
from tui.model.evidence import LaneId
from tui.model.finding import FindingKind
from tui.model.snapshot import NOT_LOOKED, Fleet, Judging, ProcessFact, Scan


class Supervisor:
    """Holds shards of lanes and other facts about the lanes. Not thread-safe.

    It writes to its own shards only. Borrowed shards are read; the names of their lanes, their places in the tree and
    their snapshots belong to this Supervisor, so that the shard's owner sees nothing of them.
    """

    def __init__(
        self,
        prices: Prices,
        thresholds: Thresholds | None = None,
        *,
        limits: Limits | None = None,
        off: frozenset[FindingKind] = frozenset(),
        fleet_budget: int = 0,
        listener: Listener | None = None,
        only: EventFilter | None = None,
        refresh: RefreshPolicy = LIVE,
    ) -> None:
        """A Supervisor without lanes.

        Args:
            prices: what usage costs.
            thresholds: seconds of silence after which states change.
            limits: the judge's.
            off: findings that are never raised.
            fleet_budget: all lanes' tokens per hour (0: none).
            listener: gets each event after the lane's ledger and judge have taken it.
            only: chooses the events that are taken.
            refresh: how often snapshots of unchanged lanes are made anew.
        """
        limits = limits or Limits()
        self.factory = ShardFactory(prices, limits, fleet_budget=fleet_budget)
        self.refresh = refresh
        self._fleet_budget = fleet_budget
        self._judge = FleetJudge(limits, off)
        self._pacing = JudgePacing(self._judge, refresh)
        self._tree = LaneTree(keeps_names=refresh.keeps_names)
        self._snapshotter = Snapshotter(ModelCosts(prices), thresholds or Thresholds(), self._judge, refresh)
        self._changes = Changes()
        self._feed = EventFeed(self.factory, self._judge, self._changes, listener, only)
        self._shard = self.factory.shard()
        """The shard of all transcripts that are fed without naming a shard."""
        self._shards = [self._shard]
        self._borrowed: set[FleetShard] = set()
        self._told = Told({})
        self._forks: dict[LaneName, LaneName] = {}
        """The forks of pictures that were restored, with their parents."""
        self._processes: tuple[ProcessFact, ...] = ()
        self._recordings: dict[str, str] = {}
        """By path: why a transcript is a recording."""
        self._midnight = float("-inf")
        self._fleet: Fleet | None = None
        self._version = 0

    # -- feeding --------------------------------------------------------------------------------

    def feed(
        self, path: str, agent: str, events: Iterable[Event | UnreadableLine], shard: FleetShard | None = None
    ) -> None:
        """Takes the events that a reader made of a transcript, in the transcript's order.

        Args:
            path: names the transcript.
            agent: the program that wrote it ("" if unknown so far).
            events: its next events.
            shard: the one that holds the transcript, if there are several. It must not be borrowed.
        """
        self._feed.feed(shard or self._shard, path, agent, events, self._midnight)

    def forget(self, path: str) -> None:
        """Removes everything that a transcript stated, since it is read again."""
        self._shard.deferred.discard(path)
        for record in self._shard.remove(path).values():
            self._judge.forget(record)
            self._shard.book.release(record.ledger, record.ledger.rows)
            self._tree.forget(record)
        self._changes.relations = self._changes.any = True

    def move(self, old: str, new: str) -> None:
        """Renames a transcript. Everything that it stated stays."""
        agents, deferred = self._shard.agents, self._shard.deferred
        if old in deferred:
            deferred.remove(old)
            deferred.add(new)
        for local, record in self._shard.remove(old).items():
            record.ledger.path = new
            self._shard.put(new, local, record)
            node = self._tree.node_of(record)
            if node is not None:
                node.key, node.recording, node.built_of = record.key, self._recordings.get(new, NOT_LOOKED), ()
        if old in agents:
            agents[new] = agents.pop(old)
        self._changes.relations = self._changes.any = True

    # -- judging later --------------------------------------------------------------------------------

    def defer(self, paths: Iterable[str]) -> None:
        """Leaves the lanes of these transcripts unjudged until `take_judges`. Call it before their first events."""
        self._shard.deferred.update(paths)

    def is_deferred(self, path: str) -> bool:
        """Whether the lanes of the transcript are to be judged later."""
        return path in self._shard.deferred

    def related_transcripts(self) -> list[str]:
        """Deferred transcripts of lanes that may be in one family with a judged lane, as of the last snapshot."""
        return self._judge.related_transcripts(node for node in self._tree.nodes if not node.hidden)

    def new_judge(self) -> LaneJudge:
        """A judge for one lane of a deferred transcript, to be fed and given to `take_judges`."""
        return self.factory.judge()

    def take_judges(self, path: str, judges: Mapping[str, LaneJudge]) -> None:
        """Gives the lanes of a deferred transcript their judges, which take all further events.

        `judges`, by the lane's name within the transcript, have taken exactly the events that were fed for it.
        """
        self._shard.deferred.discard(path)
        for local, record in self._shard.of(path).items():
            self._set_judge(record, judges.get(local) or self.new_judge())
        self._judge.prompts_changed()
        self._changes.any = True

    def settle(self, path: str) -> None:
        """Keeps of the judges of a transcript that has ended only what they found."""
        for record in self._shard.of(path).values():
            if record.judge.is_judged and not isinstance(record.judge, EndedJudge):
                self._set_judge(record, EndedJudge(Judgement.of(record.judge)))

    def defer_again(self, path: str) -> bool:
        """Leaves the lanes of a transcript unjudged until `take_judges` if it was settled. True if it was."""
        records = self._shard.of(path).values()
        if not any(isinstance(record.judge, EndedJudge) for record in records):
            return False
        self.defer([path])
        for record in records:
            self._set_judge(record, self.factory.not_judged)
        return True

    def _set_judge(self, record: LaneRecord, judge: LaneJudge) -> None:
        record.judge = judge
        node = self._tree.node_of(record)
        if node is not None:
            node.judge = judge

    def set_judging(self, judging: Judging) -> None:
        """Sets the progress of judging later."""
        if judging != self._told.judging:
            self._told = replace(self._told, judging=judging)
            self._changes.any = self._changes.rest = True

    # -- pictures of what has ended -------------------------------------------------------------------

    def take_notes(self) -> None:
        """Keeps what pictures need from now on. Call it before transcripts are fed."""
        if self._feed.notes is None:
            self._feed.notes = {}

    def picture(self, path: str, cwd: str | None) -> Taken:
        """The picture of a transcript that was fed to its end, as of the last snapshot. See `take`."""
        notes = (self._feed.notes or {}).get(path) or Notes()
        return take(self._shard, self._tree, path, cwd, notes)

    def groups(self) -> dict[str, frozenset[str]]:
        """The transcripts that can only be pictured together, as of the last snapshot. See `picture.groups`."""
        return groups(self._shard, self._tree)

    def restore(self, path: str, picture: Picture, calls: Callable[[str], PastCalls]) -> None:
        """Takes the picture of a transcript in place of its events. `calls` gives the calls of one of its lanes.

        The lanes of a deferred transcript are not judged: `take_judges` gives them their judges.
        """
        shard = self._shard
        if picture.agent:
            shard.agents[path] = picture.agent
        is_deferred, meter = path in shard.deferred, shard.book.meter
        for lane in picture.lanes:
            record = self.factory.record(shard, path, picture.agent or "unknown", lane.local, self._midnight)
            restore(record.ledger, lane.account, partial(calls, lane.local))
            meter.add_meter(record.ledger.meter)
            if meter.whole is not None:
                past = calls(lane.local)
                for one in range(len(past)):
                    meter.add_to_whole(past.time_of(one), past.usage_of(one).total)
            if lane.judgement is not None and not is_deferred:
                record.judge = EndedJudge(lane.judgement)
            if lane.fork_of is not None:
                self._forks[path, lane.local] = lane.fork_of
        for write in writes_of(path, picture):
            self._judge.add_write(write)
        for limit in picture.limits:
            shard.keep_limit(limit)
        for skip in picture.skips:
            shard.add_skip(skip)
        self._changes.relations = self._changes.any = self._changes.rest = True

    def changed_forks(self) -> set[str]:
        """Transcripts whose pictures are not right any more, as of the last snapshot. See `picture.changed_forks`."""
        return changed_forks(self._tree, self._forks)

    def call_keys(self) -> Iterable[int]:
        """The keys of all calls that were fed: see `key_of`."""
        return self._shard.book.keys()

    # -- facts besides events --------------------------------------------------------------------------

    def observe(self, processes: Sequence[ProcessFact], registries: Sequence[str]) -> bool:
        """Sets which agent processes live now. True if they are others than before.

        `registries` are agent homes whose clients register each process: a lane below such a home without a process is
        known to have none.
        """
        facts, homes = tuple(processes), tuple(registries)
        if facts == self._processes and homes == self._told.registries:
            return False
        self._processes = facts
        self._told = replace(self._told, registries=homes)
        self._changes.relations = self._changes.any = True
        return True

    def apply_owner(self, path: str, recording: str) -> None:
        """Sets why a transcript is a recording; empty if it is the operator's own.

        A transcript for which this was never called is a recording.
        """
        if self._recordings.get(path, NOT_LOOKED) == recording:
            return
        self._recordings[path] = recording
        for record in self._shard.of(path).values():
            node = self._tree.node_of(record)
            if node is not None:
                node.recording = recording
                self._changes.relations = self._changes.any = True

    def apply_control(self, controls: Mapping[LaneId, LaneControl]) -> None:
        """Sets the routes and the control state of each lane. Lanes that are not named are free."""
        if controls != self._told.controls:
            self._told = replace(self._told, controls=dict(controls))
            self._changes.any = True

    def apply_tags(self, tags: Mapping[LaneId, tuple[str, ...]]) -> None:
        """Sets the tags of each lane. Lanes that are not named have none."""
        if tags is not self._told.tags and tags != self._told.tags:
            self._told = replace(self._told, tags=tags)
            self._changes.any = True

    def apply_budgets(self, raised: Sequence[Raised]) -> None:
        """Sets the findings about budgets, which are counted outside: over all history, not only what is read here."""
        if tuple(raised) != self._told.budgets:
            self._told = replace(self._told, budgets=tuple(raised))
            self._changes.any = self._changes.rest = True

    def set_scan(self, scan: Scan) -> None:
        """Sets the progress of reading history."""
        if scan != self._told.scan:
            self._told = replace(self._told, scan=scan)
            self._changes.any = True

    def turn_day(self, midnight: float) -> None:
        """Sets the beginning of today (seconds UTC)."""
        if midnight == self._midnight:
            return
        self._midnight = midnight
        self._changes.rest = True
        for shard in self._own():
            shard.set_day(midnight)

    # -- queries --------------------------------------------------------------------------------------

    def snapshot(self, now: float, midnight: float) -> Fleet:
        """All lanes at `now`; `midnight` is the beginning of today. Both in seconds UTC.

        The same object is given while nothing has changed.
        """
        changes, fleet = self._changes, self._fleet
        if fleet is not None and not changes.any and self.refresh.is_fresh(now - fleet.at):
            return fleet
        if fleet is not None and self._nothing_due(now - fleet.at, now, midnight):
            self._fleet = replace(fleet, at=now)
            return self._fleet
        changed, changes.any = changes.any, False
        self.turn_day(midnight)
        self._settle(now, changed=changed)
        rebuilt = self._snapshotter.refresh_all(self._tree.roots, self._told, now)
        is_same = not rebuilt and not changes.rest and not self.refresh.is_exact
        if fleet is not None and is_same and fleet.scan == self._told.scan:
            self._fleet = replace(fleet, at=now)
            return self._fleet
        changes.rest = False
        made = self._snapshotter.fleet(
            self._tree, self._shards, self._pacing.families, self._told, now, midnight, self._fleet_budget
        )
        if fleet is None or made != replace(fleet, at=now, version=0):
            self._version += 1
        self._fleet = replace(made, version=self._version)
        return self._fleet

    def ledger(self, lane: LaneId) -> LaneLedger | None:
        """The ledger of a lane, for reading only."""
        node = self._tree.node(lane)
        return node.ledger if node else None

    def burn_over(self, start: float, step_s: float, cells: int) -> array[int]:
        """Tokens spent in each of `cells` intervals of `step_s` seconds from `start` (seconds UTC) on."""
        burnt = array("q", bytes(8 * cells))
        for shard in self._shards:
            shard.book.burn_over(start, step_s, burnt)
        return burnt

    def descents(self) -> list[Descent]:
        """Every lane that has a parent, as of the last snapshot."""
        return self._tree.descents()

    # -- shards: for a replay ---------------------------------------------------------------------

    def new_shard(self) -> FleetShard:
        """Adds a shard of its own. Later calls of `feed` name it."""
        made = self.factory.shard()
        self._shards.append(made)
        self._changed_lanes()
        return made

    def exchange_shards(
        self,
        writes: Iterable[Touch],
        *,
        drop: Collection[FleetShard] = (),
        own: Iterable[FleetShard] = (),
        borrow: Iterable[FleetShard] = (),
    ) -> None:
        """Replaces shards.

        Args:
            writes: all writes of files that are known with the new shards.
            drop: shards that it no longer holds.
            own: shards that belong to it from now on.
            borrow: shards of another Supervisor, which are settled and are not fed while they are borrowed.
        """
        self._shards = [shard for shard in self._shards if shard not in drop]
        self._borrowed.difference_update(drop)
        for shard in own:
            shard.set_day(self._midnight)
            self._shards.append(shard)
        for shard in borrow:
            self._borrowed.add(shard)
            self._shards.append(shard)
        self._judge.set_writes(writes)
        self._changed_lanes()

    # -- inside ---------------------------------------------------------------------------------

    def _changed_lanes(self) -> None:
        self._changes.relations = self._changes.any = self._changes.rest = True

    def _own(self) -> list[FleetShard]:
        return [shard for shard in self._shards if shard not in self._borrowed]

    def _nothing_due(self, age: float, now: float, midnight: float) -> bool:
        """Whether neither a change nor time makes the last snapshot, `age` seconds old, another one."""
        changes = self._changes
        is_changed = changes.any or changes.rest or changes.relations or midnight != self._midnight
        return age >= 0 and not is_changed and not self._pacing.is_due and not self._snapshotter.is_due(now)

    def _settle(self, now: float, *, changed: bool) -> None:
        """Builds the tree, decides the owner of each call, and lets the judge compare all lanes."""
        own = self._own()
        relations_changed = self._changes.relations or any(shard.book.is_unsettled for shard in own)
        if relations_changed:
            self._changes.relations, self._changes.rest = False, True
            self._tree.link(self._shards, self._borrowed, self._recordings)
            self._tree.assign_processes(self._processes)
        for shard in own:
            shard.book.settle()
        self._tree.settle_forks()
        shown = [node for node in self._tree.nodes if not node.hidden]
        self._changes.rest |= self._pacing.look(shown, now, changed=changed, relations_changed=relations_changed)
