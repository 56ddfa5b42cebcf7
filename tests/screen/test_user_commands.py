"""Commands of the user on the real app: keys, the question before, the result, and the audit log."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tests.fleets import harbor
from tests.screen.apps import Stage, at_rest
from tests.screen.fake_service import FakeService
from tui.control import audit
from tui.control.command_run import CommandLog
from tui.control.folder import ControlFolder
from tui.control.user_commands import PlacedCommand, UserCommand
from tui.screen.confirm import ARMED_AFTER_S, QuestionScreen


def stage_with(tmp_path: Path, command: UserCommand, **more) -> Stage:
    log = CommandLog(ControlFolder(tmp_path / "state"), lambda: 1_780_000_000.0)
    fleet = harbor()
    lanes = tuple(replace(lane, cwd=str(tmp_path), recording="") for lane in fleet.lanes)
    return Stage(replace(fleet, lanes=lanes), commands=(PlacedCommand(command),), command_log=log, **more)


def mine(code: str, *words: str, **settings) -> UserCommand:
    return UserCommand("mine", "L", (sys.executable, "-c", code, *words), **settings)


async def told(stage: Stage, pilot, words: str) -> None:
    for _ in range(1000):
        if words in stage.text():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"never seen: {words}\n{stage.text()}")


async def test_a_key_runs_it_for_the_lane_at_the_cursor_and_tells_the_result(tmp_path: Path):
    code = "import sys; print('for', sys.argv[1]); raise SystemExit(3)"
    stage = stage_with(tmp_path, mine(code, "{id}"))
    async with stage.running((160, 40)) as pilot:
        lane = stage.screen.table.cursor
        await pilot.press("L")
        await told(stage, pilot, f"s: for {lane}")
        assert "mine: exit code 3 after " in stage.text()
    asked, done = audit.read(ControlFolder(tmp_path / "state"))
    assert (asked.stage, done.stage, done.lane) == ("asked", "failed", lane)
    assert "exit code 3" in done.words


async def test_it_is_on_the_command_line_with_its_key_and_in_the_help(tmp_path: Path):
    stage = stage_with(tmp_path, mine("print('ran')"))
    async with stage.running((160, 40)) as pilot:
        await pilot.press("colon", *"mine")
        await at_rest(pilot)
        row = next(line for line in stage.text().splitlines() if line.startswith(" mine"))
        assert row.split()[1] == "Run"
        assert row.rstrip().endswith("L")
        await pilot.press("enter")
        await told(stage, pilot, "s: ran")


async def test_a_question_is_answered_first(tmp_path: Path):
    stage = stage_with(tmp_path, mine("print('ran')", "{folder}", confirm=True, in_folder=True))
    async with stage.running((160, 40)) as pilot:
        for answer, words in (("escape", "mine: cancelled"), ("enter", "mine: exit code 0")):
            await pilot.press("L")
            for _ in range(500):
                if isinstance(stage.app.screen, QuestionScreen):
                    break
                await pilot.pause(0.02)
            await at_rest(pilot)
            assert f"in {tmp_path}" in stage.text()
            stage.now += ARMED_AFTER_S + 0.01
            await pilot.press(answer)
            await told(stage, pilot, words)
    assert len(audit.read(ControlFolder(tmp_path / "state"))) == 2


async def test_a_refusal_says_why_and_runs_nothing(tmp_path: Path):
    stage = stage_with(tmp_path, mine("print('ran')", "{pane}"))
    async with stage.running((160, 40)) as pilot:
        stage.show(
            replace(stage.fleet, lanes=tuple(replace(lane, process=None) for lane in stage.fleet.lanes), version=2)
        )
        await pilot.press("L")
        await told(stage, pilot, "mine was not run: its process is not known, so its pane is not")
    assert not (tmp_path / "state").exists()


async def test_nothing_is_run_where_no_verb_may_be_used(tmp_path: Path):
    stage = stage_with(tmp_path, mine("print('ran')"), service=FakeService(forbidden="read only"))
    async with stage.running((160, 40)) as pilot:
        await pilot.press("L")
        await told(stage, pilot, "mine was not run: read only")


async def test_the_output_of_a_program_is_shown_safely(tmp_path: Path):
    stage = stage_with(tmp_path, mine(r"print('\x1b]0;owned\x07[bold]x')"))
    async with stage.running((160, 40)) as pilot:
        await pilot.press("L")
        await told(stage, pilot, "mine: exit code 0")
        assert "[bold]x" in stage.text()
        assert "\x1b" not in stage.text()
        assert "\x07" not in stage.text()
