"""The judge of a lane with all its detectors: the one place that knows them all."""

from __future__ import annotations

from functools import partial

from tui.engine.builder import Prices
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


def make_judge(limits: Limits, prices: Prices) -> LaneJudge:
    """A new lane's judge."""

    def price(model: str, usage: Usage) -> float | None:
        return prices.cost(model, usage)

    detectors: list[Detector] = [
        CacheHeavy(limits, price), ChangedUnder(limits), DoublePlanning(limits), HardStop(limits), MissingTool(limits),
        Overdone(limits), TierMismatch(limits, price, partial(cheaper_sibling, known=prices.models())),
        UnverifiedClaim(limits),
    ]  # fmt: skip
    return LaneJudge(limits, detectors)
