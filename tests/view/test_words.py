"""Each word for a number: by table, and never wider than its column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import format as words
from tui.text.safe_text import SafeText

M, B, T = 1e6, 1e9, 1e12
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "?"), (0, "0"), (1, "1"), (842, "842"), (999, "999"), (1000, "1.00k"), (1234, "1.23k"),
        (9_994, "9.99k"), (9_996, "10.0k"), (12_345, "12.3k"), (99_949, "99.9k"), (99_960, "100k"),
        (195_234, "195k"), (999_499, "999k"), (999_500, "1.00M"), (195_000_000, "195M"),
        (1_191_000_000, "1.19B"), (2.5e12, "2.50T"), (999e12, "999T"), (1e15, ">999T"), (1e300, ">999T"),
        (float("nan"), "?"), (float("inf"), "?"), (-5, "?"),
    ],
)  # fmt: skip
def test_compact_counts(count: float | None, shown: str) -> None:
    assert words.compact(count) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "?/h"),
        (0, "0/h"),
        (0.4, "<1/h"),
        (1, "1/h"),
        (195 * M, "195M/h"),
        (1.19 * B, "1.19B/h"),
        (9 * T, "9.00T/h"),
    ],
)
def test_rate(value: float | None, shown: str) -> None:
    assert words.rate(value) == shown


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "$ ?"), (0, "$0.00"), (0.00001, "<$0.0001"), (0.00005, "$0.0001"), (0.0042, "$0.0042"),
        (0.00994, "$0.0099"), (0.00996, "$0.01"), (0.42, "$0.42"), (12.344, "$12.34"), (999.99, "$999.99"),
        (999.996, "$1,000"), (1234.5, "$1,234"), (99_999, "$99,999"), (100_000, "$100k"), (1_234_567, "$1.23M"),
        (float("nan"), "$ ?"), (-1, "$ ?"),
    ],
)  # fmt: skip
def test_money(usd: float | None, shown: str) -> None:
    assert words.money(usd) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "?"), (-5, "0s"), (0, "0s"), (3.9, "3s"), (59.9, "59s"), (60, "1m"), (12 * MINUTE, "12m"),
        (3599, "59m"), (HOUR, "1h00"), (5 * HOUR + 12 * MINUTE, "5h12"), (DAY - 1, "23h59"), (DAY, "1d"),
        (3 * DAY, "3d"), (999 * DAY, "999d"), (1000 * DAY, "2y"), (1e12, "9999y"), (float("nan"), "?"),
    ],
)  # fmt: skip
def test_age(seconds: float | None, shown: str) -> None:
    assert words.age(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "?"), (-1, "0s"), (0, "0s"), (0.04, "0.1s"), (0.4, "0.4s"), (0.96, "1s"), (12, "12s"),
        (59.6, "1m"), (185, "3m05"), (180, "3m"), (599, "9m59"), (12 * MINUTE + 5, "12m"), (5 * HOUR, "5h"),
        (5 * HOUR + 12 * MINUTE, "5h12"), (DAY, "1d"), (3 * DAY + 4 * HOUR, "3d"), (12 * DAY, "12d"),
        (float("inf"), "?"),
    ],
)  # fmt: skip
def test_duration(seconds: float | None, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "?"), (0, "0%"), (0.001, "<1%"), (0.005, "<1%"), (0.0051, "1%"), (0.37, "37%"), (0.994, "99%"),
        (0.996, ">99%"), (1, "100%"), (1.5, "150%"), (9.99, "999%"), (25, ">999%"), (-0.1, "?"),
    ],
)  # fmt: skip
def test_percent(share: float | None, shown: str) -> None:
    assert words.percent(share) == shown


def test_clock_is_told_in_the_zone_that_is_given() -> None:
    at = 1_763_647_509  # 2025-11-20 14:05:09 UTC
    assert words.clock(at, UTC) == "20 Nov 14:05"
    assert words.clock(at, timezone(timedelta(hours=10))) == "21 Nov 00:05"
    assert words.time_of_day(at, UTC) == "14:05:09"
    assert words.time_of_day(at + 0.999, UTC) == "14:05:09"
    assert words.clock(1_762_300_000, UTC) == " 4 Nov 23:46"
    assert len(words.clock(at)) == words.CLOCK_CELLS


@pytest.mark.parametrize("at", [None, 1e20, -1e20, float("nan"), float("inf")])
def test_a_time_that_is_none_is_unknown(at: float | None) -> None:
    assert words.clock(at, UTC) == "?"
    assert words.time_of_day(at, UTC) == "?"


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "?"), (0, "0 Bytes"), (1024, "1.0 KiB"), (64 * 1024**2, "64.0 MiB"), (-1, "?")]
)
def test_size(count: float | None, shown: str) -> None:
    assert words.size(count) == shown


@given(value=st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(10**18), 10**18) | st.none())
def test_no_word_exceeds_its_column(value: float | None) -> None:
    widths: dict[Callable[[float | None], SafeText], int] = {
        words.compact: words.COMPACT_CELLS,
        words.rate: words.RATE_CELLS,
        words.money: words.MONEY_CELLS,
        words.age: words.AGE_CELLS,
        words.duration: words.DURATION_CELLS,
        words.percent: words.PERCENT_CELLS,
        words.clock: words.CLOCK_CELLS,
        words.time_of_day: words.TIME_CELLS,
        words.size: words.SIZE_CELLS,
        words.figure: words.FIGURE_CELLS,
        words.hour: words.HOUR_CELLS,
    }
    for word, cells in widths.items():
        text = word(value)
        assert len(text) <= cells, (word.__name__, text)
        assert text.isascii()
        assert text.isprintable()


@given(value=st.floats(1, 1e15) | st.integers(1, 10**15))
def test_something_is_never_shown_as_nothing(value: float) -> None:
    assert words.compact(value) != "0"
    assert words.money(value / 1e9) != "$0.00"
    assert words.percent(value / 1e15) != "0%"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "?"), (float("nan"), "?"), (-1, "?"), (0, "0"), (0.00001, "<0.0001"), (0.0004, "0.0004"), (0.0031, "0.0031"),
        (0.02, "0.02"), (0.024, "0.024"), (0.92, "0.92"), (1.9, "1.9"), (9.96, "10"), (24.2, "24"), (12_345, "12.3k"),
    ],
)  # fmt: skip
def test_figure(value: float | None, shown: str) -> None:
    assert words.figure(value) == shown


def test_hour_is_told_in_the_zone_that_is_given() -> None:
    assert words.hour(0, UTC) == "00:00"
    assert words.hour(0, timezone(timedelta(hours=5, minutes=30))) == "05:30"
    assert words.hour(1e20, UTC) == "?"
