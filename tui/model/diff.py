"""The change of a file, line by line, as a tool call states it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    old: int | None = None
    """The number of the line in the file before the change, from 1 on; None: not stated, or it was not there."""
    new: int | None = None
    """Its number after the change."""


@frozen
class Hunk:
    """Neighbouring lines of a diff, whose numbers are stated."""

    old: int
    """The number of the first line in the file before the change, from 1 on."""
    new: int
    lines: tuple[DiffLine, ...]


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

    @property
    def most(self) -> int:
        """The greatest number of a line that is stated; 0 if none is."""
        return max((max(line.old or 0, line.new or 0) for line in self.lines), default=0)


def numbered_lines(hunks: Iterable[Hunk]) -> Iterator[DiffLine]:
    """The lines of hunks with their numbers; a place between two hunks."""
    for index, hunk in enumerate(hunks):
        if index:
            yield DiffLine(Sign.PLACE, "")
        old, new = hunk.old, hunk.new
        for line in hunk.lines:
            is_old, is_new = line.sign is not Sign.ADDED, line.sign is not Sign.REMOVED
            yield DiffLine(line.sign, line.text, old if is_old else None, new if is_new else None)
            old, new = old + is_old, new + is_new
