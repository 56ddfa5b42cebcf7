"""What a Claude transcript says was spent: every known way to count it wrong, one test each."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    SESSION,
    claude_api_error,
    claude_call,
    claude_message,
    claude_result,
    claude_usage,
    claude_user,
    one,
    only,
    read_all,
    spent,
    to_lines,
)
from tui.agents.claude.reader import ClaudeReader
from tui.agents.claude.usage import PLACEHOLDER_OUTPUT, REMEMBERED_CALLS
from tui.io.lines import BadLine
from tui.model.event import UsageReported
from tui.model.usage import Usage


def spends(*records: object) -> list[UsageReported]:
    return only(read_all(ClaudeReader(), *records), UsageReported)


def test_a_message_of_several_lines_counts_once() -> None:
    blocks = [{"type": "thinking", "thinking": ""}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    found = spends(*(claude_message("msg_01A", [block]) for block in blocks))
    assert [event.key for event in found] == ["msg_01A"]
    assert found[0].usage == Usage(input=3, cache_read=1000, cache_write_5m=50, output=100)


def test_a_growing_output_corrects_the_call_in_place() -> None:
    found = spends(
        claude_message(usage=claude_usage(output=2), stop=None),
        claude_message(usage=claude_usage(output=2), stop=None),
        claude_message(usage=claude_usage(output=640), stop="end_turn"),
    )
    assert [(event.key, event.usage.output) for event in found] == [("msg_01A", 2), ("msg_01A", 640)]


def test_first_line_wins_would_lose_the_output() -> None:
    lines = [claude_message(usage=claude_usage(output=1), stop=None), claude_message(usage=claude_usage(output=640))]
    assert spent(read_all(ClaudeReader(), *lines)).output == 640


def test_a_smaller_line_of_the_same_call_takes_nothing_back() -> None:
    found = spends(claude_message(usage=claude_usage(output=640)), claude_message(usage=claude_usage(output=2)))
    assert [event.usage.output for event in found] == [640]


def test_parts_of_a_cache_write_that_come_later_are_told() -> None:
    found = spends(
        claude_message(usage=claude_usage(cache_write=50, short=None)),
        claude_message(usage=claude_usage(cache_write=50, short=0, long=50)),
    )
    assert [(event.usage.cache_write_other, event.usage.cache_write_1h) for event in found] == [(50, 0), (0, 50)]


@pytest.mark.parametrize("output", [1, 8, 25, PLACEHOLDER_OUTPUT])
def test_a_placeholder_output_is_marked_as_a_lower_bound(output: int) -> None:
    assert one(spends(claude_message(usage=claude_usage(output=output), stop=None)), UsageReported).provisional


@pytest.mark.parametrize(("output", "stop"), [(1, "end_turn"), (PLACEHOLDER_OUTPUT + 1, None)])
def test_an_output_that_is_final_or_too_large_for_a_placeholder_is_not_marked(output: int, stop: str | None) -> None:
    assert not one(spends(claude_message(usage=claude_usage(output=output), stop=stop)), UsageReported).provisional


def test_the_final_line_lifts_the_mark_even_if_the_count_stays() -> None:
    usage = claude_usage(output=4)
    found = spends(claude_message(usage=usage, stop=None), claude_message(usage=usage, stop="end_turn"))
    assert [event.provisional for event in found] == [True, False]


def test_an_interrupted_stream_stays_a_lower_bound() -> None:
    found = spends(
        claude_message(usage=claude_usage(output=1), stop=None),
        claude_user([{"type": "text", "text": "[Request interrupted by user]"}]),
    )
    assert [event.provisional for event in found] == [True]


def test_a_missing_request_id_does_not_make_another_call() -> None:
    found = spends(claude_message(request="req_1"), claude_message(request=None))
    assert [event.key for event in found] == ["msg_01A"]


def test_a_side_question_replays_the_parents_message_under_one_key() -> None:
    parent = spends(claude_message("msg_01A", request="req_1"))
    side = spends(claude_message("msg_01A", request="req_9", agent="aside"))
    assert parent[0].key == side[0].key


def test_copies_by_resume_and_fork_share_their_key() -> None:
    original = spends(claude_message("msg_01A"))
    copy = spends(claude_message("msg_01A", session="9e2d4f10-0000-4000-8000-000000000002"))
    assert original[0].key == copy[0].key


def test_ids_of_other_services_need_the_request_id_to_be_told_apart() -> None:
    found = spends(claude_message("chat-1", request="req_1"), claude_message("chat-1", request="req_2"))
    assert len({event.key for event in found}) == 2


def test_messages_without_any_id_are_told_apart_by_their_lines() -> None:
    usage = claude_usage()
    records = [claude_message("x", usage=usage, request=None, seconds=seconds) for seconds in (1, 2)]
    for record in records:
        del record["message"]["id"]
    assert len({event.key for event in spends(*records)}) == 2
    for record in records:
        del record["uuid"]
    keys = [event.key for event in spends(*records)]
    assert len(set(keys)) == 2
    assert all(key.startswith(f"{SESSION}@") for key in keys)


def test_cache_parts_of_zero_do_not_hide_the_flat_count() -> None:
    usage = one(spends(claude_message(usage=claude_usage(cache_write=900, short=0, long=0))), UsageReported).usage
    assert (usage.cache_write_5m, usage.cache_write_1h, usage.cache_write_other) == (0, 0, 900)


def test_cache_parts_keep_their_lifetimes_and_the_rest_has_none() -> None:
    usage = one(spends(claude_message(usage=claude_usage(cache_write=100, short=30, long=60))), UsageReported).usage
    assert (usage.cache_write_5m, usage.cache_write_1h, usage.cache_write_other) == (30, 60, 10)


def test_cache_parts_above_the_flat_count_are_believed() -> None:
    usage = one(spends(claude_message(usage=claude_usage(cache_write=0, short=30, long=60))), UsageReported).usage
    assert usage.cache_write == 90


def test_synthetic_messages_cost_nothing_and_are_no_call() -> None:
    made_up = claude_message("f9102ce6", usage=claude_usage(5, 5, 5, 5), model="<synthetic>", request=None)
    assert spends(made_up) == []


def test_api_errors_cost_nothing() -> None:
    assert spends(claude_api_error("API Error: 529 Overloaded")) == []
    assert spends(claude_message(isApiErrorMessage=True)) == []
    assert len(spends(claude_message(isApiErrorMessage=False))) == 1


def test_an_agents_own_report_of_its_tokens_is_not_spent() -> None:
    told = {"agentId": "a1", "totalTokens": 94819, "usage": claude_usage(0, 1, 93223, 1595)}
    found = spends(claude_call("Agent"), claude_result(told=told))
    assert [event.key for event in found] == ["msg_toolu_1"]


def test_thinking_is_a_part_of_the_output() -> None:
    usage = claude_usage(output=400, output_tokens_details={"thinking_tokens": 229})
    counted = one(spends(claude_message(usage=usage)), UsageReported).usage
    assert (counted.output, counted.reasoning, counted.total) == (400, 229, 3 + 1000 + 50 + 400)


def test_thinking_never_exceeds_the_output_that_holds_it() -> None:
    usage = claude_usage(output=4, output_tokens_details={"thinking_tokens": 229})
    assert one(spends(claude_message(usage=usage)), UsageReported).usage.reasoning == 4


def test_the_fast_tier_is_a_model_of_its_own() -> None:
    assert one(spends(claude_message(usage=claude_usage(speed="fast"))), UsageReported).model == "claude-opus-4-8-fast"
    assert one(spends(claude_message(usage=claude_usage(speed="standard"))), UsageReported).model == "claude-opus-4-8"


# -- iterations -----------------------------------------------------------------------------------


def iteration(kind: str, **extra: object) -> dict[str, object]:
    return claude_usage(10, 20, 300, 40, short=40) | {"type": kind} | extra


def test_advisor_iterations_are_calls_of_their_own_model() -> None:
    usage = claude_usage(iterations=[iteration("message"), iteration("advisor_message", model="claude-opus-5")])
    found = spends(claude_message(usage=usage))
    assert [(event.key, event.model) for event in found] == [
        ("msg_01A", "claude-opus-4-8"),
        ("msg_01A#1", "claude-opus-5"),
    ]
    assert found[1].usage == Usage(input=10, cache_read=300, cache_write_5m=40, output=20)


def test_compaction_iterations_are_calls_of_the_messages_model() -> None:
    found = spends(claude_message(usage=claude_usage(iterations=[iteration("compaction"), iteration("message")])))
    assert [(event.key, event.model) for event in found] == [
        ("msg_01A", "claude-opus-4-8"),
        ("msg_01A#0", "claude-opus-4-8"),
    ]


def test_iterations_of_the_message_itself_are_not_added_to_it() -> None:
    found = spends(claude_message(usage=claude_usage(iterations=[iteration("message"), iteration("fallback_message")])))
    assert [event.usage for event in found] == [Usage(input=3, cache_read=1000, cache_write_5m=50, output=100)]


def test_repeated_lines_repeat_no_extra_call() -> None:
    line = claude_message(usage=claude_usage(iterations=[iteration("message"), iteration("advisor_message")]))
    assert len(spends(line, line, line)) == 2


# -- context --------------------------------------------------------------------------------------


def test_context_is_what_the_model_had_before_it() -> None:
    assert one(spends(claude_message()), UsageReported).context_used == 3 + 1000 + 50


def test_context_on_advisor_turns_is_the_largest_round_not_their_sum() -> None:
    rounds = [
        iteration("message", cache_read_input_tokens=90_000),
        iteration("message", cache_read_input_tokens=91_000),
        iteration("advisor_message", cache_read_input_tokens=500_000),
    ]
    usage = claude_usage(20, 40, 181_000, 80, iterations=rounds)
    assert spends(claude_message(usage=usage))[0].context_used == 10 + 91_000 + 40


def test_a_context_window_is_stated_only_by_a_models_name() -> None:
    assert one(spends(claude_message(model="claude-opus-4-8")), UsageReported).context_window is None
    assert one(spends(claude_message(model="claude-opus-4-8[1m]")), UsageReported).context_window == 1_000_000


# -- counts that cannot be trusted ------------------------------------------------------------------


@pytest.mark.parametrize("count", [-1, 1.5, True, "12", [], {}, 10**30])
def test_a_count_that_is_none_costs_the_line_and_changes_nothing(count: object) -> None:
    reader = ClaudeReader()
    broken = claude_message("msg_01B", usage=claude_usage() | {"output_tokens": count})
    good = claude_message("msg_01B")
    bad_line, good_line = to_lines([broken, good])
    with pytest.raises(BadLine, match="output_tokens is not a token count"):
        reader.read(bad_line)
    assert spent(reader.read(good_line)).output == 100


def test_a_null_count_is_no_tokens() -> None:
    usage = claude_usage() | {"cache_creation_input_tokens": None, "cache_creation": None, "iterations": None}
    assert one(spends(claude_message(usage=usage)), UsageReported).usage == Usage(input=3, cache_read=1000, output=100)


def test_a_message_without_usage_spends_nothing() -> None:
    line = claude_message()
    del line["message"]["usage"]
    assert spends(line) == []


# -- memory -----------------------------------------------------------------------------------------


def test_a_long_transcript_is_remembered_by_its_newest_calls_only() -> None:
    reader = ClaudeReader()
    read_all(reader, *(claude_message(f"msg_{n}") for n in range(REMEMBERED_CALLS + 1)))
    again = read_all(reader, claude_message("msg_0", usage=claude_usage(output=101)))
    assert [event.key for event in only(again, UsageReported)] == ["msg_0"]
