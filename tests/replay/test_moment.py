"""A moment as a person writes it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.evidence import LaneId
from tui.replay.player import ActionMark
from tui.replay.time_expression import moment_of


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


START, END, AT = utc("2026-05-08T22:00:00"), utc("2026-05-09T11:38:15"), utc("2026-05-09T07:00:00")
ACTIONS = [
    ActionMark(utc("2026-05-09T05:58:30"), LaneId("codex:1"), "S091"),
    ActionMark(utc("2026-05-09T06:58:30"), LaneId("codex:1"), "S091"),
]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("07:12", "2026-05-09T07:12:00"),
        ("7:12:03", "2026-05-09T07:12:03"),
        ("23:30", "2026-05-08T23:30:00"),  # its own day has it after the run's end
        ("2026-05-09 06:00", "2026-05-09T06:00:00"),
        ("2026-05-09T08:00:00+02:00", "2026-05-09T06:00:00"),
        ("+10m", "2026-05-09T07:10:00"),
        ("-1h30m", "2026-05-09T05:30:00"),
        ("+90s", "2026-05-09T07:01:30"),
        ("0%", "2026-05-08T22:00:00"),
        ("100 %", "2026-05-09T11:38:15"),
        ("S091", "2026-05-09T05:58:30"),
        (" s091 ", "2026-05-09T05:58:30"),
    ],
)
def test_what_it_means(text, moment):
    assert moment_of(text, AT, START, END, ACTIONS) == utc(moment)


@pytest.mark.parametrize(
    "text", ["", "soon", "24:00", "25:00", "07:60", "2026-13-01", "S092", "+", "+10", "%", "1e9d", "\x1b[2J"]
)
def test_what_means_nothing_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match=r"neither|no such time|not a time"):
        moment_of(text, AT, START, END, ACTIONS)


@given(st.text(max_size=40), st.floats(0, 4e9), st.floats(0, 4e9), st.floats(0, 1e7))
def test_any_text_is_a_moment_or_refused(text, at, start, length):
    with contextlib.suppress(ValueError):
        assert isinstance(moment_of(text, at, start, start + length), float)
