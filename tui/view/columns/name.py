"""The column with the lane's name, indented below the lane that spawned it."""

from __future__ import annotations

from tui.model.snapshot import Lane, LaneState
from tui.text.format import number
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, Span, blank, fit_line, joined, own, word
from tui.view.columns.base import Column, FilterKey, JsonField, RowContext, Sort, Stretch
from tui.view.names import name_of

_QUIET = (LaneState.ENDED, LaneState.IDLE, LaneState.CLOSED)
_KIND_CELLS = 34
"""From this width on, the cell shows the kind of a subagent beside its title."""


def _cell(lane: Lane, row: RowContext, cells: int) -> Line:
    role = "dim" if lane.state in _QUIET else "name.child" if lane.depth else "name"
    spans = [
        blank(row.indent + (2 * (lane.depth - 1) if 1 <= lane.depth <= 6 else 0)),
        word("└ " if lane.depth else "", "dim"),
        word("▸ ", "accent") if row.fold == "+" else word("", "dim"),
        Span(name_of(lane), role),
    ]
    if lane.depth and lane.agent_type and lane.title and cells >= _KIND_CELLS:
        spans += [word("  "), Span(safe_text(lane.agent_type, limit=24), "dim")]
    if row.below is not None:
        spans += [word("  "), Span(joined(own("+"), number(row.below.lanes)), "accent")]
    if lane.forked:
        spans.append(word("  fork", "accent"))
    return fit_line(spans, cells)


COLUMNS = (
    Column(
        name="name",
        place=40,
        rank=20,
        plain_rank=20,
        title=own("LANE"),
        doc=own("the lane's title, else its kind, else its id"),
        in_help=False,
        cells=23,
        stretch=Stretch(percent=60, most=60),
        cell=_cell,
        sort=Sort("name", 60, own("name"), lambda lane, _alarm: (name_of(lane).lower(),)),
        filters=(FilterKey("title", lambda lane: lane.title),),
        json=(
            JsonField("parent", 40, "The id of the lane that spawned it; null if none did.", lambda lane: lane.parent),
            JsonField("title", 50, "Its title, empty if it has none.", lambda lane: safe_text(lane.title)),
        ),
    ),
)
