"""Claude's api errors: limits that were reached, failures of the service, and retries."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tui.agents.tools import DETAIL_BOUND, joined_text
from tui.io.json_fields import Record, Where, integer, number, obj, text
from tui.model.event import ApiError, Event, Limit

_REACHED = re.compile(
    r"(?:usage limit reached|\blimit reached\b|hit your (?:[\w-]+ ){0,2}limit\b|out of extra usage)", re.IGNORECASE
)
_RESETS = re.compile(r"limit reached\|(\d{10,13})\b")
_RESETS_AT = re.compile(r"\bresets (?:at )?(\d{1,2})(?::(\d\d))? ?(am|pm) \(([A-Za-z_+\-/0-9]{1,40})\)")
"""A time of day with its zone, as newer clients state it. It means the next such moment. A text with a date is not
read.
"""
_NAMED = re.compile(r"\b(5-hour|weekly|session|monthly|opus|sonnet|fable|haiku)\b(?= (?:\w+ )?limit\b)")
_STATUS = re.compile(r"^API Error: (\d{3})\b")
_WINDOWS = {"5-hour": 300, "weekly": 10_080}
"""Lengths of the windows in minutes."""

MILLISECONDS_FROM = 10**11
"""Times from this number on are in milliseconds: in seconds they would be three thousand years ahead."""


def api_error_events(record: Record, where: Where) -> list[Event]:
    """The event of a message that stands for a failed request: a reached limit, or an error."""
    said = joined_text(obj(record.get("message")).get("content")) or text(record.get("error")) or "api error"
    if _REACHED.search(said) or record.get("error") == "rate_limit":
        return [_limit(said, where)]
    return [ApiError(*where, said[:DETAIL_BOUND], _status(record, said))]


def _limit(said: str, where: Where) -> Limit:
    resets = _RESETS.search(said)
    resets_at = float(resets[1]) if resets else None
    if resets_at is not None and resets_at >= MILLISECONDS_FROM:
        resets_at /= 1000
    if resets_at is None and where.at is not None and (stated := _RESETS_AT.search(said)):
        resets_at = _next(where.at, stated)
    named = _NAMED.findall(said.lower())
    window = next((_WINDOWS[name] for name in named if name in _WINDOWS), None)
    return Limit(*where, " ".join(named) or None, window, None, resets_at, reached=True)


def _next(after: float, stated: re.Match[str]) -> float | None:
    """The first moment after `after` (seconds UTC) at the stated time of day; None if there is no such time or zone."""
    hour, minute = int(stated[1]) % 12 + (12 if stated[3] == "pm" else 0), int(stated[2] or 0)
    if not 1 <= int(stated[1]) <= 12:
        return None
    from zoneinfo import ZoneInfo  # noqa: PLC0415 (rarely needed, and slow to import)

    try:
        now = datetime.fromtimestamp(after, ZoneInfo(stated[4]))
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except (ValueError, OverflowError, OSError, KeyError):
        return None
    return (then if then > now else then + timedelta(days=1)).timestamp()


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
