"""The column with the time since the lane's last event."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.format import age
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, own
from tui.view.columns.base import Column, FilterKey, JsonField, Measure, Sort, Unit
from tui.view.json_out import iso


def _age(lane: Lane, now: float) -> SafeText:
    return age(now - lane.last_event) if lane.last_event is not None else own("?")


COLUMNS = (
    Column(
        name="age",
        place=150,
        rank=50,
        plain_rank=50,
        title=own("AGE"),
        doc=own("the time since its last event"),
        in_help=False,
        cells=5,
        right=True,
        cell=lambda lane, row, _cells: Span(_age(lane, row.now), "dim"),
        varies=_age,
        sort=Sort("recent", 50, own("last event"), lambda lane, _alarm: (lane.last_event or 0.0,), descending=True),
        filters=(
            FilterKey(
                "age",
                measure=Measure(
                    Unit.SECONDS, lambda lane, now: now - lane.last_event if lane.last_event is not None else None
                ),
            ),
        ),
        json=(
            JsonField("started", 90, "When its first event was; null if unknown.", lambda lane: iso(lane.started)),
            JsonField("last_event", 100, "When its last event was.", lambda lane: iso(lane.last_event)),
        ),
    ),
)
