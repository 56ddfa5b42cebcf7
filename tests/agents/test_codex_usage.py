"""What a Codex rollout says was spent: cumulative counters and every known way to read them wrong."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    THREAD,
    Record,
    codex_count,
    codex_event,
    codex_line,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    one,
    only,
    read_all,
    spent,
    to_lines,
)
from tui.agents.codex.reader import CodexReader
from tui.io.lines import BadLine
from tui.model.event import Inherited, Unknown, UsageReported
from tui.model.usage import Usage

FIRST = codex_usage(9000, 8400, 55, 16)
SECOND = codex_usage(9700, 9100, 56, 16)
BOTH = codex_usage(18700, 17500, 111, 32)
NOTHING = codex_usage()


def spends(*records: object) -> list[UsageReported]:
    return only(read_all(CodexReader(), codex_meta(), codex_turn(), *records), UsageReported)


def test_input_holds_the_cache_and_output_the_reasoning() -> None:
    event = one(
        spends(
            codex_count(codex_usage(9000, 8400, 55, 16, cache_write=100), FIRST | {"cache_write_input_tokens": 100})
        ),
        UsageReported,
    )
    assert event.usage == Usage(input=500, cache_read=8400, cache_write_other=100, output=55, reasoning=16)
    assert event.usage.total == 9055


def test_a_call_is_the_growth_of_the_counter() -> None:
    found = spends(codex_count(FIRST, FIRST), codex_count(BOTH, SECOND))
    assert [event.usage.total for event in found] == [9055, 9756]
    assert spent(found).total == BOTH["total_tokens"]


def test_repeated_counts_are_no_new_usage() -> None:
    found = spends(*[codex_count(FIRST, FIRST)] * 3, *[codex_count(BOTH, SECOND)] * 4)
    assert len(found) == 2


def test_repeats_are_told_by_all_fields_not_by_the_total_alone() -> None:
    shifted = codex_usage(9000, 8500, 55, 16)
    assert len(spends(codex_count(FIRST, FIRST), codex_count(shifted, FIRST))) == 1  # no tokens were added
    grown = codex_usage(9001, 8400, 54, 16)
    found = spends(codex_count(FIRST, FIRST), codex_count(grown, codex_usage(1, 0, 0)))
    assert [event.usage.total for event in found] == [9055, 1]  # one field fell: a new baseline


def test_counts_that_only_refresh_limits_are_no_usage() -> None:
    assert spends(codex_count(None)) == []


def test_a_counter_that_falls_restarts_the_baseline() -> None:
    found = spends(codex_count(BOTH, BOTH), codex_count(FIRST, FIRST), codex_count(BOTH, SECOND))
    assert [event.usage.total for event in found] == [18811, 9055, 9756]


def test_a_counter_that_falls_without_a_last_call_gives_nothing_negative() -> None:
    found = spends(codex_count(BOTH, None), codex_count(FIRST, None), codex_count(BOTH, None))
    assert [event.usage.total for event in found] == [18811, 9756]


def test_a_first_count_that_stands_high_is_its_last_call_alone() -> None:
    assert one(spends(codex_count(codex_usage(500_000, 0, 900), FIRST)), UsageReported).usage.total == 9055


def test_growth_far_beyond_the_last_call_is_another_counter() -> None:
    found = spends(codex_count(FIRST, FIRST), codex_count(codex_usage(5_000_000, 0, 9000), SECOND))
    assert found[1].usage.total == 9756


def test_interleaved_counters_are_kept_apart_by_their_limit() -> None:
    def other(n: int) -> Record:
        return codex_count(codex_usage(80_000_000 + n * 100, 0, 10), codex_usage(100, 0, 0), limit_id="codex_other")

    found = spends(
        codex_count(FIRST, FIRST, limit_id="codex"), other(1), codex_count(BOTH, SECOND, limit_id="codex"), other(2),
        codex_count(BOTH, SECOND, limit_id="codex"),
    )  # fmt: skip
    assert [event.usage.total for event in found] == [9055, 100, 9756, 100]


def test_other_counters_without_a_limit_are_kept_apart_by_their_values() -> None:
    found = spends(
        codex_count(FIRST, FIRST), codex_turn(model="gpt-5.6-luna"),
        codex_count(codex_usage(100, 0, 5), codex_usage(100, 0, 5)), codex_turn(), codex_count(BOTH, SECOND),
    )  # fmt: skip
    assert [event.usage.total for event in found] == [9055, 105, 9756]


def test_one_counter_goes_on_when_the_model_is_switched_back_and_forth() -> None:
    calls = [codex_usage(20_000 + 100 * n, 15_000, 90 + n) for n in range(3)]
    small = codex_usage(900, 0, 30)
    totals, steps = [NOTHING], [calls[0], small, calls[1], small, calls[2]]
    for step in steps:
        totals.append({name: totals[-1][name] + step[name] for name in step})
    models = ["gpt-5.3-codex", "gpt-5-mini"] * 3
    for limits in ([None] * 5, ["codex", "codex_mini"] * 3, ["codex"] * 5):
        lines = [
            (codex_turn(model=model), codex_count(total, step, limit_id=limit))
            for model, total, step, limit in zip(models, totals[1:], steps, limits, strict=False)
        ]
        found = spends(*(line for pair in lines for line in pair))
        assert [event.usage.total for event in found] == [step["total_tokens"] for step in steps]
        assert [event.model for event in found] == models[:5]


def test_a_total_without_a_last_call_is_the_threads_whatever_the_model() -> None:
    found = spends(
        codex_count(FIRST, None), codex_turn(model="gpt-5.6-luna"), codex_count(BOTH, None), codex_turn(),
        codex_count(BOTH, None),
    )  # fmt: skip
    assert [event.usage.total for event in found] == [9055, 9756]


def test_a_refresh_of_another_limit_repeats_the_call() -> None:
    found = spends(codex_count(FIRST, FIRST, limit_id="codex"), codex_count(FIRST, FIRST, limit_id="codex_other"))
    assert [event.usage.total for event in found] == [9055]


# -- two lines for one request --------------------------------------------------------------------------


def test_a_usage_record_and_its_token_count_are_one_call() -> None:
    found = spends(
        codex_record(FIRST, FIRST, "resp_1"), codex_count(FIRST, FIRST, limit_id="codex"),
        codex_record(SECOND, BOTH, "resp_2"), codex_count(BOTH, SECOND, limit_id="codex"),
        codex_count(BOTH, SECOND, limit_id="codex"),
    )  # fmt: skip
    assert [(event.key, event.usage.total) for event in found] == [
        (f"{THREAD}:resp_1", 9055),
        (f"{THREAD}:resp_2", 9756),
    ]


def test_their_order_does_not_matter() -> None:
    found = spends(codex_count(FIRST, FIRST), codex_record(FIRST, FIRST))
    assert [event.usage.total for event in found] == [9055]


def test_a_record_whose_thread_total_is_another_counter_still_matches_by_its_call() -> None:
    found = spends(codex_record(FIRST, None), codex_count(BOTH, FIRST), codex_record(SECOND, None, "resp_2"))
    assert [event.usage.total for event in found] == [9055, 9756]


def test_a_compactions_own_request_counts_though_no_token_count_follows() -> None:
    compaction, compacted = codex_usage(1300, 0, 189), codex_usage(10_300, 8400, 244, 16)
    reference = {"response_id": "resp_c", "usage": compaction}
    found = spends(
        codex_record(FIRST, FIRST, "resp_1"),
        codex_record(compaction, compacted, "resp_c"),
        codex_line("compacted", {"compaction_response_id": "resp_c", "latest_token_usage_record": reference}),
        codex_count(compacted, compaction),
        codex_record(SECOND, codex_usage(20_000, 17_500, 300, 32), "resp_2"),
    )
    assert [event.usage.total for event in found] == [9055, 1489, 9756]


def test_two_responses_that_leave_equal_counters_are_two_calls() -> None:
    found = spends(
        codex_record(FIRST, FIRST, "resp_1"), codex_count(FIRST, FIRST),
        codex_record(FIRST, FIRST, "resp_2"), codex_count(FIRST, FIRST),
    )  # fmt: skip
    assert [(event.key, event.usage.total) for event in found] == [
        (f"{THREAD}:resp_1", 9055),
        (f"{THREAD}:resp_2", 9055),
    ]


def test_one_response_told_twice_is_one_call() -> None:
    assert len(spends(codex_record(FIRST, FIRST, "resp_1"), codex_record(FIRST, BOTH, "resp_1"))) == 1


@pytest.mark.parametrize("thread", [None, BOTH])
def test_a_refresh_between_a_record_and_its_token_count_is_no_call(thread: Record | None) -> None:
    found = spends(
        codex_record(FIRST, FIRST if thread else None, "resp_1"), codex_count(FIRST, FIRST),
        codex_record(SECOND, thread, "resp_2"), codex_count(FIRST, FIRST), codex_count(BOTH, SECOND),
        codex_count(BOTH, SECOND),
    )  # fmt: skip
    assert [event.usage.total for event in found] == [9055, 9756]


# -- keys, models, context --------------------------------------------------------------------------------


def test_two_copies_of_a_rollout_give_the_same_keys() -> None:
    records = [codex_count(FIRST, FIRST), codex_count(BOTH, SECOND)]
    assert [event.key for event in spends(*records)] == [event.key for event in spends(*records)]
    assert [event.key for event in spends(*records)] == [f"{THREAD}:1", f"{THREAD}:2"]


def test_without_a_head_the_first_line_names_the_file() -> None:
    records = [codex_turn(seconds=1), codex_count(FIRST, FIRST)]
    here, there = (one(read_all(CodexReader(), *records), UsageReported).key for _ in range(2))
    elsewhere = one(read_all(CodexReader(), codex_turn(seconds=2), records[1]), UsageReported).key
    assert here == there != elsewhere


def test_a_model_nobody_named_is_unknown() -> None:
    assert one(read_all(CodexReader(), codex_meta(), codex_count(FIRST, FIRST)), UsageReported).model is None


def test_the_model_comes_from_the_turn() -> None:
    found = spends(
        codex_count(FIRST, FIRST), codex_turn(model="codex-auto-review"), codex_count(BOTH, SECOND, limit_id="x")
    )
    assert [event.model for event in found] == ["gpt-5.6-sol", "codex-auto-review"]


def test_context_is_the_last_request_within_its_window() -> None:
    event = one(spends(codex_count(BOTH, SECOND)), UsageReported)
    assert (event.context_used, event.context_window) == (9756, 258_400)


def test_a_request_larger_than_the_window_fills_it() -> None:
    huge = codex_usage(940_000, 0, 499)
    assert one(spends(codex_count(huge, huge)), UsageReported).context_used == 258_400


def test_the_window_is_known_from_the_start_of_the_turn() -> None:
    found = spends(codex_event("task_started", model_context_window=272_000), codex_record(FIRST, FIRST))
    assert found[0].context_window == 272_000


def test_counters_are_carried_for_matching_forks() -> None:
    event = one(spends(codex_count(FIRST, FIRST)), UsageReported)
    assert event.counter == (9000, 8400, 0, 55, 16, 9055)
    assert event.inherited is Inherited.NO


# -- counts that cannot be trusted --------------------------------------------------------------------------


@pytest.mark.parametrize("count", [-1, 1.5, True, "12", 10**30])
def test_a_count_that_is_none_costs_the_line_and_changes_nothing(count: object) -> None:
    reader = CodexReader()
    read_all(reader, codex_meta(), codex_count(FIRST, FIRST))
    bad, good = to_lines([codex_count(BOTH | {"input_tokens": count}, SECOND), codex_count(BOTH, SECOND)])
    with pytest.raises(BadLine, match="input_tokens is not a token count"):
        reader.read(bad)
    assert spent(reader.read(good)).total == 9756


def test_cached_tokens_beyond_the_input_never_make_it_negative() -> None:
    odd = codex_usage(100, 900, 5)
    assert one(spends(codex_count(odd, odd)), UsageReported).usage == Usage(cache_read=100, output=5)


# -- usage that nobody reads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        codex_event("turn.completed", usage={"input_tokens": 900, "output_tokens": 12}),
        codex_event("model_done", info={"last_token_usage": FIRST}),
        codex_line("response_done", {"usage": FIRST}),
        codex_line("response_item", {"type": "billed", "usage": {"total_tokens": 7}}),
    ],
)
def test_an_unknown_line_that_states_usage_says_so(line: Record) -> None:
    assert one(read_all(CodexReader(), codex_meta(), line), Unknown).states_usage


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 0}, {"input_tokens": "9"}, [9], {"input_tokens": -1}])
def test_an_unknown_line_without_tokens_does_not(usage: object) -> None:
    event = one(read_all(CodexReader(), codex_meta(), codex_event("turn.completed", usage=usage)), Unknown)
    assert not event.states_usage
