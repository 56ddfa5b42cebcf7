"""The columns of the burn: as a rate, as a bar compared with the fastest lane, and over the last minutes."""

from __future__ import annotations

from tui.model.snapshot import Burn, Lane
from tui.text.format import compact, rate
from tui.text.styled_text import Line, Span, bar, joined, own, spark
from tui.view.columns.base import NOTHING, Column, FilterKey, JsonField, Measure, RowContext, Sort, Unit

BURN_STEPS = 5
"""The number of looks of the bar, from low to high burn."""
_MINUTE = 4
"""The intervals of a minute."""
_JSON_WINDOW = 1
"""Index of the window of the filter and the JSON: five minutes."""


def _share(lane: Lane, row: RowContext) -> float:
    """The lane's burn as a share of the fastest lane's, from 0 to 1."""
    return lane.burn[row.window].tokens / row.peak if row.peak else 0.0


def _heat(lane: Lane, row: RowContext) -> str:
    share = _share(lane, row)
    if share <= 0:
        return "dim"
    return f"burn.{min(BURN_STEPS - 1, int(share * BURN_STEPS))}"


def _rate(lane: Lane, row: RowContext, _cells: int) -> Span:
    if row.sums:
        return _sum(lane.tree_burn[row.window], _heat(lane, row))
    burn = lane.burn[row.window]
    return Span(rate(burn.tokens_per_hour), _heat(lane, row)) if burn.tokens else NOTHING


def _sum(burn: Burn, role: str = "text") -> Span:
    return Span(joined(own("Σ"), compact(burn.tokens_per_hour)), role) if burn.tokens else NOTHING


def _bar(lane: Lane, row: RowContext, cells: int) -> Line:
    return bar(_share(lane, row), cells, _heat(lane, row))


def _spark(lane: Lane, row: RowContext, cells: int) -> Span:
    return spark(lane.spark, cells, _heat(lane, row) if _share(lane, row) else "dim")


def _json(lane: Lane) -> object:
    burn = lane.burn[_JSON_WINDOW]
    return {"tokens_per_hour": round(burn.tokens_per_hour, 1), "window_s": burn.window_s}


COLUMNS = (
    Column(
        name="burn",
        place=70,
        rank=30,
        plain_rank=30,
        title=own("BURN/h"),
        doc=own("tokens per hour over the window (b)"),
        cells=7,
        right=True,
        cell=_rate,
        group_cell=lambda group, row, _cells: _sum(group.burn[row.window]),
        sort=Sort(
            "burn",
            20,
            own("burn"),
            lambda lane, _alarm: (lane.tree_burn[1].tokens,),
            descending=True,
            of_tree=True,
            ties=lambda lane: (-(lane.last_event or 0.0),),
        ),
        filters=(
            FilterKey(
                "burn",
                measure=Measure(Unit.TOKENS_PER_HOUR, lambda lane, _now: lane.burn[_JSON_WINDOW].tokens_per_hour),
            ),
        ),
        json=(JsonField("burn", 150, "`tokens_per_hour` over the last `window_s` seconds.", _json),),
    ),
    Column(
        name="bar",
        place=80,
        rank=110,
        doc=own("its burn against the fastest one shown"),
        cells=6,
        cell=_bar,
        has=lambda lane, _flag: lane.burn[-1].tokens > 0,
    ),
    Column(
        name="spark",
        place=90,
        rank=90,
        title=own("RHYTHM"),
        doc=own("tokens per 15 s, on a scale of its own"),
        cells=12,
        wide=24,
        cell=_spark,
        sort=Sort(
            "rhythm",
            160,
            own("tokens in the last minute"),
            lambda lane, _alarm: (sum(lane.spark[-_MINUTE:]),),
            descending=True,
            in_steps=False,
        ),
        has=lambda lane, _flag: any(lane.spark),
    ),
)
