"""The time that a lane waited for a person."""

from __future__ import annotations

import pytest

from tui.ledger.calls import CallBook
from tui.ledger.lane import LaneLedger
from tui.ledger.waits import KEPT, WaitBook
from tui.model.event import Call, Event, Mark, Origin, Prompt, Result, State, ToolKind


def ledger(*events: Event) -> LaneLedger:
    made = LaneLedger("claude", "/x.jsonl", "", CallBook())
    for event in events:
        made.apply(event)
    return made


def call(at: float, kind: ToolKind, *, name: str = "a", limited: bool = False, timeout: float | None = None) -> Call:
    return Call("", at, int(at), name, "Tool", kind, "{}", "x", None, timeout, limited)


def result(at: float, *, name: str = "a", denied: bool = False) -> Result:
    return Result("", at, int(at), name, not denied, "", 0, denied=denied)


def test_a_question_waits_until_its_answer():
    assert ledger(call(10, ToolKind.ASK), result(70)).waits.seconds == 60


def test_a_question_without_an_answer_waits_until_the_turn_ends():
    made = ledger(
        call(10, ToolKind.ASK), State("", 40, 40, Mark.TURN_ENDED), Prompt("", 900, 900, "go on", Origin.PERSON)
    )
    assert made.waits.seconds == 30


def test_idle_after_a_final_answer_is_no_wait():
    made = ledger(
        Prompt("", 0, 0, "do it", Origin.PERSON), State("", 10, 10, Mark.TURN_ENDED),
        Prompt("", 5000, 5000, "more", Origin.PERSON),
    )  # fmt: skip
    assert made.waits.seconds == 0


@pytest.mark.parametrize(
    ("first", "last", "seconds"),
    [
        (call(0, ToolKind.EDIT), result(200), 200),
        (call(0, ToolKind.EDIT), result(5), 0),
        (call(0, ToolKind.MCP), result(50, denied=True), 50),
        (call(0, ToolKind.MCP), result(5000), 0),
        (call(0, ToolKind.SHELL, limited=True, timeout=60), result(300), 240),
        (call(0, ToolKind.SHELL, limited=True), result(130), 0),
        (call(0, ToolKind.SHELL), result(9000), 0),
    ],
)
def test_a_permission_is_counted_where_the_transcript_shows_it(first, last, seconds):
    assert ledger(first, last).waits.seconds == seconds


def test_requests_that_wait_together_count_once():
    made = ledger(
        call(0, ToolKind.ASK, name="a"), call(10, ToolKind.ASK, name="b"), result(50, name="b"), result(60, name="a")
    )
    assert made.waits.seconds == 60


def test_waits_are_disjoint_bounded_and_cut_to_a_window():
    book = WaitBook()
    for index in range(KEPT + 10):
        book.add(100.0 * index, 100.0 * index + 10)
    assert book.seconds == 10 * (KEPT + 10)
    book.add(100.0 * KEPT, 100.0 * KEPT + 50)
    assert book.seconds == 10 * (KEPT + 10) + 40
    assert book.between(100.0 * KEPT + 45, 100.0 * KEPT + 105) == 10
    assert book.between(None, None) == book.seconds
    book.add(None, 5.0)
    book.add(5.0, 5.0)
    assert book.seconds == 10 * (KEPT + 10) + 40
