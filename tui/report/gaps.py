"""The missing-gap list: what was declared, or is done everywhere else, and was never seen to be done."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.shapes import skeleton
from tui.report.coverage import check_name, checks_of
from tui.report.document import Gap, Numbered
from tui.report.work import ActionWork, LaneWork, RunWork

USUAL_SHARE = 0.6
"""A check that so many of the actions ran is one that the others were expected to run."""
USUAL_LEAST = 3
NAMED = 8
MOST = 60


def gaps_of(runs: Sequence[RunWork], numbered: Sequence[Numbered]) -> tuple[Gap, ...]:
    """At most `MOST`, those of the largest lines of work first."""
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


def _unusual(run: RunWork) -> list[Gap]:
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


def _undone(lane: LaneWork) -> list[Gap]:
    return [Gap("plan", f"{item.text} ({item.status or 'no status'})", None) for item in lane.undone]


def _undeclared(lane: LaneWork) -> list[Gap]:
    """Checks that a prompt names and that never ran, not even with other arguments."""
    facts = lane.facts
    if not facts.declared:
        return []
    ran = {_program(bones) for bones in facts.commands}
    return [
        Gap("check", f"asked for and not seen to run: {place.text}", lane.evidence(place))
        for mark, place in facts.declared.items()
        if mark not in facts.ran and _program(skeleton(place.text)) not in ran
    ]


def _program(bones: str) -> str:
    return " ".join(word for word in bones.split() if not word.startswith("-"))


def _names(actions: Sequence[ActionWork]) -> str:
    shown = ", ".join(action.name[:40] for action in actions[:NAMED])
    return shown if len(actions) <= NAMED else f"{shown} and {len(actions) - NAMED} more"
