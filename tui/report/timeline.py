"""Burn over time by lane, contexts, and what happened: actions, findings and what an operator did, in one order."""

from __future__ import annotations

from collections.abc import Sequence

from tui.control.audit import Entry
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.report.document import (
    ContextSeries,
    Found,
    Moment,
    MomentKind,
    Sample,
    Series,
    Timeline,
    Window,
)
from tui.report.seen import Place
from tui.report.sums import own_calls
from tui.report.work import LaneWork

BUCKETS = 200
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
"""Widths of a bucket that a person can name."""
LANES = 10
"""Lanes with a series of their own."""
SAMPLES = 120
MOMENTS = 2000


@frozen
class _Grid:
    """Buckets of `step` seconds from `start` on, and the bounds of what is counted."""

    start: float
    step: float
    count: int
    since: float | None
    until: float | None


def timeline_of(
    lanes: Sequence[LaneWork], window: Window, found: Sequence[Found], journal: Sequence[Entry], until: float | None
) -> Timeline:
    """Empty without a window. `journal`: the audit log's entries on these lanes."""
    if window.start is None or window.end is None:
        return Timeline()
    step = _step(window.end - window.start)
    start = window.start // step * step
    grid = _Grid(start, step, int((window.end - start) // step) + 1, window.asked_from, until)
    by_tokens = sorted(lanes, key=lambda lane: -lane.sum.tokens)
    own, rest = by_tokens[:LANES], by_tokens[LANES:]
    series = [Series(lane.lane.id, lane.lane.title, _buckets([lane], grid)) for lane in own]
    if rest:
        series.append(Series(None, f"{len(rest)} more lanes", _buckets(rest, grid)))
    contexts = [
        ContextSeries(lane.lane.id, lane.lane.title, _thinned(samples))
        for lane in own
        if len(samples := [one for one in lane.facts.context if window.start <= one[0] <= window.end]) > 1
    ]
    moments, left_out = _moments(by_tokens, found, journal, window.asked_from)
    return Timeline(start, step, tuple(series), tuple(contexts), moments, left_out)


def _step(duration: float) -> float:
    wanted = duration / BUCKETS
    named = next((step for step in STEPS_S if step >= wanted), None)
    return float(named) if named is not None else STEPS_S[-1] * -(-wanted // STEPS_S[-1])


def _buckets(lanes: Sequence[LaneWork], grid: _Grid) -> tuple[int, ...]:
    values = [0] * grid.count
    for lane in lanes:
        for call in own_calls(lane.ledger, grid.since, grid.until):
            if call.at is None:
                continue
            index = int((call.at - grid.start) // grid.step)
            if 0 <= index < grid.count:
                values[index] += call.usage.total
    return tuple(values)


def _thinned(samples: Sequence[tuple[float, int]]) -> tuple[Sample, ...]:
    every = -(-len(samples) // SAMPLES)
    kept = [*samples[::every], *([samples[-1]] if (len(samples) - 1) % every else [])]
    return tuple(Sample(at, value) for at, value in kept)


def _moments(
    lanes: Sequence[LaneWork], found: Sequence[Found], journal: Sequence[Entry], since: float | None
) -> tuple[tuple[Moment, ...], int]:
    """In the order of time. Where there are too many, actions of the lanes that spent least are left out."""
    moments = [*_findings(found, since), *_orders(journal)]
    for lane in lanes:
        moments += _marks(lane)
    room = max(0, MOMENTS - len(moments))
    actions = [moment for lane in lanes for moment in _actions(lane)]
    moments = [*moments[:MOMENTS], *actions[:room]]
    moments.sort(key=lambda moment: moment.at)
    return tuple(moments), max(0, len(actions) - room)


def _findings(found: Sequence[Found], since: float | None) -> list[Moment]:
    """When they began and ended; what held before the window began stands among the findings alone."""
    moments: list[Moment] = []
    for one in found:
        finding = one.finding
        evidence = next((part for part in finding.evidence if part.offset is not None), None)
        words = f"{finding.kind.value}: {finding.title}"
        if finding.since is not None and (since is None or finding.since >= since):
            moments.append(Moment(finding.since, MomentKind.FINDING, finding.lane, words, evidence=evidence))
        if finding.until is not None:
            moments.append(Moment(finding.until, MomentKind.FINDING_ENDED, finding.lane, words))
    return moments


def _orders(journal: Sequence[Entry]) -> list[Moment]:
    return [
        Moment(entry.at, MomentKind.ORDER, LaneId(entry.lane) if entry.lane else None, _order_words(entry), entry.by)
        for entry in journal
    ]


def _order_words(entry: Entry) -> str:
    return " · ".join(filter(None, (f"{entry.verb}: {entry.stage}", entry.route, entry.words, entry.reason)))


def _marks(lane: LaneWork) -> list[Moment]:
    facts = lane.facts
    kinds: tuple[tuple[MomentKind, list[Place]], ...] = (
        (MomentKind.COMPACTION, facts.compactions), (MomentKind.LIMIT, facts.limits), (MomentKind.FAULT, facts.faults),
    )  # fmt: skip
    return [
        Moment(place.at, kind, lane.lane.id, place.text, evidence=lane.evidence(place))
        for kind, places in kinds
        for place in places
        if place.at is not None
    ]


def _actions(lane: LaneWork) -> list[Moment]:
    return [
        Moment(action.start, MomentKind.ACTION, lane.lane.id, action.action.title, evidence=action.evidence())
        for action in lane.actions
        if action.start is not None
    ]
