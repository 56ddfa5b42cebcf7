"""Claude's api errors: limits that were reached, failures of the service, and retries."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tui.agents.tools import DETAIL_BOUND, joined_text
from tui.io.json_fields import Record, Where, integer, number, obj, text
from tui.model.event import ApiError, Event, Limit

_REACHED = re.compile(
    r"(?:usage limit reached|\blimit reached\b|\bhit your (?:[\w'’-]+ ){0,3}(?:limit|budget)\b"
    r"|\bout of (?:extra )?usage\b|\busage is paused\b)",
    re.IGNORECASE,
)
"""What clients say of a limit that was reached. Lines of newer clients state it in fields besides."""
_RESETS = re.compile(r"limit reached\|(\d{10,13})\b")
_RESETS_AT = re.compile(
    r"(?<!limit )\bresets (?:at )?(?:([A-Z][a-z]{2}) (\d{1,2}), )?"
    r"(\d{1,2})(?::(\d\d))? ?(am|pm) \(([A-Za-z_+\-/0-9]{1,40})\)"
)
"""A time of day with its zone, and a date if it is more than a day ahead. It means the next such moment. After `limit`
it is the reset of another limit than the one that was reached.
"""
_PAST_DAYS = 7
"""A date so many days ago is meant as past: the limit has been reset."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMED = re.compile(r"\b(5-hour|weekly|session|monthly|spend|budget|opus|sonnet|fable|haiku|usage credits)\b")
_HEAD = re.compile(r"^[^·∙|]*")
"""What comes before the first separator: the limit that was reached."""
_STATUS = re.compile(r"^API Error: (\d{3})\b")
_FIVE_HOURS, _WEEK = 300, 10_080
_WINDOWS = {"5-hour": _FIVE_HOURS, "weekly": _WEEK}
"""Lengths of the windows in minutes, by their names."""
_WORDS = {
    "session": ["5-hour"], "opus": ["opus", "weekly"], "sonnet": ["sonnet", "weekly"], "fable": ["fable", "weekly"],
    "haiku": ["haiku", "weekly"], "usage credits": ["usage credits"],
}  # fmt: skip
"""What a word of a sentence says of the limit. A limit of one model is weekly."""
_TYPES = {
    "five_hour": ("5-hour", _FIVE_HOURS), "seven_day": ("weekly", _WEEK), "seven_day_opus": ("opus weekly", _WEEK),
    "seven_day_sonnet": ("sonnet weekly", _WEEK), "overage": ("usage credits", None),
}  # fmt: skip
"""Names and lengths in minutes of the windows, by `rateLimitType`. `seven_day_overage_included` is the week of one
model, which only the sentence names.
"""

MILLISECONDS_FROM = 10**11
"""Times from this number on are in milliseconds: in seconds they would be three thousand years ahead."""


def api_error_events(record: Record, where: Where) -> list[Event]:
    """The event of a message that stands for a failed request: a reached limit, or an error.

    `error: "rate_limit"` alone is no reached limit: the client writes it, too, when the service is busy for everybody.
    """
    said = joined_text(obj(record.get("message")).get("content")) or text(record.get("error")) or "api error"
    stated = obj(record.get("quotaLimits")) or obj(obj(record.get("apiErrorParams")).get("rate_limit_info"))
    is_reached = record.get("apiError") == "usage_limit_reached" or stated.get("status") == "rejected"
    if stated.get("isUsingOverage") is True:
        is_reached = False  # credits pay for what is over the limit
    elif not stated:
        is_reached = is_reached or _REACHED.search(said) is not None
    if is_reached:
        return [_limit(stated, said, where)]
    return [ApiError(*where, said[:DETAIL_BOUND], _status(record, said))]


def _limit(stated: Record, said: str, where: Where) -> Limit:
    """The limit that was reached. What the line states in fields is taken before its sentence."""
    words = _NAMED.findall(match[0].lower() if (match := _HEAD.match(said)) else "")
    named = list(dict.fromkeys(part for word in words for part in _WORDS.get(word, [word])))
    name, window = " ".join(named) or None, next((_WINDOWS[one] for one in named if one in _WINDOWS), None)
    resets_at = _seconds(number(stated.get("resetsAt")))
    known = _TYPES.get(text(stated.get("rateLimitType")) or "")
    if known is not None:
        name, window = known
    return Limit(*where, name, window, None, resets_at or _said_reset(said, where.at), reached=True)


def _said_reset(said: str, at: float | None) -> float | None:
    """The time of the reset in a sentence, seconds UTC; None if it states none that can be read."""
    if resets := _RESETS.search(said):
        return _seconds(float(resets[1]))
    if at is not None and (stated := _RESETS_AT.search(said)):
        return _next(at, stated)
    return None


def _seconds(at: float | None) -> float | None:
    return at / 1000 if at is not None and at >= MILLISECONDS_FROM else at


def _next(after: float, stated: re.Match[str]) -> float | None:
    """The first moment after `after` (seconds UTC) at the stated time; None if there is no such time or zone."""
    month, day, hour, minute, half, zone = stated.groups()
    if not 1 <= int(hour) <= 12 or (month and month not in _MONTHS):
        return None
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (rarely needed, and slow to import)

    try:
        now = datetime.fromtimestamp(after, ZoneInfo(zone))
        hours = int(hour) % 12 + (12 if half == "pm" else 0)
        then = now.replace(hour=hours, minute=int(minute or 0), second=0, microsecond=0)
        if month:
            then = then.replace(month=_MONTHS.index(month) + 1, day=int(day))
            then = then if then > now - timedelta(days=_PAST_DAYS) else then.replace(year=then.year + 1)
        else:
            then = then if then > now else then + timedelta(days=1)
        return then.timestamp()
    except (ValueError, OverflowError, OSError, KeyError):
        return None


def _status(record: Record, said: str) -> int | None:
    stated = integer(record.get("apiErrorStatus"))
    named = _STATUS.match(said)
    return stated if stated is not None else int(named[1]) if named else None


def retry_events(record: Record, where: Where) -> list[Event]:
    """The event of a failed request that the client will send again by itself."""
    error = obj(record.get("error"))
    attempt, most = integer(record.get("retryAttempt")), integer(record.get("maxRetries"))
    wait = number(record.get("retryInMs"))
    final = attempt is not None and most is not None and attempt > most
    status = integer(error.get("status"))
    return [
        ApiError(*where, _message(error, record)[:DETAIL_BOUND], status, None if wait is None else wait / 1000, final)
    ]


def _message(error: Record, record: Record) -> str:
    # The client wraps the service's error once or twice.
    while error:
        said = text(error.get("message"))
        if said:
            return said
        cause = text(obj(error.get("cause")).get("code"))
        if cause:
            return cause
        error = obj(error.get("error"))
    return text(record.get("content")) or "api error"
