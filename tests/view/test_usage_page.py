"""The page of all usage: its sums, the calendar, the bars of weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tui.history.usage import By, Group, Per, Used
from tui.model.cost import Cost
from tui.model.usage import Usage
from tui.text.styled_text import line_width
from tui.view.usage_page import LEVELS, calendar, usage_page, week_bars

TODAY = date(2026, 5, 9)


def used(start: date | None, tokens: int, model: str | None = None, *, priced: bool = True) -> Used:
    cost = Cost(tokens / 1e6, 10 if priced else 7, 10)
    return Used(start, Group(model) if model else None, 10, Usage(cache_read=tokens), cost, False)


def day(back: int, tokens: int) -> Used:
    return used(TODAY - timedelta(days=back), tokens)


DAYS = [day(back, 1_000_000 * (1 + back * 7919 % 97)) for back in range(200) if back % 7 != 3]
WEEKS = [
    used(TODAY - timedelta(days=TODAY.weekday(), weeks=back), tokens, model)
    for back in range(12)
    for model, tokens in (("opus-4-6", 900_000_000), ("gpt-5.4", 90_000_000 * (back + 1)), ("haiku", 1000))
]


def text_of(lines):
    return ["".join(span.text for span in line) for line in lines]


@pytest.mark.parametrize("cells", [60, 80, 110, 120, 200])
def test_each_line_fits_and_the_sums_are_those_of_the_days(cells):
    lines = usage_page(DAYS, WEEKS, WEEKS, Per.WEEK, By.MODEL, TODAY, cells)
    assert all(line_width(line) <= cells for line in lines)
    whole = " ".join(" ".join(text_of(lines)).split())
    assert f"today {DAYS[0].usage.total // 1_000_000}.00M tok" in whole
    assert "PER WEEK BY MODEL" in whole


def test_the_calendar_ends_with_today_and_has_as_many_weeks_as_fit():
    rows = text_of(calendar(DAYS, TODAY, 5 + 2 * 10))[2:9]
    assert [len(row.strip()) > 0 for row in rows] == [True] * 7
    assert len(rows[5].split()) == 10, "ten Saturdays, without a name"
    assert len(rows[6].split()) == 10, "the name and nine Sundays: the tenth is tomorrow"


def test_days_are_in_four_groups_of_the_same_size_and_days_without_usage_have_a_dot():
    days = [day(back, 1000 * (back + 1)) for back in range(8)]
    glyphs = "".join(text_of(calendar(days, TODAY, 5 + 2 * 2))[2:9])
    assert [glyphs.count(glyph) for glyph, _ in LEVELS] == [2, 2, 2, 2]
    assert glyphs.count("·") == 5


def test_a_small_model_has_a_cell_in_the_bar_of_its_week_and_the_largest_week_fills_it():
    lines = text_of(week_bars(WEEKS, 60))
    assert all("█" in line and "▓" in line and "▒" in line for line in lines[1:9])
    assert lines[-1].split() == ["█", "opus-4-6", "▓", "gpt-5.4", "▒", "haiku"]
    assert max(line.count("█") + line.count("▓") + line.count("▒") for line in lines[1:9]) == 60 - 8 - 18


def test_costs_with_unknown_parts_are_lower_bounds():
    page = text_of(usage_page([used(TODAY, 5_000_000, priced=False)], [], [], None, By.AGENT, TODAY, 80))
    assert "≥$5.00" in page[0]


def test_the_calendar_of_old_transcripts_ends_with_their_last_day():
    old = [used(date(2025, 3, 3), 7_000_000)]
    page = "\n".join(text_of(usage_page(old, [], old, Per.DAY, None, TODAY, 120)))
    assert "Feb" in page
    assert "today 0 tok" in page


def test_without_transcripts_the_page_says_so():
    [line] = text_of(usage_page([], [], [], Per.DAY, None, TODAY, 80))
    assert line == "no usage yet: no transcript was found"
