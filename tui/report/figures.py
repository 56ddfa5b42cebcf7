"""Tables of figures, doubts about them, and the timeline with burn and moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tui.control.audit import AuditRecord
from tui.model.action_name import ticket_parts
from tui.model.event import Origin
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.trust import Trust
from tui.report.document import (
    ContextSeries,
    FigureRow,
    Figures,
    FigureTable,
    FindingRow,
    Moment,
    MomentKind,
    Note,
    NumberedActions,
    Sample,
    Series,
    Timeline,
    Window,
    burn_of,
    share_of,
    tokens_of,
)
from tui.report.facts import Place
from tui.report.lane_activity import ActionActivity, Costs, LaneActivity, LineActivity, Sum, own_calls, together
from tui.text.format import compact

# -- tables of figures ------------------------------------------------------------------------------

ROWS = 40
NUMBERED_LEAST = 5
"""Fewer numbers than this are no sequence."""
MISSING = 20
MOST_SHARE = 0.5
"""If at least this share of a lane's actions has such numbers, the lane works on them or assigns them."""
WIDEST = 100_000
"""Numbers further apart than this are no sequence."""


class Tables:
    """Makes tables whose rows add up to the same whole: `total` tokens, `duration_s` seconds."""

    def __init__(self, total: int, duration_s: float | None, costs: Costs) -> None:
        self._total = total
        self._duration_s = duration_s
        self._costs = costs

    def by_agent(self, lanes: Sequence[LaneActivity]) -> FigureTable:
        """One row per agent, counting its lanes."""
        grouped: dict[str, list[Figures]] = {}
        for lane in lanes:
            grouped.setdefault(lane.lane.agent, []).append(lane.figures(self._costs))
        return self.table((name, together(parts), len(parts)) for name, parts in grouped.items())

    def by_model(self, lanes: Sequence[LaneActivity]) -> FigureTable:
        """One row per model, counting the lanes that used it."""
        whole = Sum(lane.sum for lane in lanes)
        used: dict[str | None, int] = {}
        for lane in lanes:
            for model in lane.sum.models:
                used[model] = used.get(model, 0) + 1
        return self.table((model or "?", self._model(whole, model), used.get(model, 0)) for model in whole.models)

    def by_command(self, actions: Iterable[ActionActivity]) -> FigureTable:
        """One row per slash command, counting its runs: `/test --args` belongs to `/test`."""
        return self._by_name(actions, command_of)

    def by_issue(self, actions: Iterable[ActionActivity]) -> FigureTable:
        """One row per ticket in names of actions, counting these actions."""
        return self._by_name(actions, lambda one: one.action.name if ticket_parts(one.action.name) else "")

    def table(self, rows: Iterable[tuple[str, Figures, int]]) -> FigureTable:
        """A table, the largest row first."""
        ordered = sorted(rows, key=lambda row: (-row[1].usage.total, row[0]))
        shown = tuple(self.row(*row) for row in ordered[:ROWS])
        return FigureTable(shown, max(0, len(ordered) - ROWS), together([figures for _, figures, _ in ordered[ROWS:]]))

    def row(self, name: str, figures: Figures, count: int) -> FigureRow:
        """One row, with its share of the whole."""
        tokens = figures.usage.total
        return FigureRow(name, figures, share_of(tokens, self._total), burn_of(tokens, self._duration_s), count)

    def _by_name(self, actions: Iterable[ActionActivity], name: Callable[[ActionActivity], str]) -> FigureTable:
        grouped: dict[str, list[Figures]] = {}
        for action in actions:
            key = name(action)
            if key:
                grouped.setdefault(key, []).append(action.figures(self._costs))
        return self.table((key, together(parts), len(parts)) for key, parts in grouped.items())

    def _model(self, whole: Sum, model: str | None) -> Figures:
        total = whole.models[model]
        cost = self._costs.cost(model, total)
        return Figures(
            tokens_of(total.usage), cost, total.calls, priced_usd=cost or 0.0, priced=int(cost is not None), parts=1
        )


def command_of(action: ActionActivity) -> str:
    """The slash command that an action runs; empty if none."""
    words = action.action.title.split(maxsplit=1)
    if not words or not words[0].startswith("/") or action.action.origin is not Origin.COMMAND:
        return ""
    return words[0]


def numbered_of(runs: Sequence[LineActivity], lanes: Sequence[LaneActivity]) -> tuple[NumberedActions, ...]:
    """Sequences of numbered actions by prefix, taken from the line of work that used most tokens for them."""
    found: dict[str, NumberedActions] = {}
    for run in runs:
        by_prefix: dict[str, dict[int, str]] = {}
        for action in run.actions:
            parts = ticket_parts(action.action.name)
            if parts is not None:
                by_prefix.setdefault(parts[0], {}).setdefault(int(parts[1]), action.action.name)
        for prefix, names in by_prefix.items():
            if prefix not in found and len(names) >= NUMBERED_LEAST and max(names) - min(names) < WIDEST:
                found[prefix] = _numbered(prefix, names, run, lanes)
    return tuple(found.values())


def _numbered(prefix: str, names: dict[int, str], run: LineActivity, lanes: Sequence[LaneActivity]) -> NumberedActions:
    first, last = min(names), max(names)
    missing = [number for number in range(first, last + 1) if number not in names]
    width = len(names[first]) - len(prefix)
    mine = [lane for lane in lanes if _works_on(lane, prefix)] or run.lanes
    start = min((lane.facts.start for lane in mine if lane.facts.start is not None), default=None)
    end = max((lane.facts.end for lane in mine if lane.facts.end is not None), default=None)
    seconds = end - start if start is not None and end is not None else None
    count = len(names)
    return NumberedActions(
        prefix=prefix, run=run.name, first=names[first], last=names[last], count=count,
        missing=tuple(f"{prefix}{number:0{width}d}" for number in missing[:MISSING]), missing_count=len(missing),
        lanes=tuple(lane.lane.id for lane in mine), tokens_each=sum(lane.sum.tokens for lane in mine) / count,
        seconds_each=seconds / count if seconds is not None else None,
        per_hour=count * 3600 / seconds if seconds else None,
    )  # fmt: skip


def _works_on(lane: LaneActivity, prefix: str) -> bool:
    numbered = [parts for action in lane.actions if (parts := ticket_parts(action.action.name)) is not None]
    return sum(parts[0] == prefix for parts in numbered) > MOST_SHARE * len(lane.actions) if lane.actions else False


# -- doubts about the figures -----------------------------------------------------------------------

_WORDS = {
    Trust.SUSPECT: "the counts cannot be whole: turns without usage, or implausibly little output",
    Trust.PROVISIONAL: "a lower bound: some usage was never stated in full, or was left out",
    Trust.UNPRICED: "the cost is a lower bound, or unknown: a model without a known price",
}


def notes_of(lanes: Sequence[LaneActivity], *, bounded: bool) -> tuple[Note, ...]:
    """Doubts about the figures. `bounded`: the report covers only a part of the time."""
    notes = [
        Note(trust.value, words, mine)
        for trust, words in _WORDS.items()
        if (mine := tuple(lane.lane.id for lane in lanes if trust in lane.lane.trust))
    ]
    untimed = [lane for lane in lanes if any(call.at is None for call in lane.ledger.calls)]
    if untimed:
        words = "calls without a time " + ("are not counted" if bounded else "are counted and not on the timeline")
        notes.append(Note("untimed", words, _ids(untimed)))
    copied = [lane for lane in lanes if lane.lane.inherited.total]
    if copied:
        total = sum(lane.lane.inherited.total for lane in copied)
        words = f"{compact(total)} tokens stand here as copies of another lane's history and are counted there alone"
        notes.append(Note("inherited", words, _ids(copied)))
    odd = [lane for lane in lanes if lane.facts.extent.odd]
    if odd:
        count = sum(lane.facts.extent.odd for lane in odd)
        lines = "1 line states a time" if count == 1 else f"{count} lines state times"
        words = f"{lines} more than ten years from all others: not part of the window, nor of the timeline"
        notes.append(Note("clock", words, _ids(odd)))
    return tuple(notes)


def _ids(lanes: Sequence[LaneActivity]) -> tuple[LaneId, ...]:
    return tuple(lane.lane.id for lane in lanes)


# -- burn over time, and what happened --------------------------------------------------------------

BUCKETS = 200
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
"""Round widths of a bucket, in seconds."""
LANES = 10
"""The number of lanes with their own series."""
SAMPLES = 120
MOMENTS = 2000


@frozen
class _Grid:
    """Buckets of `step` seconds from `start` on, and the bounds within which tokens count."""

    start: float
    step: float
    count: int
    since: float | None
    until: float | None


def timeline_of(
    lanes: Sequence[LaneActivity],
    window: Window,
    found: Sequence[FindingRow],
    journal: Sequence[AuditRecord],
    until: float | None,
) -> Timeline:
    """The timeline; empty without a window. `journal` are the audit log's entries on these lanes."""
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


def _buckets(lanes: Sequence[LaneActivity], grid: _Grid) -> tuple[int, ...]:
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
    lanes: Sequence[LaneActivity], found: Sequence[FindingRow], journal: Sequence[AuditRecord], since: float | None
) -> tuple[tuple[Moment, ...], int]:
    """The moments in time order, and the number of those left out.

    If there are too many, actions of the lanes with the fewest tokens are left out.
    """
    moments = [*_findings(found, since), *_orders(journal)]
    for lane in lanes:
        moments += _marks(lane)
    room = max(0, MOMENTS - len(moments))
    actions = [moment for lane in lanes for moment in _actions(lane)]
    moments = [*moments[:MOMENTS], *actions[:room]]
    moments.sort(key=lambda moment: moment.at)
    return tuple(moments), max(0, len(actions) - room)


def _findings(found: Sequence[FindingRow], since: float | None) -> list[Moment]:
    """The beginnings and ends of findings. A finding that held before the window has no beginning here."""
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


def _orders(journal: Sequence[AuditRecord]) -> list[Moment]:
    return [
        Moment(entry.at, MomentKind.ORDER, LaneId(entry.lane) if entry.lane else None, _order_words(entry), entry.by)
        for entry in journal
    ]


def _order_words(entry: AuditRecord) -> str:
    return " · ".join(filter(None, (f"{entry.verb}: {entry.stage}", entry.route, entry.words, entry.reason)))


def _marks(lane: LaneActivity) -> list[Moment]:
    facts = lane.facts
    kinds: tuple[tuple[MomentKind, list[Place]], ...] = (
        (MomentKind.COMPACTION, facts.compactions),
        (MomentKind.LIMIT, facts.limits),
        (MomentKind.FAULT, facts.faults),
    )
    return [
        Moment(place.at, kind, lane.lane.id, place.text, evidence=lane.evidence(place))
        for kind, places in kinds
        for place in places
        if place.at is not None
    ]


def _actions(lane: LaneActivity) -> list[Moment]:
    return [
        Moment(action.start, MomentKind.ACTION, lane.lane.id, action.action.title, evidence=action.evidence())
        for action in lane.actions
        if action.start is not None
    ]
