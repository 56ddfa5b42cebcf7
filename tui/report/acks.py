"""Messages that only acknowledge, and the model calls that wrote nothing else (C15)."""

from __future__ import annotations

import re

from tui.model.frozen import frozen
from tui.report.seen import Place

ACK_WORDS = 40
"""A message longer than this says more than that something was taken note of."""

_ACK = re.compile(
    r"(?i)\back(?:s|ed|nowledged?)?\b|\b(?:noted|received|got it|understood|will do|on it|approved|accepted|looks good"
    r"|lgtm|well done|good work|great work|thanks|thank you|proceed(?:ing)?|go ahead|go on|carry on|continu(?:e|ing)"
    r"|mov(?:e|ing) on|next (?:up|step|slice|action|task|one)|is (?:out|next)|resum(?:ed|ing)|standing by)\b"
)


@frozen
class Ack:
    """A message that only acknowledges, in which action it stands, and the model call that wrote it."""

    action: int
    key: str
    place: Place


class AckWatch:
    """Follows one lane's model calls: what each said, and whether it used a tool.

    Some agents write a call's usage in the line of its first part, others after all of them; which one this is shows
    when the first part comes.
    """

    def __init__(self) -> None:
        self.found: list[Ack] = []
        self._usage_first = False
        self._spend_offset = -1
        # The model call that is being told, and what was told of the next one.
        self._key = ""
        self._ack: tuple[int, Place] | None = None
        self._tool = False
        self._next_ack: tuple[int, Place] | None = None
        self._next_tool = False

    def say(self, action: int, place: Place) -> None:
        """The call said something that only acknowledges."""
        if self._comes_after(place.offset):
            self._ack = (action, place)
        else:
            self._next_ack = (action, place)

    def call(self, offset: int) -> None:
        """The call used a tool."""
        if self._comes_after(offset):
            self._tool = True
        else:
            self._next_tool = True

    def spend(self, key: str, offset: int) -> None:
        """The usage of the call `key` is told, for the first time or again."""
        self._spend_offset = offset
        if key != self._key:
            self.end()
            self._key = key
        self._ack = self._next_ack or self._ack
        self._tool = self._next_tool or self._tool
        self._next_ack, self._next_tool = None, False

    def end(self) -> None:
        """All of the call was told."""
        if self._ack is not None and not self._tool:
            self.found.append(Ack(self._ack[0], self._key, self._ack[1]))
        self._key, self._ack, self._tool = "", None, False

    def _comes_after(self, offset: int) -> bool:
        self._usage_first = self._usage_first or offset == self._spend_offset
        return self._usage_first


def is_ack(text: str) -> bool:
    """Whether a message acknowledges or hands out the next step, and says little else."""
    text = text.strip()
    return len(text) <= ACK_WORDS * 12 and len(text.split()) <= ACK_WORDS and _ACK.search(text) is not None
