"""The scrubber: which column is which moment, what stands on it, and that it fits."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.finding import Severity
from tui.text.cell_width import width
from tui.view.scrubber import ScrubberFacts, ScrubMark, scrubber_lines, time_at

START = 1_778_304_756.0
FACTS = ScrubberFacts(
    START, START + 1000, START + 500, START, 10.0, [1] * 100, (ScrubMark(START + 250, Severity.STOP),), 60.0, True,
    math.inf,
)  # fmt: skip


def texts(facts: ScrubberFacts, cells: int) -> list[str]:
    return ["".join(span.text for span in line) for line in scrubber_lines(facts, cells)]


@pytest.mark.parametrize("cells", [10, 40, 80, 200])
def test_three_lines_of_exactly_the_width(cells):
    lines = texts(FACTS, cells)
    assert len(lines) == 3
    assert [width(line) for line in lines] == [cells] * 3


def test_place_marks_and_times():
    burn, marks, times = texts(FACTS, 102)
    assert burn.strip() == "█" * 100
    assert marks.index("⊗") == 1 + 25
    assert marks.index("↑") == 1 + 50
    assert "60×" in times
    assert "8m20 of 16m" in times
    assert times.strip().endswith("UTC")


def test_the_most_severe_of_a_column_is_shown_and_an_operators_act_before_a_warning():
    both = (ScrubMark(START, Severity.WARN), ScrubMark(START + 1, None))
    assert "@" in texts(replace(FACTS, marks=both), 102)[1]
    stop = (*both, ScrubMark(START + 2, Severity.STOP))
    assert texts(replace(FACTS, marks=stop), 102)[1].lstrip()[0] == "⊗"


def test_burn_is_where_it_was():
    facts = replace(FACTS, burn=[0] * 50 + [7] + [0] * 49, at=START)
    burn = texts(facts, 102)[0]
    assert burn[1:].rstrip().lstrip("│ ") == "█"
    assert burn.index("█") == 1 + 50


def test_only_the_part_that_is_shown_counts():
    facts = replace(FACTS, start=START + 500, end=START + 600, at=START + 500, burn=[9] * 50 + [1] * 10 + [9] * 40)
    burn = texts(facts, 102)[0]
    assert set(burn.strip()) <= {"█", " "}


def test_still_reading_is_said():
    assert "still reading" in texts(replace(FACTS, known=START + 900), 140)[2]
    assert "still reading" not in texts(FACTS, 140)[2]


@given(st.integers(10, 300), st.floats(0, 1))
def test_a_click_goes_to_where_it_points(cells, share):
    column = 1 + int(share * (cells - 3))
    at = time_at(column, FACTS, cells)
    assert START <= at <= START + 1000
    marks = texts(replace(FACTS, at=at, marks=()), cells)[1]
    assert marks.index("↑") == column


@given(
    st.floats(0, 4e9), st.floats(0, 1e9), st.floats(-1e9, 1e9), st.lists(st.integers(0, 10**12), max_size=50),
    st.floats(0.001, 1e6), st.integers(8, 120),
)  # fmt: skip
def test_any_run_can_be_drawn(start, length, at, burn, step, cells):
    facts = ScrubberFacts(start, start + length, start + at, start, step, burn, (), 1.0, False)
    assert [width(line) for line in texts(facts, cells)] == [cells] * 3
