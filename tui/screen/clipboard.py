"""Copies to the clipboard of the terminal and, in tmux, to its paste buffer as well."""

from __future__ import annotations

import os
import subprocess

from textual.app import App

from tui.text.safe_text import SafeText
from tui.text.styled_text import own

TMUX_S = 2
"""Seconds after which a tmux that does not answer is given up."""


def copy_text(app: App[object], text: SafeText) -> SafeText:
    """Copies a text. Returns the place in words. By default tmux drops a program's text for the clipboard.

    So the text is given to tmux itself, which keeps it as its newest buffer and passes it to the terminal if its
    settings allow this. Terminals do not answer, so it is unknown whether the terminal took the text.
    """
    if "TMUX" in os.environ and _to_tmux(text):
        return own("copied to tmux (prefix ] pastes it), which passes it on to the terminal")
    app.copy_to_clipboard(text)
    return own("sent to the clipboard of the terminal")


def _to_tmux(text: SafeText) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(errors="replace"), capture_output=True, timeout=TMUX_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
