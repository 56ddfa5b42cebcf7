"""State is never told by colour alone: each has its own glyph, its own ASCII glyph and its own word."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from rich.cells import cell_len

from tests.findings import finding
from tests.fleets import NOW, harbor, lane
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind
from tui.model.snapshot import LaneState
from tui.text.safe_text import safe_text
from tui.view.detail import explain_lines
from tui.view.help import gate_now
from tui.view.states import LOOKS, WORD_CELLS, glyph_of, word_of


def test_every_state_has_a_look_of_its_own() -> None:
    assert set(LOOKS) == set(LaneState)
    for part in ("glyph", "ascii", "word"):
        assert len({getattr(look, part) for look in LOOKS.values()}) == len(LaneState)


def test_glyphs_take_one_cell_and_are_no_emoji() -> None:
    for look in LOOKS.values():
        assert len(look.glyph) == cell_len(look.glyph) == 1
        assert unicodedata.east_asian_width(look.glyph) not in ("W", "F")
        assert cell_len(look.glyph + "\ufe0f") == 1  # a terminal may not widen it either
        assert len(look.ascii) == 1
        assert look.ascii.isascii()


def test_words_fit_their_column_and_are_safe() -> None:
    for look in LOOKS.values():
        assert cell_len(look.word) <= WORD_CELLS
        for text in look:
            assert safe_text(text) == text


def test_the_ascii_option_changes_the_glyph_alone() -> None:
    assert glyph_of(LaneState.WORKING) == "●"
    assert glyph_of(LaneState.WORKING, ascii=True) == "*"
    assert word_of(LaneState.NEEDS_INPUT) == "needs you"


def test_a_state_with_several_reasons_is_explained_under_one_heading():
    why = (Evidence("paused before its next tool", NOW - 60), Evidence("a turn is open and lines still come", NOW - 64))
    paused = lane("5f0c21aa", LaneState.PAUSED, evidence=why)
    text = ["".join(span.text for span in line) for line in explain_lines(paused, 100, NOW)]
    assert [line.startswith("state: paused") for line in text].count(True) == 1
    assert "  paused before its next tool; a turn is open and lines still come" in text


def test_the_gate_line_of_the_help_counts_all_lanes_as_the_header_does():
    fleet = harbor()
    label, text = gate_now(fleet)
    over = sum(lane.state in (LaneState.ENDED, LaneState.CLOSED) for lane in fleet.lanes)
    assert (label, text) == (
        "gate",
        f"{len(fleet.lanes)} lanes: 0 use it, {len(fleet.lanes) - over} do not, {over} ended",
    )


def test_explain_tells_the_reason_for_the_state_once():
    why = Evidence("waits for a permission or an answer", NOW - 5)
    raised = replace(finding(), kind=FindingKind.NEEDS_INPUT, title=why.text, evidence=(why,))
    asking = lane("5f0c21aa", LaneState.NEEDS_INPUT, evidence=(why,), findings=(raised,))
    text = "\n".join("".join(span.text for span in line) for line in explain_lines(asking, 100, NOW))
    assert text.count(why.text) == 1
    assert "as its state says" in text
