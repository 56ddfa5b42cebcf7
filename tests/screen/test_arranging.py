"""Filter, groups, hidden and pinned lanes, and saved views, by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fleets import circling, harbor
from tests.screen.apps import Stage, at_rest
from tui.model.snapshot import Fleet, Judging, Lane, LaneState
from tui.view.arrange import Arrangement
from tui.view.columns.registry import first_sort


def last_lines(stage: Stage) -> str:
    return "\n".join(stage.text().splitlines()[-3:])


async def test_a_filter_has_a_sign_completes_and_comes_back() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("slash", *"sta")
        await pilot.pause()
        assert "/ sta" in last_lines(stage)
        await pilot.press("tab", *"idl", "tab", "enter")
        await pilot.pause()
        assert stage.screen.rows.filter.text == "state:idle"
        assert "filter state:idle 1 of 8" in stage.text()
        await pilot.press("escape", "slash", "up")
        await pilot.pause()
        assert stage.screen.rows.filter.text == "state:idle"
        await pilot.press("down")
        await pilot.pause()
        assert stage.screen.rows.filter.text == ""


async def test_a_filter_says_what_it_did_not_understand() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("slash", *"state", "colon", *"wroking", "enter")
        await pilot.pause()
        assert 'no state "wroking"; did you mean "working"?' in stage.text()


async def test_the_words_on_the_screen_are_found() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("slash", *"needs", "space", *"you", "enter")
        await pilot.pause()
        assert [stage.screen.lanes[one].title.split()[0] for one in stage.screen.rows.order] == ["Move"]


async def test_lanes_are_grouped_and_a_group_folds() -> None:
    stage = Stage(circling())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("B")
        await pilot.pause()
        assert "▾ harbor  9 lanes" in stage.text()
        assert "▾ widget  1 lane" in stage.text()
        await pilot.press("g", "enter")
        await pilot.pause()
        assert "▸ " in stage.text()
        assert len(stage.screen.rows.order) in (3, 11)
        await pilot.press("p")
        await at_rest(pilot)
        assert "mark its lanes first" in last_lines(stage)
        await pilot.press("z", "space")
        await pilot.pause()
        assert stage.screen.rows.marked
        for _ in range(4):
            await pilot.press("B")
        await pilot.pause()
        assert not stage.screen.rows.groups


async def test_ended_lanes_are_hidden_with_their_number() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("X")
        await pilot.pause()
        assert "1 hidden: X changes that" in stage.text()
        await pilot.press("X")
        await pilot.pause()
        assert "2 hidden: X changes that" in stage.text()
        await pilot.press("X")
        await pilot.pause()
        assert len(stage.screen.rows.order) == 8


async def test_a_pinned_lane_is_the_first() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("G", "P")
        await pilot.pause()
        pinned = next(iter(stage.screen.rows.pinned))
        assert stage.screen.rows.order[0] == pinned
        await pilot.press("P")
        await pilot.pause()
        assert not stage.screen.rows.pinned


async def test_a_view_is_saved_shown_by_its_key_and_deleted() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("B", "X", "slash", *"ferry", "enter")
        await pilot.pause()
        wanted = stage.screen.rows.arrangement
        await pilot.press("V", *"night", "enter")
        await pilot.pause()
        assert "saved view night on key 1" in stage.text()
        await pilot.press("escape", "X", "X", "B", "s")
        await pilot.pause()
        assert stage.screen.rows.arrangement != wanted
        await pilot.press("1")
        await pilot.pause()
        assert stage.screen.rows.arrangement == wanted
        await pilot.press("backspace")
        await pilot.pause()
        assert stage.screen.rows.arrangement == Arrangement(first_sort())
        assert "no view: nothing is hidden, filtered or grouped" in stage.text()
        await pilot.press("u")
        await pilot.pause()
        assert stage.screen.rows.arrangement == wanted
        await pilot.press("2")
        await pilot.pause()
        assert "no view on key 2" in stage.text()
        assert not stage.screen.views.show("nihgt")
        assert 'did you mean "night"?' in str(stage.screen.notice)
        assert stage.screen.views.delete("night")
        assert stage.screen.views.names == ()


async def test_columns_of_a_view_stand_in_its_order_and_width() -> None:
    stage = Stage(harbor())
    async with stage.running((120, 40)) as pilot:
        stage.screen.ordering.use(stage.screen.rows.arrangement, ("cost", "name:40", "state"))
        await pilot.pause()
        heading = next(line for line in stage.text().splitlines() if "COST" in line)
        assert heading.index("COST") < heading.index("LANE")
        assert "BURN" not in heading
        stage.screen.ordering.use(stage.screen.rows.arrangement, ())
        await pilot.pause()
        assert "BURN" in stage.text()


async def test_columns_are_chosen_with_a_preview() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        before = stage.text().splitlines()
        await pilot.press("C", "down", "down", "down", "space", "plus", "plus")
        await at_rest(pilot)
        assert "COLUMNS" in stage.text()
        assert "LANE" in stage.text().splitlines()[2]  # a column that is made wider is shown
        assert any(one.startswith("name:") for one in stage.screen.table.columns)
        await pilot.press("escape")
        await at_rest(pilot)
        assert stage.screen.table.columns == ()
        assert stage.text().splitlines()[2:12] == before[2:12]
        await pilot.press("C", "G", "space", "g", "J", "enter")
        await at_rest(pilot)
        assert stage.screen.table.columns[1] == "state"
        assert stage.app.remembered.chosen.columns == stage.screen.table.columns
        await pilot.press("C", "a", "enter")
        await at_rest(pilot)
        assert stage.screen.table.columns == stage.app.remembered.chosen.columns == ()


async def test_tags_are_given_to_the_lane_or_the_marked_lanes() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        tags, first = stage.screen.tags, stage.screen.rows.order[0]
        await pilot.press("number_sign", *"night", "space", *"urgent", "enter")
        await at_rest(pilot)
        assert tags.of_lanes == {first: ("night", "urgent")}
        assert "tags night urgent: " in stage.text()
        await pilot.press("number_sign")
        await pilot.pause()
        assert "night urgent" in last_lines(stage)
        await pilot.press("escape", "G", "space", "k", "space")
        stage.screen.arguments["tag"].run("late")
        await at_rest(pilot)
        assert len(tags.of_lanes) == 3
        stage.screen.arguments["tag"].run("a:b")
        assert "cannot be a tag" in str(stage.screen.notice)


async def test_an_urgent_lane_comes_to_the_top_while_nobody_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(replace(harbor(), judging=Judging(0, 1)))
    async with stage.running((120, 40)) as pilot:
        order = stage.screen.rows.order
        last = next(one for one in stage.fleet.lanes if one.id == order[-1])
        other = next(one for one in stage.fleet.lanes if one.state is LaneState.WAITING)

        def asking(fleet: Fleet, lane: Lane, version: int) -> Fleet:
            asks = replace(lane, state=LaneState.NEEDS_INPUT, parent=None, waits_since=fleet.at)
            return replace(
                fleet, version=version, lanes=tuple(asks if one.id == lane.id else one for one in fleet.lanes)
            )

        stage.show(replace(asking(stage.fleet, last, 6), judging=Judging(1, 1)))
        assert last.id in stage.screen.rows.order[:2]  # nothing was pressed so far
        assert stage.screen.table.cursor == stage.screen.rows.order[0]
        await pilot.press("G", "k")
        cursor, before = stage.screen.table.cursor, list(stage.screen.rows.order)
        stage.show(asking(stage.fleet, other, 7))
        assert stage.screen.rows.order == before  # the cursor moved a moment ago
        monkeypatch.setattr("tui.screen.table_order.STILL_S", 0.0)
        stage.show(replace(stage.fleet, version=8))
        assert stage.screen.rows.order.index(other.id) < before.index(other.id)
        assert stage.screen.rows.moved(stage.fleet, {}) == 0
        assert stage.screen.table.cursor == cursor


async def test_when_all_is_read_the_rows_are_sorted_once_although_the_cursor_was_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.screen.table_order.STILL_S", 0.0)
    stage = Stage(replace(harbor(), judging=Judging(0, 1)))
    async with stage.running((120, 40)) as pilot:
        await pilot.press("G", "k")
        cursor = stage.screen.table.cursor
        last = stage.screen.rows.order[-1]
        lanes = tuple(
            replace(one, state=LaneState.WAITING, parent=None) if one.id == last else one for one in stage.fleet.lanes
        )
        stage.show(replace(stage.fleet, version=6, lanes=lanes))
        assert stage.screen.rows.order[-1] == last  # it is still read: the rows keep their places
        stage.show(replace(stage.fleet, version=7, judging=Judging(1, 1)))
        assert stage.screen.rows.order[-1] != last
        assert stage.screen.table.cursor == cursor
        assert stage.screen.notice == "all is read and sorted: 1 row moved"
