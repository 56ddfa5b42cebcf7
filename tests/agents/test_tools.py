"""What a tool is, what a call is named by, and how much text is carried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.agents.claude.tool_kinds import KINDS as CLAUDE
from tui.agents.codex.tool_kinds import KINDS as CODEX
from tui.agents.tools import (
    ARGS_BOUND,
    RESULT_BOUND,
    SUMMARY_BOUND,
    absolute,
    bounded,
    bounded_args,
    head_and_tail,
    kind_of,
    summary_of,
)
from tui.model.event import ToolKind


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        ("Bash", ToolKind.SHELL), ("bash", ToolKind.SHELL), ("Read", ToolKind.READ), ("Grep", ToolKind.SEARCH),
        ("MultiEdit", ToolKind.EDIT), ("WebFetch", ToolKind.WEB), ("TodoWrite", ToolKind.PLAN),
        ("Task", ToolKind.AGENT),
        ("AskUserQuestion", ToolKind.ASK), ("exec_command", ToolKind.SHELL), ("apply_patch", ToolKind.EDIT),
        ("update_plan", ToolKind.PLAN), ("spawn_agent", ToolKind.AGENT), ("request_user_input", ToolKind.ASK),
        ("mcp__linear__create_issue", ToolKind.MCP), ("Skill", ToolKind.OTHER), ("", ToolKind.OTHER),
    ],
)  # fmt: skip
def test_kinds(tool: str, kind: ToolKind) -> None:
    assert kind_of(tool, {**CLAUDE, **CODEX}) is kind


@pytest.mark.parametrize(
    ("args", "summary"),
    [
        ({"description": "Run tests", "command": "make test"}, "make test"),
        ({"path": "/src", "pattern": "TODO"}, "TODO"),
        ({"file_path": "/a", "old_string": "x"}, "/a"),
        ({"command": ["bash", "-lc", "ls | wc"]}, "ls | wc"),
        ({"command": ["git", "status"]}, "git status"),
        ({"questions": [{"question": "Which pier?"}]}, "Which pier?"),
        ({"command": 5, "query": "tides"}, "tides"),
        ({"other": "x"}, ""),
        ({}, ""),
    ],
)
def test_a_call_is_named_by_its_telling_argument(args: dict[str, object], summary: str) -> None:
    assert summary_of(args) == summary


def test_a_summary_is_short() -> None:
    assert len(summary_of({"command": "x" * 9999})) == SUMMARY_BOUND


@given(st.text(max_size=200), st.integers(1, 100))
def test_bounded_texts_keep_their_beginning(text: str, bound: int) -> None:
    kept = bounded(text, bound)
    assert kept[:bound] == text[:bound]
    assert (kept == text) == (len(text) <= bound)


@given(st.text(max_size=400), st.integers(3, 120))
def test_results_keep_both_ends(text: str, bound: int) -> None:
    kept = head_and_tail(text, bound)
    assert kept.startswith(text[: bound - bound // 3])
    assert kept.endswith(text[-(bound // 3) :])
    assert (kept == text) == (len(text) <= bound)


def test_a_huge_result_is_carried_small() -> None:
    assert len(head_and_tail("x" * 50_000_000)) < RESULT_BOUND + 100


def test_long_arguments_that_begin_alike_stay_different() -> None:
    one, other = ("x" * ARGS_BOUND + end for end in ("1", "2"))
    assert bounded_args(one) != bounded_args(other)
    assert bounded_args(one) == bounded_args("x" * ARGS_BOUND + "1")
    assert bounded_args("short") == "short"


@pytest.mark.parametrize(
    ("path", "cwd", "whole"),
    [
        ("a.py", "/h", "/h/a.py"), ("../b/a.py", "/h/x", "/h/b/a.py"), ("/a.py", "/h", "/a.py"), ("a.py", None, "a.py"),
        ("~/a.py", "/h", "~/a.py"), ("C:\\a.py", "/h", "C:\\a.py"), ("\\\\host\\a", "/h", "\\\\host\\a"),
    ],
)  # fmt: skip
def test_paths(path: str, cwd: str | None, whole: str) -> None:
    assert absolute(path, cwd) == whole


@pytest.mark.parametrize("secret", ["ghp_" + "a1B2c3D4e5" * 4, "sk-ant-api03-" + "x" * 90])
@pytest.mark.parametrize("before", [260, 290, 299])
def test_a_summary_holds_no_half_of_a_word(secret, before):
    from tui.agents.tools import SUMMARY_BOUND, summary_of

    summary = summary_of({"command": "go test " + "y" * (before - 9) + " " + secret + " ./..."})
    assert len(summary) <= SUMMARY_BOUND
    assert summary.rstrip().endswith("y") or secret in summary
