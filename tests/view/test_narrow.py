"""What is left out and what is wrapped where there is no room: never half a word."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tui.history.usage import By, Group, Per, Used
from tui.model.cost import Cost
from tui.model.usage import Usage
from tui.text.cell_width import width
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import (
    Line,
    Span,
    broken_at_words,
    hung,
    in_rows,
    own,
    shortened,
    titled,
    word,
)
from tui.view.columns.registry import first_sort
from tui.view.filter import Filter
from tui.view.status import StatusFacts, status_lines
from tui.view.usage import usage_lines


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def test_a_title_loses_its_explanation_and_not_half_a_word() -> None:
    keys: Line = (word("esc", "key"), word(" back", "dim"))
    title = own("audit · who asked what of which lane, and the result")
    assert _text(titled(title, keys, 80)).startswith(title)
    assert _text(titled(title, keys, 50)).split() == ["audit", "esc", "back"]
    assert _text(titled(own("changed files, the newest first"), keys, 30)).split() == [
        "changed",
        "files",
        "esc",
        "back",
    ]


def test_a_hint_loses_whole_parts() -> None:
    hint = own("looping, cost>1, !ended (tab completes)")
    assert shortened(hint, 40) == hint
    assert shortened(hint, 38) == "looping, cost>1, !ended"
    assert shortened(hint, 20) == "looping, cost>1"
    assert shortened(hint, 3) == "looping"


def test_a_description_goes_on_below_itself() -> None:
    line: Line = (Span(own("U   "), "key"), word("days, weeks, models"))
    assert [_text(one) for one in hung(line, 17)] == ["U   days, weeks,", "    models"]
    assert hung(line, 40) == [line]


def test_parts_are_never_divided() -> None:
    parts: list[Line] = [(word("one"),), (word("two"),), (word("three"),)]
    assert [_text(one) for one in in_rows(parts, 8, 2)] == ["one  two", "three"]


@given(st.text(alphabet="ab é漢  ", max_size=60), st.integers(4, 20))
def test_breaking_at_words_keeps_every_character(text: str, cells: int) -> None:
    line = safe_text(text)
    rows = broken_at_words(line, cells)
    assert "".join(rows) == line
    assert all(width(SafeText(row.rstrip())) <= cells for row in rows)


def test_an_option_is_broken_between_words() -> None:
    assert broken_at_words(own("full on Fridays, half empty else"), 29) == ["full on Fridays, half empty ", "else"]


def test_the_line_above_the_keys_leaves_out_whole_parts() -> None:
    facts = StatusFacts(first_sort(), False, Filter(""), 3, 3, 300, notice=own("n" * 40), moved=7, sort_key=own("="))
    (line,) = status_lines(facts, 72)
    left = _text(line).split("nnn")[0]
    assert left.strip() == "sort attention  burn over 5m"
    (line,) = status_lines(facts, 90)
    assert _text(line).split("nnn")[0].strip() == "sort attention · 7 moved, = re-sorts"


def test_the_table_of_usage_fits_and_shortens_only_names() -> None:
    group = Group("Upgrade the booking front end to React 19 and much more", ("claude", "7d90c18f", None))
    row = Used(date(2026, 5, 4), group, 12, Usage(input=10, output=5_000_000), Cost(1.5, 12, 12), is_lower_bound=False)
    lines = usage_lines([row], Per.MONTH, By.LANE, 48)
    assert all(width(SafeText(_text(line).rstrip())) <= 48 for line in lines)
    assert "5.00M" in _text(lines[1]) and "$1.50" in _text(lines[1])
