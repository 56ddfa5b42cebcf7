"""The report as Markdown that reads well on a code host: what matters first, each number explained, all texts safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.model.evidence import Evidence, LaneId
from tui.model.finding import QUESTION, Family
from tui.report.document import (
    Advice,
    Closeout,
    Coverage,
    Figures,
    LaneRow,
    Line,
    Moment,
    MomentKind,
    Phase,
    Report,
    Row,
    Run,
    Series,
    Table,
    Tick,
    Truth,
    Truths,
)
from tui.report.md_text import code, details, prose, table
from tui.report.shown import clock, exact, length, rounded, shown, time_of_day
from tui.view.words import money, percent

PHASED_ROWS = 400
ACTION_ROWS = 200
MATRIX_OPEN = 12
"""A matrix with more rows is folded away."""
MATRIX_ROWS = 120
MOMENTS = 60
LANES = 60
FAMILIES = 12
MEMBERS = 8
FINDINGS = 60
GAPS = 30
HALF = 40
SOURCES = 60
TABLE_ROWS = 20
SPARK_CELLS = 72
NAME = 60
TITLE = 100
_BARS = "▁▂▃▄▅▆▇█"
_TICKS = {Tick.PASSED: "✓", Tick.FAILED: "✗", Tick.UNCLEAR: "?", Tick.MISSING: "–"}
_ADVICE = {
    Advice.KEEP: "core proofs: they hold what is true now",
    Advice.MOSTLY: "show how it was established, or bought something",
    Advice.COMPRESS: "repetition: one line each is enough",
    Advice.ARCHIVE: "acknowledgements and hand-outs: for an audit only",
}


def markdown(report: Report) -> str:
    """The whole document. Ends in a newline."""
    page = _Page(report)
    lines = [
        *page.head(), *page.stop(), *page.findings(), *page.phases(), *page.families(), *page.timeline(),
        *page.coverage(), *page.gaps(), *page.closeouts(), *page.retention(), *page.half_done(), *page.lanes(),
        *page.tables(), *page.sources(), *_how_to_read(),
    ]  # fmt: skip
    return "\n".join(lines).rstrip("\n") + "\n"


class _Page:
    def __init__(self, report: Report) -> None:
        self.report = report
        self._refs = {source.path: source.ref for source in report.sources}
        self._several = len(report.lanes) > 1

    # -- head -----------------------------------------------------------------------------------

    def head(self) -> list[str]:
        head = self.report.head
        lines = [f"# Postmortem: {prose(head.title, limit=120)}", ""]
        lines += [f"> {prose(sentence)}" for sentence in head.verdict.sentences]
        lines += ["", *table(("", ""), self._metrics())]
        return [*lines, *self._agents(), *self._notes()]

    def _metrics(self) -> list[tuple[str, str]]:
        head = self.report.head
        figures, window = head.figures, head.window
        hours = f" ({window.duration_s / 3600:.3f} h)" if window.duration_s is not None else ""
        usage = figures.usage
        rows = [
            ("Window", f"{clock(window.start)} to {_end(window.start, window.end)} UTC"),
            ("Duration", f"{length(window.duration_s)}{hours}"),
            ("Lanes, actions", f"{head.lanes} lanes, {head.actions} actions"),
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
            ("Cost at list price", _money(figures)),
            ("Model calls", f"{figures.calls:,}"),
            ("Tool calls", f"{figures.tool_calls:,}, {figures.errors:,} of them failed"),
            ("Secrets masked", f"{head.masked}"),
        ]  # fmt: skip
        if head.skipped_lines:
            rows.append(("Could not be read", f"{head.skipped_lines} lines or files, named at the end"))
        return rows

    def _agents(self) -> list[str]:
        return table(
            ("agent", "lanes", "tokens", "", "share", "burn, tokens/h", "fresh", "cost"),
            (
                (code(row.name, limit=NAME, cell=True), f"{row.count}", exact(row.figures.usage.total),
                 rounded(row.figures.usage.total), percent(row.share), rounded(row.burn),
                 rounded(row.figures.usage.fresh), _money(row.figures))
                for row in self.report.head.agents.rows
            ),
            range(1, 8),
        )  # fmt: skip

    def _notes(self) -> list[str]:
        lines = [f"- **{note.kind}**: {prose(note.text)}{self._of(note.lanes)}" for note in self.report.head.notes]
        return [*lines, ""] if lines else []

    def _of(self, lanes: Sequence[LaneId]) -> str:
        if not lanes or not self._several:
            return ""
        shown = ", ".join(code(lane, limit=NAME) for lane in lanes[:5])
        return f" ({shown}{f' and {len(lanes) - 5} more' if len(lanes) > 5 else ''})"

    # -- stop point and findings ----------------------------------------------------------------

    def stop(self) -> list[str]:
        stop = self.report.stop
        if stop is None:
            return []
        finding = stop.finding
        where = f", in {code(stop.action, limit=NAME)}" if stop.action else ""
        lines = [
            "## Stop point", "",
            f"At {clock(stop.at)} UTC{where}: **{finding.kind.value}**, {prose(finding.title)}.", "",
            *table(("", "tokens", "", "of all", "cost", "time"), (
                ("lanes concerned, after it: the saving", exact(stop.tokens), rounded(stop.tokens),
                 percent(stop.share), _cost(stop.cost_usd), length(stop.seconds)),
                ("all lanes, after it", exact(stop.all_tokens), rounded(stop.all_tokens),
                 percent(_part(stop.all_tokens, self._total)), _cost(stop.all_cost_usd), ""),
            ), range(1, 6)),
        ]  # fmt: skip
        if len(stop.lanes) > 1:
            lines += table(
                ("lane", "tokens after it", "cost", "time", "concerned"),
                (
                    (code(one.lane, limit=NAME, cell=True), exact(one.tokens), _cost(one.cost_usd), length(one.seconds),
                     "yes" if one.concerned else "")
                    for one in sorted(stop.lanes, key=lambda one: -one.tokens)[:TABLE_ROWS]
                ),
                range(1, 4),
            )  # fmt: skip
        return [*lines, f"*{prose(stop.caveat)}*", ""]

    def findings(self) -> list[str]:
        found = self.report.findings
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
        lines += _more(len(found), FINDINGS, "findings")
        evidence: list[str] = []
        for one in found[:FINDINGS]:
            if not one.finding.evidence:
                continue
            evidence.append(f"**{one.finding.kind.value}**, {clock(one.finding.since)}")
            evidence += [f"- {self._evidence(part)}" for part in one.finding.evidence[:MEMBERS]]
            evidence.append("")
        return [*lines, *(details("Evidence", evidence) if evidence else [])]

    # -- phases ---------------------------------------------------------------------------------

    def phases(self) -> list[str]:
        runs = [run for run in self.report.runs if run.phases]
        if not runs:
            return []
        lines = ["## Phases, and what each bought", ""]
        for run in runs[:TABLE_ROWS]:
            lines += self._phased(run)
        return lines

    def _phased(self, run: Run) -> list[str]:
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
            lines += self._bought(phase)
        if len(run.actions) > 1:
            rows = run.actions[:PHASED_ROWS]
            values = [float(row.truths.total) for row in rows]
            lines += ["New things per action, the first at the left:", "", "```", _spark(values), "```", ""]
        return lines

    def _bought(self, phase: Phase) -> list[str]:
        truths = phase.truths
        lines = [f"**{_span(phase)}** bought {_counted(truths)}; {_checked(truths)}."]
        lines += [f"- {self._truth(truth)}" for truth in truths.first]
        return [*lines, ""]

    def _truth(self, truth: Truth) -> str:
        outcome = f" {truth.outcome}" if truth.outcome else ""
        where = f"{code(truth.action, limit=NAME)}{self._at(truth.evidence)}"
        return f"{truth.kind.value}{outcome}: {code(truth.text, limit=TITLE)} in {where}"

    # -- families -------------------------------------------------------------------------------

    def families(self) -> list[str]:
        families = self.report.families
        if not families:
            return []
        lines = ["## Families: actions that share a proof shape", ""]
        for family in families[:FAMILIES]:
            lines += self._family(family)
        return [*lines, *_more(len(families), FAMILIES, "families")]

    def _family(self, family: Family) -> list[str]:
        first, last = family.members[0], family.members[-1]
        lines = [
            f"### {code(family.template, limit=120)}", "",
            f"{family.count} actions, {code(first.name, limit=NAME)} to {code(last.name, limit=NAME)}: "
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
                 self._ref(Evidence("", one.started, one.path, one.offset)))
                for one in shown
            ),
            (2, 3),
        )  # fmt: skip
        if family.count > len(shown):
            lines += [f"{family.count - len(shown)} members between them are not listed.", ""]
        return lines

    # -- timeline -------------------------------------------------------------------------------

    def timeline(self) -> list[str]:
        timeline = self.report.timeline
        if timeline.start is None or not timeline.series:
            return []
        lines = ["## Timeline", "", f"Tokens over time, {clock(timeline.start)} UTC at the left:", "", "```"]
        lines += [self._burn_line(series) for series in timeline.series if any(series.values)]
        lines += ["```", ""]
        told = [moment for moment in timeline.moments if moment.kind is not MomentKind.ACTION]
        lines += [self._moment(moment) for moment in told[:MOMENTS]]
        return [*lines, *([""] if told else []), *_more(len(told), MOMENTS, "moments")]

    def _burn_line(self, series: Series) -> str:
        name = series.lane or series.name
        return (
            f"{_plain(name, 24):<24} {_spark(_squeezed(series.values, SPARK_CELLS))} {rounded(sum(series.values)):>7}"
        )

    def _moment(self, moment: Moment) -> str:
        lane = f" {code(moment.lane, limit=NAME)}" if moment.lane and self._several else ""
        by = f" by {code(moment.by, limit=NAME)}" if moment.by else ""
        kind = moment.kind.value.replace("_", " ")
        return f"- {clock(moment.at)} **{kind}**{lane}{by} {prose(moment.text, limit=300)}{self._at(moment.evidence)}"

    # -- coverage, gaps, closeout ---------------------------------------------------------------

    def coverage(self) -> list[str]:
        if not self.report.coverage:
            return []
        lines = ["## Coverage matrix", "", "✓ an executed result was seen and passed, ✗ it failed, ? it says neither, "
                 "– it was not seen to run. Each cell is the last run in that action.", ""]  # fmt: skip
        for one in self.report.coverage:
            lines += self._matrix(one)
        return lines

    def _matrix(self, one: Coverage) -> list[str]:
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
        cut = [f"{left} earlier actions and {one.columns_left_out} rarer checks are left out.", ""]
        matrix += cut if left or one.columns_left_out else []
        folded = details(f"{len(rows)} actions by {len(one.columns)} checks", matrix)
        return [*lines, "", *(folded if len(rows) > MATRIX_OPEN else matrix)]

    def gaps(self) -> list[str]:
        gaps = self.report.gaps
        if not gaps:
            return []
        lines = ["## Missing gaps", "", "Declared, or done everywhere else, and never seen to be done.", ""]
        lines += [f"- {gap.kind}: {prose(gap.text, limit=300)}{self._at(gap.evidence)}" for gap in gaps[:GAPS]]
        return [*lines, "", *_more(len(gaps), GAPS, "gaps")]

    def closeouts(self) -> list[str]:
        if not self.report.closeouts:
            return []
        lines = ["## Closeout: a draft to finish", "",
                 "Each line stands on an event. What only a person can say is left open.", ""]  # fmt: skip
        for one in self.report.closeouts:
            lines += self._closeout(one)
        return lines

    def _closeout(self, one: Closeout) -> list[str]:
        lines = [f"### {prose(one.run, limit=NAME)}", ""]
        lines += self._listed("Goal, as it was given", one.goal, quoted=True)
        lines += self._listed("Proven", one.proven)
        lines += self._listed("Checks, the last run of each", one.checks)
        lines += self._listed(
            f"Files changed{f' ({one.files_left_out} more)' if one.files_left_out else ''}", one.files
        )
        figures = one.figures
        lines += [f"**Spent**: {exact(figures.usage.total)} tokens, {_money(figures)}, "
                  f"{length(figures.duration_s)}.", ""]  # fmt: skip
        lines += self._listed("Open", one.questions)
        if one.keep:
            lines += [f"**Keep**: {_spans(one.keep)}", ""]
        if one.compress:
            lines += [f"**Compress**: {_spans(one.compress)}", ""]
        return [*lines, "**For a person to fill in**", *(f"- [ ] {blank} ____" for blank in one.blanks), ""]

    def _listed(self, title: str, lines: Iterable[Line], *, quoted: bool = False) -> list[str]:
        made = [
            f"- {code(line.text) if quoted else prose(line.text, limit=300)}{self._at(*line.evidence[:3])}"
            for line in lines
        ]
        return [f"**{title}**", *made, ""] if made else []

    # -- retention, half done -------------------------------------------------------------------

    def retention(self) -> list[str]:
        retention = self.report.retention
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
        return [*lines, *self._actions()]

    def _actions(self) -> list[str]:
        """Of lines of work in which there is something to compare."""
        return [line for run in self.report.runs if len(run.actions) > 1 for line in self._run_actions(run)]

    def _run_actions(self, run: Run) -> list[str]:
        rows = run.actions
        lines = [f"{prose(run.name, limit=NAME)}", ""]
        lines += table(
            ("action", "tokens", "fresh", "cost", "tools", "failed", "time", "new", "phase", "advice", "why", "where"),
            (
                (prose(row.name, limit=NAME, cell=True), rounded(row.figures.usage.total),
                 rounded(row.figures.usage.fresh), _money(row.figures), f"{row.figures.tool_calls}",
                 f"{row.figures.errors}", length(row.figures.duration_s), f"{row.truths.total}",
                 f"{row.phase}" if row.phase else "", row.advice.value, prose(row.reason, limit=160, cell=True),
                 self._ref(row.evidence))
                for row in rows[:ACTION_ROWS]
            ),
            range(1, 9),
        )  # fmt: skip
        return details(f"Every action: {len(rows)}", [*lines, *_more(len(rows), ACTION_ROWS, "actions")])

    def half_done(self) -> list[str]:
        half = self.report.half_done
        if not half:
            return []
        lines = ["## Left half done", ""]
        for one in half[:HALF]:
            kind = one.kind.value.replace("_", " ")
            lane = f" {code(one.lane, limit=NAME)}" if self._several else ""
            lines.append(f"- **{kind}**{lane}: {prose(one.text, limit=300)}{self._at(*one.evidence[:3])}")
        return [*lines, "", *_more(len(half), HALF, "of these")]

    # -- lanes, tables, sources -----------------------------------------------------------------

    def lanes(self) -> list[str]:
        rows = self.report.lanes
        lines = ["## Lanes", ""]
        lines += table(
            ("lane", "what", "model", "tokens", "fresh", "cost", "calls", "tools", "failed", "duration", "own burn/h",
             "context first → last", "ends"),
            (
                (f"{'↳ ' * min(row.depth, 6)}{code(row.id, limit=NAME, cell=True)}",
                 code(row.title, limit=TITLE, cell=True), code(", ".join(row.models), limit=NAME, cell=True),
                 rounded(row.figures.usage.total), rounded(row.figures.usage.fresh), _money(row.figures),
                 f"{row.figures.calls}", f"{row.figures.tool_calls}", f"{row.figures.errors}",
                 length(row.figures.duration_s), rounded(row.own_burn),
                 f"{rounded(row.context_first)} → {rounded(row.context_last)}", row.state.value.replace("_", " "))
                for row in rows[:LANES]
            ),
            range(3, 11),
        )  # fmt: skip
        lines += _more(len(rows), LANES, "lanes")
        digests = [line for row in rows[:LANES] for line in self._digest(row)]
        return [*lines, *(details("What each lane did", digests) if digests else [])]

    def _digest(self, row: LaneRow) -> list[str]:
        digest = row.digest
        lines: list[str] = []
        if digest.files:
            more = (
                f" and {digest.files_count - len(digest.files)} more" if digest.files_count > len(digest.files) else ""
            )
            lines.append(f"- files: {', '.join(code(path, limit=TITLE) for path in digest.files)}{more}")
        if digest.commands:
            lines.append(f"- commands: {', '.join(code(one, limit=NAME) for one in digest.commands)}")
        lines += [f"- check: {prose(line.text, limit=200)}{self._at(*line.evidence)}" for line in digest.checks]
        if digest.last_words is not None:
            lines.append(
                f"- last words: {code(digest.last_words.text, limit=300)}{self._at(*digest.last_words.evidence)}"
            )
        return [f"**{code(row.id, limit=NAME)}** {code(row.title, limit=TITLE)}", *lines, ""] if lines else []

    def tables(self) -> list[str]:
        report = self.report
        return [
            *self._table("By model", report.models, "lanes"),
            *self._table("By command", report.commands, "runs"),
            *self._table("By issue", report.issues, "actions"),
        ]

    def _table(self, title: str, rows: Table, counted: str) -> list[str]:
        if not rows.rows:
            return []
        lines = [f"## {title}", ""]
        lines += table(
            ("", counted, "tokens", "share", "burn, tokens/h", "fresh", "cost", "model calls", "tools", "failed"),
            (self._figures(row) for row in rows.rows[:TABLE_ROWS]),
            range(1, 10),
        )
        left = len(rows.rows) - TABLE_ROWS + rows.left_out
        return [*lines, *([f"{left} more with less.", ""] if left > 0 else [])]

    def _figures(self, row: Row) -> tuple[str, ...]:
        figures = row.figures
        return (
            code(row.name, limit=NAME, cell=True), f"{row.count}", exact(figures.usage.total), percent(row.share),
            rounded(row.burn), rounded(figures.usage.fresh), _money(figures), f"{figures.calls}",
            f"{figures.tool_calls}", f"{figures.errors}",
        )  # fmt: skip

    def sources(self) -> list[str]:
        report = self.report
        lines = ["## Sources", ""]
        lines += [
            f"- **{source.ref}** {code(source.path)}: {', '.join(code(lane, limit=NAME) for lane in source.lanes[:8])}"
            for source in report.sources[:SOURCES]
        ]
        lines += ["", *_more(len(report.sources), SOURCES, "transcripts")]
        skipped = report.head.skipped
        if skipped:
            lines += ["Could not be read:", ""]
            lines += [
                f"- {code(skip.path)}{f', line {skip.line}' if skip.line else ''}: {prose(skip.why)}"
                for skip in skipped[:TABLE_ROWS]
            ]
            lines += ["", *_more(report.head.skipped_lines, TABLE_ROWS, "of these")]
        return lines

    # -- evidence -------------------------------------------------------------------------------

    @property
    def _total(self) -> int:
        return self.report.head.figures.usage.total

    def _ref(self, evidence: Evidence | None) -> str:
        if evidence is None or evidence.path is None or evidence.offset is None:
            return ""
        ref = self._refs.get(evidence.path)
        return f"{ref}:{evidence.offset}" if ref else ""

    def _at(self, *evidence: Evidence | None) -> str:
        """` (T1:4711)` of everything that points somewhere."""
        refs = [ref for ref in map(self._ref, evidence) if ref]
        return f" ({', '.join(refs)})" if refs else ""

    def _evidence(self, evidence: Evidence) -> str:
        at = f"{time_of_day(evidence.at)} " if evidence.at is not None else ""
        return f"{at}{prose(evidence.text, limit=300)}{self._at(evidence)}"


# -- words and strokes ------------------------------------------------------------------------------


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


def _money(figures: Figures) -> str:
    return _cost(figures.cost_usd)


def _cost(usd: float | None) -> str:
    return money(usd)


def _part(count: int, whole: int) -> float | None:
    return count / whole if whole else None


def _span(phase: Phase) -> str:
    first, last = code(phase.first, limit=NAME, cell=True), code(phase.last, limit=NAME, cell=True)
    return first if phase.actions == 1 else f"{first} to {last}"


def _spans(spans: Sequence[str]) -> str:
    shown = ", ".join(prose(span, limit=NAME * 2) for span in spans[:MEMBERS])
    return f"{shown} and {len(spans) - MEMBERS} more" if len(spans) > MEMBERS else shown


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
    return f"{truths.check_runs} runs of checks, {truths.checks_passed} passed, {truths.checks_failed} failed"


def _end(start: float | None, end: float | None) -> str:
    """The end without its day where that is the start's."""
    if start is None or end is None or _day(start) != _day(end):
        return clock(end)
    return time_of_day(end)


def _day(at: float) -> str:
    return clock(at)[:10]


def _more(count: int, shown: int, what: str) -> list[str]:
    return [f"{count - shown} more {what} are not listed; the JSON has them.", ""] if count > shown else []


def _plain(raw: str, limit: int) -> str:
    """A name within a fenced block, where only the fence could be broken."""
    return shown(raw, limit=limit).replace("`", "'")


def _squeezed(values: Sequence[int], cells: int) -> list[float]:
    width = max(1, -(-len(values) // cells))
    return [float(sum(values[at : at + width])) for at in range(0, len(values), width)]


def _spark(values: Sequence[float]) -> str:
    """A bar for each value, the largest full; nothing is a blank."""
    most = max(values, default=0.0)
    if most <= 0:
        return " " * len(values)
    return "".join(" " if value <= 0 else _BARS[min(7, int(value / most * 8))] for value in values).rstrip() or " "
