"""Reading a transcript for its usage alone: what an agent declares so that years of transcripts are counted quickly.

A counting reader decodes of each line only what counting needs. Where it cannot be sure to count as the agent's reader
does, it gives the line to that reader, or raises `NotSure` so that the reader takes the whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from tui.agents.base import Agent, Reader
from tui.io.json_fields import stamp
from tui.io.lines import Line
from tui.model.event import Event
from tui.model.usage import Usage

_USUAL_LENGTH = len("2026-05-09T09:30:00.000Z")


class NotSure(Exception):
    """The agent's own reader must read the whole transcript."""


class Span:
    """The first and the last time that lines of one lane state."""

    __slots__ = ("_first", "_last", "first", "last")

    def __init__(self) -> None:
        self.first: float | None = None
        """Seconds UTC; only of lines that were given to `add`."""
        self.last: float | None = None
        self._first = self._last = ""

    def note(self, stated: str | None) -> None:
        """Takes the time of a line as text. Texts in the usual form are compared as they stand."""
        if stated is None:
            return
        if len(stated) != _USUAL_LENGTH or stated[-1] != "Z" or stated[19] != ".":
            self.add(stamp(stated))
            return
        if stated > self._last:
            self._last = stated
            if not self._first:
                self._first = stated
        elif stated < self._first:
            self._first = stated

    def add(self, at: float | None) -> None:
        """Takes a time in seconds UTC."""
        if at is None:
            return
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at > self.last:
            self.last = at

    def settled(self) -> tuple[float | None, float | None]:
        """The first and the last time in seconds UTC; None if no line states a time."""
        for stated in (self._first, self._last):
            self.add(stamp(stated) if stated else None)
        self._first = self._last = ""
        return self.first, self.last


class Calls(Protocol):
    """Takes calls that a counting reader found without making an event of them."""

    def call(
        self, lane: str, key: str, at: float | None, model: str | None, usage: Usage, *, provisional: bool = False,
        counter: tuple[int, ...] | None = None,
    ) -> None:  # fmt: skip
        """Takes what lines in a row state about a call: see `UsageReported`. It is no call of another thread.

        Args:
            lane: the lane within the transcript.
            key: identifies the call.
            at: of the first of them, in seconds UTC.
            model: its name, masked.
            usage: its tokens.
            provisional: whether the output count may still grow.
            counter: the cumulative counter after the call, for agents with such counters.
        """
        ...


class CountingReader(Protocol):
    """Reads one transcript for its usage."""

    spans: dict[str, Span]
    """By lane: the times of lines that were counted quickly, whether or not they gave an event."""

    def read(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        """Counts a line.

        Usage in the usual form is given to `calls`. What is returned are the events of other lines that matter: usage,
        facts of lanes, prompts until a lane has a title.

        Raises:
            BadLine: the line is broken; the reader is unchanged and takes the next one.
            NotSure: the agent's own reader must read the whole transcript.
        """
        ...

    def end(self, calls: Calls) -> None:
        """Gives to `calls` what was held back: the last line was read."""
        ...

    def saved(self) -> Any:
        """What `restored` needs to continue, as plain JSON. Only after `end`."""
        ...


class Counting(Protocol):
    """The class of an agent's counting reader: `Counting` in the module that `Agent.counting` names."""

    def __call__(self) -> CountingReader:
        """A reader for a transcript from its start."""
        ...

    def restored(self, saved: Any) -> CountingReader:
        """A reader that continues where another one was saved.

        Raises:
            LookupError, TypeError, ValueError: it is not what `saved` gave.
        """
        ...


def counting_of(agent: Agent) -> Counting | None:
    """The agent's counting reader; None if its own reader counts."""
    return cast("Counting", import_module(agent.counting).Counting) if agent.counting else None


class WholeReading:
    """The agent's own reader in the form of a counting reader. It cannot be saved."""

    def __init__(self, reader: Reader) -> None:
        self.spans: dict[str, Span] = {}
        self._reader = reader

    def read(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        """All events of this line. Raises: BadLine: the line is broken."""
        return self._reader.read(Line(offset, 0, data))

    def end(self, calls: Calls) -> None:
        """Nothing is held back."""

    def saved(self) -> None:
        """Nothing: the file is read again from its start when it grows."""
