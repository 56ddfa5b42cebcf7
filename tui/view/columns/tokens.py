"""The column with the tokens that the lane itself used, each call counted once."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.format import compact
from tui.text.styled_text import Span, joined, own
from tui.view.columns.base import NOTHING, UNKNOWN, Column, FilterKey, JsonField, Measure, RowContext, Sort, Unit
from tui.view.doubt import at_least, doubted
from tui.view.json_out import usage_json
from tui.view.summary import Summary


def _cell(lane: Lane, row: RowContext, _cells: int) -> Span:
    if row.sums:
        return _sum(lane.tree_usage.total, is_lower_bound=lane.tree_is_lower_bound)
    if lane.calls or lane.usage.total:
        return Span(doubted(compact(lane.usage.total), lane.trust))
    return UNKNOWN if lane.trust else NOTHING


def _sum(tokens: int, *, is_lower_bound: bool) -> Span:
    return Span(joined(own("Σ"), at_least(compact(tokens), is_lower_bound=is_lower_bound)))


def _group_cell(group: Summary, _row: RowContext, _cells: int) -> Span:
    return UNKNOWN if group.is_unknown else _sum(group.usage.total, is_lower_bound=group.is_lower_bound)


COLUMNS = (
    Column(
        name="tokens",
        place=100,
        rank=40,
        plain_rank=40,
        title=own("TOKENS"),
        doc=own("all classes, each call counted once"),
        signs=((own("≥ ?"), own("lower bound; uncertain count")), (own("Σ"), own("the sum with all lanes below it"))),
        cells=7,
        right=True,
        cell=_cell,
        group_cell=_group_cell,
        # Sorted by the sums of trees: a lane whose subagents use the most tokens is at the top, and they below it.
        sort=Sort(
            "tokens",
            30,
            own("tokens"),
            lambda lane, _alarm: (lane.tree_usage.total,),
            descending=True,
            of_tree=True,
        ),
        filters=(FilterKey("tokens", measure=Measure(Unit.TOKENS, lambda lane, _now: lane.usage.total)),),
        json=(
            JsonField(
                "usage",
                120,
                "Tokens by class: `input`, `cache_read`, `cache_write`, `output`, `reasoning` (a part of `output`),"
                " `total`, and `fresh`, which is `total` without `cache_read`.",
                lambda lane: usage_json(lane.usage),
            ),
            JsonField(
                "trust",
                140,
                "Doubts about these figures, empty if there are none.",
                lambda lane: [doubt.value for doubt in lane.trust],
            ),
        ),
    ),
)
