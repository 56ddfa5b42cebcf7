"""Typed access to the JSON of a line. A value in a transcript may have any type: the functions here check it."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import orjson

from tui.io.lines import BadLine
from tui.text.secrets.entry import clean_line

Record: TypeAlias = dict[str, Any]
"""One JSON object of a transcript. Its values may be of any type."""


class Where(NamedTuple):
    """The first fields of every event of a line: `AssistantText(*where, words)`."""

    lane: str
    at: float | None
    offset: int


MAX_COUNT = 10**12
"""A larger count is damaged: no counter of an agent comes near this."""

# Searches escape by escape, so that an escaped backslash before a "u" is not taken for an escape.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<alone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def parse(data: bytes) -> Record:
    """The JSON object of a line, with secrets masked and escape sequences taken out: see `tui.text.secrets.entry`.

    All text of an agent comes in through this function.

    Raises:
        BadLine: as `parse_raw`.
    """
    return clean_line(data, parse_raw(data))


def parse_raw(data: bytes) -> Record:
    """The JSON object of a line, unchanged: for commands that copy it elsewhere and mask it themselves.

    A lone half of a surrogate pair (an agent cut its output in the middle of a character) and
    bytes that are no UTF-8 become U+FFFD, so that the line is not lost for that character.

    Raises:
        BadLine: the line is not JSON, is nested too deeply, or is not an object.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        value = _parse_repaired(data, error)
    if not isinstance(value, dict):
        raise BadLine(f"the line is JSON but not an object: {_type_name(value)}")
    return value  # pyright: ignore[reportUnknownVariableType]


def _parse_repaired(data: bytes, error: orjson.JSONDecodeError) -> object:
    repaired = data.decode("utf-8", "replace").encode()
    repaired = _ESCAPE.sub(lambda match: b"\\ufffd" if match["alone"] else match[0], repaired)
    if repaired == data:
        raise BadLine(_why(error)) from None
    try:
        return orjson.loads(repaired)
    except orjson.JSONDecodeError as again:
        raise BadLine(_why(again)) from None


def _why(error: orjson.JSONDecodeError) -> str:
    if "recursion" in error.msg or "depth" in error.msg:
        return "the line is nested too deeply"
    return f"the line is not JSON: {error.msg} at column {error.pos + 1}"


def _type_name(value: object) -> str:
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "a truth value" if isinstance(value, bool) else "a number"


# These three run about forty times per line: a cast() in each would cost a tenth of the reading time.


def obj(value: object) -> Record:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def array(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def text(value: object) -> str | None:
    """The value if it is a text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def integer(value: object) -> int | None:
    """The value if it is a whole number, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    """The value if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def count(usage: Record, key: str) -> int:
    """A token count; 0 where the key is absent or null.

    Raises:
        BadLine: it is negative, no whole number or beyond `MAX_COUNT`. Then the whole usage cannot be trusted. Taking
            it as zero would give a wrong total that looks right.
    """
    value = usage.get(key)
    if value is None:
        return 0
    if type(value) is int and 0 <= value <= MAX_COUNT:
        return value
    raise BadLine(f"{key} is not a token count")


def stated_count(usage: Record, key: str) -> int | None:
    """A count that is shown and not added up; None where it is absent or cannot be a count."""
    value = integer(usage.get(key))
    return value if value is not None and 0 <= value <= MAX_COUNT else None


def stamp(value: object) -> float | None:
    """Seconds UTC of an ISO 8601 time, or None. A time without a zone is UTC; for numbers see `epoch`."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


LATEST_EPOCH = 253_402_300_799.0
"""The last second of the year 9999, in seconds UTC."""


def epoch(value: object) -> float | None:
    """Seconds UTC of a time that is stated as a number of seconds; None if it is not from 1970 to 9999."""
    at = number(value)
    return at if at is not None and 0.0 <= at <= LATEST_EPOCH else None


def compact_json(value: object) -> str:
    """The value as compact JSON text; a value that is nested too deeply gives a text that says so."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return '"(nested too deeply to show)"'
