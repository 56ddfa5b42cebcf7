"""What happened after the bound is not known; what came before it is, in whatever slices it is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.fleet.feed import EventsUntil
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.event import LaneInfo, Origin, Prompt, UnreadableLine, UsageReported
from tui.model.usage import Usage

AT = 1_000_000.0
PRICES = PriceTable.shipped()


def spend(at: float | None, number: int) -> UsageReported:
    return UsageReported("", at, number, f"k{number}", "m", Usage(output=1))


def fed(supervisor: Supervisor, events: list) -> int:
    supervisor.feed("/a.jsonl", "claude", [LaneInfo("", None, 0, session="s"), Prompt("", AT, 0, "go", Origin.PERSON)])
    for event in events:
        supervisor.feed("/a.jsonl", "claude", [event])
    return supervisor.snapshot(AT + 10, 0).totals.total


@given(st.lists(st.floats(0, 100), max_size=20), st.floats(0, 100))
def test_it_counts_what_came_up_to_the_bound(times: list[float], bound: float):
    events = [spend(AT + at, number) for number, at in enumerate(times, 1)]
    found = fed(Supervisor(PRICES, only=EventsUntil(AT + bound)), events)
    assert found == fed(
        Supervisor(PRICES), [event for event in events if event.at is not None and event.at <= AT + bound]
    )


def test_what_states_no_time_is_of_the_time_before_it():
    events = [spend(AT + 1, 1), spend(None, 2), spend(AT + 9, 3), spend(None, 4), spend(AT + 2, 5), spend(None, 6)]
    assert fed(Supervisor(PRICES, only=EventsUntil(AT + 5)), events) == 4  # all but the third and the fourth


def test_what_could_not_be_read_is_told_all_the_same():
    supervisor = Supervisor(PRICES, only=EventsUntil(AT))
    supervisor.feed("/a.jsonl", "claude", [spend(AT + 9, 1), UnreadableLine("/a.jsonl", 2, 9, "broken")])
    assert supervisor.snapshot(AT, 0).skipped_lines == 1
