"""A one-line input that contains only safe text."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import shortened

MOST = 200
"""Maximum number of characters."""


class SafeInput(Input):
    """Cleans its value before it is shown: a pasted text may be as hostile as a transcript."""

    DEFAULT_CSS = """
    SafeInput { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    """

    def __init__(self, placeholder: SafeText, *, id: str | None = None) -> None:
        super().__init__(id=id, placeholder=placeholder, compact=True)
        self._hint = placeholder
        self.cursor_blink = False  # a person may leave the screen open all day, so nothing blinks

    def hint(self, text: SafeText) -> None:
        """Shows this text while nothing is typed."""
        self._hint = text
        self._fit_hint()

    def on_resize(self) -> None:
        """Fits the hint to the new width."""
        self._fit_hint()

    def _fit_hint(self) -> None:
        self.placeholder = shortened(self._hint, self.content_size.width)

    @property
    def text(self) -> SafeText:
        """The typed text, as safe text."""
        return safe_text(self.value, limit=MOST)

    @on(Input.Changed)
    def _clean(self, event: Input.Changed) -> None:
        if self.text != event.value:
            event.stop()
            self.value = self.text
