"""The steps of budgets that were reached, each told once, and the findings about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from tui.budget.standing import STEPS, Standing
from tui.budget.words import amount_words, end_words, share_words, title, unpriced_words, used_words
from tui.judge.detector import Raised
from tui.judge.findings.budget import BUDGET
from tui.model.evidence import Evidence
from tui.text.format import clock, number

Key = tuple[str, str]
"""A budget and its owner: see `Standing.key`."""
_SEVERITIES = dict(zip(STEPS, BUDGET.severities, strict=True))


class Reached(NamedTuple):
    """The highest step of a budget that was reached in a period."""

    start: float | None
    """The beginning of the calendar period, seconds UTC; None: it has none."""
    step: float
    at: float
    """When it was seen first, seconds UTC."""


def advanced(known: Mapping[Key, Reached], standings: Sequence[Standing], now: float) -> dict[Key, Reached]:
    """The steps that are reached at `now` (seconds UTC). Those that were known and still hold keep their time.

    A step that is no longer reached, since the budget was raised or its period is over, can be reached again.
    """
    found: dict[Key, Reached] = {}
    for one in standings:
        if not one.step:
            continue
        start = None if one.budget.period.is_rolling else one.start
        before = known.get(one.key)
        holds = before is not None and before.start == start and before.step >= one.step
        found[one.key] = Reached(start, one.step, before.at if before is not None and holds else now)
    return found


def raised(
    standings: Sequence[Standing], reached: Mapping[Key, Reached], now: float, zone: tzinfo | None
) -> list[Raised]:
    """The findings about budgets of which a step is reached."""
    found: list[Raised] = []
    for one in standings:
        step = reached.get(one.key)
        if step is not None:
            subject = "\0".join(one.key)
            found.append(
                BUDGET.raised(subject, _SEVERITIES[step.step], step.at, _title(one), _evidence(one, now, zone))
            )
    return found


def _title(one: Standing) -> str:
    if one.left <= 0:
        return f"{title(one)}: the budget is used up, {used_words(one)}"
    return f"{title(one)}: {share_words(one)} of the budget is used, {used_words(one)}"


def _evidence(one: Standing, now: float, zone: tzinfo | None) -> tuple[Evidence, ...]:
    since = f"since {clock(one.start, zone)}" if one.start is not None else "in all"
    lines = [f"{since}: {used_words(one)} in {number(one.calls)} calls"]
    lines += [words for words in (end_words(one, now, zone), unpriced_words(one)) if words]
    lines.append(f"the budget is {amount_words(one.budget.limit)}: `lanewatch budgets` shows all")
    return tuple(Evidence(line, now) for line in lines)
