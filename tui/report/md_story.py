"""What happened, in Markdown: stop point, findings, phases, families, timeline."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import Evidence
from tui.model.finding import QUESTION, Family
from tui.report.document import Moment, MomentKind, Phase, Run, Series, StopPoint, Timeline, Truth, Truths
from tui.report.md_page import MEMBERS, NAME, ROWS, TITLE, Page, cost_of, more, spark
from tui.report.md_text import code, details, prose, table
from tui.report.plural import plural
from tui.report.shown import clock, exact, length, rounded, shown
from tui.text.format import percent

PHASED_ROWS = 400
MOMENTS = 60
FAMILIES = 12
FINDINGS = 60
SPARK_CELLS = 72
EARLIER = 5
"""Findings before the stop point that are named."""


def stop(page: Page) -> list[str]:
    """The stop point and the saving, if any rule ever said stop."""
    stop = page.report.stop
    if stop is None:
        return []
    finding = stop.finding
    where = f", in {code(stop.action, limit=NAME)}" if stop.action else ""
    lines = [
        "## Stop point", "",
        f"At {clock(stop.at)} UTC{where}: **{finding.kind.value}**, {prose(stop.title)}.",
        *_told(stop), "",
        *table(("", "tokens", "", "of all", "cost", "time"), (
            ("lanes concerned, after it: the saving", exact(stop.tokens), rounded(stop.tokens),
             percent(stop.share), cost_of(stop.cost_usd), length(stop.seconds)),
            ("all lanes, after it", exact(stop.all_tokens), rounded(stop.all_tokens),
             percent(_part(stop.all_tokens, page.total)), cost_of(stop.all_cost_usd), ""),
        ), range(1, 6)),
    ]  # fmt: skip
    if len(stop.lanes) > 1:
        lines += table(
            ("lane", "tokens after it", "cost", "time", "concerned"),
            (
                (code(one.lane, limit=NAME, cell=True), exact(one.tokens), cost_of(one.cost_usd), length(one.seconds),
                 "yes" if one.concerned else "")
                for one in sorted(stop.lanes, key=lambda one: -one.tokens)[:ROWS]
            ),
            range(1, 4),
        )  # fmt: skip
    return [*lines, f"*{prose(stop.caveat)}*", ""]


def _told(stop: StopPoint) -> list[str]:
    """What it came to, what had said stop on other lanes, and what the window has of it."""
    lines = [f"In the end it was {prose(stop.in_the_end)}."] if stop.in_the_end else []
    lines += [
        f"Before it, at {clock(one.since)}, **{one.kind.value}** said stop"
        f"{f' on {code(one.lane, limit=NAME)}' if one.lane else ''}."
        for one in stop.earlier[:EARLIER]
    ]
    if len(stop.earlier) > EARLIER:
        lines.append(f"{len(stop.earlier) - EARLIER} more said stop before it.")
    return [*lines, *_since_before(stop)]


def _since_before(stop: StopPoint) -> list[str]:
    return (
        ["It held since before the window began; what is counted begins with the window."] if stop.before_window else []
    )


def findings(page: Page) -> list[str]:
    """All findings in the order of time, their evidence folded."""
    found = page.report.findings
    if not found:
        return ["## Findings", "", "None.", ""]
    lines = ["## Findings", ""]
    lines += table(
        ("since", "until", "finding", "lane", "in action", "tokens since", "of all", "suggests"),
        (
            (clock(one.finding.since), clock(one.finding.until) if one.finding.until else "holds",
             f"**{one.finding.kind.value}** {prose(one.finding.title, limit=200, cell=True)}",
             code(one.finding.lane or "all lanes", limit=NAME, cell=True), prose(one.action, limit=NAME, cell=True),
             rounded(one.finding.tokens_since), percent(one.share),
             one.finding.suggest.value if one.finding.suggest else "")
            for one in found[:FINDINGS]
        ),
        (5, 6),
    )  # fmt: skip
    lines += more(len(found), FINDINGS, "findings")
    evidence: list[str] = []
    for one in found[:FINDINGS]:
        if not one.finding.evidence:
            continue
        evidence.append(f"**{one.finding.kind.value}**, {clock(one.finding.since)}")
        evidence += [f"- {page.evidence(part)}" for part in one.finding.evidence[:MEMBERS]]
        evidence.append("")
    return [*lines, *(details("Evidence", evidence) if evidence else [])]


def phases(page: Page) -> list[str]:
    """The phases of each line of work, and what each bought."""
    runs = [run for run in page.report.runs if run.phases]
    if not runs:
        return []
    lines = ["## Phases, and what each bought", ""]
    for run in runs[:ROWS]:
        lines += _phased(page, run)
    return lines


def _phased(page: Page, run: Run) -> list[str]:
    lines = [f"### {prose(run.name, limit=NAME)}", ""]
    if len(run.phases) == 1:
        only = run.phases[0]
        lines += [f"One phase of {only.actions} actions, {only.name}: {prose(only.reason)}.", ""]
    else:
        lines += table(
            ("phase", "actions", "tokens", "share", "duration", "new things", "novelty", "alike", "says"),
            (
                (f"**{one.name}**", f"{_span(one)} ({one.actions})", rounded(one.figures.usage.total),
                 percent(one.share), length(one.figures.duration_s), f"{one.truths.total}", percent(one.novelty),
                 percent(one.likeness), prose(one.reason, cell=True))
                for one in run.phases
            ),
            range(2, 8),
        )  # fmt: skip
    for phase in run.phases:
        lines += _bought(page, phase)
    if len(run.actions) > 1:
        rows = run.actions[:PHASED_ROWS]
        values = [float(row.truths.total) for row in rows]
        lines += ["New things per action, the first at the left:", "", "```", spark(values).rstrip(), "```", ""]
    return lines


def _bought(page: Page, phase: Phase) -> list[str]:
    truths = phase.truths
    lines = [f"**{_span(phase)}** bought {_counted(truths)}; {_checked(truths)}."]
    lines += [f"- {_truth(page, truth)}" for truth in truths.first]
    return [*lines, ""]


def _truth(page: Page, truth: Truth) -> str:
    outcome = f" {truth.outcome}" if truth.outcome else ""
    where = f"{code(truth.action, limit=NAME)}{page.at(truth.evidence)}"
    return f"{truth.kind.value}{outcome}: {code(truth.text, limit=TITLE)} in {where}"


def families(page: Page) -> list[str]:
    """Families with their template, conditions and some members."""
    families = page.report.families
    if not families:
        return []
    lines = ["## Families: actions that share a proof shape", ""]
    for family in families[:FAMILIES]:
        lines += _family(page, family)
    return [*lines, *more(len(families), FAMILIES, "families")]


def _family(page: Page, family: Family) -> list[str]:
    first, last = family.members[0], family.members[-1]
    lines = [
        f"### {code(family.template, limit=120)}", "",
        f"{plural(family.count, 'action')}, {code(first.name, limit=NAME)} to {code(last.name, limit=NAME)}: "
        f"{exact(family.tokens)} tokens, {exact(family.tokens_since_third)} of them after the third; "
        f"{percent(family.similarity)} alike.", "",
    ]  # fmt: skip
    lines += [f"- {'✓' if one.holds else '✗'} {prose(one.title)}: {prose(one.text)}" for one in family.conditions]
    lines += ["", f"*{QUESTION}* {prose(family.answer)}.", ""]
    shown = [*family.members[:3], *family.members[max(3, len(family.members) - 3) :]]
    lines += table(
        ("member", "differs by", "tokens", "new in the family", "outcome", "where"),
        (
            (code(one.name, limit=NAME, cell=True), code(" ".join(one.words), limit=TITLE, cell=True),
             rounded(one.tokens), percent(one.novelty), one.outcome,
             page.ref(Evidence("", one.started, one.path, one.offset)))
            for one in shown
        ),
        (2, 3),
    )  # fmt: skip
    if family.count > len(shown):
        lines += [f"{family.count - len(shown)} members between them are not listed.", ""]
    return lines


def timeline(page: Page) -> list[str]:
    """Burn over time as bars, then findings, orders and other marks."""
    timeline = page.report.timeline
    if timeline.start is None or not timeline.series:
        return []
    lines = ["## Timeline", "", f"{_axis(timeline)}:", "", "```"]
    lines += [_burn_line(series) for series in timeline.series if any(series.values)]
    lines += ["```", ""]
    told = [moment for moment in timeline.moments if moment.kind is not MomentKind.ACTION]
    lines += [_moment(page, moment) for moment in told[:MOMENTS]]
    return [*lines, *([""] if told else []), *more(len(told), MOMENTS, "moments")]


def _axis(timeline: Timeline) -> str:
    buckets = max((len(series.values) for series in timeline.series), default=0)
    end = timeline.start + timeline.step_s * buckets if timeline.start is not None else None
    return f"Tokens over time, {clock(timeline.start)} to {clock(end)} UTC, each lane against its own most"


def _burn_line(series: Series) -> str:
    name = series.lane or series.name
    bars = spark(_squeezed(series.values, SPARK_CELLS))
    return f"{_plain(name, 24):<24} {bars} {rounded(sum(series.values)):>7}"


def _moment(page: Page, moment: Moment) -> str:
    lane = f" {code(moment.lane, limit=NAME)}" if moment.lane and page.several else ""
    by = f" by {code(moment.by, limit=NAME)}" if moment.by else ""
    kind = moment.kind.value.replace("_", " ")
    return f"- {clock(moment.at)} **{kind}**{lane}{by} {prose(moment.text, limit=300)}{page.at(moment.evidence)}"


def _part(count: int, whole: int) -> float | None:
    return count / whole if whole else None


def _span(phase: Phase) -> str:
    first, last = code(phase.first, limit=NAME, cell=True), code(phase.last, limit=NAME, cell=True)
    return first if phase.actions == 1 else f"{first} to {last}"


def _counted(truths: Truths) -> str:
    if not truths.total:
        return "nothing new"
    parts = (
        (truths.files, "new file", "new files"), (truths.checks, "new outcome of a check", "new outcomes of checks"),
        (truths.errors, "new error", "new errors"), (truths.commands, "new command", "new commands"),
    )  # fmt: skip
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in parts if count)


def _checked(truths: Truths) -> str:
    if not truths.check_runs:
        return "no check ran"
    runs = plural(truths.check_runs, "run of checks", "runs of checks")
    return f"{runs}, {truths.checks_passed} passed, {truths.checks_failed} failed"


def _plain(raw: str, limit: int) -> str:
    """A name within a fenced block, where only the fence could be broken."""
    return shown(raw, limit=limit).replace("`", "'")


def _squeezed(values: Sequence[int], cells: int) -> list[float]:
    width = max(1, -(-len(values) // cells))
    return [float(sum(values[at : at + width])) for at in range(0, len(values), width)]
