"""How much of each budget is used, and when it will be used up at the present pace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.budget.amount import Unit
from tui.budget.budget import EACH, Budget, Offset, Period
from tui.history.reading import ReadUsage
from tui.history.usage import Asked, Group, Used, total

STEPS = (0.7, 0.9, 1.0)
"""Shares of a budget at which it is told."""
PACES_S = (900.0, 3600.0)
"""The pace is measured over the last 15 minutes and the last hour; the two give a range."""
LEAST_SHARE = 0.03
"""Below this share of a budget its end is not forecast."""


class Forecast(NamedTuple):
    """The range of times, in seconds UTC, in which a budget will be used up."""

    earliest: float
    latest: float | None
    """None: it may also last."""


class Standing(NamedTuple):
    """How much of a budget is used, by one owner."""

    budget: Budget
    group: Group | None
    """The owner; None: all."""
    start: float | None
    """The beginning of the period, seconds UTC."""
    end: float | None
    """Its end, if it is a calendar period."""
    used: float
    """In the unit of the budget."""
    calls: int
    unpriced: int
    """Calls without a known price. They count only in budgets of dollars."""
    is_lower_bound: bool
    """Whether more may have been used."""
    forecast: Forecast | None
    """None: it lasts, it is used up, or too little is used to tell."""

    @property
    def share(self) -> float:
        """The used share of the budget; more than 1 if it is overrun."""
        return self.used / self.budget.limit.value

    @property
    def is_known(self) -> bool:
        """False if nothing of what was used has a known price."""
        return not self.unpriced or self.used > 0

    @property
    def left(self) -> float:
        """What is left, in the unit of the budget; negative if it is overrun."""
        return self.budget.limit.value - self.used

    @property
    def step(self) -> float:
        """The highest of `STEPS` that is reached; 0: none."""
        return max((step for step in STEPS if self.share >= step), default=0.0)

    @property
    def key(self) -> tuple[str, str]:
        """Identifies the budget and its owner."""
        return self.budget.id, owner_key(self.group)


def owner_key(group: Group | None) -> str:
    """Identifies an owner among those of its budget."""
    if group is None:
        return ""
    return "\0".join(part or "" for part in group.lane) if group.lane is not None else group.name or ""


def standings(budgets: Sequence[Budget], read: ReadUsage, now: float, offset: Offset) -> list[Standing]:
    """How much of each budget is used at `now` (seconds UTC), in their order.

    A budget for each project (agent, lane ...) gives one standing for each that used something, the fullest first.
    """
    questions = [_questions(one, now, offset) for one in budgets]
    asked = list(dict.fromkeys(question for each in questions for question in each))
    answers = dict(zip(asked, read(asked), strict=True)) if asked else {}
    found: list[Standing] = []
    for one, each in zip(budgets, questions, strict=True):
        rows, *recent = [answers[question] for question in each]
        found += _standings(one, rows, recent, now, offset)
    return found


def _questions(budget: Budget, now: float, offset: Offset) -> list[Asked]:
    """The use in the period, and in the times over which the pace is measured."""
    start = budget.period.start(now, offset)
    since = [start, *(max(now - span, start or 0.0) for span in PACES_S)]
    until = budget.period.end(now, offset)  # what is dated later, as by a wrong clock, does not count in it
    return [Asked(None, budget.owner.by, one, until) for one in since]


def _standings(
    budget: Budget, rows: Sequence[Used], recent: Sequence[Sequence[Used]], now: float, offset: Offset
) -> list[Standing]:
    known = [_by_owner(one) for one in recent]
    wanted = [row for row in _by_owner(rows).values() if _is_meant(budget, row.group)]
    period = (budget.period.start(now, offset), budget.period.end(now, offset))
    if not wanted and budget.owner.name != EACH:
        named = Group(budget.owner.name) if budget.owner.by is not None else None
        return [_standing(budget, named, None, [], now, period)]
    made = [
        _standing(budget, row.group, row, [part.get(owner_key(row.group)) for part in known], now, period)
        for row in wanted
    ]
    return sorted(made, key=lambda one: -one.share)


def _by_owner(rows: Sequence[Used]) -> dict[str, Used]:
    """One row for each owner: a session may have several transcripts."""
    found: dict[str, list[Used]] = {}
    for row in rows:
        found.setdefault(owner_key(row.group), []).append(row)
    return {
        key: each[0] if len(each) == 1 else total(each)._replace(group=each[0].group) for key, each in found.items()
    }


def _is_meant(budget: Budget, group: Group | None) -> bool:
    if budget.owner.by is None:
        return True
    if group is None:
        return False
    named = budget.owner.name
    if group.lane is not None and (named == EACH or named in group.lane[1:]):
        return True
    return group.name is not None and named in (EACH, group.name)


def _standing(
    budget: Budget,
    group: Group | None,
    row: Used | None,
    recent: Sequence[Used | None],
    now: float,
    period: tuple[float | None, float | None],
) -> Standing:
    start, end = period
    used = _amount(budget, row)
    unpriced = 0
    is_lower_bound = False
    if row is not None:
        is_usd = budget.limit.unit is Unit.USD
        unpriced = row.cost.parts - row.cost.priced if is_usd else 0
        is_lower_bound = row.is_lower_bound or unpriced > 0
    spans = [min(span, now - start) if start is not None else span for span in PACES_S]
    paces = [_amount(budget, part) / span for part, span in zip(recent, spans, strict=False) if span > 0]
    return Standing(
        budget, group, start, end, used, row.calls if row is not None else 0, unpriced, is_lower_bound,
        _forecast(budget, used, paces, now, end),
    )  # fmt: skip


def _amount(budget: Budget, row: Used | None) -> float:
    return budget.limit.of(row.usage, row.cost) if row is not None else 0.0


def _forecast(budget: Budget, used: float, paces: Sequence[float], now: float, end: float | None) -> Forecast | None:
    """When the budget will be used up. `paces` are units per second."""
    limit = budget.limit.value
    if not LEAST_SHARE <= used / limit < 1 or budget.period.is_rolling or budget.period is Period.EVER:
        return None
    reached = sorted(now + (limit - used) / pace for pace in paces if pace > 0)
    if not reached or (end is not None and reached[0] >= end):
        return None
    is_sure = len(reached) == len(paces) and (end is None or reached[-1] < end)
    return Forecast(reached[0], reached[-1] if is_sure else None)
