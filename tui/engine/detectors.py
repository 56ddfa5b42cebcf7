"""The judge of a lane with all its detectors: the one place that knows them all."""

from __future__ import annotations

from tui.engine.builder import Prices
from tui.judge.claims import UnverifiedClaim
from tui.judge.collisions import ChangedUnder
from tui.judge.detector import Detector
from tui.judge.hard_stop import HardStop
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits
from tui.judge.missing_tools import MissingTool
from tui.judge.overdone import Overdone


def make_judge(limits: Limits, prices: Prices) -> LaneJudge:
    """A new lane's judge."""
    del prices
    detectors: list[Detector] = [
        ChangedUnder(limits), HardStop(limits), MissingTool(limits), Overdone(limits), UnverifiedClaim(limits),
    ]  # fmt: skip
    return LaneJudge(limits, detectors)
