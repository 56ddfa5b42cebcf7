"""Which agent wrote a line, told by its content alone."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    SESSION,
    at,
    claude_attachment,
    claude_message,
    claude_progress,
    claude_queue,
    claude_system,
    claude_user,
    codex_call,
    codex_count,
    codex_meta,
    codex_record,
    codex_turn,
    codex_usage,
    encode,
)
from tui.agents import registry
from tui.agents.claude.reader import ClaudeReader
from tui.agents.codex.reader import CodexReader

CLAUDE = [
    claude_user("go"),
    claude_message(),
    claude_system("turn_duration"),
    claude_progress(claude_message()),
    claude_attachment("date"),
    claude_queue("enqueue", "go"),
    {"type": "summary", "summary": "x", "leafUuid": "1"},
    {"type": "file-history-snapshot", "messageId": "1", "snapshot": {}},
    {"type": "mode", "mode": "normal", "sessionId": SESSION},
    {"type": "ai-title", "aiTitle": "x", "sessionId": SESSION},
    {"type": "api-request", "sessionId": SESSION, "id": "1"},
]
CODEX = [
    codex_meta(),
    codex_turn(),
    codex_call("exec_command"),
    codex_count(codex_usage(1)),
    codex_record(codex_usage(1), None),
    {"timestamp": at(0), "type": "world_state", "payload": {"state": {}}},
    {"id": "5f0c", "timestamp": at(0), "instructions": None},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
    {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "c"},
]
OTHERS = [
    # Claude-like lines of another agent: parts instead of content
    {"uuid": "1", "sessionId": SESSION, "type": "user", "message": {"role": "user", "parts": [{"text": "go"}]}},
    {"uuid": "1", "sessionId": SESSION, "type": "system", "subtype": "rewind", "systemPayload": {}},
    {"uuid": "1", "sessionId": SESSION, "type": "system", "message": {"role": "system", "parts": []}},
    {"sessionId": SESSION, "type": "system"},
    {"type": "session", "version": 3, "id": "1", "cwd": "/x"},
    {"type": "message", "id": "1", "parentId": None, "message": {"role": "user", "content": "go"}},
    {"type": "message", "role": "user", "id": "1", "text": "go"},
    {"type": "session.start", "data": {"sessionId": "1"}, "id": "1"},
    {"sessionId": "1", "projectHash": "2", "startTime": at(0), "kind": "main"},
    {"type": "started", "key": "v2:1", "agentId": "a1"},
    {"id": "1", "git": {}},
    {"id": "1", "timestamp": at(0), "git": {}, "payload": []},
    {"id": "1", "timestamp": at(0)},
    {"hello": "world"},
    [1, 2],
    5,
]


@pytest.mark.parametrize("record", CLAUDE)
def test_claude_lines_are_known(record: object) -> None:
    assert registry.sniff(encode(record)) == "claude"


@pytest.mark.parametrize("record", CODEX)
def test_codex_lines_are_known(record: object) -> None:
    assert registry.sniff(encode(record)) == "codex"


@pytest.mark.parametrize("record", OTHERS)
def test_lines_of_others_are_left_to_others(record: object) -> None:
    assert registry.sniff(encode(record)) is None


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"plain text", b"null"])
def test_what_is_no_line_is_nobodys(data: bytes) -> None:
    assert registry.sniff(data) is None


def test_readers_are_made_by_name() -> None:
    assert isinstance(registry.make_reader("claude"), ClaudeReader)
    assert isinstance(registry.make_reader("codex"), CodexReader)
    assert {registry.make_reader(agent.name).agent for agent in registry.AGENTS} >= {"claude", "codex"}
    with pytest.raises(KeyError):
        registry.make_reader("nobody")


def test_each_reader_is_new() -> None:
    assert registry.make_reader("claude") is not registry.make_reader("claude")
