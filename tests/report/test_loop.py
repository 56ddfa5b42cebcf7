"""The postmortem that somebody made by hand, from the transcripts: the same figures, exactly, and what would have stopped it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.demo.samples import FOLDER
from tests.report.making import sample
from tui.model.finding import FindingKind
from tui.report.document import Advice, Report, Tick
from tui.report.markdown import markdown

EXPECTED = json.loads((FOLDER / "loop" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def report() -> Report:
    return sample("loop")


def clock(at: float | None) -> str:
    return datetime.fromtimestamp(round(at or 0.0), UTC).strftime("%Y-%m-%d %H:%M:%S")


def number(name: str) -> int:
    return int(name.removeprefix("S"))


def test_the_figures_of_the_postmortem(report: Report):
    head = report.head
    assert (clock(head.window.start), clock(head.window.end)) == ("2026-05-09 05:32:36", "2026-05-09 11:38:15")
    assert head.window.duration_s is not None
    assert round(head.window.duration_s / 3600, 3) == 6.094
    burn = {row.name: round((row.burn or 0) / 1e6, 1) for row in head.agents.rows}
    assert burn == {"codex": 164.1, "claude": 31.3}
    assert round((head.burn or 0) / 1e6, 1) == 195.4
    assert round(head.figures.usage.total / 1e9, 3) == 1.191
    shares = {row.name: round(100 * (row.share or 0)) for row in head.agents.rows}
    assert shares == {"codex": 84, "claude": 16}


def test_the_sums_are_the_samples_own(report: Report):
    usage, total = report.head.figures.usage, EXPECTED["total"]
    for name in ("input", "cache_read", "cache_write", "output", "total", "fresh"):
        assert getattr(usage, name) == total[name], name
    assert report.head.figures.calls == total["calls"]
    assert sorted(lane.figures.usage.total for lane in report.lanes) == sorted(
        lane["total"] for lane in EXPECTED["lanes"].values()
    )


def test_eighty_eight_numbered_actions(report: Report):
    (one,) = report.head.sequences
    assert (one.first, one.last, one.count, one.missing) == ("S085", "S172", 88, ())
    assert round((one.tokens_each or 0) / 1e6, 2) == 13.53
    assert round((one.seconds_each or 0) / 60, 3) == 4.155
    assert round(one.per_hour or 0, 2) == 14.44


def test_three_phases_with_the_borders_of_the_postmortem(report: Report):
    phases = report.runs[0].phases
    assert [phase.name for phase in phases] == ["converging", "repeating", "churning"]
    assert phases[0].first == "S085"
    assert phases[-1].last == "S172"
    for phase, border in zip(phases[:2], (90, 120), strict=True):
        assert abs(number(phase.last) - border) <= 3
    for left, right in zip(phases, phases[1:], strict=False):
        assert number(right.first) == number(left.last) + 1
    assert sum(phase.actions for phase in phases) == 88
    assert phases[-1].new_things.total == 0


def test_what_the_phases_bought(report: Report):
    early, middle, late = report.runs[0].phases
    assert early.new_things.checks_failed == 2
    assert {truth.text.rsplit("/", 1)[-1] for truth in middle.new_things.first} == {"money.go", "clock.go", "audit.go"}
    assert middle.new_things.files == 4
    assert late.new_things.check_runs > 200
    assert all(
        truth.evidence.path and truth.evidence.offset for truth in (*early.new_things.first, *middle.new_things.first)
    )


def test_the_stop_point_and_the_saving(report: Report):
    stop = report.stop
    assert stop is not None
    assert (stop.finding.kind, stop.action) == (FindingKind.STOP, "S091")
    assert clock(stop.at) == "2026-05-09 05:58:30"
    assert stop.tokens == 937_143_969
    worker, foreman = stop.lanes
    assert (worker.concerned, worker.tokens) == (True, stop.tokens)
    assert not foreman.concerned
    assert stop.all_tokens == worker.tokens + foreman.tokens
    assert stop.cost_usd is not None
    assert stop.all_cost_usd == pytest.approx(stop.cost_usd + (foreman.cost_usd or 0))


def test_the_verdict_says_it_in_three_sentences(report: Report):
    happened, stopped, saved = report.head.verdict.sentences
    assert "1.19B tokens in 6 h 5 min 39 s on 88 numbered actions, S085 to S172" in happened
    assert stopped.startswith("As S091 began, lanewatch said stop")
    assert "937M tokens (79% of all)" in saved
    assert not report.head.verdict.quiet


def test_what_to_keep(report: Report):
    worker, foreman = report.runs
    kept = [row.name for row in worker.actions if row.advice in (Advice.KEEP, Advice.MOSTLY)]
    assert kept == [f"S{one:03}" for one in range(85, 91)]
    assert sum(row.advice is Advice.COMPRESS for row in worker.actions) == 82
    assert sum(row.advice is Advice.ARCHIVE for row in foreman.actions) == 87
    find = next(row for row in worker.actions if row.name == "S094")
    assert "money.go" in find.reason  # compressed, and what it found is not lost


def test_the_foremans_chatter_and_what_it_cost(report: Report):
    chatter = report.retention.chatter
    assert (chatter.messages, chatter.actions) == (87, 87)
    assert 0.03 < (chatter.share or 0) < 0.05
    assert "acknowledged" in chatter.first[1].text


def test_the_coverage_matrix_has_a_tick_only_where_a_result_was_seen(report: Report):
    (one,) = report.coverage
    assert [row.name for row in one.rows] == [f"S{number:03}" for number in range(85, 172)]
    proofs = [index for index, column in enumerate(one.columns) if column.passed == 84]
    assert len(proofs) == 4
    for row in one.rows:
        ticks = {row.cells[index].tick for index in proofs}
        assert ticks == ({Tick.MISSING} if number(row.name) < 88 else {Tick.PASSED})
        assert all((cell.evidence is None) == (cell.tick is Tick.MISSING) for cell in row.cells)


def test_the_closeout_claims_nothing_without_an_event(report: Report):
    one = report.closeouts[0]
    assert one.keep == ("S085 … S090 (6 actions)",)
    assert one.compress == ("S091 … S172 (82 actions)",)
    for line in (*one.goal, *one.proven, *one.files, *one.checks):
        assert line.evidence
        assert all(part.path and part.offset is not None for part in line.evidence)
    assert one.blanks


def test_what_was_left_half_done(report: Report):
    assert [one.text for one in report.half_done] == [
        "its last turn has no end: S172",
        "its last turn has no end: S171",
    ]


def test_the_page_begins_with_what_matters(report: Report):
    page = markdown(report)
    top = page[: page.index("## Findings")]
    for words in (
        "S091",
        "937,143,969",
        "1,190,826,256",
        "6.094 h",
        "195.4M",
        "164.1M",
        "31.3M",
        "05:32:36 to 11:38:15",
    ):
        assert words in top, words
