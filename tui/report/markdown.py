"""The report as Markdown that reads well on a code host: what matters first, each number explained, all texts safe."""

from __future__ import annotations

from tui.report import md_figures, md_record, md_story
from tui.report.document import Report
from tui.report.md_page import NAME, Page, money_of
from tui.report.md_text import code, prose, table
from tui.report.plural import plural
from tui.report.shown import clock, exact, length, rounded, time_of_day
from tui.text.format import percent


def markdown(report: Report) -> str:
    """The whole document. Ends in a newline."""
    page = Page(report)
    if not report.lanes:
        return "\n".join(nothing(page)).rstrip("\n") + "\n"
    lines = [
        *head(page), *md_story.stop(page), *md_story.findings(page), *md_story.phases(page), *md_story.families(page),
        *md_story.timeline(page), *md_record.coverage(page), *md_record.gaps(page), *md_record.closeouts(page),
        *md_record.retention(page), *md_record.half_done(page), *md_figures.lanes(page), *md_figures.tables(page),
        *md_figures.sources(page), *_how_to_read(),
    ]  # fmt: skip
    return "\n".join(lines).rstrip("\n") + "\n"


def nothing(page: Page) -> list[str]:
    """Nobody did anything: that, what was asked for, and what could not be read."""
    head = page.report.head
    window = head.window
    lines = [f"# {prose(head.title, limit=120)}", ""]
    lines += [f"> {prose(sentence)}" for sentence in head.verdict.sentences]
    if window.asked_from is not None or window.asked_to is not None:
        start = clock(window.asked_from) if window.asked_from is not None else "the beginning"
        end = clock(window.asked_to) if window.asked_to is not None else "the end"
        lines += ["", f"Looked at: {start} to {end}, UTC."]
    lines += ["", *_notes(page)]
    return [*lines, *(md_figures.sources(page) if head.skipped else [])]


def head(page: Page) -> list[str]:
    """What the reader sees first: the verdict, the figures, the doubts about them."""
    head = page.report.head
    lines = [f"# Postmortem: {prose(head.title, limit=120)}", ""]
    lines += [f"> {prose(sentence)}" for sentence in head.verdict.sentences]
    lines += ["", *table(("", ""), _metrics(page))]
    return [*lines, *_agents(page), *_notes(page)]


def _metrics(page: Page) -> list[tuple[str, str]]:
    head = page.report.head
    figures, window = head.figures, head.window
    hours = f" ({window.duration_s / 3600:.3f} h)" if window.duration_s is not None else ""
    usage = figures.usage
    rows = [
        ("Window", f"{clock(window.start)} to {_end(window.start, window.end)} UTC"),
        ("Duration", f"{length(window.duration_s)}{hours}"),
        ("Lanes, actions", f"{plural(head.lanes, 'lane')}, {plural(head.actions, 'action')}"),
    ]
    for one in head.sequences[:4]:
        missing = f", {one.missing_count} missing" if one.missing_count else ""
        each = f"; {rounded(one.tokens_each)} tokens and {length(one.seconds_each)} each" if one.count else ""
        words = f"{one.count} ({prose(one.first, cell=True)} to {prose(one.last, cell=True)}{missing}){each}"
        rows.append(("Numbered actions", words))
    rows += [
        ("Tokens", f"**{exact(usage.total)}** ({rounded(usage.total)})"),
        ("… of these fresh", f"{exact(usage.fresh)}: {exact(usage.input)} input, {exact(usage.cache_write)} cache "
         f"writes, {exact(usage.output)} output"),
        ("… and read from the cache", exact(usage.cache_read)),
        ("Burn over the window", f"**{rounded(head.burn)}** tokens an hour"),
        ("Cost at list price", money_of(figures)),
        ("Model calls", f"{figures.calls:,}"),
        ("Tool calls", f"{figures.tool_calls:,}, {figures.errors:,} of them failed"),
        ("Secrets masked", f"{head.masked}"),
    ]  # fmt: skip
    if head.skipped_lines:
        rows.append(
            ("Could not be read", f"{plural(head.skipped_lines, 'line or file', 'lines or files')}, named at the end")
        )
    return rows


def _agents(page: Page) -> list[str]:
    return table(
        ("agent", "lanes", "tokens", "", "share", "burn, tokens/h", "fresh", "cost"),
        (
            (code(row.name, limit=NAME, cell=True), f"{row.count}", exact(row.figures.usage.total),
             rounded(row.figures.usage.total), percent(row.share), rounded(row.burn),
             rounded(row.figures.usage.fresh), money_of(row.figures))
            for row in page.report.head.agents.rows
        ),
        range(1, 8),
    )  # fmt: skip


def _notes(page: Page) -> list[str]:
    lines = [f"- **{note.kind}**: {prose(note.text)}{page.of(note.lanes)}" for note in page.report.head.notes]
    return [*lines, ""] if lines else []


def _how_to_read() -> list[str]:
    return [
        "## How to read this", "",
        "- Times are UTC. `T1:4711` is the line that begins at byte 4711 of transcript T1, under Sources.",
        "- Words in `code` are quoted from transcripts. Secrets in them are masked, home folders stand as `~`.",
        "- Each model call is counted once, however many lines and files repeat it. *Fresh* is all but cache reads.",
        "- Burn is tokens by the hours of the whole window, so that rows add up; *own burn* by the lane's own hours.",
        "- Cost is at list price; `$ ?` where a model has no known price. Unknown is `?`, never zero.",
        "- *New things* are files, outcomes of checks, errors and commands that the line of work had never seen, "
        "labels and numbers set aside. *Novelty* is the mean share of what was new in a step, *alike* how much an "
        "action shares the shape of one of the three before it.",
        "- A phase ends where the rate of new things changes for good; a fall is dated to the action at which nothing "
        "new had come for longer than ever before in that phase.",
    ]  # fmt: skip


def _end(start: float | None, end: float | None) -> str:
    """The end without its day where that is the start's."""
    if start is None or end is None or _day(start) != _day(end):
        return clock(end)
    return time_of_day(end)


def _day(at: float) -> str:
    return clock(at)[:10]
