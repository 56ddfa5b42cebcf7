"""The error for a mistake in a file that a person wrote, as one line with its place."""

from __future__ import annotations

from tui.text.messages import printable


class ConfigError(Exception):
    """A mistake in a configuration, theme or price file, or in a flag.

    `line` counts from 1. It is None if the mistake has no line (a missing file), and `key` is None if it has no key (a
    syntax error). As text it is one line: `config.toml:3: screen.theme: ...`.
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
