"""The judge of a lane with all its detectors: the one place that knows them all."""

from __future__ import annotations

from tui.fleet.costs import Prices
from tui.judge.cache import CacheHeavy
from tui.judge.claims import UnverifiedClaim
from tui.judge.collisions import ChangedUnder
from tui.judge.detector import Detector
from tui.judge.hard_stop import HardStop
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.judge.missing_tools import MissingTool
from tui.judge.overdone import Overdone
from tui.judge.planning import DoublePlanning
from tui.judge.tiers import TierMismatch, cheaper_sibling
from tui.model.usage import Usage


class Pricing:
    """What detectors ask of a price table."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def price(self, model: str, usage: Usage) -> float | None:
        """US dollars, or None if the model has no known price."""
        return self._prices.cost(model, usage)

    def cheaper(self, model: str) -> str | None:
        """A model with a known price that is a tier below."""
        return cheaper_sibling(model, self._prices.models())


def make_judge(limits: Limits, prices: Prices) -> LaneJudge:
    """A new lane's judge."""
    pricing = Pricing(prices)
    detectors: list[Detector] = [
        CacheHeavy(limits, pricing.price), ChangedUnder(limits), DoublePlanning(limits), HardStop(limits),
        MissingTool(limits), Overdone(limits), TierMismatch(limits, pricing.price, pricing.cheaper),
        UnverifiedClaim(limits),
    ]  # fmt: skip
    return LaneJudge(limits, detectors)
