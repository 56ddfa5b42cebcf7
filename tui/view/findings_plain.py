"""Findings as plain text, for a pipe or a terminal without a screen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tui.judge.findings.base import WORDS_CELLS
from tui.judge.findings.registry import spec_of
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import (
    QUESTION,
    Condition,
    Family,
    Finding,
    FindingKind,
    Member,
    NoveltyPoint,
    Repetition,
    Severity,
)
from tui.model.snapshot import Fleet, Lane
from tui.text.format import age, clock, compact, number, percent, time_of_day
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Printed, Span, column, joined, own, word
from tui.view.finding_text import SEVERITIES, FindingText, evidence_text, glyph_of, kind_words
from tui.view.flags import Flag
from tui.view.mutes import Mutes
from tui.view.names import name_of

DAY_S = 12 * 3600
"""A finding that is older than this, in seconds, is shown with its date."""
MEMBERS = 12
_SLOT = re.compile(r"<[^<>]*>")
_OUTCOMES = {"ended": own("ended"), "failed": own("ended with a failed call"), "cut_off": own("cut off")}
_INDENT = own("    ")


def findings_lines(fleet: Fleet, findings: Sequence[Finding], mutes: Mutes | None = None) -> list[Printed]:
    """All findings with their evidence. A family is shown once, with its first finding.

    Nothing is cut, since a pipe has no width.
    """
    names = {lane.id: name_of(lane) for lane in fleet.lanes}
    families = {family.id: family for family in fleet.families}
    lines: list[Printed] = []
    for finding in findings:
        if lines:
            lines.append(own(""))
        lines += _heading(finding, names, fleet.at, mutes)
        family = families.pop(finding.family, None) if finding.family is not None else None
        # The text about the family is not repeated: only the places of the evidence are printed.
        evidence = [one for one in finding.evidence if family is None or one.path is not None]
        lines += [(Span(_INDENT, "text"), *_evidence(one, fleet.at)) for one in evidence]
        if family is not None:
            is_stop = finding.kind is FindingKind.STOP
            lines += [joined(_INDENT, line) for line in family_lines(family, fleet.at, with_conditions=is_stop)]
    return lines


def tally(findings: Sequence[Finding], mutes: Mutes | None = None) -> SafeText:
    """`2 findings: 1 stop, 1 warn`, and how many of them are muted or have ended."""
    heard = [finding for finding in findings if finding.is_open and not _is_muted(finding, mutes)]
    parts = [joined(number(len(heard)), own(" finding") if len(heard) == 1 else own(" findings"))]
    by_state = Counter(finding.kind for finding in heard if spec_of(finding.kind).is_told_by_state)
    by_severity = Counter(finding.severity for finding in heard if finding.kind not in by_state)
    counts = [(severity, by_severity[severity]) for severity in reversed(Severity)]
    shown = [joined(number(count), own(" "), safe_text(severity.value)) for severity, count in counts if count]
    shown += [joined(number(count), own(" "), kind_words(kind)) for kind, count in by_state.items()]
    if shown:
        parts += [own(": "), _listed(shown)]
    muted = sum(finding.is_open for finding in findings) - len(heard)
    passed = sum(not finding.is_open for finding in findings)
    if muted:
        parts += [own(" · "), number(muted), own(" muted")]
    if passed:
        parts += [own(" · "), number(passed), own(" passed")]
    return joined(*parts)


def family_lines(family: Family, now: float, *, with_conditions: bool = True) -> list[SafeText]:
    """A family: its template, its members, the conditions of a stop as a checklist, the question and its answer."""
    lines = [
        _family_heading(family),
        joined(
            own("  "), number(family.count), own(" actions, "), compact(family.tokens), own(" tokens in all, "),
            compact(family.tokens_since_third), own(" of them after the third"),
        ),
    ]  # fmt: skip
    shown = family.members[-MEMBERS:]
    if family.count > len(shown):
        lines.append(joined(own("  … "), number(family.count - len(shown)), own(" before these")))
    lines += [_member(member, now) for member in shown]
    if with_conditions and family.conditions:
        lines.append(own("  it is a stop if all of this holds when another such action begins:"))
        lines += [_condition(condition) for condition in family.conditions]
    if family.answer:
        lines += [joined(own("  "), own(QUESTION)), joined(own("    "), safe_text(family.answer, limit=400))]
    return lines


def _family_heading(family: Family) -> SafeText:
    """What the members are, and the words that their prompts have in common, with `<…>` for those that differ."""
    what = own("similar actions, each the work on one prompt")
    if not any(part.strip(" .,:;") for part in _SLOT.split(family.template)):
        return joined(what, own("; the prompts have no words in common"))
    return joined(what, own(" (<…> differs): "), safe_text(family.template, limit=300))


def judged_lines(lane: Lane, fleet: Fleet, mutes: Mutes | None = None) -> list[Printed]:
    """The judge's results for one lane: how repetitive it is, its novelty, its findings and its families."""
    lines: list[Printed] = [(word("repetition", "section"),), joined(own("  "), _repetition(lane.repetition, fleet.at))]
    lines += [joined(own("    "), _when(step.at, fleet.at), own("  "), safe_text(step.text, limit=160), own(" → "),
                     safe_text(step.outcome, limit=160)) for step in lane.repetition.steps]  # fmt: skip
    lines += [own(""), (word("novelty", "section"),), *(joined(own("  "), line) for line in _novelty(lane.novelty))]
    families = [family for family in fleet.families if any(member.lane == lane.id for member in family.members)]
    named = {family.id for family in families}
    findings = [one for one in fleet.findings if one.lane == lane.id or one.family in named]
    lines += [own(""), tally(findings, mutes)]
    shown = findings_lines(fleet, findings, mutes)
    lines += [joined(own("  "), line) if isinstance(line, str) else (word("  "), *line) for line in shown]
    told = {one.family for one in findings}
    for family in families:
        if family.id not in told:
            lines += [own(""), *family_lines(family, fleet.at)]
    return lines


def flag_lines(fleet: Fleet, flags: Mapping[LaneId, Flag], *, ascii_only: bool = False) -> list[Line]:
    """The flagged lanes, each with its mark, its severity in a word, and the reason."""
    return [
        (
            Span(joined(glyph_of(flag.shown, ascii_only=ascii_only), own(" "), safe_text(flag.shown.value)),
                 SEVERITIES[flag.severity].role),
            word("  "), Span(safe_text(lane.id), "dim"), word("  "),
            Span(safe_text(flag.repetition.reason, limit=200) if flag.is_loop else flag.title, "text"),
        )
        for lane in fleet.lanes
        if (flag := flags.get(lane.id)) is not None
    ]  # fmt: skip


def notice_words(fleet: Fleet, findings: Sequence[Finding]) -> SafeText:
    """The new findings in one line for a notification: the most severe one, its lane, and the number of others."""
    first = findings[0]
    names = {lane.id: name_of(lane) for lane in fleet.lanes}
    name = names.get(first.lane) if first.lane is not None else None
    whose = joined(safe_text(name, limit=60), own(": ")) if name is not None else own("")
    more = joined(own(" (and "), number(len(findings) - 1), own(" more)")) if len(findings) > 1 else own("")
    text = FindingText(first)
    return joined(text.kind, own(" · "), whose, text.title, more)


def _heading(finding: Finding, names: dict[LaneId, SafeText], now: float, mutes: Mutes | None) -> Iterator[Printed]:
    text = FindingText(finding)
    yield (
        column(text.look.word, 4, text.look.role), word("  "), column(text.kind, WORDS_CELLS, "strong"), word("  "),
        Span(text.whose, "text"), word("  "), Span(_span(finding, now), "dim"),
    )  # fmt: skip
    yield joined(own("  "), text.sentence(_when(finding.since, now) if finding.since is not None else None))
    if to_do := text.to_do(names):
        yield joined(own("  what to do: "), to_do)
    name = names.get(finding.lane) if finding.lane is not None else None
    facts = [joined(own("lane "), name)] if name is not None else []
    facts.append(joined(own("key "), safe_text(finding.key)))
    yield (word("  "), Span(_listed(facts, own(" · ")), "dim"))
    mute = mutes.muted(finding) if mutes is not None else None
    if mute is not None:
        reason = joined(own(": "), safe_text(mute.reason)) if mute.reason else own("")
        yield joined(own("  muted "), clock(mute.at), reason)


def _span(finding: Finding, now: float) -> SafeText:
    if finding.since is None:
        began = own("since ?")
    else:
        began = joined(own("since "), _when(finding.since, now), own(" ("), age(now - finding.since), own(")"))
    if finding.until is None:
        return began
    return joined(began, own(", passed "), _when(finding.until, now))


def _evidence(evidence: Evidence, now: float) -> Line:
    text = evidence_text(evidence)
    place = (word("  "), Span(text.place, "dim")) if text.place else ()
    return (Span(_when(text.at, now), "dim"), word("  "), Span(text.text, "text"), *place)


def _member(member: Member, now: float) -> SafeText:
    words = joined(own("  <"), _listed([safe_text(word, limit=60) for word in member.words]), own(">"))
    is_named = not any(word.startswith(member.name.rstrip("…")) for word in member.words)
    name = joined(safe_text(member.name, limit=80), own("  ")) if is_named else own("")
    return joined(
        own("  "), _when(member.started, now), own("  "), name,
        _OUTCOMES.get(member.outcome, safe_text(member.outcome)), own("  "), compact(member.tokens), own(" tokens  "),
        number(member.steps), own(" tool calls  "), percent(member.novelty), own(" of the results new"),
        words if member.words else own(""),
    )  # fmt: skip


def _condition(condition: Condition) -> SafeText:
    mark = own("  [x] ") if condition.holds else own("  [ ] ")
    text = joined(own(": "), safe_text(condition.text, limit=300)) if condition.text else own("")
    return joined(mark, safe_text(condition.title), text)


def _repetition(repetition: Repetition, now: float) -> SafeText:
    score = joined(own("score "), safe_text(f"{repetition.score:.2f}"))
    if repetition.severity is None:
        return joined(score, own(" of 1: nothing to say"))
    parts = [joined(score, own(" of 1: "), safe_text(repetition.severity.value))]
    if repetition.kind is not None:
        parts.append(safe_text(repetition.kind.value.replace("_", " ")))
    if repetition.repeats:
        steps = own(" step") if repetition.period == 1 else own(" steps")
        parts.append(joined(number(repetition.repeats), own(" times "), number(repetition.period), steps))
    if repetition.first_at is not None:
        parts.append(joined(own("first at "), _when(repetition.first_at, now)))
    if repetition.since is not None:
        parts.append(joined(own("flagged at "), _when(repetition.since, now)))
    return joined(_listed(parts), own(". "), safe_text(repetition.reason, limit=400))


def _novelty(points: Sequence[NoveltyPoint]) -> list[SafeText]:
    """The novelty of the first and of the last quarter of the lane's life, which show the fall."""
    if not points:
        return [own("no step was weighed")]
    quarter = max(1, len(points) // 4)
    lines = [joined(own("whole life  "), _novelty_of(points))]
    if len(points) > 1:
        lines += [
            joined(own("at first    "), _novelty_of(points[:quarter])),
            joined(own("at last     "), _novelty_of(points[-quarter:])),
        ]
    return lines


def _novelty_of(points: Sequence[NoveltyPoint]) -> SafeText:
    steps = sum(point.steps for point in points)
    new = sum(point.novelty for point in points)
    spent = sum(point.tokens for point in points)
    share = percent(new / steps) if steps else own("?")
    per_1k = safe_text(f"{new * 1000 / spent:.3g}") if spent else own("?")
    return joined(share, own(" of "), number(steps), own(" steps new, "), per_1k, own(" new steps per 1k tokens"))


def _is_muted(finding: Finding, mutes: Mutes | None) -> bool:
    return mutes is not None and mutes.muted(finding) is not None


def _when(at: float | None, now: float) -> SafeText:
    if at is None:
        return own("?")
    return time_of_day(at) if 0 <= now - at < DAY_S else clock(at)


def _listed(parts: Sequence[SafeText], between: SafeText = own(", ")) -> SafeText:
    made: list[SafeText] = []
    for part in parts:
        made += [between, part] if made else [part]
    return joined(*made)
