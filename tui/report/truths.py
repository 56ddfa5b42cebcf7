"""What each action bought: what its line of work had never seen before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.report.document import Truth, TruthKind, Truths
from tui.report.seen import Place
from tui.report.work import ActionWork

NAMED = 8
"""New things that an action names."""
NAMED_OF_A_KIND = 3
"""New things of one kind that a stretch of actions names."""


def truths_of(actions: Sequence[ActionWork]) -> list[Truths]:
    """Of each action of a line of work, in the order of time. Names that differ by the action's label are one."""
    seen: set[int] = set()
    return [_of_action(action, seen) for action in actions]


def together(parts: Iterable[Truths]) -> Truths:
    """What a stretch of actions bought: the counts of all, the first few of each kind by name."""
    parts = list(parts)
    named: dict[TruthKind, list[Truth]] = {}
    for part in parts:
        for truth in part.first:
            known = named.setdefault(truth.kind, [])
            if len(known) < NAMED_OF_A_KIND:
                known.append(truth)
    return Truths(
        files=sum(part.files for part in parts), checks=sum(part.checks for part in parts),
        errors=sum(part.errors for part in parts), commands=sum(part.commands for part in parts),
        check_runs=sum(part.check_runs for part in parts),
        checks_passed=sum(part.checks_passed for part in parts),
        checks_failed=sum(part.checks_failed for part in parts),
        first=tuple(truth for kind in TruthKind for truth in named.get(kind, ())),
    )  # fmt: skip


def _of_action(action: ActionWork, seen: set[int]) -> Truths:
    facts = action.facts
    counts = dict(facts.left_out)
    first: list[Truth] = []
    for one in facts.firsts:
        if one.mark in seen:
            continue
        seen.add(one.mark)
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if len(first) < NAMED:
            evidence = action.evidence(Place(one.text, one.at, one.offset))
            first.append(Truth(one.kind, one.text, one.outcome, action.lane.lane.id, action.name, evidence))
    return Truths(
        files=counts.get(TruthKind.FILE, 0), checks=counts.get(TruthKind.CHECK, 0),
        errors=counts.get(TruthKind.ERROR, 0), commands=counts.get(TruthKind.COMMAND, 0),
        check_runs=facts.check_runs, checks_passed=facts.checks_passed, checks_failed=facts.checks_failed,
        first=tuple(first),
    )  # fmt: skip
