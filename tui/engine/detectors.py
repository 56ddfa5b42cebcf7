"""The judge of a lane with all its detectors: the one place that knows them all."""

from __future__ import annotations

from tui.engine.builder import Prices
from tui.judge.detector import Detector
from tui.judge.lane import LaneJudge
from tui.judge.limits import Limits


def make_judge(limits: Limits, prices: Prices) -> LaneJudge:
    """A new lane's judge."""
    detectors: list[Detector] = []
    return LaneJudge(limits, detectors)
