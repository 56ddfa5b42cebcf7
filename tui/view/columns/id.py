"""The column with the lane's id, for commands that name a lane."""

from __future__ import annotations

from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import Column, FilterKey, JsonField, Sort

COLUMNS = (
    Column(
        name="id",
        place=30,
        plain_rank=25,
        title=own("ID"),
        doc=own("the id that commands take"),
        in_help=False,
        cells=25,
        whole=True,
        cell=lambda lane, _row, _cells: Span(safe_text(lane.id, limit=80), "dim"),
        sort=Sort("id", 170, own("id"), lambda lane, _alarm: (lane.id,), in_steps=False),
        filters=(FilterKey("id", lambda lane: f"{lane.id} {lane.session}"),),
        json=(
            JsonField("id", 10, "The id that commands take.", lambda lane: lane.id),
            JsonField("session", 30, "The agent's own id of the session.", lambda lane: lane.session),
        ),
    ),
)
