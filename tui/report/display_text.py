"""The texts, numbers and times of a document in every format: safe, without secrets and names of home folders.

Unknown values are `?` in every format. Times are UTC, cut to the second.
"""

from __future__ import annotations

import re
from datetime import UTC
from functools import lru_cache
from math import isfinite

from tui.report.document import Window
from tui.text.format import money, time_in_form
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.secrets.find import MASK, mask_secrets, secret_spans

LIMIT = 400
HELD_BACK = 256
"""Characters beyond a limit that are searched too, because a secret may cross the limit."""
UNKNOWN = SafeText("?")
_CACHED_CHARS = 512
_HOME = re.compile(r"(?<![\w.~/])/(?:home|Users)/[^/\s\"'`:;,|<>]+(?=/|\Z|[\s\"'`:;,|])|(?<![\w.~/])/root(?=/)")
"""A person's home folder. Its name identifies the person, on whatever machine the transcript was written."""
_DAY_S = 86400


# -- texts ------------------------------------------------------------------------------------------


def shown(raw: str, *, limit: int = LIMIT) -> SafeText:
    """A safe text in one line, with secrets masked and home folders as `~`.

    A second call on the result changes nothing.
    """
    return _cached(raw, limit) if len(raw) <= _CACHED_CHARS else _shown(raw, limit)


def shown_path(raw: str, limit: int) -> SafeText:
    """A path within `limit` characters, of which the end is kept."""
    return safe_path(shown(raw, limit=1000), limit=limit)


@lru_cache(maxsize=8192)
def _cached(raw: str, limit: int) -> SafeText:
    return _shown(raw, limit)


def _shown(raw: str, limit: int) -> SafeText:
    return SafeText(_HOME.sub("~", safe_text(raw, limit=limit)))


def clip(text: str, limit: int) -> str:
    """The first `limit` characters of a raw text.

    Fewer if a secret crosses the limit, since half a secret would not be masked later.
    """
    if len(text) <= limit:
        return text
    for start, end in secret_spans(text[: limit + HELD_BACK]):
        if start < limit < end:
            return text[:start]
    return text[:limit]


def shortened(text: str, limit: int) -> str:
    """A raw text of at most `limit` characters, cut between words if possible. A cut text ends in `…`."""
    text = text.strip()
    if len(text) <= limit:
        return text
    cut = clip(text, limit - 1)
    space = cut.rfind(" ")
    return f"{cut[:space].rstrip(' ,;:') if space > limit // 2 else cut.rstrip()}…"


def whole_line(text: str, part: str) -> str:
    """The whole line of a text that contains `part`; only the mask if a secret of several lines runs through it."""
    at = text.find(part)
    if at < 0 or not part:
        return mask_secrets(part)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at + len(part))
    end = end if end >= 0 else len(text)
    line = text[start:end].strip()
    for first, last in secret_spans(text):
        if first < end and last > start and not (start <= first and last <= end):
            return MASK
    return line


# -- numbers ----------------------------------------------------------------------------------------


def plural(count: int, one: str, many: str = "") -> str:
    """`1 lane`, `88 lanes`. `many` is the plural if it is not the noun with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def exact(count: float | None) -> SafeText:
    """A count with all digits: `1,190,826,256`."""
    return UNKNOWN if count is None else SafeText(f"{count:,}" if isinstance(count, int) else f"{count:,.0f}")


def rounded(count: float | None) -> SafeText:
    """A rounded count: `1.191B`, `164.1M`, `31.3k`, `842`."""
    if count is None or not isfinite(count):
        return UNKNOWN
    for unit, size, digits in (("B", 1e9, 3), ("M", 1e6, 1), ("k", 1e3, 1)):
        if abs(count) >= size:
            return SafeText(f"{count / size:.{digits}f}{unit}")
    return SafeText(f"{count:.0f}")


def long_duration(seconds: float | None) -> SafeText:
    """A duration in words: `6 h 5 min 39 s`, `2 d 3 h`, `0.4 s`."""
    if seconds is None or not isfinite(seconds):
        return UNKNOWN
    if seconds < 1:
        return SafeText(f"{seconds:.1f} s")
    whole = round(seconds)
    days, hours, minutes, rest = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60, whole % 60
    if days:
        parts = ((days, "d"), (hours, "h"))
    elif hours:
        parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    else:
        parts = ((minutes, "min"), (rest, "s"))
    return SafeText(" ".join(f"{count} {unit}" for count, unit in parts if count))


# -- times ------------------------------------------------------------------------------------------


def clock(at: float | None) -> SafeText:
    """Seconds UTC as `2026-05-09 05:32:36`."""
    return _written(at, "%Y-%m-%d %H:%M:%S")


def machine_time(at: float | None) -> SafeText:
    """Seconds UTC for a `time` element: `2026-05-09T05:32:36Z`."""
    return _written(at, "%Y-%m-%dT%H:%M:%SZ")


def time_of_day(at: float | None) -> SafeText:
    """The time of seconds UTC: `05:32:36`."""
    return _written(at, "%H:%M:%S")


def short_stamp(at: float | None, *, one_day: bool) -> SafeText:
    """The time of day, with the date unless the whole report is of one day."""
    return time_of_day(at) if one_day else _written(at, "%m-%d %H:%M:%S")


def tick_label(at: float, step_s: float, *, one_day: bool) -> SafeText:
    """The label of a time axis, as exact as its step needs."""
    if step_s >= _DAY_S:
        return _written(at, "%m-%d")
    if step_s < 60:
        return time_of_day(at)
    return _written(at, "%H:%M" if one_day else "%m-%d %H:%M")


def is_one_day(window: Window) -> bool:
    """True if the window begins and ends on the same day UTC, or one of these is unknown."""
    if window.start is None or window.end is None:
        return True
    return clock(window.start)[:10] == clock(window.end)[:10]


def _written(at: float | None, form: str) -> SafeText:
    return time_in_form(at, form, UTC)


def dollars(usd: float | None, priced_usd: float = 0.0) -> SafeText:
    """US dollars. If a price is unknown (`usd` None): the priced part as a lower bound, `≥$8.66`; `$ ?` without any."""
    if usd is None and priced_usd > 0:
        return SafeText(f"≥{money(priced_usd)}")
    return money(usd)
