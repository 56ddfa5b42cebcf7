"""The stop point and the verdict: in the words of their own time, and counted within the window alone."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache

import pytest

from tests.demo.samples import FOLDER
from tests.report.making import EVERY, fleet, material, sample
from tui.model.finding import FindingKind, Severity
from tui.report.analyse import compose
from tui.report.display_text import long_duration, rounded
from tui.report.document import MomentKind, Report
from tui.report.html_page import html_report
from tui.report.markdown import markdown
from tui.report.published import report_text
from tui.report.verdict import title_then
from tui.text.format import money


def test_the_loops_headline_has_no_hindsight():
    _, stopped, saved = sample("loop").head.verdict.sentences
    assert stopped == (
        "As S091 began, lanewatch said stop: the same work for 4 prompts that differ only in a name, with the same checks and results: S088 to S091; in the end "
        "it was 85 actions, up to S172; it had first said so 16 s earlier, about another lane."
    )
    assert "937M tokens (79% of all)" in saved
    stop = sample("loop").stop
    assert stop is not None
    assert (stop.tokens, stop.action) == (937_143_969, "S091")


def test_each_format_tells_the_same():
    report = sample("loop")
    for page in (markdown(report), html_report(report)):
        assert (
            "the same work for 4 prompts that differ only in a name, with the same checks and results: S088 to S091"
            in page
        )
        assert "85 actions, up to S172" in page


@pytest.mark.parametrize("name", EVERY)
def test_the_stop_has_the_largest_saving(name: str):
    report = sample(name)
    stops = [one.finding for one in report.findings if one.finding.severity is Severity.STOP]
    if report.stop is None:
        assert not stops
        return
    assert report.stop.tokens >= max(one.tokens_since or 0 for one in stops)
    concerned = {saving.lane for saving in report.stop.lanes if saving.concerned}
    assert all(one.since is not None and one.since < report.stop.at for one in report.stop.earlier)
    assert not concerned.intersection(one.lane for one in report.stop.earlier)


@pytest.mark.parametrize("name", EVERY)
def test_a_title_of_its_time_is_in_the_words_of_the_whole(name: str):
    seen = fleet(name)
    kinds = (FindingKind.STOP, FindingKind.FAMILY_TOO_LONG, FindingKind.OWED_OUTPUT)
    for one in (*seen.findings, *seen.past_findings):
        then, in_the_end = title_then(one, seen.families)
        if not in_the_end or one.kind not in kinds:
            assert then == one.title or in_the_end
            continue
        count = in_the_end.split()[0]
        assert count in one.title and then != one.title
        words, whole = then.split(":")[0].split(), one.title.split(":")[0].split()
        assert [word for word in words if word.isalpha()] == [word for word in whole if word.isalpha()]


# -- a stop that held before the window began -------------------------------------------------------


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
    assert stopped.startswith("lanewatch had said stop before the window began: ")
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
