"""The Supervisor: fed events, asked for snapshots at a time that the caller gives. All mutable state is here.

Live, replay, `lanes`, reports and tests go through it in the same way, so that they end in the same figures.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tui.fleet import fleet_sums
from tui.fleet.clock_skew import Descent
from tui.fleet.control_state import BUSY, in_hand
from tui.fleet.detectors import make_judge
from tui.fleet.fleet_judge import Judging, gravest_first
from tui.fleet.lane_record import Entry
from tui.fleet.lane_snapshot import SPARK_CELLS, SPARK_STEP_S, LaneBuilder, Prices
from tui.fleet.linking import by_process, descents, link, recording_of
from tui.fleet.shard import Part, Shared
from tui.fleet.state import Liveness, Thresholds, judge_state
from tui.fleet.state_findings import cut_off, detached, state_findings
from tui.judge.collisions import Touch
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.ledger.burn import add_burns
from tui.ledger.calls import CallBook
from tui.ledger.forks import settle_fork
from tui.ledger.lane import LaneLedger
from tui.model.control import FREE, LaneControl
from tui.model.event import Edit, Event, LaneInfo, Limit, Prompt, Skip
from tui.model.evidence import LaneId
from tui.model.finding import Family, Finding, FindingKind
from tui.model.snapshot import NOT_LOOKED, Fleet, Lane, LaneState, LimitState, ProcessFact, Scan

SKIPS_KEPT = 1000
REFRESH_S = 1.0
"""Rates and states move with time alone: lanes without news are looked at this often."""
QUIET_REFRESH_S = 5.0
"""A lane between turns moves by the minute: its rate falls and it becomes idle."""
DEAD_S = 2 * 3600
"""Silent this long, an ended lane has no rate left that could change."""


Listener = Callable[[LaneLedger, LaneJudge, Event], None]


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
        listener: Listener | None = None,
    ) -> None:
        """`limits` are the judge's, `off` what it never raises, `fleet_budget` all lanes' tokens per hour (0: none).

        `listener` hears each event after the lane's account and judge have taken it.
        """
        self._listener = listener
        self._builder = LaneBuilder(prices)
        self._prices = prices
        self._judging = Judging(limits or Limits(), off)
        self._fleet_budget = fleet_budget
        self.is_exact = False
        """On recorded time: every picture is made anew from the events alone, however it was come to. Live, what is
        costly and changes slowly is looked at every few seconds, and a lane keeps the name it was first shown by."""
        self._families: tuple[Family, ...] = ()
        self._families_at = float("-inf")
        self._thresholds = thresholds or Thresholds()
        self.shared = Shared(prices, self._judging.limits)
        self._part = self._new_part()
        self._parts = [self._part]
        self._ids: dict[LaneId, Entry] = {}
        self._skips: deque[Skip] = deque(maxlen=SKIPS_KEPT)
        self._skip_count = 0
        self._processes: tuple[ProcessFact, ...] = ()
        self._registries: tuple[str, ...] = ()
        self._by_process: dict[int, ProcessFact] = {}
        self._recordings: dict[str, str] = {}
        """Why transcripts are recordings, by path."""
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

    def feed(self, path: str, agent: str, events: Iterable[Event | Skip], part: Part | None = None) -> None:
        """Takes what a transcript's reader made of it, in the transcript's order.

        `path` names the transcript, `agent` the program that wrote it ("" if unknown so far). `part` is the one that
        holds the transcript, where there are several.
        """
        part = part or self._part
        if agent:
            part.agents[path] = agent
        agent = part.agents.get(path, agent) or "unknown"
        listener = self._listener
        for event in events:
            if isinstance(event, Skip):
                self._skips.append(event)
                self._skip_count += 1
                self._rest_changed = True
                continue
            if isinstance(event, Limit):
                self._hear_limit(part, agent, event)
            entry = part.entries.get((path, event.lane)) or self._entry(part, path, agent, event.lane)
            ledger = entry.ledger
            spawned = len(ledger.spawned)
            if isinstance(event, Prompt) and entry.judge.first_prompt is None:
                self._kin_changed = True  # subagents of one prompt are counted
            ledger.apply(event)
            entry.judge.apply(event)
            if listener is not None:
                listener(ledger, entry.judge, event)
            if isinstance(event, Edit):
                self._judging.touch(entry, event)
            # A call or a result may name the subagent that it started.
            if isinstance(event, LaneInfo) or len(ledger.spawned) != spawned:
                self._kin_changed = True
        self._changed = True

    def forget(self, path: str) -> None:
        """The transcript is read anew from its beginning: what it said is taken back."""
        entries = self._part.entries
        for key in [key for key in entries if key[0] == path]:
            entry = entries.pop(key)
            self._judging.forget(entry)
            self._part.book.release(entry.ledger, list(entry.ledger.calls))
            self._ids.pop(entry.id, None)
        self._kin_changed = True
        self._changed = True

    def move(self, old: str, new: str) -> None:
        """The transcript was renamed; what it said stands."""
        entries, agents = self._part.entries, self._part.agents
        for key in [key for key in entries if key[0] == old]:
            entry = entries.pop(key)
            entry.ledger.path = new
            entry.recording = self._recordings.get(new, NOT_LOOKED)
            entry.built_version = -1
            entries[(new, key[1])] = entry
        if old in agents:
            agents[new] = agents.pop(old)
        self._kin_changed = True
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

    def hear_owner(self, path: str, recording: str) -> None:
        """Whose a transcript is: why it is only a recording, empty if it is the operator's own.

        Of a transcript of which nothing is heard it is not known, and its lanes are recordings.
        """
        if self._recordings.get(path, NOT_LOOKED) == recording:
            return
        self._recordings[path] = recording
        if path not in self._part.agents:
            return  # the first thing that is heard of it
        for (place, _), entry in self._part.entries.items():
            if place == path:
                entry.recording = recording
                entry.built_version = -1
                self._kin_changed = self._changed = True

    def hear_control(self, hands: Mapping[LaneId, LaneControl]) -> None:
        """What the operator's hands can reach and have made of the lanes; a lane that is not named is free."""
        for entry in self._all():
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
        if self._fleet is not None and not self._changed and self._is_fresh(now - self._fleet.at):
            return self._fleet
        self._changed = False
        self.turn_day(midnight)
        kin_changed = self._kin_changed or any(part.book.is_unsettled for part in self._parts)
        if kin_changed:
            self._link()
        for part in self._parts:
            part.book.settle()
        self._settle_forks()
        self._judge(now, kin_changed=kin_changed)
        rebuilt = False
        for root in self._roots:
            rebuilt = self._build(root, now, 0) or rebuilt
        same = not rebuilt and not self._rest_changed and not self.is_exact
        if self._fleet is not None and same and self._fleet.scan == self._scan:
            self._fleet = replace(self._fleet, at=now)
            return self._fleet
        self._rest_changed = False
        made = self._fleet_of(now)
        if self._fleet is None or made != replace(self._fleet, at=now):
            self._version += 1
        self._fleet = replace(made, version=self._version)
        return self._fleet

    def ledger(self, lane: LaneId) -> LaneLedger | None:
        """The account behind a lane, for those who explain it."""
        entry = self._ids.get(lane)
        return entry.ledger if entry else None

    def burn_over(self, start: float, step_s: float, cells: int) -> array[int]:
        """Tokens spent in each of `cells` intervals of `step_s` seconds from `start` (seconds UTC) on."""
        burnt = array("q", bytes(8 * cells))
        for part in self._parts:
            part.book.burn_over(start, step_s, burnt)
        return burnt

    # -- parts: for a replay ----------------------------------------------------------------------

    def new_part(self) -> Part:
        """Another part, fed by name."""
        part = self._new_part()
        self.put(part)
        return part

    def descents(self) -> list[Descent]:
        """Every lane that has a parent, as of the last picture."""
        return descents(self._all())

    def put(self, part: Part) -> None:
        """Takes a part in as it is."""
        self._parts.append(part)
        part.set_day(self._midnight)
        self.relink()

    def drop(self, part: Part) -> None:
        """Gives a part away."""
        self._parts.remove(part)
        self.relink()

    def relink(self) -> None:
        """Lanes came or went, or somebody else made pictures of them: all is looked at anew."""
        self._kin_changed = self._changed = self._rest_changed = True

    def set_seen(self, skips: Sequence[Skip], touches: Iterable[Touch]) -> None:
        """What could not be read, and which files were written, in place of all that was known of both."""
        self._skips = deque(skips, maxlen=SKIPS_KEPT)
        self._skip_count = len(skips)
        self._judging.set_touches(touches)
        self.relink()

    def take_touches(self) -> list[Touch]:
        """The writes of files that were fed since this was asked last; the first time of none."""
        return self._judging.take_touches()

    # -- inside ---------------------------------------------------------------------------------

    def _is_fresh(self, age: float) -> bool:
        """Whether what was made so many seconds ago still stands; time may go back in a replay."""
        return age == 0 if self.is_exact else 0 <= age < REFRESH_S

    def _new_part(self) -> Part:
        part = Part(CallBook())
        if self._fleet_budget:
            part.book.meter.keep_whole()
        return part

    def _all(self) -> list[Entry]:
        return [entry for part in self._parts for entry in part.entries.values()]

    def _entry(self, part: Part, path: str, agent: str, local: str) -> Entry:
        ledger = LaneLedger(agent, path, local, part.book, self._builder.is_long)
        ledger.set_day(self._midnight)
        if self._judging.has_burn_budget:
            ledger.meter.keep_whole()
        if local:
            main = part.entries.get((path, ""))
            ledger.session = main.ledger.session if main else ""
        entry = Entry(ledger, make_judge(self._judging.limits, self._prices))
        entry.recording = self._recordings.get(path, NOT_LOOKED)
        part.entries[(path, local)] = entry
        self._kin_changed = True
        return entry

    def _hear_limit(self, part: Part, agent: str, event: Limit) -> None:
        if event.used_percent is None:
            return
        key = (agent, event.name, event.window_minutes)
        known = part.limits.get(key)
        made = LimitState(agent, event.name, event.window_minutes, event.used_percent, event.resets_at, event.at)
        if known is not None and fleet_sums.weight(made) < fleet_sums.weight(known):
            return
        self._rest_changed = True
        part.limits[key] = made

    def turn_day(self, midnight: float) -> None:
        """Today begins at `midnight` (seconds UTC): what is put in is counted so."""
        if midnight == self._midnight:
            return
        self._midnight = midnight
        self._rest_changed = True
        for part in self._parts:
            part.set_day(midnight)

    def _link(self) -> None:
        self._kin_changed = False
        self._rest_changed = True
        entries = self._all()
        self._roots = link(entries, self._ids, anew=self.is_exact)
        before, self._by_process = self._by_process, by_process(entries, self._processes)
        for entry in entries:
            if self._all_stale or before.get(id(entry.ledger)) != self._by_process.get(id(entry.ledger)):
                entry.built_at = float("-inf")
        self._all_stale = False

    def _settle_forks(self) -> None:
        """Which calls of a fork are its parent's, wherever one of the two has counted on."""
        for entry in self._all():
            child, parent = entry.ledger, entry.parent.ledger if entry.parent is not None else None
            if not child.guesses:
                continue
            seen = child.version_count, len(parent.sequence) if parent is not None else -1
            if seen != entry.fork_seen:
                settle_fork(child, parent, child.book)
                entry.fork_seen = child.version_count, seen[1]

    def _judge(self, now: float, *, kin_changed: bool) -> None:
        """Families over all lanes; a lane about which something else is said now is pictured anew."""
        shown = [entry for entry in self._all() if not entry.hidden]
        changed = self._judging.update(shown, kin_changed=kin_changed)
        news = self._judging.between_lanes(shown, kin_changed=kin_changed)
        if news:
            for entry in shown:
                if entry.key in news:
                    entry.built_version = -1
        if not changed and (not self._families or self._is_fresh(now - self._families_at)):
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
        is_same = not below and old is not None and entry.built_version == ledger.version_count
        if self.is_exact and is_same and old is not None and entry.is_silent(old, now, depth):
            return self._restate(entry, old, now)
        if not self.is_exact and is_same and old is not None:
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
            recording=recording_of(entry),
        )  # fmt: skip
        entry.built_version, entry.built_at = ledger.version_count, now
        if made == old:
            return False  # the old picture stays: who draws tells change by identity
        entry.lane = made
        return True

    def _restate(self, entry: Entry, old: Lane, now: float) -> bool:
        verdict = in_hand(judge_state(entry.ledger, self._liveness(entry), now, self._thresholds), entry.control)
        if verdict.state is not old.state:
            entry.built_version = -1
            return self._build(entry, now, old.depth)
        if (verdict.since, verdict.evidence) == (old.state_since, old.evidence):
            return False
        entry.lane = replace(old, state_since=verdict.since, evidence=verdict.evidence)
        return True

    def _fleet_of(self, now: float) -> Fleet:
        entries = list(fleet_sums.in_tree_order(self._roots))
        meters = [part.book.meter for part in self._parts]
        findings = [finding for entry in entries for finding in entry.findings]
        findings += self._judging.of_fleet(meters, self._fleet_budget, now)
        shares = fleet_sums.model_shares(entries)
        usage, cost = fleet_sums.totals(shares)
        usage_today, cost_today, today_is_lower_bound = fleet_sums.today(entries, self._builder)
        sparks = (meter.spark(now, SPARK_CELLS, SPARK_STEP_S) for meter in meters)
        return Fleet(
            at=now, lanes=tuple(entry.lane for entry in entries if entry.lane is not None), totals=usage,
            totals_today=usage_today, cost_usd=cost, cost_today_usd=cost_today,
            burn=add_burns([meter.windows(now) for meter in meters]), spark=tuple(map(sum, zip(*sparks, strict=True))),
            models=shares, limits=fleet_sums.limits_of(self._parts), skipped=fleet_sums.by_place(self._skips),
            skipped_lines=self._skip_count, scan=self._scan,
            findings=gravest_first(one for one in findings if one.is_open),
            past_findings=fleet_sums.newest_past(findings), families=self._families, version=self._version,
            today_is_lower_bound=today_is_lower_bound,
        )  # fmt: skip
