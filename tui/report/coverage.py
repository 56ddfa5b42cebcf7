"""The coverage matrix of a line of work: its actions by the checks that it ran, a tick only where a result was seen."""

from __future__ import annotations

from collections.abc import Sequence

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
    if not any(len(runs) > 1 for runs in found.values()):
        return None
    ordered = sorted(found, key=lambda mark: -len(found[mark]))
    marks, shown = ordered[:COLUMNS], rows[-ROWS:]
    return Coverage(
        run=run.name, columns=tuple(_column(found[mark], len(rows)) for mark in marks),
        rows=tuple(_row(action, marks) for action in shown),
        rows_left_out=len(rows) - len(shown), columns_left_out=len(ordered) - len(marks),
    )  # fmt: skip


def checks_of(actions: Sequence[ActionWork]) -> dict[int, list[CheckRun]]:
    """The last runs of every check, one for each action that ran it, in the order of time."""
    found: dict[int, list[CheckRun]] = {}
    for action in actions:
        for mark, run in action.facts.checks.items():
            found.setdefault(mark, []).append(run)
    return found


def check_name(runs: Sequence[CheckRun]) -> str:
    """The command of a check, with `<…>` for what differs between actions."""
    commands = list(dict.fromkeys(run.command for run in runs))
    return template(commands[:NAMED_BY])[0] if len(commands) > 1 else commands[0]


def _column(runs: Sequence[CheckRun], rows: int) -> CheckColumn:
    passed = sum(run.outcome is Outcome.PASSED for run in runs)
    failed = sum(run.outcome is Outcome.FAILED for run in runs)
    return CheckColumn(check_name(runs), runs[0].kind, passed, failed, rows - len(runs))


def _row(action: ActionWork, marks: Sequence[int]) -> CoverageRow:
    return CoverageRow(
        action.name, action.action.title, action.lane.lane.id,
        tuple(_cell(action, action.facts.checks.get(mark)) for mark in marks),
    )  # fmt: skip


def _cell(action: ActionWork, run: CheckRun | None) -> Cell:
    if run is None:
        return Cell(Tick.MISSING)
    return Cell(_TICKS.get(run.outcome, Tick.UNCLEAR), action.evidence(Place(run.command, run.at, run.offset)))
