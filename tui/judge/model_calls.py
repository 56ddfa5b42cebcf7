"""Joins the usage of each model call with the model's texts and tool calls, by the order of lines.

Some agents write the usage of a model call before its words and calls (Claude Code: on the message's first line),
others after them (Codex: once the response is complete). The first usage of a transcript shows which: if there is no
text, reasoning or call of the agent before it, usage comes first.
"""

from __future__ import annotations

from typing import NamedTuple

from tui.judge.spent import KEYS_KEPT
from tui.model.event import Inherited, UsageReported
from tui.model.usage import ZERO, Usage

TOKEN_CHARS = 4
"""Characters to a token, as a rule."""

_COPIED = (Inherited.YES, Inherited.GUESS_YES)


class Paid(NamedTuple):
    """One finished model call, or the amount by which a later line corrected one.

    `usage` counts only what no earlier `Paid` of the same call counted, so the sum over all `Paid` is exact. `marks`
    are the bit flags that the caller gave to `note` during the call, combined by bitwise or; 0 if there were none.
    """

    model: str | None
    usage: Usage
    marks: int
    text: str
    """The first text that was noted in the call."""
    written: int
    """Output tokens, or an estimate by the characters in the transcript if that is more, because some agents record
    only the count at the start of a call. Never less than `usage.output`.
    """
    at: float | None
    offset: int


class ModelCalls:
    """Takes the agent's own events (`note`) and usage (`spend`).

    It keeps one open call and the keys of the newest calls.
    """

    __slots__ = ("_leads", "_marks", "_noted", "_open", "_open_usage", "_size", "_text", "_told")

    def __init__(self) -> None:
        self._leads: bool | None = None
        self._noted = False
        self._marks = 0
        self._text = ""
        self._size = 0
        self._open: UsageReported | None = None
        self._open_usage = ZERO
        self._told: dict[str, tuple[Usage, int]] = {}

    def note(self, mark: int = 0, text: str = "", size: int = 0) -> None:
        """Notes a text, reasoning or a call of the agent; `size` is its number of characters."""
        self._noted = True
        self._size += size
        self._marks |= mark
        self._text = self._text or text

    def spend(self, event: UsageReported) -> tuple[Paid, ...]:
        """The model calls that this line shows to be finished, and corrections of earlier ones."""
        if event.inherited in _COPIED:
            return ()
        known = self._told.get(event.key)
        if known is not None:
            return self._corrected(event, *known)
        if self._leads is None:
            self._leads = not self._noted
        if not self._leads:
            return (self._tell(event, event.usage, *self._take_noted()),)
        return self._led(event)

    def _led(self, event: UsageReported) -> tuple[Paid, ...]:
        last = self._open
        if last is not None and last.key == event.key:
            if event.usage.total >= self._open_usage.total:
                self._open_usage = event.usage
            return ()
        if last is not None and last.offset == event.offset:
            return (self._tell(event, event.usage, 0, "", 0),)  # the same line reports the usage of a second model call
        noted = self._take_noted()
        usage, self._open_usage = self._open_usage, event.usage
        self._open = event
        return (self._tell(last, usage, *noted),) if last is not None else ()

    def _take_noted(self) -> tuple[int, str, int]:
        noted = self._marks, self._text, self._size
        self._marks, self._text, self._size = 0, "", 0
        return noted

    def _tell(self, event: UsageReported, usage: Usage, marks: int, text: str, size: int) -> Paid:
        if len(self._told) >= KEYS_KEPT:
            self._told.pop(next(iter(self._told)))
        self._told[event.key] = (usage, marks)
        written = max(usage.output, size // TOKEN_CHARS)
        return Paid(event.model, usage, marks, text, written, event.at, event.offset)

    def _corrected(self, event: UsageReported, usage: Usage, marks: int) -> tuple[Paid, ...]:
        if event.usage.total <= usage.total:
            return ()
        self._told[event.key] = (event.usage, marks)
        more = event.usage - usage
        return (Paid(event.model, more, marks, "", max(0, more.output), event.at, event.offset),)
