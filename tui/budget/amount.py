"""The size of a budget: a number of tokens, of fresh tokens, or of US dollars."""

from __future__ import annotations

import re
from enum import StrEnum

from tui.model.cost import Cost
from tui.model.frozen import frozen
from tui.model.usage import Usage
from tui.settings.kinds import Count

_FRESH = re.compile(r"(\S+) fresh")
_DOLLARS = re.compile(r"\$(\d{1,9}(?:\.\d{1,6})?)")
_COUNT = Count()
EXPECTED = 'a size such as "5M" (tokens), "5M fresh" (tokens without cache reads) or "$20" (list price)'


class Unit(StrEnum):
    """What is counted."""

    TOKENS = "tokens"
    FRESH = "fresh"
    """Tokens without cache reads."""
    USD = "usd"
    """US dollars at list price."""


@frozen
class Amount:
    """So many of a unit."""

    value: float
    unit: Unit

    @property
    def text(self) -> str:
        """The amount as it is written in a configuration: `5000000`, `5000000 fresh` or `$20`."""
        if self.unit is Unit.USD:
            return f"${self.value:.15g}"
        return f"{self.value:.0f}" + (" fresh" if self.unit is Unit.FRESH else "")

    def of(self, usage: Usage, cost: Cost) -> float:
        """How much of the unit was used. Of costs only the known part: a lower bound if a price is unknown."""
        if self.unit is Unit.USD:
            return cost.usd
        return float(usage.total if self.unit is Unit.TOKENS else usage.fresh)


def amount(text: str) -> Amount:
    """Reads an amount.

    Raises:
        ValueError: it is none, or it is zero.
    """
    text = " ".join(text.split())
    if match := _DOLLARS.fullmatch(text):
        made = Amount(float(match[1]), Unit.USD)
    else:
        fresh = _FRESH.fullmatch(text)
        try:
            made = Amount(_COUNT.read(fresh[1] if fresh else text), Unit.FRESH if fresh else Unit.TOKENS)
        except ValueError as error:
            raise ValueError(f"expected {EXPECTED}") from error
    if made.value <= 0:
        raise ValueError("a budget is more than zero")
    return made
