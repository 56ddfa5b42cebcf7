"""Keys on the real app, and what they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fleets import NOW, harbor, lane, many
from tests.screen.apps import Stage, at_rest
from tui.model.snapshot import LaneState
from tui.view.columns.registry import all_sorts

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_shows_every_lane_and_the_total(size):
    stage = Stage()
    async with stage.app.run_test(size=size) as pilot:
        await pilot.pause()
        text = stage.text()
        for words in ("Move the payment", "Ferry timetable", "S088 prove", "Import the 2019", "8 lanes", "97.6M"):
            assert words in text
        assert len(text.splitlines()) == size[1]


async def test_the_cursor_stays_on_its_lane_while_others_change():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("j", "j")
        chosen = stage.screen.table.cursor
        stage.show(replace(stage.fleet, lanes=(lane("ffff0000", title="new one"), *stage.fleet.lanes), version=2))
        await pilot.pause()
        assert stage.screen.table.cursor == chosen


async def test_rows_keep_their_places_until_a_sort_is_requested():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("j")
        before = list(stage.screen.rows.order)
        waiting = stage.fleet.lanes[5]
        changed = replace(waiting, state=LaneState.NEEDS_INPUT)
        stage.show(
            replace(stage.fleet, lanes=tuple(changed if x is waiting else x for x in stage.fleet.lanes), version=2)
        )
        await pilot.pause()
        assert stage.screen.rows.order == before
        await pilot.press("S", "S")
        assert stage.screen.rows.order != before


async def test_the_first_row_is_the_one_that_needs_a_person():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert stage.screen.selected is not None
        assert stage.screen.selected.state is LaneState.NEEDS_INPUT


async def test_movement_keys():
    stage = Stage(many(100))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        order = stage.screen.rows.order
        table = stage.screen.table
        await pilot.press("G")
        assert table.cursor == order[-1]
        await pilot.press("g")
        assert table.cursor == order[0]
        await pilot.press("pagedown")
        assert table.cursor == order[table.page]
        await pilot.press("ctrl+u")
        assert table.cursor == order[0]
        await pilot.press("up")
        assert table.cursor == order[0]
        await pilot.press("down", "j")
        assert table.cursor == order[2]


async def test_filter_stays_visible_and_escape_clears_it():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"agent:codex", "enter")
        await pilot.pause()
        assert stage.screen.rows.order == ["codex:9d1e44b0"]
        assert "filter agent:codex 1 of 8" in stage.text()
        await pilot.press("escape")
        await pilot.pause()
        assert len(stage.screen.rows.order) == 8
        assert "filter" not in stage.text().splitlines()[-2]


async def test_filter_keeps_the_parents_of_a_match():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"callers", "backspace", "enter")
        assert stage.screen.rows.order == ["claude:5f0c21aa", "claude:5f0c21aa/explore1"]


async def test_sort_shows_its_name_and_returns_to_the_first_order():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        assert "sort burn" in stage.text()
        assert stage.screen.rows.order[0] == "codex:9d1e44b0"
        for _ in range(sum(sort.in_steps for sort in all_sorts()) - 1):
            await pilot.press("s")
        assert "sort attention" in stage.text()


async def test_fold_hides_the_lanes_below_and_left_goes_to_the_parent():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = stage.screen
        screen.table.move_to("claude:5f0c21aa")
        await pilot.press("z")
        assert len(screen.rows.order) == 6
        await pilot.press("right")
        assert len(screen.rows.order) == 8
        await pilot.press("j", "h")
        assert screen.table.cursor == "claude:5f0c21aa"


async def test_enter_shows_the_lane_in_full_and_escape_returns():
    stage = Stage()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        stage.screen.table.move_to("claude:5f0c21aa")
        await pilot.press("enter")
        await pilot.pause()
        text = stage.text()
        for words in ("USAGE", "8,930,000", "ACTIONS", "go test ./booking"):
            assert words in text
        await pilot.press("escape")
        await pilot.pause()
        assert "Move the payment" in stage.text()


async def test_next_moves_through_the_lanes_that_need_a_person():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(3):
            await pilot.press("n")
            await at_rest(pilot)
            seen.append(stage.screen.table.cursor)
        assert seen == ["claude:c81d7e02", "claude:77aa0c3d", "claude:c81d7e02"], "who asks comes before who is limited"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("question_mark", "1 to 9      Saved view 1 to 9"),
        ("e", "each counted once"),
        ("x", "not JSON (unexpected end)"),
    ],
)
async def test_pages_open_and_close(key, words):
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert words in stage.text()
        await pilot.press("escape")
        await pilot.pause()
        assert words not in stage.text()


async def test_burn_window_changes_the_figures():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "burn over 5m" in stage.text()
        await pilot.press("b")
        assert "burn over 1h" in stage.text()
        await pilot.press("b")
        assert "burn over 1m" in stage.text()


async def test_a_resize_is_drawn_and_an_empty_fleet_shows_advice():
    stage = Stage(replace(harbor(), lanes=(), version=5))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot)
        assert "no lanes yet" in stage.text()
        await pilot.resize_terminal(200, 60)
        await at_rest(pilot)
        assert "lanewatch demo" in stage.text()
        stage.show(harbor())
        await at_rest(pilot)
        assert "Ferry timetable" in stage.text()
        await pilot.resize_terminal(40, 10)
        await at_rest(pilot)
        assert "59.0M/h" in stage.text()


async def test_click_selects_and_a_key_hint_can_be_clicked():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.click("#table", offset=(20, 3))
        assert stage.screen.table.cursor == stage.screen.rows.order[2]
        await pilot.click("#keys", offset=(stage.text().splitlines()[-1].index("enter"), 0))
        await pilot.pause()
        assert stage.screen.has_class("-full")


async def test_ages_change_without_news():
    stage = Stage()
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        stage.show(replace(stage.fleet, at=NOW + 3))
        await pilot.pause()
        assert " 7s" in stage.text()


@pytest.mark.parametrize("size", SIZES)
async def test_plain_ascii_on_request(size):
    stage = Stage(ascii_only=True)
    async with stage.app.run_test(size=size) as pilot:
        await pilot.pause()
        assert stage.text().isascii()
        await pilot.press("enter")
        await pilot.pause()
        assert stage.text().isascii()
