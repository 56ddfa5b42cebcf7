"""The model's turns. Calls of one message are made together, before any of their outcomes is known."""

from __future__ import annotations

from tui.model.event import Call


class Turns:
    """Numbers the turns of one lane, from 1."""

    __slots__ = ("_message", "_open", "number")

    def __init__(self) -> None:
        self.number = 0
        self._message: str | None = None
        self._open = False
        """True if no result has come since the turn began, so that a further call belongs to the turn."""

    def call(self, event: Call) -> int:
        """The number of the turn to which a call belongs."""
        same = event.message is not None and event.message == self._message
        if not same and not self._open:
            self.number += 1
            self._open = True
        self._message = event.message
        return self.number

    def close(self) -> None:
        """Ends the turn, since a result came or somebody spoke."""
        self._open = False
