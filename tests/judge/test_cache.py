"""A conversation that became dear to read again: what is raised, what ends it, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.hostile import hostile_events
from tui.judge.detector import Raised
from tui.judge.findings.cache_heavy import CacheHeavy, CacheLimits
from tui.judge.limits import Limits
from tui.model.event import Compact, Event, Inherited, UsageReported
from tui.model.finding import Severity, Verb
from tui.model.usage import Usage

LIMITS = Limits()
EARLY = Usage(input=100, cache_read=20_000, cache_write_5m=2_000, output=300)
LATE = Usage(input=100, cache_read=400_000, cache_write_5m=2_000, output=300)


def dollars(model: str, usage: Usage) -> float | None:
    """A price list of one model, and one that is ten times as dear."""
    rates = {"plain": 1.0, "dear": 10.0}
    if model not in rates:
        return None
    worth = usage.input + 0.1 * usage.cache_read + 1.25 * usage.cache_write + 5 * usage.output
    return rates[model] * worth / 1_000_000


def calls(*usages: Usage, model: str | None = "plain", start: int = 0, how: Inherited = Inherited.NO) -> list[Event]:
    return [
        UsageReported("", 1000.0 + index, 10 * index, f"key-{index}", model, usage, inherited=how)
        for index, usage in enumerate(usages, start)
    ]


def compact(at: float) -> Compact:
    return Compact("", at, 99_000, "auto", None, None)


def found(events: list[Event], limits: Limits = LIMITS) -> list[Raised]:
    detector = CacheHeavy(limits, dollars)
    for event in events:
        detector.apply(event, 0)
    return list(detector.raised())


def open_of(events: list[Event]) -> list[Raised]:
    return [one for one in found(events) if one.until is None]


def test_a_long_conversation_is_told():
    [one] = open_of(calls(*[EARLY] * 30, *[LATE] * 20))
    assert (one.severity, one.suggest, one.until) == (Severity.INFO, Verb.CLOSE, None)
    assert (
        one.title
        == "each request to the model costs 7.2 times as much as at the start; 91% of this pays for reading the long "
        "conversation again"
    )
    assert [piece.text for piece in one.evidence] == [
        "requests 3 to 12: a middle one cost $0.006, and read 20,000 tokens of the conversation from the cache",
        "last 10 requests: a middle one cost $0.044, and read 400,000 tokens of the conversation from the cache",
    ]
    assert [piece.offset for piece in one.evidence] == [20, 490]


def test_it_says_so_where_no_price_is_known():
    [one] = open_of(calls(*[EARLY] * 30, *[LATE] * 20, model=None))
    assert one.title.startswith("each request to the model costs 7.2 times")
    assert one.evidence[0].text.startswith("requests 3 to 12: a middle one cost as much as 6,100 input tokens")
    assert "no price is known for the model" in one.evidence[2].text


def test_three_times_the_limit_is_a_warning():
    huge = Usage(cache_read=700_000)
    assert [one.severity for one in open_of(calls(*[EARLY] * 30, *[huge] * 20))] == [Severity.WARN]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(calls(*[EARLY] * 20, *[LATE] * 19), id="39 calls are not yet 40"),
        pytest.param(calls(*[EARLY] * 100), id="no growth"),
        pytest.param(calls(*[EARLY] * 30, *[Usage(input=100_000, output=500)] * 20), id="dear, but not by re-reading"),
        pytest.param(calls(*[EARLY] * 30, *[LATE] * 20, how=Inherited.YES), id="copied history"),
        pytest.param(calls(*[EARLY] * 30, *[LATE] * 20, how=Inherited.GUESS_YES), id="probably copied history"),
        pytest.param([*calls(*[EARLY] * 30), *calls(*[EARLY] * 30, model="dear", start=30)], id="another model"),
        pytest.param(calls(*[EARLY] * 45, *[LATE] * 4), id="four dear calls are no trend"),
        pytest.param([*calls(*[EARLY] * 30), compact(1030.0), *calls(*[LATE] * 60, start=30)], id="dear since it was compacted"),
    ],
)  # fmt: skip
def test_silent(events: list[Event]):
    assert not found(events)


def test_a_compaction_ends_it():
    [one] = found([*calls(*[EARLY] * 30, *[LATE] * 20), compact(2000.0)])
    assert one.until == 2000.0


def test_it_ends_where_the_conversation_shrank_unseen():
    [one] = found(calls(*[EARLY] * 30, *[LATE] * 20, *[EARLY] * 6))
    assert one.until == 1055.0


def test_a_later_line_of_a_call_corrects_it():
    corrected: list[Event] = []
    for event in calls(*[EARLY] * 30, *[Usage(cache_read=10)] * 20):
        corrected.append(event)
        if isinstance(event, UsageReported) and event.offset >= 300:
            corrected += [UsageReported("", event.at, event.offset, event.key, event.model, LATE)] * 3
    assert [one.title for one in open_of(corrected)] == [
        one.title for one in open_of(calls(*[EARLY] * 30, *[LATE] * 20))
    ]


def test_lines_of_one_call_are_one_call():
    assert not found([event for event in calls(*[EARLY] * 10, *[LATE] * 10) for _ in range(4)])


def test_calls_that_cost_nothing_raise_nothing():
    assert not found(calls(*[Usage()] * 60))


@given(st.lists(hostile_events(), max_size=80))
def test_no_sequence_of_events_raises(events: list[Event]):
    found(events, Limits(CacheLimits(cache_turns=0, cache_cost_ratio=0.0, cache_share=0.0)))
