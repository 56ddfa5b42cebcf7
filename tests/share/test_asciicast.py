"""A recording that any player reads: times go forward, only our codes are in it, and what it draws is the last frame."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.text.safe_text import safe_text
from tui.view.asciicast import Cast

STYLE = r"\x1b\[[0-9;:]*m"
OURS = re.compile(rf"{STYLE}|\x1b\[\d+;1H|\x1b\[K|\x1b\[2J|\x1b\[\?(?:7|25)[lh]")
MOVE = re.compile(r"\x1b\[(\d+);1H")


def parsed(text: str) -> tuple[dict[str, object], list[tuple[float, str]]]:
    """The recording, checked line by line as a player would read it."""
    head, *lines = text.splitlines()
    header = json.loads(head)
    assert header["version"] == 2
    assert type(header["width"]) is int and type(header["height"]) is int
    events: list[tuple[float, str]] = []
    for line in lines:
        at, kind, data = json.loads(line)
        assert kind == "o" and isinstance(data, str)
        assert at >= (events[-1][0] if events else 0.0)
        left = OURS.sub("", data)
        assert left.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f]", left), left
        events.append((at, data))
    return header, events


def drawn(events: list[tuple[float, str]], height: int) -> list[str]:
    """The screen after all events."""
    rows = [""] * height
    for _, data in events:
        if "\x1b[2J" in data:
            rows = [""] * height
        _, *moves = MOVE.split(data)
        for number, text in zip(moves[::2], moves[1::2], strict=True):
            rows[int(number) - 1] = text.partition("\x1b[0m\x1b[K")[0]
    return rows


def test_a_recording_of_three_frames():
    cast = Cast(20, 3, "a loop")
    text = cast.head + cast.frame(100.0, ["one", "\x1b[31mtwo\x1b[39m"]) + cast.frame(100.0404, ["one", "2", "3"])
    text += cast.frame(101.0, ["one", "2", "3"]) + cast.end(102.5)
    header, events = parsed(text)
    assert header == {"version": 2, "width": 20, "height": 3, "title": "a loop", "env": {"TERM": "xterm-256color"}}
    assert [at for at, _ in events] == [0.0, 0.04, 2.5]
    assert "one" in events[0][1] and "\x1b[31mtwo" in events[0][1]
    assert events[1][1] == "\x1b[2;1H2\x1b[0m\x1b[K\x1b[3;1H3\x1b[0m\x1b[K"
    assert events[2][1] == "\x1b[0m\x1b[?25h\x1b[?7h"


def test_what_nobody_changed_is_not_written():
    cast = Cast(20, 3, "x")
    assert cast.frame(0, ["a"]) != ""
    assert cast.frame(1, ["a", ""]) == ""
    assert cast.frame(2, []) == '[2, "o", "\\u001b[1;1H\\u001b[0m\\u001b[K"]\n'


def test_lines_beyond_the_screen_are_left_out():
    cast = Cast(20, 2, "x")
    cast.frame(0, ["a", "b", "c"])
    assert cast.frame(1, ["a", "b", "d"]) == ""


@pytest.mark.parametrize(
    "bad", ["\x1b]0;owned\x07", "\x1b[2J", "\x9b2J", "\x1b[5;5H", "\x1bc", "a\nb", "\r", "\x08", "\x1b[31"]
)
def test_no_code_of_a_text_is_played(bad):
    cast = Cast(20, 2, bad)
    header, events = parsed(cast.head + cast.frame(0, [f"x{bad}y"]))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", str(header["title"]))
    assert "owned" not in events[0][1]
    assert events[0][1].count("\x1b[2J") == 1 and "\x1b[5;5H" not in events[0][1]


def test_time_goes_forward():
    cast = Cast(20, 2, "x")
    cast.frame(5.0, ["a"])
    with pytest.raises(ValueError, match=r"after one of 5\.0"):
        cast.frame(4.9, ["b"])
    with pytest.raises(ValueError, match="no time"):
        cast.frame(float("nan"), ["b"])
    with pytest.raises(ValueError, match="0x2"):
        Cast(0, 2, "x")


line = st.lists(
    st.sampled_from(["a", "lane", "\x1b[1m", "\x1b[38;5;9m", "\x1b[0m", "…", "\x1b[2J", "\x07", "ä", "\U0001f600", " "])
    | st.characters(),
    max_size=8,
).map("".join)


@given(frames=st.lists(st.tuples(st.floats(0, 10), st.lists(line, max_size=5)), min_size=1, max_size=6))
@settings(max_examples=examples(200))
def test_what_is_played_is_the_last_frame(frames):
    cast = Cast(40, 4, "x")
    now, text = 0.0, cast.head
    for after, lines in frames:
        now += after
        text += cast.frame(now, lines)
    _, events = parsed(text)
    shown = [re.sub(STYLE, "", row) for row in drawn(events, 4)]
    last = [*frames[-1][1], "", "", "", ""][:4]
    assert shown == ["".join(safe_text(part, limit=999) for part in re.split(STYLE, row)) for row in last]
