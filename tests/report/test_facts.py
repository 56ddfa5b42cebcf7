"""What is kept of a lane beside its account: checks, what was new, acknowledgements, what was left open."""

from __future__ import annotations

import pytest

from tests.judge.lanes import Script
from tests.report.making import report_on, rows
from tui.model.event import (
    AssistantText,
    Call,
    Edit,
    Event,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    Result,
    State,
    ToolKind,
    UsageReported,
)
from tui.model.usage import Usage
from tui.report.display_text import clip, whole_line
from tui.report.document import HalfKind, NewKind, Tick
from tui.report.facts import is_ack
from tui.report.record import USUAL_LEAST


def spend(at: float, offset: int, key: str, tokens: int = 100) -> UsageReported:
    return UsageReported("", at, offset, key, "claude-opus-4-6", Usage(output=tokens))


def only(report, kind: HalfKind) -> list[str]:
    return [one.text for one in report.half_done if one.kind is kind]


def test_the_first_of_everything_is_new_and_its_repetition_is_not():
    lane = Script()
    for number in range(1, 4):
        lane.prompt(f"S{number:03} prove refund-{number}").run("make test", "1 passed").edit("a.go", f"x{number}")
    found = rows(report_on({"a": lane.events}))
    assert (found["S001"].new_things.checks, found["S001"].new_things.commands) == (1, 1)
    assert found["S002"].new_things.total == found["S003"].new_things.total == 0
    assert found["S002"].new_things.check_runs == 1


def test_another_outcome_of_a_check_is_new():
    lane = (
        Script().prompt("S001 a").run("make test", "1 failed", ok=False).prompt("S002 b").run("make test", "1 passed")
    )
    found = rows(report_on({"a": lane.events}))
    (check,) = [truth for truth in found["S002"].new_things.first if truth.kind is NewKind.CHECK]
    assert check.outcome == "passed"
    assert found["S001"].new_things.errors == 1


def test_a_label_makes_no_new_file_and_no_new_check():
    lane = Script()
    for number, label in enumerate(("hold-refund", "lift-ticket", "void-case"), 1):
        lane.prompt(f"S{number:03} prove the action {label}").run(f"./scripts/prove.sh {label}", "ok, visible")
        lane.events.append(Edit("", lane.at, number, f"/home/mara/harbor/docs/{label}.md", None, "create"))
    found = rows(report_on({"a": lane.events}))
    assert found["S001"].new_things.files == 1
    assert found["S002"].new_things.total == found["S003"].new_things.total == 0


def test_what_another_lane_of_the_same_work_saw_is_not_new():
    one = Script(1000).prompt("S001 a").run("make test", "1 passed")
    other = Script(2000).prompt("S002 b").run("make test", "1 passed").run("make lint", "ok")
    found = rows(report_on({"a": one.events, "b": other.events}))
    assert (found["S001"].new_things.checks, found["S002"].new_things.checks) == (1, 1)


def test_a_persons_no_is_no_error():
    lane = Script().prompt("S001 a")
    lane.events += [
        Call("", 1020, 900, "c", "Bash", ToolKind.SHELL, "{}", "rm -r x"),
        Result("", 1021, 950, "c", False, "The user said: cannot do that", 9, denied=True),
    ]
    assert rows(report_on({"a": lane.events}))["S001"].new_things.errors == 0


@pytest.mark.parametrize(
    "text", ["S085 acknowledged: all green. S086 is out.", "Noted, go ahead.", "LGTM, next step: S12"]
)
def test_acknowledgements(text: str):
    assert is_ack(text)


@pytest.mark.parametrize("text", ["", "The port is not checked.", "Noted. " + "and it is a long story " * 20])
def test_other_words_are_none(text: str):
    assert not is_ack(text)


def chat(events: list[Event]):
    return report_on({"a": [Prompt("", 1000, 0, "S001 go", Origin.PERSON), *events]}).retention.chatter


def test_an_acknowledgement_costs_the_call_that_wrote_it_whichever_line_comes_first():
    after = [
        AssistantText("", 1001, 10, "Acknowledged, go on."),
        spend(1001, 20, "k1"),
        AssistantText("", 1002, 30, "A long one"),
        spend(1002, 40, "k2"),
    ]
    before = [
        spend(1001, 10, "k1"),
        AssistantText("", 1001, 10, "Acknowledged, go on."),
        spend(1002, 30, "k2"),
        AssistantText("", 1002, 30, "A long one"),
    ]
    for events in (after, before):
        chatter = chat(events)
        assert (chatter.messages, chatter.of, chatter.tokens) == (1, 2, 100)


def test_an_acknowledgement_beside_a_tool_is_none():
    call = Call("", 1001, 20, "c", "Bash", ToolKind.SHELL, "{}", "ls")
    after = [AssistantText("", 1001, 10, "Understood."), call, spend(1001, 30, "k1")]
    before = [spend(1001, 10, "k1"), AssistantText("", 1001, 10, "Understood."), Call("", 1001, 20, "c", "Bash", ToolKind.SHELL, "{}", "ls"),
              spend(1001, 20, "k1", 120)]  # fmt: skip
    for events in (after, before):
        assert chat(events).messages == 0


# -- what was left half done, and what is missing -------------------------------------------------------------


def test_an_edit_after_the_last_check_that_passed_is_told():
    lane = Script().prompt("S001 a").run("make test", "1 passed")
    lane.events.append(Edit("", lane.at, 900, "/home/mara/harbor/pay.go", None, "update"))
    assert only(report_on({"a": lane.events}), HalfKind.UNCHECKED_EDIT) == [
        "1 file changed since the last check that passed"
    ]
    lane.run("make test", "1 passed")
    assert only(report_on({"a": lane.events}), HalfKind.UNCHECKED_EDIT) == []


def test_prose_needs_no_check():
    lane = Script().prompt("S001 a").run("make test", "1 passed")
    lane.events.append(Edit("", lane.at, 900, "/home/mara/harbor/README.md", None, "update"))
    assert only(report_on({"a": lane.events}), HalfKind.UNCHECKED_EDIT) == []


def test_a_failing_check_is_open_until_one_of_its_kind_passes():
    lane = Script().prompt("S001 a").run("go test ./pay", "--- FAIL: TestPay", ok=False)
    assert only(report_on({"a": lane.events}), HalfKind.FAILING_CHECK) == ["last run failed: go test ./pay"]
    lane.run("go test ./...", "ok  harbor/pay 0.3s")
    assert only(report_on({"a": lane.events}), HalfKind.FAILING_CHECK) == []


def test_an_open_call_and_an_open_plan():
    lane = Script().prompt("S001 a")
    lane.events += [
        Plan("", 1020, 800, (PlanItem("write it", "completed"), PlanItem("test it", "pending"))),
        Call("", 1021, 900, "c", "Bash", ToolKind.SHELL, "{}", "make test"),
    ]
    report = report_on({"a": lane.events})
    assert only(report, HalfKind.OPEN_CALL) == ["no result of Bash make test"]
    assert only(report, HalfKind.PLAN) == ["1 of 2 plan items are not done: test it"]
    assert [gap.text for gap in report.gaps] == ["test it (pending)"]


def test_a_lane_that_ended_well_left_nothing():
    lane = Script().prompt("S001 a").run("make test", "1 passed")
    lane.events.append(State("", lane.at + 1, 9000, Mark.TURN_ENDED))
    report = report_on({"a": lane.events})
    assert report.half_done == report.gaps == ()


def test_a_check_that_a_prompt_asks_for_and_nobody_ran_is_a_gap():
    lane = Script().prompt("S001 port it, then `make lint` and `go test ./fares`").run("go test ./fares -v", "ok  x 1s")
    assert [gap.text for gap in report_on({"a": lane.events}).gaps] == ["asked for and not seen to run: make lint"]


def test_a_check_that_all_others_ran_is_a_gap_where_it_is_missing():
    lane = Script()
    for number in range(1, USUAL_LEAST + 2):
        lane.prompt(f"S{number:03} module").run("make test", "1 passed").run("make lint", "0 errors")
    lane.prompt("S009 module").run("make test", "1 passed")
    report = report_on({"a": lane.events})
    texts = [gap.text for gap in report.gaps]
    assert "make lint: ran in 4 of 5 actions, not in S009" in texts
    assert any(text.startswith("S: 4 never seen: S005, S006") for text in texts)
    (matrix,) = report.coverage
    lint = next(index for index, column in enumerate(matrix.columns) if column.name == "make lint")
    assert [row.cells[lint].tick for row in matrix.rows] == [Tick.PASSED] * 4 + [Tick.MISSING]


# -- cutting ---------------------------------------------------------------------------------------------------


def test_a_cut_falls_before_a_secret():
    key = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    assert clip(f"{'x' * 10} {key} y", 20) == "xxxxxxxxxx ghp_"
    assert clip("x" * 30, 20) == "x" * 20
    assert clip("short", 20) == "short"


def test_a_line_of_a_text_is_whole():
    assert whole_line("one\n  two three\nfour", "two") == "two three"
    assert whole_line("one", "nowhere") == "nowhere"


# -- checks by name ---------------------------------------------------------------------------------------------


def test_a_commits_message_is_no_check():
    lane = Script().prompt("S001 a").run("git commit -m 'make test and lint pass'", "1 file changed")
    assert rows(report_on({"a": lane.events}))["S001"].new_things.check_runs == 0


def test_a_check_is_the_same_whatever_is_shown_of_it():
    lane = (
        Script()
        .prompt("S001 a")
        .run("make test 2>&1 | tail -30", "1 passed")
        .prompt("S002 b")
        .run("make test", "1 passed")
    )
    (matrix,) = report_on({"a": lane.events}).coverage
    assert [column.name for column in matrix.columns] == ["make test"]


def test_a_copied_history_is_told_once():
    first = (
        Script()
        .prompt("S001 a")
        .run("make test", "1 passed")
        .spend(100)
        .prompt("S002 b")
        .run("make test", "1 passed")
        .spend(50)
    )
    copy = [*first.events, *Script(5000).prompt("S003 c").run("make lint", "0 errors").events]
    report = report_on({"a": first.events, "b": copy})
    assert [row.name for row in report.runs[0].actions] == ["S001", "S002", "S003"]
    assert (report.head.figures.usage.total, report.head.figures.tool_calls, report.head.actions) == (150, 3, 3)


def test_the_same_check_under_another_label_is_no_news():
    lane = Script().prompt("S001 run the pay checks").run("make test-pay", "1 passed")
    lane.prompt("S002 look at refunds").run("make test-pay", "1 passed").prompt("S003 pay").run(
        "make test-pay", "1 passed"
    )
    report = report_on({"a": lane.events})
    assert [row.new_things.checks for row in report.runs[0].actions] == [1, 0, 0]
    (matrix,) = report.coverage
    assert [column.passed for column in matrix.columns] == [3]
