"""What every reader is: lines in, events out, nothing else. One module per agent, one line in the registry."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Protocol

from tui.model.event import Event


class Line(NamedTuple):
    """One whole line without its newline. `offset` is its first byte's, `number` counts from 1."""

    offset: int
    number: int
    data: bytes


class BadLine(Exception):
    """A line that cannot be read. The message says why, in words for the operator; it costs that line alone."""


class Reader(Protocol):
    """Turns the lines of one transcript, in order, into canonical events. Holds only what later lines need."""

    agent: ClassVar[str]
    """claude, codex, ..."""

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and goes on with the next one.
        """
        ...
