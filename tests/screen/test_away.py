"""Looking away and coming back, on the real app: the line, the list, the lane."""

from __future__ import annotations

from dataclasses import replace

from textual import events

from tests.fleets import harbor
from tests.screen.apps import Stage, at_rest
from tui.model.snapshot import Fleet, LaneState


def later(fleet: Fleet, seconds: float, asking: int | None = None) -> Fleet:
    """The fleet some seconds later; the lane in this place asks now."""
    lanes = [
        replace(one, state=LaneState.NEEDS_INPUT, pending=()) if place == asking else one
        for place, one in enumerate(fleet.lanes)
    ]
    return replace(fleet, at=fleet.at + seconds, lanes=tuple(lanes))


async def test_coming_back_tells_what_happened_in_one_line_and_one_list() -> None:
    stage = Stage()
    began = stage.fleet
    working = next(place for place, one in enumerate(began.lanes) if one.state is LaneState.WORKING)
    async with stage.running((120, 40)) as pilot:
        await pilot.press("full_stop")
        assert "you have not looked away" in stage.text()
        stage.app.post_message(events.AppBlur())
        await at_rest(pilot)
        stage.fleet = later(began, 20)
        stage.app.post_message(events.AppFocus())
        await at_rest(pilot)
        assert "away 20s" not in stage.text()  # a short look at another window
        stage.app.post_message(events.AppBlur())
        await at_rest(pilot)
        stage.show(later(stage.fleet, 720, working))
        stage.app.post_message(events.AppFocus())
        await at_rest(pilot)
        asked = sum(one.state is LaneState.NEEDS_INPUT for one in began.lanes)
        assert f"away 12m: 1 asks you, {asked} still asks you" in stage.text()
        stage.show(later(stage.fleet, 50))
        await pilot.click(offset=(5, 5))  # the click that brought the focus
        assert ". shows it" in stage.text()
        await pilot.press("full_stop")
        await at_rest(pilot)
        text = stage.text()
        for words in (", 12m", "LAST WORDS", "working → needs you"):
            assert words in text, words
        await pilot.press("G", "escape")
        await at_rest(pilot)
        assert "LAST WORDS" not in stage.text()
        assert "away 12m" not in stage.text()  # the first key removed it
        await pilot.press("G", "full_stop")
        await at_rest(pilot)
        text = stage.text()
        assert text.index("working → needs you") < text.index("still asks       Move")
        await pilot.press("enter")
        await at_rest(pilot)
        assert stage.screen.table.cursor == began.lanes[working].id


async def test_without_focus_events_a_pause_of_a_minute_counts() -> None:
    stage = Stage(harbor())
    async with stage.running((80, 24)) as pilot:
        await pilot.press("j")
        stage.show(later(stage.fleet, 90, 0))
        await pilot.press("full_stop")
        await at_rest(pilot)
        assert ", 1m" in stage.text()
        assert "asks" in stage.text()
