"""The stop point: the moment at which the finding with the largest saving said stop, and what was spent after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tui.model.finding import Family, Finding, Severity
from tui.report.document import Saving, StopPoint, Window, share_of
from tui.report.hindsight import title_then
from tui.report.sums import Costs, Sum, own_calls
from tui.report.windowed import EARLY_S, counted_from, held_before
from tui.report.work import ActionWork, LaneWork

CAVEAT = (
    "An upper bound, not a promise: stopped there, the agents would have gone on with something else, and that costs "
    "tokens too."
)


def stop_point(
    findings: Sequence[Finding],
    families: Sequence[Family],
    lanes: Sequence[LaneWork],
    window: Window,
    costs: Costs,
) -> StopPoint | None:
    """None if no finding ever said stop.

    Of several it is the one after which most was spent; those before it are named where they are other lanes'.
    What is counted begins and ends with the window, or where the finding itself ended since the work turned to
    something else.
    """
    stops = _joined(one for one in findings if one.severity is Severity.STOP and one.since is not None)
    finding = max(stops, key=lambda one: (_spent(one, families, lanes, window), -(one.since or 0.0)), default=None)
    start = counted_from(finding, window) if finding is not None else None
    if finding is None or finding.since is None or start is None:
        return None
    end = finding.until if finding.until is not None else window.asked_to
    concerned = _concerned(finding, families)
    made = (_saving(lane, start, end, costs, lane.lane.id in concerned) for lane in lanes)
    savings = [saving for saving in made if saving is not None]
    mine = [saving for saving in savings if saving.concerned]
    total = sum(lane.sum.tokens for lane in lanes)
    tokens = finding.tokens_since if finding.tokens_since is not None else sum(saving.tokens for saving in mine)
    title, in_the_end = title_then(finding, families)
    return StopPoint(
        at=finding.since, action=action_at(finding, lanes), finding=finding, tokens=tokens,
        share=share_of(tokens, total), cost_usd=_cost(mine), seconds=max((one.seconds for one in mine), default=0.0),
        all_tokens=sum(saving.tokens for saving in savings), all_cost_usd=_cost(savings), lanes=tuple(savings),
        caveat=CAVEAT, title=title, in_the_end=in_the_end, earlier=_earlier(finding, stops, concerned),
        before_window=held_before(finding, window),
    )  # fmt: skip


def _joined(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with one key are one, from its first time to its last: it came down in between and was raised anew."""
    by_key: dict[tuple[str | None, str], Finding] = {}
    for one in sorted(findings, key=lambda finding: finding.since or 0.0):
        first = by_key.get((one.lane, one.key))
        by_key[one.lane, one.key] = one if first is None else replace(one, since=first.since, tokens_since=None)
    return list(by_key.values())


def _spent(finding: Finding, families: Sequence[Family], lanes: Sequence[LaneWork], window: Window) -> int:
    """As the finding counts it, else by the calls of the lanes concerned."""
    if finding.tokens_since is not None:
        return finding.tokens_since
    concerned, start = _concerned(finding, families), counted_from(finding, window)
    end = finding.until if finding.until is not None else window.asked_to
    mine = [lane for lane in lanes if lane.lane.id in concerned]
    return sum(call.usage.total for lane in mine for call in own_calls(lane.ledger, start, end))


def _earlier(finding: Finding, stops: Iterable[Finding], concerned: set[str]) -> tuple[Finding, ...]:
    """What said stop before it, on lanes that it is not about."""
    before = [
        one
        for one in stops
        if one.since is not None and one.since < (finding.since or 0.0) and str(one.lane) not in concerned
    ]
    return tuple(sorted(before, key=lambda one: one.since or 0.0))


def action_at(finding: Finding, lanes: Sequence[LaneWork]) -> str:
    """The name of the action in which a finding was raised; empty where nobody can tell."""
    if finding.since is None:
        return ""
    found: ActionWork | None = None
    for lane in lanes:
        if lane.lane.id != finding.lane:
            continue
        for action in lane.actions:
            if action.start is not None and action.start <= finding.since + EARLY_S:
                found = action
    return found.name if found is not None else ""


def _concerned(finding: Finding, families: Sequence[Family]) -> set[str]:
    lanes = {str(finding.lane)} if finding.lane is not None else set[str]()
    for family in families:
        if family.id == finding.family:
            lanes |= {str(member.lane) for member in family.members}
    return lanes


def _saving(lane: LaneWork, at: float, until: float | None, costs: Costs, concerned: bool) -> Saving | None:
    spent = Sum()
    for call in own_calls(lane.ledger, at, until):
        spent.add(call, costs)
    end = lane.facts.end
    if not spent.calls and (end is None or end <= at):
        return None
    seconds = min(end, until if until is not None else end) - at if end is not None else 0.0
    return Saving(lane.lane.id, spent.tokens, spent.cost(costs), max(0.0, seconds), concerned)


def _cost(savings: Sequence[Saving]) -> float | None:
    costs = [saving.cost_usd for saving in savings]
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)
