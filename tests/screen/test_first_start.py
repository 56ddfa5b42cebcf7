"""The line for a first start, refusals in one short reason, and the help page."""

from __future__ import annotations

from dataclasses import replace

from tests.screen.apps import Stage, at_rest
from tests.screen.fake_service import FakeService
from tui.model.control import LaneControl, Route, RouteKind
from tui.text.styled_text import own

LINE = own("n next that needs you · l read it · ? help")


async def test_the_keys_that_matter_are_shown_until_the_first_key_and_never_again():
    stage = Stage()
    stage.app.options = replace(stage.app.options, first_line=LINE)
    async with stage.running() as pilot:
        assert LINE in stage.text()
        assert not stage.app.remembered.chosen.used
        await pilot.press("j")
        await at_rest(pilot)
        assert LINE not in stage.text()
        assert stage.app.remembered.chosen.used


async def test_a_refusal_is_short_and_its_details_are_behind_a_key():
    why = "no route can pause it (gate: it has not asked; tmux: no pane is known)"
    lane = "claude:c81d7e02"
    stage = Stage(service=FakeService(refused={lane: why}))
    routes = (Route(RouteKind.GATE, False, "it has not asked"), Route(RouteKind.TMUX, True, "pane %3"))
    async with stage.running() as pilot:
        lanes = tuple(replace(each, control=LaneControl(routes=routes)) for each in stage.fleet.lanes)
        stage.show(replace(stage.fleet, lanes=lanes, version=2))
        stage.screen.table.move_to(lane)
        await pilot.press("p")
        await at_rest(pilot)
        assert "no route can pause it; e says why" in stage.text()
        assert "no pane is known" not in stage.text().splitlines()[-2]
        await pilot.press("e")
        await at_rest(pilot)
        assert "control by gate: verbs do not reach the lane" in stage.text()
        assert "it has not asked" in stage.text()
        assert "control by tmux: verbs reach the lane" in stage.text()


async def test_help_begins_with_what_has_the_focus_and_says_what_is_on():
    stage = Stage()
    stage.app.options = replace(stage.app.options, is_on=((own("policy"), own("off")),))
    async with stage.running((120, 40)) as pilot:
        await pilot.press("question_mark")
        await at_rest(pilot)
        text = stage.text()
        assert text.index("KEYS  the fleet") < text.index("WHAT IS ON") < text.index("p           Pause")
        assert "policy      off" in text
        assert " lanes: " in text
        assert "WHAT WORDS MEAN" in text


async def test_help_is_searched():
    stage = Stage()
    async with stage.running((120, 40)) as pilot:
        await pilot.press("question_mark", "slash", *"transcript")
        await at_rest(pilot)
        text = stage.text()
        assert "Copy the path of its transcript" in text
        assert "Pause before" not in text
        await pilot.press("enter", "j", "escape")
        await at_rest(pilot)
        assert "Pause before" in stage.text()
        await pilot.press("escape")
        await at_rest(pilot)
        assert stage.app.screen is stage.app.main
