"""The column that shows how full the model's context is."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.format import compact
from tui.text.safe_text import SafeText
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, UNKNOWN, Column, FilterKey, JsonField, Measure, RowContext, Sort, Unit


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    used, window = lane.context.used, lane.context.window
    if used is None:
        return UNKNOWN if lane.calls or lane.inherited.total else NOTHING
    if window is None:
        return Span(compact(used), "dim")
    share = used / window
    role = "stop" if share >= 0.9 else "warn" if share >= 0.75 else "dim"
    return Span(SafeText(f"{share:.0%}"), role)


def _percent(lane: Lane, _now: float) -> float | None:
    used, window = lane.context.used, lane.context.window
    return None if used is None or not window else 100 * used / window


COLUMNS = (
    Column(
        name="context",
        place=120,
        rank=130,
        plain_rank=90,
        title=own("CTX"),
        doc=own("context used, in tokens if that is all"),
        cells=5,
        right=True,
        cell=_cell,
        sort=Sort(
            "context",
            150,
            own("context"),
            lambda lane, _alarm: (_percent(lane, 0.0) or 0.0, lane.context.used or 0),
            descending=True,
            in_steps=False,
        ),
        filters=(FilterKey("context", measure=Measure(Unit.PERCENT, _percent)),),
        json=(
            JsonField(
                "context",
                160,
                "Tokens `used` of the context's `window`; null where unknown.",
                lambda lane: {"used": lane.context.used, "window": lane.context.window},
            ),
        ),
    ),
)
