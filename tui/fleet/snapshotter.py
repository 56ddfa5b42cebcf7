"""Snapshots of a Supervisor's lanes and of its whole fleet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from tui.fleet.costs import ModelCosts
from tui.fleet.fleet_judge import PAST_KEPT, FleetJudge, most_severe_first
from tui.fleet.lane_snapshot import SPARK_CELLS, SPARK_STEP_S, lane_snapshot
from tui.fleet.refresh import RefreshPolicy
from tui.fleet.shard import FleetShard, limits_of, skips_of
from tui.fleet.state import (
    BUSY,
    Liveness,
    Thresholds,
    Verdict,
    as_stated,
    cut_off,
    detached,
    judge_state,
    state_findings,
    under_control,
)
from tui.fleet.tree import LaneNode, LaneTree, recording_of
from tui.judge.detector import Raised
from tui.ledger.burn import KEEP_S, add_burns
from tui.ledger.lane import ModelTotal
from tui.model.control import FREE, LaneControl
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Family, Finding, Verb
from tui.model.frozen import frozen
from tui.model.snapshot import NOT_LOOKED, Burn, Fleet, Judging, Lane, LaneState, ModelUsage, Scan
from tui.model.usage import ZERO, Usage

_NO_FINDING = frozenset({LaneState.ENDED, LaneState.IDLE, LaneState.WAITING})
"""States that raise no finding."""


_OVER = frozenset({LaneState.ENDED, LaneState.CLOSED})
PAST_AFTER_S = 86_400.0
"""A lane without a process that is silent for this many seconds ended long ago. Its findings count as past."""


@frozen
class Told:
    """The facts that a Supervisor was given besides events."""

    controls: Mapping[LaneId, LaneControl]
    registries: tuple[str, ...] = ()
    """Agent homes whose clients register each process: a lane below one without a process is known to have none."""
    tags: Mapping[LaneId, tuple[str, ...]] = field(default_factory=dict[LaneId, tuple[str, ...]])
    """The operator's tags."""
    scan: Scan = Scan()
    judging: Judging = Judging()
    budgets: tuple[Raised, ...] = ()
    """The findings about budgets."""


class Snapshotter:
    """Makes the snapshot of each lane in which something changed, or may have changed with time."""

    def __init__(self, costs: ModelCosts, thresholds: Thresholds, judge: FleetJudge, refresh: RefreshPolicy) -> None:
        self._costs = costs
        self._thresholds = thresholds
        self._judge = judge
        self._refresh = refresh
        self._due = float("-inf")

    def refresh_all(self, roots: Iterable[LaneNode], told: Told, now: float) -> bool:
        """Brings the snapshots of all lanes to `now` (seconds UTC). True if any changed."""
        self._due = float("inf")
        changed = False
        for root in roots:
            changed = self.refresh(root, told, now) or changed
        if changed:
            self._due = now  # a lane may depend on another one that was brought up to date after it
        return changed

    def is_due(self, now: float) -> bool:
        """Whether time alone may have changed a snapshot since the last `refresh_all`."""
        return self._refresh.is_exact or now >= self._due

    def refresh(self, node: LaneNode, told: Told, now: float, depth: int = 0) -> bool:
        """Brings the snapshots of a lane and of all below it to `now` (seconds UTC). True if any changed."""
        below = False
        for child in node.children:
            below = self.refresh(child, told, now, depth + 1) or below
        changed = self._bring(node, told, now, depth, below=below)
        self._due = min(self._due, node.built_at + self._pace(node), _turns_long_silent(node, now))
        return changed

    def _pace(self, node: LaneNode) -> float:
        last = node.lane.last_event if node.lane is not None else None
        silent = node.built_at - last if last is not None else None
        return self._refresh.pace(turn_open=node.ledger.turn_open, silent_before=silent)

    def _bring(self, node: LaneNode, told: Told, now: float, depth: int, *, below: bool) -> bool:
        """Brings the snapshot of one lane to `now`. `below`: whether one of a lane below it changed."""
        old = node.lane
        made_of = (*self._inputs(node, told, depth), _is_long_silent(node, now))
        if old is None or below or made_of != node.built_of:
            return self._rebuild(node, told, now, depth, made_of)
        if 0 <= now - node.built_at < self._pace(node):
            return False
        if not _is_silent(node, old, now):
            return self._rebuild(node, told, now, depth, made_of)
        verdict = self._verdict(node, told, now)[1]
        if verdict.state is not old.state:
            return self._rebuild(node, told, now, depth, made_of)
        node.built_at = now
        if (verdict.since, verdict.evidence) == (old.state_since, old.evidence):
            return False
        node.lane = replace(old, state_since=verdict.since, evidence=verdict.evidence)
        return True

    def fleet(
        self,
        tree: LaneTree,
        shards: Sequence[FleetShard],
        families: tuple[Family, ...],
        told: Told,
        now: float,
        midnight: float,
        fleet_budget: int,
    ) -> Fleet:
        """All lanes, whose snapshots are of `now`, with the findings on all together. Its version is 0.

        `midnight` is when today began; both in seconds UTC. `fleet_budget` is tokens per hour (0: none).
        """
        nodes = list(tree.in_order())
        meters = [shard.book.meter for shard in shards]
        findings = [finding for node in nodes for finding in node.findings]
        findings += self._judge.of_fleet(meters, fleet_budget, told.budgets, now)
        shares = _model_shares(nodes)
        usage = sum((share.usage for share in shares), ZERO)
        cost = sum((node.lane.cost for node in nodes if node.lane is not None), NO_COST)
        usage_today, cost_today, today_is_lower_bound = _today(nodes, midnight, self._costs)
        over = frozenset(node.id for node in nodes if node.lane is not None and node.lane.state in _OVER)
        sparks = (meter.spark(now, SPARK_CELLS, SPARK_STEP_S) for meter in meters)
        return Fleet(
            at=now, lanes=tuple(node.lane for node in nodes if node.lane is not None), totals=usage,
            totals_today=usage_today, cost=cost, cost_today=cost_today,
            burn=_burn(nodes), spark=tuple(map(sum, zip(*sparks, strict=True))),
            models=shares, limits=limits_of(shards), skipped=skips_of(shards),
            skipped_lines=sum(shard.skip_count for shard in shards), scan=told.scan, judging=told.judging,
            findings=most_severe_first(one for one in findings if one.is_open),
            past_findings=_newest_past(findings), families=tuple(_with_over(one, over) for one in families), version=0,
            today_is_lower_bound=today_is_lower_bound,
        )  # fmt: skip

    def _inputs(self, node: LaneNode, told: Told, depth: int) -> tuple[object, ...]:
        """Everything except the time on which the lane's snapshot depends."""
        return (
            node.ledger.version_count, node.judge, node.id, node.parent.id if node.parent else None, depth,
            node.process, node.recording, told.registries, told.controls.get(node.id, FREE), told.tags.get(node.id),
            node.family_findings,
            self._judge.between_lanes(node), self._state_of_starter(node), *(child.lane for child in node.children),
        )  # fmt: skip

    def _state_of_starter(self, node: LaneNode) -> tuple[LaneState | None, ...]:
        starters = [self._judge.lane(one.suggest_for) for one in node.family_findings]
        return tuple(one.lane.state for one in starters if one is not None and one.lane is not None)

    def _rebuild(self, node: LaneNode, told: Told, now: float, depth: int, made_of: tuple[object, ...]) -> bool:
        judged, verdict = self._verdict(node, told, now)
        if _note_wait(node, judged, now):
            judged, verdict = self._verdict(node, told, now)
        extra = self._raised(node, told, judged, verdict, now)
        found = (*node.family_findings, *self._judge.of_lane(node, extra))
        if any(one.is_open for one in found):
            found = tuple(self._settled(one, node, told, now) for one in found)
        node.findings = found
        made = lane_snapshot(
            node, depth, verdict, most_severe_first(one for one in node.findings if one.is_open),
            told.controls.get(node.id, FREE), recording_of(node), self._costs, now, busy=judged.state in BUSY,
            tags=told.tags.get(node.id, ()),
        )  # fmt: skip
        node.built_of, node.built_at = made_of, now
        if made == node.lane:
            return False  # the old snapshot stays, because the screen recognises changes by identity
        node.lane = made
        return True

    def _settled(self, finding: Finding, node: LaneNode, told: Told, now: float) -> Finding:
        """The finding; without its verb if that would come too late, and as a past one if its lane ended long ago."""
        if not finding.is_open:
            return finding
        target = self._judge.lane(finding.suggest_for) or node
        # In a replay the verb shows what would have helped; an ended lane needs none any more.
        too_late = (Verb.PAUSE,) if node.recording == NOT_LOOKED else (Verb.PAUSE, Verb.REDIRECT, Verb.CLOSE)
        if finding.suggest in too_late and self._verdict(target, told, now)[1].state in _OVER:
            finding = replace(finding, suggest=None, suggest_for=None)
        if _ended_long_ago(node, now) and target is node:
            return replace(finding, until=node.ledger.last_event, suggest=None)
        return finding

    def _verdict(self, node: LaneNode, told: Told, now: float) -> tuple[Verdict, Verdict]:
        """The lane's state by its transcript and its process, and the same under control."""
        control = told.controls.get(node.id, FREE)
        judged = as_stated(judge_state(node.ledger, _liveness(node, told), now, self._thresholds), control)
        return judged, under_control(judged, control)

    def _raised(self, node: LaneNode, told: Told, judged: Verdict, verdict: Verdict, now: float) -> list[Raised]:
        """The findings that the lane's state and its burn raise."""
        ledger = node.ledger
        is_own = not recording_of(node)
        below = [child for child in node.children if child.lane is not None and (not child.lane.recording) == is_own]
        found = [
            *state_findings(verdict),
            *detached(node.process, ledger.cwd, judged, ledger.turn_since, now),
            *self._judge.over_budget(node, below, now),
        ]
        if judged.state is LaneState.ENDED and ledger.turn_open and _liveness(node, told).probed:
            found += cut_off(node.judge, verdict)
        if node.recording and judged.state is LaneState.ENDED:
            found += self._at_its_end(node, told)
        return found

    def _at_its_end(self, node: LaneNode, told: Told) -> list[Raised]:
        """What a recorded lane asked a person when it ended, as a past finding.

        A lane that was silent in a turn is left out: its recording may have been cut off there.
        """
        last = node.ledger.last_event
        if last is None:
            return []
        end = last + self._thresholds.ended_after_s
        before = judge_state(node.ledger, _liveness(node, told), end, self._thresholds)
        return [replace(one, until=end) for one in state_findings(before) if before.state is LaneState.NEEDS_INPUT]


def _burn(nodes: Iterable[LaneNode]) -> tuple[Burn, ...]:
    """The burn of all lanes: the sum of the trees, as their rows show it."""
    burns = [
        node.lane.tree_burn
        for node in nodes
        if node.lane is not None and (node.parent is None or _is_apart(node.lane, node.parent.lane))
    ]
    return add_burns(burns)


def _is_apart(lane: Lane, parent: Lane | None) -> bool:
    """Whether the burn of the lane is no part of its parent's, because only one of them is a recording."""
    return parent is None or bool(lane.recording) != bool(parent.recording)


def _note_wait(node: LaneNode, judged: Verdict, now: float) -> bool:
    """Counts a wait that has ended and that only the client stated: the transcript does not show it. True if so."""
    says_so = node.process is not None and node.process.status == "waiting"
    if says_so and judged.state is LaneState.NEEDS_INPUT:
        node.asked_since = node.asked_since if node.asked_since is not None else judged.since
    elif node.asked_since is not None:
        node.ledger.waits.add(node.asked_since, now)
        node.asked_since = None
        return True
    return False


def _is_long_silent(node: LaneNode, now: float) -> bool:
    last = node.ledger.last_event
    return last is not None and now - last > PAST_AFTER_S


def _turns_long_silent(node: LaneNode, now: float) -> float:
    """The time at which the lane will be long silent; infinite if it is."""
    last = node.ledger.last_event
    return last + PAST_AFTER_S if last is not None and now - last <= PAST_AFTER_S else float("inf")


def _ended_long_ago(node: LaneNode, now: float) -> bool:
    """Whether one of the operator's own lanes ended long ago. In a recording, findings at its end are never past."""
    return not node.recording and _is_long_silent(node, now) and node.process is None


def _liveness(node: LaneNode, told: Told) -> Liveness:
    is_recording = _is_looked_at(node)
    if node.ledger.agent_id is not None:
        return Liveness(parent_open=_parent_waits(node), is_recording=is_recording)
    probed = any(node.ledger.path.startswith(home) for home in told.registries)
    return Liveness(node.process, probed, is_recording=is_recording)


def _is_looked_at(node: LaneNode) -> bool:
    """Whether the lane is a recording that is looked at now; False in a replay, where its own time goes on."""
    return recording_of(node) not in ("", NOT_LOOKED)


def _parent_waits(node: LaneNode) -> bool | None:
    parent, call = node.parent, node.ledger.parent_call
    if parent is None or call is None or call in parent.ledger.background:
        return None
    return call in parent.ledger.open_calls


def _is_silent(node: LaneNode, lane: Lane, now: float) -> bool:
    """Whether time can change only the state in the snapshot `lane`, and the words for it."""
    return (
        node.ledger.meter.newest <= now - KEEP_S
        and not any(burn.tokens for burn in node.tree_spent)
        and lane.state in _NO_FINDING
    )


def _model_shares(nodes: Iterable[LaneNode]) -> tuple[ModelUsage, ...]:
    """The usage of each model over all lanes, the most used model first."""
    models: dict[str | None, ModelUsage] = {}
    for node in nodes:
        for share in node.lane.models if node.lane is not None else ():
            known = models.get(share.model)
            models[share.model] = share if known is None else _together(known, share)
    return tuple(sorted(models.values(), key=lambda share: (-share.usage.total, share.model or "")))


def _today(nodes: Iterable[LaneNode], midnight: float, costs: ModelCosts) -> tuple[Usage, Cost, bool]:
    """Usage since midnight, its cost, and whether the usage is a lower bound."""
    usage: Usage = ZERO
    cost = NO_COST
    is_lower_bound = False
    for node in nodes:
        ledger, lane = node.ledger, node.lane
        if lane is not None and ledger.is_lasting_lower_bound and (ledger.last_event or 0.0) >= midnight:
            is_lower_bound = True
        models = node.usage_since(midnight)
        usage = sum((total.usage for total in models.values()), usage)
        cost += _cost(models, costs)
    return usage, cost, is_lower_bound


def _cost(models: Mapping[str | None, ModelTotal], costs: ModelCosts) -> Cost:
    """The cost of one lane's models. A model without usage is no part: its calls may have gone to another lane."""
    used = {model: total for model, total in models.items() if total.usage.total}
    if not used:
        return NO_COST
    dollars = [costs.cost(model, total) for model, total in used.items()]
    return Cost(sum(one or 0.0 for one in dollars), int(None not in dollars), 1)


def _newest_past(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that have ended, the last ended first; a bounded number."""
    past = sorted((one for one in findings if not one.is_open), key=lambda one: (-(one.until or 0.0), one.key))
    return tuple(past[:PAST_KEPT])


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _together(a: ModelUsage, b: ModelUsage) -> ModelUsage:
    return ModelUsage(a.model, a.calls + b.calls, a.usage + b.usage, _plus(a.cost_usd, b.cost_usd))


def _with_over(family: Family, over: Collection[LaneId]) -> Family:
    """The family, in which an action that was running when its lane ended is cut off. `over` are the ended lanes."""
    if not any(member.outcome == "running" and member.lane in over for member in family.members):
        return family
    return replace(
        family,
        members=tuple(
            replace(one, outcome="cut_off") if one.outcome == "running" and one.lane in over else one
            for one in family.members
        ),
    )
