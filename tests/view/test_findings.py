"""Findings in words: their order, their lines, what a lane's page says of them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.effort import examples
from tests.fleets import NOW, circling, curve, envelopes, finding, harbor, lane
from tui.control.verbs.registry import all_verbs
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Condition, Family, FindingKind, NoveltyPoint, Severity, Verb
from tui.model.snapshot import NOT_LOOKED, LaneState
from tui.screen.findings_model import SessionMutes
from tui.text.safe_text import safe_text
from tui.text.styled_text import line_width, own
from tui.view.checklist import checklist_lines, question_lines
from tui.view.detail import detail_lines, explain_lines
from tui.view.family import family_lines, template_line
from tui.view.finding_text import SEVERITIES, FindingText
from tui.view.findings import (
    EntryRow,
    ListedFinding,
    count_words,
    entry_line,
    head_line,
    header_counts,
    listed_findings,
    next_to_visit,
    past_words,
    walk_order,
    walked,
)
from tui.view.header import HeaderFacts, header_lines
from tui.view.lane_findings import Judged, judged_of, verdict_lines
from tui.view.novelty_plot import first_and_now, novelty_lines

FLEET = circling()
BY_TITLE = {each.title.split()[0]: each for each in FLEET.lanes}
WIDTHS = [40, 60, 80, 100, 120, 160, 200]


def text_of(line):
    return "".join(span.text for span in line)


def page(lines):
    return "\n".join(map(text_of, lines))


def entries(mutes=None, fleet=FLEET):
    return listed_findings(fleet, mutes or SessionMutes())


def verdict(title, cells=120, mutes=None):
    each = BY_TITLE[title]
    return verdict_lines(each, judged_of(each, FLEET, entries(mutes)), cells, NOW)


# -- looks ------------------------------------------------------------------------------------------


def test_every_severity_and_verb_has_words():
    assert set(SEVERITIES) == set(Severity)
    assert {spec.verb for spec in all_verbs()} == set(Verb)


def test_severities_are_told_apart_by_glyphs_of_one_cell():
    for part in ("glyph", "ascii", "word"):
        assert len({getattr(look, part) for look in SEVERITIES.values()}) == len(Severity)
    for look in SEVERITIES.values():
        assert cell_len(look.glyph) == cell_len(look.glyph + "\ufe0f") == 1
        assert look.ascii.isascii()


# -- order ------------------------------------------------------------------------------------------


def test_most_severe_first_then_newest_then_past_then_muted():
    mutes = SessionMutes()
    mutes.mute(FLEET.findings[0], "known", NOW)
    kinds = [(entry.finding.kind, entry.finding.is_open, entry.mute is not None) for entry in entries(mutes)]
    assert kinds == [
        (FindingKind.REPETITION, True, False), (FindingKind.NEEDS_INPUT, True, False),
        (FindingKind.REPETITION, True, False), (FindingKind.FAMILY_TOO_LONG, True, False),
        (FindingKind.UNVERIFIED_CLAIM, True, False), (FindingKind.declare("collision"), False, False),
        (FindingKind.declare("missing_tool"), False, False), (FindingKind.STOP, True, True),
    ]  # fmt: skip


def test_a_familys_finding_leads_to_its_newest_member():
    family = finding(FindingKind.FAMILY_TOO_LONG, None, Severity.STOP, "too long", family="envelopes")
    made = entries(fleet=replace(FLEET, findings=(family,)))
    assert made[0].lane == BY_TITLE["S088"].id
    unknown = replace(family, family="gone")
    assert entries(fleet=replace(FLEET, findings=(unknown,)))[0].lane is None


def test_counts_leave_out_what_is_muted_and_the_header_what_it_says_already():
    mutes = SessionMutes()
    mutes.mute(FLEET.findings[0], "known", NOW)
    assert text_of(count_words(entries(mutes))) == "1 stop · 2 warn · 1 info · 1 needs you · 2 past · 1 muted"
    assert header_counts(entries(mutes)) == {Severity.STOP: 1, Severity.WARN: 2}
    assert header_counts(entries(fleet=harbor())) == {}


@pytest.mark.parametrize("cells", [80, 120, 200])
def test_the_header_counts_and_is_silent_where_there_is_nothing(cells):
    facts = HeaderFacts(own("last 24h"), own("live"), findings=header_counts(entries()))
    assert "⊗ 2 stop" in page(header_lines(FLEET, facts, cells))
    quiet = page(header_lines(harbor(), HeaderFacts(own("last 24h"), own("live")), cells))
    assert "⊗" not in quiet
    assert "▲" not in quiet


@pytest.mark.parametrize("cells", WIDTHS)
def test_lines_of_the_list_have_the_width_that_was_asked_for(cells):
    for entry in entries():
        assert line_width(entry_line(entry, EntryRow(own("a lane"), NOW), cells)) == cells
    assert line_width(head_line(entries(), max(cells, 60))) == max(cells, 60)


def test_a_line_says_kind_lane_title_cost_age_and_verb():
    line = text_of(entry_line(entries()[0], EntryRow(own("Upgrade the widget"), NOW), 160))
    for words in ("⊗", "looping", "Upgrade the widget", "npm install failed 12 times", "3.90M", "10m", "pause"):
        assert words in line


def test_what_nobody_can_tell_is_no_zero():
    unknown = finding(FindingKind.declare("stalled"), None, Severity.WARN, "x", tokens_since=None, since=None)
    line = text_of(entry_line(entries(fleet=replace(FLEET, findings=(unknown,)))[0], EntryRow(own("all"), NOW), 80))
    assert line.count("?") == 2


# -- the lane's page --------------------------------------------------------------------------------


def test_a_lane_of_which_nothing_is_to_be_said_has_no_verdict():
    assert verdict("Quay") == []


def test_a_stop_shows_findings_checklist_question_steps_plot_and_family():
    text = page(verdict("S088"))
    wanted = (
        "already proven", "41.3M tokens since", "→ close", "STOP: ALL CONDITIONS ARE MET", "✓ the envelope is proven",
        "What does the next action add", "nothing in their steps", "REPEATED STEPS", "NOVELTY AND BURN",
        "1.9 at first, 0.01 now", "FAMILY  similar", "10 similar actions", "S0<n> prove the <name> envelope",
    )  # fmt: skip
    places = [text.find(words) for words in wanted]
    assert -1 not in places
    assert places == sorted(places)


def test_a_condition_that_does_not_hold_is_crossed():
    family = replace(envelopes(LaneId("x")), conditions=(Condition("one", True, "a"), Condition("two", False, "b")))
    text = page(checklist_lines(family, 100))
    assert "STOP WHEN ALL" in text
    assert "✓ one" in text
    assert "✗ two" in text


def test_the_question_is_put_where_the_family_is_found_and_nowhere_else():
    assert "What does the next action" in page(verdict("S088"))
    assert "What does the next action" not in page(verdict("Upgrade"))


def test_the_question_is_wrapped_in_a_narrow_pane():
    lines = question_lines(envelopes(LaneId("x")), 40)
    assert all(line_width(line) <= 40 for line in lines)
    assert " ".join(text_of(line).strip() for line in lines).count("that the last three did not?") == 1


def test_a_muted_finding_stands_there_with_its_reason_and_asks_nothing():
    mutes = SessionMutes()
    for each in FLEET.findings:
        mutes.mute(each, "nightly job, meant so", NOW)
    text = page(verdict("S088", mutes=mutes))
    assert "nightly job, meant so" in text
    assert "STOP: ALL" not in text
    assert "→ close" not in text


def test_the_finding_that_was_asked_for_stands_first():
    each = BY_TITLE["S088"]
    wanted = next(entry for entry in entries() if entry.finding.kind is FindingKind.FAMILY_TOO_LONG)
    judged = judged_of(each, FLEET, entries(), wanted.id)
    assert [entry.finding.kind for entry in judged.entries] == [FindingKind.FAMILY_TOO_LONG, FindingKind.STOP]


def test_slots_of_the_template_are_marked():
    line = template_line("S<n> <verb> envelope for <name>")
    assert [span.text for span in line if span.role == "match"] == ["<n>", "<verb>", "<name>"]
    assert text_of(line) == "S<n> <verb> envelope for <name>"


def test_a_family_of_many_shows_the_newest_and_counts_the_others():
    family = replace(envelopes(LaneId("x")), count=88)
    assert "78 earlier ones" in page(family_lines(family, LaneId("x"), 120))


def test_explain_names_findings_and_repetition():
    text = page(explain_lines(BY_TITLE["Upgrade"], 100, NOW))
    assert "finding: looping (stop)" in text
    assert "repetition: 0.81" in text


# -- the plot ---------------------------------------------------------------------------------------


def test_first_and_now_are_rates_over_the_first_and_the_last_fifth():
    points = tuple(NoveltyPoint(NOW + i, 4, 8.0 if i < 2 else 0.1, 4000) for i in range(10))
    assert first_and_now(points) == (2.0, 0.025)
    assert first_and_now((NoveltyPoint(NOW, 1, 0.0, 0),)) == (None, None)


def test_the_plot_falls_from_left_to_right():
    lines = novelty_lines(curve(1.9, 0.01), NOW, 100)
    upper, lower = (text_of(line)[8:] for line in lines[1:3])
    assert upper.startswith("▇")
    assert upper.rstrip().endswith("▇") is False
    assert len(upper.rstrip()) < len(lower.rstrip())


def test_a_silent_end_does_not_hide_the_rate():
    points = (
        *(NoveltyPoint(NOW + i, 4, 4.0, 4000) for i in range(8)),
        *(NoveltyPoint(NOW + i, 1, 0.0, 0) for i in (8, 9)),
    )
    assert first_and_now(points) == (1.0, 1.0)


def test_a_fall_has_a_colour_only_where_something_was_found():
    for loud in (True, False):
        heading = novelty_lines(curve(1.9, 0.01), NOW, 100, loud=loud)[0]
        assert any(span.role == "loud.warn" for span in heading) == loud


def test_evidence_that_stands_below_is_not_said_twice():
    text = page(verdict("Upgrade", 200))
    assert text.count("npm install --no-audit → exit 1") == 1 + 6, "its own line, and the six steps"
    assert "nothing was edited since" not in text


def test_the_actions_of_a_family_that_are_shown_are_counted_against_all_of_them():
    text = page(verdict("S088"))
    assert "3 of 10 actions shown; FAMILY below has more" in text
    assert "and 1 more" not in page(verdict("S088", 60))


def test_a_loop_has_one_since_and_the_time_of_its_first_step_is_another_thing():
    text = page(verdict("Upgrade"))
    assert "flagged 10m ago · 3.90M tokens since" in text
    assert "· since" not in text
    assert "12 times · first at " in text


def test_the_moment_is_marked_and_a_short_or_timeless_life_is_not_plotted():
    assert "▲ since" in page(novelty_lines(curve(1.9, 0.01), NOW, 100, NOW - 600))
    assert "▲" not in page(novelty_lines(curve(1.9, 0.01), NOW, 100, NOW - 90_000))
    assert novelty_lines(curve(1, 1)[:3], NOW, 100) == []
    assert novelty_lines(curve(1, 1), None, 100) == []
    assert novelty_lines(curve(1, 1), NOW - 1e6, 100) == []


points = st.builds(NoveltyPoint, st.floats(0, 2e9), st.integers(0, 100), st.floats(0, 100), st.integers(0, 10**9))


@given(st.lists(points, max_size=48).map(lambda made: tuple(sorted(made, key=lambda point: point.at))),
       st.floats(0, 2e9), st.integers(12, 220), st.none() | st.floats(0, 2e9))  # fmt: skip
@example((NoveltyPoint(0.0, 1, 1.0, 10**9),) * 4, 2.2e-309, 80, None)
def test_any_life_is_plotted_within_its_cells(life, end, cells, since):
    lines = novelty_lines(life, end, cells, since)
    assert all(line_width(line) <= max(cells, 20) for line in lines[1:])


# -- hostile texts ----------------------------------------------------------------------------------

hostile = st.text(st.characters(), max_size=60)


@settings(max_examples=examples(100), deadline=None)
@given(hostile, hostile, hostile, st.sampled_from(WIDTHS), st.sampled_from(list(Severity)))
def test_hostile_findings_are_drawn_within_their_cells(title, text, other, cells, severity):
    each = lane("00000000", repetition=replace(BY_TITLE["S088"].repetition, reason=text), novelty=curve(1, 0.1))
    raised = finding(
        FindingKind.STOP, each, severity, title, family=other, evidence=(Evidence(text, NOW, other, 1), Evidence(other))
    )
    family: Family = replace(
        envelopes(each.id), id=other, template=text, answer=other, conditions=(Condition(title, True, text),),
        members=tuple(replace(member, name=title, title=text, words=(text, other), outcome=other)
                      for member in envelopes(each.id).members),
    )  # fmt: skip
    fleet = replace(FLEET, lanes=(each,), findings=(raised,), past_findings=(), families=(family,))
    mutes = SessionMutes()
    listed = entries(fleet=fleet)
    mutes.mute(raised, text, NOW)
    lines = detail_lines(each, cells, NOW, judged=judged_of(each, fleet, listed))
    lines += [entry_line(one, EntryRow(safe_text(title), NOW), cells) for one in (*listed, *entries(mutes, fleet))]
    for line in lines:
        assert line_width(line) == cells
        for char in text_of(line):
            assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize("cells", WIDTHS)
def test_the_page_of_a_judged_lane_has_the_width_that_was_asked_for(cells):
    for each in FLEET.lanes:
        lines = detail_lines(each, cells, NOW, judged=judged_of(each, FLEET, entries()))
        assert all(line_width(line) == cells for line in lines)
    assert Judged() == Judged((), ())


# -- from one to the next -----------------------------------------------------------------------------


def one(lane_id, kind=FindingKind.STOP, severity=Severity.STOP, since=NOW):
    return ListedFinding(finding(kind, None, severity, "t", lane=lane_id, since=since), lane_id)


def test_the_operator_goes_through_live_lanes_by_severity_and_then_through_ended_ones():
    live, over = lane("aaaaaaaa"), lane("bbbbbbbb", state=LaneState.ENDED, recording=NOT_LOOKED)
    old, new = one(live.id, since=NOW - 60), one(live.id, since=NOW)
    asks = one(live.id, FindingKind.NEEDS_INPUT, Severity.WARN)
    warns, ended = one(live.id, FindingKind.HARD_STOP, Severity.WARN), one(over.id)
    order = walk_order([ended, warns, old, asks, new], {each.id: each for each in (live, over)})
    assert order == [new, old, asks, warns, ended]
    limited = lane("cccccccc", LaneState.LIMITED)
    lanes = {each.id: each for each in (live, over, limited)}
    assert [each.lane for each in walk_order([ended, warns, old], lanes)] == [live.id, limited.id, live.id, over.id]
    assert [each.lane for each in walk_order([one(limited.id)], lanes)] == [limited.id]
    assert "limited: " in walked(walk_order([], lanes)[0], walk_order([], lanes))
    assert str(walked(ended, order, is_over=True)).startswith("5 of 5 to look at · ended lane · ")


def test_equal_ones_are_in_the_order_of_the_table_where_a_folded_lane_is_at_the_one_above_it():
    first, second, third = lane("aaaaaaaa"), lane("bbbbbbbb"), lane("cccccccc")
    below = lane("dddddddd", parent=first.id, depth=1)
    lanes = {each.id: each for each in (first, second, third, below)}
    found = [one(each.id, since=NOW - age) for each, age in ((third, 1), (below, 2), (second, 3))]
    limited = one(first.id, FindingKind.HARD_STOP, Severity.WARN, since=NOW)
    order = walk_order([limited, *found], lanes, [third.id, second.id, first.id])
    assert [each.lane for each in order] == [third.id, second.id, below.id, first.id]
    order = walk_order([limited, *found], lanes, [first.id, second.id, third.id])
    assert [each.lane for each in order] == [below.id, second.id, third.id, first.id]


def test_what_is_new_is_next_and_none_is_skipped():
    first, second = one(LaneId("a"), since=NOW - 9), one(LaneId("b"), since=NOW - 60)
    newer = one(LaneId("c"))
    assert next_to_visit([first, second], set(), None) is first
    assert next_to_visit([newer, first, second], {first.id}, first.id) is newer
    visited = {first.id, newer.id, second.id}
    assert next_to_visit([newer, first, second], {first.id, newer.id}, newer.id) is first, (
        "visited before, and not skipped"
    )
    assert next_to_visit([newer, first, second], visited, first.id) is second
    assert next_to_visit([newer, first, second], visited, second.id) is newer
    assert next_to_visit([newer, first, second], {first.id, newer.id}, None) is second
    assert next_to_visit([first, second], set(), second.id, back=True) is first
    assert next_to_visit([first, second], set(), first.id, back=True) is second
    assert next_to_visit([], set(), None) is None


def test_past_findings_are_counted_in_words():
    past = [replace(each, finding=replace(each.finding, until=NOW)) for each in (one(LaneId("a")), one(LaneId("b")))]
    assert [str(past_words(past[:count], {})) for count in range(3)] == ["", "; 1 past finding", "; 2 past findings"]


def test_a_suggestion_for_another_lane_names_it():
    foreman = LaneId("codex:fa22")
    text = FindingText(
        finding(FindingKind.STOP, None, Severity.STOP, "too many", suggest=Verb.CLOSE, suggest_for=foreman)
    )
    named = "close Loom, foreman (codex:fa22), which starts the next round"
    assert text.advice({foreman: safe_text("Loom, foreman")}) == named
    assert text.advice({}) == "close codex:fa22, which starts the next round"


@pytest.mark.parametrize(
    ("recording", "walked_to"), [("", []), ("a file that was named", []), (NOT_LOOKED, ["aaaaaaaa"])]
)
def test_the_findings_of_a_lane_that_ended_are_past_but_not_in_a_replay(recording: str, walked_to: list[str]):
    over = replace(lane("aaaaaaaa", LaneState.ENDED), recording=recording)
    lanes = {over.id: over}
    found = [one(over.id)]
    assert [each.lane for each in walk_order(found, lanes)] == [over.id for _ in walked_to]
    assert past_words(found, lanes) == ("" if walked_to else "; 1 past finding")
    cut_off = one(over.id, FindingKind.HARD_STOP)
    assert len(walk_order([cut_off], lanes)) == 1
