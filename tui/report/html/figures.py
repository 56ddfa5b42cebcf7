"""The section of tokens: by class, agent, model, command and issue; each token once."""

from __future__ import annotations

from typing import LiteralString

from tui.model.usage import Usage
from tui.report.document import Figures, Row, Table
from tui.report.html.chart_rows import Part, parts_bar, swatch
from tui.report.html.markup import Markup, element, group
from tui.report.html.parts import (
    cell,
    exact_cell,
    folded,
    head_cell,
    money_cell,
    number_cell,
    number_column,
    row,
    said,
    share_cell,
    table,
    text_column,
    token_cell,
)
from tui.report.html.places import Places
from tui.report.html.sections import TOKENS, drawn
from tui.report.shown import rounded
from tui.text.format import UNKNOWN
from tui.text.format import percent as percent_words
from tui.text.styled_text import joined, number, own

ROWS_OPEN = 12
"""Longer tables are folded."""


def tokens_section(places: Places) -> Markup | None:
    """Where the tokens went; None if none were spent."""
    report = places.report
    parts = (
        _classes(report.head.figures.usage),
        _rows(report.head.agents, "By agent", "Agent", "Lanes"), _rows(report.models, "By model", "Model", "Lanes"),
        _rows(report.commands, "By slash command", "Command", "Runs"),
        _rows(report.issues, "By issue", "Issue", "Actions"),
    )  # fmt: skip
    return drawn(TOKENS, *parts) if any(parts) else None


def _classes(usage: Usage) -> Markup | None:
    if not usage.total:
        return None
    parts = (
        Part(own("cache reads"), usage.cache_read, "u-cache-read", "#55647a"),
        Part(own("cache writes"), usage.cache_write, "u-cache-write", "#692fa5"),
        Part(own("input"), usage.input, "u-input", "#02629c"),
        Part(own("output"), usage.output, "u-output", "#5c6413"),
    )
    caption = element(
        "figcaption", element("strong", own("By class")),
        own(" · all tokens above; below, the fresh ones alone (all but cache reads): "), rounded(usage.fresh),
        own(", "),
        percent_words(usage.fresh / usage.total), own(" of all."),
    )  # fmt: skip
    rows = [
        row(
            head_cell(swatch(part.look, part.fill), own(" "), part.name), exact_cell(part.count),
            share_cell(part.count / usage.total, part.look),
        )
        for part in parts
    ]  # fmt: skip
    reasoning = joined(own("of which reasoning: "), number(usage.reasoning)) if usage.reasoning else None
    foot = row(head_cell(own("total")), exact_cell(usage.total), element("td", reasoning, class_="dim"))
    all_words = joined(own("All tokens by class, "), rounded(usage.total))
    fresh_words = joined(own("Fresh tokens by class, "), rounded(usage.fresh))
    columns = (text_column("Class"), number_column("Tokens"), number_column("Share"))
    return group(
        element(
            "figure", caption, parts_bar(parts, all_words),
            parts_bar(parts[1:], fresh_words) if usage.fresh else None, class_="bars",
        ),
        table(own("Tokens by class"), columns, rows, foot, class_="narrow"),
    )  # fmt: skip


def _rows(listing: Table, caption: LiteralString, name: LiteralString, of: LiteralString) -> Markup | None:
    """A table of figures; a long one is opened by who wants it."""
    if not listing.rows:
        return None
    # A tool call is no model's: where nothing counts them, the columns would tell a zero that nobody knows.
    with_tools = any(each.figures.tool_calls for each in listing.rows)
    tools = (number_column("Tool calls"), number_column("Failed")) if with_tools else ()
    columns = (
        text_column(name), number_column(of), number_column("Tokens"), number_column("Share"),
        number_column("Fresh", "without cache reads"), number_column("Tokens per hour", "over the whole window"),
        number_column("Cost"), number_column("Calls"), *tools,
    )  # fmt: skip
    rows = [_row(each, with_tools=with_tools) for each in listing.rows]
    if listing.left_out:
        rows.append(_rest(listing.left_out, listing.rest, with_tools=with_tools))
    made = table(own(caption), columns, rows)
    if len(rows) <= ROWS_OPEN:
        return made
    title = joined(own(caption), own(": "), number(len(listing.rows) + listing.left_out))
    return folded(title, made)


def _row(each: Row, *, with_tools: bool) -> Markup:
    return row(
        head_cell(said(each.name, 60)), number_cell(number(each.count)), exact_cell(each.figures.usage.total),
        share_cell(each.share), token_cell(each.figures.usage.fresh),
        number_cell(number(each.burn) if each.burn is not None else UNKNOWN),
        *_counts(each.figures, with_tools=with_tools),
    )  # fmt: skip


def _rest(count: int, figures: Figures, *, with_tools: bool) -> Markup:
    return row(
        head_cell(own("the other "), number(count)), cell(), exact_cell(figures.usage.total), cell(),
        token_cell(figures.usage.fresh), cell(), *_counts(figures, with_tools=with_tools),
    )  # fmt: skip


def _counts(figures: Figures, *, with_tools: bool) -> tuple[Markup, ...]:
    tools = (number_cell(number(figures.tool_calls)), number_cell(number(figures.errors))) if with_tools else ()
    return (money_cell(figures.cost_usd), number_cell(number(figures.calls)), *tools)
