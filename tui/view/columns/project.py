"""The column with the project that the lane works on."""

from __future__ import annotations

from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import Column, FilterKey, Grouping, JsonField, Sort

COLUMNS = (
    Column(
        name="project",
        place=50,
        rank=74,
        plain_rank=100,
        title=own("PROJECT"),
        doc=own("the name of the folder that it works in"),
        in_help=False,
        cells=14,
        cell=lambda lane, _row, _cells: Span(safe_text(lane.project, limit=40), "dim"),
        sort=Sort("project", 80, own("project"), lambda lane, _alarm: (lane.project.lower(),), in_steps=False),
        filters=(FilterKey("project", lambda lane: f"{lane.project} {lane.cwd or ''}"),),
        group=Grouping("project", 10, lambda tree: tree[0].project, lambda value: safe_text(value, limit=60)),
        json=(JsonField("project", 60, "The name of its folder.", lambda lane: safe_text(lane.project)),),
    ),
)
