"""Numbers, money and times as short text of a known width.

Every function shows None (unknown) as `?`, never as zero. No result is wider than its `*_CELLS`, so that a column
keeps its width; only `number` has as many digits as it needs. All results are ASCII.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo

from tui.text.safe_text import SafeText

UNKNOWN = SafeText("?")

COMPACT_CELLS = 5
RATE_CELLS = 7
MONEY_CELLS = 8
AGE_CELLS = 5
DURATION_CELLS = 5
PERCENT_CELLS = 5
CLOCK_CELLS = 12
TIME_CELLS = 8
SIZE_CELLS = 10
FIGURE_CELLS = 7
HOUR_CELLS = 5

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 31557600


def number(value: float | None) -> SafeText:
    """A whole number with thousands separators: `12,345`."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return SafeText(f"{value:,.0f}")


def compact(count: float | None) -> SafeText:
    """A count of anything in three digits: `842`, `12.3k`, `195M`, `1.19B`."""
    if count is None or not math.isfinite(count) or count < 0:
        return UNKNOWN
    return SafeText(_three_digits(count))


def rate(tokens_per_hour: float | None) -> SafeText:
    """Tokens per hour: `195M/h`."""
    if tokens_per_hour is None or not math.isfinite(tokens_per_hour):
        return SafeText("?/h")
    if 0 < tokens_per_hour < 1:  # a small count is never shown as zero
        return SafeText("<1/h")
    return SafeText(f"{compact(tokens_per_hour)}/h")


def money(usd: float | None) -> SafeText:
    """US dollars: `$12.34`; small sums with two significant digits (`$0.0042`); unknown `$ ?`."""
    if usd is None or not math.isfinite(usd) or usd < 0:
        return SafeText("$ ?")
    if 0 < usd < 0.00005:
        return SafeText("<$0.0001")
    if 0 < usd < 0.00995:
        return SafeText(f"${usd:.4f}")
    if usd < 999.995:
        return SafeText(f"${usd:.2f}")
    if usd < 99_999.5:
        return SafeText(f"${usd:,.0f}")
    return SafeText(f"${_three_digits(usd)}")


def money_short(usd: float | None) -> SafeText:
    """US dollars in few cells, without cents from ten dollars on: `$0.42`, `$12`, `$1.2k`."""
    if usd is None or not math.isfinite(usd) or usd < 9.995:
        return money(usd)
    return SafeText(f"${_three_digits(usd)}")


def money_shortest(usd: float | None) -> SafeText:
    """US dollars in at most six cells: `<$0.01`, `$0.42`, `$12`, `$1.2k`, `$123k`."""
    if usd is None or not math.isfinite(usd) or usd < 0 or 0.00995 <= usd < 999.5 or not usd:
        return money_short(usd)
    if usd < 0.00995:
        return SafeText("<$0.01")
    for size, sign in ((1e3, "k"), (1e6, "M")):
        if usd < 999.5 * size:
            return SafeText(f"${usd / size:.1f}{sign}" if usd < 9.95 * size else f"${usd / size:.0f}{sign}")
    return money_short(usd)


def age(seconds: float | None) -> SafeText:
    """An age in one or two units.

    `3s`, `12m`, `5h12`, `3d`, `2y`. A time in the future is `0s`: clocks differ.
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return SafeText(f"{whole}s")
    if whole < _HOUR:
        return SafeText(f"{whole // _MINUTE}m")
    if whole < _DAY:
        return SafeText(f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}")
    return _days(whole)


def duration(seconds: float | None) -> SafeText:
    """A duration: `0.4s`, `12s`, `3m05`, `12m`, `5h12`, `5h`, `3d`."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if 0 < seconds < 0.95:
        return SafeText(f"{max(seconds, 0.1):.1f}s")
    whole = max(0, round(seconds))
    if whole < 10 * _MINUTE:
        return _two(whole // _MINUTE, "m", whole % _MINUTE, "s")
    if whole < _HOUR:
        return SafeText(f"{whole // _MINUTE}m")
    if whole < _DAY:
        return _two(whole // _HOUR, "h", whole % _HOUR // _MINUTE, "m")
    return _days(whole)


def percent(share: float | None) -> SafeText:
    """A share (0 to 1) as `37%`. `0%` is exactly none, `100%` exactly all."""
    if share is None or not math.isfinite(share) or share < 0:
        return UNKNOWN
    shown = f"{share:.0%}"
    if share > 0 and shown == "0%":
        return SafeText("<1%")
    if share < 1 and shown == "100%":
        return SafeText(">99%")
    return SafeText(shown if len(shown) < PERCENT_CELLS else ">999%")


def clock(at: float | None, zone: tzinfo | None = None) -> SafeText:
    """Date and time of seconds UTC: `20 Nov 14:05`. `zone` defaults to this machine's."""
    moment = _moment(at, zone)
    if moment is None:
        return UNKNOWN
    return SafeText(f"{moment.day:2} {_MONTHS[moment.month - 1]} {moment.hour:02}:{moment.minute:02}")


def date(at: float | None, zone: tzinfo | None = None) -> SafeText:
    """The day of seconds UTC: `2026-05-09`. `zone` defaults to this machine's."""
    return time_in_form(at, "%Y-%m-%d", zone)


def time_of_day(at: float | None, zone: tzinfo | None = None) -> SafeText:
    """The time of seconds UTC: `14:05:09`. `zone` defaults to this machine's."""
    return time_in_form(at, "%H:%M:%S", zone)


def hour(at: float | None, zone: tzinfo | None = None) -> SafeText:
    """Hours and minutes of seconds UTC: `14:05`. `zone` defaults to this machine's."""
    return time_in_form(at, "%H:%M", zone)


def time_in_form(at: float | None, form: str, zone: tzinfo | None = None) -> SafeText:
    """The time of seconds UTC in a form of `strftime`. `zone` defaults to this machine's.

    Parts of a second are cut off, here and wherever times are shown, so that an event has the same time everywhere.
    """
    moment = _moment(at, zone)
    return UNKNOWN if moment is None else SafeText(moment.strftime(form))


def figure(value: float | None) -> SafeText:
    """A small figure in two digits: `0`, `<0.0001`, `0.0031`, `0.02`, `1.9`, `24`."""
    if value is None or not math.isfinite(value) or value < 0:
        return UNKNOWN
    if 0 < value < 0.00095:
        return SafeText(f"{value:.4f}" if value >= 0.0001 else "<0.0001")
    if value < 0.995:
        return SafeText(f"{value:.2g}")
    return SafeText(f"{value:.1f}" if value < 9.95 else _three_digits(value))


def size(count: float | None) -> SafeText:
    """Bytes in binary units: `64.0 MiB`."""
    if count is None or not math.isfinite(count) or count < 0:
        return UNKNOWN
    from humanize import naturalsize  # noqa: PLC0415 (rarely needed, and slow to import)

    return SafeText(naturalsize(min(count, 1e24), binary=True))


def _three_digits(value: float) -> str:
    """Three significant digits and a unit. `value` is not negative."""
    if value < 999.5:
        return f"{value:.0f}"
    for unit in "kMBT":
        value /= 1000
        if value < 999.5:
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:.{digits}f}{unit}"
    return ">999T"


def _two(first: int, unit: str, second: int, lower: str) -> SafeText:
    if not first:
        return SafeText(f"{second}{lower}")
    return SafeText(f"{first}{unit}{second:02}" if second else f"{first}{unit}")


def _days(whole: int) -> SafeText:
    if whole < 1000 * _DAY:
        return SafeText(f"{whole // _DAY}d")
    return SafeText(f"{min(whole // _YEAR, 9999)}y")


def _moment(at: float | None, zone: tzinfo | None) -> datetime | None:
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (OverflowError, OSError, ValueError):  # a transcript may state any number
        return None
