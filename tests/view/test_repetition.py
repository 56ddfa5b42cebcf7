"""Why a lane goes in circles, in the cells that a row has; its steps beside each other; what a row is marked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleets import NOW, circling, harbor, lane
from tui.model.finding import QUIET, FindingKind, Repetition, RepetitionKind, Severity, StepShown
from tui.model.snapshot import LaneState
from tui.screen.findings_model import SessionMutes
from tui.text.cell_width import width
from tui.text.styled_text import line_width
from tui.view.columns.base import RowContext
from tui.view.columns.doing import DOING_CELLS
from tui.view.findings import listed_findings
from tui.view.flags import flags_of
from tui.view.lane_line import empty_columns, filled_columns, lane_line, layout
from tui.view.repetition import row_words, steps_lines

FLEET = circling()
BY_TITLE = {each.title.split()[0]: each for each in FLEET.lanes}
FLAGS = flags_of(FLEET, listed_findings(FLEET, SessionMutes()))


def text_of(line):
    return "".join(span.text for span in line)


def row_of(each, cells, flags=FLAGS):
    row = RowContext(NOW, 3_000_000, flag=flags.get(each.id))
    empty = empty_columns(filled_columns([each], flags))
    return text_of(lane_line(each, layout(cells, without=empty), row, cells))


@pytest.mark.parametrize(
    ("title", "cells", "words"),
    [
        ("Upgrade", 40, "npm install --no-audit ×12 same error"), ("Upgrade", 26, "npm install ×12 same error"),
        ("Upgrade", 18, "npm ×12 error"), ("Upgrade", 14, "×12 same error"), ("Upgrade", 9, "×12 error"),
        ("Night", 26, "Read→Edit→go ×4 rounds"), ("S088", 26, "×9 only the name differs"), ("S088", 13, "×9 name only"),
    ],
)  # fmt: skip
def test_the_reason_fits_and_says_as_much_as_it_can(title, cells, words):
    assert row_words(BY_TITLE[title].repetition, cells) == words


@given(
    st.sampled_from([None, *RepetitionKind]), st.text(max_size=60), st.integers(0, 100_000), st.integers(0, 20),
    st.integers(1, 60),
)  # fmt: skip
def test_the_reason_never_takes_more_cells_than_there_are(kind, text, repeats, period, cells):
    steps = tuple(StepShown(text, text, NOW, 0) for _ in range(3))
    repetition = Repetition(0.9, Severity.STOP, kind, text, period, repeats, NOW, 0, steps)
    assert width(row_words(repetition, cells)) <= cells


@pytest.mark.parametrize("cells", [80, 100, 120, 200])
def test_a_flagged_row_says_why_at_every_width(cells):
    assert "npm install" in row_of(BY_TITLE["Upgrade"], cells)
    assert "×12 same error" in row_of(BY_TITLE["Upgrade"], cells)
    assert "only the name differs" in row_of(BY_TITLE["S088"], cells)
    assert "↻" in row_of(BY_TITLE["Night"], cells)


@pytest.mark.parametrize("cells", [40, 80, 120, 200])
def test_a_quiet_lane_shows_nothing_at_all_of_it(cells):
    for each in harbor().lanes:
        row = row_of(each, cells, flags_of(harbor(), ()))
        assert "↻" not in row
        assert "×" not in row


def test_there_is_room_for_the_reason_wherever_there_is_a_reason():
    for cells in range(80, 260):
        doing = next(column for column in layout(cells) if column.name == "doing")
        assert doing.cells >= DOING_CELLS


def test_a_lane_that_asks_keeps_its_question_and_an_ended_one_no_longer_calls():
    looping = BY_TITLE["Upgrade"]
    asks = replace(looping, state=LaneState.NEEDS_INPUT)
    assert "needs you" in row_of(asks, 80)
    ended = replace(looping, state=LaneState.ENDED)
    flags = flags_of(replace(FLEET, lanes=(ended,)), listed_findings(FLEET, SessionMutes()))
    assert (flags[ended.id].severity, flags[ended.id].shown) == (Severity.INFO, Severity.STOP)
    assert "same error" not in row_of(ended, 120, flags)
    assert "↻" in row_of(ended, 120, flags)


def test_what_is_only_worth_knowing_marks_no_row():
    assert BY_TITLE["Ferry"].findings[0].severity is Severity.INFO
    assert BY_TITLE["Ferry"].id not in FLAGS
    assert BY_TITLE["Move"].id not in FLAGS, "its state says it already"


def test_a_stop_that_is_no_loop_marks_the_row_with_its_own_glyph_and_title():
    proven = replace(BY_TITLE["S088"], repetition=QUIET)
    fleet = replace(FLEET, lanes=(proven,))
    row = row_of(proven, 200, flags_of(fleet, listed_findings(fleet, SessionMutes())))
    assert "⊗" in row
    assert "the envelope is proven" in row


def test_muting_the_repetition_quiets_the_row():
    mutes = SessionMutes()
    circles = next(each for each in FLEET.findings if each.kind is FindingKind.REPETITION)
    mutes.mute(circles, "the registry is down, known", NOW)
    flags = flags_of(FLEET, listed_findings(FLEET, mutes))
    assert circles.lane not in flags
    assert "×12" not in row_of(BY_TITLE["Upgrade"], 200, flags)


# -- steps ------------------------------------------------------------------------------------------


def test_steps_are_compared_with_the_first_of_their_place_in_the_round():
    lines = steps_lines(BY_TITLE["Night"].repetition, 120, NOW)
    text = "\n".join(map(text_of, lines))
    assert "rounds of 3 steps" in text
    assert text.count("Edit tariff/rates.go") == 2
    assert not [span for line in lines for span in line if span.role == "key"], "the second round is the first again"


def test_a_shared_outcome_is_said_once():
    text = "\n".join(map(text_of, steps_lines(BY_TITLE["S088"].repetition, 120, NOW)))
    assert text.count("envelope holds, 3 checks") == 1


@pytest.mark.parametrize("cells", [40, 60, 80, 120, 200])
def test_what_differs_is_marked_at_every_width(cells):
    lines = steps_lines(BY_TITLE["S088"].repetition, cells, NOW)
    marked = [span.text for line in lines for span in line if span.role == "key"]
    assert {"S085", "rebook"} <= set(marked)


@pytest.mark.parametrize(
    ("repeats", "part", "since"), [(27, "the last 8 of 27", "1m ago"), (8, "all 8", "14s ago")], ids=["some", "all"]
)
def test_steps_that_are_equal_are_one_line_which_says_how_many_of_all_it_shows(repeats, part, since):
    steps = tuple(StepShown("npm install", "ERESOLVE", NOW - 14 + 2 * each, 0) for each in range(8))
    repetition = replace(BY_TITLE["Upgrade"].repetition, steps=steps, repeats=repeats, began=NOW - 60, since=NOW - 48)
    text = "\n".join(map(text_of, steps_lines(repetition, 120, NOW)))
    assert text.count("npm install") == 2, "in the reason, and once as a step"
    assert part in text
    assert since in text


def test_a_quiet_lane_has_no_steps():
    assert steps_lines(lane("0").repetition, 80, NOW) == []


@pytest.mark.parametrize("told", [(), ("npm install failed 12 times with the same error",)])
def test_the_reason_is_not_said_twice(told):
    text = "\n".join(map(text_of, steps_lines(BY_TITLE["Upgrade"].repetition, 120, NOW, told=told)))
    assert ("failed 12 times" in text) == (not told)


def test_the_meter_grows_with_the_score():
    rows = []
    for score in (0.2, 0.5, 0.8, 1.0):
        each = replace(BY_TITLE["Night"], repetition=replace(BY_TITLE["Night"].repetition, score=score))
        fleet = replace(FLEET, lanes=(each,))
        rows.append(row_of(each, 120, flags_of(fleet, listed_findings(fleet, SessionMutes()))).count("█"))
    assert rows == sorted(rows)
    assert rows[0] < rows[-1]
    assert line_width(lane_line(BY_TITLE["Night"], layout(120), RowContext(NOW, 1), 120)) == 120
