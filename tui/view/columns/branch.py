"""The column with the git branch of the lane's folder."""

from __future__ import annotations

from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import UNKNOWN, Column, FilterKey, Grouping, JsonField, Sort

COLUMNS = (
    Column(
        name="branch",
        place=52,
        rank=150,
        title=own("BRANCH"),
        doc=own("the git branch of its folder"),
        in_help=False,
        has=lambda lane, _flag: bool(lane.branch),
        cells=12,
        leaves=30,
        cell=lambda lane, _row, _cells: Span(safe_text(lane.branch, limit=60), "dim") if lane.branch else UNKNOWN,
        sort=Sort(
            "branch",
            85,
            own("branch"),
            lambda lane, _alarm: (not lane.branch, (lane.branch or "").lower()),
            in_steps=False,
        ),
        filters=(FilterKey("branch", lambda lane: lane.branch or ""),),
        group=Grouping("branch", 40, lambda tree: tree[0].branch or "", lambda value: safe_text(value, limit=60)),
        json=(
            JsonField(
                "branch",
                70,
                "Its git branch; null if unknown.",
                lambda lane: safe_text(lane.branch) if lane.branch else None,
            ),
        ),
    ),
)
