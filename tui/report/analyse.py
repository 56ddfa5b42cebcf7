"""Makes the document from facts, ledgers and the fleet. Pure: the caller states the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tui.control.audit import AuditRecord
from tui.ledger.lane import LaneLedger
from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.report.actions import (
    LEAST_ACTIONS,
    Stretch,
    advice_on,
    chatter_of,
    is_chatter,
    measure,
    named,
    new_things_of,
    retention_of,
    stretches,
)
from tui.report.actions import together as new_things_together
from tui.report.display_text import plural
from tui.report.document import (
    ActionRow,
    FindingRow,
    LaneRow,
    LineOfWork,
    NewThings,
    Note,
    Overview,
    Phase,
    Report,
    Source,
    Tokens,
    Window,
    burn_of,
    share_of,
    tokens_of,
)
from tui.report.facts import Facts
from tui.report.figures import Tables, notes_of, numbered_of, timeline_of
from tui.report.lane_activity import ActionActivity, Costs, LaneActivity, LineActivity, lanes_of, runs_of, together
from tui.report.published import secrets_in
from tui.report.record import closeout_of, coverage_of, digest_of, gaps_of, half_done
from tui.report.verdict import action_at, stop_point, verdict_of, within

NOTHING = "Nothing happened"
"""The title of a report in which no agent did anything."""
CLOSEOUTS = 6
COVERAGES = 6
JOURNAL_MARGIN_S = 600.0
"""Orders up to this many seconds before the first event, or after the last one, belong to the run."""


@frozen
class Material:
    """The input of a report. `since` and `until` (seconds UTC) limit it; later events than `until` were not read."""

    fleet: Fleet
    ledger_of: Callable[[LaneId], LaneLedger | None]
    facts: Facts
    costs: Costs
    version: str
    title: str = ""
    journal: Sequence[AuditRecord] = ()
    notes: Sequence[Note] = ()
    """Doubts that the caller knows, such as clocks that differ."""
    since: float | None = None
    until: float | None = None


def compose(given: Material) -> Report:
    """The whole document."""
    lanes = lanes_of(given.fleet, given.ledger_of, given.facts, given.costs, given.since, given.until)
    return _Composer(given, lanes).report()


class _Composer:
    def __init__(self, given: Material, lanes: list[LaneActivity]) -> None:
        self.given = given
        self.costs = given.costs
        self.lanes = lanes
        self.ids = {lane.lane.id for lane in lanes}
        self.runs = runs_of(lanes)
        self.figures = together([lane.figures(given.costs) for lane in lanes])
        self.total = self.figures.usage.total
        self.window = Window(self.figures.start, self.figures.end, given.since, given.until)
        self.trees = self._trees()
        self.tables = Tables(self.total, self.window.duration_s, given.costs)

    def report(self) -> Report:
        given, lanes = self.given, self.lanes
        findings = self._findings()
        found = tuple(
            FindingRow(one, action_at(one, lanes), share_of(one.tokens_since, self.total)) for one in findings
        )
        stop = stop_point(findings, given.fleet.families, lanes, self.window, self.costs)
        rows = {id(run): self._rows(run) for run in self.runs}
        all_rows = [row for run in self.runs for row in rows[id(run)]]
        numbered = numbered_of(self.runs, lanes)
        half = half_done(lanes, findings)
        actions = [action for lane in lanes for action in lane.actions]
        coverages = [made for run in self.runs if (made := coverage_of(run)) is not None]
        closeouts = [
            made for run in self.runs if (made := closeout_of(run, rows[id(run)], half, self.costs)) is not None
        ]
        verdict = verdict_of(self.window, self.figures, len(lanes), numbered, stop, found, len(half))
        head = Overview(
            title=given.title or self._title(), window=self.window, verdict=verdict, figures=self.figures,
            burn=burn_of(self.total, self.window.duration_s), lanes=len(lanes), actions=len(actions),
            agents=self.tables.by_agent(lanes), sequences=numbered, masked=0, skipped=given.fleet.skipped,
            skipped_lines=given.fleet.skipped_lines,
            notes=(*notes_of(lanes, bounded=given.since is not None or given.until is not None), *given.notes),
            version=given.version, waited_s=sum(self._waited(lane) for lane in lanes),
        )  # fmt: skip
        report = Report(
            head=head, models=self.tables.by_model(lanes), commands=self.tables.by_command(actions),
            issues=self.tables.by_issue(actions), lanes=tuple(self._lane(lane) for lane in lanes),
            timeline=timeline_of(lanes, self.window, found, self._journal(), given.until),
            runs=tuple(self._run(run, rows[id(run)]) for run in self.runs),
            families=tuple(f for f in given.fleet.families if any(member.lane in self.ids for member in f.members)),
            findings=found, stop=stop, coverage=tuple(coverages[:COVERAGES]), gaps=gaps_of(self.runs, numbered),
            closeouts=tuple(closeouts[:CLOSEOUTS]),
            retention=retention_of(all_rows, chatter_of(lanes, all_rows, self.costs, self.total)),
            half_done=half, sources=self._sources(),
        )  # fmt: skip
        return replace(report, head=replace(head, masked=secrets_in(report)))

    # -- parts ----------------------------------------------------------------------------------

    def _title(self) -> str:
        projects = list(dict.fromkeys(lane.lane.project for lane in self.lanes if lane.lane.project))
        if not projects:
            return "Run" if self.lanes else NOTHING
        return projects[0] if len(projects) == 1 else f"{projects[0]} and {len(projects) - 1} more projects"

    def _findings(self) -> list[Finding]:
        """The findings of these lanes, or of all lanes together, that held within the window, in time order."""
        since, families = self.given.since, self.given.fleet.families
        found = [
            within(one, families, self.lanes, self.window)
            for one in (*self.given.fleet.findings, *self.given.fleet.past_findings)
            if (one.lane is None or one.lane in self.ids) and (since is None or one.until is None or one.until >= since)
        ]
        found.sort(key=lambda one: (one.since or 0.0, one.key))
        return found

    def _journal(self) -> list[AuditRecord]:
        """The orders on these lanes within the window."""
        start, end = self.window.start, self.window.end
        sessions = {lane.lane.session for lane in self.lanes if lane.lane.session}
        return [
            entry
            for entry in self.given.journal
            if (entry.lane in self.ids or entry.session in sessions)
            and (start is None or entry.at >= max(start - JOURNAL_MARGIN_S, self.given.since or 0.0))
            and (end is None or entry.at <= end + JOURNAL_MARGIN_S)
        ]

    def _lane(self, work: LaneActivity) -> LaneRow:
        lane, facts, figures = work.lane, work.facts, work.figures(self.costs)
        tokens = figures.usage.total
        return LaneRow(
            id=lane.id, parent=lane.parent if lane.parent in self.ids else None, depth=lane.depth, agent=lane.agent,
            title=lane.title, project=lane.project,
            models=tuple(model or "?" for model in work.sum.by_tokens()),
            state=lane.state, figures=figures, tree=self.trees[lane.id], share=share_of(tokens, self.total),
            burn=burn_of(tokens, self.window.duration_s), own_burn=burn_of(tokens, figures.duration_s),
            actions=len(work.actions), context_first=facts.context_first, context_last=facts.context_last,
            context_most=facts.context_most, context_window=lane.context.window, compactions=len(facts.compactions),
            trust=lane.trust, digest=digest_of(work), waited_s=self._waited(work),
        )  # fmt: skip

    def _waited(self, work: LaneActivity) -> float:
        return work.ledger.waits.between(self.given.since, self.given.until)

    def _run(self, run: LineActivity, rows: tuple[ActionRow, ...]) -> LineOfWork:
        phases = self._phases(run, rows)
        few = f"{plural(len(rows), 'action is', 'actions are')} too few: phases need {LEAST_ACTIONS}"
        return LineOfWork(
            name=run.name, agent=run.agent, lanes=tuple(lane.lane.id for lane in run.lanes), actions=rows,
            figures=run.figures(self.costs), share=share_of(run.sum.tokens, self.total), phases=phases,
            why_none="" if phases else few,
        )  # fmt: skip

    def _rows(self, run: LineActivity) -> tuple[ActionRow, ...]:
        new_things = new_things_of(run.actions)
        phase: dict[int, int] = {}
        for number, stretch in enumerate(stretches([one.total for one in new_things]), 1):
            phase.update(dict.fromkeys(range(stretch.first, stretch.last + 1), number))
        return tuple(
            self._row(action, bought, phase.get(index))
            for index, (action, bought) in enumerate(zip(run.actions, new_things, strict=True))
        )

    def _row(self, action: ActionActivity, new_things: NewThings, phase: int | None) -> ActionRow:
        advice, reason = advice_on(action, new_things)
        return ActionRow(
            lane=action.lane.lane.id, index=action.action.index, name=action.name, title=action.action.title,
            origin=action.action.origin, outcome=action.action.outcome, figures=action.figures(self.costs),
            steps=action.steps, novelty=action.novelty, likeness=action.likeness, new_things=new_things,
            family=action.family.id if action.family is not None else None, phase=phase, advice=advice, reason=reason,
            chatter=is_chatter(action), evidence=action.evidence(),
        )  # fmt: skip

    def _phases(self, run: LineActivity, rows: Sequence[ActionRow]) -> tuple[Phase, ...]:
        found = _numbered_stretches(rows)
        measures = [
            measure(
                [row.new_things.total for row in rows[one.first : one.last + 1]],
                [row.likeness for row in rows[one.first : one.last + 1]],
            )
            for one in found
        ]
        phases: list[Phase] = []
        for index, stretch in enumerate(found):
            mine = rows[stretch.first : stretch.last + 1]
            name, reason = named(measures[index], measures[index + 1] if index + 1 < len(found) else None)
            figures = together([row.figures for row in mine])
            novelty = [row.novelty for row in mine if row.novelty is not None]
            phases.append(Phase(
                number=index + 1, name=name, reason=reason, first=mine[0].name, last=mine[-1].name, actions=len(mine),
                figures=figures, share=share_of(figures.usage.total, run.sum.tokens),
                novelty=sum(novelty) / len(novelty) if novelty else None, likeness=measures[index].likeness,
                new_things=new_things_together(row.new_things for row in mine),
            ))  # fmt: skip
        return tuple(phases)

    def _trees(self) -> dict[LaneId, Tokens]:
        """Usage of each lane and all below it, within the window."""
        usage = {lane.lane.id: tokens_of(lane.sum.usage) for lane in self.lanes}
        for lane in reversed(self.lanes):  # in tree order: a parent before its children
            parent = lane.lane.parent
            if parent is not None and parent in usage:
                usage[parent] += usage[lane.lane.id]
        return usage

    def _sources(self) -> tuple[Source, ...]:
        lanes: dict[str, list[LaneId]] = {}
        for lane in self.lanes:
            lanes.setdefault(lane.lane.path, []).append(lane.lane.id)
        return tuple(Source(f"T{number}", path, tuple(ids)) for number, (path, ids) in enumerate(lanes.items(), 1))


def _numbered_stretches(rows: Sequence[ActionRow]) -> list[Stretch]:
    """The stretches to which the rows belong."""
    found: list[Stretch] = []
    for index, row in enumerate(rows):
        if row.phase is None:
            return []
        if index and rows[index - 1].phase == row.phase:
            found[-1] = Stretch(found[-1].first, index)
        else:
            found.append(Stretch(index, index))
    return found
