"""Output of commands: on a terminal wrapped at words and in the terminal's own colours; else plain, whole lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

from tui.config.colour import SIXTEEN
from tui.text.styled_text import Line, Printed, Span, wrapped

if TYPE_CHECKING:
    from tui.config.theme import Look, ThemeSpec

THEME = "terminal"
"""The theme of commands. Its sixteen colours are the terminal's own, so they are readable on any background."""
_ATTRIBUTES = {"bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7", "strike": "9"}
_END = "\x1b[0m"
PIPE_CELLS = 140
"""The width of tables if nothing that the command is connected to is a terminal."""


def output_cells() -> int:
    """The width for tables: that of the terminal in front of which the operator sits, even if a pipe is between."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return int(os.environ["COLUMNS"]) or PIPE_CELLS
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        try:
            if stream is not None and (columns := os.get_terminal_size(stream.fileno()).columns):
                return columns
        except (OSError, ValueError):
            continue
    return PIPE_CELLS


def show(lines: Iterable[Printed], output: TextIO) -> None:
    """Prints lines. On a terminal they are coloured and wrapped at words."""
    painter = Painter.for_output(output)
    cells = output_cells() if output.isatty() else None
    for one in lines:
        line = (Span(one, "text"),) if isinstance(one, str) else one
        for part in wrapped(line, cells) if cells else (line,):
            output.write(f"{painter.text(part)}\n")


class Painter:
    """Converts lines to text. Without a theme the text is plain."""

    def __init__(self, theme: ThemeSpec | None) -> None:
        self._theme = theme
        self._codes: dict[str, str] = {}

    @classmethod
    def for_output(cls, output: TextIO | None = None, env: Mapping[str, str] | None = None) -> Painter:
        """The painter for an output (default: standard output); plain if it is no terminal or `NO_COLOR` is set."""
        env = os.environ if env is None else env
        if not (output or sys.stdout).isatty() or env.get("NO_COLOR") or env.get("TERM") in (None, "", "dumb"):
            return cls(None)
        from tui.config.themes import load_themes

        specs = {spec.name: spec for spec in load_themes(None).specs}
        return cls(specs.get(THEME))

    def text(self, line: Line) -> str:
        """The line as text, without blanks at its end."""
        if self._theme is None:
            return "".join(span.text for span in line).rstrip()
        parts: list[str] = []
        for span in line:
            code = self._code(span.role)
            parts.append(f"\x1b[{code}m{span.text}{_END}" if code and not span.text.isspace() else span.text)
        return "".join(parts).rstrip()

    def _code(self, role: str) -> str:
        code = self._codes.get(role)
        if code is None and self._theme is not None:
            code = self._codes[role] = code_of(self._theme.look(role))
        return code or ""


def code_of(look: Look) -> str:
    """The parameters of SGR (ECMA-48, 8.3.117) for a look in one of the sixteen colours; empty for plain text."""
    codes = [_ATTRIBUTES[name] for name in sorted(look.attributes)]
    for colour, first, first_bright in ((look.colour, 30, 90), (look.ground, 40, 100)):
        if colour in SIXTEEN:
            index = SIXTEEN.index(colour)
            codes.append(str(first + index if index < 8 else first_bright + index - 8))
    return ";".join(codes)
