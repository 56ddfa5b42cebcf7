"""A draft of the closing report of a line of work, for a person to finish. No line without an event behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.judge.runs import Outcome
from tui.model.evidence import Evidence
from tui.model.snapshot import LaneState
from tui.report.clip import shortened
from tui.report.coverage import Check, check_name, checks_of
from tui.report.document import ActionRow, Advice, Closeout, HalfDone, HalfKind, Line
from tui.report.plural import plural
from tui.report.seen import CheckRun, Place
from tui.report.sums import Costs
from tui.report.work import ActionWork, RunWork

GOAL_CHARS = 400
NAME_CHARS = 60
FILES = 20
CHECKS = 12
QUESTIONS = 12
BLANKS = (
    "Was the goal reached, and who says so?",
    "What was decided on the way, and why?",
    "What of the compressed actions must not be lost?",
    "What is the next frontier, and what new truth would its first action buy?",
)
"""What only a person can say."""


def closeout_of(run: RunWork, rows: Sequence[ActionRow], half: Sequence[HalfDone], costs: Costs) -> Closeout | None:
    """None for a line of work that changed no file and ran no check: there is nothing to close out."""
    files = {path: changed for lane in run.lanes for path, changed in lane.facts.files.items()}
    checks = [(action, check) for action in run.actions for check in action.facts.checks.items()]
    if not files and not checks:
        return None
    owner = {path: lane for lane in run.lanes for path in lane.facts.files}
    often = sorted(files, key=lambda path: -files[path].edits)
    return Closeout(
        run=run.name, goal=_goal(run), proven=_proven(run), files=tuple(
            Line(f"{path} ({_times(files[path].edits)})", (owner[path].evidence(files[path].last),))
            for path in often[:FILES]
        ),
        files_left_out=max(0, len(often) - FILES), checks=_checks(run), figures=run.figures(costs),
        questions=_questions(run, half), keep=_stretches(rows, (Advice.KEEP, Advice.MOSTLY)),
        compress=_stretches(rows, (Advice.COMPRESS,)), blanks=BLANKS,
    )  # fmt: skip


def last_runs(actions: Iterable[ActionWork]) -> list[tuple[Check, CheckRun]]:
    """Each check with its last run, those that ran in most actions first."""
    return [(check, check.runs[id(check.last)]) for check in checks_of(list(actions))]


def _goal(run: RunWork) -> tuple[Line, ...]:
    first = min(run.lanes, key=lambda lane: lane.facts.start or float("inf"))
    goal = first.facts.goal
    return (Line(shortened(goal.text, GOAL_CHARS), (first.evidence(goal),)),) if goal is not None else ()


def _proven(run: RunWork) -> tuple[Line, ...]:
    """Checks whose last run passed."""
    lines: list[Line] = []
    for check, last in last_runs(run.actions):
        if last.outcome is not Outcome.PASSED:
            continue
        runs = check.runs.values()
        passed = sum(one.outcome is Outcome.PASSED for one in runs)
        ran = plural(len(runs), "action")
        words = f"{check_name(check)} passed last in {_named(check)}; in {passed} of {ran} that ran it"
        lines.append(Line(words, (_evidence(check.last, last),)))
    return tuple(lines[:CHECKS])


def _named(check: Check) -> str:
    return shortened(check.last.name, NAME_CHARS)


def _checks(run: RunWork) -> tuple[Line, ...]:
    return tuple(
        Line(f"{last.kind}: {last.command}: {last.outcome.value}, in {_named(check)}", (_evidence(check.last, last),))
        for check, last in last_runs(run.actions)[:CHECKS]
    )


def _questions(run: RunWork, half: Sequence[HalfDone]) -> tuple[Line, ...]:
    lanes = {lane.lane.id: lane for lane in run.lanes}
    open_kinds = (HalfKind.FAILING_CHECK, HalfKind.CLAIM, HalfKind.CUT_OFF, HalfKind.UNCHECKED_EDIT, HalfKind.PLAN)
    lines = [Line(one.text, one.evidence) for one in half if one.lane in lanes and one.kind in open_kinds]
    for lane in run.lanes:
        if lane.lane.state is LaneState.NEEDS_INPUT:
            lines.append(Line(f"waits for a person: {lane.lane.doing}", _where(lane.lane.evidence)))
    return tuple(lines[:QUESTIONS])


def _where(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(one for one in evidence if one.offset is not None)


def _stretches(rows: Sequence[ActionRow], advice: tuple[Advice, ...]) -> tuple[str, ...]:
    """`S085 … S090` of neighbours with one of these advices."""
    found: list[list[ActionRow]] = []
    for index, row in enumerate(rows):
        if row.advice not in advice:
            continue
        if index and rows[index - 1].advice in advice:
            found[-1].append(row)
        else:
            found.append([row])
    return tuple(_span(one) for one in found)


def _span(rows: Sequence[ActionRow]) -> str:
    if len(rows) == 1:
        return rows[0].name
    return f"{rows[0].name} … {rows[-1].name} ({plural(len(rows), 'action')})"


def _evidence(action: ActionWork, run: CheckRun) -> Evidence:
    return action.evidence(Place(run.command, run.at, run.offset))


def _times(count: int) -> str:
    return "changed once" if count == 1 else f"changed {count} times"
