"""The last value inside each limit of the ledger, and the first one outside."""

from __future__ import annotations

import pytest

from tui.ledger.burn import BUCKET_S, BurnMeter
from tui.ledger.calls import CallBook
from tui.ledger.lane import OPEN_CALLS_LIMIT, LaneLedger
from tui.ledger.prices import PriceError, PriceTable
from tui.model.event import Call, Limit, Prompt, ToolKind, UsageReported
from tui.model.usage import Usage

AT = 1_000_000.0


def lane(*events: Prompt | UsageReported | Call | Limit) -> LaneLedger:
    made = LaneLedger("claude", "/a.jsonl", "", CallBook())
    for event in events:
        made.apply(event)
    return made


def spend(key: str, at: float, tokens: int = 1) -> UsageReported:
    return UsageReported("", at, 0, key, "model", Usage(output=tokens))


@pytest.mark.parametrize(("place", "window"), [(0, 60), (1, 300), (2, 3600)])
def test_a_window_holds_its_length_and_no_bucket_more(place, window):
    meter = BurnMeter()
    meter.add(AT, 7)
    meter.add(AT + window, 1)  # the meter stays awake
    assert meter.windows(AT + window - BUCKET_S)[place].tokens == 7
    assert meter.windows(AT + window)[place].tokens == 1


def test_what_was_burnt_nearly_an_hour_ago_is_in_the_hour_though_nothing_came_since():
    meter = BurnMeter()
    meter.add(AT, 7)
    assert meter.windows(AT + 3594)[2].tokens == 7
    assert meter.windows(AT + 3600)[2].tokens == 0


def test_a_rhythm_ends_with_its_last_interval():
    meter = BurnMeter()
    meter.add(AT, 7)
    step, cells = 15, 24
    first = AT - AT % step
    assert meter.spark(first + cells * step - 0.1, cells, step) == (7, *[0] * (cells - 1))
    assert not any(meter.spark(first + cells * step, cells, step))


def test_a_call_at_midnight_is_of_the_day_that_begins():
    one = lane(spend("before", AT - 0.1), spend("at", AT))
    assert sum(total.usage.total for total in one.usage_since(AT).values()) == 1


@pytest.mark.parametrize("late", [61, 599])
def test_a_call_whose_line_came_minutes_late_hides_no_other(late):
    one = lane(spend("a", AT + 10, 5), spend("b", AT - late, 1), spend("c", AT + 20, 7))
    assert one.tokens_between(AT, None) == 12


def test_so_many_open_calls_are_kept_and_no_more():
    calls = [Call("", AT, number, f"c{number}", "Bash", ToolKind.SHELL, "{}", "make") for number in range(300)]
    assert len(lane(*calls).open_calls) == OPEN_CALLS_LIMIT == 200


def test_what_is_spent_at_the_time_of_a_limit_does_not_lift_it():
    reached = Limit("", AT, 0, None, None, None, AT + 900, reached=True)
    assert lane(reached, spend("same", AT)).limit is reached
    assert lane(reached, spend("after", AT + 0.1)).limit is None


def test_the_dearest_price_is_a_price_and_a_dearer_one_is_none():
    text = '[g]\nsource = "x"\nas_of = 2026-01-02\n[g.models]\nm = {{ input = {price}, output = 1.0 }}\n'
    assert PriceTable.load(text.format(price="1_000_000"), "p.toml").cost("m", Usage(input=1_000_000)) == 1_000_000
    with pytest.raises(PriceError, match="must be between 0 and"):
        PriceTable.load(text.format(price="1_000_000.1"), "p.toml")
