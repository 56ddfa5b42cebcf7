"""Compares two reports: sums, figures per action, and tokens per agent, model, command and issue."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tui.report.document import (
    ActionRow,
    Advice,
    ComparedSide,
    Comparison,
    FigureRow,
    FigureTable,
    LineOfWork,
    Measure,
    MomentKind,
    Pair,
    Pairs,
    Report,
    change_of,
)

FEW = 5
"""With fewer actions than this on a side, a difference says little."""
UNEQUAL = 1.25
"""If the lengths of the windows differ by more than this factor, their sums cannot be compared."""
ROWS = 40


def compare(a: Report, b: Report, labels: tuple[str, str]) -> Comparison:
    """Both sides, and the changes from the first to the second."""
    return Comparison(
        a=_side(a, labels[0]), b=_side(b, labels[1]), measures=_measures(a, b),
        pairs=(
            _pairs("agent", "lanes", a.head.agents, b.head.agents), _pairs("model", "lanes", a.models, b.models),
            _pairs("command", "runs", a.commands, b.commands), _pairs("issue", "actions", a.issues, b.issues),
        ),
        doubts=tuple(_doubts(a, b)), version=b.head.version,
    )  # fmt: skip


def _side(report: Report, label: str) -> ComparedSide:
    head = report.head
    return ComparedSide(
        label, head.title, head.window, head.figures, head.lanes, len(_actions(report.runs)),
        tuple(row.name for row in report.models.rows), report.runs[0].name if report.runs else "", head.verdict,
        head.masked,
    )  # fmt: skip


def _measures(a: Report, b: Report) -> tuple[Measure, ...]:
    mine, theirs = _figures(a), _figures(b)
    return tuple(
        Measure(name, unit, value, theirs[name][1], change_of(value, theirs[name][1]), adds_up)
        for name, (unit, value, adds_up) in mine.items()
    )


def _figures(report: Report) -> dict[str, tuple[str, float | None, bool]]:
    head, rows = report.head, _actions(report.runs)
    figures = head.figures
    # A foreman's actions and a worker's have no common median, so medians are of the line of work that used most
    # tokens.
    mine = _actions(report.runs[:1])
    tokens = [row.figures.usage.total for row in mine]
    fresh = [row.figures.usage.fresh for row in mine]
    lasted = [row.figures.duration_s for row in mine if row.figures.duration_s is not None]
    new = sum(row.new_things.total for row in rows)
    total = figures.usage.total
    repeated = sum(row.figures.usage.total for row in rows if row.advice is Advice.COMPRESS)
    costs = [row.figures.cost_usd for row in mine if row.figures.cost_usd is not None]
    priced = len(costs) == len(mine)
    return {
        "tokens": ("tokens", total, True),
        "fresh tokens": ("tokens", figures.usage.fresh, True),
        "output": ("tokens", figures.usage.output, True),
        "cost": ("dollars", figures.cost_usd, True),
        "duration": ("seconds", head.window.duration_s, True),
        "actions": ("count", len(rows), True),
        "burn": ("tokens/h", head.burn, False),
        "tokens per action, median": ("tokens", _median(tokens), False),
        "tokens per action, mean": ("tokens", _mean(total, len(rows)), False),
        "fresh tokens per action, median": ("tokens", _median(fresh), False),
        "cost per action, median": ("dollars", _median(costs) if priced else None, False),
        "time per action, median": ("seconds", _median(lasted), False),
        "tool calls per action": ("count", _mean(figures.tool_calls, len(rows)), False),
        "failed tool calls": ("share", _mean(figures.errors, figures.tool_calls), False),
        "new things per action": ("count", _mean(new, len(rows)), False),
        "new things per million tokens": ("count", _mean(new * 1_000_000, total), False),
        "tokens in actions that only repeat": ("share", _mean(repeated, total), False),
        "tokens for chatter": ("share", report.retention.chatter.share, False),
    }


def _actions(runs: Sequence[LineOfWork]) -> list[ActionRow]:
    """The actions in which something was done. A prompt without a model call is not compared."""
    return [row for run in runs for row in run.actions if row.figures.calls or row.figures.tool_calls]


def _median(values: Sequence[float]) -> float | None:
    return float(median(values)) if values else None


def _mean(total: float, count: float) -> float | None:
    return total / count if count else None


def _pairs(sort: str, counted: str, a: FigureTable, b: FigureTable) -> Pairs:
    mine, theirs = {row.name: row for row in a.rows}, {row.name: row for row in b.rows}
    rows = [_pair(name, mine.get(name), theirs.get(name)) for name in dict.fromkeys((*mine, *theirs))]
    rows.sort(key=lambda row: (-max(row.a_tokens or 0, row.b_tokens or 0), row.name))
    return Pairs(sort, counted, tuple(rows[:ROWS]), max(0, len(rows) - ROWS) + a.left_out + b.left_out)


def _pair(name: str, a: FigureRow | None, b: FigureRow | None) -> Pair:
    a_each, b_each = _each(a), _each(b)
    return Pair(
        name, a.count if a else 0, b.count if b else 0, a.figures.usage.total if a else None,
        b.figures.usage.total if b else None, a_each, b_each, change_of(a_each, b_each),
    )  # fmt: skip


def _each(row: FigureRow | None) -> float | None:
    return row.figures.usage.total / row.count if row is not None and row.count else None


def _doubts(a: Report, b: Report) -> list[str]:
    doubts: list[str] = []
    counts = [len(_actions(report.runs[:1])) for report in (a, b)]
    if min(counts) < FEW:
        doubts.append(f"{counts[0]} and {counts[1]} actions to take medians of: fewer than {FEW} on a side say little")
    lengths = [report.head.window.duration_s or 0.0 for report in (a, b)]
    if min(lengths) <= 0 or max(lengths) > UNEQUAL * min(lengths):
        doubts.append("the windows differ in length: compare what is told per action or per hour, not the sums")
    cut = [side for side, report in (("A", a), ("B", b)) if _was_limited(report)]
    if cut:
        doubts.append(f"{' and '.join(cut)} ran into a rate limit: it would have spent more")
    models = [{row.name for row in report.models.rows} for report in (a, b)]
    if models[0] != models[1]:
        doubts.append("other models: their tokens are not alike in number or in price")
    doubted = sorted(
        {note.kind for report in (a, b) for note in report.head.notes} & {"suspect", "provisional", "unpriced"}
    )
    if doubted:
        doubts.append(f"figures in doubt on a side: {', '.join(doubted)}")
    return doubts


def _was_limited(report: Report) -> bool:
    return any(moment.kind is MomentKind.LIMIT for moment in report.timeline.moments)
