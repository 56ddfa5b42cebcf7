"""The finding that should have stopped the run, the usage after it, and the verdict in one to three sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tui.judge.findings.family import family_title
from tui.judge.findings.registry import spec_of
from tui.model.action_name import ticket_parts
from tui.model.finding import Family, Finding, FindingKind, Severity
from tui.report.display_text import dollars, long_duration, plural, shortened
from tui.report.document import (
    Figures,
    FindingRow,
    NumberedActions,
    Saving,
    StopPoint,
    Verdict,
    Window,
    held_before,
    share_of,
)
from tui.report.lane_activity import ActionActivity, Costs, LaneActivity, Sum, own_calls
from tui.text.format import compact, percent

# -- findings within a window -----------------------------------------------------------------------

EARLY_S = 1.0
"""Seconds. The tokens of a family are counted from the member that begins at most this long before the finding."""


def counted_from(finding: Finding, window: Window) -> float | None:
    """The time (seconds UTC) from which its tokens are counted: the window's first event if it held before."""
    if not held_before(finding, window):
        return finding.since
    return window.start if window.start is not None else window.asked_from


def within(finding: Finding, families: Sequence[Family], lanes: Sequence[LaneActivity], window: Window) -> Finding:
    """The finding with its tokens within the window; unchanged if the window has no beginning."""
    if window.asked_from is None or finding.tokens_since is None or finding.since is None:
        return finding
    family = next((one for one in families if one.id == finding.family), None)
    tokens = _of_family(finding, family, lanes, window) if family is not None else _of_lane(finding, lanes, window)
    return replace(finding, tokens_since=tokens)


def _of_lane(finding: Finding, lanes: Sequence[LaneActivity], window: Window) -> int:
    start = counted_from(finding, window)
    end = finding.until if finding.until is not None else window.asked_to
    return sum(
        call.usage.total
        for lane in lanes
        if lane.lane.id == finding.lane
        for call in own_calls(lane.ledger, start, end)
    )


def _of_family(finding: Finding, family: Family, lanes: Sequence[LaneActivity], window: Window) -> int:
    """Tokens of the members that began under the finding, as far as their calls lie in the window."""
    since = finding.since or 0.0
    members = {
        (member.lane, member.action)
        for member in family.members
        if member.started is not None
        and member.started >= since - EARLY_S
        and (finding.until is None or member.started < finding.until)
    }
    return sum(
        call.usage.total
        for lane in lanes
        for call in own_calls(lane.ledger, window.asked_from, window.asked_to)
        if (lane.lane.id, call.action) in members
    )


# -- a finding in the words of its own time ---------------------------------------------------------


def title_then(finding: Finding, families: Sequence[Family]) -> tuple[str, str]:
    """The title for the members that had begun when the finding was raised, and the final extent of the family.

    The second text is such as `85 actions, up to S172`; it is empty if no member came later. A finding that is
    not about a family keeps its title.
    """
    family = next((one for one in families if one.id == finding.family), None)
    if family is None or finding.since is None:
        return finding.title, ""
    later = sum(one.started is None or one.started > finding.since + EARLY_S for one in family.members)
    begun = family.members[: len(family.members) - later]
    if not begun or not later:
        return finding.title, ""
    count, first, last = family.count - later, begun[0].name, begun[-1].name
    title = family_title(finding.kind, count, [one.title for one in begun], first, last, family.template)
    return title, f"{family.count} actions, up to {family.members[-1].name}"


# -- the stop point ---------------------------------------------------------------------------------

CAVEAT = (
    "An upper bound, not a promise: stopped there, the agents would have gone on with something else, and that costs "
    "tokens too."
)


def stop_point(
    findings: Sequence[Finding],
    families: Sequence[Family],
    lanes: Sequence[LaneActivity],
    window: Window,
    costs: Costs,
) -> StopPoint | None:
    """The stop point; None if no finding said stop.

    If several did, it is the one with most tokens after it; earlier stops of other lanes are named. Counting begins
    with the window and ends with it, or where the finding ended because the work changed.
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
        before_window=held_before(finding, window), priced_usd=sum(one.priced_usd for one in mine),
        all_priced_usd=sum(one.priced_usd for one in savings),
    )  # fmt: skip


def _joined(findings: Iterable[Finding]) -> list[Finding]:
    """Joins findings with one key from the first time to the last.

    The finding ended in between and was raised again.
    """
    by_key: dict[tuple[str | None, str], Finding] = {}
    for one in sorted(findings, key=lambda finding: finding.since or 0.0):
        first = by_key.get((one.lane, one.key))
        by_key[one.lane, one.key] = one if first is None else replace(one, since=first.since, tokens_since=None)
    return list(by_key.values())


def _spent(finding: Finding, families: Sequence[Family], lanes: Sequence[LaneActivity], window: Window) -> int:
    """The tokens that the finding states; if it states none, those of the calls of its lanes."""
    if finding.tokens_since is not None:
        return finding.tokens_since
    concerned, start = _concerned(finding, families), counted_from(finding, window)
    end = finding.until if finding.until is not None else window.asked_to
    mine = [lane for lane in lanes if lane.lane.id in concerned]
    return sum(call.usage.total for lane in mine for call in own_calls(lane.ledger, start, end))


def _earlier(finding: Finding, stops: Iterable[Finding], concerned: set[str]) -> tuple[Finding, ...]:
    """Earlier findings that said stop on other lanes."""
    before = [
        one
        for one in stops
        if one.since is not None and one.since < (finding.since or 0.0) and str(one.lane) not in concerned
    ]
    return tuple(sorted(before, key=lambda one: one.since or 0.0))


def action_at(finding: Finding, lanes: Sequence[LaneActivity]) -> str:
    """The name of the action in which a finding was raised; empty if unknown."""
    if finding.since is None:
        return ""
    found: ActionActivity | None = None
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


def _saving(lane: LaneActivity, at: float, until: float | None, costs: Costs, concerned: bool) -> Saving | None:
    spent = Sum()
    for call in own_calls(lane.ledger, at, until):
        spent.add(call, costs)
    end = lane.facts.end
    if not spent.calls and (end is None or end <= at):
        return None
    seconds = min(end, until if until is not None else end) - at if end is not None else 0.0
    return Saving(lane.lane.id, spent.tokens, spent.cost(costs), max(0.0, seconds), concerned, spent.priced_usd(costs))


def _cost(savings: Sequence[Saving]) -> float | None:
    costs = [saving.cost_usd for saving in savings]
    return None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None)


# -- the verdict ------------------------------------------------------------------------------------

ACTION_CHARS = 60


def verdict_of(
    window: Window, figures: Figures, lanes: int, numbered: Sequence[NumberedActions], stop: StopPoint | None,
    found: Sequence[FindingRow], half: int,
) -> Verdict:  # fmt: skip
    """The verdict from the findings. `half` is the number of unfinished pieces of work."""
    if window.start is None and not figures.calls:
        return Verdict(("No agent did anything here.",), quiet=True)
    happened = _happened(window, figures, lanes, numbered)
    if stop is not None:
        return Verdict((happened, _stopped(stop), _saved(stop)), quiet=False)
    left = (f"{half} {'thing was' if half == 1 else 'things were'} left half done.",) if half else ()
    grave = [one.finding for one in found if one.finding.severity is not Severity.INFO]
    if grave:
        return Verdict((happened, f"Nothing said stop; check: {_named(grave)}.", *left), quiet=False)
    mild = [one.finding for one in found]
    words = f"No finding asks you to act on any lane{f'; for information: {_named(mild)}' if mild else ''}."
    return Verdict((happened, words, *left), quiet=True)


def _named(findings: Sequence[Finding]) -> str:
    """The finding with most tokens after it, and the number of others."""
    first = max(findings, key=lambda one: one.tokens_since or 0)
    more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{first.title} ({spec_of(first.kind).words}){more}"


def _happened(window: Window, figures: Figures, lanes: int, numbered: Sequence[NumberedActions]) -> str:
    who = plural(lanes, "lane")
    on = ""
    if numbered:
        one = numbered[0]
        on = f" on {one.count} numbered actions, {one.first} to {one.last}"
    cost = f"; {dollars(figures.cost_usd, figures.priced_usd)} at list price" if figures.priced_usd else ""
    return f"{who} spent {compact(figures.usage.total)} tokens in {long_duration(window.duration_s)}{on}{cost}."


def _stopped(stop: StopPoint) -> str:
    finding = stop.finding
    # `stop` judges an action when it begins; other rules judge finished work.
    how = "As {} began" if finding.kind is FindingKind.STOP else "In {}"
    told = f"{stop.title}{_in_the_end(stop)}{_told_earlier(stop)}."
    if stop.before_window:
        return f"lanewatch had said stop before the window began: {told}"
    where = f"{how.format(_called(stop.action))}, " if stop.action else ""
    return f"{where}lanewatch said stop: {told}"


def _in_the_end(stop: StopPoint) -> str:
    return f"; in the end it was {stop.in_the_end}" if stop.in_the_end else ""


def _told_earlier(stop: StopPoint) -> str:
    """How long before this a finding said stop on other lanes, and on how many."""
    if not stop.earlier:
        return ""
    first = stop.earlier[0]
    before = long_duration(stop.at - first.since) if first.since is not None else "?"
    count = len(stop.earlier)
    lanes = "another lane" if count == 1 else f"{count} other lanes"
    return f"; it had first said so {before} earlier, about {lanes}"


def _saved(stop: StopPoint) -> str:
    share = f" ({percent(stop.share)} of all)" if stop.share is not None else ""
    spent, time = compact(stop.tokens), long_duration(stop.seconds)
    if stop.finding.until is not None:
        if stop.before_window:
            return f"It ended {time} into the window; until then {spent} tokens{share} were spent."
        return (
            f"It ended {time} later, as the work turned to something else; until then {spent} tokens{share} were spent."
        )
    if not stop.tokens and stop.before_window:
        return "The lanes concerned spent nothing in the window."
    if not stop.tokens:
        return "The run ended there: nothing was spent after it."
    beside = f"; all lanes together spent {compact(stop.all_tokens)}" if stop.all_tokens > stop.tokens else ""
    when, how = ("before", "of the window") if stop.before_window else ("there", "that followed")
    return (
        f"Stopped {when}, the lanes concerned would not have spent {spent} tokens{share} in the {time} {how}{beside}."
    )


def _called(action: str) -> str:
    """A ticket unchanged, or the first line of a prompt in quotes."""
    if ticket_parts(action) is not None:
        return action
    return f"“{shortened(action, ACTION_CHARS)}”"
