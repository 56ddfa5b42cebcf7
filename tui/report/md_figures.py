"""Lanes, tables of figures and sources, in Markdown."""

from __future__ import annotations

from tui.report.document import LaneRow, Row, Table
from tui.report.md_page import NAME, ROWS, TITLE, Page, money_of, more
from tui.report.md_text import code, details, prose, table
from tui.report.shown import exact, length, rounded
from tui.text.format import percent

LANES = 60
SOURCES = 60


def lanes(page: Page) -> list[str]:
    """The lanes as a tree, and what each did."""
    rows = page.report.lanes
    lines = ["## Lanes", ""]
    lines += table(
        ("lane", "what", "model", "tokens", "fresh", "cost", "calls", "tools", "failed", "duration", "own burn/h",
         "context first → last", "ends"),
        (
            (f"{'↳ ' * min(row.depth, 6)}{code(row.id, limit=NAME, cell=True)}",
             code(row.title, limit=TITLE, cell=True), code(", ".join(row.models), limit=NAME, cell=True),
             rounded(row.figures.usage.total), rounded(row.figures.usage.fresh), money_of(row.figures),
             f"{row.figures.calls}", f"{row.figures.tool_calls}", f"{row.figures.errors}",
             length(row.figures.duration_s), rounded(row.own_burn),
             f"{rounded(row.context_first)} → {rounded(row.context_last)}", row.state.value.replace("_", " "))
            for row in rows[:LANES]
        ),
        range(3, 11),
    )  # fmt: skip
    lines += more(len(rows), LANES, "lanes")
    digests = [line for row in rows[:LANES] for line in _digest(page, row)]
    return [*lines, *(details("What each lane did", digests) if digests else [])]


def _digest(page: Page, row: LaneRow) -> list[str]:
    digest = row.digest
    lines: list[str] = []
    if digest.files:
        more = f" and {digest.files_count - len(digest.files)} more" if digest.files_count > len(digest.files) else ""
        lines.append(f"- files: {', '.join(code(path, limit=TITLE) for path in digest.files)}{more}")
    if digest.commands:
        lines.append(f"- commands: {', '.join(code(one, limit=NAME) for one in digest.commands)}")
    lines += [f"- check: {prose(line.text, limit=200)}{page.at(*line.evidence)}" for line in digest.checks]
    if digest.last_words is not None:
        lines.append(f"- last words: {code(digest.last_words.text, limit=300)}{page.at(*digest.last_words.evidence)}")
    return [f"**{code(row.id, limit=NAME)}** {code(row.title, limit=TITLE)}", *lines, ""] if lines else []


def tables(page: Page) -> list[str]:
    """Figures by model, slash command and issue."""
    report = page.report
    return [
        *_table("By model", report.models, "lanes"),
        *_table("By command", report.commands, "runs"),
        *_table("By issue", report.issues, "actions"),
    ]


def _table(title: str, rows: Table, counted: str) -> list[str]:
    if not rows.rows:
        return []
    lines = [f"## {title}", ""]
    lines += table(
        ("", counted, "tokens", "share", "burn, tokens/h", "fresh", "cost", "model calls", "tools", "failed"),
        (_figures(row) for row in rows.rows[:ROWS]),
        range(1, 10),
    )
    left = len(rows.rows) - ROWS + rows.left_out
    return [*lines, *([f"{left} more with less.", ""] if left > 0 else [])]


def _figures(row: Row) -> tuple[str, ...]:
    figures = row.figures
    return (
        code(row.name, limit=NAME, cell=True), f"{row.count}", exact(figures.usage.total), percent(row.share),
        rounded(row.burn), rounded(figures.usage.fresh), money_of(figures), f"{figures.calls}",
        f"{figures.tool_calls}", f"{figures.errors}",
    )  # fmt: skip


def sources(page: Page) -> list[str]:
    """The transcripts that evidence refers to, and what could not be read."""
    report = page.report
    lines = ["## Sources", ""]
    lines += [
        f"- **{source.ref}** {code(source.path)}: {', '.join(code(lane, limit=NAME) for lane in source.lanes[:8])}"
        for source in report.sources[:SOURCES]
    ]
    lines += ["", *more(len(report.sources), SOURCES, "transcripts")]
    skipped = report.head.skipped
    if skipped:
        lines += ["Could not be read:", ""]
        lines += [
            f"- {code(skip.path)}{f', line {skip.line}' if skip.line else ''}: {prose(skip.why)}"
            for skip in skipped[:ROWS]
        ]
        lines += ["", *more(report.head.skipped_lines, ROWS, "of these")]
    return lines
