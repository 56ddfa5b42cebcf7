"""One line to type into, which holds safe text alone."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from tui.text.safe_text import SafeText, safe_text

MOST = 200
"""Characters that are kept."""


class SafeInput(Input):
    """What is pasted may be as hostile as a transcript: it is cleaned before anybody sees it."""

    DEFAULT_CSS = """
    SafeInput { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    """

    def __init__(self, placeholder: SafeText, *, id: str | None = None) -> None:
        super().__init__(id=id, placeholder=placeholder, compact=True)
        self.cursor_blink = False  # nothing moves on a screen that somebody keeps in the corner of the eye

    @property
    def text(self) -> SafeText:
        """What was typed."""
        return safe_text(self.value, limit=MOST)

    @on(Input.Changed)
    def _clean(self, event: Input.Changed) -> None:
        if self.text != event.value:
            event.stop()
            self.value = self.text
