"""Calls kept as rows of bytes: the same facts as were put in, found by their keys, in few bytes."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.test_counting import lane, spend
from tui.ledger.call_rows import CallRow, CallRows, Places
from tui.ledger.calls import CallBook
from tui.ledger.counters import CounterSequence
from tui.ledger.keys import key_of
from tui.model.event import Inherited
from tui.model.usage import ZERO, Usage

keys = st.integers(-(1 << 63), (1 << 63) - 1)
usages = st.builds(Usage, *[st.integers(0, 10) | st.integers(-(1 << 70), 1 << 70)] * 7)
facts = st.builds(
    CallRow, st.just(0), st.none() | st.floats(0, 1e10), st.integers(1, 9), st.integers(0, 1000),
    st.none() | st.text(), usages, st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(st.tuples(st.booleans(), keys | st.integers(0, 300)), max_size=400))
def test_places_are_those_of_a_dictionary(steps: list[tuple[bool, int]]):
    places, known = Places(), dict[int, int]()
    for number, (is_removed, key) in enumerate(steps):
        if is_removed:
            places.remove(key)
            known.pop(key, None)
        elif key not in known:
            places.add(key, number)
            known[key] = number
    assert [places.get(key) for _, key in steps] == [known.get(key, -1) for _, key in steps]


def test_places_are_found_after_many_buckets_were_divided():
    places = Places()
    for number in range(5000):
        places.add(key_of(str(number)), number)
    assert [places.get(key_of(str(number))) for number in range(5000)] == list(range(5000))
    assert places.get(key_of("5000")) == -1


def test_a_part_of_two_entries_is_no_key():
    places = Places()
    places.add(0x0101010101010101, 0x01010101)
    places.add(0x0101010101010102, 0x01010101)
    assert places.get(0x0201010101010101) == -1


@given(st.lists(facts, max_size=30), st.data())
def test_rows_give_back_what_was_put_in(given_calls: list[CallRow], data: st.DataObject):
    rows = CallRows()
    calls = {rows.add(kept): kept for number, call in enumerate(given_calls) if (kept := call._replace(key=number))}
    for row in data.draw(st.lists(st.sampled_from(sorted(calls)), unique=True)) if calls else ():
        if data.draw(st.booleans()):
            calls[row] = data.draw(facts)._replace(key=calls[row].key)
            rows.put(row, calls[row])
        else:
            rows.remove(row)
            assert rows.find(calls.pop(row).key) == -1
    assert {row: rows.get(row) for row in rows.all()} == calls
    assert {row: rows.usage(row) for row in calls} == {row: call.usage for row, call in calls.items()}
    assert all(rows.find(call.key) == row for row, call in calls.items())
    assert len(rows) == len(calls)


def test_a_removed_row_is_used_again():
    rows = CallRows()
    call = CallRow(1, None, 1, 0, None, ZERO, provisional=False, free=False)
    first = rows.add(call)
    rows.remove(first)
    assert rows.add(call._replace(key=2)) == first
    assert rows.find(1) == -1


def test_a_call_takes_few_bytes():
    book = CallBook()
    one = lane(book)

    def take(first: int, last: int) -> None:
        for number in range(first, last):
            usage = Usage(3, 9000 + number, 400, 0, 0, 300)
            one.apply(spend(f"msg_{number:024}:req_{number:024}", usage, 1_000_000.0 + number % 900))

    take(0, 2000)
    tracemalloc.start()
    try:
        take(2000, 12_000)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept < 110 * 10_000


def test_counters_are_compared_from_the_beginning():
    one, two = CounterSequence(), CounterSequence()
    for number in range(4):
        one.add((number, 7), number, Inherited.GUESS_NO)
    assert one.common(two) == 0
    for number in (0, 1, 9, 3):
        two.add((number, 7), number, Inherited.NO)
    assert one.common(two) == 2
    assert list(one)[:1] == [(0, Inherited.GUESS_NO)]
    assert (len(one), len(CounterSequence())) == (4, 0)


def test_a_call_that_is_final_at_the_same_count_is_no_lower_bound_any_more():
    one = lane(CallBook())
    one.apply(spend("a", Usage(output=1), provisional=True))
    one.apply(spend("b", Usage(output=1)))
    assert one.is_lasting_lower_bound
    one.apply(spend("a", Usage(output=1)))
    assert not one.is_lasting_lower_bound
    assert (one.usage.output, one.models["model"].calls) == (2, 2)
