"""No line can make a reader do anything but give events or refuse that line."""

from __future__ import annotations

import copy
import json
import math
import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agents.builders import (
    SESSION,
    Record,
    claude_api_error,
    claude_attachment,
    claude_call,
    claude_message,
    claude_progress,
    claude_queue,
    claude_result,
    claude_system,
    claude_usage,
    claude_user,
    codex_call,
    codex_count,
    codex_event,
    codex_item,
    codex_line,
    codex_message,
    codex_meta,
    codex_output,
    codex_record,
    codex_turn,
    codex_usage,
    encode,
    only,
    ran,
    thread_id,
)
from tests.effort import examples
from tui.agents import registry
from tui.agents.base import Reader
from tui.io.lines import BadLine, Line
from tui.model.event import Event, LaneInfo, UsageReported
from tui.model.usage import Usage

TASK = {"id": "1", "subject": "map", "status": "pending"}
CLAUDE: list[Record] = [
    claude_queue("enqueue", "go"),
    claude_user("go", origin={"kind": "human"}),
    claude_user("<command-name>/test</command-name><command-args>x</command-args>"),
    claude_message(usage=claude_usage(iterations=[claude_usage() | {"type": "advisor_message", "model": "m"}] * 2)),
    claude_call("Bash", {"command": "ls", "description": "x"}),
    claude_result("Exit code 1\nno", error=True, told={"stdout": "", "durationMs": 5, "backgroundTaskId": "b1"}),
    claude_call("Write", {"file_path": "a", "content": "x\n"}, "toolu_2"),
    claude_result("ok", "toolu_2", told={"type": "create", "filePath": "/a", "structuredPatch": [{"lines": ["+x"]}]}),
    claude_call("TaskCreate", {"subject": "map"}, "toolu_3"),
    claude_result("Task #1 created", "toolu_3", told={"task": TASK}),
    claude_call("TaskUpdate", {"taskId": "1", "status": "done"}, "toolu_4"),
    claude_result("ok", "toolu_4", told={"success": True}),
    claude_call("TodoWrite", {"todos": [{"content": "map", "status": "pending"}]}, "toolu_5"),
    claude_call("Agent", {"description": "x", "subagent_type": "y"}, "toolu_6"),
    claude_progress(claude_message("msg_sub"), call="toolu_6"),
    claude_result([{"type": "text", "text": "agentId: a1b2"}], "toolu_6", told={"agentId": "a1b2", "isAsync": True}),
    claude_user("aside", isSidechain=True),
    claude_message("msg_3", agent="a9"),
    claude_queue("remove"),
    claude_attachment("queued_command", {"prompt": [{"type": "text", "text": "go"}]}),
    claude_attachment("task_reminder", {"content": [TASK]}),
    claude_attachment("edited_text_file", {"filename": "a"}),
    claude_attachment("hook_stopped_continuation", {"message": "x"}),
    claude_system("compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 5, "postTokens": 1}),
    claude_system("microcompact_boundary", microcompactMetadata={"preTokens": 5, "tokensSaved": 1}),
    claude_system("api_error", error={"error": {"message": "x"}}, retryAttempt=1, maxRetries=2, retryInMs=5),
    claude_system("stop_hook_summary", preventedContinuation=True, stopReason="x"),
    claude_api_error("Claude AI usage limit reached|1757894400"),
    {"type": "api-request", "sessionId": SESSION, "params": {"model": "m"}, "timestamp": "2026-08-03T12:00:00Z"},
    {"type": "summary", "summary": "x", "leafUuid": "y"},
    {"type": "custom-title", "customTitle": "x", "sessionId": SESSION},
    {"type": "worktree-state", "worktreeSession": {"worktreePath": "/x", "worktreeBranch": "b"}},
    {"type": "relocated", "relocatedCwd": "/x"},
]
PARENT, CHILD = thread_id(0, 1), thread_id(600, 2)
CHANGES = {
    "/a": {"type": "update", "unified_diff": "@@\n+x\n", "move_path": "/b"},
    "/c": {"type": "add", "content": "x"},
}
CODEX: list[Record] = [
    codex_meta(CHILD, seconds=600, forked_from_id=PARENT, subagent_history_start_ordinal="9",
               source={"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "agent_path": "/root/kid"}}}),
    codex_meta(PARENT, seconds=600),
    codex_turn(thread_id(1, 3), seconds=600),
    codex_message("the parent's", seconds=600),
    codex_count(codex_usage(900, 100, 5), codex_usage(900, 100, 5), seconds=600),
    codex_event("task_started", turn_id=thread_id(601, 4), model_context_window=1000, seconds=601),
    codex_turn(thread_id(601, 4), seconds=601),
    codex_message("go", kind="user.text", seconds=601),
    codex_item("reasoning", summary=[{"type": "summary_text", "text": "x"}], seconds=601),
    codex_call("exec_command", {"cmd": "ls"}, seconds=601),
    codex_record(codex_usage(900, 100, 5), codex_usage(1800, 200, 10), thread=CHILD, seconds=602),
    codex_event("item_completed", item={"type": "CommandExecution", "id": "call_1", "exit_code": 1,
                                        "duration": {"secs": 1, "nanos": 5}}, seconds=602),
    codex_output(ran("x", session=7), seconds=602),
    codex_call("write_stdin", {"session_id": 7}, "call_2", seconds=602),
    codex_output(ran("x", 1), "call_2", seconds=602),
    codex_count(codex_usage(1800, 200, 10), codex_usage(900, 100, 5), limit_id="codex", seconds=602, rate_limits={
        "limit_name": "x", "plan_type": "pro", "rate_limit_reached_type": "x",
        "primary": {"used_percent": 100.0, "window_minutes": 300, "resets_in_seconds": 5}}),
    codex_count(codex_usage(2800, 200, 15), codex_usage(1000, 0, 5), limit_id="codex", seconds=603),
    codex_item("custom_tool_call", call_id="call_3", name="apply_patch",
               input="*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n", seconds=603),
    codex_event("item_completed", item={"type": "FileChange", "id": "call_3", "status": "completed",
                                        "changes": CHANGES}, seconds=603),
    codex_item("custom_tool_call_output", call_id="call_3", output="Success. Updated the following files", seconds=603),
    codex_call("update_plan", {"plan": [{"step": "x", "status": "pending"}]}, "call_4", seconds=603),
    codex_output({"content": [{"text": "Plan updated"}], "success": True}, "call_4", seconds=603),
    codex_item("local_shell_call", call_id="call_5", action={"command": ["ls"]}, seconds=603),
    codex_item("web_search_call", id="ws", status="completed", action={"query": "x"}, seconds=603),
    codex_item("tool_search_output", call_id="call_6", tools=[{"name": "x"}], seconds=603),
    codex_item("agent_message", author="/root", recipient="/root/kid", seconds=603,
               content=[{"type": "input_text", "text": "Message Type: NEW_TASK"}]),
    codex_event("mcp_tool_call_end", call_id="c", result={"Ok": {"isError": False}}, duration={"secs": 1}, seconds=603),
    codex_event("patch_apply_end", call_id="c", success=True, changes=CHANGES, seconds=603),
    codex_event("error", message="x", codex_error_info={"connection": {"http_status_code": 5}}, seconds=603),
    codex_event("thread_name_updated", thread_name="x", seconds=603),
    codex_event("thread_settings_applied", thread_id=CHILD, thread_settings={"model": "m"}, seconds=603),
    codex_line("compacted", {"message": ""}, seconds=603),
    codex_event("task_complete", error={"message": "x"}, seconds=604),
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
]  # fmt: skip
CORPORA = {"claude": CLAUDE, "codex": CODEX}

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(["msg_01A", "toolu_1", "call_1", "user", "assistant", "sidechain", "-1", "2026-08-03T12:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values within a value, itself included."""
    found = [path]
    if isinstance(value, dict):
        found += [deeper for key, inner in value.items() for deeper in places(inner, (*path, key))]
    elif isinstance(value, list):
        found += [deeper for index, inner in enumerate(value) for deeper in places(inner, (*path, index))]
    return found


def changed(record: Record, path: tuple[Any, ...], value: Any, *, drop: bool) -> Any:
    """The record with the value at the path replaced, or left out."""
    if not path:
        return value
    made = copy.deepcopy(record)
    inner: Any = made
    for step in path[:-1]:
        inner = inner[step]
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made


@st.composite
def damaged(draw: st.DrawFn, agent: str) -> list[bytes]:
    """A transcript with one to three of its values replaced by any others."""
    records: list[Any] = list(CORPORA[agent])
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(records) - 1))
        path = draw(st.sampled_from(places(records[index])))
        records[index] = changed(records[index], path, draw(junk), drop=draw(st.booleans()))
    return [encode(record) for record in records]


def assert_sound(event: Event) -> None:
    assert event.at is None or (isinstance(event.at, float) and math.isfinite(event.at))
    pickle.dumps(event)
    if isinstance(event, UsageReported):
        assert event.key
        for name in Usage.__slots__:
            value = getattr(event.usage, name)
            assert type(value) is int and value >= 0, (name, value)
        assert event.usage.reasoning <= event.usage.output
        assert event.context_used is None or event.context_used >= 0
    for name in event.__slots__:
        value = getattr(event, name)
        assert not isinstance(value, (dict, list)), (event, name)
    if isinstance(event, LaneInfo):
        texts = (event.session, event.parent_session, event.title, event.cwd, event.branch, event.version)
        assert all(value is None or isinstance(value, str) for value in texts)


def feed(reader: Reader, datas: list[bytes]) -> None:
    for number, data in enumerate(datas, 1):
        before = pickle.dumps(reader)
        try:
            events = reader.read(Line(number * 1000, number, data))
        except BadLine as refusal:
            assert str(refusal)
            assert pickle.dumps(reader) == before, "a refused line changed the reader"
            continue
        for event in events:
            assert_sound(event)


many = settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_every_agent_has_a_corpus() -> None:
    assert sorted(CORPORA) == sorted(agent.name for agent in registry.AGENTS)


@pytest.mark.parametrize("agent", sorted(CORPORA))
@many
@given(st.data())
def test_damaged_lines_are_events_or_refusals(agent: str, data: st.DataObject) -> None:
    feed(registry.make_reader(agent), data.draw(damaged(agent)))


@many
@given(st.sampled_from(sorted(CORPORA)), junk)
def test_any_json_is_events_or_a_refusal(agent: str, value: object) -> None:
    feed(registry.make_reader(agent), [encode(value)])
    registry.sniff(encode(value))


@pytest.mark.parametrize("agent", sorted(CORPORA))
def test_each_value_of_each_line_replaced_by_each_type(agent: str) -> None:
    values = [None, True, -5, 0, 3.5, 10**30, "", "x", [], [None], {}, {"x": None}, [[[]]]]
    for record in CORPORA[agent]:
        for path in places(record):
            for value in values:
                feed(registry.make_reader(agent), [encode(changed(record, path, value, drop=False))])


@pytest.mark.parametrize("agent", sorted(CORPORA))
def test_whole_corpora_are_read_without_a_refusal(agent: str) -> None:
    reader = registry.make_reader(agent)
    for number, record in enumerate(CORPORA[agent], 1):
        for event in reader.read(Line(number, number, encode(record))):
            assert_sound(event)


@pytest.mark.parametrize("agent", sorted(CORPORA))
def test_every_cut_of_every_line_is_refused(agent: str) -> None:
    reader = registry.make_reader(agent)
    for record in CORPORA[agent]:
        data = encode(record)
        for end in range(1, len(data), 7):
            with pytest.raises(BadLine):
                reader.read(Line(0, 1, data[:end]))


def test_hostile_text_stays_text() -> None:
    hostile = "\x1b]52;c;AAAA\x07 [@click=app.close]x[/] \u202e ../../etc/passwd $(rm -rf /)"
    for agent, record in (("claude", claude_user(hostile)), ("codex", codex_message(hostile))):
        events = registry.make_reader(agent).read(Line(0, 1, encode(record)))
        said = events[-1].text  # type: ignore[attr-defined]
        assert said == hostile.removeprefix("\x1b]52;c;AAAA\x07 "), "a whole escape sequence goes, all else stays"


def test_an_endless_transcript_keeps_a_reader_small() -> None:
    claude, codex = registry.make_reader("claude"), registry.make_reader("codex")
    codex.read(Line(0, 1, encode(codex_meta())))

    def work(first: int) -> None:
        for n in range(first, first + 1500):
            for record in (
                claude_message(f"msg_{n}", [], seconds=n % 3000), claude_call("Edit", {"file_path": f"/{n}"}, f"c{n}"),
                claude_queue("enqueue", f"text {n}"), claude_user(f"go {n}"),
            ):  # fmt: skip
                claude.read(Line(n, n, encode(record)))
            total = codex_usage(n * 10, 0, n)
            for record in (
                codex_call("exec_command", {"cmd": "x"}, f"c{n}"), codex_output(ran("x", session=n), f"c{n}"),
                codex_call("lost", {}, f"l{n}"), codex_count(total, codex_usage(10, 0, 1), limit_id=f"limit{n}"),
            ):  # fmt: skip
                codex.read(Line(n, n, encode(record)))

    work(0)
    sizes = [len(pickle.dumps(reader)) for reader in (claude, codex)]
    work(1500)
    again = [len(pickle.dumps(reader)) for reader in (claude, codex)]
    assert all(new < old * 1.1 for old, new in zip(sizes, again, strict=True)), (sizes, again)


def test_the_lines_of_these_tests_are_what_json_stringify_writes() -> None:
    assert json.loads(encode(CLAUDE[3])) == CLAUDE[3]
    assert only([], UsageReported) == []
