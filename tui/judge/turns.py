"""The model's turns: calls of one message are made at once, and none of them knows what came of another."""

from __future__ import annotations

from tui.model.event import Call


class Turns:
    """Numbers the turns of one lane, from 1."""

    __slots__ = ("_message", "_open", "number")

    def __init__(self) -> None:
        self.number = 0
        self._message: str | None = None
        self._open = False
        """Nothing came back yet since the turn began: what is called now is called at once with the rest."""

    def call(self, event: Call) -> int:
        """The turn that a call belongs to."""
        same = event.message is not None and event.message == self._message
        if not same and not self._open:
            self.number += 1
            self._open = True
        self._message = event.message
        return self.number

    def close(self) -> None:
        """A result came, or somebody spoke: the next message is another turn."""
        self._open = False
