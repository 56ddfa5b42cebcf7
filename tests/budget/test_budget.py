"""Budgets as they are written: sizes, owners, periods, and what is wrong with others."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.history.test_usage import ZONES, offset_in
from tui.budget.amount import Amount, Unit, amount
from tui.budget.budget import Budget, Owner, Period, budget, owner
from tui.config.load import parse_settings
from tui.history.usage import By
from tui.model.cost import Cost
from tui.model.usage import Usage


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5M", Amount(5_000_000, Unit.TOKENS)),
        ("1200", Amount(1200, Unit.TOKENS)),
        ("1.5B  fresh", Amount(1_500_000_000, Unit.FRESH)),
        ("$20", Amount(20, Unit.USD)),
        ("$0.50", Amount(0.5, Unit.USD)),
    ],
)
def test_sizes_are_read_and_written(text: str, found: Amount):
    assert amount(text) == found
    assert amount(found.text) == found


@pytest.mark.parametrize("text", ["", "5X", "-5M", "$", "$-1", "20$", "5M stale", "fresh", "0", "$0", "0 fresh", "1e9"])
def test_other_sizes_are_refused(text: str):
    with pytest.raises(ValueError, match=r"expected a size|more than zero"):
        amount(text)


def test_each_unit_counts_its_own():
    usage, cost = Usage(input=1, cache_read=10, cache_write_5m=100, output=1000), Cost(3.0, 1, 2)
    assert [Amount(1, unit).of(usage, cost) for unit in Unit] == [1111, 1101, 3.0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5M", Budget(Amount(5_000_000, Unit.TOKENS))),
        ("$20/week", Budget(Amount(20, Unit.USD), period=Period.WEEK)),
        ("all=5M/ever", Budget(Amount(5_000_000, Unit.TOKENS), period=Period.EVER)),
        ("project:*=5M fresh/5h", Budget(Amount(5_000_000, Unit.FRESH), Owner(By.PROJECT, "*"), Period.FIVE_HOURS)),
        ("project:a=b=1M", Budget(Amount(1_000_000, Unit.TOKENS), Owner(By.PROJECT, "a=b"))),
        ("model:x/y=1M", Budget(Amount(1_000_000, Unit.TOKENS), Owner(By.MODEL, "x/y"))),
    ],
)
def test_budgets_of_the_command_line_are_read(text: str, found: Budget):
    assert budget(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5M/dya", 'there is no period "dya"; did you mean "day"'),
        ("porject:x=5M", 'there is no owner "porject"; did you mean "project"'),
        ("project:=5M", "expected all, or"),
        ("web=5M", "expected all, or"),
        ("=5M", "expected all, or"),
        ("project:web", "expected a size"),
    ],
)
def test_what_is_wrong_with_a_budget_is_told(text: str, why: str):
    with pytest.raises(ValueError, match=why):
        budget(text)


def test_an_owner_is_written_as_it_is_read():
    for text in ("all", "project:web", "lane:*"):
        assert owner(text).text == text


GOOD = """
[[budget]]
limit = "200M"
per = "week"
[[budget]]
name = "web"
limit = "$5"
of = "project:web"
"""


def test_budgets_of_the_configuration_are_read():
    loaded = parse_settings(GOOD)
    assert loaded.problems == ()
    assert loaded.settings.budgets == (budget("200M/week"), Budget(amount("$5"), owner("project:web"), name="web"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[budget]]\n", "budget.0.limit: a budget needs a limit"),
        ("[[budget]]\nlimit = 5\n", "budget.0.limit: expected a size"),
        ('[[budget]]\nlimit = "5M"\nper = "fortnight"\n', 'budget.0.per: expected one of "hour"'),
        ('[[budget]]\nlimit = "5M"\nof = "team:x"\n', 'budget.0.of: there is no owner "team"'),
        ('[[budget]]\nlimit = "5M"\nkill = true\n', "budget.0.kill: unknown key"),
        ('[[budget]]\nlimit = "5M"\nmode = "kill"\n', 'budget.0.mode: expected one of "notify"'),
        ('[[budget]]\nlimit = "5M"\nper = "5h"\nmode = "pause"\n', "budget.0.mode: a budget of the last 5h cannot"),
        ('[budget]\nlimit = "5M"\n', "expected at most 50 tables"),
        ('[[budget]]\nlimit = "5M"\n[[budget]]\nlimit = "6M"\n', "two budgets"),
    ],
)
def test_mistakes_in_the_configuration_are_told(text: str, why: str):
    loaded = parse_settings(text)
    assert why in str(loaded.problems[0])
    assert len(loaded.settings.budgets) == (1 if "two" in why else 0)


@given(st.sampled_from(ZONES), st.integers(0, 40 * 365 * 86_400), st.sampled_from(list(Period)))
def test_a_period_begins_at_local_midnight_and_holds_its_moment(zone: str, now: int, period: Period):
    offset = offset_in(zone)
    start, end = period.start(now, offset), period.end(now, offset)
    if period is Period.EVER:
        assert (start, end) == (None, None)
        return
    assert start is not None
    assert start <= now
    if period.is_rolling:
        assert (now - start, end) == (3600 * (5 if period is Period.FIVE_HOURS else 1), None)
        return
    assert end is not None
    assert now < end
    first, after = (datetime.fromtimestamp(at, ZoneInfo(zone)) for at in (start, end))
    days = (after.date() - first.date()).days
    if period is Period.WEEK:
        assert (first.weekday(), days) == (0, 7)
    elif period is Period.MONTH:
        assert (first.day, after.day) == (1, 1)
        assert 28 <= days <= 31
    # Where the clock skips midnight, the day begins an hour later; where it falls back over it, either is right.
    assert first.hour in (0, 1, 23)
