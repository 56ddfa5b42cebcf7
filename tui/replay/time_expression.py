"""A moment of recorded time as a person writes it: a clock time, an offset, a share of the run, an action's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from tui.text.times import duration, time_of

_CLOCK = re.compile(r"\A(\d{1,2}):(\d\d)(?::(\d\d))?\Z")
_DISTANCE = re.compile(r"\A([+-])(.*[a-z])\Z")
_DATE = re.compile(r"\A\d{4}-\d\d-\d\d")
_SHARE = re.compile(r"\A(\d{1,3}(?:\.\d+)?)\s?%\Z")


class NamedMoment(Protocol):
    """A moment that has a name, such as the beginning of an action."""

    @property
    def at(self) -> float:
        """Seconds UTC."""
        ...

    @property
    def name(self) -> str:
        """The name as a person writes it, in upper or lower case."""
        ...


def moment_of(
    text: str,
    at: float,
    start: float,
    end: float,
    actions: Sequence[NamedMoment] = (),
    zone: tzinfo | None = UTC,
) -> float:
    """The moment (seconds UTC) that a text means, from `at`, in a run from `start` to `end`.

    `07:12` and `07:12:03` are times of `zone` (None: local time), on the day of `at` or, if that lies outside the run,
    on the first day of the run that has them; `2026-05-09 07:12` and ISO 8601 without a zone are times of it, too;
    `+10m`, `-1h30m` count from `at`; `40%` is a share of the run; anything else is the name of an action (`S091`).

    Raises:
        ValueError: it names no moment; the message says why.
    """
    words = text.strip()
    if (match := _DISTANCE.match(words)) and (length := duration(match[2])) is not None:
        return at + length if match[1] == "+" else at - length
    if match := _SHARE.match(words):
        return start + min(100.0, float(match[1])) / 100 * (end - start)
    if match := _CLOCK.match(words):
        return _clock(int(match[1]), int(match[2]), int(match[3] or 0), (at, start, end), zone)
    if _DATE.match(words):
        return time_of(words, zone)
    wanted = words.casefold()
    found = next((action.at for action in actions if action.name.casefold() == wanted), None)
    if found is not None and wanted:
        return found
    raise ValueError("neither a time (07:12, +10m, 40%) nor the name of an action")


def _clock(hours: int, minutes: int, seconds: int, run: tuple[float, float, float], zone: tzinfo | None) -> float:
    at, start, end = run
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError("there is no such time of day")
    try:
        day = datetime.fromtimestamp(at, zone).replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
        first = datetime.fromtimestamp(start, zone).replace(hour=hours, minute=minutes, second=seconds, microsecond=0)
    except (ValueError, OverflowError, OSError):
        raise ValueError("the run has no such day") from None
    if start <= day.timestamp() <= end:
        return day.timestamp()
    for later in (0, 1):
        moment = (first + timedelta(days=later)).timestamp()
        if start <= moment <= end:
            return moment
    return day.timestamp()
