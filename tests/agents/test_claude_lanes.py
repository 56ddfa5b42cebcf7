"""Which lane a Claude line belongs to, and what is told of each lane."""

from __future__ import annotations

import pickle

from tests.agents.builders import (
    SESSION,
    claude_call,
    claude_line,
    claude_message,
    claude_progress,
    claude_queue,
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
from tui.model.event import AssistantText, Call, Event, LaneInfo, Origin, Prompt, Result, UsageReported

OTHER = "9e2d4f10-0000-4000-8000-000000000002"


def infos(*records: object) -> list[LaneInfo]:
    return only(read_all(ClaudeReader(), *records), LaneInfo)


def test_the_first_line_says_who_the_lane_is() -> None:
    info = one(infos(claude_user("go"), claude_message()), LaneInfo)
    assert (info.lane, info.session, info.cwd, info.branch, info.version) == (
        "", SESSION, "/home/ada/harbor", "main", "2.1.114",
    )  # fmt: skip
    assert info.parent_session is None
    assert info.agent_id is None


def test_facts_are_told_again_only_when_they_change() -> None:
    moved = infos(claude_user("go"), claude_message(), claude_user("on", cwd="/home/ada/pier"))[1:]
    assert [(info.cwd, info.session, info.branch) for info in moved] == [("/home/ada/pier", None, None)]


def test_facts_that_a_line_leaves_out_are_no_change() -> None:
    bare = claude_line("user", message={"role": "user", "content": "on"})
    del bare["gitBranch"], bare["cwd"]
    assert len(infos(claude_user("go"), bare, claude_user("again"))) == 1


def test_headless_runs_are_told_from_interactive_ones() -> None:
    assert one(infos(claude_user("go", entrypoint="sdk-cli")), LaneInfo).headless is True
    assert one(infos(claude_user("go", entrypoint="cli")), LaneInfo).headless is False
    assert one(infos(claude_user("go", entrypoint="something-new")), LaneInfo).headless is None


# -- subagents in files of their own ----------------------------------------------------------------


def test_a_subagents_file_is_its_own_lane_with_the_parents_session() -> None:
    events = read_all(
        ClaudeReader(),
        claude_user("Read the tests", agent="a1"),
        claude_message(agent="a1", attributionAgent="Explore"),
    )
    info = only(events, LaneInfo)[0]
    assert (info.lane, info.session, info.parent_session, info.agent_id) == ("", SESSION, SESSION, "a1")
    assert only(events, LaneInfo)[1].agent_type == "Explore"
    assert one(events, Prompt).origin is Origin.AGENT
    assert one(events, UsageReported).context_used == 1053
    assert {event.lane for event in events} == {""}


def test_a_subagents_report_of_its_tokens_is_its_context_not_its_spending() -> None:
    agent_file = [claude_message(f"msg_{n}", agent="a1") for n in range(12)]
    parent = [claude_call("Agent"), claude_result(told={"agentId": "a1", "totalTokens": 1153})]
    assert spent(read_all(ClaudeReader(), *agent_file)).total == 12 * 1153
    assert spent(read_all(ClaudeReader(), *parent)).total == 1153  # the parent's own call alone


# -- subagents in progress lines --------------------------------------------------------------------


def progress_of_one_agent() -> list[object]:
    spawn = {"description": "Map the harbor", "subagent_type": "Explore", "prompt": "Map it"}
    return [
        claude_call("Task", spawn, "toolu_9"),
        claude_progress(claude_user([{"type": "text", "text": "Map it"}]), call="toolu_9"),
        claude_progress(claude_call("Grep", {"pattern": "pier"}, "toolu_a"), call="toolu_9"),
        claude_progress(claude_result("3 matches", "toolu_a"), call="toolu_9"),
        claude_progress(claude_message("msg_sub", [{"type": "text", "text": "Three piers."}]), call="toolu_9"),
    ]


def test_a_subagent_in_progress_lines_is_an_embedded_lane() -> None:
    events = [event for event in read_all(ClaudeReader(), *progress_of_one_agent()) if event.lane == "a1"]
    info = one(events, LaneInfo)
    assert (info.agent_id, info.session, info.parent_session, info.parent_call) == ("a1", SESSION, SESSION, "toolu_9")
    assert (info.agent_type, info.title, info.title_rank) == ("Explore", "Map the harbor", 15)
    assert [type(event) for event in events] == [
        LaneInfo,
        Prompt,
        UsageReported,
        Call,
        Result,
        UsageReported,
        AssistantText,
    ]
    assert one(events, Prompt).origin is Origin.AGENT
    assert only(events, UsageReported)[0].context_used == 1053


def test_embedded_lanes_keep_their_tokens_apart_from_their_hosts() -> None:
    events = read_all(ClaudeReader(), *progress_of_one_agent())
    assert spent(events, "").total == 1153
    assert spent(events, "a1").total == 2 * 1153


def test_progress_and_the_agents_own_file_give_one_key() -> None:
    embedded = read_all(ClaudeReader(), claude_progress(claude_message("msg_sub")))
    own_file = read_all(ClaudeReader(), claude_message("msg_sub", agent="a1"))
    assert one(embedded, UsageReported).key == one(own_file, UsageReported).key


def test_progress_of_a_subagents_own_subagent_is_embedded_in_its_file() -> None:
    events = read_all(
        ClaudeReader(), claude_user("go", agent="a1"), claude_progress(claude_message("msg_deep"), agent="a2")
    )
    assert one(events, UsageReported).lane == "a2"


def test_other_progress_says_nothing() -> None:
    tick = claude_line("progress", data={"type": "bash_progress", "output": "50%"}, parentToolUseID="toolu_1")
    hook = claude_line("progress", data={"type": "hook_progress", "agentId": "a1"}, parentToolUseID="toolu_1")
    nameless = claude_line("progress", data={"type": "agent_progress", "message": claude_message()})
    assert read_all(ClaudeReader(), tick, hook, nameless) == []


# -- sidechain lines inside a main file -------------------------------------------------------------


def test_stray_sidechain_lines_keep_their_tokens_but_not_the_main_chains_context() -> None:
    stray_prompt = claude_user("Look around", isSidechain=True)
    stray = claude_message("msg_side", usage=claude_usage(cache_read=70_000), isSidechain=True)
    events = read_all(ClaudeReader(), claude_user("go"), claude_message(), stray_prompt, stray)
    aside = [event for event in events if event.lane == "sidechain"]
    assert one(aside, UsageReported).usage.cache_read == 70_000
    assert one(aside, UsageReported).context_used is None
    assert one(aside, Prompt).origin is Origin.AGENT
    assert one(aside, LaneInfo).parent_session == SESSION
    assert spent(events).cache_read == 71_000


def test_sidechain_lines_with_an_agent_id_in_a_main_file_are_that_agents_lane() -> None:
    events = read_all(ClaudeReader(), claude_user("go"), claude_message("msg_side", agent="a7"))
    assert one(events, UsageReported).lane == "a7"


# -- forks and resumed sessions ---------------------------------------------------------------------


def test_history_older_than_the_lines_before_it_was_copied_in() -> None:
    events = infos(
        claude_queue("enqueue", "go on", seconds=900),
        claude_queue("dequeue", seconds=900),
        claude_user("the first prompt", seconds=10),
        claude_message(seconds=12),
        claude_user("go on", seconds=901),
    )
    assert [info.forked for info in events] == [None, True]


def test_lines_a_moment_out_of_order_are_no_copy() -> None:
    events = infos(claude_queue("enqueue", "go", seconds=10.002), claude_user("go", seconds=10.0))
    assert [info.forked for info in events] == [None, None]


def test_a_file_that_goes_on_under_another_session_was_copied_from_the_first() -> None:
    info = infos(claude_user("go"), claude_user("go on", session=OTHER))[1]
    assert (info.session, info.parent_session, info.forked) == (OTHER, SESSION, True)


# -- titles -----------------------------------------------------------------------------------------


def titles(*records: object) -> list[tuple[str | None, int]]:
    return [(info.title, info.title_rank) for info in infos(*records) if info.title]


def test_titles_rank_by_who_gave_them() -> None:
    given = titles(
        {"type": "ai-title", "aiTitle": "Made", "sessionId": SESSION},
        {"type": "custom-title", "customTitle": "Given", "sessionId": SESSION},
        {"type": "agent-name", "agentName": "Named", "sessionId": SESSION},
    )
    assert given == [("Made", 30), ("Given", 40), ("Named", 40)]


def test_a_title_written_again_after_every_turn_is_told_once() -> None:
    line = {"type": "ai-title", "aiTitle": "Made", "sessionId": SESSION}
    assert titles(line, line, line) == [("Made", 30)]


def test_a_summary_names_the_session_that_holds_its_leaf() -> None:
    message = claude_message()
    own = {"type": "summary", "summary": "Piers mapped", "leafUuid": message["uuid"]}
    assert titles(message, own) == [("Piers mapped", 20)]


def test_summaries_of_other_sessions_at_a_files_head_name_nobody() -> None:
    other = {"type": "summary", "summary": "Something else", "leafUuid": "f29ff328"}
    assert titles(other, claude_user("go")) == []


def test_worktrees_and_moves_change_the_place() -> None:
    session = {"worktreePath": "/home/ada/wt", "worktreeBranch": "wt-1"}
    found = infos(
        {"type": "worktree-state", "worktreeSession": session},
        {"type": "worktree-state", "worktreeSession": {"worktreeBranch": "wt-2"}},
        {"type": "worktree-state", "worktreeSession": None},
        {"type": "relocated", "relocatedCwd": "/x"},
    )
    assert [(info.cwd, info.branch) for info in found] == [("/home/ada/wt", "wt-1"), (None, "wt-2"), ("/x", None)]


def test_the_client_names_a_pull_request_and_the_effort() -> None:
    url = "https://github.com/ada/harbor/pull/12"
    found = infos(
        {"type": "pr-link", "sessionId": SESSION, "prNumber": 12, "prUrl": url, "prRepository": "ada/harbor"},
        {"type": "pr-link", "sessionId": SESSION, "prUrl": None},
    )
    assert [info.pull for info in found] == [url]
    levels = ("high", "high", "two words", "low")
    stated = [claude_user("go") | {"thinkingMetadata": {"level": level, "disabled": False}} for level in levels]
    off = claude_user("go") | {"thinkingMetadata": {"level": "high", "disabled": True}}
    budget = claude_user("go") | {"thinkingMetadata": {"maxThinkingTokens": 31999}}
    assert [info.effort for info in infos(*stated, off, budget) if info.effort] == ["high", "low", "none"]


# -- state --------------------------------------------------------------------------------------------


def test_a_reader_crosses_process_borders_in_the_middle_of_a_file() -> None:
    records = [*progress_of_one_agent(), claude_user("on"), claude_message("msg_z"), claude_message("msg_z")]
    whole = read_all(ClaudeReader(), *records)
    reader = ClaudeReader()
    moved: list[Event] = []
    for line in to_lines(records):
        reader = pickle.loads(pickle.dumps(reader))
        moved += reader.read(line)
    assert moved == whole
