"""The input of the filter: completes words, and brings back earlier filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from tui.screen.widgets.safe_input import SafeInput
from tui.text.safe_text import SafeText


class FilterInput(SafeInput):
    """The up and down keys go through earlier filters; `complete` goes through the completions of the last word."""

    def __init__(
        self, placeholder: SafeText, complete: Callable[[str], Sequence[SafeText]], *, id: str | None = None
    ) -> None:
        """`complete` returns the completions of a text, the likeliest first."""
        super().__init__(placeholder, id=id)
        self._complete = complete
        self._offered: Sequence[SafeText] = ()
        self._at = 0
        self.history: tuple[str, ...] = ()
        """Earlier filters, the newest first."""
        self._back = 0
        """The place of the shown filter in history, from 1; 0: it is the typed one."""
        self._typed = ""

    @property
    def offered(self) -> tuple[SafeText, ...]:
        """The completions of the last word, as of the last `complete`; empty after something else was typed."""
        return tuple(self._offered) if self._offered and self.value == self._offered[self._at] else ()

    def complete(self) -> None:
        """Completes the last word. Called again, it takes the next of several completions."""
        if self.offered:
            self._at = (self._at + 1) % len(self._offered)
        else:
            self._offered, self._at = self._complete(self.value), 0
        if self._offered:
            self._put(self._offered[self._at])

    def on_key(self, event: events.Key) -> None:
        """Goes through earlier filters."""
        step = {"up": 1, "down": -1}.get(event.key)
        if step is None:
            return
        event.stop()
        event.prevent_default()
        if self._back == 0:
            self._typed = self.value
        earlier = [self._typed, *(one for one in self.history if one != self._typed)]
        self._back = max(0, min(len(earlier) - 1, self._back + step))
        self._put(earlier[self._back])

    def begin(self) -> None:
        """Starts again: history begins at the newest filter."""
        self._back, self._offered = 0, ()

    def _put(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)
