"""Proofs for a text: only what the model reads counts. The lines were written by real clients."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.agents.claude.transcript_probe import answered_since
from tui.agents.transcript_probe import Heard, size_of
from tui.control.texts import FROM
from tui.control.transcript_probe import BY_HOOK, BY_PROMPT, TextSearch, texts_in

WHOLE = f"{FROM}Look at Xyzzy."
BLOCKED = f"Command blocked by PreToolUse hook: {WHOLE}. Command: ls"


def user(content: object, **more: object) -> dict:
    return {"type": "user", "message": {"role": "user", "content": content}, **more}


def attachment(kind: str, **fields: object) -> dict:
    return {"type": "attachment", "attachment": {"type": kind, **fields}}


def queue(operation: str, **fields: object) -> dict:
    return {"type": "queue-operation", "operation": operation, **fields}


def item(kind: str, **fields: object) -> dict:
    return {"type": "response_item", "payload": {"type": kind, **fields}}


def result(content: object, *, is_error: bool) -> dict:
    return user([{"type": "tool_result", "tool_use_id": "t1", "content": content, "is_error": is_error}])


def message(role: str, text: str) -> dict:
    return item("message", role=role, content=[{"type": "input_text", "text": text}])


PASTED = f'\n\n<pasted_content id="228d">\n{WHOLE}\n</pasted_content>'
WOKEN = f"<system-reminder>\nStop hook blocking error from command: {WHOLE}\n</system-reminder>"
LINES = [
    ("claude", user(WHOLE), Heard.PROMPT),
    ("claude", user(PASTED), Heard.PROMPT),
    ("claude", user(WOKEN), Heard.PROMPT),
    ("claude", user(f"Stop hook feedback:\n{WHOLE}", isMeta=True), Heard.PROMPT),
    ("claude", user([{"type": "text", "text": WHOLE}]), Heard.PROMPT),
    ("claude", attachment("queued_command", prompt=WHOLE), Heard.PROMPT),
    ("claude", attachment("hook_additional_context", content=[WHOLE]), Heard.HOOK),
    ("claude", attachment("hook_blocking_error", blockingError={"blockingError": WHOLE}), Heard.HOOK),
    ("claude", result(WHOLE, is_error=True), Heard.DENIED),
    ("claude", queue("enqueue", content=WHOLE), Heard.QUEUED),
    ("claude", queue("popAll", content=WHOLE), Heard.UNQUEUED),
    ("codex", message("user", WHOLE), Heard.PROMPT),
    ("codex", message("user", f"<hook_prompt>{WHOLE}</hook_prompt>"), Heard.PROMPT),
    ("codex", message("developer", WHOLE), Heard.HOOK),
    ("codex", item("function_call_output", output=BLOCKED), Heard.DENIED),
    ("codex", item("custom_tool_call_output", output=[{"type": "input_text", "text": BLOCKED}]), Heard.DENIED),
]
NOT_READ = [
    ("claude", {"type": "assistant", "message": {"role": "assistant", "content": [{"type": "text", "text": WHOLE}]}}),
    ("claude", {"type": "assistant", "message": {"content": [{"type": "tool_use", "input": {"command": WHOLE}}]}}),
    ("claude", result(WHOLE, is_error=False)),
    ("claude", queue("remove", content=WHOLE)),
    ("claude", {"type": "last-prompt", "lastPrompt": WHOLE}),
    ("claude", {"type": "api-request-blob", "message": {"role": "user", "content": WHOLE}}),
    ("claude", attachment("hook_success", stdout=WHOLE)),
    ("codex", message("assistant", WHOLE)),
    ("codex", item("function_call", arguments=json.dumps({"cmd": WHOLE}))),
    ("codex", item("function_call_output", output=WHOLE)),
    ("codex", {"type": "event_msg", "payload": {"type": "item_completed", "item": {"content": WHOLE}}}),
]


@pytest.mark.parametrize(("agent", "line", "kind"), LINES)
def test_the_text_of_each_kind_of_line(agent, line, kind):
    assert [one for one, text in texts_in(agent, json.dumps(line).encode()) if "Xyzzy" in text] == [kind]


@pytest.mark.parametrize(("agent", "line"), NOT_READ)
def test_text_that_the_agent_itself_writes_proves_nothing(tmp_path, agent, line):
    search = TextSearch(written(tmp_path, line), agent, WHOLE, 0, BY_HOOK)
    assert not search.look()
    assert not search.is_queued


@given(st.sampled_from(["claude", "codex"]), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["user", "attachment", WHOLE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "message", "content", "attachment", "payload", "role", "text", "x"]), inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_no_line_raises_an_error(agent, value):
    assert isinstance(texts_in(agent, json.dumps(value).encode()), list)


def test_a_queued_text_is_found_only_after_it_left_the_queue(tmp_path):
    path = written(tmp_path, queue("enqueue", content=WHOLE))
    search = TextSearch(path, "claude", WHOLE, 0, BY_PROMPT)
    assert (search.look(), search.is_queued, search.was_dropped) == (False, True, False)
    written(tmp_path, queue("remove"), attachment("queued_command", prompt=WHOLE))
    assert (search.look(), search.is_queued, search.was_dropped) == (True, False, False)


def test_a_text_that_was_removed_from_the_queue_was_not_delivered(tmp_path):
    path = written(tmp_path, queue("enqueue", content=WHOLE), queue("popAll", content=f"mine\n{WHOLE}"))
    search = TextSearch(path, "claude", WHOLE, 0, BY_PROMPT)
    assert (search.look(), search.is_queued, search.was_dropped) == (False, False, True)


def test_only_the_whole_text_in_whole_lines_after_the_offset_counts(tmp_path):
    path = written(tmp_path, user(f"{FROM}e"), user(f"{FROM}explain"), user("e"))
    begun = size_of(path)
    search = TextSearch(path, "claude", f"{FROM}e", begun, BY_PROMPT)
    written(tmp_path, user(f"{FROM}explain"), user(f"{FROM}ends"))
    assert not search.look()
    with Path(path).open("a") as file:
        file.write(json.dumps(user(f"{FROM} e  \n")))
        file.flush()
        assert not search.look(), "the line has not ended"
        file.write("\n")
    assert search.look()


def test_invisible_characters_are_ignored_in_the_search(tmp_path):
    path = written(tmp_path, user(f"{FROM}see x"))
    assert TextSearch(path, "claude", f"{FROM}see \N{ZERO WIDTH SPACE}x", 0, BY_PROMPT).look()


def test_an_answer_to_a_later_request_is_distinguished_from_an_earlier_one(tmp_path):
    def says(number: str, second: int) -> dict:
        return {"type": "assistant", "timestamp": f"2026-11-30T00:00:{second:02d}Z", "message": {"id": number}}

    at = 1795996805.0  # 00:00:05
    path = written(tmp_path, says("m1", 1), says("m2", 4), says("m2", 6))
    assert not answered_since(path, 0, at), "m2 was asked for before"
    assert not answered_since(path, size_of(path), at), "also where its beginning lies before the order"
    written(tmp_path, user("x"), says("m3", 8))
    assert answered_since(path, 0, at)


def written(folder: Path, *lines: dict) -> str:
    path = folder / "lane.jsonl"
    with path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return str(path)
