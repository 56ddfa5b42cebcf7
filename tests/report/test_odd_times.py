"""A line may state any year: one that lies far from all others is a doubt, and wrecks no window and no page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.judge.lanes import Script
from tests.report.making import report_on
from tui.model.event import Event
from tui.report.document import Report
from tui.report.facts import FAR_S, TimeRanges, era_of
from tui.report.html_page import html_report
from tui.report.markdown import markdown
from tui.report.published import report_text

START = datetime(2026, 5, 9, 8, tzinfo=UTC).timestamp()
YEARS = [
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC).timestamp(), datetime(1, 1, 1, tzinfo=UTC).timestamp(),
    datetime(2099, 1, 1, tzinfo=UTC).timestamp(), datetime(1970, 1, 1, tzinfo=UTC).timestamp(), 1e18, -1e18,
]  # fmt: skip


def lane() -> list[Event]:
    script = Script(START)
    for number in range(1, 6):
        script.prompt(f"S{number:03} go").run("ls", "x").spend(1000).say("done")
    return script.events


def dated(index: int, at: float) -> Report:
    events = lane()
    events[index] = replace(events[index], at=at)
    return report_on({"a": events})


@pytest.mark.parametrize("at", YEARS)
@pytest.mark.parametrize("index", [0, 1, 3, 9, -1])
def test_one_odd_time_is_a_doubt_and_moves_nothing(at: float, index: int):
    plain, odd = report_on({"a": lane()}), dated(index, at)
    assert odd.head.figures.usage == plain.head.figures.usage
    assert odd.head.window.start is not None and odd.head.window.end is not None
    assert START <= odd.head.window.start <= odd.head.window.end <= (plain.head.window.end or 0)
    assert odd.timeline.step_s == plain.timeline.step_s
    assert all((row.figures.duration_s or 0) < 3600 for run in odd.runs for row in run.actions)
    (note,) = [note for note in odd.head.notes if note.kind == "clock"]
    assert note.text.startswith("1 line states a time more than ten years from all others")
    assert not [note for note in plain.head.notes if note.kind == "clock"]
    for page in (markdown(odd), html_report(odd), report_text(odd)):
        assert "more than ten years" in page


@pytest.mark.parametrize("at", YEARS)
def test_a_lane_of_odd_times_alone_does_not_move_the_others(at: float):
    odd = Script(at)
    odd.prompt("go").spend(10)
    report = report_on({"a": lane(), "b": odd.events})
    assert report.head.window.duration_s is not None and report.head.window.duration_s < 3600
    assert report.head.figures.usage.total == 5010


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=20), st.sampled_from([-1, 1]), st.floats(1.1, 1000))
def test_what_is_far_from_most_is_set_aside(near: list[float], side: int, far: float):
    extent, lone = TimeRanges(), side * (1e6 + FAR_S * far + 1e6)
    for at in [near[0], lone, *near[1:]]:
        extent.take(at)
    assert (extent.start, extent.end) == (min(near), max(near))
    extent.settle(era_of([extent]))
    assert extent.odd == 1
    assert (extent.start, extent.end) == (min(near), max(near))
