"""Lines are exactly as wide as asked, whatever a lane holds, and hold nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.fleets import NOW, harbor, lane
from tui.model.event import ToolKind
from tui.model.evidence import Evidence
from tui.model.snapshot import Context, Fleet, LaneState, OpenCall, PlanItem
from tui.model.trust import Trust
from tui.text.styled_text import Line, bar, beside, fit_line, line_width, own, spark, word
from tui.view.columns.base import RowContext
from tui.view.columns.registry import sort_named
from tui.view.detail import detail_lines, explain_lines
from tui.view.empty import empty_lines
from tui.view.header import HeaderFacts, header_lines
from tui.view.lane_line import lane_line, layout, title_line

WIDTHS = [40, 60, 80, 100, 120, 160, 200, 300]
FACTS = HeaderFacts(own("last 24h"), own("live"))


def text_of(line: Line) -> str:
    return "".join(span.text for span in line)


def row(cells: int) -> RowContext:
    return RowContext(NOW, 3_000_000)


@pytest.mark.parametrize("cells", WIDTHS)
def test_every_line_of_the_fleet_has_the_width_that_was_asked_for(cells):
    fleet = harbor()
    columns = layout(cells)
    assert line_width(title_line(columns, cells, sort_named("burn"))) == cells
    for each in fleet.lanes:
        assert line_width(lane_line(each, columns, row(cells), cells)) == cells
        assert all(line_width(line) == cells for line in detail_lines(each, cells, NOW))
    assert all(line_width(line) == cells for line in header_lines(fleet, FACTS, cells))
    assert all(line_width(line) <= cells for line in empty_lines(Fleet(NOW, ()), cells))


def test_columns_come_by_their_rank():
    names = {cells: [column.name for column in layout(cells)] for cells in WIDTHS}
    for cells in WIDTHS[2:]:
        assert {"state", "name", "burn", "tokens", "age", "doing"} <= set(names[cells])
    for narrow, wide in zip(WIDTHS, WIDTHS[1:], strict=False):
        assert set(names[narrow]) <= set(names[wide])
    assert sum(column.cells + 1 for column in layout(200)) <= 200


hostile = st.text(st.characters(), max_size=80)


@settings(max_examples=examples(150), deadline=None)
@given(hostile, hostile, hostile, hostile, st.sampled_from(list(LaneState)), st.sampled_from([40, 80, 120, 200]))
def test_hostile_fields_are_drawn_within_their_cells(title, doing, path, other, state, cells):
    each = lane(
        "00000000", state, title=title, doing=doing, path=path, cwd=path, branch=other, model=other, project=other,
        agent_type=other, depth=1, session=other, version=other, evidence=(Evidence(other),),
        open_calls=(OpenCall("x", other, ToolKind.SHELL, doing, NOW),), plan=(PlanItem(doing, other),),
        context=Context(10, None), trust=tuple(Trust),
    )  # fmt: skip
    lines = [lane_line(each, layout(cells), row(cells), cells), *detail_lines(each, cells, NOW)]
    lines += explain_lines(each, cells, NOW)
    for line in lines:
        for char in text_of(line):
            assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    assert all(line_width(line) == cells for line in lines[: len(lines) - len(explain_lines(each, cells, NOW))])


def test_what_is_unknown_is_never_shown_as_zero():
    each = lane("00000000", cost_usd=None, context=Context(None, None), model=None, last_event=None, started=None)
    text = text_of(lane_line(each, layout(200), row(200), 200))
    assert "$ ?" in text
    assert "$0" not in text
    detail = "\n".join(text_of(line) for line in detail_lines(each, 120, NOW))
    assert "not stated yet" in detail


def test_doubt_stands_beside_the_number():
    assert "≥" in text_of(lane_line(lane("0", trust=(Trust.PROVISIONAL,)), layout(120), row(120), 120))
    assert "?" in text_of(lane_line(lane("0", trust=(Trust.SUSPECT,)), layout(120), row(120), 120))


def test_a_need_is_named_in_words_at_every_width():
    asking = harbor().lanes[3]
    for cells in (80, 120, 200):
        line = text_of(lane_line(asking, layout(cells), row(cells), cells))
        assert "asks: Bash" in line
        assert ("needs you" in line) == (cells >= 120)


def test_bars_show_something_for_little_and_dots_for_unknown():
    assert text_of(bar(0.0, 8, "x")).strip() == ""
    assert text_of(bar(0.001, 8, "x")).strip() != ""
    assert text_of(bar(1.0, 8, "x")) == "█" * 8
    assert text_of(bar(7.0, 8, "x")) == "█" * 8
    assert text_of(bar(None, 4, "x")) == "····"


@given(st.lists(st.integers(-5, 10**12), max_size=40), st.integers(1, 40))
def test_sparks_have_one_cell_per_interval(values, cells):
    assert len(spark(values, cells, "x").text) == cells


def test_blocks_beside_each_other_keep_their_columns():
    made = beside([(word("a"),)], [(word("b"),), (word("c"),)], 4, 4, 2)
    assert [text_of(line) for line in made] == ["a     b   ", "      c   "]


def test_wide_characters_are_cut_between_cells():
    assert line_width(fit_line((word("日本語日本語"),), 5)) == 5
