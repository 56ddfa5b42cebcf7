"""The Supervisor: fed events, asked for snapshots at a time that the caller gives. All mutable state is here.

Live, replay, `lanes`, reports and tests go through it in the same way, so that they end in the same figures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tui.engine.builder import SPARK_CELLS, SPARK_STEP_S, LaneBuilder, Prices
from tui.engine.control_state import BUSY, in_hand
from tui.engine.detectors import make_judge
from tui.engine.entry import DEEPEST, Entry
from tui.engine.judging import PAST_KEPT, Judging, gravest_first
from tui.engine.state import Liveness, Thresholds, judge_state
from tui.engine.state_findings import cut_off, detached, state_findings
from tui.engine.tree import Kinship, lane_id
from tui.judge.limits import Limits
from tui.ledger.calls import CallBook
from tui.ledger.forks import settle_fork
from tui.ledger.lane import LaneLedger
from tui.model.control import FREE, LaneControl
from tui.model.event import Edit, Event, LaneInfo, Limit, Skip
from tui.model.evidence import LaneId
from tui.model.finding import Family, Finding, FindingKind
from tui.model.snapshot import Fleet, Lane, LaneState, LimitState, ModelUsage, ProcessFact, Scan
from tui.model.usage import ZERO, Usage

SKIPS_KEPT = 1000
REFRESH_S = 1.0
"""Rates and states move with time alone: lanes without news are looked at this often."""
QUIET_REFRESH_S = 5.0
"""A lane between turns moves by the minute: its rate falls and it becomes idle."""
DEAD_S = 2 * 3600
"""Silent this long, an ended lane has no rate left that could change."""


class Supervisor:
    """Holds all lanes. Not thread-safe: one thread feeds it and asks it."""

    def __init__(
        self,
        prices: Prices,
        thresholds: Thresholds | None = None,
        *,
        limits: Limits | None = None,
        off: frozenset[FindingKind] = frozenset(),
        fleet_budget: int = 0,
    ) -> None:
        """`limits` are the judge's, `off` what it never raises, `fleet_budget` all lanes' tokens per hour (0: none)."""
        self._builder = LaneBuilder(prices)
        self._prices = prices
        self._judging = Judging(limits or Limits(), off)
        self._fleet_budget = fleet_budget
        self._families: tuple[Family, ...] = ()
        self._families_at = float("-inf")
        self._thresholds = thresholds or Thresholds()
        self._book = CallBook()
        self._entries: dict[tuple[str, str], Entry] = {}
        self._by_ledger: dict[int, Entry] = {}
        self._ids: dict[LaneId, Entry] = {}
        self._agents: dict[str, str] = {}
        self._skips: deque[Skip] = deque(maxlen=SKIPS_KEPT)
        self._skip_count = 0
        self._limits: dict[tuple[str, str | None, int | None], LimitState] = {}
        self._processes: tuple[ProcessFact, ...] = ()
        self._registries: tuple[str, ...] = ()
        self._by_process: dict[int, ProcessFact] = {}
        self._scan = Scan()
        self._midnight = float("-inf")
        self._kin_changed = False
        self._roots: list[Entry] = []
        self._version = 0
        self._fleet: Fleet | None = None
        self._changed = True
        self._all_stale = False
        """What is known of all processes changed at once: every state is to be decided anew."""
        self._rest_changed = False
        """Something beside the lanes' own pictures is new: a skip, a limit, the day, the tree."""

    # -- feeding --------------------------------------------------------------------------------

    def feed(self, path: str, agent: str, events: Iterable[Event | Skip]) -> None:
        """Takes what a transcript's reader made of it, in the transcript's order.

        `path` names the transcript, `agent` the program that wrote it ("" if unknown so far).
        """
        if agent:
            self._agents[path] = agent
        agent = self._agents.get(path, agent) or "unknown"
        for event in events:
            if isinstance(event, Skip):
                self._skips.append(event)
                self._skip_count += 1
                self._rest_changed = True
                continue
            if isinstance(event, Limit):
                self._hear_limit(agent, event)
            entry = self._entry(path, agent, event.lane)
            ledger = entry.ledger
            spawned = len(ledger.spawned)
            ledger.apply(event)
            entry.judge.apply(event)
            if isinstance(event, Edit):
                self._judging.touch(entry, event)
            # A call or a result may name the subagent that it started.
            if isinstance(event, LaneInfo) or len(ledger.spawned) != spawned:
                self._kin_changed = True
        self._changed = True

    def forget(self, path: str) -> None:
        """The transcript is read anew from its beginning: what it said is taken back."""
        for key in [key for key in self._entries if key[0] == path]:
            entry = self._entries.pop(key)
            self._judging.forget(entry)
            self._book.release(entry.ledger, list(entry.ledger.calls))
            self._by_ledger.pop(id(entry.ledger), None)
            self._ids.pop(entry.id, None)
        self._kin_changed = True
        self._changed = True

    def move(self, old: str, new: str) -> None:
        """The transcript was renamed; what it said stands."""
        for key in [key for key in self._entries if key[0] == old]:
            entry = self._entries.pop(key)
            entry.ledger.path = new
            entry.built_version = -1
            self._entries[(new, key[1])] = entry
        if old in self._agents:
            self._agents[new] = self._agents.pop(old)
        self._changed = True

    def observe(self, processes: Sequence[ProcessFact], registries: Sequence[str]) -> None:
        """Which agent processes live now. `registries` are agent homes whose clients register each process.

        A lane below such a home without a process is known to have none.
        """
        facts, homes = tuple(processes), tuple(registries)
        if facts == self._processes and homes == self._registries:
            return
        self._all_stale = homes != self._registries
        self._processes, self._registries = facts, homes
        self._kin_changed = True
        self._changed = True

    def hear_control(self, hands: Mapping[LaneId, LaneControl]) -> None:
        """What the operator's hands can reach and have made of the lanes; a lane that is not named is free."""
        for entry in self._entries.values():
            control = hands.get(entry.id, FREE)
            if control != entry.control:
                entry.control = control
                entry.built_version = -1
                self._changed = True

    def set_scan(self, scan: Scan) -> None:
        """How far the reading of history has come."""
        if scan != self._scan:
            self._scan = scan
            self._changed = True

    # -- asking ---------------------------------------------------------------------------------

    def snapshot(self, now: float, midnight: float) -> Fleet:
        """All lanes at `now`; `midnight` is when today began. Both in seconds UTC.

        The same object is given again while nothing has changed.
        """
        if self._fleet is not None and not self._changed and now - self._fleet.at < REFRESH_S:
            return self._fleet
        self._changed = False
        self._turn_day(midnight)
        kin_changed = self._kin_changed
        if kin_changed:
            self._link()
        self._book.settle()
        self._judge(now, kin_changed=kin_changed)
        rebuilt = False
        for root in self._roots:
            rebuilt = self._build(root, now, 0) or rebuilt
        same = not rebuilt and not self._rest_changed
        if self._fleet is not None and same and self._fleet.scan == self._scan:
            self._fleet = replace(self._fleet, at=now)
            return self._fleet
        self._rest_changed = False
        self._version += 1
        self._fleet = self._fleet_of(now)
        return self._fleet

    def ledger(self, lane: LaneId) -> LaneLedger | None:
        """The account behind a lane, for those who explain it."""
        entry = self._ids.get(lane)
        return entry.ledger if entry else None

    # -- inside ---------------------------------------------------------------------------------

    def _entry(self, path: str, agent: str, local: str) -> Entry:
        entry = self._entries.get((path, local))
        if entry is not None:
            return entry
        ledger = LaneLedger(agent, path, local, self._book, self._builder.is_long)
        ledger.set_day(self._midnight)
        if local:
            main = self._entries.get((path, ""))
            ledger.session = main.ledger.session if main else ""
        entry = Entry(ledger, make_judge(self._judging.limits, self._prices))
        self._entries[(path, local)] = entry
        self._by_ledger[id(ledger)] = entry
        self._kin_changed = True
        return entry

    def _hear_limit(self, agent: str, event: Limit) -> None:
        if event.used_percent is None:
            return
        key = (agent, event.name, event.window_minutes)
        known = self._limits.get(key)
        if known is not None and known.heard is not None and event.at is not None and event.at < known.heard:
            return
        self._rest_changed = True
        self._limits[key] = LimitState(
            agent, event.name, event.window_minutes, event.used_percent, event.resets_at, event.at
        )

    def _turn_day(self, midnight: float) -> None:
        if midnight == self._midnight:
            return
        self._midnight = midnight
        self._rest_changed = True
        for entry in self._entries.values():
            entry.ledger.set_day(midnight)

    def _link(self) -> None:
        self._kin_changed = False
        self._rest_changed = True
        entries = list(self._entries.values())
        kin = Kinship(entry.ledger for entry in entries)
        for entry in entries:
            entry.children = []
            entry.hidden = kin.has_own_file(entry.ledger)
        self._roots = []
        for entry in entries:
            self._name(entry)
            parent = kin.parent(entry.ledger)
            found = self._by_ledger.get(id(parent)) if parent is not None else None
            if found is not None and self._descends(found, entry):
                found = None
            if found is not entry.parent:
                entry.built_version = -1
            entry.parent = found
            if found is not None and entry.ledger.sequence:
                settle_fork(entry.ledger, found.ledger, self._book)
        for entry in entries:
            if entry.hidden:
                continue
            if entry.parent is None:
                self._roots.append(entry)
            else:
                entry.parent.children.append(entry)
        self._cut_deep()
        self._match_processes(entries)

    def _cut_deep(self) -> None:
        """Transcripts can claim a descent of any depth; what lies deeper than `DEEPEST` stands at the top."""
        level = list(self._roots)
        for _ in range(DEEPEST):
            level = [child for entry in level for child in entry.children]
        while level:
            for entry in level:
                if entry.parent is not None:
                    entry.parent.children.remove(entry)
                    entry.parent = None
                self._roots.append(entry)
            for _ in range(DEEPEST):
                level = [child for entry in level for child in entry.children]

    def _descends(self, entry: Entry, ancestor: Entry) -> bool:
        """Transcripts can claim anything, a circle of parents too."""
        seen: set[int] = set()
        walk: Entry | None = entry
        while walk is not None and id(walk) not in seen:
            if walk is ancestor:
                return True
            seen.add(id(walk))
            walk = walk.parent
        return False

    def _name(self, entry: Entry) -> None:
        if entry.id:
            return  # a lane keeps its name: a person may have learnt it
        if not entry.ledger.session and entry.ledger.version_count < 1:
            return
        entry.id = lane_id(entry.ledger, self._ids)
        self._ids[entry.id] = entry

    def _match_processes(self, entries: list[Entry]) -> None:
        before, self._by_process = self._by_process, {}
        by_session = {(f.agent, f.session): f for f in self._processes if f.session}
        by_transcript = {f.transcript: f for f in self._processes if f.transcript}
        mains = [entry for entry in entries if entry.ledger.agent_id is None and not entry.hidden]
        for entry in mains:
            ledger = entry.ledger
            fact = by_session.get((ledger.agent, ledger.session)) or by_transcript.get(ledger.path)
            if fact is not None:
                self._by_process[id(ledger)] = fact
        for fact in self._processes:
            if fact.session or fact.transcript or not fact.cwd:
                continue
            # A folder is weak evidence: only its newest lane, and only if nothing better is known of it.
            candidates = [e for e in mains if e.ledger.agent == fact.agent and e.ledger.cwd == fact.cwd]
            newest = max(candidates, key=lambda e: e.ledger.last_event or 0.0, default=None)
            if newest is not None:
                self._by_process.setdefault(id(newest.ledger), fact)
        for entry in entries:
            if self._all_stale or before.get(id(entry.ledger)) != self._by_process.get(id(entry.ledger)):
                entry.built_at = float("-inf")
        self._all_stale = False

    def _judge(self, now: float, *, kin_changed: bool) -> None:
        """Families over all lanes; a lane about which something else is said now is pictured anew."""
        shown = [entry for entry in self._entries.values() if not entry.hidden]
        changed = self._judging.update(shown, kin_changed=kin_changed)
        if self._judging.between_lanes(shown, kin_changed=kin_changed):
            for entry in shown:
                entry.built_version = -1
        if not changed and (not self._families or 0 <= now - self._families_at < REFRESH_S):
            return
        self._families_at = now
        ledgers = {str(entry.id): entry.ledger for entry in shown}
        families, findings = self._judging.pictures(ledgers)
        if families != self._families:
            self._families = families
            self._rest_changed = True
        said: dict[LaneId, list[Finding]] = {}
        for finding in findings:
            if finding.lane is not None:
                said.setdefault(finding.lane, []).append(finding)
        for entry in shown:
            mine = tuple(said.get(entry.id, ()))
            if mine != entry.family:
                entry.family = mine
                entry.built_version = -1

    def _liveness(self, entry: Entry) -> Liveness:
        ledger = entry.ledger
        if ledger.agent_id is not None:
            return Liveness(parent_open=self._parent_waits(entry))
        probed = any(ledger.path.startswith(home) for home in self._registries)
        return Liveness(self._by_process.get(id(ledger)), probed)

    @staticmethod
    def _parent_waits(entry: Entry) -> bool | None:
        parent, call = entry.parent, entry.ledger.parent_call
        if parent is None or call is None or call in parent.ledger.background:
            return None
        return call in parent.ledger.open_calls

    def _build(self, entry: Entry, now: float, depth: int) -> bool:
        """Pictures this lane and all below it anew where something changed. True if anything did."""
        below = False
        for child in entry.children:
            below = self._build(child, now, depth + 1) or below
        ledger = entry.ledger
        old = entry.lane
        if not below and old is not None and entry.built_version == ledger.version_count:
            pace = REFRESH_S if ledger.turn_open else QUIET_REFRESH_S
            if now - entry.built_at < pace and entry.built_at <= now:
                return False
            if (
                old.last_event is not None
                and now - old.last_event > DEAD_S
                and entry.built_at > old.last_event + DEAD_S
            ):
                return False
        judged = judge_state(ledger, self._liveness(entry), now, self._thresholds)
        verdict = in_hand(judged, entry.control)
        children = [child.lane for child in entry.children if child.lane is not None]
        gone = judged.state is LaneState.ENDED and ledger.turn_open and self._liveness(entry).probed
        process = self._by_process.get(id(ledger))
        extra = [
            *state_findings(verdict), *detached(process, ledger.cwd, judged, ledger.turn_since, now),
            *self._judging.over_budget(entry, children, now),
        ]  # fmt: skip
        own = self._judging.of_lane(entry, [*extra, *(cut_off(entry.judge, verdict) if gone else ())])
        entry.findings = (*entry.family, *own)
        made = self._builder.build(
            ledger, entry.id, entry.parent.id if entry.parent else None, depth, verdict, children,
            process, now, entry.judge,
            gravest_first(one for one in entry.findings if one.is_open), entry.control, busy=judged.state in BUSY,
        )  # fmt: skip
        entry.built_version, entry.built_at = ledger.version_count, now
        if made == old:
            return False  # the old picture stays: who draws tells change by identity
        entry.lane = made
        return True

    def _fleet_of(self, now: float) -> Fleet:
        lanes: list[Lane] = []
        today: Usage = ZERO
        cost_today: float | None = 0.0
        models: dict[str | None, ModelUsage] = {}
        findings: list[Finding] = []
        stack = list(reversed(self._roots))
        while stack:
            entry = stack.pop()
            stack.extend(reversed(entry.children))
            if entry.lane is None:
                continue
            lanes.append(entry.lane)
            findings += entry.findings
            for model, total in entry.ledger.today.items():
                today += total.usage
                cost_today = _plus(cost_today, self._builder.cost(model, total))
            for share in entry.lane.models:
                known = models.get(share.model)
                models[share.model] = share if known is None else _together(known, share)
        findings += self._judging.of_fleet(self._book.meter.windows(now), self._fleet_budget, now)
        shares = tuple(sorted(models.values(), key=lambda share: -share.usage.total))
        cost: float | None = 0.0
        totals = ZERO
        for share in shares:
            cost = _plus(cost, share.cost_usd)
            totals += share.usage
        return Fleet(
            at=now, lanes=tuple(lanes), totals=totals, totals_today=today, cost_usd=cost, cost_today_usd=cost_today,
            burn=self._book.meter.windows(now),
            spark=self._book.meter.spark(now, SPARK_CELLS, SPARK_STEP_S), models=shares,
            limits=tuple(self._limits.values()), skipped=tuple(self._skips), skipped_lines=self._skip_count,
            scan=self._scan, findings=gravest_first(one for one in findings if one.is_open),
            past_findings=_newest_first([one for one in findings if not one.is_open]), families=self._families,
            version=self._version,
        )  # fmt: skip


def _newest_first(past: list[Finding]) -> tuple[Finding, ...]:
    past.sort(key=lambda one: (-(one.until or 0.0), one.key))
    return tuple(past[:PAST_KEPT])


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _together(a: ModelUsage, b: ModelUsage) -> ModelUsage:
    return ModelUsage(a.model, a.calls + b.calls, a.usage + b.usage, _plus(a.cost_usd, b.cost_usd))
