"""The cost of usage by a price table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tui.ledger.lane import ModelTotal
from tui.model.usage import Usage


class Prices(Protocol):
    """The part of a price table that is used here."""

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


class ModelCosts:
    """Computes the cost of a model's usage in a lane, with the higher price of long prompts."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices

    def cost(self, model: str | None, total: ModelTotal) -> float | None:
        """US dollars of a model's usage; None if unknown. No usage costs nothing."""
        if total.usage.total == 0:
            return 0.0
        if not model:
            return None
        above = self.prices.long_prompt_above(model)
        if above is None:
            return self.prices.cost(model, total.usage)
        short = self.prices.cost(model, total.usage - total.long, prompt=0)
        long = self.prices.cost(model, total.long, prompt=above + 1) if total.long.total else 0.0
        return None if short is None or long is None else short + long

    def is_long(self, model: str | None, usage: Usage) -> bool:
        """Whether a call's prompt is so long that its model charges another price."""
        above = self.prices.long_prompt_above(model) if model else None
        return above is not None and usage.input + usage.cache_read + usage.cache_write > above
