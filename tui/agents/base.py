"""The reader of an agent's transcripts: lines in, events out."""

from __future__ import annotations

from typing import ClassVar, Protocol

from tui.io.lines import Line
from tui.model.event import Event


class Reader(Protocol):
    """Turns the lines of one transcript, in order, into canonical events. Holds only what later lines need."""

    agent: ClassVar[str]
    """The agent's name in the registry."""

    def read(self, line: Line) -> list[Event]:
        """Events of this line.

        Raises:
            BadLine: the line is broken; the reader is unchanged and goes on with the next one.
        """
        ...
