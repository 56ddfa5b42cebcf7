"""The page that says what a verb could have saved at a moment of a recording. Only the later usage is certain."""

from __future__ import annotations

from tui.control.verbs.registry import spec_of
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.format import compact, duration, percent
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, blank, column, joined, own, word
from tui.view.checklist import wrapped
from tui.view.doubt import cost_words
from tui.view.finding_text import FindingText
from tui.view.names import name_of
from tui.view.scrubber import clock

CAVEAT = own("This was spent after it; the agents would have gone on differently, so it is no promise of a saving.")
LABEL = 12


@frozen
class Rest:
    """The usage after a moment."""

    tokens: int
    cost: Cost
    seconds: float


def rest_of(lane: LaneId, now: Fleet, end: Fleet) -> Rest | None:
    """The usage of a lane and all lanes below it between two snapshots; None if the lane is not in the later one."""
    before = {one.id: one for one in now.lanes}
    tree: set[LaneId] = {lane}
    spent, last = 0, 0.0
    cost = NO_COST
    found = False
    for one in end.lanes:  # a parent comes before its children
        if one.id not in tree and one.parent not in tree:
            continue
        found = True
        tree.add(one.id)
        old = before.get(one.id)
        spent += one.usage.total - (old.usage.total if old is not None else 0)
        if old is None or one.usage != old.usage:
            cost += one.cost if old is None else one.cost.since(old.cost)
        last = max(last, one.last_event or 0.0)
    return Rest(max(0, spent), cost, max(0.0, last - now.at)) if found else None


def could_have_lines(verb: Verb, lane: Lane, now: Fleet, end: Fleet, finding: Finding | None, cells: int) -> list[Line]:
    """The page for a verb on a lane at `now`. `end` is the snapshot at the end of what was read."""
    lines: list[Line] = [
        (word(" "), Span(name_of(lane), "strong")),
        (),
        *_row(own("when"), clock(now.at, with_day=True), "text", cells),
        *_row(own("it would be"), spec_of(verb).counterfactual, "text", cells),
    ]
    if lane.state in (LaneState.ENDED, LaneState.CLOSED):
        return [*lines, *_row(own("but"), own("it had ended by then: there was nothing to do"), "warn", cells)]
    if finding is not None:
        lines += _row(own("because"), FindingText(finding).title, "warn", cells)
    rest = rest_of(lane.id, now, end)
    if rest is None:
        return [*lines, *_row(own("after it"), own("not read yet"), "dim", cells)]
    share = rest.tokens / end.totals.total if end.totals.total else 0.0
    spent = joined(compact(rest.tokens), own(" tokens"), own(", "), percent(share), own(" of the whole run"))
    cost = cost_words(rest.cost)
    lines += [
        (),
        *_row(own("after it"), joined(spent, own(", "), cost, own(", "), duration(rest.seconds)), "stop", cells),
        *_row(own(""), CAVEAT, "dim", cells),
    ]
    return lines


def _row(label: SafeText, text: SafeText, role: str, cells: int) -> list[Line]:
    first, *more = wrapped(text, max(20, cells - LABEL - 2)) or [own("")]
    head: list[Line] = [(word(" "), column(label, LABEL, "dim"), Span(first, role))]
    return [*head, *((blank(LABEL + 1), Span(row, role)) for row in more)]
