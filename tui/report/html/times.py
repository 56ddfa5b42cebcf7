"""Times of a report, always UTC, and how a page writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.report.document import Window
from tui.report.html.markup import Markup, element
from tui.text.format import UNKNOWN
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own

_DAY_S = 86400
_HALF = timedelta(seconds=0.5)
"""Times are rounded to the second, as in every format of the report."""


def stamp(at: float | None) -> SafeText:
    """`2026-05-09 05:32:36`; `?` where it is unknown or no time at all."""
    return _written(at, "%Y-%m-%d %H:%M:%S")


def short_stamp(at: float | None, *, one_day: bool) -> SafeText:
    """The time of day; with its date unless the whole report is of one day."""
    return _written(at, "%H:%M:%S" if one_day else "%m-%d %H:%M:%S")


def tick(at: float, step_s: float, *, one_day: bool) -> SafeText:
    """A mark of a time axis: as much of the time as its step asks for."""
    if step_s >= _DAY_S:
        return _written(at, "%m-%d")
    if step_s < 60:
        return _written(at, "%H:%M:%S")
    return _written(at, "%H:%M" if one_day else "%m-%d %H:%M")


def is_one_day(window: Window) -> bool:
    """True if it begins and ends on the same day UTC, or nobody knows."""
    if window.start is None or window.end is None:
        return True
    return _written(window.start, "%Y-%m-%d") == _written(window.end, "%Y-%m-%d")


def timed(at: float | None, *, one_day: bool = False) -> Markup:
    """A `time` element: short on the page, whole for a machine."""
    machine = _written(at, "%Y-%m-%dT%H:%M:%SZ")
    if machine == UNKNOWN:
        return element("span", UNKNOWN, title=own("unknown"))
    return element("time", short_stamp(at, one_day=one_day), datetime=machine)


def _written(at: float | None, form: str) -> SafeText:
    if at is None:
        return UNKNOWN
    try:
        return safe_text((datetime.fromtimestamp(at, UTC) + _HALF).strftime(form))
    except (OverflowError, OSError, ValueError):  # a transcript may state any number
        return UNKNOWN
