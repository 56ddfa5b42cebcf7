"""The summary of several lanes for one row: the state that needs a person most, flags, and sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from tui.ledger.burn import add_burns
from tui.model.cost import NO_COST, Cost
from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Burn, Fleet, Lane, LaneState
from tui.model.trust import Trust
from tui.model.usage import ZERO, Usage
from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, joined, line_width, own, word
from tui.view.finding_text import SEVERITIES
from tui.view.flags import Flag
from tui.view.states import COUNTED, LOOKS, NEEDING, glyph_of, word_of

_ORDER = {state: place for place, state in enumerate(LOOKS)}


@frozen
class Summary:
    """The summary of several lanes. Its figures are sums of the lanes' own figures."""

    lanes: int
    state: LaneState
    """The state that needs a person most."""
    states: tuple[tuple[LaneState, int], ...]
    """The number of lanes in each state, in the order in which a person should look."""
    severities: tuple[tuple[Severity, int], ...]
    """The number of lanes that have a flag of each severity, most severe first."""
    flag: Flag | None
    """The most severe flag; None if no lane has one."""
    usage: Usage
    is_lower_bound: bool
    """True if `usage` is a lower bound."""
    is_unknown: bool
    """True if none of the lanes states any usage, and of some it is known that this cannot be right."""
    burn: tuple[Burn, ...]
    """The sum of their trees, as the rows of these show it."""
    cost: Cost


def summary_of(lanes: Collection[Lane], flags: Mapping[LaneId, Flag]) -> Summary | None:
    """The summary of some lanes; None if there are none."""
    if not lanes:
        return None
    states = Counter(lane.state for lane in lanes)
    raised = [flag for lane in lanes if (flag := flags.get(lane.id)) is not None]
    severities = Counter(flag.severity for flag in raised)
    ids = {lane.id for lane in lanes}
    ordered = sorted(states, key=lambda state: _ORDER[state])
    return Summary(
        lanes=len(lanes), state=ordered[0], states=tuple((state, states[state]) for state in ordered),
        severities=tuple((one, severities[one]) for one in SEVERITIES if severities[one]),
        flag=most_severe(*raised), usage=sum((lane.usage for lane in lanes), ZERO),
        is_lower_bound=any(Trust.PROVISIONAL in lane.trust for lane in lanes),
        is_unknown=any(lane.trust for lane in lanes) and not any(lane.calls or lane.usage.total for lane in lanes),
        burn=add_burns([lane.tree_burn for lane in lanes if lane.parent not in ids]),
        cost=sum((lane.cost for lane in lanes), NO_COST),
    )  # fmt: skip


def most_severe(*flags: Flag | None) -> Flag | None:
    """The most severe of some flags, the first of equally severe ones; None if there is none."""
    raised = [flag for flag in flags if flag is not None]
    return max(raised, key=lambda flag: (flag.severity.rank, flag.repetition.score), default=None)


def folded_below(fleet: Fleet, shown: Iterable[LaneId], folded: frozenset[LaneId]) -> dict[LaneId, list[Lane]]:
    """The lanes that each folded row hides: those without a row of their own, by the folded row above them."""
    if not folded:
        return {}
    rows = set(shown)
    above: dict[LaneId, LaneId] = {}
    found: dict[LaneId, list[Lane]] = {}
    for lane in fleet.lanes:  # parents come before their children
        if lane.id in rows or lane.parent is None:
            continue
        row = lane.parent if lane.parent in rows else above.get(lane.parent)
        if row is not None and row in folded:
            above[lane.id] = row
            found.setdefault(row, []).append(lane)
    return found


def out_of_view(
    order: Sequence[LaneId],
    seen: range,
    lanes: Mapping[LaneId, Lane],
    flags: Mapping[LaneId, Flag],
    below: Mapping[LaneId, Summary],
) -> tuple[Urgent, Urgent]:
    """The counts of urgent lanes in the rows above and below the visible ones. `seen` are their places in `order`."""
    above, after = Urgent(), Urgent()
    for place, lane_id in enumerate(order):
        if place in seen:
            continue
        urgent = _urgent(lanes.get(lane_id), flags.get(lane_id), below.get(lane_id))
        if place < seen.start:
            above += urgent
        else:
            after += urgent
    return above, after


@frozen
class Urgent:
    """How many lanes have a finding of severity stop, and how many others need a person."""

    stops: int = 0
    needs: int = 0

    def __add__(self, other: Urgent) -> Urgent:
        return Urgent(self.stops + other.stops, self.needs + other.needs)


def _urgent(lane: Lane | None, flag: Flag | None, below: Summary | None) -> Urgent:
    is_stop = flag is not None and flag.severity is Severity.STOP
    own_need = Urgent(int(is_stop), int(not is_stop and lane is not None and lane.state is LaneState.NEEDS_INPUT))
    if below is None:
        return own_need
    return own_need + Urgent(
        dict(below.severities).get(Severity.STOP, 0), dict(below.states).get(LaneState.NEEDS_INPUT, 0)
    )


def urgent_line(above: Urgent, after: Urgent) -> Line:
    """`▲ 1 stop above  ▼ 2 stop, 1 needs you below`; empty if nothing urgent is out of view."""
    spans: list[Span] = []
    for urgent, arrow, where in ((above, own(" ▲ "), own(" above ")), (after, own(" ▼ "), own(" below "))):
        parts = [
            joined(number(count), name)
            for count, name in ((urgent.stops, own(" stop")), (urgent.needs, own(" needs you")))
            if count
        ]
        if parts:
            text = joined(parts[0], *(joined(own(", "), part) for part in parts[1:]))
            spans += [Span(joined(arrow, text, where), "pill.stop" if urgent.stops else "pill.needs_input"), word(" ")]
    return tuple(spans)


def summary_words(summary: Summary, cells: int, *, ascii_only: bool = False) -> Line:
    """`⊗ 1 stop  ◆ 2 needs you  ● 3 working`, the most important first.

    Where that is wider than `cells`, the last ones have no word (`● 3`); those that still do not fit are left out.
    """
    counted = _counted(summary, ascii_only=ascii_only)
    short = 0
    while short < len(counted) and line_width(_in_row(counted, short)) > cells:
        short += 1
    shown = counted
    while len(shown) > 1 and line_width(_in_row(shown, short)) > cells:
        shown = shown[:-1]
    return _in_row(shown, short)


def _in_row(counted: Sequence[tuple[Span, SafeText]], short: int) -> Line:
    """The counts one after the other; the last `short` of all without their words."""
    spans: list[Span] = []
    for at, (count, name) in enumerate(counted):
        is_short = at >= len(counted) - short
        spans += [count if is_short else Span(joined(count.text, own(" "), name), count.role), word("  ")]
    return tuple(spans[:-1])


def _counted(summary: Summary, *, ascii_only: bool) -> list[tuple[Span, SafeText]]:
    """The counts with their glyphs, and the word of each."""
    made: list[tuple[Span, SafeText]] = []
    for severity, count in summary.severities:
        look = SEVERITIES[severity]
        if severity is not Severity.INFO:
            role = f"pill.{look.role}" if severity is Severity.STOP else f"loud.{look.role}"
            glyph = look.ascii if ascii_only else look.glyph
            made.append((Span(joined(glyph, own(" "), number(count)), role), look.word))
    for state, count in summary.states:
        if state in COUNTED:
            role = "loud.warn" if state in NEEDING else f"state.{state}"
            made.append(
                (Span(joined(glyph_of(state, ascii=ascii_only), own(" "), number(count)), role), word_of(state))
            )
    return made
