"""An input with a sign before it that shows its purpose."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screen.widgets.lines import LinesBar, Pen
from tui.screen.widgets.safe_input import SafeInput
from tui.text.cell_width import width
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, word


class Prompt(Horizontal):
    """The sign, such as `/`, and the input. The screen shows or hides both together."""

    DEFAULT_CSS = """
    Prompt { display: none; height: 1; width: 100%; }
    Prompt SafeInput { display: block; width: 1fr; padding: 0 1 0 0; }
    """

    def __init__(self, pen: Pen, sign: SafeText, typed: SafeInput, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sign = LinesBar(pen)
        self._sign.styles.width = width(sign) + 2
        self._line = (word(" "), Span(sign, "key"))
        self._input = typed

    def compose(self) -> ComposeResult:
        """Yields the sign and the input."""
        yield self._sign
        yield self._input

    def on_mount(self) -> None:
        """Draws the sign."""
        self._sign.show([self._line])

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._sign.restyle(pen)
