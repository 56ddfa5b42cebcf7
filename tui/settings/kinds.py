"""Kinds of values in the configuration: each kind reads one TOML value, and says in words what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, cast
from urllib.parse import urlsplit

from tui.model.frozen import frozen
from tui.text.messages import nearest, quoted
from tui.text.times import ALL, DURATIONS, duration, written

Value_co = TypeVar("Value_co", covariant=True)

Names = tuple[str, ...] | Callable[[], tuple[str, ...]]
"""The allowed words, or a function that returns them, so that the words of a registry are loaded only when they are
needed."""

_COUNT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)([kKMBT]?)")
_COUNT_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_MOST_TEXT = 4096
_MOST_ITEMS = 1000


class Kind(Protocol[Value_co]):
    """One kind of value."""

    def read(self, value: object) -> Value_co:
        """The value as it is stored in the settings.

        Raises:
            ValueError: it is not of this kind; the message says what was expected and what was found.
        """
        ...

    @property
    def expects(self) -> str:
        """The allowed values, in words, for the reference."""
        ...


@frozen
class Switch:
    """True or false."""

    expects: str = "true or false"

    def read(self, value: object) -> bool:
        """See `Kind.read`."""
        if not isinstance(value, bool):
            raise _wrong(self.expects, value)
        return value


@frozen
class Whole:
    """A whole number within limits, both included."""

    least: int
    most: int

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        return f"a whole number from {self.least} to {self.most}"

    def read(self, value: object) -> int:
        """See `Kind.read`."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise _wrong(self.expects, value)
        return value


@frozen
class Number:
    """A number within limits, both included; not necessarily a whole number."""

    least: float
    most: float

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        return f"a number from {self.least:g} to {self.most:g}"

    def read(self, value: object) -> float:
        """See `Kind.read`."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= self.most:
            raise _wrong(self.expects, value)
        return value


@frozen
class Count:
    """A number of tokens, also written as `200M` or `1.5B`."""

    most: int = 10**15
    expects: str = 'a number of tokens such as 200000000 or "200M"'

    def read(self, value: object) -> int:
        """See `Kind.read`."""
        count: float = -1
        if isinstance(value, str) and (match := _COUNT.fullmatch(value)):
            count = float(match[1]) * _COUNT_UNITS[match[2]]
        elif isinstance(value, int) and not isinstance(value, bool):
            count = value
        if not 0 <= count <= self.most:
            raise _wrong(self.expects, value)
        return round(count)


@frozen
class Choice:
    """One of the allowed words."""

    words: Names

    @property
    def names(self) -> tuple[str, ...]:
        """The words."""
        return self.words() if callable(self.words) else self.words

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        return "one of " + ", ".join(f'"{word}"' for word in self.names)

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        words = self.names
        if not isinstance(value, str) or value not in words:
            hint = nearest(value, words) if isinstance(value, str) else ""
            raise _wrong(self.expects, value, hint)
        return value


@frozen
class Text:
    """Any text on one line."""

    expects: str = "text"

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        if not isinstance(value, str) or len(value) > _MOST_TEXT or not value.isprintable():
            raise _wrong(f"{self.expects} in quotes", value)
        return value


@frozen
class Words:
    """A list of texts without repeats. If `words` is not empty, only those are allowed."""

    words: Names = ()
    item: str = "text"

    @property
    def names(self) -> tuple[str, ...]:
        """The allowed words; empty if any text is allowed."""
        return self.words() if callable(self.words) else self.words

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        if not self.names:
            return f"a list of {self.item} in quotes"
        return "a list of " + ", ".join(f'"{word}"' for word in self.names)

    def read(self, value: object) -> tuple[str, ...]:
        """See `Kind.read`."""
        found = cast("list[object]", value) if isinstance(value, list) else None
        if found is None or len(found) > _MOST_ITEMS:
            raise _wrong(self.expects, cast("object", value))
        kind: Kind[str] = Choice(self.names) if self.names else Text(self.item)
        items = tuple(map(kind.read, found))
        doubled = next((item for at, item in enumerate(items) if item in items[:at]), None)
        if doubled is not None:
            raise ValueError(f"{quoted(doubled)} is listed twice")
        return items


@frozen
class Argv:
    """A program and its arguments, passed to it without a shell. Empty: none."""

    expects: str = 'a list of a program and its arguments, such as ["notify-me", "--urgent"]'

    def read(self, value: object) -> tuple[str, ...]:
        """See `Kind.read`."""
        found = cast("list[object]", value) if isinstance(value, list) else None
        if found is None or len(found) > _MOST_ITEMS or (found and found[0] == ""):
            raise _wrong(self.expects, cast("object", value))
        return tuple(map(Text("a word of the command").read, found))


@frozen
class WebAddress:
    """A web address. Empty: none. Error messages do not contain it, because it may contain a secret."""

    expects: str = "an address beginning with https:// or http://"

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        if not isinstance(value, str):
            raise _wrong(f"{self.expects} in quotes", value)
        if value and not _is_web_address(value):
            raise ValueError(f"expected {self.expects}, found another text")
        return value


@frozen
class Seconds:
    """A duration in seconds, also written as `90s`, `15m`, `24h`, `7d` or `1h30m`.

    Limits are seconds, both included.
    """

    least: float
    most: float

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        return f"a time from {written(self.least)} to {written(self.most)}"

    def read(self, value: object) -> float:
        """See `Kind.read`."""
        seconds = _seconds(value)
        if seconds is None or not self.least <= seconds <= self.most:
            raise _wrong(self.expects, value)
        return seconds


@frozen
class Window:
    """One of a few durations in whole seconds, written like `Seconds`."""

    among: tuple[int, ...]

    @property
    def expects(self) -> str:
        """See `Kind.expects`."""
        return "one of " + ", ".join(f'{one} ("{written(one)}")' for one in self.among)

    def read(self, value: object) -> int:
        """See `Kind.read`."""
        seconds = _seconds(value)
        if seconds not in self.among:
            raise _wrong(self.expects, value)
        return int(seconds)


@frozen
class Since:
    """A duration as text, or `all`. It is stored as text, because it is shown as text."""

    expects: str = f'a time such as {", ".join(map(quoted, DURATIONS))}, or "{ALL}"'

    def read(self, value: object) -> str:
        """See `Kind.read`."""
        if value == ALL:
            return ALL
        seconds = _seconds(value)
        if seconds is None or seconds <= 0:
            raise _wrong(self.expects, value)
        return value if isinstance(value, str) else written(seconds)


def parse_since(text: str) -> float | None:
    """The seconds of a duration such as `24h`; None for `all`.

    Raises:
        ValueError: it is neither.
    """
    text = text.strip()
    if text == ALL:
        return None
    seconds = _seconds(Since().read(text))
    if seconds is None:
        raise _wrong(Since().expects, text)
    return seconds


def _seconds(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e12 else None  # neither NaN nor infinite
    return duration(value) if isinstance(value, str) else None


def _is_web_address(text: str) -> bool:
    if len(text) > _MOST_TEXT or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is not a number, or an open bracket
        return False


def _wrong(expected: str, found: object, hint: str = "") -> ValueError:
    return ValueError(f"expected {expected}, found {_shown(found)}{hint}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if cast("Sequence[object]", value) else "an empty list"
    return quoted(value)
