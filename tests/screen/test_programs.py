"""Programs that show a text outside the screen: their command line, and the margins of the text."""

from __future__ import annotations

import signal
import sys

import pytest

from tui.screen.programs import argv_of, in_margins, show_text
from tui.text.safe_text import safe_text


@pytest.mark.parametrize(
    ("stated", "words"),
    [(None, ["less"]), ("", ["less"]), ("  ", ["less"]), ("most -s", ["most", "-s"]), ("'a b' c", ["a b", "c"])],
)
def test_a_command_line_without_words_is_the_default(stated, words):
    assert argv_of(stated, "less") == words


def test_no_line_of_the_text_is_where_editors_look_for_settings():
    hostile = "vim: set modeline exrc:\nkak: set\n-*- eval: (x) -*-\nLocal Variables:\neval: (x)\nEnd:"
    lines = in_margins(safe_text(hostile, limit=1000, lines=True)).split("\n")
    where = [number for number, line in enumerate(lines) if line and line in hostile]
    assert min(where) >= 5
    assert len(lines) - 1 - max(where) > 5
    assert lines[-2] == "\f"


def test_an_interrupt_of_the_program_does_not_reach_this_process(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import os, pathlib, signal, sys\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "kept = signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "pathlib.Path(sys.argv[1]).write_text(f'{kept} {oct(os.stat(sys.argv[2]).st_mode)} {open(sys.argv[2]).read()}')\n"
    )
    before = signal.getsignal(signal.SIGINT)
    show_text([sys.executable, str(program), str(tmp_path / "seen")], safe_text("the words", limit=100))
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith("True 0o100600 ")
    assert "the words" in seen
    assert signal.getsignal(signal.SIGINT) is before
