"""The tour: each step goes on when it was done, and can be skipped."""

from __future__ import annotations

from dataclasses import replace

from tests.findings import circling
from tests.screen.apps import Stage, at_rest
from tui.model.control import LaneControl, Route, RouteKind
from tui.model.snapshot import LaneState
from tui.view.tour import IN_ALL, LIVE_STEPS, REPLAY_STEPS, Tour, TourFacts


def tour_of(stage: Stage) -> str:
    return next(line for line in stage.text().splitlines() if line.startswith(" tour "))


async def test_steps_go_on_when_they_were_done():
    stage = Stage(circling(), tour=Tour(LIVE_STEPS))
    async with stage.running((120, 40)) as pilot:
        loop = next(lane.id for lane in stage.fleet.lanes if lane.repetition.severity is not None)
        quiet = next(lane.id for lane in stage.fleet.lanes if lane.repetition.severity is None)
        stage.screen.table.move_to(quiet)
        if "1 of 5" in tour_of(stage):
            stage.screen.table.move_to(loop)
        stage.app.draw()
        await at_rest(pilot)
        assert "2 of 5  read it: press l" in tour_of(stage)
        await pilot.press("l")
        await at_rest(pilot)
        stage.app.draw()
        await at_rest(pilot)
        assert "tour: E goes to the last error" in stage.text() or not stage.screen.is_reading
        await pilot.press("escape")
        await at_rest(pilot)
        assert "3 of 5  pause the live: lane" in tour_of(stage)
        before = stage.fleet
        paused = tuple(replace(one, state=LaneState.PAUSED) if one.id == loop else one for one in before.lanes)
        stage.show(replace(before, lanes=paused, version=99))
        await at_rest(pilot)
        assert "4 of 5  resume it" in tour_of(stage)
        stage.show(replace(before, version=100))
        await at_rest(pilot)
        assert "done; q leaves the demo and opens a recorded loop, step 5" in tour_of(stage)


async def test_each_step_can_be_skipped():
    stage = Stage(tour=Tour(LIVE_STEPS))
    async with stage.running((120, 40)) as pilot:
        assert "1 of 5" in tour_of(stage)
        await pilot.press("escape")
        await at_rest(pilot)
        assert "2 of 5" in tour_of(stage)
        await pilot.press("escape")
        await at_rest(pilot)
        assert "3 of 5" in tour_of(stage)


def test_the_last_step_is_done_by_moving_in_time():
    fleet = circling()
    (step,) = REPLAY_STEPS
    assert not step.is_done(TourFacts(fleet, None, began_at=fleet.at))
    assert step.is_done(TourFacts(fleet, None, began_at=fleet.at - 3600))
    text = "".join(span.text for line in Tour(REPLAY_STEPS, len(LIVE_STEPS)).lines(120) for span in line)
    assert f"5 of {IN_ALL}" in text and "q ends the tour" in text


def test_the_step_that_pauses_brings_the_cursor_to_a_lane_that_obeys():
    fleet = circling()
    able = LaneControl((Route(RouteKind.GATE, True, ""),))
    lanes = [replace(one, state=LaneState.WORKING) for one in fleet.lanes]
    lanes[-1] = replace(lanes[-1], control=able)
    fleet = replace(fleet, lanes=tuple(lanes))
    assert LIVE_STEPS[2].place(TourFacts(fleet, lanes[0])) == lanes[-1].id
    assert LIVE_STEPS[2].place(TourFacts(fleet, lanes[-1])) is None
    assert LIVE_STEPS[2].place(TourFacts(replace(fleet, lanes=()), None)) is None
