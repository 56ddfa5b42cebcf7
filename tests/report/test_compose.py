"""What must hold for every report: its sums are the ledger's, its parts add up, its claims have evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.samples import FOLDER
from tests.judge.lanes import Script
from tests.report.making import EVERY, fleet, material, report_on, sample
from tui.control.audit import AuditRecord
from tui.model.finding import Severity
from tui.model.usage import ZERO
from tui.report.analyse import compose
from tui.report.document import Advice, MomentKind, Report, tokens_of


def entry(at: float, lane: str, session: str = "") -> AuditRecord:
    return AuditRecord(
        at,
        "mara (pts/3)",
        "redirect",
        lane,
        "o1",
        "took effect",
        "gate",
        "seen in the transcript",
        "too long",
        "",
        session,
    )


@pytest.mark.parametrize("name", EVERY)
def test_its_sums_are_those_of_the_lanes(name: str):
    report, seen = sample(name), fleet(name)
    assert report.head.figures.usage == tokens_of(seen.totals)
    assert report.head.figures.cost_usd == (None if seen.cost.exact_usd is None else pytest.approx(seen.cost.exact_usd))
    assert {lane.id: lane.figures.usage for lane in report.lanes} == {
        lane.id: tokens_of(lane.usage) for lane in seen.lanes
    }
    assert {lane.id: lane.tree for lane in report.lanes} == {lane.id: tokens_of(lane.tree_usage) for lane in seen.lanes}


@pytest.mark.parametrize("name", EVERY)
def test_its_parts_add_up(name: str):
    report = sample(name)
    total = report.head.figures.usage.total
    assert sum(row.figures.usage.total for row in report.head.agents.rows) == total
    assert sum(row.figures.usage.total for row in report.models.rows) == total
    assert sum(run.figures.usage.total for run in report.runs) == total
    assert sum(row.figures.usage.total for run in report.runs for row in run.actions) == total
    assert sum(sum(series.values) for series in report.timeline.series) == total
    assert sum(one.tokens for one in report.retention.counts) == total
    for run in report.runs:
        if run.phases:
            assert sum(phase.figures.usage.total for phase in run.phases) == run.figures.usage.total
            assert sum(phase.actions for phase in run.phases) == len(run.actions)
        else:
            assert run.why_none


@pytest.mark.parametrize("name", EVERY)
def test_its_claims_have_evidence(name: str):
    report = sample(name)
    known = {source.path for source in report.sources}
    for one in report.closeouts:
        for line in (*one.goal, *one.proven, *one.files, *one.checks):
            assert line.evidence
            assert all(part.path in known and part.offset is not None for part in line.evidence), line
    for run in report.runs:
        for row in run.actions:
            assert report.ref(row.evidence)
            assert row.reason
            assert all(report.ref(truth.evidence) for truth in row.new_things.first)


@pytest.mark.parametrize("name", EVERY)
def test_it_is_quiet_where_nothing_is_to_be_said(name: str):
    report = sample(name)
    grave = [one for one in report.findings if one.finding.severity is not Severity.INFO]
    assert report.head.verdict.quiet == (not grave)
    assert (report.stop is not None) == any(one.finding.severity is Severity.STOP for one in report.findings)
    assert 1 <= len(report.head.verdict.sentences) <= 3


def test_nothing_is_a_report_too():
    report = report_on({})
    assert report.head.verdict.sentences == ("No agent did anything here.",)
    assert report.head.burn is None
    assert report.lanes == report.runs == report.findings == ()


def test_an_unknown_price_is_unknown_and_never_nothing():
    lane = Script().prompt("S001 a").run("ls", "x").spend(1000)
    report = report_on({"a": lane.events})
    assert report.head.figures.usage.total > 0
    assert report.head.figures.cost_usd is None
    assert report.runs[0].actions[0].figures.cost_usd is None
    assert "unpriced" in [note.kind for note in report.head.notes]


# -- windows ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole() -> Report:
    return sample("morning")


@pytest.mark.parametrize("part", [0.1, 0.35, 0.5, 0.8])
def test_two_windows_make_the_whole(whole: Report, part: float):
    start, end = whole.head.window.start, whole.head.window.end
    assert start is not None and end is not None
    cut = start + part * (end - start)
    before = compose(material(FOLDER / "morning", None, cut)).head.figures
    after = compose(material(FOLDER / "morning", cut + 0.0005, None)).head.figures
    assert before.usage.input + after.usage.input == whole.head.figures.usage.input
    assert before.usage.cache_read + after.usage.cache_read == whole.head.figures.usage.cache_read
    assert before.tool_calls + after.tool_calls == whole.head.figures.tool_calls
    assert before.errors + after.errors == whole.head.figures.errors


def test_what_came_after_the_window_is_not_known_in_it():
    stop = sample("loop").stop
    assert stop is not None
    early = compose(material(FOLDER / "loop", None, stop.at - 60))
    assert early.stop is None or early.stop.finding.kind.value != "stop"
    assert early.head.window.end is not None and early.head.window.end <= stop.at - 60


def test_what_came_before_the_window_is_not_new_in_it():
    stop = sample("loop").stop
    assert stop is not None
    late = compose(material(FOLDER / "loop", stop.at, None))
    assert late.runs[0].actions[0].name == "S091"
    assert sum(row.new_things.total for row in late.runs[0].actions) == 4
    assert late.head.figures.usage.total == stop.all_tokens


def test_a_window_in_which_nothing_happened_says_so():
    report = compose(material(FOLDER / "morning", 4_000_000_000.0, None))
    assert report.head.verdict.sentences == ("No agent did anything here.",)
    assert report.head.figures.usage == tokens_of(ZERO)


# -- timeline, tables -------------------------------------------------------------------------------------------


def test_the_journal_stands_in_the_timeline_of_its_lanes_alone():
    given = material(FOLDER / "loop")
    at = (sample("loop").head.window.start or 0.0) + 3600
    lane = given.fleet.lanes[0]
    mine, theirs = entry(at, lane.id), entry(at + 1, "claude:ffffffff")
    by_session, too_late = entry(at + 2, "an older id", lane.session), entry(at + 1e6, lane.id)
    object.__setattr__(given, "journal", [mine, theirs, by_session, too_late])
    moments = compose(given).timeline.moments
    assert [one.at for one in moments if one.kind is MomentKind.ORDER] == [at, at + 2]
    assert [one.at for one in moments] == sorted(one.at for one in moments)
    order = next(one for one in moments if one.kind is MomentKind.ORDER)
    assert order.by == "mara (pts/3)"
    assert order.text == "redirect: took effect · gate · seen in the transcript · too long"


def test_a_slash_command_counts_with_all_its_arguments():
    from tui.model.event import Origin

    lane = Script()
    for text in ("/test --fast", "/test", "/plan the port", "what now?"):
        lane.prompt(text, Origin.COMMAND if text.startswith("/") else Origin.PERSON).run("ls", "x").spend(100)
    report = report_on({"a": lane.events})
    assert {row.name: row.count for row in report.commands.rows} == {"/test": 2, "/plan": 1}
    assert sum(row.figures.usage.total for row in report.commands.rows) == 300


def test_tickets_are_summed_over_lanes():
    one, other = (
        Script().prompt("HARB-7 fix it").run("ls", "x").spend(100),
        Script().prompt("review HARB-7").run("ls", "x").run("ls", "x").spend(50),
    )
    (row,) = report_on({"a": one.events, "b": other.events}).issues.rows
    assert (row.name, row.count, row.figures.usage.total) == ("HARB-7", 2, 150)


def test_missing_numbers_are_named():
    lane = Script()
    for number in (1, 2, 3, 5, 6, 9):
        lane.prompt(f"S{number:03} go").run("ls", "x")
    (one,) = report_on({"a": lane.events}).head.sequences
    assert (one.first, one.last, one.count, one.missing, one.missing_count) == (
        "S001",
        "S009",
        6,
        ("S004", "S007", "S008"),
        3,
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 10**6), st.integers(0, 500)), max_size=30))
def test_the_timeline_loses_nothing(spent: list[tuple[str, int, int]]):
    lanes = {name: Script().prompt(f"go {name}").run("ls", "x") for name in "abc"}
    for name, tokens, wait in spent:
        lanes[name].at += wait
        lanes[name].spend(tokens)
    report = report_on({name: lane.events for name, lane in lanes.items()})
    assert sum(sum(one.values) for one in report.timeline.series) == report.head.figures.usage.total
    assert sum(one.actions for one in report.retention.counts) == report.head.actions == 3
    assert [one.advice for one in report.retention.counts] == list(Advice)
