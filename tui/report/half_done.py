"""What was left half done when the run ended: calls without a result, plans, edits that no check has seen since."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.runs import Outcome
from tui.judge.shapes import skeleton
from tui.model.evidence import Evidence
from tui.model.finding import Finding, FindingKind
from tui.report.clip import shortened
from tui.report.document import HalfDone, HalfKind
from tui.report.seen import CheckRun, Place
from tui.report.work import LaneWork

NAME_CHARS = 60
NAMED = 5


def half_done(lanes: Sequence[LaneWork], findings: Sequence[Finding]) -> tuple[HalfDone, ...]:
    """Of all lanes, in their order. A lane about which there is nothing to say is left out."""
    found: list[HalfDone] = []
    for lane in lanes:
        found += [*_open_calls(lane), *_cut_off(lane, findings), *_plan(lane), *_unchecked(lane)]
        found += [*_failing(lane), *_claims(lane, findings)]
    return tuple(found)


def _open_calls(lane: LaneWork) -> list[HalfDone]:
    return [
        HalfDone(
            HalfKind.OPEN_CALL, lane.lane.id, f"no result of {call.tool} {call.summary}".strip(),
            (Evidence(call.summary, call.started, lane.lane.path, None),),
        )
        for call in list(lane.ledger.open_calls.values())[:NAMED]
    ]  # fmt: skip


def _cut_off(lane: LaneWork, findings: Sequence[Finding]) -> list[HalfDone]:
    """Cut off by a limit or a crash; or simply the last turn that never ended."""
    stops = [one for one in findings if one.kind is FindingKind.HARD_STOP and one.lane == lane.lane.id]
    if stops:
        return [HalfDone(HalfKind.CUT_OFF, lane.lane.id, one.title, one.evidence) for one in stops]
    ledger = lane.ledger
    if not ledger.turn_open or not lane.actions:
        return []
    last = lane.actions[-1]
    words = f"its last turn has no end: {shortened(last.name, NAME_CHARS)}"
    return [HalfDone(HalfKind.CUT_OFF, lane.lane.id, words, (last.evidence(),))]


def _plan(lane: LaneWork) -> list[HalfDone]:
    left = lane.undone
    if not left:
        return []
    first = "; ".join(item.text for item in left[:NAMED])
    words = f"{len(left)} of {len(lane.ledger.plan)} plan items are not done: {first}"
    return [HalfDone(HalfKind.PLAN, lane.lane.id, words, ())]


def _unchecked(lane: LaneWork) -> list[HalfDone]:
    """Only where the lane checks at all: elsewhere it is its manner, not something left undone."""
    places = list(lane.facts.unchecked.values())
    if not places or not lane.facts.last_checks:
        return []
    words = f"{len(places)} {'file' if len(places) == 1 else 'files'} changed since the last check that passed"
    return [
        HalfDone(HalfKind.UNCHECKED_EDIT, lane.lane.id, words, tuple(lane.evidence(one) for one in places[-NAMED:]))
    ]


def _failing(lane: LaneWork) -> list[HalfDone]:
    """Checks whose last run failed, and after which no check of their kind by the same program passed."""
    runs = sorted(lane.facts.last_checks.values(), key=lambda run: run.offset)
    passed = {_program(run): run.offset for run in runs if run.outcome is Outcome.PASSED}
    open_ones = [run for run in runs if run.outcome is Outcome.FAILED and passed.get(_program(run), -1) < run.offset]
    return [
        HalfDone(
            HalfKind.FAILING_CHECK, lane.lane.id, f"last run failed: {run.command}",
            (lane.evidence(Place(run.command, run.at, run.offset)),),
        )
        for run in open_ones[-NAMED:]
    ]  # fmt: skip


def _program(run: CheckRun) -> tuple[str, str]:
    return run.kind, skeleton(run.command).split(" ", 1)[0]


def _claims(lane: LaneWork, findings: Sequence[Finding]) -> list[HalfDone]:
    return [
        HalfDone(HalfKind.CLAIM, lane.lane.id, one.title, one.evidence)
        for one in findings
        if one.kind is FindingKind.UNVERIFIED_CLAIM and one.lane == lane.lane.id and one.is_open
    ]
