"""TOML with the line of each key, which the standard library's parser does not report."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from tui.config.errors import ConfigError
from tui.model.frozen import frozen

MAX_BYTES = 1 << 20

Table = dict[str, object]
KeyPath = tuple[str, ...]


@frozen
class TomlFile:
    """A parsed file: its name for messages, its content, and the line (from 1) of each key and table header.

    Among the paths of `lines`, the tables of an array (`[[command]]`) are numbered from 0: `("command", "0", "key")`.
    """

    name: str
    table: Table
    lines: dict[KeyPath, int]

    def error(self, path: KeyPath, message: str) -> ConfigError:
        """An error at a key, with the line of the key or of the nearest table above it."""
        at = next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), None)
        return ConfigError(self.name, at, dotted(path), message)


def dotted(path: KeyPath) -> str:
    """A path as it is written in TOML: `screen.theme`, `keys."lane.open"`."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)


def as_table(value: object) -> Table | None:
    """The value if it is a table. Keys of TOML are always text."""
    return cast("Table", value) if isinstance(value, dict) else None


def leaves(table: Table, above: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """The values of nested tables with their paths. A dotted name such as `lane.open` may be written without quotes."""
    for name, value in table.items():
        below = as_table(value)
        if below is None:
            yield (*above, name), value
        else:
            yield from leaves(below, (*above, name))


def read_toml(file: Path) -> TomlFile:
    """Reads a file.

    Raises:
        ConfigError: the file cannot be read, is larger than 1 MiB, or is not UTF-8 or not TOML.
    """
    name = str(file)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(name, None, None, f"cannot be read: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(name, None, None, "larger than 1 MiB: this cannot be the right file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(name, data.count(b"\n", 0, error.start) + 1, None, "not UTF-8 text") from None
    return parse_toml(text, name)


def parse_toml(text: str, name: str) -> TomlFile:
    """Parses a document; `name` is its name in messages.

    Raises:
        ConfigError: the text is not TOML.
    """
    text = text.removeprefix("\ufeff")
    try:
        table: Table = tomllib.loads(text)
        return TomlFile(name, table, _KeyLines(text).found)
    except RecursionError:
        raise ConfigError(name, None, None, "nested too deeply") from None
    except ValueError as error:
        raise _syntax_error(name, text, str(error)) from None


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _syntax_error(name: str, text: str, message: str) -> ConfigError:
    match = _AT.search(message)
    if match is None:
        return ConfigError(name, None, None, f"not TOML: {message}")
    line = int(match[1]) if match[1] else text.count("\n") + 1
    where = f", column {match[2]}" if match[2] else ", end of file"
    return ConfigError(name, line, None, f"not TOML: {message[: match.start()]}{where}")


_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")  # also commas: between values they count as space
_STRINGS = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\r\n]*")


class _KeyLines:
    """Finds the line of each key in a valid document. Values are skipped without being interpreted."""

    def __init__(self, text: str) -> None:
        self.found: dict[KeyPath, int] = {}
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._document()

    def _document(self) -> None:
        prefix: KeyPath = ()
        while True:
            self._skip(_GAP)
            if self._at >= len(self._text):
                return
            if self._text[self._at] == "[":
                repeated = self._text.startswith("[[", self._at)
                self._at = _skip_chars(self._text, self._at, "[ \t")
                prefix = self._key(())
                if repeated:
                    prefix = self._next_item(prefix)
                self._at = _skip_chars(self._text, self._at, "] \t")
            else:
                self._pair(prefix)

    def _next_item(self, path: KeyPath) -> KeyPath:
        """The path of the table that `[[path]]` begins: with its number, from 0."""
        number = 0
        while (*path, str(number)) in self.found:
            number += 1
        self.found[*path, str(number)] = self._line_here()
        return *path, str(number)

    def _pair(self, prefix: KeyPath) -> None:
        path = self._key(prefix)
        self._at += 1  # the equals sign
        self._value(path)

    def _key(self, prefix: KeyPath) -> KeyPath:
        """Reads a dotted key and the spaces behind it."""
        path = prefix
        while True:
            self._skip(_BLANK)
            path = (*path, self._part())
            self.found.setdefault(path, self._line_here())
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return path
            self._at += 1

    def _part(self) -> str:
        match = _STRINGS.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
            return str(tomllib.loads(f"x={match[0]}")["x"])
        return self._skip(_BARE)

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        opening = self._text[self._at : self._at + 1]
        if opening == "[":
            self._items(path, "]", keyed=False)
        elif opening == "{":
            self._items(path, "}", keyed=True)
        elif opening in ('"', "'"):
            self._skip(_STRINGS)
        else:
            self._skip(_PLAIN)

    def _items(self, path: KeyPath, closing: str, *, keyed: bool) -> None:
        self._at += 1
        while True:
            self._skip(_GAP)
            if self._text.startswith(closing, self._at):
                self._at += 1
                return
            if keyed:
                self._pair(path)
            else:
                self._value(path)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError("a document that the parser accepted is read differently here")
        self._at = match.end()
        return match[0]

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _skip_chars(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at
