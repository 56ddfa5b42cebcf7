"""A budget: an amount for a period and an owner, as it is declared in the configuration or on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from tui.budget.amount import EXPECTED, Amount, amount
from tui.history.usage import By
from tui.model.frozen import frozen
from tui.settings.declare import setting
from tui.settings.kinds import Choice, Text
from tui.text.messages import nearest, quoted

EACH = "*"
_ALL = "all"
_HOUR_S = 3600
_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
Offset = Callable[[float], int]
"""How many seconds local time is ahead of UTC at a time in seconds UTC."""
_OWNERS = f"all, or {', '.join(f'{one.value}:NAME' for one in By)}; NAME may be * for each on its own"


class Mode(StrEnum):
    """What happens when a budget is used up."""

    NOTIFY = "notify"
    """It is told."""
    PAUSE = "pause"
    """Its lanes are paused before their next call, too, by the gate."""


class Period(StrEnum):
    """The time in which a budget may be used. Calendar periods begin in local time."""

    HOUR = "hour"
    """The last 60 minutes."""
    FIVE_HOURS = "5h"
    """The last five hours."""
    DAY = "day"
    WEEK = "week"
    """From Monday on, as in ISO 8601."""
    MONTH = "month"
    EVER = "ever"
    """All time."""

    @property
    def is_rolling(self) -> bool:
        """Whether it moves with the time, so that what was used leaves it again."""
        return self in _ROLLING

    def start(self, now: float, offset: Offset) -> float | None:
        """Its beginning at a moment, seconds UTC; None: it has none."""
        if self in _ROLLING:
            return now - _ROLLING[self]
        return None if self is Period.EVER else _midnight(self._first_day(now, offset), now, offset)

    def end(self, now: float, offset: Offset) -> float | None:
        """The end of the calendar period of a moment, seconds UTC; None: it does not end then."""
        if self.is_rolling or self is Period.EVER:
            return None
        first = self._first_day(now, offset)
        if self is Period.MONTH:
            return _midnight((first + timedelta(days=32)).replace(day=1), now, offset)
        return _midnight(first + timedelta(days=1 if self is Period.DAY else 7), now, offset)

    def _first_day(self, now: float, offset: Offset) -> date:
        day = date.fromordinal(_EPOCH + int((now + offset(now)) // _DAY_S))
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Period.MONTH else day


_ROLLING = {Period.HOUR: _HOUR_S, Period.FIVE_HOURS: 5 * _HOUR_S}


def _midnight(day: date, near: float, offset: Offset) -> float:
    """The beginning of a local day, in seconds UTC."""
    local = (day.toordinal() - _EPOCH) * _DAY_S
    return float(local - offset(local - offset(near)))


@frozen
class Owner:
    """Whose use counts: that of all, of one project (agent, model, lane ...), or of each project on its own."""

    by: By | None = None
    name: str = ""
    """A name, or `EACH`."""

    @property
    def text(self) -> str:
        """As it is written in a configuration."""
        return _ALL if self.by is None else f"{self.by.value}:{self.name}"


def owner(text: str) -> Owner:
    """Reads an owner.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    if text == _ALL:
        return Owner()
    kind, colon, name = text.partition(":")
    kinds = tuple(one.value for one in By)
    if not colon or not name.strip():
        raise ValueError(f"expected {_OWNERS}")
    if kind not in kinds:
        raise ValueError(f"there is no owner {quoted(kind)}{nearest(kind, kinds) or f'; expected {_OWNERS}'}")
    return Owner(By(kind), name.strip())


@frozen
class AmountText:
    """The kind of a setting that holds an amount, as text."""

    expects: str = EXPECTED

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        return amount(Text(self.expects).read(value)).text


@frozen
class OwnerText:
    """The kind of a setting that holds an owner, as text."""

    expects: str = _OWNERS

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        return owner(Text(self.expects).read(value)).text


def _modes() -> tuple[str, ...]:
    return tuple(one.value for one in Mode)


def _periods() -> tuple[str, ...]:
    return tuple(one.value for one in Period)


@frozen
class BudgetTable:
    """How much may be used in a period. `[[budget]]` may be repeated.

    It is told at 70, 90 and 100%, each once.
    """

    limit: str = setting("", AmountText(), "Its size. Dollars are list prices, which a subscription does not bill.")
    of: str = setting(_ALL, OwnerText(), "Whose use counts.")
    per: str = setting(
        Period.DAY.value,
        Choice(_periods),
        'The time for which it is. "hour" and "5h" are the last 60 minutes and five hours; "day", "week" (from Monday'
        ' on) and "month" begin at local midnight; "ever" has no end.',
    )
    mode: str = setting(
        Mode.NOTIFY.value,
        Choice(_modes),
        'What happens when it is used up: "notify" tells it; "pause" also pauses its lanes before their next call,'
        " where the gate is installed. Raising the budget lets them go on, and r resumes one of them. It needs a period"
        " of a day or longer.",
    )
    name: str = setting("", Text("a short name"), "Its name on the screen; empty: made of the others.")


@frozen
class Budget:
    """A budget that was declared."""

    limit: Amount
    owner: Owner = Owner()
    period: Period = Period.DAY
    name: str = ""
    mode: Mode = Mode.NOTIFY

    @property
    def id(self) -> str:
        """Identifies it over restarts. Its size is no part: a budget that is raised stays the same."""
        return f"{self.owner.text}/{self.period.value}/{self.limit.unit.value}"

    @classmethod
    def of(cls, table: BudgetTable) -> Budget:
        """The budget of a table of the configuration. Raises: ValueError: it has no size, or cannot pause."""
        return cls(amount(table.limit), owner(table.of), Period(table.per), table.name, _mode(table.mode, table.per))


def budget(text: str) -> Budget:
    """Reads a budget of the command line: `[OWNER=]SIZE[/PERIOD[:MODE]]`.

    Examples: `5M`, `$20/week`, `project:web=2M/day`, `200M/week:pause`.

    Raises:
        ValueError: it is none.
    """
    whose, equals, rest = text.rpartition("=")
    size, slash, when = rest.rpartition("/")
    if not slash:
        size, when = rest, Period.DAY.value
    period, _, mode = when.partition(":")
    for word, known, what in ((period, _periods(), "period"), (mode or Mode.NOTIFY.value, _modes(), "mode")):
        if word not in known:
            hint = nearest(word, known) or f"; known: {', '.join(known)}"
            raise ValueError(f"there is no {what} {quoted(word)}{hint}")
    whom = owner(whose) if equals else Owner()
    return Budget(amount(size), whom, Period(period), mode=_mode(mode or Mode.NOTIFY.value, period))


def _mode(mode: str, period: str) -> Mode:
    if mode == Mode.PAUSE and Period(period).is_rolling:
        raise ValueError(f'a budget of the last {period} cannot pause lanes: use "day" or longer')
    return Mode(mode)
