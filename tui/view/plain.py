"""Tables as plain text, for a pipe or a terminal without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane
from tui.model.trust import Trust
from tui.text.cell_width import width
from tui.text.format import compact, number, rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, Span, joined, line_width, own, trimmed, word
from tui.view.arrange import Rows
from tui.view.columns.base import Column, RowContext, Sort
from tui.view.columns.registry import all_columns, plain_columns
from tui.view.doubt import at_least, cost_words, priced_words
from tui.view.finding_text import glyph_of
from tui.view.findings_plain import flag_lines
from tui.view.flags import Flag, flag_role
from tui.view.lane_line import (
    INDENT,
    MOST_CELLS,
    ChosenColumns,
    chosen_layout,
    group_line,
    lane_line,
    layout,
    title_line,
)
from tui.view.summary import summary_of
from tui.view.unjudged import SIGN, unjudged, unjudged_words

BESIDE_WHOLE = 32
"""Cells that must stay free for state and title beside a column that is shown whole."""


def lanes_table(
    fleet: Fleet,
    cells: int,
    flags: Mapping[LaneId, Flag] | None = None,
    *,
    rows: Rows | None = None,
    sort: Sort | None = None,
    reverse: bool = False,
    columns: Sequence[str] = (),
    ascii_only: bool = False,
) -> list[Line]:
    """The lanes as a table: flagged ones with a mark, the reasons below the table, then totals of all lanes.

    `rows`: the lanes that are shown; None: all. `sort`: their order, which the heading names. `columns`: names of
    columns, all of which are shown; empty: as many as fit. Lanes that were not judged have a sign, which the last line
    explains.
    """
    lanes = {lane.id: lane for lane in fleet.lanes}
    order = list(lanes) if rows is None else rows.order
    listed = set(order)
    parents = {lane.parent for lane in fleet.lanes if lane.id in listed}
    flags = {lane: flag for lane, flag in (flags or {}).items() if lane in listed}
    missing = unjudged(fleet)
    has_margin = bool(flags or missing)
    room = cells - 2 if has_margin else cells
    row = RowContext(fleet.at, 0, 1, "", ascii_only, sort=sort)
    shown = [lanes[one] for one in order if one in lanes]
    placed = layout(room, [_whole(one, shown, row, room) for one in plain_columns()])
    if columns:
        chosen = ChosenColumns.of(columns, [_whole(one, shown, row, room) for one in all_columns()])
        room = max(room, chosen.least_cells)
        placed = chosen_layout(room, chosen)
    marks = {
        lane: (Span(glyph_of(flag.shown, ascii_only=ascii_only), flag_role(flag.severity)), word(" "))
        for lane, flag in flags.items()
    }
    margin: Line = (word("  "),) if has_margin else ()
    marks = {**{lane.id: (Span(SIGN, "dim"), word(" ")) for lane in fleet.lanes if not lane.judged}, **marks}
    lines: list[Line] = [(*margin, *title_line(placed, room, sort, reverse=reverse))]
    for one in order:
        group = rows.groups.get(one) if rows is not None else None
        if group is None:
            indent = INDENT if rows is not None and rows.groups else 0
            line = lane_line(lanes[one], placed, replace(row, fold="-" if one in parents else "", indent=indent), room)
        else:
            members = tuple(lane for lane in group.lanes if lane in listed)
            below = summary_of([lanes[lane] for lane in (*members, *group.hidden)], flags)
            line = group_line(replace(group, lanes=members), placed, replace(row, fold="-", below=below), room)
        lines.append((*marks.get(one, margin), *line))
    lines += flag_lines(fleet, flags, ascii_only=ascii_only)
    burn = fleet.burn[1].tokens_per_hour if fleet.burn else 0.0
    priced = joined(own(", "), priced_words(fleet.cost)) if not fleet.cost.is_whole else own("")
    is_least = Trust.PROVISIONAL in fleet.trust
    lines.append((Span(joined(
        number(len(fleet.lanes)), own(" lanes · "), *(() if rows is None else (number(len(shown)), own(" shown · "))),
        at_least(compact(fleet.totals.total), is_lower_bound=is_least), own(" tokens · fresh "),
        compact(fleet.totals.fresh), own(" · "), cost_words(fleet.cost, is_lower_bound=is_least), priced,
        own(" · burn over 5 min "), rate(burn),
    ), "text"),))  # fmt: skip
    if fleet.skipped_lines:
        told = word(" lines skipped: see lanewatch doctor, or --json")
        lines.append((Span(number(fleet.skipped_lines), "warn"), told))
    if missing:
        more = word(
            ", so nothing is known of their findings: lanewatch lanes --judge all, or lanewatch findings", "dim"
        )
        lines.append((Span(joined(SIGN, own(" "), unjudged_words(missing)), "dim"), more))
    return lines


def _whole(column: Column, lanes: Sequence[Lane], row: RowContext, room: int) -> Column:
    """The column, as wide as its longest cell if nothing of it may be cut and there is room for others beside it."""
    if not column.whole or not lanes:
        return column
    cells = [column.cell(lane, row, MOST_CELLS) for lane in lanes]
    widest = max(line_width((cell,) if isinstance(cell, Span) else cell) for cell in cells)
    return replace(column, cells=max(width(column.title), widest)) if widest + BESIDE_WHOLE <= room else column


def page_text(lines: list[Line]) -> list[SafeText]:
    """A page of the screen as plain text."""
    return [_text(line) for line in lines]


def _text(line: Line) -> SafeText:
    return trimmed(joined(*(span.text for span in line)))
