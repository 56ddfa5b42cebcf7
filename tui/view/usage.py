"""Usage by period and owner: lines with bars, rows for CSV, and the document of `usage --json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from tui.history.usage import By, Group, Per, Used, total
from tui.text.cell_width import cut
from tui.text.format import UNKNOWN, compact, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, bar, blank, column, joined, line_width, own, word
from tui.view.doubt import at_least, cost_role, cost_words, priced_words

SCHEMA = 1
_NAME_CELLS, _LEAST_NAME = 44, 8
_BAR_CELLS = 36
_LEAST_BAR = 8
_GAP = 2
_HEADS = (
    word("calls", "dim"), word("tokens", "dim"), word("input", "dim"), word("cache read", "dim"),
    word("cache write", "dim"), word("output", "dim"), word("cost", "dim"),
)  # fmt: skip


def usage_lines(
    rows: Sequence[Used], per: Per | None, by: By | None, cells: int, earlier: Used | None = None
) -> list[Line]:
    """The usage as a table with a bar for the tokens of each row, and the sum of all rows below.

    `earlier` is what was used before the rows; it is shown above them and counts in the sum.
    """
    if not rows and earlier is None:
        return [(word("nothing was used in this time"),)]
    names = (per is not None) + (by is not None)
    whole = total([*([earlier] if earlier is not None else []), *rows])
    table = [_heads(per, by)]
    table += [_cells(earlier, per, by, own("earlier"))] if earlier is not None else []
    before = len(table)
    table += [_cells(row, per, by) for row in rows]
    table.append([Span(cell.text, "strong") for cell in _cells(whole, per, by, own("total"))])
    widths = [min(max(line_width((line[at],)) for line in table), _NAME_CELLS) for at in range(len(table[0]))]
    kept = _fitting(widths, names, cells)
    if by is not None:  # of all columns only a name may be shortened
        over = sum(widths[at] + _GAP for at in kept) - _GAP - cells
        widths[names - 1] = max(_LEAST_NAME, widths[names - 1] - max(0, over))
    room = min(_BAR_CELLS, cells - sum(widths[at] + _GAP for at in kept))
    most = max((row.usage.total for row in rows), default=0)
    lines: list[Line] = []
    for place, line in enumerate(table):
        used = rows[place - before] if before <= place < before + len(rows) else None
        is_same = used is not None and names == 2 and place > before and line[0] == table[place - 1][0]
        made = [
            column(cut(line[at].text, widths[at]), widths[at] + _GAP * (at < names), line[at].role, right=at >= names)
            for at in kept
        ]
        if is_same:
            made[0] = blank(widths[0] + _GAP)
        gaps = [part for at, cell in zip(kept, made, strict=True) for part in (cell, blank(_GAP * (at >= names)))]
        share = used.usage.total / most if used is not None and most else 0.0
        drawn = bar(share, room, "accent", "text") if used is not None and room >= _LEAST_BAR else ()
        lines.append((*gaps, *drawn))
    if not whole.cost.is_whole:
        lines.append((Span(joined(own("≥ the calls with a known price: "), priced_words(whole.cost)), "dim"),))
    return lines


def _heads(per: Per | None, by: By | None) -> list[Span]:
    return [*(Span(SafeText(one.value), "dim") for one in (per, by) if one is not None), *_HEADS]


def _cells(row: Used, per: Per | None, by: By | None, said: SafeText | None = None) -> list[Span]:
    names: list[Span] = []
    if per is not None:
        names.append(Span(said or (_month(row.start) if per is Per.MONTH else _day(row.start))))
    if by is not None and row.group is not None:
        names.append(Span(group_name(row.group), "strong"))
    elif by is not None:
        names.append(Span(said if said is not None and per is None else own("")))
    tokens = at_least(compact(row.usage.total), is_lower_bound=row.is_lower_bound)
    counts = [Span(compact(count), "dim") for count in _counts(row)]
    return [
        *names,
        Span(number(row.calls)),
        Span(tokens),
        *counts,
        Span(cost_words(row.cost, is_lower_bound=row.is_lower_bound), cost_role(row.cost)),
    ]


def _counts(row: Used) -> tuple[int, int, int, int]:
    return row.usage.input, row.usage.cache_read, row.usage.cache_write, row.usage.output


def _fitting(widths: Sequence[int], names: int, cells: int) -> list[int]:
    """The columns for which there is room: of the counts by class, the output is left out last."""
    kept = list(range(len(widths)))
    for at in (names + 4, names + 2, names + 3, names + 5, names):
        if sum(widths[one] + _GAP for one in kept) + _LEAST_BAR <= cells:
            break
        kept.remove(at)
    return kept


def _month(start: date | None) -> SafeText:
    return SafeText(start.isoformat()[:7]) if start is not None else UNKNOWN


def _day(start: date | None) -> SafeText:
    return SafeText(start.isoformat()) if start is not None else UNKNOWN


def group_name(group: Group) -> SafeText:
    """The name of an agent, model, project or lane, safe to show. A lane without a title has its session."""
    if group.name is None and group.lane is None:
        return UNKNOWN
    return safe_text(group.name or (group.lane[1] if group.lane is not None else ""), limit=_NAME_CELLS)


# -- JSON and CSV -------------------------------------------------------------------------------------


def usage_json(rows: Sequence[Used], per: Per | None, by: By | None) -> dict[str, Any]:
    """The document of `usage --json`. Within a schema (1), a key is never removed or given another meaning."""
    return {
        "schema": SCHEMA, "per": per.value if per is not None else None, "by": by.value if by is not None else None,
        "rows": [_row_json(row, by) for row in rows], "total": _row_json(total(rows), None),
    }  # fmt: skip


def _row_json(row: Used, by: By | None) -> dict[str, Any]:
    usage, group = row.usage, row.group
    made: dict[str, Any] = {"start": row.start.isoformat() if row.start is not None else None}
    if by is not None and group is not None:
        made[by.value] = safe_text(group.name) if group.name is not None else None
        if group.lane is not None:
            agent, session, agent_id = group.lane
            made |= {
                "agent": agent,
                "session": safe_text(session),
                "agent_id": safe_text(agent_id) if agent_id else None,
            }
    return made | {
        "calls": row.calls,
        "usage": {
            "input": usage.input, "cache_read": usage.cache_read, "cache_write": usage.cache_write,
            "output": usage.output, "reasoning": usage.reasoning, "total": usage.total, "fresh": usage.fresh,
        },
        "usage_is_lower_bound": row.is_lower_bound,
        "cost": {
            "usd": round(row.cost.usd, 6), "priced_calls": row.cost.priced, "calls": row.cost.parts,
            "lower_bound": not row.cost.is_whole,
        },
    }  # fmt: skip


CSV_HEADS = (
    "start", "group", "calls", "input", "cache_read", "cache_write", "output", "reasoning", "total", "usd",
    "priced_calls",
)  # fmt: skip


def csv_rows(rows: Iterable[Used]) -> Iterable[tuple[object, ...]]:
    """The rows for CSV, with `CSV_HEADS` as their headings. An unknown day or group is `?`."""
    for row in rows:
        usage = row.usage
        group = "" if row.group is None else _plain(group_name(row.group))
        yield (
            _day(row.start), group, row.calls, usage.input, usage.cache_read, usage.cache_write, usage.output,
            usage.reasoning, usage.total, f"{row.cost.usd:.6f}", row.cost.priced,
        )  # fmt: skip


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text
