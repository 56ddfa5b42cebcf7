"""The comparison as Markdown."""

from __future__ import annotations

from tui.report.comparison import Comparison, Measure, Pair, Pairs, Side
from tui.report.md_text import code, prose, table
from tui.report.shown import clock, exact, length, rounded
from tui.text.format import figure, money, percent

ROWS = 20
NAME = 60


def comparison_markdown(document: Comparison) -> str:
    """The whole document. Ends in a newline."""
    a, b = document.a, document.b
    lines = [
        "# Two runs side by side", "",
        *table(("", "A", "B"), (
            ("what", code(a.label, cell=True), code(b.label, cell=True)),
            ("window, UTC", _window(a), _window(b)),
            ("lanes, actions", f"{a.lanes}, {a.actions}", f"{b.lanes}, {b.actions}"),
            ("models", code(", ".join(a.models), cell=True), code(", ".join(b.models), cell=True)),
            ("medians are of", code(a.run, cell=True), code(b.run, cell=True)),
            ("secrets masked", f"{a.masked}", f"{b.masked}"),
        )),
    ]  # fmt: skip
    if document.doubts:
        lines += [*(f"- {prose(doubt)}" for doubt in document.doubts), ""]
    lines += ["## Per action, per hour", "", *_measured(document, adds_up=False)]
    lines += ["## Sums over the window", "", *_measured(document, adds_up=True)]
    for pairs in document.pairs:
        lines += _pairs(pairs)
    lines += ["## What happened", ""]
    for letter, side in (("A", a), ("B", b)):
        lines += [f"**{letter}** {prose(' '.join(side.verdict.sentences))}", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _window(side: Side) -> str:
    window = side.window
    return f"{clock(window.start)} to {clock(window.end)} ({length(window.duration_s)})"


def _measured(document: Comparison, *, adds_up: bool) -> list[str]:
    return table(
        ("", "A", "B", "change"),
        (
            (one.name, _value(one, one.a), _value(one, one.b), _change(one.change))
            for one in document.measures if one.adds_up is adds_up
        ),
        range(1, 4),
    )  # fmt: skip


def _value(measure: Measure, value: float | None) -> str:
    if value is None:
        return "?"
    match measure.unit:
        case "dollars":
            return money(value)
        case "seconds":
            return length(value)
        case "share":
            return percent(value)
        case "count":
            return f"{value:,.0f}" if value == int(value) else figure(value)
        case _:
            return rounded(value)


def _pairs(pairs: Pairs) -> list[str]:
    if not pairs.rows:
        return []
    lines = [f"## By {pairs.sort}", ""]
    lines += table(
        ("", f"A {pairs.counted}", "A tokens", "A each", f"B {pairs.counted}", "B tokens", "B each", "change of each"),
        (_cells(row) for row in pairs.rows[:ROWS]),
        range(1, 8),
    )
    left = len(pairs.rows) - ROWS + pairs.left_out
    return [*lines, *([f"{left} more with less.", ""] if left > 0 else [])]


def _cells(row: Pair) -> tuple[str, ...]:
    return (
        code(row.name, limit=NAME, cell=True), _count(row.a_count), _tokens(row.a_tokens), _each(row.a_each),
        _count(row.b_count), _tokens(row.b_tokens), _each(row.b_each), _change(row.change),
    )  # fmt: skip


def _count(count: int) -> str:
    return f"{count}" if count else "–"


def _tokens(count: int | None) -> str:
    return "–" if count is None else exact(count)


def _each(count: float | None) -> str:
    return "–" if count is None else rounded(count)


def _change(change: float | None) -> str:
    """`+12%`, `-40%`, `×3.2`; a change that nobody can tell is left blank."""
    if change is None:
        return ""
    if change >= 2:
        return f"×{change + 1:.1f}"
    if abs(change) < 0.005:
        return "0%"
    return f"{'+' if change > 0 else '-'}{abs(change):.0%}"
