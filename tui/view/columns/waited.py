"""The column with the time that the lane waited for a person."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.format import duration
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, Column, JsonField, RowContext, Sort


def _waited(lane: Lane, now: float) -> SafeText:
    return duration(lane.waited_until(now))


def _cell(lane: Lane, row: RowContext, _cells: int) -> Span:
    if lane.waited_until(row.now) < 1:
        return NOTHING
    return Span(_waited(lane, row.now), "warn" if lane.waits_since is not None else "text")


COLUMNS = (
    Column(
        name="waited",
        place=155,
        rank=260,
        plain_rank=260,
        title=own("WAITED"),
        doc=own("how long it waited for a person"),
        cells=7,
        leaves=16,
        right=True,
        cell=_cell,
        varies=_waited,
        sort=Sort(
            "waited",
            55,
            own("waited"),
            lambda lane, _alarm: (lane.waited_s, -(lane.waits_since or float("inf"))),
            descending=True,
        ),
        json=(
            JsonField(
                "waited_s",
                101,
                "Seconds that it waited for a person, in waits that have ended.",
                lambda lane: round(lane.waited_s, 3),
            ),
        ),
    ),
)
