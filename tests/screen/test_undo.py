"""Undo on the screen: one stack of verbs and changes of the arrangement, live and in a replay."""

from __future__ import annotations

from tests.fleets import harbor
from tests.screen.apps import Stage, at_rest, text_of
from tests.screen.replays import ReplayStage, utc
from tui.screen.undo import MOMENT_S
from tui.view.choices import Choices


def choices(stage: Stage) -> Choices:
    return stage.screen.undoing.choices


async def test_each_change_of_the_arrangement_is_undone_and_named() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        lane = stage.screen.rows.order[-1]
        stage.screen.table.move_to(lane)
        done = [
            (("B",), "undone: grouped by "),
            (("X",), "undone: ended lanes are hidden"),
            (("s",), "undone: sorted by "),
            (("S",), "undone: order reversed"),
            (("slash", *"ferry", "enter"), "undone: filter ferry"),
            (("escape",), "undone: filter cleared"),
            (("C", "G", "space", "enter"), "undone: other columns"),
            (("P",), "undone: pinned "),
            (("K",), "undone: panel "),
            (("b",), "undone: burn over 1h"),
        ]
        before = [choices(stage)]
        for keys, _ in done:
            await pilot.press(*keys)
            await at_rest(pilot)
            before.append(choices(stage))
            assert before[-1] != before[-2], keys
        for (keys, words), wanted in zip(reversed(done), reversed(before[:-1]), strict=True):
            await pilot.press("u")
            await at_rest(pilot)
            assert choices(stage) == wanted, keys
            assert words in stage.text()
        await pilot.press("u")
        await at_rest(pilot)
        assert "nothing to undo" in stage.text()


async def test_a_view_is_undone_as_a_whole() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("B", "X", "slash", *"ferry", "enter", "V", *"night", "enter")
        await at_rest(pilot)
        await pilot.press("escape", "X", "X", "B", "s")
        await at_rest(pilot)
        before = choices(stage)
        await pilot.press("1", "u")
        await at_rest(pilot)
        assert choices(stage) == before
        assert "undone: view night" in stage.text()
        assert stage.app.remembered.chosen.view == ""


async def test_commands_and_the_mouse_are_undone_too() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        before = choices(stage)
        await pilot.press("colon", *"sort cost", "enter")
        await at_rest(pilot)
        assert choices(stage) != before
        sorted_by_cost = choices(stage)
        head = next(row for row, line in enumerate(stage.text().splitlines()) if "TOKENS" in line)
        await pilot.click(offset=(stage.text().splitlines()[head].index("TOKENS"), head))
        await at_rest(pilot)
        assert choices(stage) != sorted_by_cost
        await pilot.press("u")
        await at_rest(pilot)
        assert choices(stage) == sorted_by_cost
        await pilot.press("u")
        await at_rest(pilot)
        assert "undone: sorted by cost" in stage.text()
        assert choices(stage) == before


async def test_tags_are_undone() -> None:
    stage = Stage(harbor())
    async with stage.running((160, 40)) as pilot:
        await pilot.press("number_sign", *"night", "enter")
        await at_rest(pilot)
        await pilot.press("number_sign", *"late", "enter")
        await at_rest(pilot)
        lane = stage.screen.rows.order[0]
        assert stage.screen.tags.of_lanes == {lane: ("late",)}
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.screen.tags.of_lanes == {lane: ("night",)}
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.screen.tags.of_lanes == {}
        assert "undone: tags night: " in stage.text()


async def test_the_last_thing_is_undone_first_verb_or_arrangement() -> None:
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("B")
        await at_rest(pilot)
        stage.screen.table.move_to(next(iter(stage.screen.lanes)))
        await pilot.press("p")
        await at_rest(pilot)
        await pilot.press("X")
        await at_rest(pilot)
        await pilot.press("u")
        await at_rest(pilot)
        assert "undone: ended lanes are hidden" in stage.text()
        assert stage.service.undone == []
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.service.undone == ["0000"]
        assert stage.screen.rows.group is not None
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.screen.rows.group is None


async def test_undo_waits_for_the_verb_that_is_being_given() -> None:
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("s", "p", "u")
        await at_rest(pilot)
        assert stage.service.undone == ["0000"]
        assert "undone: sorted by" not in stage.text()


async def test_a_verb_that_cannot_be_undone_any_more_is_not_skipped_in_silence() -> None:
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("s", "p")
        await at_rest(pilot)
        stage.service.made.clear()
        asked = stage.service.times_asked
        while stage.service.times_asked < asked + 2:
            await pilot.pause(0.02)
        await at_rest(pilot)
        await pilot.press("u")
        await at_rest(pilot)
        assert "cannot be undone any more; the next undo: sorted by" in " ".join(stage.text().split())
        assert stage.screen.rows.sort.name != "attention"
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.screen.rows.sort.name == "attention"


async def test_a_replay_undoes_the_arrangement() -> None:
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("B")
        await at_rest(pilot)
        assert stage.screen.rows.group is not None
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.screen.rows.group is None
        assert "undone: grouped by" in text_of(stage.app)


async def test_a_verb_on_a_lane_that_is_not_at_the_cursor_is_named_before_it_is_undone() -> None:
    stage = Stage()
    async with stage.running() as pilot:
        one, other = list(stage.screen.lanes)[:2]
        for lane in (one, other):
            stage.screen.table.move_to(lane)
            await pilot.press("p")
            await at_rest(pilot)
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.service.undone == ["0001"]
        await pilot.press("u", "u", "u")
        await at_rest(pilot)
        assert "not at the cursor: pause" in stage.text()
        assert stage.service.undone == ["0001"], "a key that is held down lets no other lane go"
        await pilot.pause(MOMENT_S + 0.1)
        await pilot.press("u")
        await at_rest(pilot)
        assert stage.service.undone == ["0001", "0000"]
