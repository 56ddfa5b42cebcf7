"""The change of a file as lines, as a call states it."""

from __future__ import annotations

from enum import StrEnum

from tui.model.frozen import frozen


class Sign(StrEnum):
    """What a line of a diff means; the value is the character that stands before it."""

    ADDED = "+"
    REMOVED = "-"
    SAME = " "
    PLACE = "@"
    """No line of the file, but where the next lines stand."""


@frozen
class DiffLine:
    """One line of a diff. `text` is raw and has no newline."""

    sign: Sign
    text: str


@frozen
class FileDiff:
    """What a call changes in one file. `path` is raw, as the call states it."""

    path: str
    lines: tuple[DiffLine, ...]

    @property
    def added(self) -> int:
        """Lines added."""
        return sum(line.sign is Sign.ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        """Lines removed."""
        return sum(line.sign is Sign.REMOVED for line in self.lines)
