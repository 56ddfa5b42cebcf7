"""What a lane is doing: each rule, and what must not be raised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui.fleet.state import Liveness, Thresholds, duration, judge_state, state_findings
from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    LaneInfo,
    Limit,
    Mark,
    Origin,
    Prompt,
    Result,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.snapshot import LaneState, ProcessFact
from tui.model.usage import Usage

T = Thresholds()
AT = 1_000_000.0


def prompt(at: float = AT) -> Prompt:
    return Prompt("", at, 0, "do it", Origin.PERSON)


def call(kind: ToolKind = ToolKind.SHELL, at: float = AT + 1, **more: object) -> Call:
    return Call("", at, 10, "c1", kind.value.title(), kind, "{}", "make", **more)  # type: ignore[arg-type]


def result(at: float, ok: bool = True) -> Result:
    return Result("", at, 20, "c1", ok, "", 0)


def mark(mark: Mark, at: float = AT + 5) -> State:
    return State("", at, 30, mark)


def process(status: str | None = None, waiting_for: str | None = None) -> ProcessFact:
    return ProcessFact(1, "s", None, None, "claude", status, waiting_for, None, "registry")


def limit(resets: float | None) -> Limit:
    return Limit("", AT + 5, 40, None, None, None, resets, reached=True)


SCREEN = Liveness(ProcessFact(1, None, None, "/w", "codex", None, None, None, "cwd", unserved=("/home/sessions/",)))
"""A screen whose daemon was killed."""
SUBAGENT = LaneInfo("", AT, 0, session="s", agent_id="a1", parent_call="p1")
HEADLESS = LaneInfo("", AT, 0, session="s", headless=True)
ALIVE = Liveness(process())

CASES = {
    # name: (events, what is known of the process, seconds after AT, state)
    "a turn that goes on": ([prompt(), call(), result(AT + 3)], Liveness(), 10, LaneState.WORKING),
    "a tool that runs": ([prompt(), call()], Liveness(), 100, LaneState.WORKING),
    "a build of twenty minutes": ([prompt(), call()], ALIVE, 1200, LaneState.WORKING),
    "a registry that says busy": ([prompt(), call(limited=True)], Liveness(process("busy")), 900, LaneState.WORKING),
    "a model that thinks for two minutes": ([prompt(), call(), result(AT + 3)], ALIVE, 120, LaneState.WORKING),
    "a subagent at work for twenty minutes": ([prompt(), call(ToolKind.AGENT)], ALIVE, 1200, LaneState.WORKING),
    "a registry that says waiting": (
        [prompt(), call()],
        Liveness(process("waiting", "permission")),
        3,
        LaneState.NEEDS_INPUT,
    ),
    "a question": ([prompt(), call(ToolKind.ASK)], Liveness(), 2, LaneState.NEEDS_INPUT),
    "an edit without an answer": ([prompt(), call(ToolKind.EDIT)], Liveness(), 60, LaneState.NEEDS_INPUT),
    "an edit a moment ago": ([prompt(), call(ToolKind.EDIT)], Liveness(), 5, LaneState.WORKING),
    "a shell beyond its own limit": (
        [prompt(), call(limited=True, timeout_s=60.0)],
        Liveness(),
        100,
        LaneState.NEEDS_INPUT,
    ),
    "a shell within its own limit": (
        [prompt(), call(limited=True, timeout_s=600.0)],
        Liveness(),
        500,
        LaneState.WORKING,
    ),
    "a shell without any limit": ([prompt(), call(limited=False)], Liveness(), 500, LaneState.WORKING),
    "a turn that ended": ([prompt(), mark(Mark.TURN_ENDED)], Liveness(), 20, LaneState.WAITING),
    "a turn that ended long ago": ([prompt(), mark(Mark.TURN_ENDED)], ALIVE, 2000, LaneState.IDLE),
    "an interrupted turn": ([prompt(), call(), mark(Mark.INTERRUPTED)], Liveness(), 20, LaneState.WAITING),
    "a refused call": ([prompt(), call(), mark(Mark.DENIED)], Liveness(), 20, LaneState.WAITING),
    "text, then silence, from an old client": (
        [prompt(), AssistantText("", AT + 4, 1, "Done.")],
        Liveness(),
        90,
        LaneState.WAITING,
    ),
    "text a moment ago": ([prompt(), AssistantText("", AT + 4, 1, "Now I")], Liveness(), 20, LaneState.WORKING),
    "silence in mid-turn": ([prompt(), call(), result(AT + 3)], ALIVE, 400, LaneState.STALLED),
    "a service that fails": (
        [prompt(), ApiError("", AT + 3, 1, "529", 529, 4.0, final=False)],
        ALIVE,
        30,
        LaneState.WORKING,
    ),
    "a service that fails for long": (
        [prompt(), ApiError("", AT + 3, 1, "529", 529, 4.0, final=False)],
        ALIVE,
        400,
        LaneState.STALLED,
    ),
    "a limit that will reset": ([prompt(), limit(AT + 4000)], Liveness(), 100, LaneState.LIMITED),
    "a limit that has reset": ([prompt(), limit(AT + 50)], Liveness(), 100, LaneState.WAITING),
    "a limit without a time": ([prompt(), limit(None)], Liveness(), 100, LaneState.LIMITED),
    "no process where it would be seen": ([prompt(), call()], Liveness(probed=True), 100, LaneState.ENDED),
    "no process, but lines a moment ago": ([prompt(), call()], Liveness(probed=True), 10, LaneState.WORKING),
    "silent for hours, nothing known": ([prompt(), call(ToolKind.AGENT)], Liveness(), 8000, LaneState.ENDED),
    "silent for hours, alive": ([prompt(), mark(Mark.TURN_ENDED)], ALIVE, 90_000, LaneState.IDLE),
    "a subagent with its answer": ([SUBAGENT, prompt(), mark(Mark.TURN_ENDED)], Liveness(), 10, LaneState.ENDED),
    "a subagent whose parent went on": ([SUBAGENT, prompt(), call()], Liveness(parent_open=False), 10, LaneState.ENDED),
    "a subagent whose parent waits": ([SUBAGENT, prompt(), call()], Liveness(parent_open=True), 10, LaneState.WORKING),
    "a headless run with its answer": ([HEADLESS, prompt(), mark(Mark.TURN_ENDED)], Liveness(), 10, LaneState.ENDED),
    "an edit at its limit": ([prompt(), call(ToolKind.EDIT)], Liveness(), 1 + 20, LaneState.WORKING),
    "an edit beyond its limit": ([prompt(), call(ToolKind.EDIT)], Liveness(), 1 + 21, LaneState.NEEDS_INPUT),
    "a limit that resets now": ([prompt(), limit(AT + 100)], Liveness(), 100, LaneState.WAITING),
    "silent for an hour to the second": ([prompt(), call(ToolKind.AGENT)], Liveness(), 1 + 3600, LaneState.WORKING),
    "silent for an hour and a second": ([prompt(), call(ToolKind.AGENT)], Liveness(), 1 + 3601, LaneState.ENDED),
    "a stated end": ([prompt(), mark(Mark.ENDED)], Liveness(), 10, LaneState.ENDED),
    "work after a stated end": ([prompt(), mark(Mark.ENDED), prompt(AT + 9)], Liveness(), 12, LaneState.WORKING),
    "events from the future": ([prompt(AT + 500), call(at=AT + 501)], Liveness(), 10, LaneState.WORKING),
    "lines without a time": ([Prompt("", None, 0, "go", Origin.PERSON)], Liveness(), 10, LaneState.WORKING),
    "nothing yet": ([], Liveness(), 10, LaneState.WAITING),
}


def ledger(events) -> LaneLedger:
    lane = LaneLedger("claude", "/x.jsonl", "", CallBook())
    for event in events:
        lane.apply(event)
    return lane


@pytest.mark.parametrize("name", CASES)
def test_states(name):
    events, live, after, state = CASES[name]
    verdict = judge_state(ledger(events), live, AT + after, T)
    assert verdict.state is state, verdict.evidence
    assert verdict.evidence, "a state without evidence"
    assert all(each.text for each in verdict.evidence)


@pytest.mark.parametrize(
    ("name", "minutes", "words"),
    [
        (None, None, "usage limit reached; resets in"),
        ("5-hour", 300, "5-hour usage limit reached; resets in"),
        ("opus weekly", 10080, "opus weekly usage limit reached; resets in"),
        ("codex", 10080, "codex weekly usage limit reached; resets in"),
        ("codex", 43200, "codex usage limit reached; resets in"),
    ],
)
def test_the_limit_that_stopped_a_lane_is_named(name: str | None, minutes: int | None, words: str):
    lane = ledger([prompt(), Limit("", AT + 1, 0, name, minutes, None, AT + 4000, reached=True)])
    assert judge_state(lane, Liveness(), AT + 100, Thresholds()).evidence[0].text.startswith(words)


def test_a_limit_is_over_once_the_lane_spends_again():
    spend = UsageReported("", AT + 60, 50, "k", "m", Usage(input=1))
    lane = ledger([prompt(), limit(AT + 4000), prompt(AT + 55), spend])
    assert judge_state(lane, Liveness(), AT + 62, T).state is LaneState.WORKING


@pytest.mark.parametrize(
    ("path", "events", "after", "state"),
    [
        ("/home/sessions/x.jsonl", [prompt(), call()], 30, LaneState.STALLED),
        ("/home/sessions/x.jsonl", [prompt(), call(ToolKind.EDIT)], 30, LaneState.STALLED),
        ("/home/sessions/x.jsonl", [prompt(), call()], 10, LaneState.WORKING),
        ("/home/sessions/x.jsonl", [prompt(), mark(Mark.TURN_ENDED)], 30, LaneState.WAITING),
        ("/other/sessions/x.jsonl", [prompt(), call()], 30, LaneState.WORKING),
    ],
)
def test_a_turn_whose_daemon_was_killed_is_stalled(path, events, after, state):
    lane = ledger(events)
    lane.path = path
    verdict = judge_state(lane, SCREEN, AT + after, T)
    assert verdict.state is state
    assert ("its daemon exited" in verdict.evidence[0].text) == (state is LaneState.STALLED)


@pytest.mark.parametrize(("after", "state"), [(3000, LaneState.WORKING), (3001, LaneState.STALLED)])
def test_a_tool_may_run_three_times_as_long_as_its_longest(after, state):
    lane = ledger([prompt(), call(), result(AT + 1001), call(at=AT + 1100)])
    assert judge_state(lane, ALIVE, AT + 1100 + after, T).state is state


@pytest.mark.parametrize(("seconds", "words"), [(89, "89 s"), (90, "1 min")])
def test_seconds_are_counted_up_to_a_minute_and_a_half(seconds, words):
    assert duration(seconds) == words


def test_thresholds_are_settings():
    lane = ledger([prompt(), call(), result(AT + 3)])
    assert judge_state(lane, ALIVE, AT + 100, Thresholds(stalled_after_s=50)).state is LaneState.STALLED


def test_a_tool_far_beyond_its_longest_is_stalled_and_says_so():
    lane = ledger([prompt(), call(), result(AT + 30), call(at=AT + 40)])
    verdict = judge_state(lane, ALIVE, AT + 4000, T)
    assert verdict.state is LaneState.STALLED
    assert (
        "has run for 1 h 6 min without a result; no such call took longer than 29 s before" in verdict.evidence[0].text
    )


def test_a_poll_is_named_by_the_command_that_it_polls():
    poll = replace(call(ToolKind.OTHER, AT + 40), tool="write_stdin", summary="poll of session 7: make e2e")
    words = judge_state(ledger([prompt(), poll]), ALIVE, AT + 4000, T).evidence[0].text
    assert words == "`make e2e` has run for 1 h 6 min without a result"


def test_a_question_is_told_in_its_own_words():
    asks = replace(call(ToolKind.ASK), tool="AskUserQuestion", summary="Tea or coffee?")
    [found] = state_findings(judge_state(ledger([prompt(), asks]), ALIVE, AT + 60, T))
    assert found.title == "it asks you: Tea or coffee?"


def test_a_permission_that_may_be_missing_is_told_with_the_call_and_without_the_time():
    hangs = call(limited=True, timeout_s=60.0)
    verdict = judge_state(ledger([prompt(), hangs]), ALIVE, AT + 1800, T)
    [found] = state_findings(verdict)
    assert verdict.evidence[0].text.startswith("Shell has no result after 29 min, its limit is 60 s: it probably waits")
    assert found.title == "it probably waits for your permission: make"


@pytest.mark.parametrize(("said", "words"), [
    ("input needed", "a permission or an answer; the transcript does not say which: `o` goes to its pane"),
    ("permission prompt", "a permission; the transcript does not say for what: `o` goes to its pane"),
    (None, "a permission or an answer; the transcript does not say which: `o` goes to its pane"),
    ("plan review", "you, its client says: plan review; the transcript does not say more: `o` goes to its pane"),
])  # fmt: skip
def test_a_wait_that_only_the_client_states_is_told_as_far_as_it_is_known(said: str | None, words: str):
    live = Liveness(process("waiting", said))
    assert judge_state(ledger([prompt()]), live, AT + 5, T).evidence[0].text == f"waits for {words}"
    known = judge_state(ledger([prompt(), call()]), live, AT + 5, T)  # the open call says for what
    assert known.evidence[0].text == f"waits for {words.split('; ', maxsplit=1)[0]}"


def test_after_an_answer_it_works_since_the_answer():
    asked = [prompt(), call(ToolKind.ASK), result(AT + 100)]
    assert judge_state(ledger(asked), ALIVE, AT + 102, T).since == AT + 100
    assert judge_state(ledger([*asked, call(at=AT + 101)]), ALIVE, AT + 102, T).since == AT + 100
    assert (
        judge_state(ledger([*asked, mark(Mark.TURN_ENDED, AT + 150), prompt(AT + 200)]), ALIVE, AT + 202, T).since
        == AT + 200
    )
