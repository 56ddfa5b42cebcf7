"""Burn over the hourly budget of a lane, its tree, or all lanes (finding `hourly_burn`)."""

from __future__ import annotations

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Unit, limit
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class BurnLimits:
    """Budgets of one lane and of its tree. The budget of all lanes is `hourly_budget_tokens` of `[burn]`."""

    hourly_burn_tokens: int = limit(
        0, Unit.TOKENS, "More than this many tokens per hour are too many for one lane; 0: no budget."
    )
    tree_burn_tokens: int = limit(
        0, Unit.TOKENS, "More than this many tokens per hour are too many for a lane and all below it; 0: no budget."
    )


HOURLY_BURN = FindingSpec(
    kind=FindingKind.declare("hourly_burn"),
    place=50,
    words=own("over burn budget"),
    doc="A lane, a lane with all lanes below it, or all lanes together burn more tokens per hour than their budget.",
    progress="a burn below the budget",
    to_do="let it wait until it is below the budget again, end it, or raise the budget that you set",
    severities=(Severity.WARN, Severity.STOP),
    suggest=Verb.PAUSE,
    limits=BurnLimits,
)
FINDINGS = (HOURLY_BURN,)

NEAR = 0.5
"""A burn rate above the budget is a finding only if this share of the budget was burnt in the hour; a short burst is
none."""


@frozen
class Burnt:
    """Tokens of the last minute, the last five minutes and the last hour."""

    minute: int
    five_minutes: int
    hour: int


def over(burnt: Burnt, budget: int) -> Severity | None:
    """`STOP`: the last hour is over the budget. `WARN`: the rate is over it, and the share `NEAR` of it was burnt.

    None: neither.
    """
    if burnt.hour > budget:
        return Severity.STOP
    if burnt.five_minutes * 12 > budget and burnt.hour > NEAR * budget and burnt.minute:
        return Severity.WARN
    return None


def hourly_burn(burnt: Burnt, budget: int, whose: str, now: float) -> Raised | None:
    """The finding at `now` (seconds UTC), if there is one. `budget` is tokens per hour, 0: none.

    `whose` is the subject of the finding: the lanes that burn, such as `the lane and all below it`.
    """
    if budget <= 0:
        return None
    pace = burnt.five_minutes * 12
    severity = over(burnt, budget)
    if severity is None:
        return None
    if severity is Severity.STOP:
        title = f"{whose} burnt {burnt.hour:,} tokens in the last hour; the budget is {budget:,} tokens per hour"
    else:
        title = f"{whose} burns {pace:,} tokens per hour now; the budget is {budget:,} tokens per hour"
    evidence = (
        Evidence(f"last hour: {burnt.hour:,} tokens", now),
        Evidence(f"last five minutes: {burnt.five_minutes:,} tokens, which is {pace:,} tokens per hour", now),
    )
    return HOURLY_BURN.raised(whose, severity, None, title, evidence)
