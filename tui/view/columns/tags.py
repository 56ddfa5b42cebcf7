"""The column with the operator's own words for the lane."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, Column, FilterKey, Grouping, JsonField, RowContext, Sort


def _text(lane: Lane) -> SafeText:
    return safe_text(" ".join(lane.tags), limit=200)


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    return Span(_text(lane), "accent") if lane.tags else NOTHING


COLUMNS = (
    Column(
        name="tags",
        place=45,
        rank=76,
        title=own("TAGS"),
        doc=own("your own words for it (#)"),
        in_help=False,
        cells=8,
        cell=_cell,
        has=lambda lane, _flag: bool(lane.tags),
        sort=Sort(
            "tags", 140, own("tags"), lambda lane, _alarm: (not lane.tags, " ".join(lane.tags).lower()), in_steps=False
        ),
        filters=(FilterKey("tag", lambda lane: " ".join(lane.tags)),),
        group=Grouping(
            "tag", 50, lambda tree: tree[0].tags[0] if tree[0].tags else "", lambda value: safe_text(value, limit=40)
        ),
        json=(JsonField("tags", 75, "The operator's own words for it.", lambda lane: list(lane.tags)),),
    ),
)
