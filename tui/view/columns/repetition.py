"""The column that shows how repetitive the lane is."""

from __future__ import annotations

from tui.model.finding import FindingKind
from tui.model.snapshot import Lane
from tui.text.styled_text import Line, Span, blank, own
from tui.view.columns.base import UNKNOWN, Column, FilterKey, JsonField, RowContext, Sort
from tui.view.finding_text import kind_words
from tui.view.json_out import repetition_json, unknown_repetition
from tui.view.repetition import meter, role_of


def _cell(lane: Lane, row: RowContext, cells: int) -> Span | Line:
    if not lane.judged:
        return UNKNOWN
    if row.flag is None or not row.flag.is_loop:
        return (blank(cells),)
    return meter(row.flag.repetition, cells, role_of(row.flag.severity))


def _filter_text(lane: Lane) -> str:
    """The text that a filter searches for a lane that goes in circles; empty for other lanes."""
    found = lane.repetition
    if found.severity is None:
        return ""
    return f"loop {kind_words(FindingKind.REPETITION)} {found.severity} {found.kind or ''} {found.reason}"


COLUMNS = (
    Column(
        name="rep",
        place=130,
        rank=80,
        title=own("LOOP"),
        doc=own("how repetitive; why, in place of DOING"),
        cells=5,
        cell=_cell,
        has=lambda lane, flag: not lane.judged or (flag is not None and flag.is_loop),
        sort=Sort(
            "repetition",
            70,
            own("repetition"),
            lambda _lane, alarm: alarm,
            descending=True,
            ties=lambda lane: (-lane.tree_burn[1].tokens,),
        ),
        filters=(FilterKey("loop", _filter_text, (own("loop"), own("looping; filter loop:error, loop:stop"))),),
        json=(
            JsonField(
                "repetition",
                170,
                "`score` from 0 to 1, `severity` (null while there is nothing to say), `reason`, `kind`, the `period`"
                " in steps, its `repeats`, and `since` when; all null if the lane was not judged.",
                lambda lane: repetition_json(lane.repetition) if lane.judged else unknown_repetition(),
            ),
        ),
    ),
)
