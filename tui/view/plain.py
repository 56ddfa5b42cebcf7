"""Tables for a pipe or a terminal without a screen."""

from __future__ import annotations

from tui.model.snapshot import Fleet
from tui.view.lane_line import RowContext, lane_line, layout, title_line
from tui.view.safe_text import SafeText
from tui.view.spans import Line, joined, number, own, trimmed
from tui.view.words import money, rate, tokens

_WANTED = ("word", "name", "burn", "tokens", "age", "id", "cost", "agent", "context", "project")


def lanes_table(fleet: Fleet, cells: int, *, ascii_only: bool = False) -> list[SafeText]:
    """The lanes as `ps` would print them, and a line of totals."""
    columns = layout(cells, _WANTED)
    row = RowContext(fleet.at, 0, 1, "", ascii_only)
    lines = [_text(title_line(columns, cells, ""))]
    lines += [_text(lane_line(lane, columns, row, cells)) for lane in fleet.lanes]
    burn = fleet.burn[1].tokens_per_hour if fleet.burn else 0.0
    lines.append(joined(
        number(len(fleet.lanes)), own(" lanes · "), tokens(fleet.totals.total), own(" tokens · fresh "),
        tokens(fleet.totals.fresh), own(" · "), money(fleet.cost_usd), own(" · burn over 5 min "), rate(burn),
    ))  # fmt: skip
    if fleet.skipped_lines:
        lines.append(joined(number(fleet.skipped_lines), own(" skipped: see lanewatch doctor, or --json")))
    return lines


def page_text(lines: list[Line]) -> list[SafeText]:
    """A page of the screen as plain text."""
    return [_text(line) for line in lines]


def _text(line: Line) -> SafeText:
    return trimmed(joined(*(span.text for span in line)))
