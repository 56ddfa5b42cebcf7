"""The file of the steps of budgets that were reached."""

from __future__ import annotations

import json

from tests.budget.test_standing import NOON, at
from tui.budget.steps import Reached
from tui.config.budget_steps import BudgetSteps

KEY = ("all/day/tokens", "")


def test_a_step_is_known_after_a_restart(tmp_path):
    file = tmp_path / "state" / "budgets.json"
    assert BudgetSteps(file).advance([at(950_000, 0, 0, now=NOON)], NOON) == {KEY: Reached(NOON - 43_200, 0.9, NOON)}
    later = BudgetSteps(file).advance([at(960_000, 0, 0, now=NOON + 500)], NOON + 500)
    assert later[KEY].at == NOON
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_processes_see_each_others_steps_and_keep_other_budgets(tmp_path):
    file = tmp_path / "budgets.json"
    one, other = BudgetSteps(file), BudgetSteps(file)
    one.advance([at(950_000, 0, 0, now=NOON)], NOON)
    assert other.advance([at(950_000, 0, 0, now=NOON + 9)], NOON + 9)[KEY].at == NOON
    other.advance([at(950_000, 0, 0, size="1M fresh/day", now=NOON + 9)], NOON + 9)
    assert BudgetSteps(file).advance([at(950_000, 0, 0, now=NOON + 20)], NOON + 20)[KEY].at == NOON


def test_nothing_is_written_while_nothing_changes(tmp_path):
    file = tmp_path / "budgets.json"
    steps = BudgetSteps(file)
    steps.advance([at(10, 0, 0, now=NOON)], NOON)
    assert not file.exists()
    steps.advance([at(950_000, 0, 0, now=NOON)], NOON)
    before = file.stat().st_mtime_ns
    steps.advance([at(950_001, 0, 0, now=NOON + 1)], NOON + 1)
    assert file.stat().st_mtime_ns == before


def test_a_damaged_file_is_told_and_kept_aside(tmp_path):
    file = tmp_path / "budgets.json"
    file.write_text("{", encoding="utf-8")
    told: list[str] = []
    steps = BudgetSteps(file, told.append)
    steps.advance([at(950_000, 0, 0, now=NOON)], NOON)
    assert ["budgets.broken" in line for line in told] == [True]
    assert json.loads(file.read_text(encoding="utf-8"))["steps"] == [[*KEY, NOON - 43_200, 0.9, NOON]]


def test_entries_of_another_form_are_left_out(tmp_path):
    file = tmp_path / "budgets.json"
    entries = [
        ["a"],
        5,
        ["all/day/tokens", "", "soon", 0.9, 1.0],
        [*KEY, None, 1.0, "x"],
        [*KEY, NOON - 43_200, 0.9, 7.0],
    ]
    file.write_text(json.dumps({"schema": 1, "steps": entries}), encoding="utf-8")
    file.chmod(0o600)
    assert BudgetSteps(file).advance([at(950_000, 0, 0, now=NOON)], NOON)[KEY].at == 7.0


def test_a_disk_that_cannot_be_written_is_told_once_and_steps_hold_meanwhile(tmp_path):
    (tmp_path / "state").write_text("not a folder", encoding="utf-8")
    told: list[str] = []
    steps = BudgetSteps(tmp_path / "state" / "budgets.json", told.append)
    assert steps.advance([at(950_000, 0, 0, now=NOON)], NOON)[KEY].at == NOON
    steps.advance([at(950_000, 0, 0, now=NOON + 5)], NOON + 5)
    assert len(told) == 1
