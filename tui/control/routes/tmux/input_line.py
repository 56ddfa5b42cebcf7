"""The input line of a client, as its pane shows it: whether it is empty, and whether it is there at all.

Measured on Claude Code 2.1.329 and 2.1.197 and Codex 0.169.0, at rest and at work: all keep the terminal's cursor in
their input line (Claude Code keeps it there though it hides it), which begins with one glyph; further lines of a draft
are indented. `!` in place of the glyph is their shell mode. In an empty line a client may show words of its own: those
are dim, but for the first letter, which the cursor covers. A question, a menu or another view has no cursor behind a
glyph: the cursor is before the chosen line, behind the number of a choice, or out of the way.
"""

from __future__ import annotations

import re
from enum import StrEnum

from tui.model.frozen import frozen

_GLYPH = re.compile(
    r"(?:│\s*)?"
    r"[>\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}]\s*"
)
_SHELL = re.compile(r"(?:│\s*)?!\s*\Z")
_CHOICE = re.compile(r"\s*\d{1,2}[.)]")
_STYLE = re.compile(r"\x1b\[([0-9;:]*)m")
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|[()].|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
_BLANK = " \N{NO-BREAK SPACE}│"
_LONGEST_DRAFT = 100
"""Rows above the cursor that are looked at for the beginning of a draft."""


class InputLine(StrEnum):
    """What a pane shows of its client's input line."""

    EMPTY = "empty"
    DRAFT = "draft"
    SHELL = "shell"
    """The client runs in a shell what is typed next."""
    NONE = "none"
    """There is none: a question or a menu is open, or another view."""


@frozen
class PromptRow:
    """The row that the cursor stands in, with what is around it."""

    left: str
    """What stands before the cursor."""
    right: str
    """What stands behind it: a draft, or the words that a client shows in an empty line."""
    below: str
    above: tuple[str, ...] = ()
    """The rows above, the nearest first."""
    is_hint: bool = False
    """`right` is the client's own words, not a person's."""

    @property
    def kind(self) -> InputLine:
        """What the pane shows."""
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
        """The row below belongs to the same draft."""
        return self.below[:1].isspace() and bool(self.below.strip())

    @property
    def _is_later_line(self) -> bool:
        """The cursor is in a draft that began in a row above."""
        if self.left.strip(_BLANK) and not self.left[:1].isspace():
            return False
        for row in self.above[:_LONGEST_DRAFT]:
            if (glyph := _GLYPH.match(row)) is not None:
                return not _CHOICE.match(row[glyph.end() :])
            if row.strip() and not row[:1].isspace():
                return False
        return False

    def holds_only(self, words: str) -> bool:
        """The input line is these words and nothing else."""
        glyph = _GLYPH.match(self.left)
        return (
            glyph is not None
            and self.left[glyph.end() :].strip() == words
            and not self.right.strip(_BLANK)
            and not self._goes_on
        )


def prompt_row(cursor_x: int, cursor_y: int, screen: str) -> PromptRow:
    """The row out of a whole screen, as `capture-pane -p -e` prints it: with the escape codes of its styles."""
    rows = [*_plain_rows(screen), ("", list[bool]())]
    row, dim = rows[cursor_y] if cursor_y < len(rows) - 1 else ("", list[bool]())
    below = rows[cursor_y + 1][0] if cursor_y + 1 < len(rows) else ""
    above = tuple(text for text, _ in reversed(rows[max(0, cursor_y - _LONGEST_DRAFT) : cursor_y]))
    right = row[cursor_x:].rstrip()
    # A single letter may be all of a draft: the cursor that covers it hides whether it is dim.
    shown = [is_dim for char, is_dim in zip(right, dim[cursor_x:], strict=False) if not char.isspace()]
    is_hint = len(shown) > 1 and all(shown[1:])
    return PromptRow(row[:cursor_x].ljust(cursor_x), right, below.rstrip(), above, is_hint)


def _plain_rows(screen: str) -> list[tuple[str, list[bool]]]:
    """The rows without escape codes, and of each character whether it is dim. A style goes on over the end of a row."""
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
    """Whether what follows is dim, after these style codes (`0;2`, `38;5;246`)."""
    numbers = iter(codes.split(";"))
    for number in numbers:
        if number in ("", "0", "22"):
            is_dim = False
        elif number == "2":
            is_dim = True
        elif number in ("38", "48", "58"):
            # A colour's own numbers are no styles.
            for _ in range({"5": 1, "2": 3}.get(next(numbers, ""), 0)):
                next(numbers, "")
    return is_dim
