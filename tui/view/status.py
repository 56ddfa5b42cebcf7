"""The lines above the keys: the order and the filter of the table, and the last notice."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.frozen import frozen
from tui.text.cell_width import cut
from tui.text.format import duration, number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, fit_line, joined, line_width, own, word
from tui.view.checklist import wrapped
from tui.view.columns.base import Sort
from tui.view.filter import Filter


@frozen
class StatusFacts:
    """The facts that the status line shows."""

    sort: Sort
    reverse: bool
    filter: Filter
    shown: int
    """The number of lanes that have a row."""
    total: int
    window_s: int
    notice: SafeText | None = None
    loud: bool = False
    """True if the notice is a refusal or a failure."""
    own_cost: SafeText | None = None
    marked: int = 0
    problems: tuple[str, ...] = ()
    """The parts of the filter that were not understood."""
    group: SafeText = own("")
    """The name of the grouping; empty: none."""
    hidden: int = 0
    """The number of lanes that the operator hid by their states."""
    hide_key: SafeText = own("")
    moved: int = 0
    """The number of rows that sorting would move."""
    sort_key: SafeText = own("")
    """The key that sorts the rows again."""
    worst: Line = ()
    """The lane that needs a person most, for screens without a panel below the table."""
    urgent: Line = ()
    """The counts of urgent rows out of view."""


GAP, LEFT_LEAST = 2, 16
"""The space between the two parts, and the least width of the left one, in cells."""
MOST_LINES = 3
"""The most lines of a refusal, because it should be read as a whole; the lane's page has the rest."""


def notice_seconds(notice: SafeText, *, loud: bool) -> float:
    """How long a notice is shown: long enough to be read, and a refusal twice as long."""
    return min(12.0, max(5.0, len(notice) / 12)) * (2 if loud else 1)


def status_lines(facts: StatusFacts, cells: int) -> list[Line]:
    """Order and filter at the left, the notice at the right. A long refusal replaces the left part."""
    whole = [facts.worst] if facts.worst else _parts(facts)
    left: Line = tuple(span for part in whole for span in part)
    notice: Line = ()
    if facts.notice is not None:
        notice = (Span(facts.notice, "warn" if facts.loud else "accent"), word(" "))
    if facts.loud and facts.notice is not None and line_width(left) + line_width(notice) + GAP > cells:
        return _refusal(facts.notice, cells)
    cost: Line = (Span(facts.own_cost, "dim"), word(" ")) if facts.own_cost is not None else ()
    # The operator reads the notice now; lanewatch's own cost is shown again two seconds later.
    fits = not notice or line_width(left) + line_width(cost) + line_width(notice) + GAP <= cells
    right = (*cost, *notice) if fits else notice
    room = cells - line_width(right) - GAP
    if right and room < LEFT_LEAST:  # a notice is shortened, never left out
        return [fit_line((word(" "), *right), cells)]
    return [(*_fitted(whole, room), blank(GAP), *right)] if right else [_fitted(whole, cells)]


def _fitted(parts: Sequence[Line], cells: int) -> Line:
    """The parts for which there is room, each as a whole. Only the first one may be cut."""
    made = parts[0] if parts else ()
    for part in parts[1:]:
        if line_width(made) + line_width(part) <= cells:
            made = (*made, *part)
    return fit_line(made, cells)


def _refusal(notice: SafeText, cells: int) -> list[Line]:
    rows = wrapped(notice, cells - 2)
    if len(rows) > MOST_LINES:
        rest = SafeText(" ".join(rows[MOST_LINES - 1 :]))
        rows = [*rows[: MOST_LINES - 1], cut(rest, cells - 2)]
    return [fit_line((word(" "), Span(cut(row, cells - 2), "warn")), cells) for row in rows]


def _parts(facts: StatusFacts) -> list[Line]:
    """What the left part says, in its order. A part that has no room is left out as a whole."""
    parts: list[Line] = [facts.urgent] if facts.urgent else []
    parts += [_filtered(facts)] if facts.filter.text else []
    sort: list[Span] = [word(" sort ", "dim"), Span(facts.sort.label, "text")]
    if facts.sort.of_tree:
        sort.append(word(" Σ", "text"))
    if facts.reverse:
        sort.append(word(" reversed", "text"))
    parts.append(tuple(sort))
    if facts.moved:
        moved = Span(joined(number(facts.moved), own(" moved")), "warn")
        parts.append((
            word(" · ", "dim"), moved, word(", ", "dim"), Span(facts.sort_key, "key"), word(" re-sorts", "dim"),
        ))  # fmt: skip
    if facts.group:
        parts.append((word("  by ", "dim"), Span(facts.group, "text")))
    parts.append((word("  burn over ", "dim"), Span(duration(facts.window_s), "text")))
    if facts.marked:
        parts.append((word("  marked ", "dim"), Span(number(facts.marked), "accent"), word(" esc clears", "dim")))
    if facts.hidden:
        hidden = (word("  ", "dim"), Span(number(facts.hidden), "accent"), word(" hidden: ", "dim"))
        parts.append((*hidden, Span(facts.hide_key, "key"), word(" changes that", "dim")))
    return parts


def _filtered(facts: StatusFacts) -> Line:
    """The filter, how many lanes it shows, and what of it was not understood."""
    count = joined(number(facts.shown), own(" of "), number(facts.total))
    left = [word(" filter ", "dim"), Span(safe_text(facts.filter.text, limit=60), "accent")]
    left += [word(" ", "dim"), Span(count, "text")]
    if facts.problems:
        left += [word("  ", "dim"), Span(safe_text("; ".join(facts.problems), limit=200), "warn"), word(" ")]
    else:
        left.append(word("  esc clears  ", "dim"))
    return tuple(left)
