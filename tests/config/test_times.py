"""One grammar of durations and times, wherever a person writes them."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli import arguments
from tui.replay.time_expression import moment_of
from tui.settings.kinds import Seconds, parse_since
from tui.text.times import DURATIONS, TIME, duration, moment, time_of, written


@pytest.mark.parametrize("text", [*DURATIONS, "1h30m", "2w", "1.5h", "1d2h3m4s"])
def test_a_duration_means_the_same_to_settings_options_and_replay(text: str) -> None:
    seconds = duration(text)
    assert seconds is not None
    assert Seconds(0, 10**9).read(text) == parse_since(text) == arguments.length(text) == seconds
    assert moment_of(f"+{text}", 1e9, 0, 2e9) == 1e9 + seconds


@pytest.mark.parametrize("text", ["", "h", "1.h", "tomorrow", "1h1", "²h", "٣h", "9" * 40, "1h" * 6, "-1h", "1 h"])
def test_what_is_no_duration_is_none_anywhere(text: str) -> None:
    assert duration(text) is None
    for read in (Seconds(0, 10**9).read, parse_since, arguments.length, lambda text: moment_of(f"+{text}", 0, 0, 1)):
        with pytest.raises((ValueError, argparse.ArgumentTypeError)):
            read(text)


@given(st.integers(0, 10**6))
def test_a_written_duration_is_read_as_the_same(seconds: int) -> None:
    assert duration(written(seconds)) == seconds


def test_a_time_means_the_same_to_options_and_replay() -> None:
    stated = datetime(2026, 5, 9, 9, 30, tzinfo=UTC).timestamp()
    assert arguments.at(TIME) == moment_of(TIME, 0, 0, 1) == time_of(TIME) == stated
    assert time_of("2026-05-09 09:30", timezone(timedelta(hours=2))) == stated - 7200
    assert time_of("2026-05-09 09:30") == datetime(2026, 5, 9, 9, 30).astimezone().timestamp()


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-05-09T25:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time such as"):
        time_of(text)
    with pytest.raises(argparse.ArgumentTypeError, match="is not a time such as"):
        arguments.at(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-05-09T09:30:00"),
        ("10m", "2026-05-09T09:20:00"),
        ("90", "2026-05-09T09:28:30"),
        ("07:12", "2026-05-09T07:12:00"),
        ("09:30:01", "2026-05-08T09:30:01"),
        ("2026-05-01T10:00", "2026-05-01T10:00:00"),
        ("2026-05-01T10:00+02:00", "2026-05-01T08:00:00"),
    ],
)
def test_a_time_is_a_duration_ago_a_time_of_day_or_a_date(text: str, meant: str) -> None:
    now = datetime(2026, 5, 9, 9, 30, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(moment(text, now, UTC), UTC).isoformat()[:19] == meant


@pytest.mark.parametrize("text", ["", "25:00", "07:61", "tomorrow"])
def test_what_is_no_time_of_any_sort_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        moment(text, 1e9, UTC)
