"""A stop that held before the window began: what came after it is counted within the window alone, in every format."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache

import pytest

from tests.demo.samples import FOLDER
from tests.report.making import material, sample
from tui.report.analyse import compose
from tui.report.display_text import long_duration, rounded
from tui.report.document import MomentKind, Report
from tui.report.html_page import html_report
from tui.report.markdown import markdown
from tui.report.published import report_text
from tui.text.format import money

WINDOWS = [("2026-05-09T08:00:00Z", None), ("2026-05-09T06:00:00Z", "2026-05-09T07:00:00Z")]


def seconds_of(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


@cache
def windowed(since: str, until: str | None) -> Report:
    return compose(material(FOLDER / "loop", seconds_of(since), seconds_of(until) if until is not None else None))


@pytest.fixture(params=WINDOWS)
def report(request: pytest.FixtureRequest) -> Report:
    return windowed(*request.param)


def test_what_came_after_is_counted_within_the_window(report: Report):
    stop, head = report.stop, report.head
    assert stop is not None and stop.before_window
    assert stop.tokens == sum(one.tokens for one in stop.lanes if one.concerned) <= head.figures.usage.total
    assert stop.all_tokens == sum(one.tokens for one in stop.lanes) == head.figures.usage.total
    assert stop.share == pytest.approx(stop.tokens / head.figures.usage.total)
    assert stop.all_cost_usd == pytest.approx(head.figures.cost_usd)
    assert max(one.seconds for one in stop.lanes) <= (head.window.duration_s or 0)
    own = {lane.id: lane.figures.usage.total for lane in report.lanes}
    assert all(one.tokens == own[one.lane] for one in stop.lanes)


def test_no_finding_counts_more_than_the_window_has(report: Report):
    own = {lane.id: lane.figures.usage.total for lane in report.lanes}
    for one in report.findings:
        assert one.finding.lane is not None
        assert one.finding.tokens_since is not None
        assert one.finding.tokens_since <= own[one.finding.lane]
        assert one.share is not None and one.share <= 1


def test_the_sentence_says_that_it_held_before():
    _, stopped, saved = windowed(*WINDOWS[0]).head.verdict.sentences
    assert stopped.startswith("The rule stop held since before the window began: ")
    assert saved.startswith(
        "Stopped before, the lanes concerned would not have spent 617M tokens (84% of all) in the 3 h 38 min 13 s of "
        "the window"
    )


def test_the_markdown_has_no_part_that_is_more_than_the_whole(report: Report):
    page = markdown(report)
    assert "It held since before the window began; what is counted begins with the window." in page
    assert max(int(part) for part in re.findall(r"(\d+)%", page)) <= 100


def test_the_drawings_begin_with_the_window(report: Report):
    page = html_report(report)
    assert "stop-line" not in page[page.index("</style>") :]
    assert "after-stop" not in page[page.index("</style>") :]
    assert "stop · ?" not in page
    assert "before the window began" in page
    assert max(int(part) for part in re.findall(r"(\d+)%", page[page.index("<body") :].split("<main")[0])) <= 100
    since = report.head.window.asked_from
    assert since is not None
    assert all(moment.at >= since for moment in report.timeline.moments if moment.kind is MomentKind.FINDING)


def test_the_json_says_so(report: Report):
    stop = json.loads(report_text(report))["stop"]
    assert stop["before_window"] is True
    assert stop["share"] <= 1
    assert json.loads(report_text(sample("loop")))["stop"]["before_window"] is False


def test_a_window_that_begins_with_the_stop_counts_as_the_whole_does():
    whole = sample("loop").stop
    assert whole is not None
    late = compose(material(FOLDER / "loop", whole.at, None)).stop
    assert late is not None
    assert (late.tokens, late.all_tokens, late.before_window) == (whole.tokens, whole.all_tokens, False)


@pytest.mark.parametrize("since", [None, seconds_of("2026-05-09T08:00:00Z")])
def test_the_head_of_the_page_has_the_sentences_numbers(since: float | None):
    report = compose(material(FOLDER / "loop", since, None))
    stop = report.stop
    assert stop is not None
    head = html_report(report).split("<main")[0].split("</head>")[1]
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", head))
    share, time = f"{stop.share or 0:.0%}", long_duration(stop.seconds)
    saved = report.head.verdict.sentences[-1]
    assert f"({share} of all)" in saved and time in saved
    assert re.search(rf"After the stop ?{rounded(stop.tokens)} ?{share} of all tokens", text)
    assert f"cost {rounded(stop.tokens)} tokens ({share}), {money(stop.cost_usd)} and {time}." in text
