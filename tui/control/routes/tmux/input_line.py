"""Reads the input line of a client from its pane: whether it exists, and whether it is empty.

Measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0, idle and working. All keep the terminal's cursor in their
input line, even if they hide the cursor. The line begins with a prompt glyph; further lines of a draft are indented. A
`!` instead of the glyph means shell mode. In an empty line a client may show a hint: it is dim except for its first
letter, which the cursor covers. In a question, a menu or another view the cursor is not after a prompt glyph: it is
before the chosen line, after the number of a choice, or elsewhere.
"""

from __future__ import annotations

import re
from enum import StrEnum

from tui.agents.registry import prompts
from tui.model.frozen import frozen

_GLYPH = re.compile(rf"(?:│\s*)?[{re.escape(''.join(sorted(prompts())))}]\s*")
_SHELL = re.compile(r"(?:│\s*)?!\s*\Z")
_CHOICE = re.compile(r"\s*\d{1,2}[.)]")
_STYLE = re.compile(r"\x1b\[([0-9;:]*)m")
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|[()].|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
_BLANK = " \N{NO-BREAK SPACE}│"
_LONGEST_DRAFT = 100
"""Maximum number of rows above the cursor in which the beginning of a draft is searched."""


class InputLine(StrEnum):
    """The state of a client's input line, as its pane shows it."""

    EMPTY = "empty"
    DRAFT = "draft"
    SHELL = "shell"
    """The client would run the next input in a shell."""
    NONE = "none"
    """There is no input line: a question, a menu or another view is open."""


@frozen
class PromptRow:
    """The row of the cursor, and the rows around it."""

    left: str
    """The text before the cursor."""
    right: str
    """The text from the cursor on: a draft, or the hint that a client shows in an empty line."""
    below: str
    above: tuple[str, ...] = ()
    """The rows above, the nearest first."""
    is_hint: bool = False
    """True if `right` is the client's hint, not a person's text."""

    @property
    def kind(self) -> InputLine:
        """The state of the input line."""
        if _SHELL.match(self.left):
            return InputLine.SHELL
        glyph = _GLYPH.match(self.left)
        if glyph is None:
            return InputLine.DRAFT if self._is_later_line else InputLine.NONE
        typed = self.left[glyph.end() :]
        if _CHOICE.match(typed):
            return InputLine.NONE
        is_empty = not typed.strip(_BLANK) and (self.is_hint or not self.right.strip(_BLANK)) and not self._goes_on
        return InputLine.EMPTY if is_empty else InputLine.DRAFT

    @property
    def _goes_on(self) -> bool:
        """True if the row below belongs to the same draft."""
        return self.below[:1].isspace() and bool(self.below.strip())

    @property
    def _is_later_line(self) -> bool:
        """True if the cursor is in a draft that began in a row above."""
        if self.left.strip(_BLANK) and not self.left[:1].isspace():
            return False
        for row in self.above[:_LONGEST_DRAFT]:
            if (glyph := _GLYPH.match(row)) is not None:
                return not _CHOICE.match(row[glyph.end() :])
            if row.strip() and not row[:1].isspace():
                return False
        return False

    def holds_only(self, words: str) -> bool:
        """True if the input line contains these words and nothing else."""
        glyph = _GLYPH.match(self.left)
        return (
            glyph is not None
            and self.left[glyph.end() :].strip() == words
            and not self.right.strip(_BLANK)
            and not self._goes_on
        )


def prompt_row(cursor_x: int, cursor_y: int, screen: str) -> PromptRow:
    """The cursor's row from a whole screen, as `capture-pane -p -e` prints it (with escape codes of styles)."""
    rows = [*_plain_rows(screen), ("", list[bool]())]
    row, dim = rows[cursor_y] if cursor_y < len(rows) - 1 else ("", list[bool]())
    below = rows[cursor_y + 1][0] if cursor_y + 1 < len(rows) else ""
    above = tuple(text for text, _ in reversed(rows[max(0, cursor_y - _LONGEST_DRAFT) : cursor_y]))
    right = row[cursor_x:].rstrip()
    # A single letter may be a whole draft: the cursor covers it and hides whether it is dim.
    shown = [is_dim for char, is_dim in zip(right, dim[cursor_x:], strict=False) if not char.isspace()]
    is_hint = len(shown) > 1 and all(shown[1:])
    return PromptRow(row[:cursor_x].ljust(cursor_x), right, below.rstrip(), above, is_hint)


def _plain_rows(screen: str) -> list[tuple[str, list[bool]]]:
    """The rows without escape codes, and for each character whether it is dim. A style continues into the next row."""
    rows: list[tuple[str, list[bool]]] = []
    is_dim = False
    for row in screen.split("\n"):
        text, dim, place = "", list[bool](), 0
        for code in _ESCAPE.finditer(row):
            text += row[place : code.start()]
            dim += [is_dim] * (code.start() - place)
            if (style := _STYLE.fullmatch(code[0])) is not None:
                is_dim = _dims(style[1], is_dim)
            place = code.end()
        rows.append((text + row[place:], dim + [is_dim] * (len(row) - place)))
    return rows


def _dims(codes: str, is_dim: bool) -> bool:
    """True if text after these style codes (such as `0;2` or `38;5;246`) is dim."""
    numbers = iter(codes.split(";"))
    for number in numbers:
        if number in ("", "0", "22"):
            is_dim = False
        elif number == "2":
            is_dim = True
        elif number in ("38", "48", "58"):
            # The numbers of a colour are not styles.
            for _ in range({"5": 1, "2": 3}.get(next(numbers, ""), 0)):
                next(numbers, "")
    return is_dim
