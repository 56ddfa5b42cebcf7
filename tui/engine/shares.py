"""Sums over models: a cost is unknown as soon as one part of it is."""

from __future__ import annotations

from tui.model.snapshot import ModelUsage


def plus(a: float | None, b: float | None) -> float | None:
    """The sum; None if either is unknown."""
    return None if a is None or b is None else a + b


def together(a: ModelUsage, b: ModelUsage) -> ModelUsage:
    """What one model used in two lanes."""
    return ModelUsage(a.model, a.calls + b.calls, a.usage + b.usage, plus(a.cost_usd, b.cost_usd))
