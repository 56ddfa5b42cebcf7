"""Codex's prompts, calls, outputs, edits, plans, states and limits."""

from __future__ import annotations

import json

import pytest

from tests.agents.builders import (
    THREAD,
    at,
    codex_call,
    codex_count,
    codex_event,
    codex_item,
    codex_line,
    codex_message,
    codex_meta,
    codex_output,
    codex_turn,
    one,
    only,
    ran,
    read_all,
)
from tui.agents.codex.reader import CodexReader
from tui.agents.codex.transcript_probe import decided
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    LaneInfo,
    Limit,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    Reasoning,
    Result,
    State,
    ToolKind,
    Unknown,
)


def read(*records: object) -> list[Event]:
    """The events after a head."""
    return read_all(CodexReader(), codex_meta(), *records)[1:]


def answered(name: str, args: object, output: object, *between: object) -> list[Event]:
    return read(codex_call(name, args), *between, codex_output(output))


# -- prompts --------------------------------------------------------------------------------------------


def test_a_prompt_stands_in_three_lines_and_is_one() -> None:
    events = read(
        codex_event("user_message", message="List the files"),
        codex_message("List the files", kind="user.text"),
        codex_event(
            "item_completed", item={"type": "UserMessage", "content": [{"type": "text", "text": "List the files"}]}
        ),
    )
    prompt = one(events, Prompt)
    assert (prompt.text, prompt.origin) == ("List the files", Origin.PERSON)


@pytest.mark.parametrize(
    "text",
    ["<environment_context>\n<cwd>/x</cwd>", "# AGENTS.md instructions for /x", "<skill>s</skill>",
     "<turn_aborted>\nThe user interrupted", "<subagent_notification>\n{}", "<codex_internal_context source=goal>",
     "<user_shell_command>ls</user_shell_command>", "<user_instructions>be brief</user_instructions>"],
)  # fmt: skip
def test_what_the_client_puts_in_is_no_prompt(text: str) -> None:
    assert read(codex_message(text)) == []


def test_stated_kinds_of_parts_decide_over_their_beginnings() -> None:
    assert read(codex_message("looks typed", kind="environments.environment_context")) == []
    assert one(read(codex_message("typed", kind="user.text")), Prompt).text == "typed"


def test_the_editors_context_is_left_out() -> None:
    text = "# Context from my IDE setup:\n\n## Active file: a.py\n\n## My request for Codex:\nfix it\n"
    assert one(read(codex_message(text)), Prompt).text == "fix it"


def test_developers_and_assistants_give_no_prompts() -> None:
    assert read(codex_message("be safe", "developer")) == []
    assert one(read(codex_message("Done.", "assistant")), AssistantText).text == "Done."


def test_a_second_prompt_within_a_turn_is_steering() -> None:
    turn = [codex_event("task_started"), codex_message("go"), codex_message("no, left")]
    after = [codex_event("task_complete"), codex_event("task_started"), codex_message("next")]
    assert [(p.text, p.origin) for p in only(read(*turn, *after), Prompt)] == [
        ("go", Origin.PERSON), ("no, left", Origin.QUEUED), ("next", Origin.PERSON),
    ]  # fmt: skip


def test_a_prompt_after_the_end_of_a_turn_is_no_steering() -> None:
    turn = [codex_event("task_started"), codex_message("go"), codex_event("task_complete")]
    assert [prompt.origin for prompt in only(read(*turn, codex_message("next")), Prompt)] == [Origin.PERSON] * 2
    broken_off = [*turn[:2], codex_event("turn_aborted", reason="interrupted")]
    assert [prompt.origin for prompt in only(read(*broken_off, codex_message("next")), Prompt)] == [Origin.PERSON] * 2


def test_without_stated_turns_every_prompt_stands_for_itself() -> None:
    origins = [prompt.origin for prompt in only(read(codex_message("go"), codex_message("and on")), Prompt)]
    assert origins == [Origin.PERSON, Origin.PERSON]


def test_an_image_alone_is_a_prompt() -> None:
    image = {"type": "input_image", "image_url": "data:"}
    assert one(read(codex_item("message", role="user", content=[image])), Prompt).text == "[image]"
    words = {"type": "input_text", "text": "this"}
    assert one(read(codex_item("message", role="user", content=[image, words])), Prompt).text == "this"


def test_exec_runs_are_headless_and_their_giver_unknown() -> None:
    events = read_all(CodexReader(), codex_meta(source="exec"), codex_message("go"))
    assert one(events, LaneInfo).headless is True
    assert one(events, Prompt).origin is Origin.UNKNOWN


def agent_message(kind: str, recipient: str | None) -> dict[str, object]:
    text = f"Message Type: {kind}\nTask name: /root/kid\nSender: /root\nPayload:\nfor {recipient}"
    part = {"type": "input_text", "text": text}
    return codex_item("agent_message", author="/root", recipient=recipient, content=[part])


@pytest.mark.parametrize(
    ("kind", "recipient", "is_prompt"),
    [
        ("NEW_TASK", "/root/kid", True), ("FOLLOWUP_TASK", "/root/kid", True), ("NEW_TASK", None, True),
        ("NEW_TASK", "/root/other", False), ("FINAL_ANSWER", "/root/kid", False),
    ],
)  # fmt: skip
def test_a_task_from_another_agent_is_a_prompt_and_its_report_is_none(
    kind: str, recipient: str | None, is_prompt: bool
) -> None:
    head = codex_meta(source={"subagent": {"thread_spawn": {"agent_path": "/root/kid", "parent_thread_id": "p"}}})
    origins = [p.origin for p in only(read_all(CodexReader(), head, agent_message(kind, recipient)), Prompt)]
    assert origins == ([Origin.AGENT] if is_prompt else [])


def test_words_after_an_agents_task_are_steering() -> None:
    events = read(codex_event("task_started"), agent_message("NEW_TASK", None), codex_message("and the tests"))
    assert [prompt.origin for prompt in only(events, Prompt)] == [Origin.AGENT, Origin.QUEUED]


def test_content_as_plain_text_is_a_prompt_too() -> None:
    assert one(read(codex_item("message", role="user", content="go")), Prompt).text == "go"
    assert read(codex_item("message", role="user", content="<environment_context>x")) == []


# -- calls and outputs ----------------------------------------------------------------------------------


def test_a_command_with_its_exit_code_time_and_body() -> None:
    events = answered("exec_command", {"cmd": "make test", "yield_time_ms": 1000}, ran("3 passed\n", wall=1.25))
    call, result = one(events, Call), one(events, Result)
    assert (call.call, call.tool_kind, call.summary) == ("call_1", ToolKind.SHELL, "make test")
    assert json.loads(call.args) == {"cmd": "make test", "yield_time_ms": 1000}
    assert (result.ok, result.exit_code, result.duration_s, result.text, result.size) == (
        True,
        0,
        1.25,
        "3 passed\n",
        9,
    )


def test_a_failed_command() -> None:
    result = one(answered("exec_command", {"cmd": "false"}, ran("", 3)), Result)
    assert (result.ok, result.exit_code) == (False, 3)


def test_a_commands_own_output_cannot_state_its_exit_code() -> None:
    result = one(answered("exec_command", {"cmd": "cat log"}, ran("Process exited with code 9\n")), Result)
    assert (result.ok, result.exit_code) == (True, 0)
    assert one(answered("mcp_thing", {}, "Process exited with code 9"), Result).exit_code is None


def test_a_killed_command_has_a_negative_code() -> None:
    assert one(answered("exec_command", {"cmd": "x"}, ran("", -1)), Result).exit_code == -1


def test_polling_belongs_to_the_command_that_it_polls() -> None:
    events = read(
        codex_call("exec_command", {"cmd": "make all"}, "call_1"),
        codex_output(ran("", session=17845), "call_1"),
        codex_call("write_stdin", {"session_id": 17845, "chars": ""}, "call_2"),
        codex_output(ran("late\n"), "call_2"),
        codex_call("write_stdin", {"session_id": 17845, "chars": "y\n"}, "call_3"),
        codex_call("write_stdin", {"session_id": 1}, "call_4"),
    )
    assert [call.continues for call in only(events, Call)] == [None, "call_1", None, "session 1"]
    running, ended = only(events, Result)
    assert (running.background, running.ok, running.exit_code) == (True, None, None)
    assert (ended.background, ended.ok) == (False, True)


def test_the_tools_own_line_adds_to_the_output_that_follows() -> None:
    item = {"type": "CommandExecution", "id": "call_1", "exit_code": 3, "duration": {"secs": 2, "nanos": 500_000_000}}
    result = one(answered("exec_command", {}, ran(""), codex_event("item_completed", item=item)), Result)
    assert (result.ok, result.exit_code, result.duration_s) == (False, 3, 2.5)


def test_older_builds_state_the_same_in_events() -> None:
    done = codex_event("exec_command_end", call_id="call_1", exit_code=0, duration={"secs": 1, "nanos": 0})
    assert one(answered("shell", {"command": ["ls"]}, "a.txt", done), Result).duration_s == 1.0
    failed = codex_event("mcp_tool_call_end", call_id="call_1", result={"Ok": {"isError": True}}, duration={"secs": 1})
    assert one(answered("x", {}, "no", failed), Result).ok is False
    broken = codex_event("mcp_tool_call_end", call_id="call_1", result={"Err": "gone"})
    assert one(answered("x", {}, "no", broken), Result).ok is False


@pytest.mark.parametrize(
    ("fields", "ok"),
    [
        ({"result": {"content": [], "isError": False}}, True), ({"result": {"content": [], "isError": True}}, False),
        ({"result": {"Ok": {"isError": False}}}, True), ({"result": {"content": []}, "status": "failed"}, False),
        ({"result": {"content": []}, "status": "completed"}, True), ({}, None),
    ],
)  # fmt: skip
def test_a_tool_servers_verdict(fields: dict[str, object], ok: bool | None) -> None:
    item = codex_event("item_completed", item={"type": "McpToolCall", "id": "call_1"} | fields)
    assert one(answered("depth", {}, "12 m", item), Result).ok is ok


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [({"secs": 2}, 2.0), ({"nanos": 500_000_000}, 0.5), ({"secs": -2}, None), ({}, None), ("2s", None)],
)
def test_durations(duration: object, seconds: float | None) -> None:
    done = codex_event("exec_command_end", call_id="call_1", exit_code=0, duration=duration)
    assert one(answered("mcp__x__y", {}, "x", done), Result).duration_s == seconds


def test_a_report_may_be_of_time_alone() -> None:
    result = one(answered("exec_command", {}, "Wall time: 1.5 seconds\nOutput:\nhello"), Result)
    assert (result.text, result.duration_s, result.ok) == ("hello", 1.5, None)


def test_an_output_that_only_looks_like_a_report_is_kept_whole() -> None:
    text = "a heading\nOutput:\nhello"
    assert one(answered("exec_command", {}, text), Result).text == text


@pytest.mark.parametrize(
    ("tool", "args", "limit"),
    [
        ("shell", {"command": ["ls"], "timeout_ms": 2500}, (2.5, True)), ("shell", {"command": ["ls"]}, (None, True)),
        ("shell", {"timeout_ms": -1}, (None, True)), ("exec_command", {"cmd": "ls", "yield_time_ms": 5}, (None, False)),
        ("update_plan", {"timeout_ms": 5}, (None, False)),
    ],
)  # fmt: skip
def test_time_limits(tool: str, args: dict[str, object], limit: tuple[float | None, bool]) -> None:
    call = one(read(codex_call(tool, args)), Call)
    assert (call.timeout_s, call.limited) == limit


def test_calls_without_a_call_id_are_told_by_their_own_or_their_place() -> None:
    named = codex_item("function_call", id="fc_1", name="x", arguments="{}")
    nameless = codex_item("function_call", name="x", arguments="{}")
    first, second = only(read(named, nameless), Call)
    assert first.call == "fc_1"
    assert second.call == f"@{second.offset}"


def test_outputs_of_2025_are_objects_written_as_text() -> None:
    output = json.dumps({"output": "a.txt\n", "metadata": {"exit_code": 1, "duration_seconds": 0.25}})
    result = one(answered("shell", {"command": ["bash", "-lc", "ls | grep x"]}, output), Result)
    assert (result.text, result.exit_code, result.ok, result.duration_s) == ("a.txt\n", 1, False, 0.25)


@pytest.mark.parametrize(
    "output", ["a", {"type": "input_text", "text": "a"}, [{"type": "input_text", "text": "a"}], {"content": "a"}]
)
def test_outputs_come_in_several_shapes(output: object) -> None:
    assert one(answered("view", {}, output), Result).text == "a"


def test_success_is_unknown_where_nothing_states_it() -> None:
    assert one(answered("mcp__sea__depth", {}, "12 m"), Result).ok is None
    assert one(answered("mcp__sea__depth", {}, {"content": "12 m", "success": True}), Result).ok is True


def test_a_tool_that_does_not_exist_failed() -> None:
    assert one(answered("update_plan", {}, "unsupported call: update_plan"), Result).ok is False


def test_a_refusal_by_a_person() -> None:
    events = answered("exec_command", {"cmd": "rm -rf x"}, "exec command rejected by user")
    assert (one(events, Result).denied, one(events, Result).ok) == (True, False)
    assert one(events, State).mark is Mark.DENIED


@pytest.mark.parametrize(
    "words", ["exec command rejected by user", "Wall time: 1 s\nOutput:user rejected MCP tool call", "done"]
)
def test_the_decision_about_a_call_is_read_from_its_result(words: str) -> None:
    line = {"type": "response_item", "payload": {"type": "function_call_output", "call_id": "c", "output": words}}
    assert [one.refused for one in decided(line)] == ["rejected" in words]


def test_an_aborted_call_neither_failed_nor_went_well() -> None:
    result = one(answered("exec_command", {}, "aborted by user after 3.2s"), Result)
    assert (result.interrupted, result.ok) == (True, None)


def test_shell_commands_are_named_as_a_person_would() -> None:
    assert one(read(codex_call("shell", {"command": ["bash", "-lc", "ls -la"]})), Call).summary == "ls -la"
    action = {"type": "exec", "command": ["git", "status"]}
    assert one(read(codex_item("local_shell_call", call_id="c", action=action)), Call).summary == "git status"


def test_a_tool_servers_namespace_is_a_part_of_its_tools_name() -> None:
    call = one(read(codex_call("depth", {}, namespace="mcp__sea__")), Call)
    assert (call.tool, call.tool_kind) == ("mcp__sea__depth", ToolKind.MCP)
    assert one(read(codex_call("spawn_agent", {}, namespace="multi_agent_v1")), Call).tool == "spawn_agent"


def test_arguments_that_are_no_json_are_kept_as_they_are() -> None:
    assert json.loads(one(read(codex_call("exec_command", "{broken")), Call).args) == "{broken"


def test_searches_and_images_stand_whole_in_one_line() -> None:
    search = codex_item("web_search_call", id="ws_1", status="completed", action={"type": "search", "query": "piers"})
    events = read(search, codex_event("web_search_end", call_id="ws_1", query="piers"))
    assert (one(events, Call).summary, one(events, Call).tool_kind) == ("piers", ToolKind.WEB)
    assert (one(events, Result).call, one(events, Result).ok) == ("ws_1", True)


@pytest.mark.parametrize(
    ("status", "ok"), [("completed", True), ("failed", False), ("incomplete", False), (None, None)]
)
def test_the_outcome_of_a_search(status: str | None, ok: bool | None) -> None:
    events = read(codex_item("web_search_call", status=status, action={"query": "piers"}))
    assert one(events, Result).ok is ok
    assert one(events, Result).call == one(events, Call).call == f"@{one(events, Call).offset}"
    image = read(codex_item("image_generation_call", id="ig", status=status, revised_prompt="a pier"))
    assert (one(image, Result).ok, one(image, Call).summary) == (ok, "a pier")


def test_a_tool_search_answers_with_tools() -> None:
    events = read(
        codex_item("tool_search_call", call_id="c", arguments={"query": "tides"}),
        codex_item("tool_search_output", call_id="c", tools=[{"name": "tide"}]),
    )
    assert one(events, Call).tool == "tool_search"
    assert "tide" in one(events, Result).text


def item_done(**item: object) -> object:
    return codex_event("item_completed", item=item)


@pytest.mark.parametrize(
    "between",
    [
        item_done(type="SubAgentActivity", id="call_1", kind="started", agent_thread_id="t-2"),
        item_done(type="CollabAgentToolCall", id="call_1", tool="spawn_agent", receiver_thread_ids=["t-2"]),
        codex_event("collab_agent_spawn_end", call_id="call_1", new_thread_id="t-2"),
        codex_event("sub_agent_activity", event_id="call_1", kind="started", agent_thread_id="t-2"),
        None,
    ],
)
def test_a_spawned_subagent_is_linked_to_its_call(between: object) -> None:
    output = '{"agent_id":"t-2","nickname":"Planck"}' if between is None else '{"task_name":"/root/kid"}'
    events = answered("spawn_agent", {"message": "map"}, output, *([between] if between else []))
    assert one(events, Call).tool_kind is ToolKind.AGENT
    assert one(events, Result).spawned == "t-2"


def test_a_command_that_prints_an_agents_id_spawned_nobody() -> None:
    assert one(answered("exec_command", {}, '{"agent_id":"t-2"}'), Result).spawned is None


def test_reasoning_is_its_summary_or_nothing() -> None:
    shown = codex_item("reasoning", summary=[{"type": "summary_text", "text": "hm"}], encrypted_content="gAAA")
    hidden = codex_item("reasoning", summary=[], encrypted_content="gAAA")
    assert [think.text for think in only(read(shown, hidden), Reasoning)] == ["hm", ""]


# -- patches ----------------------------------------------------------------------------------------------

PATCH = """*** Begin Patch
*** Add File: new.txt
+one
+two
*** Update File: old.txt
*** Move to: moved.txt
@@
-a
+b
+c
*** Delete File: gone.txt
*** End Patch
"""
EDITS = [
    ("/home/ada/harbor/new.txt", "create", 2, 0),
    ("/home/ada/harbor/old.txt", "move", None, None),
    ("/home/ada/harbor/moved.txt", "create", 2, 1),
    ("/home/ada/harbor/gone.txt", "delete", None, None),
]


def edits(events: list[Event]) -> list[tuple[str, str, int | None, int | None]]:
    return [(edit.path, edit.change, edit.added, edit.removed) for edit in only(events, Edit)]


def patched(output: str, *between: object) -> list[Event]:
    call = codex_item("custom_tool_call", call_id="call_1", name="apply_patch", input=PATCH)
    return read(call, *between, codex_item("custom_tool_call_output", call_id="call_1", output=output))


def test_a_patch_changes_the_files_that_it_names_once_it_was_applied() -> None:
    events = patched("Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nA new.txt\n")
    assert edits(events) == EDITS
    assert one(events, Call).summary == "/home/ada/harbor/new.txt"
    assert {edit.call for edit in only(events, Edit)} == {"call_1"}


def test_a_patch_that_did_not_apply_changes_nothing() -> None:
    events = patched("apply_patch verification failed: no such file")
    assert edits(events) == []
    assert one(events, Result).ok is False


def test_what_the_client_found_changed_counts_instead_of_the_patchs_own_words() -> None:
    diff = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n-a\n-d\n+b\n+c\n+e\n"
    changes = {
        "/h/new.txt": {"type": "add", "content": "one\ntwo\n"},
        "/h/old.txt": {"type": "update", "unified_diff": diff, "move_path": "/h/moved.txt"},
        "/h/same.txt": {"type": "update", "unified_diff": diff, "move_path": None},
        "/h/gone.txt": {"type": "delete", "content": "x\n"},
    }
    item = codex_event(
        "item_completed", item={"type": "FileChange", "id": "call_1", "changes": changes, "status": "completed"}
    )
    older = codex_event("patch_apply_end", call_id="call_1", changes=changes, success=True)
    expected = [
        ("/h/new.txt", "create", 2, 0), ("/h/old.txt", "move", None, None), ("/h/moved.txt", "create", 3, 2),
        ("/h/same.txt", "update", 3, 2), ("/h/gone.txt", "delete", 0, 1),
    ]  # fmt: skip
    for told in (item, older):
        assert edits(patched("Exit code: 0\nOutput:\nSuccess.", told)) == expected


def test_a_patch_inside_a_shell_command_is_a_patch() -> None:
    command = f"apply_patch <<'EOF'\n{PATCH}EOF"
    assert edits(answered("exec_command", {"cmd": command}, ran("Success.\n"))) == EDITS
    assert edits(answered("shell", {"command": ["bash", "-lc", command]}, ran("", 1))) == []


# -- plans ------------------------------------------------------------------------------------------------


def test_a_plan_is_told_whole() -> None:
    steps = [{"step": "map", "status": "completed"}, {"step": "build", "status": "in_progress"}]
    plan = one(read(codex_call("update_plan", {"plan": steps, "explanation": "on we go"})), Plan)
    assert plan.items == (PlanItem("map", "completed"), PlanItem("build", "in_progress"))
    assert plan.text == "on we go"


def test_a_plan_in_prose() -> None:
    assert one(read(codex_event("item_completed", item={"type": "Plan", "text": "# First"})), Plan).text == "# First"


# -- states, faults, limits -------------------------------------------------------------------------------


def test_turns_begin_end_and_break_off() -> None:
    events = read(
        codex_event("task_started"),
        codex_event("task_complete", duration_ms=5),
        codex_event("turn_aborted", reason="interrupted"),
    )
    assert [(state.mark, state.detail) for state in only(events, State)] == [
        (Mark.TURN_STARTED, ""), (Mark.TURN_ENDED, ""), (Mark.INTERRUPTED, "interrupted"),
    ]  # fmt: skip


def test_a_turn_that_ends_in_an_error() -> None:
    error = {"message": "Bad gateway", "codex_error_info": {"http_connection_failed": {"http_status_code": 502}}}
    fault = one(read(codex_event("task_complete", error=error)), ApiError)
    assert (fault.text, fault.status, fault.final) == ("Bad gateway", 502, True)
    assert one(read(codex_event("stream_error", message="reconnecting 1/5")), ApiError).final is False


def test_a_used_up_limit_stops_the_lane() -> None:
    event = codex_event("error", message="You've hit your usage limit.", codex_error_info="usage_limit_exceeded")
    assert one(read(event), Limit).reached


def limits(**limits: object) -> list[Limit]:
    return only(read(codex_count(None, rate_limits=limits, seconds=60)), Limit)


def test_limits_are_named_by_their_minutes_not_by_their_place() -> None:
    weekly = {"used_percent": 7.0, "window_minutes": 10080, "resets_at": 1785958530}
    limit = limits(limit_id="codex", plan_type="pro", primary=weekly, secondary=None)[0]
    assert (limit.name, limit.window_minutes, limit.used_percent, limit.resets_at, limit.plan, limit.reached) == (
        "codex", 10080, 7.0, 1785958530.0, "pro", False,
    )  # fmt: skip


def test_both_windows_are_told() -> None:
    found = limits(
        primary={"used_percent": 1, "window_minutes": 300, "resets_in_seconds": 90},
        secondary={"used_percent": 2, "window_minutes": 10080},
    )
    assert [(limit.window_minutes, limit.used_percent) for limit in found] == [(300, 1.0), (10080, 2.0)]
    assert found[0].resets_at == pytest.approx(found[0].at + 90)
    assert found[1].resets_at is None


def test_the_oldest_limits_are_flat() -> None:
    limit = limits(primary_used_percent=12.5, primary_window_minutes=299)[0]
    assert (limit.used_percent, limit.window_minutes) == (12.5, 299)


def test_a_limit_may_state_its_window_or_its_use_alone() -> None:
    assert [limit.used_percent for limit in limits(primary={"window_minutes": 300})] == [None]
    assert [limit.window_minutes for limit in limits(primary={"used_percent": 5})] == [None]
    assert limits(primary={"used_percent": -5}) == []


def test_a_limit_is_told_again_only_when_it_changed() -> None:
    def count(percent: float) -> object:
        return codex_count(None, rate_limits={"primary": {"used_percent": percent, "window_minutes": 300}})

    assert [limit.used_percent for limit in only(read(count(1), count(1), count(2)), Limit)] == [1.0, 2.0]


def test_a_limit_that_was_reached() -> None:
    full = {"used_percent": 100.0, "window_minutes": 300}
    free = {"used_percent": 40.0, "window_minutes": 10080}
    found = limits(primary=full, secondary=free, rate_limit_reached_type="rate_limit_reached")
    assert [limit.reached for limit in found] == [True, False]


def refused_after(*counts: object) -> Limit:
    error = {"message": "You\u2019ve hit your usage limit.", "codex_error_info": "usage_limit_exceeded"}
    done = codex_event("task_complete", last_agent_message=None, error=error)
    return [limit for limit in only(read(*counts, done), Limit) if limit.reached][-1]


def test_a_refusal_is_of_the_window_that_was_used_up_before() -> None:
    windows = {
        "primary": {"used_percent": 100.0, "window_minutes": 300, "resets_at": 1785800000},
        "secondary": {"used_percent": 61.0, "window_minutes": 10080, "resets_at": 1786000000},
    }
    limit = refused_after(codex_count(None, rate_limits=windows, limit_id="codex"))
    assert (limit.name, limit.window_minutes, limit.resets_at) == ("codex", 300, 1785800000.0)


def test_of_two_windows_that_are_used_up_the_later_reset_holds() -> None:
    windows = {
        "primary": {"used_percent": 100.0, "window_minutes": 300, "resets_at": 1785800000},
        "secondary": {"used_percent": 100.0, "window_minutes": 10080, "resets_at": 1786000000},
    }
    assert refused_after(codex_count(None, rate_limits=windows)).resets_at == 1786000000.0


def test_a_count_without_windows_and_one_of_another_family_clear_nothing() -> None:
    full = {"primary": {"used_percent": 100.0, "window_minutes": 300, "resets_at": 1785800000}}
    other = {"primary": {"used_percent": 7.0, "window_minutes": 300, "resets_at": 1785800000}}
    counts = (
        codex_count(None, rate_limits=full, limit_id="codex"),
        codex_count(None, limit_id="codex"),
        codex_count(None, rate_limits=other, limit_id="codex_bengalfox"),
    )
    limit = refused_after(*counts)
    assert (limit.name, limit.resets_at) == ("codex", 1785800000.0)


def test_of_a_refusal_without_windows_nothing_else_is_known() -> None:
    reset = {"primary": {"used_percent": 100.0, "window_minutes": 300, "resets_at": 1700000000}}
    for counts in ((), (codex_count(None, rate_limits=reset),)):
        limit = refused_after(*counts)
        assert (limit.name, limit.window_minutes, limit.resets_at) == (None, None, None)


# -- the lane -----------------------------------------------------------------------------------------------


def test_the_head_tells_the_lane() -> None:
    info = one(read_all(CodexReader(), codex_meta()), LaneInfo)
    assert (info.session, info.cwd, info.branch, info.version, info.headless) == (
        THREAD, "/home/ada/harbor", "main", "0.169.0", False,
    )  # fmt: skip


def test_a_new_place_and_a_new_name_are_told() -> None:
    moved = read(codex_turn(cwd="/home/ada/harbor"), codex_turn(cwd="/home/ada/pier"))
    assert one(moved, LaneInfo).cwd == "/home/ada/pier"
    named = one(read(codex_event("thread_name_updated", thread_name="Piers")), LaneInfo)
    assert (named.title, named.title_rank) == ("Piers", 30)


def test_settings_change_the_model_in_the_middle_of_a_thread() -> None:
    usage = {"input_tokens": 5, "output_tokens": 1}
    settings = codex_event("thread_settings_applied", thread_settings={"model": "gpt-6.1-sol"})
    events = read_all(CodexReader(), codex_meta(), codex_turn(), settings, codex_count(usage, usage))
    assert [event.model for event in events if event.kind == "usage"] == ["gpt-6.1-sol"]  # type: ignore[attr-defined]


def test_compaction() -> None:
    events = read(codex_event("context_compacted"), codex_line("compacted", {"message": "", "replacement_history": []}))
    assert one(events, Compact).after_tokens is None


# -- builds of 2025 -----------------------------------------------------------------------------------------


def test_bare_items_are_read() -> None:
    head = {"id": "5f0c", "timestamp": at(0), "instructions": None, "git": {"branch": "main"}}
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List the files"}]}
    call = {"type": "function_call", "name": "shell", "arguments": '{"command":["ls"]}', "call_id": "call_1"}
    output = {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": '{"output":"a\\n","metadata":{"exit_code":0}}',
    }
    events = read_all(CodexReader(), head, {"record_type": "state"}, message, call, output)
    info = one(events, LaneInfo)
    assert (info.session, info.branch) == ("5f0c", "main")
    assert [type(event) for event in events] == [LaneInfo, Prompt, Call, Result]
    assert one(events, Result).ok is True
    assert one(events, Prompt).at is None


# -- unknown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (codex_line("brand_new", {}), "brand_new"),
        (codex_event("brand_new"), "event_msg/brand_new"),
        (codex_item("brand_new"), "response_item/brand_new"),
        ({"type": "brand_new"}, "brand_new"),
        ({"payload": {}}, "?"),
        ({"type": {}, "payload": []}, "?"),
    ],
)
def test_unknown_lines_are_counted_by_type(record: object, kind: str) -> None:
    assert one(read(record), Unknown).type == kind


@pytest.mark.parametrize("kind", ["world_state", "retained_context", "realtime_item"])
def test_lines_without_meaning_are_not_unknown(kind: str) -> None:
    assert read(codex_line(kind, {"state": {}})) == []


def test_the_effort_is_told_once_for_each_change() -> None:
    turns = [codex_turn(effort="high"), codex_turn(effort="high"), codex_turn(effort="[cut]"), codex_turn(effort="low")]
    settings = {"collaboration_mode": {"settings": {"reasoning_effort": "medium"}}}
    found = only(read_all(CodexReader(), codex_meta(), *turns, codex_turn(**settings)), LaneInfo)
    assert [info.effort for info in found[1:]] == ["high", "low", "medium"]
