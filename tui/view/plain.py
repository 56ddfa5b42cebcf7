"""Tables as plain text, for a pipe or a terminal without a screen."""

from __future__ import annotations

from collections.abc import Mapping

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Trust
from tui.text.format import compact, number, rate
from tui.text.safe_text import SafeText
from tui.text.styled_text import Line, joined, own, trimmed
from tui.view.columns.base import RowContext
from tui.view.columns.registry import plain_columns
from tui.view.doubt import at_least, cost_words, priced_words
from tui.view.finding_text import glyph_of
from tui.view.findings_plain import flag_lines
from tui.view.flags import Flag
from tui.view.lane_line import lane_line, layout, title_line
from tui.view.unjudged import SIGN, unjudged, unjudged_words


def lanes_table(
    fleet: Fleet, cells: int, flags: Mapping[LaneId, Flag] | None = None, *, ascii_only: bool = False
) -> list[SafeText]:
    """The lanes as a table: flagged ones with a mark, the reasons below the table, then totals.

    Lanes that were not judged have a sign, which the last line explains.
    """
    flags = flags or {}
    missing = unjudged(fleet)
    has_margin = bool(flags or missing)
    room = cells - 2 if has_margin else cells
    columns = layout(room, plain_columns())
    row = RowContext(fleet.at, 0, 1, "", ascii_only)
    marks = {lane: joined(glyph_of(flag.severity, ascii_only=ascii_only), own(" ")) for lane, flag in flags.items()}
    margin = own("  ") if has_margin else own("")
    marks = {**{lane.id: joined(SIGN, own(" ")) for lane in fleet.lanes if not lane.judged}, **marks}
    lines = [joined(margin, _text(title_line(columns, room)))]
    lines += [joined(marks.get(lane.id, margin), _text(lane_line(lane, columns, row, room))) for lane in fleet.lanes]
    lines += flag_lines(fleet, flags, ascii_only=ascii_only)
    burn = fleet.burn[1].tokens_per_hour if fleet.burn else 0.0
    priced = joined(own(", "), priced_words(fleet.cost)) if not fleet.cost.is_whole else own("")
    lines.append(joined(
        number(len(fleet.lanes)), own(" lanes · "),
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
