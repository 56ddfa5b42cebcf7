"""The top of a lane's page: its findings with evidence, repeated steps, novelty, family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from tui.judge.findings.base import WORDS_CELLS
from tui.judge.findings.registry import spec_of
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, FindingKind
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.text.cell_width import fit
from tui.text.format import duration, number, time_of_day
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import Line, Span, blank, joined, line_width, own, spread, word
from tui.view.checklist import checklist_lines, question_lines, wrapped
from tui.view.family import family_lines
from tui.view.finding_text import FindingText, evidence_text
from tui.view.findings import FindingId, ListedFinding, of_lane
from tui.view.names import name_of
from tui.view.novelty_plot import novelty_lines
from tui.view.repetition import WITH_AGE, steps_lines

EVIDENCE_FIRST, EVIDENCE_OTHERS = 6, 2
"""The numbers of pieces of evidence that are shown with the first finding, and with the others."""
TIME_CELLS = 10
FAMILIES_SHOWN = 2


@frozen
class Judged:
    """The lane's open findings and the families to which it belongs.

    Muted findings come last; the others are sorted by severity.
    """

    entries: tuple[ListedFinding, ...] = ()
    families: tuple[Family, ...] = ()
    names: Mapping[LaneId, SafeText] = field(default_factory=dict[LaneId, SafeText])
    """The names of other lanes for which the findings suggest a verb."""


NOTHING = Judged()


def judged_of(lane: Lane, fleet: Fleet, entries: Sequence[ListedFinding], chosen: FindingId | None = None) -> Judged:
    """The findings and families of this lane, the chosen finding first. `entries` are the fleet's findings."""
    mine = of_lane(lane.id, entries)
    named = {entry.finding.family for entry in mine}
    families = [
        family
        for family in fleet.families
        if family.id in named or (family.is_open and any(member.lane == lane.id for member in family.members))
    ]
    first = [entry for entry in mine if entry.id == chosen]
    rest = [entry for entry in mine if entry.id != chosen]
    others = {entry.finding.suggest_for for entry in mine}
    names = {one.id: name_of(one) for one in fleet.lanes if one.id in others}
    return Judged((*first, *rest), tuple(families[:FAMILIES_SHOWN]), names)


def verdict_lines(lane: Lane, judged: Judged, cells: int, now: float, *, ascii_only: bool = False) -> list[Line]:
    """The lines, each at most `cells` wide; empty if there is nothing to show."""
    lines: list[Line] = []
    if not lane.judged:
        told = "not judged yet: its findings are not known, and come when it has been read again"
        lines += [*((Span(row, "dim"),) for row in wrapped(own(told), cells)), ()]
    shown = [entry for entry in judged.entries if not _is_in_heading(lane, entry)]
    for place, entry in enumerate(shown):
        most = EVIDENCE_FIRST if place == 0 else EVIDENCE_OTHERS
        lines += _head(entry, judged.names, cells, now, ascii_only=ascii_only)
        if entry.mute is None:
            family = _family_of(entry, judged)
            lines += _evidence_lines(lane, _not_shown_below(lane, entry, family), cells, most, family)
    if shown:
        lines.append(())
    kinds = {entry.finding.kind for entry in judged.entries if entry.is_heard}
    for family in judged.families:
        if FindingKind.STOP in kinds:
            lines += checklist_lines(family, cells)
        if any(spec_of(kind).asks_question for kind in kinds):
            lines += question_lines(family, cells)
    muted = any(e.mute is not None and e.finding.kind is FindingKind.REPETITION for e in judged.entries)
    lines += steps_lines(lane.repetition, cells, now, loud=not muted, told=[e.finding.title for e in judged.entries])
    if shown or judged.families or lane.repetition.severity is not None:
        lines += plot_lines(lane, judged, cells)
    for family in judged.families:
        lines += family_lines(family, lane.id, cells)
    return lines


def _is_in_heading(lane: Lane, entry: ListedFinding) -> bool:
    """Whether the lane's heading shows everything of the finding: what it asks, since when, and how to answer."""
    return bool(lane.pending) and entry.mute is None and entry.finding.kind is FindingKind.NEEDS_INPUT


def plot_lines(lane: Lane, judged: Judged, cells: int) -> list[Line]:
    """Novelty and burn, with a mark at the time since which the first finding holds."""
    since = [entry.finding.since for entry in judged.entries if entry.finding.since is not None and entry.is_heard]
    moment = since[0] if since else lane.repetition.since
    loud = bool(since) or lane.repetition.severity is not None
    return novelty_lines(lane.novelty, lane.last_event, cells, moment, loud=loud)


def _family_of(entry: ListedFinding, judged: Judged) -> Family | None:
    """The family of the finding, if the page shows it."""
    return next((family for family in judged.families if family.id == entry.finding.family), None)


def _not_shown_below(lane: Lane, entry: ListedFinding, family: Family | None) -> tuple[Evidence, ...]:
    """The evidence of the finding, without the parts that the repeated steps and the family show below."""
    finding = entry.finding
    if finding.kind is FindingKind.REPETITION and lane.repetition.steps:
        return finding.evidence[:1]
    if family is None:
        return finding.evidence
    return tuple(one for one in finding.evidence if one.at is not None and family.template not in one.text)


def _head(
    entry: ListedFinding, names: Mapping[LaneId, SafeText], cells: int, now: float, *, ascii_only: bool
) -> list[Line]:
    text = FindingText(entry.finding)
    look = text.look
    loud = entry.mute is None
    glyph = look.ascii if ascii_only else look.glyph
    pill = f"pill.{look.role}" if loud else "dim"
    name = Span(joined(own(" "), glyph, own(" "), fit(text.kind, WORDS_CELLS), own(" ")), pill)
    title, figures = Span(text.title, "strong" if loud else "dim"), _figures(entry, cells, now)
    if line_width((name, title, *figures)) + 4 <= cells:
        lines: list[Line] = [spread((name, word("  "), title), figures, cells)]
    else:
        name = Span(joined(own(" "), glyph, own(" "), text.kind, own(" ")), pill)
        is_room = line_width((name, *figures)) <= cells
        first: list[Line] = [spread((name,), figures, cells)] if is_room else [(name,), spread((), figures, cells)]
        lines = [*first, *_indented(title, cells)]
    if loud and (to_do := text.to_do(names, on_page=True)):
        lines += _indented(Span(joined(own("what to do: "), to_do), "text"), cells)
    if loud and text.progress:
        lines += _indented(Span(text.progress, "dim"), cells)
    if entry.mute is not None:
        reason = joined(own("muted: “"), safe_text(entry.mute.reason, limit=200), own("”  m unmutes it"))
        return [*lines, (blank(TIME_CELLS), Span(reason, "dim"))]
    return lines


def _indented(span: Span, cells: int) -> list[Line]:
    """A text below the name of a finding, broken between words."""
    return [(blank(TIME_CELLS), Span(row, span.role)) for row in wrapped(span.text, max(20, cells - TIME_CELLS))]


def _evidence_lines(
    lane: Lane, evidence: Sequence[Evidence], cells: int, most: int, family: Family | None
) -> list[Line]:
    """At most `most` pieces. With a `family` they are some of its actions, and it is said how many of them."""
    if family is not None:
        lines = [_evidence(lane, one, cells) for one in evidence[-most:]]
        if 0 < len(lines) < family.count:
            part = joined(number(len(lines)), own(" of "), number(family.count), own(" actions shown"))
            lines.append((blank(TIME_CELLS), Span(joined(part, own("; FAMILY below has more")), "dim")))
        return lines
    lines = [_evidence(lane, one, cells) for one in evidence[:most]]
    hidden = len(evidence) - most
    if hidden > 0:
        lines.append((blank(TIME_CELLS), Span(joined(own("and "), number(hidden), own(" more")), "dim")))
    return lines


def _figures(entry: ListedFinding, cells: int, now: float) -> Line:
    finding = entry.finding
    spans: list[Span] = [word("  ")]
    if finding.since is not None:
        held = Span(duration(now - finding.since), "text")
        # The repeated steps began earlier, and the page tells that too: the two must not look like one time.
        is_flag = finding.kind is FindingKind.REPETITION and cells >= WITH_AGE
        spans += [word("flagged ", "dim"), held, word(" ago", "dim")] if is_flag else [word("for ", "dim"), held]
    if finding.tokens_since is not None:
        spans += [word(" · ", "dim"), Span(FindingText(finding).spent, "strong"), word(" tokens since", "dim")]
    if finding.suggest is not None and entry.mute is None:
        spans += [word(" · ", "dim"), Span(joined(own("→ "), FindingText(finding).suggest), "key")]
    return tuple(spans)


def _evidence(lane: Lane, evidence: Evidence, cells: int) -> Line:
    at = time_of_day(evidence.at) if evidence.at is not None else own("")
    elsewhere = evidence.path is not None and evidence.path != lane.path
    left = (Span(joined(at, SafeText(" " * (TIME_CELLS - len(at)))), "dim"), Span(evidence_text(evidence).text, "text"))
    if not elsewhere or evidence.path is None:
        return left
    return spread(left, (word("  "), Span(safe_path(evidence.path, limit=cells // 4), "dim")), cells)
