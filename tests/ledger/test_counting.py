"""Each call once, whoever repeats it; burn and actions follow; a fork's copies are not its own."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.ledger.actions import action_name
from tui.ledger.burn import BurnMeter
from tui.ledger.calls import CallBook, larger
from tui.ledger.forks import settle_fork
from tui.ledger.lane import LaneLedger
from tui.model.action_name import ticket_parts
from tui.model.event import Inherited, LaneInfo, Mark, Origin, Prompt, State, UsageReported
from tui.model.usage import ZERO, Usage

AT = 1_000_000.0
usages = st.builds(Usage, *[st.integers(0, 10**6)] * 7)


def lane(book: CallBook, path: str = "/a.jsonl", started: float = AT) -> LaneLedger:
    made = LaneLedger("claude", path, "", book)
    made.apply(Prompt("", started, 0, "go", Origin.PERSON))
    return made


def spend(key: str, usage: Usage, at: float = AT + 1, **more: object) -> UsageReported:
    return UsageReported("", at, 0, key, "model", usage, **more)  # type: ignore[arg-type]


@given(st.lists(usages, min_size=1, max_size=6))
def test_lines_of_one_call_count_as_their_largest(lines):
    book = CallBook()
    one = lane(book)
    for usage in lines:
        one.apply(spend("k", usage))
    expected = ZERO
    for usage in lines:
        expected = larger(expected, usage)
    assert one.usage == expected
    assert one.usage.total == one.models["model"].usage.total == sum(a.usage.total for a in one.actions.newest(9))
    assert one.meter.windows(AT + 2)[2].tokens == book.meter.windows(AT + 2)[2].tokens == expected.total


def test_a_lifetime_that_is_stated_later_is_not_counted_twice():
    assert larger(Usage(cache_write_other=900), Usage(cache_write_5m=900)) == Usage(cache_write_5m=900)
    assert larger(Usage(cache_write_5m=900), Usage(cache_write_other=900)) == Usage(cache_write_5m=900)


@given(st.permutations(range(3)))
def test_the_owner_of_a_shared_call_does_not_depend_on_the_order(order):
    book = CallBook()
    lanes = [lane(book, f"/{name}.jsonl", AT + number) for number, name in enumerate("zab")]
    for index in order:
        lanes[index].apply(spend("shared", Usage(output=10 + index)))
    book.settle()
    assert [each.usage.total for each in lanes] == [12, 0, 0]  # the one that began first owns it, at its largest
    assert [each.inherited.total for each in lanes] == [0, 12, 12]


def test_a_fork_never_owns_what_its_origin_has():
    book = CallBook()
    fork, origin = lane(book, "/a.jsonl", AT), lane(book, "/z.jsonl", AT)
    fork.apply(spend("k", Usage(output=5)))
    origin.apply(spend("k", Usage(output=5)))
    fork.apply(LaneInfo("", None, 0, forked=True))
    book.settle()
    assert (origin.usage.total, fork.usage.total, fork.inherited.total) == (5, 0, 5)


def test_releasing_the_owner_hands_its_calls_on_and_the_total_stays():
    book = CallBook()
    one, two = lane(book, "/a.jsonl"), lane(book, "/b.jsonl")
    for each in (one, two):
        each.apply(spend("k", Usage(output=5)))
    book.release(one, one.rows)
    assert two.usage.total == 5
    assert two.inherited.total == 0
    assert book.meter.windows(AT + 2)[2].tokens == 5
    book.release(two, two.rows)
    assert len(book) == 0
    assert book.meter.windows(AT + 2)[2].tokens == 0


@given(st.lists(st.tuples(st.floats(0, 7200), st.integers(1, 1000)), max_size=60), st.floats(0, 9000))
def test_the_meter_counts_what_lies_in_its_windows(points, now):
    meter = BurnMeter()
    for at, tokens in sorted(points):
        if at <= now:
            meter.add(at, tokens)
    bucket = now // 5
    for burn in meter.windows(now):
        inside = sum(tokens for at, tokens in points if at <= now and 0 <= bucket - at // 5 < burn.window_s // 5)
        assert burn.tokens == inside
        assert burn.tokens_per_hour == pytest.approx(inside * 3600 / burn.window_s)


def test_a_correction_lands_in_its_own_moment():
    meter = BurnMeter()
    meter.add(100.0, 50)
    meter.add(3000.0, 7)
    meter.add(100.0, -20)
    assert meter.windows(3001.0)[2].tokens == 37
    assert meter.windows(3001.0)[0].tokens == 7


def fork_pair(child_counts, parent_counts, guess):
    book = CallBook()
    parent, child = LaneLedger("codex", "/p", "", book), LaneLedger("codex", "/c", "", book)
    for number, count in enumerate(parent_counts):
        parent.apply(spend(f"p{number}", Usage(output=1), counter=(count,)))
    for number, count in enumerate(child_counts):
        child.apply(spend(f"c{number}", Usage(output=1), counter=(count,), inherited=guess))
    settle_fork(child, parent, book)
    return child


@pytest.mark.parametrize("guess", [Inherited.GUESS_NO, Inherited.GUESS_YES])
def test_a_child_inherits_the_common_beginning_and_no_more(guess):
    child = fork_pair([10, 20, 30, 55, 20], [10, 20, 30, 41], guess)
    assert (child.inherited.total, child.usage.total) == (3, 2)


def test_counters_from_zero_inherit_nothing_and_siblings_may_be_equal():
    assert fork_pair([5, 9], [10, 20], Inherited.GUESS_NO).usage.total == 2


def test_what_the_transcript_states_itself_stands():
    assert fork_pair([10, 20], [10, 20], Inherited.NO).usage.total == 2
    assert fork_pair([7, 8], [10, 20], Inherited.YES).usage.total == 0


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("S091 prove the refund", "S091"), ("# HARB-112: find it", "HARB-112"), ("Please take #4711 now", "#4711"),
        ("PR0042 is next", "PR0042"), ("Read as UTF-8, not ISO-8859", "Read as UTF-8, not ISO-8859"),
        ("Use SHA-256 here", "Use SHA-256 here"), ("Encode to H264", "Encode to H264"), ("fix S3 upload", "fix S3 upload"),
        ("bump to v2.1", "bump to v2.1"), ("\n\n  ## \nthe first words", "the first words"), ("", ""),
        ("see src/S091/x.go", "see src/S091/x.go"),
    ],
)  # fmt: skip
def test_an_action_is_named_by_its_ticket_else_by_its_first_line(prompt, name):
    assert action_name(prompt)[0] == name


@pytest.mark.parametrize(
    ("name", "parts"),
    [("S091", ("S", "091")), ("HARB-112", ("HARB-", "112")), ("#4711", ("#", "4711")), ("UTF-8", None), ("fix it", None),
     ("S091 go", None), ("", None)],
)  # fmt: skip
def test_a_ticket_in_its_parts(name, parts):
    assert ticket_parts(name) == parts


def test_actions_end_where_the_next_prompt_begins():
    book = CallBook()
    one = lane(book)
    one.apply(spend("a", Usage(output=3)))
    one.apply(Prompt("", AT + 9, 0, "next", Origin.PERSON))
    one.apply(spend("b", Usage(output=4)))
    one.apply(spend("a", Usage(output=5)))  # a late correction goes to the action that made the call
    assert [(action.name, action.usage.total) for action in one.actions.newest(5)] == [("go", 5), ("next", 4)]


def test_every_interleaving_of_two_lanes_ends_alike():
    events = {
        "/a.jsonl": [spend("x", Usage(output=1)), spend("y", Usage(output=9))],
        "/b.jsonl": [spend("x", Usage(output=4)), spend("z", Usage(output=2))],
    }
    ends = set()
    for order in set(itertools.permutations(["/a.jsonl", "/a.jsonl", "/b.jsonl", "/b.jsonl"])):
        book = CallBook()
        lanes = {path: lane(book, path) for path in events}
        waiting = {path: list(each) for path, each in events.items()}
        for path in order:
            lanes[path].apply(waiting[path].pop(0))
        book.settle()
        ends.add(tuple((each.usage, each.inherited) for each in lanes.values()))
    assert len(ends) == 1


def test_a_call_that_still_runs_makes_no_lasting_lower_bound():
    one = lane(CallBook())
    one.apply(spend("a", Usage(output=1), provisional=True))
    assert one.provisional
    assert not one.is_lasting_lower_bound
    one.apply(spend("b", Usage(output=1), provisional=True))
    assert one.is_lasting_lower_bound  # the first one will not be finished any more
    one.apply(spend("a", Usage(output=9)))
    assert not one.is_lasting_lower_bound
    one.apply(State("", AT + 9, 9, Mark.TURN_ENDED))
    assert one.is_lasting_lower_bound
