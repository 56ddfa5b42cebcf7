"""Tokens that the lane spent itself, each call counted once."""

from __future__ import annotations

from tui.model.snapshot import Lane, Trust
from tui.text.format import tokens
from tui.text.styled_text import Span, joined, own
from tui.view.columns.base import Column, JsonField, RowContext, Sort
from tui.view.json_out import usage_json


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    shown = tokens(lane.usage.total) if lane.calls or lane.usage.total else own("·")
    if Trust.SUSPECT in lane.trust:
        return Span(joined(own("?"), shown))
    return Span(joined(own("≥"), shown) if Trust.PROVISIONAL in lane.trust else shown)


COLUMNS = (
    Column(
        name="tokens",
        place=100,
        importance=40,
        plain=40,
        title=own("TOKENS"),
        doc=own("all classes, each call counted once"),
        signs=((own("≥ ?"), own("a lower bound; a count to be doubted")),),
        cells=7,
        right=True,
        cell=_cell,
        sort=Sort("tokens", 30, own("tokens"), lambda lane, _alarm: (lane.tree_usage.total,), descending=True),
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
