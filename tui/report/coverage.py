"""The coverage matrix of a line of work: its actions by the checks that it ran, a tick only where a result was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.judge.names import template
from tui.judge.runs import Outcome
from tui.report.document import Cell, CheckColumn, Coverage, CoverageRow, Tick
from tui.report.seen import CheckRun, Place
from tui.report.work import ActionWork, RunWork

COLUMNS = 12
ROWS = 200
NAMED_BY = 24
"""Commands of one check that its name is made from."""
_TICKS = {Outcome.PASSED: Tick.PASSED, Outcome.FAILED: Tick.FAILED}


def coverage_of(run: RunWork) -> Coverage | None:
    """None for a line of work in which no check ran in two actions or more: there is nothing to hold side by side.

    A row is an action that ran a check or changed a file; the others had nothing to prove.
    """
    rows = [action for action in run.actions if action.facts.checks or action.facts.writes]
    found = checks_of(rows)
    if not any(len(check.runs) > 1 for check in found):
        return None
    shown = rows[-ROWS:]
    return Coverage(
        run=run.name, columns=tuple(_column(check, len(rows)) for check in found[:COLUMNS]),
        rows=tuple(_row(action, found[:COLUMNS]) for action in shown),
        rows_left_out=len(rows) - len(shown), columns_left_out=max(0, len(found) - COLUMNS),
    )  # fmt: skip


@dataclass(slots=True)
class Check:
    """One check: its last run in each action that ran it, in the order of time, by the action's identity."""

    runs: dict[int, CheckRun]
    last: ActionWork


def checks_of(actions: Sequence[ActionWork]) -> list[Check]:
    """All checks of some actions, those that ran in most of them first.

    What differs by the action's label alone is one check, and so is what is the same letter by letter: a label may
    hide words of a command that another action's label does not.
    """
    found: dict[int, Check] = {}
    by_mark: dict[int, int] = {}
    by_command: dict[str, int] = {}
    for action in actions:
        for mark, run in action.facts.checks.items():
            key = by_mark.get(mark, by_command.get(run.command, mark))
            by_mark[mark] = key
            by_command.setdefault(run.command, key)
            check = found.setdefault(key, Check({}, action))
            check.runs[id(action)] = run
            check.last = action
    return sorted(found.values(), key=lambda check: -len(check.runs))


def check_name(check: Check) -> str:
    """The command of a check, with `<…>` for what differs between actions."""
    commands = list(dict.fromkeys(run.command for run in check.runs.values()))
    return template(commands[:NAMED_BY])[0] if len(commands) > 1 else commands[0]


def _column(check: Check, rows: int) -> CheckColumn:
    runs = check.runs.values()
    passed = sum(run.outcome is Outcome.PASSED for run in runs)
    failed = sum(run.outcome is Outcome.FAILED for run in runs)
    return CheckColumn(check_name(check), next(iter(runs)).kind, passed, failed, rows - len(runs))


def _row(action: ActionWork, checks: Sequence[Check]) -> CoverageRow:
    return CoverageRow(
        action.name, action.action.title, action.lane.lane.id,
        tuple(_cell(action, check.runs.get(id(action))) for check in checks),
    )  # fmt: skip


def _cell(action: ActionWork, run: CheckRun | None) -> Cell:
    if run is None:
        return Cell(Tick.MISSING)
    return Cell(_TICKS.get(run.outcome, Tick.UNCLEAR), action.evidence(Place(run.command, run.at, run.offset)))
