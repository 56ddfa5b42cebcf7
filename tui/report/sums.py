"""Sums over model calls, each call once, at the lane that owns it; with what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from tui.ledger.calls import CallRecord
from tui.ledger.lane import LaneLedger, ModelTotal
from tui.model.usage import ZERO, Usage
from tui.report.document import Figures


class Costs(Protocol):
    """What a sum costs: the engine's `ModelCosts`."""

    def cost(self, model: str | None, total: ModelTotal) -> float | None:
        """US dollars of what a model used; None if unknown."""
        ...

    def is_long(self, model: str | None, usage: Usage) -> bool:
        """Whether a call's prompt is so long that its model charges another price."""
        ...


class Sum:
    """What was used, by model."""

    __slots__ = ("models",)

    def __init__(self, parts: Iterable[Sum] = ()) -> None:
        self.models: dict[str | None, ModelTotal] = {}
        for part in parts:
            self.merge(part)

    def add(self, call: CallRecord, costs: Costs) -> None:
        """Books one call."""
        total = self._of(call.model)
        total.add(call.usage, long=costs.is_long(call.model, call.usage))
        total.calls += 1

    def merge(self, other: Sum) -> None:
        """Books all of another sum."""
        for model, part in other.models.items():
            total = self._of(model)
            total.usage += part.usage
            total.long += part.long
            total.calls += part.calls

    @property
    def usage(self) -> Usage:
        """Of all models."""
        usage = ZERO
        for total in self.models.values():
            usage += total.usage
        return usage

    @property
    def tokens(self) -> int:
        """Of all models and classes."""
        return sum(total.usage.total for total in self.models.values())

    @property
    def calls(self) -> int:
        """Model calls."""
        return sum(total.calls for total in self.models.values())

    def by_tokens(self) -> list[str | None]:
        """Its models, the most used first."""
        return sorted(self.models, key=lambda model: -self.models[model].usage.total)

    def cost(self, costs: Costs) -> float | None:
        """US dollars at list price; None if one of the models has no known price."""
        cost = 0.0
        for model, total in self.models.items():
            part = costs.cost(model, total)
            if part is None:
                return None
            cost += part
        return cost

    def figures(
        self,
        costs: Costs,
        *,
        tool_calls: int = 0,
        errors: int = 0,
        start: float | None = None,
        end: float | None = None,
    ) -> Figures:
        """The sum as it stands in the document."""
        return Figures(self.usage, self.cost(costs), self.calls, tool_calls, errors, start, end)

    def _of(self, model: str | None) -> ModelTotal:
        total = self.models.get(model)
        if total is None:
            total = self.models[model] = ModelTotal()
        return total


def own_calls(ledger: LaneLedger, since: float | None, until: float | None) -> Iterator[CallRecord]:
    """The calls that the lane owns from `since` to `until` (seconds UTC; None: no bound).

    A call without a time is within a window only if the window has no bound.
    """
    first = float("-inf") if since is None else since
    last = float("inf") if until is None else until
    whole = since is None and until is None
    for call in ledger.calls.values():
        if call.owner is not ledger or call.free:
            continue
        if whole if call.at is None else first <= call.at <= last:
            yield call
