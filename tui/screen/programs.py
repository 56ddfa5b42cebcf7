"""Programs of the user, such as a pager, on the terminal while the screen is suspended."""

from __future__ import annotations

import shlex
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager

from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own

_NOTE = own("A copy of what lanewatch shows: changes here are not used.")
_MARGIN = own("\n" * 6)
"""Editors obey settings in the first and last five lines of a file (`vim:`, `kak:`)."""
_LAST_PAGE = own("\f\n")
"""Emacs obeys settings only on the last page of a file."""


def argv_of(program: str | None, default: str) -> list[str]:
    """The words of a command line such as `$PAGER`; those of the default if it is empty.

    Raises:
        ValueError: a quote in it is not closed.
    """
    return shlex.split(program or "") or [default]


def in_margins(text: SafeText) -> SafeText:
    """The text between margins, so that no editor takes a line of the text for settings."""
    return joined(_NOTE, _MARGIN, text, _MARGIN, _LAST_PAGE)


def show_text(argv: list[str], text: SafeText) -> None:
    """Runs a program with a private file that contains the text in margins, and waits for its end.

    Raises:
        OSError: the program or the file cannot be used.
        ValueError: the program's name contains a NUL.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", prefix="lanewatch-", encoding="utf-8") as file:
        file.write(in_margins(text))
        file.flush()
        with interrupts_for_the_program():
            subprocess.run([*argv, file.name], check=False)


@contextmanager
def interrupts_for_the_program() -> Generator[None]:
    """Ignores Ctrl-C while the block runs, because it reaches this process too.

    It uses a handler, which the program, unlike with SIG_IGN, does not inherit.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
