"""The line above the keys: how the table is ordered and filtered, and what was just said."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view.arrange import Filter, Sort
from tui.view.safe_text import SafeText, safe_text
from tui.view.spans import Line, Span, joined, number, own, spread, word
from tui.view.words import duration


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What the status line says."""

    sort: Sort
    reverse: bool
    filter: Filter
    shown: int
    total: int
    window_s: int
    notice: SafeText | None = None
    loud: bool = False
    """The notice is a refusal or a failure."""
    own_cost: SafeText | None = None
    marked: int = 0


_SORTS = {
    Sort.ATTENTION: own("attention"),
    Sort.BURN: own("burn"),
    Sort.TOKENS: own("tokens"),
    Sort.COST: own("cost"),
    Sort.RECENT: own("last event"),
    Sort.NAME: own("name"),
    Sort.REPETITION: own("repetition"),
}
SORT_COLUMNS = {
    Sort.ATTENTION: "word", Sort.BURN: "burn", Sort.TOKENS: "tokens", Sort.COST: "cost", Sort.RECENT: "age",
    Sort.NAME: "name", Sort.REPETITION: "rep",
}  # fmt: skip


def status_line(facts: StatusFacts, cells: int) -> Line:
    """Order and filter at the left, the notice at the right."""
    left: list[Span] = [word(" sort ", "dim"), Span(_SORTS[facts.sort], "text")]
    if facts.reverse:
        left.append(word(" reversed", "text"))
    left += [word("  burn over ", "dim"), Span(duration(facts.window_s), "text")]
    if facts.marked:
        left += [word("  marked ", "dim"), Span(number(facts.marked), "accent"), word(" esc clears", "dim")]
    if facts.filter.text:
        count = joined(number(facts.shown), own(" of "), number(facts.total))
        left += [word("  filter ", "dim"), Span(safe_text(facts.filter.text, limit=60), "accent")]
        left += [word(" ", "dim"), Span(count, "text"), word("  esc clears", "dim")]
    right: list[Span] = []
    if facts.own_cost is not None:
        right += [Span(facts.own_cost, "dim"), word(" ")]
    if facts.notice is not None:
        right += [Span(facts.notice, "warn" if facts.loud else "accent"), word(" ")]
    return spread(tuple(left), tuple(right), cells)
