"""Payloads in every visible place, on the real command, with every byte that it sends to the terminal recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.property.test_chain import stamp

pytestmark = pytest.mark.tmux

PAYLOADS = [
    "\x1b]0;PWNED\x07", "\x1b]2;PWNED\x1b\\", "\x1b]52;c;UFdORUQ=\x07", "\x9d52;c;UFdORUQ=\x9c", "\x9d0;PWNED\x9c",
    "\x1bP1000p%exit\x1b\\", "\x1b_PWNED\x1b\\", "\x1b^PWNED\x1b\\", "\x1bkPWNED\x1b\\", "\x1b[2J\x1b[H", "\x1b[99;99H",
    "\x1b[?1049l", "\x1b[?1000l", "\x9b2J", "\x07\x07\x07", "\x08\x08\x08", "\r\x0b\x0c", "\x00", "\x7f",
    "\u202egpj.exe", "\u200b\u2066\U000e0041", "[@click=app.quit]QUIT[/]", "[@click='app.quit()']x[/]", "[/nope]", "[link=file:///x]y[/link]",
    "[bold", "[x=1:", "$(touch PWNED)", "`touch PWNED`", "; touch PWNED", "#(touch PWNED)", "#{pane_title}", "%s%n",
]  # fmt: skip
FORBIDDEN = [
    b"]0;PWNED", b"]2;PWNED", b"]52;c;UFdORUQ", b"\x1bP1000p", b"\x1b_PWNED", b"\x1b^PWNED", b"\x1bkPWNED", b"\x9b2J",
    b"\xc2\x9b", b"\xc2\x9d", "\u202e".encode(), "\u200b".encode(), "\u2066".encode(), "\U000e0041".encode(),
]  # fmt: skip


def lines(session: str, payload: str) -> bytes:
    """A session in which every field that can be seen carries the payload."""
    common = {
        "sessionId": session, "cwd": f"/home/{payload}/dir", "gitBranch": payload, "version": payload,
        "isSidechain": False,
    }  # fmt: skip

    def call(second: int, name: str, args: dict[str, object], key: str) -> list[dict[str, object]]:
        use = {"type": "tool_use", "id": f"t{key}{payload}", "name": name, "input": args}
        usage = {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4}
        message = {
            "id": f"msg_{key}{session}",
            "role": "assistant",
            "model": f"m{payload}",
            "content": [use],
            "usage": usage,
        }
        result = {"type": "tool_result", "tool_use_id": use["id"], "content": payload, "is_error": True}
        said = {"type": "assistant", "timestamp": stamp(second), **common, "message": message}
        answer = {
            "type": "user",
            "timestamp": stamp(second + 1),
            **common,
            "message": {"role": "user", "content": [result]},
        }
        return [said, answer]

    todo = {"todos": [{"content": f"plan {payload}", "status": "in_progress", "activeForm": payload}]}
    made: list[dict[str, object]] = [
        {"type": "custom-title", "customTitle": f"title {payload}", "sessionId": session},
        {"type": "user", "timestamp": stamp(1), **common, "message": {"role": "user", "content": f"prompt {payload}"}},
        *call(2, f"Tool{payload}", {"command": payload}, "a"),
        *call(4, "Edit", {"file_path": f"/x/{payload}/y.go", "old_string": "a", "new_string": "b"}, "b"),
        *call(6, "TodoWrite", todo, "c"),
        {"type": f"kind {payload}", "timestamp": stamp(8), **common},
        *call(10, "Agent", {"description": payload, "prompt": payload, "subagent_type": payload}, "d")[:1],
        *call(12, f"Ask{payload}", {"question": payload, "command": payload}, "e")[:1],
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in made) + b'{"broken ' + b"\x1b]0;PWNED\x07\n"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    home = tmp_path / "projects"
    for number, payload in enumerate(PAYLOADS):
        session = f"{number:08d}-0000-4000-8000-000000000000"
        name = payload.replace("/", "_").replace("\x00", "_")
        folder = home / f"dir{number}{name}"
        folder.mkdir(parents=True)
        (folder / f"{session}.jsonl").write_bytes(lines(session, payload))
        agents = folder / session / "subagents"
        agents.mkdir(parents=True)
        (agents / f"agent-{number:08d}.jsonl").write_bytes(
            lines(session, payload).replace(
                b'"isSidechain": false', b'"isSidechain": true, "agentId": "' + f"{number:08d}".encode() + b'"'
            )
        )
        (agents / f"agent-{number:08d}.meta.json").write_text(
            json.dumps({"agentType": payload, "description": payload})
        )
    return home


def test_no_payload_reaches_the_terminal_or_runs_anything(tmux, hostile, tmp_path):
    pane = tmux("--since", "all", str(hostile), size=(200, 60))
    raw = tmp_path / "raw"
    pane.run("pipe-pane", "-O", f"cat >> {raw}")
    pane.shows(f"{len(PAYLOADS) * 2} lanes")
    pane.run("set-buffer", "-b", "mine", "untouched")
    title, window = pane.ask("#{pane_title}"), pane.ask("#{window_name}")
    windows = pane.run("list-windows")

    for step in range(len(PAYLOADS) * 2):
        pane.keys("j")
        if step % 8 == 0:
            pane.keys("Enter", "PageDown", "PageDown")
            pane.shows("esc back")
            leave(pane)
    for key, words in (("e", "explain ·"), ("x", "skips ·"), ("?", "keys and glyphs")):
        pane.keys(key)
        pane.shows(words)
        pane.keys("PageDown", "PageDown")
        leave(pane)
    pane.keys("C-p")
    pane.shows("Choose a theme")
    pane.keys("Escape")
    pane.until(lambda screen: "Choose a theme" not in screen, "the command line closed")
    for _ in range(3):
        pane.keys("s", "g", "y", "Y", "o")
    # A click on each visible row, where a payload that is markup would run its action.
    for row in range(4, 30):
        for column in (15, 40, 150):
            pane.run("send-keys", "-l", f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
    pane.keys("/")
    pane.shows("enter keep")
    pane.keys("-l", "[@click=app.quit]x[/]")
    pane.keys("Enter")
    pane.shows("enter detail")
    pane.keys("Escape")
    pane.until(lambda screen: "no lane matches" not in screen, "all lanes again")

    pane.until(lambda screen: f"{len(PAYLOADS) * 2} lanes" in screen, "the app alive at the end")
    assert pane.ask("#{pane_title}") == title
    assert pane.ask("#{window_name}") == window
    assert pane.run("list-windows") == windows
    # y and Y copy on purpose, what was made safe; nothing else may have touched the buffers.
    assert pane.run("show-buffer", "-b", "mine") == "untouched"
    for name in buffers(pane):
        assert "\x1b" not in pane.run("show-buffer", "-b", name)
    assert not list(tmp_path.rglob("PWNED"))
    stream = raw.read_bytes()
    assert len(stream) > 10_000
    for payload in FORBIDDEN:
        assert payload not in stream, payload
    pane.keys("q")
    assert pane.ended() == 0


def leave(pane) -> None:
    # An escape with a letter close behind it would be another key.
    pane.keys("Escape")
    pane.until(lambda screen: "esc back" not in screen and "STATE" in screen, "the table again")


def buffers(pane) -> list[str]:
    return [line.split(":")[0] for line in pane.run("list-buffers").splitlines()]
