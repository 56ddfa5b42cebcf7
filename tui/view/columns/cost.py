"""What the lane's own tokens cost."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.format import money
from tui.text.styled_text import Span, own
from tui.view.columns.base import Column, FilterKey, JsonField, Measure, RowContext, Sort, Unit


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    return Span(money(lane.cost_usd), "text" if lane.cost_usd is not None else "warn")


COLUMNS = (
    Column(
        name="cost",
        place=110,
        rank=120,
        plain_rank=70,
        title=own("COST"),
        doc=own("what its tokens cost, in US dollars"),
        in_help=False,
        signs=((own("$ ?"), own("no known price: unknown, not free")),),
        cells=7,
        right=True,
        cell=_cell,
        # By the lane's own cost, which the cell shows: the cost of a tree is unknown if one model in it has no price.
        sort=Sort("cost", 40, own("cost"), lambda lane, _alarm: (lane.cost_usd or 0.0,), descending=True),
        filters=(FilterKey("cost", measure=Measure(Unit.DOLLARS, lambda lane, _now: lane.cost_usd)),),
        json=(
            JsonField(
                "cost_usd",
                130,
                "What they cost, in US dollars; null if a price is unknown.",
                lambda lane: None if lane.cost_usd is None else round(lane.cost_usd, 6),
            ),
        ),
    ),
)
