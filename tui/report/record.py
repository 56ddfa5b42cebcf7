"""The record of a run: checks by action, gaps, unfinished work, drafts of a closing report, digests of lanes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.agents.runs import Outcome
from tui.judge.names import template
from tui.judge.shapes import skeleton
from tui.model.evidence import Evidence
from tui.model.finding import Finding, FindingKind
from tui.model.snapshot import LaneState
from tui.report.display_text import clip, plural, shortened
from tui.report.document import (
    ActionRow,
    Advice,
    CheckColumn,
    Closeout,
    Coverage,
    CoverageCell,
    CoverageRow,
    Digest,
    Gap,
    HalfDone,
    HalfKind,
    NumberedActions,
    Statement,
    Tick,
)
from tui.report.facts import CheckRun, Place
from tui.report.lane_activity import ActionActivity, Costs, LaneActivity, LineActivity

# -- checks by action -------------------------------------------------------------------------------

COLUMNS = 12
ROWS = 200
NAMED_BY = 24
"""The most commands of one check from which its name is made."""
_TICKS = {Outcome.PASSED: Tick.PASSED, Outcome.FAILED: Tick.FAILED}


def coverage_of(run: LineActivity) -> Coverage | None:
    """The coverage; None for a line of work in which no check ran in at least two actions.

    The rows are the actions that ran a check or changed a file; others had nothing to check.
    """
    rows = [action for action in run.actions if action.facts.checks or action.facts.writes]
    found = checks_of(rows)
    if not any(len(check.runs) > 1 for check in found):
        return None
    shown = rows[-ROWS:]
    return Coverage(
        run=run.name,
        columns=tuple(_column(check, len(rows)) for check in found[:COLUMNS]),
        rows=tuple(_row(action, found[:COLUMNS]) for action in shown),
        rows_left_out=len(rows) - len(shown),
        columns_left_out=max(0, len(found) - COLUMNS),
    )


@dataclass(slots=True)
class Check:
    """One check: its last run in each action that ran it, in time order, by the action's identity."""

    runs: dict[int, CheckRun]
    last: ActionActivity


def checks_of(actions: Sequence[ActionActivity]) -> list[Check]:
    """All checks of some actions, those that ran in most actions first.

    Commands that differ only by the action's label are one check. So are commands that are exactly equal: a label may
    hide words of a command that another action's label does not hide.
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
    """The command of a check, with `<…>` for parts that differ between actions."""
    commands = list(dict.fromkeys(run.command for run in check.runs.values()))
    return template(tuple(commands[:NAMED_BY]))[0] if len(commands) > 1 else commands[0]


def _column(check: Check, rows: int) -> CheckColumn:
    runs = check.runs.values()
    passed = sum(run.outcome is Outcome.PASSED for run in runs)
    failed = sum(run.outcome is Outcome.FAILED for run in runs)
    return CheckColumn(check_name(check), next(iter(runs)).kind, passed, failed, rows - len(runs))


def _row(action: ActionActivity, checks: Sequence[Check]) -> CoverageRow:
    return CoverageRow(
        action.name,
        action.action.title,
        action.lane.lane.id,
        tuple(_cell(action, check.runs.get(id(action))) for check in checks),
    )


def _cell(action: ActionActivity, run: CheckRun | None) -> CoverageCell:
    if run is None:
        return CoverageCell(Tick.MISSING)
    return CoverageCell(_TICKS.get(run.outcome, Tick.UNCLEAR), action.evidence(Place(run.command, run.at, run.offset)))


# -- what was never seen to be done -----------------------------------------------------------------

USUAL_SHARE = 0.6
"""If at least this share of the actions ran a check, the others were expected to run it."""
USUAL_LEAST = 3
GAP_NAMES = 8
MOST = 60


def gaps_of(runs: Sequence[LineActivity], numbered: Sequence[NumberedActions]) -> tuple[Gap, ...]:
    """At most `MOST` gaps, those of the largest lines of work first."""
    found: list[Gap] = []
    for run in runs:
        found += _unusual(run)
        for lane in run.lanes:
            found += _undone(lane)
            found += _undeclared(lane)
    found += [
        Gap("number", f"{one.prefix}: {one.missing_count} never seen: {', '.join(one.missing)}", None)
        for one in numbered
        if one.missing_count
    ]
    return tuple(found[:MOST])


def _unusual(run: LineActivity) -> list[Gap]:
    """Actions without a check that most of the others ran."""
    rows = [action for action in run.actions if action.facts.checks or action.facts.writes]
    found: list[Gap] = []
    for check in checks_of(rows):
        without = [action for action in rows if id(action) not in check.runs]
        ran = len(check.runs)
        if not without or ran < USUAL_LEAST or ran < USUAL_SHARE * len(rows):
            continue
        words = f"{check_name(check)}: ran in {ran} of {len(rows)} actions, not in {_names(without)}"
        found.append(Gap("check", words, without[0].evidence()))
    return found


def _undone(lane: LaneActivity) -> list[Gap]:
    return [Gap("plan", f"{item.text} ({item.status or 'no status'})", None) for item in lane.undone]


def _undeclared(lane: LaneActivity) -> list[Gap]:
    """Checks that a prompt names and that never ran, not even with other arguments."""
    facts = lane.facts
    if not facts.declared:
        return []
    ran = {_bare_program(bones) for bones in facts.commands}
    return [
        Gap("check", f"asked for and not seen to run: {place.text}", lane.evidence(place))
        for mark, place in facts.declared.items()
        if mark not in facts.ran and _bare_program(skeleton(place.text)) not in ran
    ]


def _bare_program(bones: str) -> str:
    return " ".join(word for word in bones.split() if not word.startswith("-"))


def _names(actions: Sequence[ActionActivity]) -> str:
    shown = ", ".join(action.name[:40] for action in actions[:GAP_NAMES])
    return shown if len(actions) <= GAP_NAMES else f"{shown} and {len(actions) - GAP_NAMES} more"


# -- work left half done ----------------------------------------------------------------------------

NAME_CHARS = 60
HALF_NAMED = 5


def half_done(lanes: Sequence[LaneActivity], findings: Sequence[Finding]) -> tuple[HalfDone, ...]:
    """The unfinished work of all lanes, in the order of the lanes."""
    found: list[HalfDone] = []
    for lane in lanes:
        found += [*_open_calls(lane), *_cut_off(lane, findings), *_plan(lane), *_unchecked(lane)]
        found += [*_failing(lane), *_claims(lane, findings)]
    return tuple(found)


def _open_calls(lane: LaneActivity) -> list[HalfDone]:
    return [
        HalfDone(
            HalfKind.OPEN_CALL,
            lane.lane.id,
            f"no result of {call.tool} {call.summary}".strip(),
            (Evidence(call.summary, call.started, lane.lane.path, None),),
        )
        for call in list(lane.ledger.open_calls.values())[:HALF_NAMED]
    ]


def _cut_off(lane: LaneActivity, findings: Sequence[Finding]) -> list[HalfDone]:
    """A turn that was cut off by a limit or a crash, or that never ended."""
    stops = [one for one in findings if one.kind is FindingKind.HARD_STOP and one.lane == lane.lane.id]
    if stops:
        return [HalfDone(HalfKind.CUT_OFF, lane.lane.id, one.title, one.evidence) for one in stops]
    ledger = lane.ledger
    if not ledger.turn_open or not lane.actions:
        return []
    last = lane.actions[-1]
    words = f"its last turn has no end: {shortened(last.name, NAME_CHARS)}"
    return [HalfDone(HalfKind.CUT_OFF, lane.lane.id, words, (last.evidence(),))]


def _plan(lane: LaneActivity) -> list[HalfDone]:
    left = lane.undone
    if not left:
        return []
    first = "; ".join(item.text for item in left[:HALF_NAMED])
    words = f"{len(left)} of {len(lane.ledger.plan)} plan items are not done: {first}"
    return [HalfDone(HalfKind.PLAN, lane.lane.id, words, ())]


def _unchecked(lane: LaneActivity) -> list[HalfDone]:
    """Edits since the last check that passed; none for a lane that never ran a check."""
    places = list(lane.facts.unchecked.values())
    if not places or not lane.facts.last_checks:
        return []
    words = f"{len(places)} {'file' if len(places) == 1 else 'files'} changed since the last check that passed"
    return [
        HalfDone(
            HalfKind.UNCHECKED_EDIT, lane.lane.id, words, tuple(lane.evidence(one) for one in places[-HALF_NAMED:])
        )
    ]


def _failing(lane: LaneActivity) -> list[HalfDone]:
    """Checks whose last run failed, unless a check of the same kind by the same program passed later."""
    runs = sorted(lane.facts.last_checks.values(), key=lambda run: run.offset)
    passed = {_check_program(run): run.offset for run in runs if run.outcome is Outcome.PASSED}
    open_ones = [
        run for run in runs if run.outcome is Outcome.FAILED and passed.get(_check_program(run), -1) < run.offset
    ]
    return [
        HalfDone(
            HalfKind.FAILING_CHECK,
            lane.lane.id,
            f"last run failed: {run.command}",
            (lane.evidence(Place(run.command, run.at, run.offset)),),
        )
        for run in open_ones[-HALF_NAMED:]
    ]


def _check_program(run: CheckRun) -> tuple[str, str]:
    return run.kind, skeleton(run.command).split(" ", 1)[0]


def _claims(lane: LaneActivity, findings: Sequence[Finding]) -> list[HalfDone]:
    return [
        HalfDone(HalfKind.CLAIM, lane.lane.id, one.title, one.evidence)
        for one in findings
        if one.kind is FindingKind.UNVERIFIED_CLAIM and one.lane == lane.lane.id and one.is_open
    ]


# -- drafts of a closing report ---------------------------------------------------------------------

GOAL_CHARS = 400
FILES = 20
CHECKS = 12
QUESTIONS = 12
BLANKS = (
    "Was the goal reached, and who says so?",
    "What was decided on the way, and why?",
    "What of the compressed actions must not be lost?",
    "What should be done next, and what would its first action add?",
)
"""The questions that only a person can answer."""


def closeout_of(
    run: LineActivity, rows: Sequence[ActionRow], half: Sequence[HalfDone], costs: Costs
) -> Closeout | None:
    """The draft; None for a line of work that changed no file and ran no check."""
    files = {path: changed for lane in run.lanes for path, changed in lane.facts.files.items()}
    checks = [(action, check) for action in run.actions for check in action.facts.checks.items()]
    if not files and not checks:
        return None
    owner = {path: lane for lane in run.lanes for path in lane.facts.files}
    often = sorted(files, key=lambda path: -files[path].edits)
    return Closeout(
        run=run.name, goal=_goal(run), proven=_proven(run), files=tuple(
            Statement(f"{path} ({_times(files[path].edits)})", (owner[path].evidence(files[path].last),))
            for path in often[:FILES]
        ),
        files_left_out=max(0, len(often) - FILES), checks=_checks(run), figures=run.figures(costs),
        questions=_questions(run, half), keep=_stretches(rows, (Advice.KEEP, Advice.MOSTLY)),
        compress=_stretches(rows, (Advice.COMPRESS,)), blanks=BLANKS,
    )  # fmt: skip


def last_runs(actions: Iterable[ActionActivity]) -> list[tuple[Check, CheckRun]]:
    """Each check with its last run, those that ran in most actions first."""
    return [(check, check.runs[id(check.last)]) for check in checks_of(list(actions))]


def _goal(run: LineActivity) -> tuple[Statement, ...]:
    first = min(run.lanes, key=lambda lane: lane.facts.start or float("inf"))
    goal = first.facts.goal
    return (Statement(shortened(goal.text, GOAL_CHARS), (first.evidence(goal),)),) if goal is not None else ()


def _proven(run: LineActivity) -> tuple[Statement, ...]:
    """Checks whose last run passed."""
    lines: list[Statement] = []
    for check, last in last_runs(run.actions):
        if last.outcome is not Outcome.PASSED:
            continue
        runs = check.runs.values()
        passed = sum(one.outcome is Outcome.PASSED for one in runs)
        ran = plural(len(runs), "action")
        words = f"{check_name(check)} passed last in {_named(check)}; in {passed} of {ran} that ran it"
        lines.append(Statement(words, (_evidence(check.last, last),)))
    return tuple(lines[:CHECKS])


def _named(check: Check) -> str:
    return shortened(check.last.name, NAME_CHARS)


def _checks(run: LineActivity) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            f"{last.kind}: {last.command}: {last.outcome.value}, in {_named(check)}", (_evidence(check.last, last),)
        )
        for check, last in last_runs(run.actions)[:CHECKS]
    )


def _questions(run: LineActivity, half: Sequence[HalfDone]) -> tuple[Statement, ...]:
    lanes = {lane.lane.id: lane for lane in run.lanes}
    open_kinds = (HalfKind.FAILING_CHECK, HalfKind.CLAIM, HalfKind.CUT_OFF, HalfKind.UNCHECKED_EDIT, HalfKind.PLAN)
    lines = [Statement(one.text, one.evidence) for one in half if one.lane in lanes and one.kind in open_kinds]
    for lane in run.lanes:
        if lane.lane.state is LaneState.NEEDS_INPUT:
            lines.append(Statement(f"waits for a person: {lane.lane.doing}", _where(lane.lane.evidence)))
    return tuple(lines[:QUESTIONS])


def _where(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(one for one in evidence if one.offset is not None)


def _stretches(rows: Sequence[ActionRow], advice: tuple[Advice, ...]) -> tuple[str, ...]:
    """Names of neighbouring actions with one of these advices, such as `S085 … S090`."""
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


def _evidence(action: ActionActivity, run: CheckRun) -> Evidence:
    return action.evidence(Place(run.command, run.at, run.offset))


def _times(count: int) -> str:
    return "changed once" if count == 1 else f"changed {count} times"


# -- digests of lanes -------------------------------------------------------------------------------

DIGEST_FILES = 8
DIGEST_COMMANDS = 6
DIGEST_CHECKS = 6
LAST_WORDS_CHARS = 300


def digest_of(lane: LaneActivity) -> Digest:
    """Files and commands, the most frequent first; the last run of each check; the last message."""
    facts = lane.facts
    files = sorted(facts.files, key=lambda path: -facts.files[path].edits)
    commands = sorted(facts.commands, key=lambda bones: -facts.commands[bones])
    said = facts.last_said
    return Digest(
        files=tuple(files[:DIGEST_FILES]),
        files_count=len(files),
        commands=tuple(f"{bones} ×{facts.commands[bones]}" for bones in commands[:DIGEST_COMMANDS]),
        checks=tuple(
            Statement(
                f"{last.command}: {last.outcome.value}, in {check.last.name}",
                (check.last.evidence(Place(last.command, last.at, last.offset)),),
            )
            for check, last in last_runs(lane.actions)[:DIGEST_CHECKS]
        ),
        last_words=Statement(clip(said.text, LAST_WORDS_CHARS), (lane.evidence(said),)) if said is not None else None,
    )
