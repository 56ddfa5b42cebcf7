"""Claude's calls, results, edits and plans."""

from __future__ import annotations

import json

import pytest

from tests.agents.builders import (
    claude_attachment,
    claude_call,
    claude_message,
    claude_result,
    claude_user,
    one,
    only,
    read_all,
    tool_use,
)
from tui.agents.claude.reader import ClaudeReader
from tui.agents.claude.tools import OPEN_CALLS_BOUND
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
    Reasoning,
    Result,
    State,
    ToolKind,
)

REFUSED = "The user doesn't want to proceed with this tool use. The tool use was rejected"


def answered(name: str, args: dict[str, object] | None, *result: object, **named: object) -> list[Event]:
    """The events of one call and its result."""
    return read_all(ClaudeReader(), claude_call(name, args), claude_result(*result, **named))  # type: ignore[arg-type]


def test_a_call_carries_its_arguments_whole_and_is_named_by_the_telling_one() -> None:
    args = {"command": "make test", "description": "Run all tests", "timeout": 5}
    call = one(read_all(ClaudeReader(), claude_call("Bash", args)), Call)
    assert (call.call, call.tool, call.tool_kind, call.summary) == ("toolu_1", "Bash", ToolKind.SHELL, "make test")
    assert json.loads(call.args) == args
    assert " " not in call.args.replace("make test", "").replace("Run all tests", "")


def test_blocks_of_one_line_keep_their_order() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "Et4E"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "I will."},
        tool_use("Read", {"file_path": "/a"}),
    ]
    events = [
        e
        for e in read_all(ClaudeReader(), claude_message(content=blocks))
        if isinstance(e, Reasoning | AssistantText | Call)
    ]
    assert [type(event) for event in events] == [Reasoning, Reasoning, AssistantText, Call]
    assert [event.text for event in only(events, Reasoning)] == ["hm", ""]


def test_content_as_plain_text_is_said() -> None:
    assert one(read_all(ClaudeReader(), claude_message(content="All done.")), AssistantText).text == "All done."


def test_a_message_that_ends_the_turn_says_so() -> None:
    assert one(read_all(ClaudeReader(), claude_message(stop="end_turn")), State).mark is Mark.TURN_ENDED
    assert only(read_all(ClaudeReader(), claude_message(stop="tool_use")), State) == []


# -- results ----------------------------------------------------------------------------------------


def test_a_result_without_an_error_flag_went_well() -> None:
    result = one(answered("Bash", {}, "42 passed"), Result)
    assert (result.call, result.ok, result.text, result.size, result.exit_code) == (
        "toolu_1",
        True,
        "42 passed",
        9,
        None,
    )


def test_a_failed_command_states_its_exit_code_in_its_text() -> None:
    result = one(answered("Bash", {}, "Exit code 127\nmake: not found", error=True), Result)
    assert (result.ok, result.exit_code) == (False, 127)


def test_output_that_only_talks_of_exit_codes_has_none() -> None:
    assert one(answered("Bash", {}, "Exit code 127 is fine"), Result).exit_code is None


def test_polled_shells_state_their_exit_code_beside_the_result() -> None:
    assert one(answered("BashOutput", {}, "done", told={"exitCode": 2}), Result).exit_code == 2


@pytest.mark.parametrize(
    ("told", "seconds"),
    [({"durationMs": 1500}, 1.5), ({"totalDurationMs": 2000}, 2.0), ({"durationSeconds": 3}, 3.0),
     ({"durationMs": "x"}, None), ({"durationMs": -1}, None), ({}, None)],
)  # fmt: skip
def test_a_duration_is_only_what_is_stated(told: dict[str, object], seconds: float | None) -> None:
    assert one(answered("Glob", {}, told=told), Result).duration_s == seconds


def test_an_interrupted_command_neither_failed_nor_went_well() -> None:
    result = one(answered("Bash", {}, "half", told={"stdout": "half", "interrupted": True}), Result)
    assert (result.ok, result.interrupted) == (None, True)


def test_results_in_parts_are_joined_and_images_named() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image", "source": {}}, {"type": "text", "text": "b"}]
    assert one(answered("Read", {}, parts), Result).text == "a\n[image]\nb"


def test_a_long_result_keeps_head_tail_and_size() -> None:
    result = one(answered("Bash", {}, "A" * 9000 + "Z" * 9000), Result)
    assert result.size == 18_000
    assert result.text.startswith("AAAA") and result.text.endswith("ZZZZ")
    assert "[... 12000 characters left out]" in result.text


def test_a_result_without_a_known_call_is_still_a_result() -> None:
    assert one(read_all(ClaudeReader(), claude_result("ok", "toolu_gone")), Result).ok is True


def test_two_results_in_one_line_do_not_share_one_structured_result() -> None:
    line = claude_result("a", "toolu_1", told={"durationMs": 5, "agentId": "a1"})
    line["message"]["content"].append({"type": "tool_result", "tool_use_id": "toolu_2", "content": "b"})
    results = only(read_all(ClaudeReader(), line), Result)
    assert [(result.call, result.duration_s, result.spawned) for result in results] == [
        ("toolu_1", None, None),
        ("toolu_2", None, None),
    ]


@pytest.mark.parametrize(
    ("tool", "args", "limit"),
    [
        ("Bash", {"command": "x", "timeout": 120_000}, (120.0, True)), ("Bash", {"command": "x"}, (None, True)),
        ("Bash", {"command": "x", "timeout": 5000, "run_in_background": True}, (None, False)),
        ("Bash", {"timeout": "soon"}, (None, True)), ("Bash", {"timeout": -5}, (None, True)),
        ("Bash", {"timeout": True}, (None, True)), ("Bash", {"timeout": 10**12}, (None, True)),
        ("Read", {"timeout": 5000}, (None, False)),
    ],
)  # fmt: skip
def test_time_limits(tool: str, args: dict[str, object], limit: tuple[float | None, bool]) -> None:
    call = one(read_all(ClaudeReader(), claude_call(tool, args)), Call)
    assert (call.timeout_s, call.limited) == limit


# -- refusals -----------------------------------------------------------------------------------------


def test_a_refusal_by_a_person_stops_the_lane() -> None:
    events = answered("Edit", {"file_path": "/a"}, REFUSED, error=True)
    assert one(events, Result).denied
    assert one(events, State).mark is Mark.DENIED
    assert only(events, Edit) == []


def test_what_a_person_said_with_a_refusal_is_a_prompt() -> None:
    text = f"{REFUSED}. To tell you how to proceed, the user said:\nwrite the test first"
    prompt = one(answered("Edit", {}, text, error=True), Prompt)
    assert (prompt.text, prompt.origin) == ("write the test first", Origin.QUEUED)


def test_newer_lines_name_the_kind_of_denial() -> None:
    reader = ClaudeReader()
    events = read_all(reader, claude_call("Bash"), claude_result("no", error=True, toolDenialKind="user-rejected"))
    assert one(events, Result).denied
    assert one(events, State).mark is Mark.DENIED


def test_a_rule_that_denies_a_tool_is_no_person() -> None:
    text = "Permission to use Bash with command rm has been denied."
    events = answered("Bash", {}, text, error=True)
    assert one(events, Result).denied
    assert only(events, State) == []


def test_a_call_cut_off_by_a_fork_is_interrupted_not_denied() -> None:
    text = "[Request interrupted by user for tool use]"
    result = one(answered("Bash", {}, text, error=True, toolDenialKind="interrupted"), Result)
    assert (result.interrupted, result.denied) == (True, False)


def test_output_that_quotes_a_refusal_is_none() -> None:
    assert not one(answered("Bash", {}, REFUSED), Result).denied


# -- subagents and background work --------------------------------------------------------------------


def test_a_spawned_agent_is_named_by_the_structured_result() -> None:
    result = one(answered("Agent", {}, "done", told={"agentId": "a38f", "status": "completed"}), Result)
    assert (result.spawned, result.background) == ("a38f", False)


def test_a_spawned_agent_is_named_by_the_text_where_nothing_else_does() -> None:
    text = [{"type": "text", "text": "Report"}, {"type": "text", "text": "agentId: a0853aa (for resuming)"}]
    assert one(answered("Task", {}, text), Result).spawned == "a0853aa"
    assert one(answered("Bash", {}, text), Result).spawned is None


def test_an_agent_launched_in_the_background_goes_on_after_its_result() -> None:
    told = {"isAsync": True, "status": "async_launched", "agentId": "a4"}
    result = one(answered("Agent", {}, "Async agent launched", told=told), Result)
    assert (result.spawned, result.background) == ("a4", True)


def test_polling_a_background_command_continues_its_call() -> None:
    events = read_all(
        ClaudeReader(),
        claude_call("Bash", {"command": "make serve", "run_in_background": True}, "toolu_1"),
        claude_result("running", "toolu_1", told={"backgroundTaskId": "b7", "stdout": ""}),
        claude_call("BashOutput", {"bash_id": "b7"}, "toolu_2"),
        claude_call("BashOutput", {"bash_id": "other"}, "toolu_3"),
    )
    assert only(events, Result)[0].background
    assert [call.continues for call in only(events, Call)] == [None, "toolu_1", None]


# -- edits ----------------------------------------------------------------------------------------------


def test_an_edit_is_told_when_its_result_says_that_it_was_made() -> None:
    told = {"filePath": "/h/a.py", "structuredPatch": [{"lines": [" x", "-old", "+new", "+more"]}]}
    edit = one(answered("Edit", {"file_path": "/h/a.py"}, "updated", told=told), Edit)
    assert (edit.path, edit.call, edit.change, edit.added, edit.removed) == ("/h/a.py", "toolu_1", "update", 2, 1)
    assert edit.by_lane


def test_a_failed_edit_changed_nothing() -> None:
    events = answered("Edit", {"file_path": "/a"}, "<tool_use_error>String to replace not found", error=True)
    assert only(events, Edit) == []


def test_subagents_files_have_no_structured_result_and_still_tell_the_edit() -> None:
    edit = one(answered("Edit", {"file_path": "/h/a.py"}, "The file has been updated"), Edit)
    assert (edit.path, edit.change, edit.added, edit.removed) == ("/h/a.py", "update", None, None)


@pytest.mark.parametrize("told", [{"type": "create", "filePath": "/h/new", "content": "a\nb\nc"}, None])
def test_a_new_file_is_a_creation(told: object) -> None:
    edit = one(
        answered("Write", {"file_path": "/h/new", "content": "a\nb\nc"}, "File created at: /h/new", told=told), Edit
    )
    assert (edit.change, edit.added, edit.removed) == ("create", 3, 0)


def test_writing_over_a_file_is_an_update() -> None:
    edit = one(answered("Write", {"file_path": "/h/a", "content": "a\n"}, "The file /h/a has been updated."), Edit)
    assert (edit.change, edit.added, edit.removed) == ("update", None, None)


def test_a_relative_path_is_told_from_where_the_lane_stands() -> None:
    assert one(answered("Write", {"file_path": "docs/../a.md"}, "updated"), Edit).path == "/home/ada/harbor/a.md"


def test_notebooks_are_files() -> None:
    assert one(answered("NotebookEdit", {"notebook_path": "/h/n.ipynb"}, "ok"), Edit).path == "/h/n.ipynb"


def test_a_file_that_changed_under_the_lane_is_no_edit_of_its_own() -> None:
    edit = one(read_all(ClaudeReader(), claude_attachment("edited_text_file", {"filename": "/h/a.py"})), Edit)
    assert (edit.path, edit.by_lane, edit.call) == ("/h/a.py", False, None)


# -- plans ------------------------------------------------------------------------------------------------


def test_a_todo_list_is_the_plan_as_it_stands() -> None:
    todos = [{"content": "map", "status": "completed"}, {"content": "build", "status": "in_progress"}]
    plan = one(read_all(ClaudeReader(), claude_call("TodoWrite", {"todos": todos})), Plan)
    assert plan.items == (PlanItem("map", "completed"), PlanItem("build", "in_progress"))


def test_tasks_made_and_changed_one_by_one_give_the_whole_plan_each_time() -> None:
    events = read_all(
        ClaudeReader(),
        claude_call("TaskCreate", {"subject": "map"}, "t1"),
        claude_result("Task #1 created successfully: map", "t1", told={"task": {"id": "1", "subject": "map"}}),
        claude_call("TaskCreate", {"subject": "build"}, "t2"),
        claude_result("Task #2 created successfully: build", "t2"),
        claude_call("TaskUpdate", {"taskId": "1", "status": "completed"}, "t3"),
        claude_result("Updated task #1 status", "t3", told={"success": True, "taskId": "1"}),
        claude_call("TaskUpdate", {"taskId": "2", "status": "deleted"}, "t4"),
        claude_result("Updated", "t4"),
        claude_call("TaskUpdate", {"taskId": "99", "status": "completed"}, "t5"),
        claude_result("Updated", "t5"),
    )
    assert [plan.items for plan in only(events, Plan)] == [
        (PlanItem("map", "pending"),),
        (PlanItem("map", "pending"), PlanItem("build", "pending")),
        (PlanItem("map", "completed"), PlanItem("build", "pending")),
        (PlanItem("map", "completed"),),
    ]


def test_a_task_change_that_failed_changes_no_plan() -> None:
    made = [claude_call("TaskCreate", {"subject": "map"}, "t1"), claude_result("Task #1 created", "t1")]
    failed = [
        claude_call("TaskUpdate", {"taskId": "1", "status": "completed"}, "t2"),
        claude_result("no", "t2", error=True),
    ]
    assert len(only(read_all(ClaudeReader(), *made, *failed), Plan)) == 1


def test_a_reminder_restores_the_plan_but_repeats_none() -> None:
    reminder = claude_attachment("task_reminder", {"content": [{"id": "1", "subject": "map", "status": "pending"}]})
    plan = one(read_all(ClaudeReader(), reminder, reminder), Plan)
    assert plan.items == (PlanItem("map", "pending"),)


def test_a_plan_in_prose_comes_from_the_call_or_from_its_result() -> None:
    assert one(answered("ExitPlanMode", {"plan": "# First"}, "ok", told={"plan": "# First"}), Plan).text == "# First"
    assert one(answered("ExitPlanMode", {}, "ok", told={"plan": "# Second"}), Plan).text == "# Second"


def test_waiting_for_a_plans_approval_is_waiting_for_a_person() -> None:
    assert one(read_all(ClaudeReader(), claude_call("ExitPlanMode", {"plan": "x"})), Call).tool_kind is ToolKind.ASK


# -- memory -------------------------------------------------------------------------------------------------


def test_calls_that_never_get_a_result_are_bounded() -> None:
    reader = ClaudeReader()
    records = [claude_call("Edit", {"file_path": f"/{n}"}, f"c{n}") for n in range(OPEN_CALLS_BOUND + 1)]
    read_all(reader, *records)
    assert only(read_all(reader, claude_result("ok", "c0")), Edit) == []
    assert one(read_all(reader, claude_result("ok", "c1")), Edit).path == "/1"


def test_nested_arguments_beyond_writing_are_named_not_fatal() -> None:
    deep: object = 1
    for _ in range(600):
        deep = {"a": deep}
    call = one(read_all(ClaudeReader(), claude_message(content=[tool_use("mcp__x__y", {"deep": deep})])), Call)
    assert "nested too deeply" in call.args
    assert call.tool_kind is ToolKind.MCP


def test_a_user_line_without_a_message_says_nothing() -> None:
    line = claude_user("x")
    del line["message"]
    assert read_all(ClaudeReader(), line)[1:] == []
