"""How much of a budget is used: the sums of the index, the forecast, and the steps that are told once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.history.indexes import says, wanted
from tests.history.test_usage import PRICES, SUMMER, THRESHOLDS, index, offset_in
from tests.property.test_chain import encode, message
from tui.budget.budget import Budget, Period, budget, owner
from tui.budget.standing import LEAST_SHARE, PACES_S, Standing, standings
from tui.budget.steps import Reached, advanced, raised
from tui.budget.words import end_words, share_words, title, used_words
from tui.fleet.costs import ModelCosts
from tui.history.sync import current
from tui.history.usage import Asked, Group, Used, used
from tui.ledger.lane import ModelTotal
from tui.model.cost import Cost
from tui.model.finding import Severity
from tui.model.usage import Usage

__all__ = ["index"]
UTC_OFFSET = offset_in("UTC")
NOW = SUMMER + 40 * 86_400.0
COSTS = ModelCosts(PRICES)


def reading(sql):
    return lambda asked: [used(sql, one, UTC_OFFSET, PRICES, THRESHOLDS) for one in asked]


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from(["all", "project:*", "model:*", "lane:*", "agent:*"]), st.sampled_from(list(Period)),
    st.sampled_from(["1M", "1M fresh", "$1"]), st.integers(0, 200 * 86_400),
)  # fmt: skip
def test_budgets_sum_to_the_calls_of_their_period(index, of: str, period: Period, size: str, later: int):
    now = float(SUMMER + later)
    one = Budget(budget(size).limit, owner(of), period)
    found = standings([one], reading(index), now, UTC_OFFSET)
    start, end = period.start(now, UTC_OFFSET), period.end(now, UTC_OFFSET)
    calls = [
        (model, Usage(*counts))
        for _, _, at, model, counts in says(index)["calls"].values()
        if start is None or (at is not None and at >= start and (end is None or at < end))
    ]
    assert sum(each.calls for each in found) == len(calls)
    total = sum((usage for _, usage in calls), Usage())
    if size != "$1":
        assert sum(each.used for each in found) == (total.fresh if "fresh" in size else total.total)
    else:
        assert sum(each.unpriced for each in found) == sum(not is_priced(model, usage) for model, usage in calls)


def is_priced(model: str, usage: Usage) -> bool:
    one = ModelTotal()
    one.add(usage, long=COSTS.is_long(model, usage))
    return COSTS.cost(model, one) is not None


def test_an_owner_is_named_and_others_do_not_count(index):
    [one] = standings([budget("project:harbor-1=1M/ever")], reading(index), NOW, UTC_OFFSET)
    assert one.calls == 60
    [none] = standings([budget("project:nothing=1M/ever")], reading(index), NOW, UTC_OFFSET)
    assert (none.calls, none.used, none.step, title(none)) == (0, 0.0, 0.0, "nothing, all time")
    assert end_words(none, NOW) == "nothing counted yet"


def test_a_lane_is_named_by_its_session(index):
    session = "00000001-0000-4000-8000-000000000000"
    [one] = standings([budget(f"lane:{session}=1M/ever")], reading(index), NOW, UTC_OFFSET)
    assert one.calls == 60


def test_a_session_in_two_transcripts_is_one_owner():
    rows = [Used(None, Group("one", ("claude", "s", None)), 2, Usage(input=600_000), Cost(0, 2, 2), False)] * 2
    [one] = standings([budget("lane:s=1M/day")], lambda asked: [rows for _ in asked], NOON, UTC_OFFSET)
    assert (one.used, one.calls, one.step) == (1_200_000, 4, 1.0)


def test_what_is_dated_after_the_period_does_not_count_in_it(index):
    asked: list[Asked] = []

    def read(questions: Sequence[Asked]) -> list[list[Used]]:
        asked.extend(questions)
        return [[] for _ in questions]

    standings([budget("1M/day"), budget("1M/ever")], read, NOON, UTC_OFFSET)
    assert {one.until for one in asked if one.since is not None and one.since > NOON - 50_000} >= {NOON + 43_200}
    assert asked[3].until is None


def test_what_is_asked_twice_is_read_once(index):
    asked: list[Sequence[Asked]] = []

    def read(questions: Sequence[Asked]) -> list[list[Used]]:
        asked.append(questions)
        return reading(index)(questions)

    standings([budget("1M/day"), budget("$1/day"), budget("1M fresh/day")], read, NOW, UTC_OFFSET)
    assert [len(questions) for questions in asked] == [3]


def test_a_budget_counts_each_token_once_although_transcripts_share_calls(tmp_path):
    lines = [message("00000001-0000-4000-8000-000000000000", second, f"c{second}", 100) for second in range(5)]
    for name in ("00000001", "00000002"):
        (tmp_path / f"{name}-0000-4000-8000-000000000000.jsonl").write_bytes(encode(lines))
    with ExitStack() as stack:
        sql = current(stack, wanted(tmp_path)._replace(thresholds=THRESHOLDS), None)
        found = standings([budget("1M/ever")], reading(sql), 2e9, UTC_OFFSET)
    assert found[0].calls == 5


# -- forecasts ----------------------------------------------------------------------------------------


def rows(*tokens: int, usd: Cost | None = None) -> list[list[Used]]:
    """The answers for one budget of all lanes: since its start, in the last 15 minutes, in the last hour."""
    return [[Used(None, None, 1, Usage(input=count), usd or Cost(0, 1, 1), False)] if count else [] for count in tokens]


def at(*tokens: int, size: str = "1M/day", now: float = NOW) -> Standing:
    distinct = iter(rows(*tokens))
    [one] = standings([budget(size)], lambda asked: [next(distinct) for _ in asked], now, UTC_OFFSET)
    return one


NOON = datetime(2026, 6, 10, 12, tzinfo=UTC).timestamp()


def test_the_forecast_is_a_range_of_two_paces():
    one = at(500_000, 50_000, 100_000, now=NOON)
    assert one.forecast == (NOON + 500_000 / 50_000 * PACES_S[0], NOON + 500_000 / 100_000 * PACES_S[1])
    assert end_words(one, NOON, UTC) == "used up between 14:30 and 17:00"


def test_it_may_last_or_not():
    one = at(500_000, 50_000, 50_000, now=NOON)
    assert one.forecast == (NOON + 9000, NOON + 36_000)
    late = at(500_000, 50_000, 20_000, now=NOON)
    assert late.forecast == (NOON + 9000, None)
    assert end_words(late, NOON, UTC) == "used up from 14:30 on, or it lasts"
    silent = at(500_000, 0, 100_000, now=NOON)
    assert silent.forecast == (NOON + 18_000, None), "in the last quarter hour nothing was used"


def test_nothing_is_forecast_that_cannot_be_known():
    assert at(500_000, 1000, 1000, now=NOON).forecast is None, "it lasts"
    assert end_words(at(500_000, 1000, 1000, now=NOON), NOON, UTC) == "lasts at this pace"
    assert at(int(1_000_000 * LEAST_SHARE) - 1, 20_000, 29_000, now=NOON).forecast is None
    assert at(1_000_000, 20_000, 29_000, now=NOON).forecast is None
    assert at(500_000, 20_000, 29_000, size="1M/hour", now=NOON).forecast is None


def test_after_midnight_the_pace_is_that_of_the_day():
    now = datetime(2026, 6, 10, 0, 10, tzinfo=UTC).timestamp()
    one = at(100_000, 100_000, 100_000, now=now)
    assert one.forecast == (now + 9 * 600, now + 9 * 600)


def test_a_sum_without_prices_is_unknown_and_with_some_a_lower_bound():
    def read(cost: Cost):
        return lambda asked: [[Used(None, None, 2, Usage(input=10), cost, False)] for _ in asked]

    [none] = standings([budget("$1")], read(Cost(0.0, 0, 2)), NOON, UTC_OFFSET)
    assert (share_words(none), used_words(none), none.step) == ("?", "$ ? of $1.00", 0.0)
    [some] = standings([budget("$1")], read(Cost(0.95, 1, 2)), NOON, UTC_OFFSET)
    assert (share_words(some), used_words(some), some.step) == ("≥95%", "≥$0.95 of $1.00", 0.9)
    [tokens] = standings([budget("20")], read(Cost(0.0, 0, 2)), NOON, UTC_OFFSET)
    assert (share_words(tokens), tokens.unpriced) == ("50%", 0)


# -- steps --------------------------------------------------------------------------------------------


def test_steps_are_told_once_in_a_period_and_again_in_the_next():
    known: dict[tuple[str, str], Reached] = {}
    told: list[tuple[float, float]] = []
    for later, tokens in ((0, 650_000), (10, 700_000), (20, 800_000), (30, 950_000), (40, 1_000_000), (50, 2_000_000)):
        known = advanced(known, [at(tokens, 0, 0, now=NOON + later)], NOON + later)
        told += [(one.step, one.at - NOON) for one in known.values()]
    assert told == [(0.7, 10), (0.7, 10), (0.9, 30), (1.0, 40), (1.0, 40)]
    tomorrow = NOON + 86_400
    assert advanced(known, [at(100, 0, 0, now=tomorrow)], tomorrow) == {}
    again = advanced(known, [at(1_000_000, 0, 0, now=tomorrow)], tomorrow)
    assert [one.at for one in again.values()] == [tomorrow]


def test_a_raised_budget_takes_its_step_back_and_can_reach_it_again():
    known = advanced({}, [at(1_000_000, 0, 0, now=NOON)], NOON)
    raised_one = at(1_000_000, 0, 0, size="2M/day", now=NOON + 5)
    known = advanced(known, [raised_one], NOON + 5)
    assert known == {}
    assert [
        one.at for one in advanced(known, [at(2_000_000, 0, 0, size="2M/day", now=NOON + 9)], NOON + 9).values()
    ] == [NOON + 9]


def test_a_budget_of_the_last_hour_leaves_its_step_when_time_passes():
    known = advanced({}, [at(1_000_000, 0, 0, size="1M/hour", now=NOON)], NOON)
    known = advanced(known, [at(1_000_000, 0, 0, size="1M/hour", now=NOON + 60)], NOON + 60)
    assert [one.at for one in known.values()] == [NOON]
    lower = advanced(known, [at(750_000, 0, 0, size="1M/hour", now=NOON + 90)], NOON + 90)
    assert [(one.step, one.at) for one in lower.values()] == [(0.7, NOON)]


@pytest.mark.parametrize(
    ("tokens", "severity", "words"),
    [
        (699_999, None, ""),
        (700_000, Severity.INFO, "all lanes, today: 70% of the budget is used, 700k of 1.00M tokens"),
        (900_000, Severity.WARN, "all lanes, today: 90% of the budget is used, 900k of 1.00M tokens"),
        (1_200_000, Severity.STOP, "all lanes, today: the budget is used up, 1.20M of 1.00M tokens"),
    ],
)
def test_a_finding_says_how_much_is_used(tokens: int, severity: Severity | None, words: str):
    one = at(tokens, 0, 0, now=NOON)
    found = raised([one], advanced({}, [one], NOON), NOON, UTC)
    assert [(each.severity, each.title, each.since) for each in found] == (
        [(severity, words, NOON)] if severity else []
    )
    if severity is Severity.STOP:
        assert [evidence.text for evidence in found[0].evidence] == [
            "since 10 Jun 00:00: 1.20M of 1.00M tokens in 1 calls",
            "200k over",
            "the budget is 1.00M tokens: `lanewatch budgets` shows all",
        ]


def test_a_budget_that_pauses_says_so():
    one = at(1_200_000, 0, 0, size="1M/day:pause", now=NOON)
    assert end_words(one, NOON) == "200k over: it pauses its lanes"
    assert end_words(at(1_200_000, 0, 0, now=NOON), NOON) == "200k over"
    assert end_words(at(1_000_000, 0, 0, now=NOON), NOON) == "used up"


def test_owners_of_one_budget_are_told_apart():
    def read(asked):
        row = [Used(None, Group(name), 1, Usage(input=900_000), Cost(0, 1, 1), False) for name in ("a", "b")]
        return [row for _ in asked]

    found = standings([budget("project:*=1M")], read, NOON, UTC_OFFSET)
    assert len(raised(found, advanced({}, found, NOON), NOON, UTC)) == 2
