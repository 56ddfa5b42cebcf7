"""Judges lanes together: which of them form one line of work, and the findings on each lane and on all of them.

A chain of actions is computed again when an action began or ended in one of its lanes. All else depends on single
lanes. Nothing here reads a clock: methods whose result depends on the time take it as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tui.fleet.family_view import family_findings, family_snapshot
from tui.fleet.refresh import RefreshPolicy
from tui.fleet.shard import LaneRecord
from tui.fleet.tree import LaneNode, recording_of
from tui.judge.detector import Raised
from tui.judge.families import CHAIN, LEAST_STEPS, Chain, FamilyState, Slice
from tui.judge.findings.collision import COLLISION, CollisionBook, Refusal, Touch
from tui.judge.findings.hourly_burn import HOURLY_BURN, BurnLimits, Burnt, hourly_burn, over
from tui.judge.findings.registry import spec_of
from tui.judge.findings.repetition import REPETITION
from tui.judge.findings.spiral import SPIRAL, Node, spirals
from tui.judge.limits import Limits
from tui.judge.pairs import Pair, Party, pairs, sender_of
from tui.ledger.burn import BUCKET_S, WINDOWS_S, BurnMeter, add_burns, tokens_within
from tui.ledger.lane import LaneLedger
from tui.model.event import Edit
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, Finding, FindingKind

ChainKey = tuple[str, ...]
"""Identifies a line of work. Its first item is the sort: a tree, a folder or a file."""
NOT_KNOWN: ChainKey = ("",)
MEMBERS_ASKED = 6
"""The number of the newest members of a family whose prompts are searched for the lane that starts its rounds."""
PAST_KEPT = 200
"""The most ended findings in a fleet's snapshot."""
_MINUTE, _FIVE, _HOUR = (window // BUCKET_S for window in WINDOWS_S)


class FleetJudge:
    """Families over all lanes, and their findings."""

    def __init__(self, limits: Limits, off: frozenset[FindingKind] = frozenset()) -> None:
        self.limits = limits
        self.off = off
        self._budgets = limits.of(BurnLimits)
        self._chains: dict[ChainKey, Chain] = {}
        self._seen: dict[str, tuple[int, int, float | None]] = {}
        """The version of each lane's actions that its chain has taken."""
        self._running: frozenset[str] = frozenset()
        """Lanes whose running action may belong to a family. Each of its steps is therefore taken into account."""
        self._keys: dict[str, ChainKey] = {}
        self._lanes: dict[str, LaneNode] = {}
        self._recordings: frozenset[str] = frozenset()
        """Lanes that can only be read. A recording has no effect on findings about the operator's own lanes."""
        self._book = CollisionBook(limits)
        self._spirals: dict[str, list[Raised]] = {}
        self._collisions: dict[str, list[Raised]] = {}
        self._pairs: dict[str, list[Pair]] = {}
        """By lane: the pair of which it is the first or the other lane."""
        self._burn_since = BurnSince()
        self._has_new_prompts = False

    def update(self, lanes: Iterable[LaneNode], *, relations_changed: bool) -> bool:
        """Computes the chains whose actions changed. True if there were any."""
        lanes = list(lanes)
        if relations_changed:
            self._keys = {lane.key: chain_key(lane) for lane in lanes}
        dirty: set[ChainKey] = set()
        for lane in lanes:
            key = self._keys.get(lane.key, NOT_KNOWN)
            version = self._version(lane)
            if self._seen.get(lane.key) != version or relations_changed:
                self._seen[lane.key] = version
                dirty.add(key)
        if not dirty:
            return False
        grouped: dict[ChainKey, list[LaneNode]] = {key: [] for key in dirty}
        for lane in lanes:
            key = self._keys.get(lane.key, NOT_KNOWN)
            if key in grouped:
                grouped[key].append(lane)
        for key, members in grouped.items():
            chain = self._chains.get(key)
            if chain is None:
                chain = self._chains[key] = Chain(self.limits, of_sessions=key[0] == FOLDER)
            chain.update(_slices(members))
        if relations_changed:
            self._chains = {key: chain for key, chain in self._chains.items() if key in dirty}
        self._running = frozenset(family.next.lane for family in self.families() if family.next is not None)
        return True

    def _version(self, lane: LaneNode) -> tuple[int, int, float | None]:
        """A value that changes whenever the lane's actions change in a way that the rules use."""
        steps, started = lane.judge.begun
        return lane.judge.actions_version, steps if lane.id in self._running else min(steps, LEAST_STEPS), started

    def add_write(self, write: Touch) -> None:
        """Notes that a lane wrote a file."""
        self._book.add(write)

    def set_writes(self, writes: Iterable[Touch]) -> None:
        """Replaces all known writes of files."""
        self._book = CollisionBook(self.limits)
        for write in writes:
            self._book.add(write)

    def forget(self, record: LaneRecord) -> None:
        """Forgets a lane, since it is read again."""
        self._book.forget(record.key)

    def related_transcripts(self, lanes: Iterable[LaneNode]) -> list[str]:
        """The transcripts of lanes that were not judged and may be in a family with a judged one, newest first.

        Of each line of work, only as many as are needed for the actions that are compared.
        """
        lines: dict[ChainKey, list[LaneNode]] = {}
        for lane in lanes:
            for key in {chain_key(lane), *map(chain_key, lane.children)}:
                lines.setdefault(key, []).append(lane)
        found: dict[str, None] = {}
        for line in lines.values():
            if not any(lane.judge.is_judged for lane in line):
                continue
            actions = 0
            for lane in sorted(line, key=lambda lane: -(lane.ledger.last_event or 0.0)):
                if not lane.judge.is_judged:
                    found.setdefault(lane.ledger.path)
                actions += len(lane.ledger.actions)
                if actions >= CHAIN:
                    break
        return list(found)

    def prompts_changed(self) -> None:
        """Notes that judges know more prompts than before."""
        self._has_new_prompts = True

    def compare_lanes(self, lanes: Iterable[LaneNode], *, relations_changed: bool) -> None:
        """Compares all lanes with each other. `between_lanes` returns the results."""
        if relations_changed:
            self._lanes = {lane.key: lane for lane in lanes}
            self._recordings = frozenset(lane.key for lane in self._lanes.values() if recording_of(lane))
        if relations_changed or self._has_new_prompts:
            self._has_new_prompts = False
            self._spirals = {} if SPIRAL.kind in self.off else dict(spirals(self._nodes(), self.limits))
        refusals = [
            Refusal(lane.key, _absolute(one.path, lane.ledger.cwd), one.held_at, one.at, lane.ledger.path, one.offset)
            for lane in self._lanes.values()
            for one in lane.judge.refused_edits
        ]
        self._collisions = self._book.found(self, refusals, relations_changed=relations_changed)
        self._compare_exchanges()

    def _compare_exchanges(self) -> None:
        self._pairs = {}
        exchanges = [lane.judge.exchange for lane in self._lanes.values()]
        if REPETITION.kind in self.off or not any(
            side.since is not None for one in exchanges for side in (one.helpers, one.writing)
        ):
            return
        parties = {key: self._party(lane) for key, lane in self._lanes.items()}
        recorded = [party for key, party in parties.items() if key in self._recordings]
        own = [party for key, party in parties.items() if key not in self._recordings]
        for pair in (*pairs(own), *pairs(recorded)):
            keys = [key for key in (pair.key, pair.other) if key is not None]
            loops = [one for key in keys for one in self._lanes[key].judge.raised() if _is_part(one, pair)]
            times = [one.since for one in (pair.raised, *loops) if one.since is not None]
            told = pair._replace(raised=replace(pair.raised, since=min(times, default=None)))
            for key in keys:
                self._pairs.setdefault(key, []).append(told)

    def _party(self, lane: LaneNode) -> Party:
        helpers: dict[str, tuple[str, Evidence]] = {}
        for child in self._below(lane):
            call, prompt = child.ledger.parent_call, child.judge.first_prompt
            if call is not None and prompt is not None:
                words = f"{child.id} was asked: {prompt.text[:80]}"
                helpers[call] = (str(child.id), Evidence(words, prompt.at, child.ledger.path, prompt.offset))
        return Party(lane.key, str(lane.id), lane.ledger.path, lane.judge.exchange, helpers)

    def lane(self, lane: LaneId | None) -> LaneNode | None:
        """The lane of that id; None if there is none."""
        return next((one for one in self._lanes.values() if one.id == lane), None) if lane is not None else None

    def starter(self, lane: LaneNode, members: Sequence[LaneNode]) -> LaneNode | None:
        """The lane that starts the lane's next round: the one above it, or the one that writes the members' prompts."""
        if lane.parent is not None:
            return lane.parent if self._are_alike(lane.key, lane.parent.key) else None
        others = (self._party(other) for key, other in self._lanes.items() if self._are_alike(lane.key, key))
        sender = sender_of([self._party(member) for member in members], others)
        return self._lanes.get(sender.key) if sender is not None else None

    def _are_alike(self, one: str, other: str) -> bool:
        """Whether both lanes are the operator's own, or both are recordings."""
        return (one in self._recordings) == (other in self._recordings)

    def _below(self, lane: LaneNode) -> list[LaneNode]:
        return [child for child in lane.children if self._are_alike(lane.key, child.key)]

    def for_starter(self, finding: Finding, family: Family | None, lanes: Mapping[LaneId, LaneNode]) -> Finding:
        """The finding of a family, with the lane that starts the next round if that is another lane."""
        lane = lanes.get(finding.lane) if finding.lane is not None and finding.is_open else None
        if lane is None:
            return finding
        names = {lane.id, *(member.lane for member in (family.members if family is not None else ())[-MEMBERS_ASKED:])}
        starter = self.starter(lane, [lanes[name] for name in names if name in lanes])
        return replace(finding, suggest_for=starter.id) if starter is not None else finding

    def between_lanes(self, lane: LaneNode) -> tuple[Raised, ...]:
        """The findings of the newest comparison of the lane with others."""
        collisions, spirals = self._collisions.get(lane.key), self._spirals.get(lane.key)
        paired = self._pairs.get(lane.key)
        if not collisions and not spirals and not paired:
            return ()
        told = (pair.raised for pair in paired or () if pair.key == lane.key)
        return (*(collisions or ()), *(spirals or ()), *told)

    def _without_pairs(self, lane: LaneNode, found: Iterable[Raised]) -> list[Raised]:
        """The findings without loops that are part of a loop of two lanes, so that each loop is shown once."""
        told = self._pairs.get(lane.key, ())
        return [one for one in found if not any(_is_part(one, pair) for pair in told)]

    def burn(
        self, whose: str, key: str, burnt: Burnt, budget: int, now: float, meters: Callable[[], Sequence[BurnMeter]]
    ) -> tuple[Raised, ...]:
        """The finding that a burn is over its budget, and since when. `burnt` is the sum of `meters`."""
        found = hourly_burn(burnt, budget, whose, now)
        if found is None:
            self._burn_since.forget((key, whose))
            return ()
        return (replace(found, since=self._burn_since.since((key, whose), meters(), budget, now)),)

    @property
    def has_burn_budget(self) -> bool:
        """Whether there is a budget for the burn of a lane or of a tree."""
        return bool(self._budgets.hourly_burn_tokens or self._budgets.tree_burn_tokens)

    def over_budget(self, lane: LaneNode, children: Sequence[LaneNode], now: float) -> list[Raised]:
        """The findings that a burn is over its budget, for the lane alone and with all lanes below it."""
        budgets = self._budgets
        if not self.has_burn_budget:
            return []
        burns = [lane.ledger.meter.windows(now), *(child.tree_spent for child in children)]
        own = Burnt(*(window.tokens for window in burns[0]))
        meter = lane.ledger.meter
        found = [*self.burn("the lane", lane.key, own, budgets.hourly_burn_tokens, now, lambda: [meter])]
        if children and budgets.tree_burn_tokens:
            tree = Burnt(*(sum(burn[at].tokens for burn in burns) for at in range(3)))
            found += self.burn(
                "the lane and all below it", lane.key, tree, budgets.tree_burn_tokens, now, lambda: _meters(lane)
            )
        return found

    def of_fleet(
        self, meters: Sequence[BurnMeter], budget: int, budgets: Sequence[Raised], now: float
    ) -> list[Finding]:
        """The findings on all lanes together, whose burn is the sum of `meters`. `budgets` were raised elsewhere."""
        found = [one for one in budgets if one.kind not in self.off]
        if HOURLY_BURN.kind not in self.off and budget:
            burnt = Burnt(*(window.tokens for window in add_burns([meter.windows(now) for meter in meters])))
            found += self.burn("all lanes together", "", burnt, budget, now, lambda: meters)
        return [
            Finding(
                kind=one.kind, key=f"{one.kind}:{one.subject}", lane=None, family=None, severity=one.severity,
                since=one.since, until=None, tokens_since=None, title=one.title, evidence=one.evidence,
                suggest=one.suggest, progress=one.progress or _progress(one.kind),
            )
            for one in found
        ]  # fmt: skip

    # -- facts for the book of collisions (`Lanes`) --------------------------------------------------------

    def are_related(self, one: str, other: str) -> bool:
        """Whether one of them descends from the other, or both are of one session, such as a copy of it."""
        a, b = self._lanes.get(one), self._lanes.get(other)
        if a is not None and b is not None and a.ledger.session and a.ledger.session == b.ledger.session:
            return True
        return self._descends(one, other) or self._descends(other, one)

    def is_recording(self, lane: str) -> bool:
        """Whether a lane can only be read."""
        return lane in self._recordings

    def is_below(self, lane: str, ancestor: str) -> bool:
        """Whether a lane descends from the other one."""
        return self._descends(lane, ancestor)

    def name(self, lane: str) -> str:
        """The name of a lane."""
        known = self._lanes.get(lane)
        return str(known.id) if known is not None else lane

    def started(self, lane: str) -> float | None:
        """The time at which a lane began."""
        known = self._lanes.get(lane)
        return known.ledger.started if known is not None else None

    def _descends(self, lane: str, ancestor: str) -> bool:
        walk = self._lanes.get(lane)
        for _ in range(100):
            if walk is None:
                return False
            walk = walk.parent
            if walk is not None and walk.key == ancestor:
                return True
        return False

    def _nodes(self) -> list[Node]:
        return [self._node(key, lane) for key, lane in self._lanes.items()]

    def _node(self, key: str, lane: LaneNode) -> Node:
        prompt = lane.judge.first_prompt
        parent, depth = lane.parent, 0
        walk = parent
        while walk is not None and depth < 100:
            depth, walk = depth + 1, walk.parent
        above = parent.key if parent is not None and self._are_alike(key, parent.key) else None
        return Node(
            key, str(lane.id), above, depth, prompt.text if prompt else "", lane.ledger.started, lane.ledger.path,
            prompt.offset if prompt else 0,
        )  # fmt: skip

    def families(self) -> list[FamilyState]:
        """Families of three members and more."""
        found = [family for chain in self._chains.values() for family in chain.families if len(family.members) >= 3]
        return sorted(found, key=lambda family: family.id)

    def snapshots(self, by_id: dict[str, LaneLedger]) -> tuple[tuple[Family, ...], tuple[Finding, ...]]:
        """The snapshots of all families, newest first, and their findings, ended ones too."""
        snapshots: list[Family] = []
        findings: list[Finding] = []
        for state in self.families():
            family = family_snapshot(state, by_id, self.limits)
            snapshots.append(family)
            findings += [one for one in family_findings(state, family, by_id) if one.kind not in self.off]
        snapshots.sort(key=lambda family: (-(family.members[-1].started or 0.0), family.id))
        return tuple(snapshots), tuple(findings)

    def of_lane(self, lane: LaneNode, extra: Sequence[Raised] = ()) -> list[Finding]:
        """The lane's own findings, ended ones too; `extra` are those of its state and its burn."""
        explained = self._book.explained(lane.key)
        own = [
            one
            for one in lane.judge.raised()
            if one.kind != COLLISION.kind or _absolute(one.subject, lane.ledger.cwd) not in explained
        ]
        if lane.key in self._pairs:
            own = self._without_pairs(lane, own)
        raised = (*own, *extra, *self.between_lanes(lane))
        return [finding_of(lane, one) for one in raised if one.kind not in self.off]


class JudgePacing:
    """Decides when the families of all lanes are computed: after changes, at the pace of the Supervisor."""

    def __init__(self, judge: FleetJudge, refresh: RefreshPolicy) -> None:
        self._judge = judge
        self._refresh = refresh
        self._looked_at = float("-inf")
        self._is_stale = True
        """True if something may have changed since the families were last computed."""
        self.families: tuple[Family, ...] = ()

    @property
    def is_due(self) -> bool:
        """Whether families wait for being computed again."""
        return self._is_stale and bool(self.families)

    def look(self, lanes: Sequence[LaneNode], now: float, *, changed: bool, relations_changed: bool) -> bool:
        """Gives each lane its findings as a member of families. True if the families changed.

        `changed`: whether anything was fed or set since the last call. Time alone changes nothing here.
        """
        chains_changed = False
        if changed or relations_changed:
            self._is_stale = True
            chains_changed = self._judge.update(lanes, relations_changed=relations_changed)
            self._judge.compare_lanes(lanes, relations_changed=relations_changed)
        if not self._is_stale:
            return False
        if not chains_changed and (not self.families or self._refresh.is_fresh(now - self._looked_at)):
            return False
        self._looked_at, self._is_stale = now, False
        families, findings = self._judge.snapshots({str(lane.id): lane.ledger for lane in lanes})
        by_id = {lane.id: lane for lane in lanes}
        by_family = {family.id: family for family in families}
        findings = tuple(self._judge.for_starter(one, by_family.get(one.family or ""), by_id) for one in findings)
        said: dict[LaneId, list[Finding]] = {}
        for finding in findings:
            if finding.lane is not None:
                said.setdefault(finding.lane, []).append(finding)
        for lane in lanes:
            lane.family_findings = tuple(said.get(lane.id, ()))
        if families == self.families:
            return False
        self.families = families
        return True


class BurnSince:
    """Finds since when a burn is over its budget. It caches how far it looked back, since that may be days."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, int, int]] = {}
        """By finding: the corrections of the meters, the newest bucket that was looked at, and the bucket in which the
        stretch began."""

    def forget(self, key: tuple[str, str]) -> None:
        """Forgets a stretch, since the burn is within the budget."""
        self._known.pop(key, None)

    def since(self, key: tuple[str, str], meters: Sequence[BurnMeter], budget: int, now: float) -> float:
        """The beginning of the time in which the meters together are over the budget.

        It is the start of a bucket, in seconds UTC.

        They are over it at `now`. Each of the meters keeps its whole life (`BurnMeter.keep_whole`).
        """
        last = int(now // BUCKET_S)
        corrections = sum(meter.corrections for meter in meters) + len(meters)
        known = self._known.get(key)
        reached = known[1] if known is not None and known[0] == corrections and known[1] <= last else None
        first = _first_over(meters, budget, last, reached)
        if known is not None and reached is not None and first <= reached:
            first = known[2]
        self._known[key] = (corrections, last, first)
        return float(first * BUCKET_S)


def _first_over(meters: Sequence[BurnMeter], budget: int, last: int, reached: int | None) -> int:
    """The first bucket of the stretch over the budget that ends at `last`; it looks no further back than `reached`."""
    wholes = [meter.whole or {} for meter in meters]
    oldest = min((min(whole) for whole in wholes if whole), default=last) if reached is None else reached

    def spent(bucket: int) -> int:
        return sum(whole.get(bucket, 0) for whole in wholes)

    within = [tokens_within(whole, last) for whole in wholes]
    minute, five, hour = (sum(tokens[at] for tokens in within) for at in range(len(WINDOWS_S)))
    bucket = last
    while bucket > oldest:
        now = spent(bucket)
        minute += spent(bucket - _MINUTE) - now
        five += spent(bucket - _FIVE) - now
        hour += spent(bucket - _HOUR) - now
        if over(Burnt(max(0, minute), max(0, five), max(0, hour)), budget) is None:
            break
        bucket -= 1
    return bucket


def file_write(record: LaneRecord, event: Edit) -> Touch | None:
    """The write of a file by this event; None if it has no time or was not made by the lane."""
    if event.at is None or not event.by_lane:
        return None
    path = _absolute(event.path, record.ledger.cwd)
    return Touch(record.key, path, event.at, record.ledger.path, event.offset)


def _is_part(one: Raised, pair: Pair) -> bool:
    """Whether a loop of a single lane is a part of a pair's loop."""
    return one.kind == REPETITION.kind and one.until is None and (one.since or 0.0) >= (pair.began or 0.0)


def _absolute(path: str, cwd: str | None) -> str:
    return path if path.startswith("/") or not cwd else f"{cwd.rstrip('/')}/{path}"


def _meters(lane: LaneNode) -> list[BurnMeter]:
    """The burn meters of the lane and of all lanes below it."""
    found: list[BurnMeter] = []
    waiting = [lane]
    while waiting:
        one = waiting.pop()
        found.append(one.ledger.meter)
        waiting.extend(child for child in one.children if bool(recording_of(child)) == bool(recording_of(lane)))
    return found


def finding_of(lane: LaneNode, raised: Raised) -> Finding:
    """The finding for what a detector raised, with the lane, the path and the tokens."""
    ledger = lane.ledger
    return Finding(
        kind=raised.kind, key=f"{raised.kind}:{raised.subject}" if raised.subject else raised.kind.value,
        lane=lane.id, family=None, severity=raised.severity, since=raised.since, until=raised.until,
        tokens_since=ledger.tokens_between(raised.since, raised.until), title=raised.title,
        evidence=tuple(
            type(one)(one.text, one.at, one.path or ledger.path, one.offset) if one.offset is not None else one
            for one in raised.evidence
        ),
        suggest=raised.suggest, progress=raised.progress or _progress(raised.kind),
    )  # fmt: skip


def _progress(kind: FindingKind) -> str:
    return spec_of(kind).progress


def chain_key(lane: LaneNode) -> ChainKey:
    """Lanes with one key are one line of work: the subagents of one root, or the sessions of an agent in a folder.

    Recordings have keys of their own: a policy may act on a finding, and a recording must not cause one on another
    lane.
    """
    root = lane.root
    sort = "recording" if recording_of(lane) else "own"
    if root is not lane:
        return ("tree", root.key, sort)
    ledger = lane.ledger
    return (FOLDER, ledger.agent, _project(ledger.cwd), sort) if ledger.cwd else ("file", ledger.path)


FOLDER = "folder"
_WORKTREES = re.compile(r"/[^/]*worktrees?/.*")
_LAST_NUMBER = re.compile(r"(?<=[^/])\d+/?$")


def _project(cwd: str) -> str:
    """The folder without a number at its end, so that copies such as `harbor-w1` and `harbor-w2` are one project."""
    return _LAST_NUMBER.sub("", _WORKTREES.sub("", cwd))


def most_severe_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by severity, most severe first; those of one severity by time, newest first."""
    return tuple(sorted(findings, key=lambda one: (-one.severity.rank, -(one.since or 0.0), one.key)))


def _slices(lanes: list[LaneNode]) -> list[Slice]:
    found = [Slice(lane.id, shape) for lane in lanes for shape in lane.judge.actions()]
    found.sort(key=lambda one: (one.shape.started or 0.0, one.lane, one.shape.offset))
    return found
