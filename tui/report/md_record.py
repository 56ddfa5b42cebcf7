"""What is left of a run, in Markdown: coverage, gaps, closeouts, what to keep, what was left half done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.report.document import Advice, Closeout, Coverage, Line, Run, Tick
from tui.report.md_page import MEMBERS, NAME, TITLE, Page, money_of, more
from tui.report.md_text import code, details, prose, table
from tui.report.plural import plural
from tui.report.shown import exact, length, rounded
from tui.text.format import percent

ACTION_ROWS = 200
RUNS = 12
MATRIX_OPEN = 12
"""A matrix with more rows is folded away."""
MATRIX_ROWS = 120
GAPS = 30
HALF = 40
_TICKS = {Tick.PASSED: "✓", Tick.FAILED: "✗", Tick.UNCLEAR: "?", Tick.MISSING: "–"}
_ADVICE = {
    Advice.KEEP: "core proofs: they hold what is true now",
    Advice.MOSTLY: "show how it was established, or bought something",
    Advice.COMPRESS: "repetition: one line each is enough",
    Advice.ARCHIVE: "acknowledgements and hand-outs: for an audit only",
}


def coverage(page: Page) -> list[str]:
    """The matrices, the large ones folded."""
    if not page.report.coverage:
        return []
    lines = ["## Coverage matrix", "", "✓ an executed result was seen and passed, ✗ it failed, ? it says neither, "
             "– it was not seen to run. Each cell is the last run in that action.", ""]  # fmt: skip
    for one in page.report.coverage:
        lines += _matrix(one)
    return lines


def _matrix(one: Coverage) -> list[str]:
    lines = [f"### {prose(one.run, limit=NAME)}", ""]
    lines += [
        f"{index}. {code(column.name, limit=TITLE)} ({column.kind}): passed in {column.passed}, failed in "
        f"{column.failed}, missing in {column.missing}"
        for index, column in enumerate(one.columns, 1)
    ]
    rows = one.rows[-MATRIX_ROWS:]
    matrix = table(
        ("action", *(f"{index}" for index in range(1, len(one.columns) + 1))),
        ((code(row.name, limit=NAME, cell=True), *(_TICKS[cell.tick] for cell in row.cells)) for row in rows),
    )
    left = one.rows_left_out + len(one.rows) - len(rows)
    cut = [
        f"{left} earlier actions" if left else "",
        f"{one.columns_left_out} rarer checks" if one.columns_left_out else "",
    ]
    named = " and ".join(filter(None, cut))
    matrix += [f"{named} left out.", ""] if named else []
    folded = details(f"{plural(len(rows), 'action')} by {plural(len(one.columns), 'check')}", matrix)
    return [*lines, "", *(folded if len(rows) > MATRIX_OPEN else matrix)]


def gaps(page: Page) -> list[str]:
    """What was never seen to be done."""
    gaps = page.report.gaps
    if not gaps:
        return []
    lines = ["## Missing gaps", "", "Declared, or done everywhere else, and never seen to be done.", ""]
    lines += [f"- {gap.kind}: {prose(gap.text, limit=300)}{page.at(gap.evidence)}" for gap in gaps[:GAPS]]
    return [*lines, "", *more(len(gaps), GAPS, "gaps")]


def closeouts(page: Page) -> list[str]:
    """The drafts, with blanks for a person."""
    if not page.report.closeouts:
        return []
    lines = ["## Closeout: a draft to finish", "",
             "Each line stands on an event. What only a person can say is left open.", ""]  # fmt: skip
    for one in page.report.closeouts:
        lines += _closeout(page, one)
    return lines


def _closeout(page: Page, one: Closeout) -> list[str]:
    lines = [f"### {prose(one.run, limit=NAME)}", ""]
    lines += _listed(page, "Goal, as it was given", one.goal, quoted=True)
    lines += _listed(page, "Proven", one.proven)
    lines += _listed(page, "Checks, the last run of each", one.checks)
    lines += _listed(page, f"Files changed{f' ({one.files_left_out} more)' if one.files_left_out else ''}", one.files)
    figures = one.figures
    lines += [f"**Spent**: {exact(figures.usage.total)} tokens, {money_of(figures)}, "
              f"{length(figures.duration_s)}.", ""]  # fmt: skip
    lines += _listed(page, "Open", one.questions)
    if one.keep:
        lines += [f"**Keep**: {_spans(one.keep)}", ""]
    if one.compress:
        lines += [f"**Compress**: {_spans(one.compress)}", ""]
    return [*lines, "**For a person to fill in**", *(f"- [ ] {blank} ____" for blank in one.blanks), ""]


def _listed(page: Page, title: str, lines: Iterable[Line], *, quoted: bool = False) -> list[str]:
    made = [
        f"- {code(line.text) if quoted else prose(line.text, limit=300)}{page.at(*line.evidence[:3])}" for line in lines
    ]
    return [f"**{title}**", *made, ""] if made else []


def retention(page: Page) -> list[str]:
    """What to keep, the chatter, and every action with the advice on it."""
    retention = page.report.retention
    rows = [one for one in retention.counts if one.actions]
    if not rows:
        return []
    lines = ["## What to keep of the record", ""]
    lines += table(
        ("advice", "actions", "tokens", "why"),
        ((f"**{one.advice.value}**", f"{one.actions}", rounded(one.tokens), _ADVICE[one.advice]) for one in rows),
        (1, 2),
    )
    chatter = retention.chatter
    if chatter.messages:
        lines += [
            f"Chatter: {chatter.messages} of {chatter.of} messages only acknowledge or hand out the next step. "
            f"The model calls that wrote them cost {exact(chatter.tokens)} tokens ({percent(chatter.share)}).", "",
        ]  # fmt: skip
    return [*lines, *_actions(page)]


def _actions(page: Page) -> list[str]:
    """Of lines of work in which there is something to compare."""
    runs = [run for run in page.report.runs if len(run.actions) > 1]
    lines = [line for run in runs[:RUNS] for line in _run_actions(page, run)]
    return [*lines, *more(len(runs), RUNS, "lines of work")]


def _run_actions(page: Page, run: Run) -> list[str]:
    rows = run.actions
    lines = [f"{prose(run.name, limit=NAME)}", ""]
    lines += table(
        ("action", "tokens", "fresh", "cost", "tools", "failed", "time", "new", "phase", "advice", "why", "where"),
        (
            (prose(row.name, limit=NAME, cell=True), rounded(row.figures.usage.total),
             rounded(row.figures.usage.fresh), money_of(row.figures), f"{row.figures.tool_calls}",
             f"{row.figures.errors}", length(row.figures.duration_s), f"{row.truths.total}",
             f"{row.phase}" if row.phase else "", row.advice.value, prose(row.reason, limit=160, cell=True),
             page.ref(row.evidence))
            for row in rows[:ACTION_ROWS]
        ),
        range(1, 9),
    )  # fmt: skip
    return details(f"Every action: {len(rows)}", [*lines, *more(len(rows), ACTION_ROWS, "actions")])


def half_done(page: Page) -> list[str]:
    """What was left half done, if anything."""
    half = page.report.half_done
    if not half:
        return []
    lines = ["## Left half done", ""]
    for one in half[:HALF]:
        kind = one.kind.value.replace("_", " ")
        lane = f" {code(one.lane, limit=NAME)}" if page.several else ""
        lines.append(f"- **{kind}**{lane}: {prose(one.text, limit=300)}{page.at(*one.evidence[:3])}")
    return [*lines, "", *more(len(half), HALF, "of these")]


def _spans(spans: Sequence[str]) -> str:
    shown = ", ".join(prose(span, limit=NAME * 2) for span in spans[:MEMBERS])
    return f"{shown} and {len(spans) - MEMBERS} more" if len(spans) > MEMBERS else shown
