"""The clipboard: that of the terminal, and in tmux its paste buffer as well."""

from __future__ import annotations

import os
import subprocess

from textual.app import App

from tui.text.safe_text import SafeText
from tui.text.styled_text import own

TMUX_S = 2
"""Seconds after which a tmux that does not answer is given up."""


def copy_text(app: App[object], text: SafeText) -> SafeText:
    """Copies a text. Returns where it went.

    By default tmux takes a program's text for the clipboard and drops it, so that it is handed to tmux itself, which
    keeps it as its newest buffer and passes it on to the terminal if that may be done. A terminal gives no answer:
    whether it took the text cannot be known.
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
