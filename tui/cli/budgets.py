"""Prints how much of each budget is used."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tui.agents.registry import title_of
from tui.budget.budget import Budget, Mode
from tui.budget.standing import standings
from tui.cli.common import Common, now, say
from tui.cli.doctor_control import ungated
from tui.cli.usage import offset, reading
from tui.config.budget_steps import BudgetSteps
from tui.config.load import load_settings
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.control.folder import ControlFolder
from tui.history.reading import UsageReading
from tui.view.budgets import budget_lines, budgets_json


def print_budgets(common: Common, more: tuple[Budget, ...], *, as_json: bool) -> int:
    """Prints the budgets of the configuration, and `more`, which replace those of the same owner and period.

    Returns 1 if one of them is used up, else 0.
    """
    settings = load_settings(Path(common.config) if common.config else None, Paths.of(os.environ, Path.home()))
    at = now()
    found = standings(merged(settings.budgets, more), reading(common, settings, keep=True).read, at, offset)
    if as_json:
        from tui.view.json_out import dumps

        sys.stdout.write(dumps(budgets_json(found)) + "\n")
    else:
        from tui.cli.ansi import output_cells

        say(budget_lines(found, output_cells(), at, config=config_file(common)))
    return int(any(one.left <= 0 for one in found))


def config_file(common: Common) -> Path:
    """The configuration file, whether it exists or not."""
    return Path(common.config) if common.config else Paths.of(os.environ, Path.home()).config


@contextmanager
def repeated_reading(common: Common, settings: Settings) -> Generator[UsageReading]:
    """Reads usage again and again: of the agents' homes with their index, of named paths and demos with one for now."""
    if common.demo is None and not common.paths:
        yield reading(common, settings, keep=True)
        return
    with tempfile.TemporaryDirectory(prefix="lanewatch-") as folder:
        yield reading(common, settings, keep=False, aside=Path(folder))


def steps_of(common: Common, tell: Callable[[str], None]) -> BudgetSteps:
    """The steps that were reached. Those of named paths and of demos are not kept."""
    is_kept = common.demo is None and not common.paths
    return BudgetSteps(Paths.of(os.environ, Path.home()).budget_steps if is_kept else None, tell)


def unheld_words(budgets: Sequence[Budget], folder: ControlFolder) -> list[str]:
    """Says for each agent without the gate that a budget cannot pause its lanes; nothing if no budget would."""
    if not any(one.mode is Mode.PAUSE for one in budgets):
        return []
    return [
        f"a budget cannot pause the lanes of {title_of(agent)}: the gate is not installed (`lanewatch install {agent}`)"
        for agent in ungated(folder)
    ]


def merged(declared: tuple[Budget, ...], more: tuple[Budget, ...]) -> tuple[Budget, ...]:
    """The budgets of the configuration and those of the command line, which replace those with the same id."""
    return tuple({one.id: one for one in (*declared, *more)}.values())
