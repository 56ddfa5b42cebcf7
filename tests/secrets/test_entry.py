"""What a reader gives holds no secret: any kind, in any field, however it is written, wherever a text is cut."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agents.builders import (
    claude_attachment,
    claude_call,
    claude_line,
    claude_message,
    claude_queue,
    claude_result,
    claude_user,
    codex_call,
    codex_event,
    codex_exec,
    codex_item,
    codex_message,
    codex_meta,
    codex_output,
    codex_turn,
    ran,
    to_lines,
)
from tests.effort import examples
from tests.secrets.makers import MAKERS, plant, shows
from tui.agents.registry import make_reader
from tui.io.json_fields import parse
from tui.text.secrets.entry import clean_text
from tui.text.secrets.find import MASK

Record = dict[str, Any]
CLAUDE: dict[str, Callable[[str], list[Record]]] = {
    "prompt": lambda text: [claude_user(text)],
    "say": lambda text: [claude_message("m1", [{"type": "text", "text": text}])],
    "thought": lambda text: [claude_message("m1", [{"type": "thinking", "thinking": text, "signature": "s"}])],
    "command": lambda text: [claude_call("Bash", {"command": text, "description": text})],
    "written file": lambda text: [claude_call("Write", {"file_path": "/x/.env", "content": text})],
    "tool of a server": lambda text: [claude_call("mcp__db__query", {"sql": text, "options": {"note": [text]}})],
    "subagent": lambda text: [claude_call("Agent", {"description": text, "prompt": text, "subagent_type": "x"})],
    "plan item": lambda text: [claude_call("TodoWrite", {"todos": [{"content": text, "status": "pending"}]})],
    "result": lambda text: [claude_call("Bash", {"command": "x"}), claude_result(text)],
    "error": lambda text: [claude_call("Bash", {"command": "x"}), claude_result(text, is_error=True)],
    "queued prompt": lambda text: [claude_queue("enqueue", text), claude_attachment("queued_command", {"prompt": text})],
    "title": lambda text: [{"type": "custom-title", "customTitle": text, "sessionId": "s"}],
    "folder and branch": lambda text: [claude_user("x", cwd=f"/srv/{text}", gitBranch=text)],
    "hook": lambda text: [claude_line("system", subtype="stop_hook_summary", preventedContinuation=True, stopReason=text)],
}  # fmt: skip
CODEX: dict[str, Callable[[str], list[Record]]] = {
    "codex prompt": lambda text: [codex_message(text)],
    "codex say": lambda text: [codex_message(text, "assistant", kind="output_text")],
    "codex thought": lambda text: [codex_item("reasoning", summary=[{"type": "summary_text", "text": text}])],
    "codex command": lambda text: [codex_call("exec_command", {"cmd": text})],
    "codex arguments in arguments": lambda text: [codex_call("spawn_agent", {"message": json.dumps({"task": text})})],
    "codex command list": lambda text: [codex_call("shell", {"command": ["bash", "-lc", text]})],
    "codex result": lambda text: [codex_call("exec_command", {"cmd": "x"}), codex_output(ran(text, 1))],
    "codex plan": lambda text: [codex_call("update_plan", {"plan": [{"step": text, "status": "pending"}]})],
    "codex name": lambda text: [codex_event("thread_name_updated", thread_name=text)],
    "codex error": lambda text: [codex_event("error", message=text)],
}
FIELDS = {**CLAUDE, **CODEX}
BOUNDS = (48, 120, 160, 200, 300, 400, 2_000, 4_000, 6_000, 8_000, 16_000)
"""Characters at which a reader, the judge or the view cuts a text."""


def events_of(field: str, text: str, *, escaped: bool = False) -> list[object]:
    """What a reader makes of a text in a field. `escaped`: as JSON that knows ASCII alone."""
    records = FIELDS[field](text)
    agent = "codex" if field in CODEX else "claude"
    if agent == "codex":
        records = [codex_meta(), codex_turn(), *records]
    lines = [json.dumps(record, ensure_ascii=escaped).encode() for record in records]
    reader = make_reader(agent)
    return [event for line in to_lines(lines) for event in reader.read(line)]


def texts(value: object) -> Iterator[str]:
    """All texts of events."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from texts(getattr(value, each.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts(one)


@pytest.mark.parametrize("name", MAKERS)
def test_each_kind_is_masked_in_each_field(name):
    for seed, field in enumerate(FIELDS):
        planted = plant(name, seed)
        said = list(texts(events_of(field, f"before {planted.text} after")))
        assert any(MASK in text for text in said), (field, planted.text, said)
        assert shows("\n".join(said), planted.parts) is None, (field, planted.text)


@settings(max_examples=examples(300), deadline=None)
@given(
    name=st.sampled_from(sorted(MAKERS)),
    seed=st.integers(0, 10_000),
    field=st.sampled_from(sorted(FIELDS)),
    bound=st.sampled_from(BOUNDS),
    inside=st.floats(0, 1),
    escaped=st.booleans(),
)
def test_no_cut_shows_a_secret(name, seed, field, bound, inside, escaped):
    planted = plant(name, seed)
    before = "word " * 4000
    head = before[: max(0, bound - 1 - round(inside * len(planted.text)))].rsplit(" ", 1)[0] + " "
    for tail in ("", " " + "word " * 1500):
        said = "\n".join(texts(events_of(field, f"{head}{planted.text}{tail}", escaped=escaped)))
        assert shows(said, planted.parts) is None, (planted.text, said[-200:])


HIDING: dict[str, Callable[[str], object]] = {
    "in a line": lambda text: f"a\n{text}\nb",
    "quoted": lambda text: f'run "{text}" now',
    "json": lambda text: json.dumps({"cmd": text, "n": 1}),
    "json in json": lambda text: json.dumps({"a": json.dumps({"b": [text]})}),
    "json with spaces around": lambda text: "  " + json.dumps({"cmd": text}) + "\n",
    "json that is cut off": lambda text: json.dumps({"cmd": text, "rest": "x" * 9})[:-4],
    "escaped letters": lambda text: '{"cmd": "' + "".join(f"\\u{ord(char):04x}" for char in text) + '"}',
    "coloured": lambda text: f"{text[: len(text) * 2 // 3]}\x1b[1m{text[len(text) * 2 // 3 :]}",
    "split by the unseen": lambda text: f"{text[: len(text) * 2 // 3]}\u200b{text[len(text) * 2 // 3 :]}",
    "a deep value": lambda text: {"a": [{"b": [[{"c": text}]]}]},
    "a key": lambda text: {"a": {f"x {text} y": 1}},
}


@pytest.mark.parametrize("hiding", HIDING)
def test_no_secret_hides(hiding):
    for seed, name in enumerate(MAKERS):
        planted = plant(name, seed)
        for escaped in (True, False):
            line = json.dumps({"type": "user", "value": HIDING[hiding](planted.text)}, ensure_ascii=escaped).encode()
            made = parse(line)["value"]
            shown = json.dumps(made, ensure_ascii=False)
            for bare in (shown, shown.replace("\u200b", "")):
                assert shows(bare, planted.parts) is None, (name, planted.text, shown)


def test_a_key_or_an_option_names_a_secret():
    made = parse(
        json.dumps(
            {
                "password": "correct horse battery",
                "headers": {"X-Api-Key": "a1B2c3D4e5F6g7H8"},
                "command": ["deploy", "--token", "a1B2c3D4e5F6g7H8", "--verbose", "on"],
                "login": ["curl", "-u", "ada:Tr0ub4dor3xyz", "https://api.example.com"],
                "usage": {"input_tokens": 1234567, "cache": {"token_count": 12}},
            }
        ).encode()
    )
    assert "horse" not in str(made) and "a1B2c3D4" not in str(made) and "Tr0ub4dor" not in str(made)
    assert made["command"][3:] == ["--verbose", "on"]
    assert made["usage"] == {"input_tokens": 1234567, "cache": {"token_count": 12}}


def test_equal_secrets_get_equal_masks_and_twice_is_as_once():
    for seed, name in enumerate(MAKERS):
        once = clean_text(plant(name, seed).text)
        assert once == clean_text(plant(name, seed).text)
        assert clean_text(once) == once, name


@given(text=st.lists(st.sampled_from([*(plant(name, 1).text for name in MAKERS), " ", "\n", '"', "\\", "…", "x"]), max_size=5).map("".join))  # fmt: skip
@settings(max_examples=examples(150), deadline=None)
def test_masked_text_holds_nothing_more_to_mask(text):
    once = clean_text(text)
    assert clean_text(once) == once


HARMLESS = (
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904", "uuid 5f0c21aa-1111-4000-8000-0000000000ab",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "toolu_01A09q90qw90lq917835lq9 call_8fj3kd93jf93jd0s msg_0123abcDEF456 req_011CRabc123DEF",
    "integrity sha512-9NET910DNaIPngYnLLPeg+Ogzqsi9uM4mSboU5y6p8S5DzMTVEsJZrawi+BoDNUVBa2DhJqQYUFvMDfgU062LQ==",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "password=password123", "password: string", "api_key: <your-key>", "token=$TOKEN", "TOKEN=${GITHUB_TOKEN}",
    "sk-...", "OPENAI_API_KEY=sk-...", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "token = get_token()",
    "token = parts[index2]", "const key2 = self.config.key1", "secret: projects/1234/secrets/db",
    "signing-key: v2-2024", "max_tokens: 4096", "sort(key=lambda x1: x1.y2)", "primary_key=True", "docker run -p 8080:80 x",
    "git log --author-date-order", "PWD=/home/ada/x1", "password is required", "the key is to read it twice",
    "PASS: gas/i386/relax-3", "PASS: test_utf8_2b", "API_KEY=your-api-key-here", "PASSWORD=changeme", "src/a.py:5432:7: E501",
    "docker run -p 8080:80 -p 127.0.0.1:5432:5432 db", "password = get_password(name1)", "token: str = tokens[0]", "SOCKS5_AUTH = SOCKS5_NO_AUTH",
    "[two-factor authentication]: https://help.example.com/articles/two-factor-2fa/", "<<< $VALUE1", "mkdir -p build/v2",
    "postgres://user:password@localhost/db", "https://example.com/a?code=12", "<input type='password' name='p1'>",
)  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text):
    line = json.dumps({"type": "user", "text": f"see {text} there", "alone": text}).encode()
    assert parse(line) == {"type": "user", "text": f"see {text} there", "alone": text}


def test_a_sequence_that_is_opened_in_one_field_ends_with_it():
    records = [claude_call("X\x1b]0;hidden part ", {"command": "echo \x07done", "description": "\x9b31mred"})]
    lines = [json.dumps(record).encode() for record in records]
    reader = make_reader("claude")
    said = list(texts([event for line in to_lines(lines) for event in reader.read(line)]))
    assert not any(char in text for text in said for char in "\x1b\x9b\x9d"), said
    assert any("hidden part" in text for text in said)


def test_what_a_script_puts_together_is_masked():
    secret = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    script = f'const a = "ghp_" + "{secret}"; await tools.exec_command({{cmd: "echo " + a + " \\\\x1b]0;x"}});'
    lines = [json.dumps(record).encode() for record in (codex_meta(), codex_turn(), codex_exec(script))]
    reader = make_reader("codex")
    said = list(texts([event for line in to_lines(lines) for event in reader.read(line)]))
    assert any(MASK in text for text in said)
    assert not any(secret[:8] in text or "\x1b" in text for text in said), said
