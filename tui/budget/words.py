"""What is said of a budget, in words that are safe to show."""

from __future__ import annotations

from datetime import tzinfo

from tui.budget.amount import Amount, Unit
from tui.budget.budget import EACH, Mode, Period
from tui.budget.standing import Forecast, Standing
from tui.text.format import UNKNOWN, compact, hour, money, number, percent, time_in_form
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own

NAME_CELLS = 40
_DAY_S = 86_400
_PERIODS = {
    Period.HOUR: own("last 60 minutes"), Period.FIVE_HOURS: own("last 5 hours"), Period.DAY: own("today"),
    Period.WEEK: own("this week"), Period.MONTH: own("this month"), Period.EVER: own("all time"),
}  # fmt: skip


def title(one: Standing) -> SafeText:
    """`all lanes, today`, `web, this week`, or the budget's own name; with the owner if the budget is for each."""
    budget = one.budget
    if budget.name and budget.owner.name != EACH:
        return safe_text(budget.name, limit=NAME_CELLS)
    first = joined(safe_text(budget.name, limit=NAME_CELLS), own(", ")) if budget.name else own("")
    return joined(first, owner_words(one), own(", "), _PERIODS[budget.period])


def owner_words(one: Standing) -> SafeText:
    """Whose use counts: `all lanes`, or a name. A lane without a title has its session."""
    group = one.group
    if group is None:
        return own("all lanes")
    return safe_text(group.name or (group.lane[1] if group.lane is not None else ""), limit=NAME_CELLS)


def share_words(one: Standing) -> SafeText:
    """The used share, `≥` before it if it is a lower bound; `?` if nothing has a known price."""
    if not one.is_known:
        return UNKNOWN
    whole = percent(one.share) if one.share <= 1 else SafeText(f"{one.share:,.0%}")
    return _at_least(whole, one)


def used_words(one: Standing) -> SafeText:
    """`4.10M of 5.00M tokens`, `$3.20 of $20.00`."""
    limit = one.budget.limit
    used = _at_least(_value(one.used, limit.unit), one) if one.is_known else money(None)
    return joined(used, own(" of "), amount_words(limit))


def amount_words(amount: Amount) -> SafeText:
    """`5.00M tokens`, `5.00M fresh tokens`, `$20.00`."""
    shown = _value(amount.value, amount.unit)
    if amount.unit is Unit.USD:
        return shown
    return joined(shown, own(" tokens") if amount.unit is Unit.TOKENS else own(" fresh tokens"))


def end_words(one: Standing, now: float, zone: tzinfo | None = None) -> SafeText:
    """When it is used up, or by how much it is overrun; empty if nothing can be said.

    `now` is seconds UTC; `zone` defaults to this machine's.
    """
    if one.left <= 0:
        over = joined(_value(-one.left, one.budget.limit.unit), own(" over")) if one.left else own("used up")
        return joined(over, own(": it pauses its lanes") if one.budget.mode is Mode.PAUSE else own(""))
    if not one.calls:
        return own("nothing counted yet")
    if one.forecast is not None:
        return _forecast(one.forecast, now, zone)
    return own("lasts at this pace") if one.end is not None and one.is_known else own("")


def unpriced_words(one: Standing) -> SafeText:
    """`2 calls without a price`; empty if all that count have one."""
    if not one.unpriced:
        return own("")
    words = own(" call without a price") if one.unpriced == 1 else own(" calls without a price")
    return joined(number(one.unpriced), words)


def _at_least(shown: SafeText, one: Standing) -> SafeText:
    return joined(own("≥"), shown) if one.is_lower_bound else shown


def _value(value: float, unit: Unit) -> SafeText:
    return money(value) if unit is Unit.USD else compact(value)


def _forecast(forecast: Forecast, now: float, zone: tzinfo | None) -> SafeText:
    first = _time(forecast.earliest, now, zone)
    if forecast.latest is None:
        return joined(own("used up from "), first, own(" on, or it lasts"))
    last = _time(forecast.latest, now, zone)
    if first == last:
        return joined(own("used up at "), first)
    return joined(own("used up between "), first, own(" and "), last)


def _time(at: float, now: float, zone: tzinfo | None) -> SafeText:
    """`16:10`, or `Thu 16:10` from a day ahead on."""
    return hour(at, zone) if at - now < _DAY_S else time_in_form(at, "%a %H:%M", zone)
