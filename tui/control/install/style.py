"""How a settings file is written: its line ends, its indentation, the space behind its colons and commas."""

from __future__ import annotations

import json
from typing import Any

from tui.control.install.json_text import Document
from tui.model.frozen import frozen

_BLANK = " \t"


@frozen
class Style:
    """What new text follows. `flat`: the file puts everything on one line."""

    newline: str
    unit: str
    """One step of indentation."""
    colon: str
    gap: str
    """What stands behind a comma within a line."""
    flat: bool

    @classmethod
    def of(cls, document: Document) -> Style:
        """The style of its first members; two spaces where there are none."""
        text, root = document.text, document.root
        first_end = text.find("\n")
        newline = "\r\n" if first_end > 0 and text[first_end - 1] == "\r" else "\n"
        if root is None or not root.entries:
            return cls(newline, "  ", ": ", " ", flat=False)
        first = root.entries[0]
        colon = _colon(text[first.start : first.value.start])
        if not opens_line(text, first.start):
            gap = " " if (first.comma is None and colon.endswith(" ")) or _spaced(text, first.comma) else ""
            return cls(newline, "  ", colon, gap, flat=True)
        unit = line_indent(text, first.start).removeprefix(line_indent(text, root.start))
        return cls(newline, unit or "  ", colon, " ", flat=False)

    def rendered(self, value: Any, indent: str, *, flat: bool = False) -> str:
        """A value as this file would write it; `indent` is that of the line that it begins in."""
        if flat or self.flat:
            return json.dumps(value, ensure_ascii=False, separators=("," + self.gap, self.colon))
        lines = json.dumps(value, ensure_ascii=False, indent=self.unit, separators=(",", self.colon))
        return lines.replace("\n", self.newline + indent)


def line_indent(text: str, offset: int) -> str:
    """The white space that the line of `offset` begins with."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(_BLANK))]


def opens_line(text: str, offset: int) -> bool:
    """True if only white space stands before it in its line, and a line before that."""
    begin = text.rfind("\n", 0, offset)
    return begin >= 0 and not text[begin + 1 : offset].strip(_BLANK)


def _colon(member: str) -> str:
    between = member[member.rfind('"') + 1 :]
    return between if not between.strip(": \t") else ": "


def _spaced(text: str, comma: int | None) -> bool:
    return comma is not None and text.startswith(" ", comma + 1)
