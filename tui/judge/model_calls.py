"""What each model call was for: joins a `UsageReported` with what the model said and called in it, by order alone.

Some agents write the usage of a model call before its words and calls (Claude Code: on the message's first line),
others after them (Codex: once the response is complete). Which of the two a transcript does is seen at its first
usage: nothing of the agent's own comes before it where usage leads.
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
    """One model call that is over, or what a later line corrected of one.

    `usage` counts only what was not told before, so that a sum over all of them is exact. `marks` are those that
    were noted in the call, joined bit by bit; 0 if none was.
    """

    model: str | None
    usage: Usage
    marks: int
    text: str
    """The first text that was noted in the call."""
    written: int
    """Output tokens, or about as many as what the transcript shows of it is worth: some agents leave the count of a
    call at its first moment's. Never less than `usage.output`."""
    at: float | None
    offset: int


class ModelCalls:
    """Fed with marks for the agent's own events and with usage. Bounded: one open call, the newest keys."""

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
        """The agent said, thought or called something, `size` characters of it."""
        self._noted = True
        self._size += size
        self._marks |= mark
        self._text = self._text or text

    def spend(self, event: UsageReported) -> tuple[Paid, ...]:
        """The model calls that are over by this line, and corrections of earlier ones."""
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
            return (self._tell(event, event.usage, 0, "", 0),)  # a call within the call, on the same line
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
