"""Colours of what commands print: on a terminal alone, in the terminal's own sixteen colours."""

from __future__ import annotations

import io

from tests.conversation.samples import every_kind
from tui.cli.ansi import Painter, code_of
from tui.config.theme import Look
from tui.view.conversation import block_lines


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def painted(output, env) -> str:
    painter = Painter.for_output(output, env)
    return "\n".join(painter.text(line) for block in every_kind() for line in block_lines(block, 100))


def test_a_pipe_and_no_color_and_a_dumb_terminal_get_plain_text():
    plain = painted(io.StringIO(), {"TERM": "xterm"})
    assert "\x1b" not in plain
    assert painted(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}) == plain
    assert painted(Terminal(), {"TERM": "dumb"}) == plain


def test_a_terminal_gets_the_same_text_in_colours():
    import re

    coloured = painted(Terminal(), {"TERM": "xterm"})
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == painted(io.StringIO(), {})
    assert coloured.count("\x1b[0m") > 10


def test_looks_become_parameters():
    assert code_of(Look("red", None, frozenset({"bold"}))) == "1;31"
    assert code_of(Look("bright_blue", "black")) == "94;40"
    assert code_of(Look("default", None)) == ""
