"""Screens as real clients drew them: whether there is an input line, and whether it is empty."""

# ruff: noqa: RUF001  (the signs are those of the clients)

from __future__ import annotations

import pytest

from tui.control.routes.tmux.input_line import InputLine, prompt_row

EDGE = "\x1b[38;5;244m──────────"
HINT = "\x1b[38;5;246m❯\N{NO-BREAK SPACE}\x1b[7m\x1b[39mP\x1b[0;2m\x1b[39m\x1b[49mress up to edit queued messages"
CLAUDE_ASKS = [
    "\x1b[39m Do you want to proceed?",
    " \x1b[38;5;153m❯\x1b[39m \x1b[38;5;246m1. \x1b[38;5;153mYes",
    "\x1b[39m   \x1b[38;5;246m2. \x1b[39mNo",
]
CODEX_ASKS = [
    "  $ echo step 1",
    "",
    "\x1b[1;7m› 1. Yes, proceed (y)",
    "\x1b[0m\x1b[39m\x1b[49m  2. No, and tell Codex what to do differently (\x1b[1mesc\x1b[0m)",
    "",
    "  \x1b[2mPress \x1b[0;1m\x1b[39m\x1b[49menter\x1b[0;2m\x1b[39m\x1b[49m to confirm",
    "",
]
SCREENS = [
    ("Claude, empty", 2, 1, [EDGE, "\x1b[39m❯\N{NO-BREAK SPACE}\x1b[7m \x1b[0m\x1b[39m", EDGE], InputLine.EMPTY),
    ("Claude, its own words", 2, 1, [EDGE, HINT, "\x1b[0m" + EDGE], InputLine.EMPTY),
    ("Claude, a draft", 13, 1, [EDGE, "\x1b[39m❯\N{NO-BREAK SPACE}hello draft\x1b[7m", EDGE], InputLine.DRAFT),
    ("Claude, cursor before it", 2, 1, [EDGE, "\x1b[39m❯\N{NO-BREAK SPACE}\x1b[7mh\x1b[0mello", EDGE], InputLine.DRAFT),
    ("Claude, one letter", 2, 1, [EDGE, "\x1b[39m❯\N{NO-BREAK SPACE}\x1b[7mh\x1b[0m", EDGE], InputLine.DRAFT),
    ("Claude, two lines", 2, 1, [EDGE, "❯\N{NO-BREAK SPACE}\x1b[7m \x1b[0m", "  b line", EDGE], InputLine.DRAFT),
    ("Claude, in the second", 8, 2, [EDGE, "❯\N{NO-BREAK SPACE}a", "  b line", EDGE], InputLine.DRAFT),
    ("Claude, a shell", 2, 1, [EDGE, "!\N{NO-BREAK SPACE}\x1b[7m \x1b[0m", EDGE], InputLine.SHELL),
    ("Claude, a permission", 1, 1, CLAUDE_ASKS, InputLine.NONE),
    ("Claude, a question", 0, 2, ["Which way?", "", "\x1b[38;5;153m❯\x1b[39m 1. Left", "  2. Right"], InputLine.NONE),
    ("Claude, an answer", 13, 0, ["❯ 3. I rather", "  4. Chat"], InputLine.NONE),
    ("Codex, its own words", 2, 0, ["\x1b[1m›\x1b[0m \x1b[2mAsk Codex to do anything", "\x1b[0m"], InputLine.EMPTY),
    ("Codex, cursor before it", 2, 0, ["\x1b[1m›\x1b[0m hello draft", "", "  gpt"], InputLine.DRAFT),
    ("Codex, a shell", 2, 0, ["\x1b[1m\x1b[38;5;9m!\x1b[0m", "", "  gpt"], InputLine.SHELL),
    ("Codex, an approval", 120, 6, CODEX_ASKS, InputLine.NONE),
    ("dim from the row above", 2, 1, ["\x1b[2mdim", "› hello draft", ""], InputLine.EMPTY),
    ("a colour is no style", 2, 0, ["›\x1b[38;5;2m hello", ""], InputLine.DRAFT),
    ("a shell's prompt", 2, 0, ["$ ", ""], InputLine.NONE),
    ("no such row", 5, 9, ["a"], InputLine.NONE),
]


@pytest.mark.parametrize(("what", "x", "y", "rows", "kind"), SCREENS)
def test_the_state_of_the_input_line(what, x, y, rows, kind):
    assert prompt_row(x, y, "\n".join(rows)).kind is kind, what
