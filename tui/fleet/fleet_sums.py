"""What is said of all lanes together: sums over models and days, limits, and the order of lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tui.fleet.fleet_judge import PAST_KEPT
from tui.fleet.lane_record import Entry
from tui.fleet.lane_snapshot import LaneBuilder
from tui.fleet.shard import LimitKey, Part
from tui.model.event import Skip
from tui.model.finding import Finding
from tui.model.snapshot import LimitState, ModelUsage, Trust
from tui.model.usage import ZERO, Usage


def in_tree_order(roots: Sequence[Entry]) -> Iterator[Entry]:
    """All lanes that have a picture, a parent before its children."""
    stack = list(reversed(roots))
    while stack:
        entry = stack.pop()
        stack.extend(reversed(entry.children))
        if entry.lane is not None:
            yield entry


def model_shares(lanes: Iterable[Entry]) -> tuple[ModelUsage, ...]:
    """What each model was used for over all lanes, the most used first."""
    models: dict[str | None, ModelUsage] = {}
    for entry in lanes:
        for share in entry.lane.models if entry.lane is not None else ():
            known = models.get(share.model)
            models[share.model] = share if known is None else _together(known, share)
    return tuple(sorted(models.values(), key=lambda share: (-share.usage.total, share.model or "")))


def today(lanes: Iterable[Entry], builder: LaneBuilder) -> tuple[Usage, float | None, bool]:
    """Usage since midnight, its cost in US dollars (None: a price is not known), and whether both are lower bounds."""
    usage: Usage = ZERO
    cost: float | None = 0.0
    is_lower_bound = False
    for entry in lanes:
        ledger, lane = entry.ledger, entry.lane
        if lane is not None and Trust.PROVISIONAL in lane.trust and (ledger.last_event or 0.0) >= ledger.day:
            is_lower_bound = True
        for model, total in sorted(entry.ledger.today.items(), key=lambda item: item[0] or ""):
            usage += total.usage
            cost = _plus(cost, builder.cost(model, total))
    return usage, cost, is_lower_bound


def totals(shares: Iterable[ModelUsage]) -> tuple[Usage, float | None]:
    """The sum over models, and its cost in US dollars; None where a price is not known."""
    usage: Usage = ZERO
    cost: float | None = 0.0
    for share in shares:
        cost = _plus(cost, share.cost_usd)
        usage += share.usage
    return usage, cost


def limits_of(parts: Iterable[Part]) -> tuple[LimitState, ...]:
    """Each limit as it was last heard of, in whatever transcript."""
    found: dict[LimitKey, LimitState] = {}
    for part in parts:
        for key, limit in part.limits.items():
            known = found.get(key)
            found[key] = limit if known is None else max(known, limit, key=weight)
    return tuple(sorted(found.values(), key=lambda limit: (limit.agent, limit.name or "", limit.window_minutes or 0)))


def weight(limit: LimitState) -> tuple[float, ...]:
    """Of two words on one limit the greater stands: the later, and of one time the worse."""
    unknown = float("-inf")
    heard, used, resets = limit.heard, limit.used_percent, limit.resets_at
    return tuple(unknown if each is None else each for each in (heard, used, resets))


def by_place(skips: Iterable[Skip]) -> tuple[Skip, ...]:
    """In the order of their files and lines."""
    return tuple(sorted(skips, key=lambda skip: (skip.path, skip.line or 0, skip.offset or 0, skip.why)))


def newest_past(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that hold no more, the last ended first; a bounded number."""
    past = sorted((one for one in findings if not one.is_open), key=lambda one: (-(one.until or 0.0), one.key))
    return tuple(past[:PAST_KEPT])


def _plus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _together(a: ModelUsage, b: ModelUsage) -> ModelUsage:
    return ModelUsage(a.model, a.calls + b.calls, a.usage + b.usage, _plus(a.cost_usd, b.cost_usd))
