"""Burn over the hourly budget of a lane, of its tree, or of all (finding `hourly_burn`)."""

from __future__ import annotations

from dataclasses import dataclass

from tui.judge.detector import Raised
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb

NEAR = 0.5
"""A pace above the budget is told once this share of it is gone within the hour: bursts are no trend."""


@dataclass(frozen=True, slots=True)
class Burnt:
    """Tokens of the last minute, of the last five and of the last hour."""

    minute: int
    five_minutes: int
    hour: int


def hourly_burn(burnt: Burnt, budget: int, whose: str, now: float) -> Raised | None:
    """The finding at `now` (seconds UTC), if there is one. `budget` is tokens per hour, 0: none.

    `whose` names what burns: the lane, it and all below it, all lanes.
    """
    if budget <= 0:
        return None
    pace = burnt.five_minutes * 12
    if burnt.hour > budget:
        severity = Severity.STOP
        title = f"{whose} burnt {burnt.hour:,} tokens within the hour; the budget is {budget:,}"
    elif pace > budget and burnt.hour > NEAR * budget and burnt.minute:
        severity = Severity.WARN
        title = f"{whose} burns {pace:,} tokens an hour now; the budget is {budget:,}"
    else:
        return None
    evidence = (
        Evidence(f"last hour: {burnt.hour:,} tokens", now),
        Evidence(f"last five minutes: {burnt.five_minutes:,} tokens, {pace:,} an hour", now),
    )
    return Raised(FindingKind.HOURLY_BURN, whose, severity, None, title, evidence, Verb.PAUSE)
