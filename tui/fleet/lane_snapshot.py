"""Makes the snapshot of one lane from its ledger and its judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui.fleet.costs import ModelCosts, Prices
from tui.fleet.pending import pending_requests
from tui.fleet.state import Verdict
from tui.fleet.tree import LaneNode
from tui.ledger.burn import NO_BURN, add_burns
from tui.ledger.lane import LaneLedger
from tui.model.control import LaneControl
from tui.model.finding import Finding
from tui.model.snapshot import Context, Lane, LaneState, ModelUsage
from tui.model.trust import Trust

SPARK_CELLS = 24
SPARK_STEP_S = 15
ACTIONS_SHOWN = 200
STILL = (LaneState.PAUSED, LaneState.CLOSED, LaneState.ENDED)
"""The states in which a lane burns nothing, whatever it spent before."""
SUSPECT_TURNS = 5
"""After this many prompts in a row without any usage, the counts cannot be complete."""
SUSPECT_CALLS = 20
SUSPECT_OUTPUT = 8
"""Fewer output tokens per call than this, over at least `SUSPECT_CALLS` calls, are placeholders."""


def lane_snapshot(
    node: LaneNode,
    depth: int,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    control: LaneControl,
    recording: str,
    costs: ModelCosts,
    now: float,
    *,
    busy: bool,
    tags: tuple[str, ...] = (),
) -> Lane:
    """The snapshot of a lane at `now` (seconds UTC). The lanes below it must have their snapshots.

    A lane that is still burns nothing. What it spent stays in the burn of the lane that started it, as long as that one
    is not still: it may go on to start others. Its node remembers what was spent, in `tree_spent`.
    """
    ledger, judge = node.ledger, node.judge
    children = [child.lane for child in node.children if child.lane is not None]
    models = tuple(
        ModelUsage(model, total.calls, total.usage, costs.cost(model, total))
        for model, total in sorted(ledger.models.items(), key=lambda item: (-item[1].usage.total, item[0] or ""))
    )
    trust = _trust(ledger, models)
    spent = ledger.meter.windows(now)
    # A policy may act on a lane that burns too much. A recording that claims to be below the lane must not cause this.
    below = [
        child for child in node.children if child.lane is not None and bool(child.lane.recording) == bool(recording)
    ]
    node.tree_spent = add_burns([spent, *(child.tree_spent for child in below)]) if below else spent
    is_still = verdict.state in STILL
    burn = NO_BURN if is_still else spent
    tree_burn = node.tree_spent
    if is_still:
        tree_burn = add_burns([child.lane.tree_burn for child in below if child.lane is not None]) if below else burn
    tree_usage = ledger.usage
    for child in children:
        tree_usage += child.tree_usage
    made = Lane(
        id=node.id, agent=ledger.agent, session=ledger.session, path=ledger.path,
        parent=node.parent.id if node.parent else None, depth=depth,
        title=ledger.title, project=_project(ledger), cwd=ledger.cwd, branch=ledger.branch,
        version=ledger.version, agent_type=ledger.agent_type, forked=ledger.forked, state=verdict.state,
        state_since=verdict.since, evidence=verdict.evidence, started=ledger.started,
        last_event=ledger.last_event, model=ledger.model, models=models, usage=ledger.usage,
        tree_usage=tree_usage, inherited=ledger.inherited, calls=sum(share.calls for share in models),
        cost_usd=_sum_costs(models), trust=trust, burn=burn,
        tree_burn=tree_burn,
        spark=ledger.meter.spark(now, SPARK_CELLS, SPARK_STEP_S), context=_context(ledger, costs.prices),
        tool_calls=ledger.tool_calls, tool_errors=ledger.tool_errors,
        open_calls=tuple(ledger.open_calls.values()), doing=ledger.doing,
        actions=ledger.actions.newest(ACTIONS_SHOWN), action_count=len(ledger.actions), plan=ledger.plan,
        files=tuple(ledger.files.values()), unknown_lines=sum(ledger.unknown.values()), process=node.process,
        repetition=judge.repetition, novelty=judge.novelty, findings=findings,
        agent_id=ledger.agent_id if ledger.agent_id != ledger.session else None, control=control, busy=busy,
        prompted=ledger.prompted, recording=recording, first_cwd=ledger.first_cwd, local=ledger.local,
        pending=pending_requests(ledger, verdict, control),
        judged=judge.is_judged, tags=tags, effort=ledger.effort, pull=ledger.pull, tests=ledger.checks.tests,
        tree_is_lower_bound=Trust.PROVISIONAL in trust or any(child.tree_is_lower_bound for child in children),
    )  # fmt: skip
    waits_since = None
    if verdict.state is LaneState.NEEDS_INPUT and verdict.since is not None:
        waits_since = max(verdict.since, ledger.waits.end or verdict.since)
    made = replace(made, waited_s=ledger.waits.seconds, waits_since=waits_since)
    return replace(made, tree_cost=sum((child.tree_cost for child in children), made.cost))


def _context(ledger: LaneLedger, prices: Prices) -> Context:
    window = ledger.context_window
    if window is None and ledger.model:
        window = prices.window(ledger.model)
    if window is not None and ledger.context_used is not None and ledger.context_used > window:
        window = None  # There are more tokens than fit: the window must be larger than stated.
    return Context(ledger.context_used, window)


def _project(ledger: LaneLedger) -> str:
    return ledger.cwd.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] if ledger.cwd else ""


def _sum_costs(models: Sequence[ModelUsage]) -> float | None:
    costs = [share.cost_usd for share in models]
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)


def _trust(ledger: LaneLedger, models: Sequence[ModelUsage]) -> tuple[Trust, ...]:
    found: list[Trust] = []
    calls = sum(share.calls for share in models)
    few = calls >= SUSPECT_CALLS and ledger.usage.output < SUSPECT_OUTPUT * calls
    if few or ledger.turns_without_usage >= SUSPECT_TURNS:
        found.append(Trust.SUSPECT)
    if ledger.provisional or ledger.is_lower_bound or ledger.has_unread_usage:
        found.append(Trust.PROVISIONAL)
    if any(share.cost_usd is None for share in models):
        found.append(Trust.UNPRICED)
    return tuple(found)
