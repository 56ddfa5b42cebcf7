"""Durations and times as a person writes them: one grammar for the configuration, the command line and a replay."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

ALL = "all"
"""The word for no limit, in place of a duration that limits how far back something goes."""
DURATIONS = ("90s", "15m", "24h", "7d")
"""Examples of durations, for help and messages."""
TIME = "2026-05-09T09:30:00Z"
"""An example of a time, for help and messages."""
DURATION_WORDS = f"A duration is seconds, or text such as {', '.join(DURATIONS)} or 1h30m (s, m, h, d, w)."
TIME_WORDS = (
    "A time is a duration ago such as 10m; a time of day such as 07:12, the last one; now; or ISO 8601 such as"
    f" {TIME}. Without a zone it is local time, on the replay screen UTC."
)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,6}})?)([{''.join(_UNITS)}])", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern}){{1,5}}", re.ASCII)
_OF_DAY = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


def duration(text: str) -> float | None:
    """Seconds of a text such as `90`, `90s`, `24h` or `1h30m`; None if it is not a duration."""
    if _SECONDS.fullmatch(text):
        return float(text)
    if _DURATION.fullmatch(text) is None:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def written(seconds: float) -> str:
    """A duration as it can be written, in the largest unit without a remainder: `24h`, `90s`."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0 and (unit != "d" or seconds >= 2 * _UNITS["d"]):
            return f"{int(seconds // _UNITS[unit])}{unit}"
    return f"{seconds:g}s"


def time_of(text: str, zone: tzinfo | None = None) -> float:
    """Seconds UTC of an ISO 8601 text. `zone` holds for a text that states none; None: local time.

    Raises:
        ValueError: it is not such a text, or no calendar has the time.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone is not None else moment.astimezone()
        return moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"not a time such as {TIME}") from None


def is_time_of_day(text: str) -> bool:
    """Whether the text has the form `07:12` or `07:12:03`."""
    return _OF_DAY.fullmatch(text.strip()) is not None


def moment(text: str, now: float, zone: tzinfo | None = None) -> float:
    """Seconds UTC of `now`, a duration before `now` (`10m`), a time of day (`07:12`: the last one), or ISO 8601.

    `zone` holds for a text that states none; None: local time.

    Raises:
        ValueError: it is none of these.
    """
    words = text.strip()
    if words == "now":
        return now
    if (ago := duration(words)) is not None:
        return now - ago
    if (found := _OF_DAY.fullmatch(words)) is None:
        return time_of(words, zone)
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        today = datetime.fromtimestamp(now, zone).replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        raise ValueError("not a time of day such as 07:12") from None
    return (today if today.timestamp() <= now else today - timedelta(days=1)).timestamp()
