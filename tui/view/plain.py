"""Tables as plain text, for a pipe or a terminal without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Trust
from tui.text.format import compact, number, rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, joined, own, trimmed
from tui.view.arrange import Rows
from tui.view.columns.base import RowContext
from tui.view.columns.registry import all_columns, plain_columns
from tui.view.doubt import at_least, cost_words, priced_words
from tui.view.finding_text import glyph_of
from tui.view.findings_plain import flag_lines
from tui.view.flags import Flag
from tui.view.lane_line import ChosenColumns, chosen_layout, group_line, lane_line, layout, title_line
from tui.view.summary import summary_of
from tui.view.unjudged import SIGN, unjudged, unjudged_words


def lanes_table(
    fleet: Fleet,
    cells: int,
    flags: Mapping[LaneId, Flag] | None = None,
    *,
    rows: Rows | None = None,
    columns: Sequence[str] = (),
    ascii_only: bool = False,
) -> list[SafeText]:
    """The lanes as a table: flagged ones with a mark, the reasons below the table, then totals of all lanes.

    `rows`: the lanes that are shown; None: all. `columns`: names of columns, all of which are shown; empty: as many as
    fit. Lanes that were not judged have a sign, which the last line explains.
    """
    lanes = {lane.id: lane for lane in fleet.lanes}
    order = list(lanes) if rows is None else rows.order
    listed = set(order)
    flags = {lane: flag for lane, flag in (flags or {}).items() if lane in listed}
    missing = unjudged(fleet)
    has_margin = bool(flags or missing)
    room = cells - 2 if has_margin else cells
    placed = layout(room, plain_columns())
    if columns:
        chosen = ChosenColumns.of(columns, all_columns())
        room = max(room, chosen.least_cells)
        placed = chosen_layout(room, chosen)
    row = RowContext(fleet.at, 0, 1, "", ascii_only)
    marks = {lane: joined(glyph_of(flag.severity, ascii_only=ascii_only), own(" ")) for lane, flag in flags.items()}
    margin = own("  ") if has_margin else own("")
    marks = {**{lane.id: joined(SIGN, own(" ")) for lane in fleet.lanes if not lane.judged}, **marks}
    lines = [joined(margin, _text(title_line(placed, room)))]
    for one in order:
        group = rows.groups.get(one) if rows is not None else None
        if group is None:
            line = lane_line(lanes[one], placed, row, room)
        else:
            members = tuple(lane for lane in group.lanes if lane in listed)
            below = summary_of([lanes[lane] for lane in members], flags)
            line = group_line(replace(group, lanes=members), placed, replace(row, fold="-", below=below), room)
        lines.append(joined(marks.get(one, margin), _text(line)))
    lines += flag_lines(fleet, flags, ascii_only=ascii_only)
    shown = sum(1 for one in order if one in lanes)
    burn = fleet.burn[1].tokens_per_hour if fleet.burn else 0.0
    priced = joined(own(", "), priced_words(fleet.cost)) if not fleet.cost.is_whole else own("")
    lines.append(joined(
        number(len(fleet.lanes)), own(" lanes · "), *(() if rows is None else (number(shown), own(" shown · "))),
        at_least(compact(fleet.totals.total), is_lower_bound=Trust.PROVISIONAL in fleet.trust), own(" tokens · fresh "),
        compact(fleet.totals.fresh), own(" · "), cost_words(fleet.cost), priced, own(" · burn over 5 min "), rate(burn),
    ))  # fmt: skip
    if fleet.skipped_lines:
        lines.append(joined(number(fleet.skipped_lines), own(" skipped: see lanewatch doctor, or --json")))
    if missing:
        told = own(", so nothing is known of their findings: lanewatch lanes --judge all, or lanewatch findings")
        lines.append(joined(SIGN, own(" "), unjudged_words(missing), told))
    return lines


def page_text(lines: list[Line]) -> list[SafeText]:
    """A page of the screen as plain text."""
    return [_text(line) for line in lines]


def _text(line: Line) -> SafeText:
    return trimmed(joined(*(span.text for span in line)))
