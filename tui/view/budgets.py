"""Budgets: lines with a bar for each, the part of the header, and the document of `budgets --json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from tui.budget.amount import Unit
from tui.budget.budget import Budget
from tui.budget.standing import Standing
from tui.budget.words import NAME_CELLS, end_words, owner_words, share_words, title, unpriced_words, used_words
from tui.text.cell_width import width
from tui.text.safe_text import safe_path, safe_text
from tui.text.styled_text import Line, Span, bar, blank, column, joined, line_width, own, word
from tui.view.json_out import iso

SCHEMA = 1
_LEAST_NAME, _LEAST_BAR, _MOST_BAR = 12, 6, 24
_HEADER_BAR = 6
_GAP = 2
_EXAMPLE: list[Line] = [
    (word("  [[budget]]", "accent"),),
    (word('  limit = "$5"  ', "accent"), word("# all lanes, on each day", "dim")),
]


def budget_lines(
    standings: Sequence[Standing], cells: int, now: float, zone: tzinfo | None = None, *, config: Path | None = None
) -> list[Line]:
    """A line for each standing: its name, a bar, what is used, and when it is used up. Long ones take a second line.

    `now` is seconds UTC; `zone` defaults to this machine's. Without budgets an example for the file `config` is shown.
    """
    if not standings:
        told = word("no budgets: add [[budget]] to the configuration, or start with --budget 5M/day")
        place: list[Line] = [(word("  in ", "dim"), Span(safe_path(str(config), limit=cells - 5)))] if config else []
        return [(told,), *_EXAMPLE, *place]
    names = [title(one) for one in standings]
    name_cells = min(max(_LEAST_NAME, *map(width, names)), NAME_CELLS, max(_LEAST_NAME, cells // 3))
    shares = [share_words(one) for one in standings]
    share_cells = max(map(width, shares))
    uses = [used_words(one) for one in standings]
    use_cells = max(map(width, uses))
    ends = [_end(one, now, zone) for one in standings]
    taken = name_cells + share_cells + use_cells + max(map(line_width, ends)) + 4 * _GAP
    bar_cells = min(_MOST_BAR, max(_LEAST_BAR, cells - taken))
    lines: list[Line] = []
    for one, name, share, use, end in zip(standings, names, shares, uses, ends, strict=True):
        drawn = bar(one.share if one.is_known else None, bar_cells, role(one))
        shown = (column(share, share_cells, role(one), right=True), blank(_GAP), column(use, use_cells, right=True))
        made = (column(name, name_cells, "strong"), blank(_GAP), *drawn, blank(1), *shown, blank(_GAP))
        if line_width(made) + line_width(end) <= cells:
            lines.append((*made, *end))
        else:
            lines += [made, (blank(name_cells + _GAP), *end)]
    return lines


def header_part(standings: Sequence[Standing]) -> Line:
    """The fullest budget, for the header: its name, a bar and its share; empty if there is none."""
    if not standings:
        return ()
    one = max(standings, key=lambda standing: standing.share)
    name = joined(own("budget "), title(one))
    return (
        Span(name, "dim"),
        blank(1),
        *bar(one.share if one.is_known else None, _HEADER_BAR, role(one)),
        blank(1),
        Span(share_words(one), role(one)),
    )


def role(one: Standing) -> str:
    """The role of a budget's bar: by how much of it is used."""
    return "stop" if one.share >= 0.9 else "warn" if one.share >= 0.7 else "good"


def _end(one: Standing, now: float, zone: tzinfo | None) -> Line:
    words, unpriced = end_words(one, now, zone), unpriced_words(one)
    tone = "stop" if one.left <= 0 else "warn" if one.forecast is not None else "dim"
    comma = own(", ") if words and unpriced else own("")
    return tuple(span for span in (Span(words, tone), Span(comma, "dim"), Span(unpriced, "warn")) if span.text)


def budgets_json(standings: Sequence[Standing]) -> dict[str, Any]:
    """The document of `budgets --json`. Within a schema (1), a key is never removed or given another meaning."""
    return {"schema": SCHEMA, "budgets": [_json(one) for one in standings]}


def _json(one: Standing) -> dict[str, Any]:
    budget = one.budget
    forecast = one.forecast
    return {
        "id": safe_text(budget.id), "name": safe_text(budget.name) if budget.name else None,
        "of": safe_text(budget.owner.text), "per": budget.period.value, "mode": budget.mode.value,
        "owner": owner_words(one) if one.group is not None else None,
        "limit": _plain(budget.limit.value, budget), "unit": budget.limit.unit.value,
        "start": iso(one.start), "end": iso(one.end),
        "used": _plain(one.used, budget), "left": _plain(one.left, budget), "share": round(one.share, 6),
        "used_is_lower_bound": one.is_lower_bound, "calls": one.calls, "unpriced_calls": one.unpriced,
        "step": one.step,
        "forecast": None if forecast is None else {"earliest": iso(forecast.earliest), "latest": iso(forecast.latest)},
    }  # fmt: skip


def _plain(value: float, budget: Budget) -> float | int:
    return round(value, 6) if budget.limit.unit is Unit.USD else round(value)
