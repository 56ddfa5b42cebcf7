"""The column with the cost of the lane's own tokens."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.model.trust import Trust
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, UNKNOWN, Column, FilterKey, JsonField, Measure, RowContext, Sort, Unit
from tui.view.doubt import cost_role, cost_words
from tui.view.json_out import cost_json
from tui.view.summary import Summary


def _cell(lane: Lane, row: RowContext, cells: int) -> Span:
    cost = lane.tree_cost if row.sums else lane.cost
    if not (row.sums or lane.calls or lane.usage.total):
        return UNKNOWN if lane.trust else NOTHING
    is_least = lane.tree_is_lower_bound if row.sums else Trust.PROVISIONAL in lane.trust
    return Span(cost_words(cost, cells, is_sum=row.sums, is_lower_bound=is_least), cost_role(cost))


def _group_cell(group: Summary, _row: RowContext, cells: int) -> Span:
    if group.is_unknown:
        return UNKNOWN
    words = cost_words(group.cost, cells, is_sum=True, is_lower_bound=group.is_lower_bound)
    return Span(words, cost_role(group.cost))


COLUMNS = (
    Column(
        name="cost",
        place=110,
        rank=72,
        plain_rank=70,
        title=own("COST"),
        doc=own("what its tokens cost, in US dollars"),
        in_help=False,
        signs=((own("$ ?"), own("no known price: unknown, not free")),),
        cells=7,
        right=True,
        cell=_cell,
        group_cell=_group_cell,
        sort=Sort("cost", 40, own("cost"), lambda lane, _alarm: (lane.tree_cost.usd,), descending=True, of_tree=True),
        filters=(FilterKey("cost", measure=Measure(Unit.DOLLARS, lambda lane, _now: lane.cost_usd)),),
        json=(
            JsonField(
                "cost_usd",
                130,
                "What they cost, in US dollars; null if a price is unknown.",
                lambda lane: None if lane.cost_usd is None else round(lane.cost_usd, 6),
            ),
            JsonField(
                "cost",
                131,
                "The same as a lower bound: `usd` of what is priced, `priced` of its `parts`, and whether it is a"
                " `lower_bound`.",
                lambda lane: cost_json(lane.cost),
            ),
            JsonField("tree_cost", 132, "The same with all lanes below it.", lambda lane: cost_json(lane.tree_cost)),
        ),
    ),
)
