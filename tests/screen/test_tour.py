"""The tour: each step goes on when it was done, and can be skipped."""

from __future__ import annotations

from dataclasses import replace

from tests.findings import circling
from tests.screen.apps import Stage, at_rest
from tui.model.snapshot import LaneState
from tui.view.tour import LIVE_STEPS, REPLAY_STEPS, TourFacts, tour_line


def tour_of(stage: Stage) -> str:
    return next(line for line in stage.text().splitlines() if line.startswith(" tour "))


async def test_steps_go_on_when_they_were_done():
    stage = Stage(circling(), tour=LIVE_STEPS)
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
        await pilot.press("escape")
        await at_rest(pilot)
        assert "3 of 5  pause" in tour_of(stage)
        before = stage.fleet
        paused = tuple(replace(one, state=LaneState.PAUSED) if one.id == loop else one for one in before.lanes)
        stage.show(replace(before, lanes=paused, version=99))
        await at_rest(pilot)
        assert "4 of 5  resume it" in tour_of(stage)
        stage.show(replace(before, version=100))
        await at_rest(pilot)
        assert "done; q continues" in tour_of(stage)


async def test_each_step_can_be_skipped():
    stage = Stage(tour=LIVE_STEPS)
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
    text = "".join(span.text for span in tour_line(REPLAY_STEPS, 0, len(LIVE_STEPS), 120))
    assert "5 of 5" in text
