"""What is left of the run: coverage and gaps, drafts of a closeout, half-done work, and what to keep of the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from tui.report.document import (
    Advice,
    Closeout,
    Coverage,
    CoverageRow,
    Gap,
    HalfDone,
    HalfKind,
    Line,
    Retention,
    Tick,
)
from tui.report.html.chart_rows import Part, parts_bar, swatch
from tui.report.html.markup import Child, Markup, element, group
from tui.report.html.parts import (
    and_more,
    counted,
    exact_cell,
    folded,
    head_cell,
    listed,
    note,
    number_cell,
    number_column,
    row,
    said,
    scrolled,
    share_cell,
    statements,
    table,
    text_column,
)
from tui.report.html.places import Places
from tui.report.html.sections import CLOSEOUT, COVERAGE, HALF_DONE, RETENTION, drawn
from tui.report.html.work import ADVICE
from tui.report.shown import rounded, shown
from tui.text.format import money
from tui.text.format import percent as percent_words
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, number, own

ACROSS = 44
"""Actions in one grid; more of them go on in the next, so that it fits on paper."""
GAPS_SHOWN = 60
CLOSEOUTS_SHOWN = 12
HALVES_SHOWN = 80


class _TickLook(NamedTuple):
    """A cell of the grid: its sign, its word, its colour."""

    glyph: SafeText
    word: SafeText
    look: LiteralString


_TICKS: dict[Tick, _TickLook] = {
    Tick.PASSED: _TickLook(own("✓"), own("passed"), "tick-passed"),
    Tick.FAILED: _TickLook(own("✗"), own("failed"), "tick-failed"),
    Tick.UNCLEAR: _TickLook(own("~"), own("ran, unclear"), "tick-unclear"),
    Tick.MISSING: _TickLook(own("·"), own("not run"), "tick-missing"),
}
_HALVES: dict[HalfKind, SafeText] = {
    HalfKind.OPEN_CALL: own("call without a result"),
    HalfKind.CUT_OFF: own("cut off"),
    HalfKind.PLAN: own("plan not done"),
    HalfKind.UNCHECKED_EDIT: own("edit without a check"),
    HalfKind.FAILING_CHECK: own("check still fails"),
    HalfKind.CLAIM: own("claim without evidence"),
}
_ADVICE_LOOKS: dict[Advice, tuple[LiteralString, LiteralString]] = {
    Advice.KEEP: ("s0", "#2d52b3"),
    Advice.MOSTLY: ("s1", "#5c8fd6"),
    Advice.COMPRESS: ("s6", "#7a5c28"),
    Advice.ARCHIVE: ("s-rest", "gray"),
}


# -- coverage ---------------------------------------------------------------------------------------


def coverage_section(places: Places) -> Markup | None:
    """Which action ran which check, and what nobody was seen to do."""
    grids = [_coverage(each) for each in places.report.coverage if each.columns and each.rows]
    gaps = _gaps(places, places.report.gaps)
    return drawn(COVERAGE, *grids, gaps) if grids or gaps is not None else None


def _coverage(coverage: Coverage) -> Markup:
    key = [group(element("span", look.glyph, class_=look.look), own(" "), look.word) for look in _TICKS.values()]
    grids = [_grid(coverage, low) for low in range(0, len(coverage.rows), ACROSS)]
    left: list[Child] = []
    if coverage.rows_left_out:
        left.append(counted(coverage.rows_left_out, "action", "actions"))
    if coverage.columns_left_out:
        left.append(counted(coverage.columns_left_out, "check", "checks"))
    told = note(own("Not shown: "), listed(left, " and "), own(".")) if left else None
    return element(
        "article", element("h3", own("Checks by action: "), said(coverage.run, 80)),
        note(own("A tick stands only where a result was seen. "), listed(key, " · ")), *grids, told,
    )  # fmt: skip


def _grid(coverage: Coverage, low: int) -> Markup:
    """Checks down, actions across."""
    rows = coverage.rows[low : low + ACROSS]
    heads = [element("th", element("span", said(each.name, 14)), scope="col", title=_title(each)) for each in rows]
    ends = [element("th", words, scope="col", class_="num") for words in (own("passed"), own("failed"), own("none"))]
    is_last = low + ACROSS >= len(coverage.rows)
    ends = ends if is_last else []
    body = [_check(coverage, at, rows, is_last=is_last) for at in range(len(coverage.columns))]
    name = joined(own("Checks by action, "), _title(rows[0]), own(" to "), _title(rows[-1]))
    return scrolled(
        name,
        element(
            "table", element("caption", name, class_="unseen"),
            element("thead", element("tr", element("th", own("Check"), scope="col"), *heads, *ends)),
            element("tbody", *body), class_="grid-table",
        ),
    )  # fmt: skip


def _check(coverage: Coverage, at: int, rows: Sequence[CoverageRow], *, is_last: bool) -> Markup:
    """One check: its cells, and behind the last ones its sums over all actions."""
    column = coverage.columns[at]
    cells: list[Markup] = []
    for each in rows:
        tick = each.cells[at].tick if at < len(each.cells) else Tick.MISSING
        look = _TICKS[tick]
        words = joined(_title(each), own(": "), look.word)
        cells.append(element("td", element("span", look.glyph, class_=look.look, title=words)))
    sums = [number_cell(number(count)) for count in (column.passed, column.failed, column.missing)]
    name = head_cell(
        element("code", said(column.name, 48)), own(" "), element("span", said(column.kind, 12), class_="dim")
    )
    return row(name, *cells, *(sums if is_last else ()))


def _title(each: CoverageRow) -> SafeText:
    return shown(each.name, limit=40)


def _gaps(places: Places, gaps: Sequence[Gap]) -> Markup | None:
    if not gaps:
        return None
    items = [
        element("li", element("span", said(gap.kind, 12), class_="tag"), own(" "), said(gap.text, 300),
                *places.refs([gap.evidence] if gap.evidence is not None else ()))
        for gap in gaps[:GAPS_SHOWN]
    ]  # fmt: skip
    return element(
        "article", element("h3", own("Gaps")),
        note(own("Declared, or done elsewhere, and never seen to be done here.")),
        element("ul", *items, class_="statements"), and_more(len(gaps) - GAPS_SHOWN),
    )  # fmt: skip


# -- closeout ---------------------------------------------------------------------------------------


def closeout_section(places: Places) -> Markup | None:
    """Drafts of the closing report of each line of work."""
    closeouts = places.report.closeouts
    if not closeouts:
        return None
    told = note(own("Drafts from the transcripts, for a person to finish. A statement without a reference is a blank."))
    shown = [_closeout(places, each, is_open=index == 0) for index, each in enumerate(closeouts[:CLOSEOUTS_SHOWN])]
    return drawn(CLOSEOUT, told, *shown, and_more(len(closeouts) - CLOSEOUTS_SHOWN))


def _closeout(places: Places, draft: Closeout, *, is_open: bool) -> Markup:
    spent = draft.figures
    used = group(
        rounded(spent.usage.total), own(" tokens, "), money(spent.cost_usd), own(", "),
        counted(spent.calls, "model call", "model calls"), own(", "),
        counted(spent.tool_calls, "tool call", "tool calls"), own(", "), number(spent.errors), own(" failed"),
    )  # fmt: skip
    files_more = and_more(draft.files_left_out)
    body = element(
        "dl",
        _part(places, "Goal", draft.goal), _part(places, "Proven", draft.proven),
        _part(places, "Files", draft.files, files_more), _part(places, "Checks", draft.checks),
        element("div", element("dt", own("Figures")), element("dd", used)),
        _part(places, "Open questions", draft.questions), _words("Keep", draft.keep),
        _words("Compress", draft.compress),
        _words("For a person to say", draft.blanks, "blanks"), class_="terms",
    )  # fmt: skip
    return folded(group(own("Draft: "), element("strong", said(draft.run, 80))), body, is_open=is_open)


def _part(places: Places, name: LiteralString, lines: Sequence[Line], more: Markup | None = None) -> Markup | None:
    if not lines:
        return None
    return element("div", element("dt", own(name)), element("dd", statements(places, lines, 30), more))


def _words(name: LiteralString, words: Sequence[str], look: LiteralString = "statements") -> Markup | None:
    if not words:
        return None
    items = [element("li", said(each, 300)) for each in words[:30]]
    return element(
        "div", element("dt", own(name)), element("dd", element("ul", *items, class_=look), and_more(len(words) - 30))
    )


# -- half done --------------------------------------------------------------------------------------


def half_done_section(places: Places) -> Markup | None:
    """What lanes left half done."""
    halves = places.report.half_done
    if not halves:
        return None
    return drawn(HALF_DONE,
        element("ul", *(_half(places, each) for each in halves[:HALVES_SHOWN]), class_="statements"),
        and_more(len(halves) - HALVES_SHOWN),
    )  # fmt: skip


def _half(places: Places, half: HalfDone) -> Markup:
    return element(
        "li", element("span", _HALVES.get(half.kind, own("?")), class_="tag"), own(" "), said(half.text, 300),
        own(" · "), places.lane_link(half.lane), *places.refs(half.evidence),
    )  # fmt: skip


# -- retention --------------------------------------------------------------------------------------


def retention_section(places: Places) -> Markup | None:
    """How much of the record is worth keeping, and what the chatter cost."""
    retention = places.report.retention
    parts = _advice(retention), _chatter(places, retention)
    return drawn(RETENTION, *parts) if any(parts) else None


def _advice(retention: Retention) -> Markup | None:
    whole = sum(each.tokens for each in retention.counts)
    if not any(each.actions for each in retention.counts):
        return None
    parts = [Part(ADVICE[each.advice], each.tokens, *_ADVICE_LOOKS[each.advice]) for each in retention.counts]
    rows = [
        row(
            head_cell(swatch(part.look, part.fill), own(" "), part.name), number_cell(number(each.actions)),
            exact_cell(each.tokens), share_cell(each.tokens / whole if whole else None, part.look),
        )
        for each, part in zip(retention.counts, parts, strict=True)
    ]  # fmt: skip
    columns = (text_column("Advice"), number_column("Actions"), number_column("Tokens"), number_column("Share"))
    bar = element("figure", parts_bar(parts, own("Tokens by advice")), class_="bars") if whole else None
    told = note(own("The advice on each action, with its reason, stands in the table of actions."))
    return group(bar, table(own("Advice on the record of actions"), columns, rows, class_="narrow"), told)


def _chatter(places: Places, retention: Retention) -> Markup | None:
    chatter = retention.chatter
    if not chatter.messages:
        return None
    return element(
        "p", own("Acknowledgements and next steps without any tool: "), element("strong", number(chatter.messages)),
        own(" of "), counted(chatter.of, "message", "messages"), own(", "), rounded(chatter.tokens), own(" tokens ("),
        percent_words(chatter.share), own("), "), counted(chatter.actions, "action is", "actions are"),
        own(" nothing else."), *places.refs(chatter.first[:8]),
    )  # fmt: skip
