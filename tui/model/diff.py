"""The change of a file, line by line, as a tool call states it."""

from __future__ import annotations

from enum import StrEnum

from tui.model.frozen import frozen


class Sign(StrEnum):
    """The kind of a line of a diff; the value is the character before the line."""

    ADDED = "+"
    REMOVED = "-"
    SAME = " "
    PLACE = "@"
    """A heading that names the place of the next lines; not a line of the file."""


@frozen
class DiffLine:
    """One line of a diff. `text` is raw and has no newline."""

    sign: Sign
    text: str


@frozen
class FileDiff:
    """The changes of a call in one file. `path` is raw, as the call states it."""

    path: str
    lines: tuple[DiffLine, ...]
    is_whole: bool = False
    """True if the lines that are not removed are the whole file, so that their numbers are known."""

    @property
    def added(self) -> int:
        """The number of added lines."""
        return sum(line.sign is Sign.ADDED for line in self.lines)

    @property
    def removed(self) -> int:
        """The number of removed lines."""
        return sum(line.sign is Sign.REMOVED for line in self.lines)
