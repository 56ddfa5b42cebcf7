"""The command line on the real app: what is typed after `:`, its offers, and the themes with their preview."""

from __future__ import annotations

import pytest

from tests.screen.apps import Stage, at_rest, text_of
from tests.screen.replays import ReplayStage, utc
from tui.screen.command_line import CommandLine
from tui.screen.page import PageScreen


def rows(stage: Stage) -> list[str]:
    """The offers that are shown, from top to bottom."""
    lines = stage.text().splitlines()
    assert lines[-1].startswith(" :")
    shown = stage.app.screen.query_one("OfferList").size.height
    return [line.rstrip() for line in lines[-1 - shown : -1]]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
async def test_it_lists_commands_with_their_keys(size):
    stage = Stage()
    async with stage.running(size) as pilot:
        await pilot.press("colon", *"paus")
        await at_rest(pilot)
        assert rows(stage)[0].split()[0] == "pause"
        assert rows(stage)[0].endswith(" p")
        await pilot.press("escape")
        await at_rest(pilot)
        assert not isinstance(stage.app.screen, CommandLine)


async def test_enter_runs_the_chosen_command():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("colon", *"explain", "enter")
        await at_rest(pilot)
        assert isinstance(stage.app.screen, PageScreen)
        assert "each counted once" in stage.text()


async def test_commands_of_the_table_and_of_the_app_run_too():
    stage = Stage()
    async with stage.running() as pilot:
        stage.screen.table.move_to("claude:5f0c21aa")
        await pilot.press("colon", *"fold", "enter")
        await at_rest(pilot)
        assert len(stage.screen.rows.order) == 6
        await pilot.press("colon", *"quit", "enter")
        await pilot.pause()
        assert stage.app.return_code == 0


async def test_an_argument_is_asked_for_completed_and_used():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("colon", *"sor", "enter")
        await at_rest(pilot)
        assert stage.text().splitlines()[-1].startswith(" :sort ")
        await pilot.press(*"cos", "tab")
        await at_rest(pilot)
        assert stage.text().splitlines()[-1].startswith(" :sort cost ")
        await pilot.press("enter")
        await at_rest(pilot)
        assert stage.screen.rows.sort.name == "cost"
        await pilot.press("colon", *"window 1h", "enter")
        await at_rest(pilot)
        assert "burn over 1h" in stage.text()


async def test_a_filter_is_typed_as_it_is():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("colon", *"filter agent:codex", "enter")
        await at_rest(pilot)
        assert stage.screen.rows.order == ["codex:9d1e44b0"]
        assert "filter agent:codex" in stage.text()


async def test_an_unknown_command_is_told_and_does_nothing():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("colon", *"explian", "enter")
        await at_rest(pilot)
        assert isinstance(stage.app.screen, CommandLine)
        assert 'no command fits explian; did you mean "explain"?' in stage.text()


async def test_a_theme_is_shown_while_it_is_chosen_and_escape_restores_the_one_before():
    stage = Stage(theme="fjord")
    async with stage.running() as pilot:
        await pilot.press("T")
        await at_rest(pilot)
        assert stage.app.theme == "fjord"
        await pilot.press("down")
        await at_rest(pilot)
        seen = stage.app.theme
        assert seen != "fjord"
        await pilot.press("escape")
        await at_rest(pilot)
        assert stage.app.theme == "fjord"
        assert stage.app.remembered.chosen.theme == ""
        await pilot.press("T", "down", "enter")
        await at_rest(pilot)
        assert stage.app.theme == stage.app.remembered.chosen.theme == seen
        assert f"theme {seen}" in stage.text()


async def test_the_theme_before_returns_when_another_command_is_typed():
    stage = Stage(theme="fjord")
    async with stage.running() as pilot:
        await pilot.press("colon", *"theme paper")
        await at_rest(pilot)
        assert stage.app.theme == "paper"
        await pilot.press("ctrl+u", *"quit")
        await at_rest(pilot)
        assert stage.app.theme == "fjord"


async def test_a_click_on_an_offer_runs_it():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("colon", *"sort cost")
        await at_rest(pilot)
        await pilot.click("OfferList", offset=(4, 0))
        await at_rest(pilot)
        assert stage.screen.rows.sort.name == "cost"


async def test_a_replay_offers_its_own_commands():
    stage = ReplayStage(utc("05:40:00"))
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await at_rest(pilot)
        await pilot.press("colon", *"what if")
        await at_rest(pilot)
        assert "What if a policy had run" in text_of(stage.app)
        await pilot.press("escape", "colon", *"stronger")
        await at_rest(pilot)
        assert "no command fits stronger" in text_of(stage.app)


async def test_ctrl_c_says_how_to_quit_and_quits_the_second_time():
    stage = Stage()
    async with stage.running() as pilot:
        await pilot.press("ctrl+c")
        await at_rest(pilot)
        assert "q quits, and so does ctrl+c a second time" in stage.text()
        assert stage.app.is_running
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert stage.app.return_code == 0
