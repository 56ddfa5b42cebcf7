"""The headline: the stop with the largest saving, in the words of its own time."""

from __future__ import annotations

import pytest

from tests.report.making import EVERY, fleet, sample
from tui.model.finding import FindingKind, Severity
from tui.report.html_page import html_report
from tui.report.markdown import markdown
from tui.report.verdict import title_then


def test_the_loops_headline_has_no_hindsight():
    _, stopped, saved = sample("loop").head.verdict.sentences
    assert stopped == (
        "As S091 began, the rule stop held: 4 actions, only the label differs: S088 … S091; in the end it was "
        "85 actions, up to S172; 16 s before it family_too_long said stop on claude:7d574def."
    )
    assert "937M tokens (79% of all)" in saved
    stop = sample("loop").stop
    assert stop is not None
    assert (stop.tokens, stop.action) == (937_143_969, "S091")


def test_each_format_tells_the_same():
    report = sample("loop")
    for page in (markdown(report), html_report(report)):
        assert "4 actions, only the label differs: S088 … S091" in page
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
