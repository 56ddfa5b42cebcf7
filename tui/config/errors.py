"""What is wrong in a file that a person wrote, in one line that says where."""

from __future__ import annotations

from difflib import get_close_matches

from tui.text.printable import printable

_SHOWN_CHARS = 60


class ConfigError(Exception):
    """A mistake in a configuration, theme or price file, or in a flag.

    `line` counts from 1 and is None where the mistake has no line (a missing file); so is `key` (a syntax error).
    As text it is one line: `config.toml:3: screen.theme: ...`.
    """

    def __init__(self, file: str | None, line: int | None, key: str | None, message: str) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.key = key
        self.message = message

    def __str__(self) -> str:
        place = "" if self.file is None else printable(self.file)
        if self.line is not None:
            place = f"{place}:{self.line}" if place else f"line {self.line}"
        parts = (place, "" if self.key is None else printable(self.key), printable(self.message))
        return ": ".join(part for part in parts if part)


def quoted(value: object) -> str:
    """A value as it may stand in a message: in quotes, on one line, not too long."""
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    shown = printable(shown)
    return shown if len(shown) <= _SHOWN_CHARS else shown[: _SHOWN_CHARS - 1] + "…"


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """A hint at the known word that was probably meant, to be put at a message's end; empty if none is near."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
