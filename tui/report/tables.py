"""Tables of figures: by agent, model, slash command and issue; and numbered actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tui.model.action_name import ticket_parts
from tui.model.event import Origin
from tui.report.document import Figures, Numbered, Row, Table, burn_of, share_of
from tui.report.sums import Costs, Sum
from tui.report.work import ActionWork, LaneWork, RunWork, together

ROWS = 40
NUMBERED_LEAST = 5
"""Fewer numbers make no sequence."""
MISSING = 20
MOST_SHARE = 0.5
"""So many of a lane's actions carry the prefix's numbers: it works on them, or hands them out."""
WIDEST = 100_000
"""Numbers further apart than this are no sequence."""


class Tables:
    """Makes tables whose rows add up to one whole. `total` are its tokens, `duration_s` its length."""

    def __init__(self, total: int, duration_s: float | None, costs: Costs) -> None:
        self._total = total
        self._duration_s = duration_s
        self._costs = costs

    def by_agent(self, lanes: Sequence[LaneWork]) -> Table:
        """One row per agent, counting its lanes."""
        grouped: dict[str, list[Figures]] = {}
        for lane in lanes:
            grouped.setdefault(lane.lane.agent, []).append(lane.figures(self._costs))
        return self.table((name, together(parts), len(parts)) for name, parts in grouped.items())

    def by_model(self, lanes: Sequence[LaneWork]) -> Table:
        """One row per model, counting the lanes that used it."""
        whole = Sum(lane.sum for lane in lanes)
        used: dict[str | None, int] = {}
        for lane in lanes:
            for model in lane.sum.models:
                used[model] = used.get(model, 0) + 1
        return self.table((model or "?", self._model(whole, model), used.get(model, 0)) for model in whole.models)

    def by_command(self, actions: Iterable[ActionWork]) -> Table:
        """One row per slash command, counting its runs: `/test --args` belongs to `/test`."""
        return self._by_name(actions, command_of)

    def by_issue(self, actions: Iterable[ActionWork]) -> Table:
        """One row per ticket that actions are named by, counting these."""
        return self._by_name(actions, lambda one: one.action.name if ticket_parts(one.action.name) else "")

    def table(self, rows: Iterable[tuple[str, Figures, int]]) -> Table:
        """The largest first."""
        ordered = sorted(rows, key=lambda row: (-row[1].usage.total, row[0]))
        shown = tuple(self.row(*row) for row in ordered[:ROWS])
        return Table(shown, max(0, len(ordered) - ROWS), together([figures for _, figures, _ in ordered[ROWS:]]))

    def row(self, name: str, figures: Figures, count: int) -> Row:
        """One row, with its part of the whole."""
        tokens = figures.usage.total
        return Row(name, figures, share_of(tokens, self._total), burn_of(tokens, self._duration_s), count)

    def _by_name(self, actions: Iterable[ActionWork], name: Callable[[ActionWork], str]) -> Table:
        grouped: dict[str, list[Figures]] = {}
        for action in actions:
            key = name(action)
            if key:
                grouped.setdefault(key, []).append(action.figures(self._costs))
        return self.table((key, together(parts), len(parts)) for key, parts in grouped.items())

    def _model(self, whole: Sum, model: str | None) -> Figures:
        total = whole.models[model]
        return Figures(total.usage, self._costs.cost(model, total), total.calls)


def command_of(action: ActionWork) -> str:
    """The slash command that an action is a run of; empty if it is none."""
    words = action.action.title.split(maxsplit=1)
    if not words or not words[0].startswith("/") or action.action.origin is not Origin.COMMAND:
        return ""
    return words[0]


def numbered_of(runs: Sequence[RunWork], lanes: Sequence[LaneWork]) -> tuple[Numbered, ...]:
    """Sequences of numbered actions, by prefix, the line of work that spent most on them first."""
    found: dict[str, Numbered] = {}
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


def _numbered(prefix: str, names: dict[int, str], run: RunWork, lanes: Sequence[LaneWork]) -> Numbered:
    first, last = min(names), max(names)
    missing = [number for number in range(first, last + 1) if number not in names]
    width = len(names[first]) - len(prefix)
    mine = [lane for lane in lanes if _works_on(lane, prefix)] or run.lanes
    start = min((lane.facts.start for lane in mine if lane.facts.start is not None), default=None)
    end = max((lane.facts.end for lane in mine if lane.facts.end is not None), default=None)
    seconds = end - start if start is not None and end is not None else None
    count = len(names)
    return Numbered(
        prefix=prefix, run=run.name, first=names[first], last=names[last], count=count,
        missing=tuple(f"{prefix}{number:0{width}d}" for number in missing[:MISSING]), missing_count=len(missing),
        lanes=tuple(lane.lane.id for lane in mine), tokens_each=sum(lane.sum.tokens for lane in mine) / count,
        seconds_each=seconds / count if seconds is not None else None,
        per_hour=count * 3600 / seconds if seconds else None,
    )  # fmt: skip


def _works_on(lane: LaneWork, prefix: str) -> bool:
    numbered = [parts for action in lane.actions if (parts := ticket_parts(action.action.name)) is not None]
    return sum(parts[0] == prefix for parts in numbered) > MOST_SHARE * len(lane.actions) if lane.actions else False
