"""One lane's account made into one immutable picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui.fleet.state import Verdict
from tui.judge.lane import LaneJudge
from tui.ledger.burn import add_burns
from tui.ledger.lane import LaneLedger, ModelTotal
from tui.model.control import FREE, LaneControl
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.snapshot import NOT_LOOKED, Context, Lane, ModelUsage, ProcessFact, Trust
from tui.model.usage import Usage

SPARK_CELLS = 24
SPARK_STEP_S = 15
ACTIONS_SHOWN = 200
SUSPECT_TURNS = 5
"""Prompts in a row without any usage: the counts cannot be whole."""
SUSPECT_CALLS = 20
SUSPECT_OUTPUT = 8
"""Fewer output tokens per call than this, over at least `SUSPECT_CALLS` calls: placeholders."""


class Prices(Protocol):
    """What the builder asks of a price table."""

    def cost(self, model: str, usage: Usage, *, prompt: int | None = None) -> float | None:
        """US dollars, or None if the model has no known price. `prompt`: tokens of the prompt of each call."""
        ...

    def long_prompt_above(self, model: str) -> int | None:
        """Tokens of prompt above which a call costs more; None if the model has one price."""
        ...

    def models(self) -> Mapping[str, object]:
        """Models with a known price, by name."""
        ...

    def window(self, model: str) -> int | None:
        """Tokens that fit into the model's context, or None if unknown."""
        ...


class LaneBuilder:
    """Builds `Lane` pictures."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def cost(self, model: str | None, total: ModelTotal) -> float | None:
        """US dollars of what a model used; None if unknown; nothing used costs nothing."""
        if total.usage.total == 0:
            return 0.0
        if not model:
            return None
        above = self._prices.long_prompt_above(model)
        if above is None:
            return self._prices.cost(model, total.usage)
        short = self._prices.cost(model, total.usage - total.long, prompt=0)
        long = self._prices.cost(model, total.long, prompt=above + 1) if total.long.total else 0.0
        return None if short is None or long is None else short + long

    def is_long(self, model: str | None, usage: Usage) -> bool:
        """Whether a call's prompt is so long that its model charges another price."""
        above = self._prices.long_prompt_above(model) if model else None
        return above is not None and usage.input + usage.cache_read + usage.cache_write > above

    def build(
        self,
        ledger: LaneLedger,
        lane_id: LaneId,
        parent: LaneId | None,
        depth: int,
        verdict: Verdict,
        children: Sequence[Lane],
        process: ProcessFact | None,
        now: float,
        judge: LaneJudge,
        findings: tuple[Finding, ...],
        control: LaneControl = FREE,
        *,
        busy: bool = False,
        recording: str = NOT_LOOKED,
    ) -> Lane:
        """The lane as it stands at `now`."""
        models = tuple(
            ModelUsage(model, total.calls, total.usage, self.cost(model, total))
            for model, total in sorted(ledger.models.items(), key=lambda item: (-item[1].usage.total, item[0] or ""))
        )
        trust = _trust(ledger, models)
        burn = ledger.meter.windows(now)
        tree_usage = ledger.usage
        for child in children:
            tree_usage += child.tree_usage
        return Lane(
            id=lane_id, agent=ledger.agent, session=ledger.session, path=ledger.path, parent=parent, depth=depth,
            title=ledger.title, project=_project(ledger), cwd=ledger.cwd, branch=ledger.branch,
            version=ledger.version, agent_type=ledger.agent_type, forked=ledger.forked, state=verdict.state,
            state_since=verdict.since, evidence=verdict.evidence, started=ledger.started,
            last_event=ledger.last_event, model=ledger.model, models=models, usage=ledger.usage,
            tree_usage=tree_usage, inherited=ledger.inherited, calls=sum(share.calls for share in models),
            cost_usd=_sum_costs(models), trust=trust, burn=burn,
            tree_burn=add_burns([burn, *(child.tree_burn for child in children)]) if children else burn,
            spark=ledger.meter.spark(now, SPARK_CELLS, SPARK_STEP_S), context=self._context(ledger),
            tool_calls=ledger.tool_calls, tool_errors=ledger.tool_errors,
            open_calls=tuple(ledger.open_calls.values()), doing=ledger.doing,
            actions=ledger.actions.newest(ACTIONS_SHOWN), action_count=len(ledger.actions), plan=ledger.plan,
            files=tuple(ledger.files.values()), unknown_lines=sum(ledger.unknown.values()), process=process,
            repetition=judge.repetition, novelty=judge.novelty, findings=findings,
            agent_id=ledger.agent_id if ledger.agent_id != ledger.session else None, control=control, busy=busy,
            prompted=ledger.prompted, recording=recording, first_cwd=ledger.first_cwd,
            tree_is_lower_bound=Trust.PROVISIONAL in trust or any(child.tree_is_lower_bound for child in children),
        )  # fmt: skip

    def _context(self, ledger: LaneLedger) -> Context:
        window = ledger.context_window
        if window is None and ledger.model:
            window = self._prices.window(ledger.model)
        if window is not None and ledger.context_used is not None and ledger.context_used > window:
            window = None  # more than fits: the window is another one than we think
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
