"""The column with the reasoning effort that the lane's model is set to."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, Column, FilterKey, JsonField, RowContext, Sort

_RANKS = {name: rank for rank, name in enumerate(("none", "minimal", "low", "medium", "high", "xhigh", "max"), 1)}
"""The known efforts, the least first."""


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    return Span(safe_text(lane.effort, limit=20), "dim") if lane.effort else NOTHING


COLUMNS = (
    Column(
        name="effort",
        place=62,
        rank=270,
        title=own("EFFORT"),
        doc=own("the reasoning effort; · where its transcript does not say"),
        in_help=False,
        cells=7,
        cell=_cell,
        leaves=30,
        has=lambda lane, _flag: bool(lane.effort),
        sort=Sort(
            "effort",
            110,
            own("effort"),
            lambda lane, _alarm: (_RANKS.get((lane.effort or "").lower(), 0),),
            descending=True,
            in_steps=False,
        ),
        filters=(FilterKey("effort", lambda lane: lane.effort or ""),),
        json=(
            JsonField(
                "effort",
                112,
                "The reasoning effort of its model; null where its transcript does not say.",
                lambda lane: safe_text(lane.effort) if lane.effort else None,
            ),
        ),
    ),
)
