"""Clicks on headings and on the counts of the header."""

from __future__ import annotations

from tests.fleets import many
from tests.screen.apps import Stage, at_rest
from tui.screen.split import PANEL_PERCENT


def column_of(stage: Stage, row: int, words: str) -> int:
    """The cell in which the words begin in a row of the screen."""
    return stage.text().splitlines()[row].index(words)


async def test_a_click_on_a_heading_sorts_and_the_next_one_reverses():
    stage = Stage()
    async with stage.running((200, 60)) as pilot:
        at = column_of(stage, 2, "COST") + 1
        await pilot.click(offset=(at, 2))
        await at_rest(pilot)
        assert (stage.screen.rows.sort.name, stage.screen.rows.reverse) == ("cost", False)
        first = list(stage.screen.rows.order)
        await pilot.click(offset=(at, 2))
        await at_rest(pilot)
        assert (stage.screen.rows.sort.name, stage.screen.rows.reverse) == ("cost", True)
        assert stage.screen.rows.order != first
        await pilot.click(offset=(column_of(stage, 2, "TOKENS"), 2))
        await at_rest(pilot)
        assert (stage.screen.rows.sort.name, stage.screen.rows.reverse) == ("tokens", False)


async def test_the_line_above_the_panel_is_dragged_and_moved_by_keys():
    stage = Stage()
    async with stage.running((120, 50)) as pilot:
        detail = stage.screen.detail
        await at_rest(pilot)
        top = detail.region.y
        assert stage.screen.table.region.height == len(stage.screen.rows.order) + 1  # the rows that it needs
        await pilot.mouse_down(offset=(60, top))
        await pilot.hover(offset=(60, top + 10))
        await pilot.mouse_up(offset=(60, top + 10))
        await at_rest(pilot)
        assert abs(detail.region.y - (top + 10)) <= 1
        assert stage.screen.rows.sort.name == "attention"
        kept = stage.app.remembered.chosen.split
        assert kept > 0
        await pilot.press("J", "J")
        await at_rest(pilot)
        assert stage.app.remembered.chosen.split == kept - 10
        await pilot.press("enter")
        await at_rest(pilot)
        assert detail.region.height > 40  # a lane in full takes the whole screen
        stage.screen.arguments["split"].run("auto")
        await pilot.press("escape")
        await at_rest(pilot)
        assert detail.region.y == top
        stage.show(many(100))
        await at_rest(pilot)
        assert (
            detail.region.height == 50 * PANEL_PERCENT // 100
        )  # never less than its share, however many rows there are


async def test_a_click_on_a_count_filters_and_the_next_one_lifts_it():
    stage = Stage()
    async with stage.running((200, 60)) as pilot:
        everything = list(stage.screen.rows.order)
        at = column_of(stage, 0, "needs you")
        await pilot.click(offset=(at, 0))
        await at_rest(pilot)
        assert "needs_input" in stage.screen.rows.filter.text
        assert 0 < len(stage.screen.rows.order) < len(everything)
        await pilot.click(offset=(column_of(stage, 0, "needs you"), 0))
        await at_rest(pilot)
        assert stage.screen.rows.filter.text == ""
        assert sorted(stage.screen.rows.order) == sorted(everything)


async def test_a_click_beside_the_counts_does_nothing():
    stage = Stage()
    async with stage.running((200, 60)) as pilot:
        await pilot.click(offset=(3, 0))
        await pilot.click(offset=(3, 1))
        await at_rest(pilot)
        assert stage.screen.rows.filter.text == ""
