"""Raw texts of a document as every format shows them: safe, without secrets, and without the names of home folders."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

from tui.report.verdict import long_duration
from tui.text.safe_text import SafeText, safe_text

LIMIT = 400
UNKNOWN = SafeText("?")
_HOME = re.compile(r"(?<![\w.~/])/(?:home|Users)/[^/\s\"'`:;,|<>]+(?=/|\Z|[\s\"'`:;,|])|(?<![\w.~/])/root(?=/)")
"""A person's home folder. Its name is that person's, on whatever machine the transcript was written."""


def shown(raw: str, *, limit: int = LIMIT) -> SafeText:
    """A text in one line: safe, its secrets masked, home folders as `~`."""
    return SafeText(_HOME.sub("~", safe_text(raw, limit=limit)))


def clock(at: float | None) -> SafeText:
    """Seconds UTC as ISO 8601, rounded to the second: `2026-05-09 05:32:36`. Unknown is `?`."""
    moment = _moment(at)
    return UNKNOWN if moment is None else SafeText(f"{moment:%Y-%m-%d %H:%M:%S}")


def time_of_day(at: float | None) -> SafeText:
    """The time of seconds UTC, rounded to the second: `05:32:36`."""
    moment = _moment(at)
    return UNKNOWN if moment is None else SafeText(f"{moment:%H:%M:%S}")


def length(seconds: float | None) -> SafeText:
    """A length of time in words."""
    return SafeText(long_duration(seconds))


def exact(count: int | None) -> SafeText:
    """A count to the last digit: `1,190,826,256`."""
    return UNKNOWN if count is None else SafeText(f"{count:,}")


def _moment(at: float | None) -> datetime | None:
    if at is None:
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC)
        return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    except (OverflowError, OSError, ValueError):  # a transcript may state any number
        return None


def rounded(count: float | None) -> SafeText:
    """A count as people say it: `1.191B`, `164.1M`, `31.3k`, `842`. Unknown is `?`."""
    if count is None or not isfinite(count):
        return UNKNOWN
    for unit, size, digits in (("B", 1e9, 3), ("M", 1e6, 1), ("k", 1e3, 1)):
        if abs(count) >= size:
            return SafeText(f"{count / size:.{digits}f}{unit}")
    return SafeText(f"{count:.0f}")
