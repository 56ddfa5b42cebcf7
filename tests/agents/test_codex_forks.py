"""Forks and subagents of Codex: what was copied from the parent is neither spent nor done again."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    Record,
    codex_call,
    codex_count,
    codex_event,
    codex_line,
    codex_message,
    codex_meta,
    codex_output,
    codex_record,
    codex_turn,
    codex_usage,
    one,
    only,
    read_all,
    spent,
    thread_id,
)
from tui.agents.codex.reader import CodexReader
from tui.model.event import Call, Event, Inherited, LaneInfo, Origin, Prompt, State, UsageReported

PARENT = thread_id(0, 1)
CHILD = thread_id(600, 2)
PARENT_TURN = thread_id(1, 7)
CHILD_TURN = thread_id(601, 8)

FIRST, SECOND = codex_usage(9000, 8400, 55), codex_usage(9700, 9100, 56)
BOTH = codex_usage(18700, 17500, 111)
OWN = codex_usage(10_000, 9000, 70)


def after(total: Record, call: Record) -> Record:
    """The counter after one more call."""
    return {name: total[name] + call[name] for name in total}


def subagent(**extra: object) -> dict[str, object]:
    spawn = {"parent_thread_id": PARENT, "depth": 1, "agent_nickname": "Planck", "agent_role": "worker"}
    return {"source": {"subagent": {"thread_spawn": spawn}}, "thread_source": "subagent"} | extra


def history(seconds: float, *, turn: str | None = PARENT_TURN, ordinal: int | None = None) -> list[Record]:
    """The parent's lines as a copy: a millisecond apart, from this time on."""
    lines = [
        codex_meta(PARENT, seconds=seconds, began=0),
        codex_event("task_started", **({"turn_id": turn} if turn else {})),
        codex_turn(turn, model="gpt-5.6-luna"),
        codex_message("the parent's prompt"),
        codex_call("exec_command", {"cmd": "make"}, "call_p"),
        codex_output("ok", "call_p"),
        codex_count(FIRST, FIRST),
        codex_count(FIRST, FIRST),
        codex_count(BOTH, SECOND),
    ]
    for index, line in enumerate(lines):
        stamped = codex_line("x", {}, seconds=seconds + index / 1000)["timestamp"]
        line["timestamp"] = stamped
        if ordinal is not None:
            line["ordinal"] = ordinal + index
    return lines


def own_turn(total: Record, seconds: float = 602, *, turn: str | None = CHILD_TURN) -> list[Record]:
    """The child's own first turn, which ends in one call that brings the counter to `total`."""
    started = {"turn_id": turn} if turn else {}
    return [
        codex_event("task_started", seconds=seconds, **started),
        codex_turn(turn, seconds=seconds),
        codex_message("the child's task", seconds=seconds),
        codex_count(total, OWN, seconds=seconds + 4),
    ]


def read(*records: object) -> list[Event]:
    return read_all(CodexReader(), *records)


def inheritance(events: list[Event]) -> list[Inherited]:
    return [event.inherited for event in only(events, UsageReported)]


def assert_only_the_own_turn_was_done(events: list[Event]) -> None:
    assert spent(events).total == OWN["total_tokens"]
    assert one(events, Prompt).text == "the child's task"
    assert only(events, Call) == []


def test_a_fork_with_its_parents_history_restamped_costs_its_own_call_alone() -> None:
    fork = codex_meta(CHILD, seconds=600, forked_from_id=PARENT)
    events = read(fork, *history(600.01), *own_turn(after(BOTH, OWN)))
    assert inheritance(events) == [Inherited.YES, Inherited.YES, Inherited.NO]
    assert_only_the_own_turn_was_done(events)


def test_a_copy_under_its_original_times_is_told_by_them() -> None:
    fork = codex_meta(CHILD, seconds=600, forked_from_id=PARENT)
    events = read(fork, *history(5, turn=None), *own_turn(after(BOTH, OWN), turn=None))
    assert inheritance(events)[:2] == [Inherited.YES, Inherited.YES]
    assert_only_the_own_turn_was_done(events)


def test_ordinals_decide_before_anything_else() -> None:
    for start in (9, "9"):  # some builds write it as text
        child = codex_meta(CHILD, seconds=600, ordinal=0, **subagent(subagent_history_start_ordinal=start))
        own = own_turn(OWN, turn=None)
        for index, line in enumerate(own):
            line["ordinal"] = 9 + index
        events = read(child, *history(600.01, turn=None, ordinal=0), *own)
        assert inheritance(events) == [Inherited.YES, Inherited.YES, Inherited.NO]
        assert_only_the_own_turn_was_done(events)


def test_counters_that_start_at_zero_lose_nothing() -> None:
    child = codex_meta(CHILD, seconds=600, forked_from_id=PARENT, **subagent())
    events = read(child, *own_turn(OWN))
    assert inheritance(events) == [Inherited.NO]
    assert spent(events).total == OWN["total_tokens"]


def test_a_child_from_zero_after_a_copied_history_counts_its_own_call() -> None:
    child = codex_meta(CHILD, seconds=600, forked_from_id=PARENT, **subagent())
    events = read(child, *history(600.01), *own_turn(OWN))
    assert_only_the_own_turn_was_done(events)


def test_a_fork_by_reference_goes_on_counting_from_its_parents_total() -> None:
    base = {"thread_id": PARENT, "end_ordinal_exclusive": 42}
    fork = codex_meta(CHILD, seconds=600, ordinal=42, forked_from_id=PARENT, history_base=base)
    call = codex_record(OWN, after(BOTH, OWN), thread=CHILD, seconds=606)
    events = read(fork, *own_turn(after(BOTH, OWN))[:3], call | {"ordinal": 50})
    assert inheritance(events) == [Inherited.NO]
    assert spent(events).total == OWN["total_tokens"]


def test_a_usage_record_names_its_thread() -> None:
    fork = codex_meta(CHILD, seconds=600, forked_from_id=PARENT)
    copied = codex_record(FIRST, FIRST, "resp_p", thread=PARENT, seconds=600)
    own = codex_record(OWN, after(FIRST, OWN), "resp_c", thread=CHILD, seconds=605)
    events = read(fork, copied, own)
    assert inheritance(events) == [Inherited.YES, Inherited.NO]
    assert all(event.key.startswith(CHILD) for event in only(events, UsageReported))


def test_siblings_with_equal_turns_are_not_each_others_copies() -> None:
    parent = read(codex_meta(PARENT), codex_turn(), codex_count(OWN, OWN, seconds=5))
    child = read(codex_meta(CHILD, seconds=600, **subagent()), *own_turn(OWN))
    assert only(parent, UsageReported)[0].counter == only(child, UsageReported)[0].counter
    assert only(parent, UsageReported)[0].key != only(child, UsageReported)[0].key
    assert inheritance(child) == [Inherited.NO]


# -- where nothing but time tells -----------------------------------------------------------------------


def test_without_ids_the_leading_burst_is_guessed_to_be_copied() -> None:
    fork = codex_meta("old-1", seconds=600, forked_from_id="old-0")
    events = read(fork, *history(600.01, turn=None), *own_turn(after(BOTH, OWN), 600.02, turn=None))
    assert inheritance(events) == [Inherited.GUESS_YES, Inherited.GUESS_YES, Inherited.GUESS_NO]
    assert_only_the_own_turn_was_done(events)


def test_a_long_copy_is_one_burst_and_its_end_is_final() -> None:
    copies = [codex_count(codex_usage(n * 10), codex_usage(10), seconds=600 + n * 0.4) for n in range(1, 9)]
    own = [codex_count(codex_usage(n * 10), codex_usage(10), seconds=607 + n * 0.1) for n in (9, 10, 11)]
    events = read(
        codex_meta("old-1", seconds=600, forked_from_id="old-0"), codex_meta("old-0", seconds=600.1), *copies, *own
    )
    assert inheritance(events) == [Inherited.GUESS_YES] * 8 + [Inherited.GUESS_NO] * 3


def test_what_was_inherited_keeps_its_model() -> None:
    fork = codex_meta(CHILD, seconds=600, forked_from_id=PARENT)
    events = read(fork, *history(600.01), *own_turn(after(BOTH, OWN)))
    assert [event.model for event in only(events, UsageReported)] == ["gpt-5.6-luna", "gpt-5.6-luna", "gpt-5.6-sol"]


def test_a_second_head_alone_tells_of_a_copy() -> None:
    events = read(codex_meta("old-1", seconds=600), *history(600.01, turn=None), *own_turn(after(BOTH, OWN), turn=None))
    assert spent(events).total == OWN["total_tokens"]
    fork = only(events, LaneInfo)[1]
    assert (fork.parent_session, fork.forked) == (PARENT, True)


def test_without_a_second_head_only_impossibly_early_counts_are_guessed_to_be_copied() -> None:
    child = codex_meta("old-1", seconds=600, **subagent())
    early = [codex_count(FIRST, FIRST, seconds=600.1), codex_count(BOTH, SECOND, seconds=600.2)]
    events = read(
        child, *early, codex_message("the child's task", seconds=600.3), codex_count(after(BOTH, OWN), OWN, seconds=607)
    )
    assert inheritance(events) == [Inherited.GUESS_YES, Inherited.GUESS_YES, Inherited.GUESS_NO]
    assert one(events, Prompt).text == "the child's task"


def test_a_head_that_states_no_time_began_when_it_was_written() -> None:
    child = codex_meta("old-1", seconds=600, **subagent())
    del child["payload"]["timestamp"]
    events = read(child, codex_count(FIRST, FIRST, seconds=599), codex_count(BOTH, SECOND, seconds=605))
    assert inheritance(events) == [Inherited.YES, Inherited.GUESS_NO]


def test_a_thread_without_parents_never_guesses() -> None:
    events = read(codex_meta("old-1", seconds=600), codex_count(FIRST, FIRST, seconds=600.1))
    assert inheritance(events) == [Inherited.NO]


# -- who the lane is --------------------------------------------------------------------------------------


def test_a_copied_head_does_not_rename_the_child() -> None:
    fork = codex_meta(CHILD, seconds=600, forked_from_id=PARENT)
    events = read(fork, *history(600.01), *own_turn(OWN))
    assert [info.session for info in only(events, LaneInfo)] == [CHILD]


def test_a_subagent_tells_its_parent_its_role_and_its_name() -> None:
    info = one(read(codex_meta(CHILD, seconds=600, **subagent())), LaneInfo)
    assert (info.session, info.agent_id, info.parent_session, info.agent_type) == (CHILD, CHILD, PARENT, "worker")
    assert (info.title, info.title_rank, info.forked) == ("Planck", 5, None)


def test_a_fork_tells_its_parent_and_that_it_is_one() -> None:
    info = one(read(codex_meta(CHILD, seconds=600, forked_from_id=PARENT)), LaneInfo)
    assert (info.parent_session, info.forked, info.agent_id) == (PARENT, True, None)


def test_a_subagents_prompt_comes_from_an_agent() -> None:
    events = read(codex_meta(CHILD, seconds=600, **subagent()), *own_turn(OWN))
    assert one(events, Prompt).origin is Origin.AGENT


def test_copied_turns_leave_no_mark() -> None:
    events = read(codex_meta(CHILD, seconds=600, forked_from_id=PARENT), *history(600.01))
    assert only(events, State) == []


def test_a_resumed_thread_writes_its_head_again_and_stays_itself() -> None:
    events = read(
        codex_meta(PARENT), codex_count(FIRST, FIRST, seconds=5), codex_meta(PARENT, seconds=900, began=0),
        codex_count(BOTH, SECOND, seconds=910),
    )  # fmt: skip
    assert inheritance(events) == [Inherited.NO, Inherited.NO]
    assert [info.forked for info in only(events, LaneInfo)] == [None]


@pytest.mark.parametrize("source", ["cli", "vscode", {"subagent": "review"}, None, 5])
def test_any_source_is_read(source: object) -> None:
    info = one(read(codex_meta(CHILD, source=source)), LaneInfo)
    assert (info.agent_id is not None) == isinstance(source, dict)
    assert info.headless is (False if source == "cli" else None)
    assert info.agent_type == ("review" if isinstance(source, dict) else None)
