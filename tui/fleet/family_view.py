"""Families of actions for a snapshot, and their findings, with the ledger's tokens."""

from __future__ import annotations

from collections.abc import Mapping

from tui.judge.families import FamilyState, Flag, MemberState
from tui.judge.findings.family import NAME_CHARS, FamilyLimits, cut, family_title
from tui.judge.findings.registry import spec_of
from tui.judge.limits import Limits
from tui.ledger.lane import LaneLedger
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, Finding, FindingKind, Member

MEMBERS_SHOWN = 120
EVIDENCE_MEMBERS = 3
"""The newest actions that are evidence of a finding."""
SLOT = "<…>"
"""The template of actions whose names have nothing in common."""
_MORE_SEVERE = {
    FindingKind.SUBSTITUTION_NAME: (FindingKind.FAMILY_TOO_LONG, FindingKind.STOP),
    FindingKind.FAMILY_TOO_LONG: (FindingKind.STOP,),
}
"""A finding is not raised beside a more severe one on the same family."""

Ledgers = Mapping[str, LaneLedger]


def family_snapshot(state: FamilyState, ledgers: Ledgers, limits: Limits) -> Family:
    """The family for a snapshot."""
    template, slots = state.template()
    states = [*state.members, *([MemberState(state.next, 0.0, 0.0)] if state.next is not None else [])]
    unnamed = len(states) - len(slots)
    members = [
        _member(member, ledgers, slots[index - unnamed] if index >= unnamed else "")
        for index, member in enumerate(states)
    ]
    first = max(0, len(members) - MEMBERS_SHOWN)
    following = state.next.shape if state.next is not None else None
    stop = state.flags.get(FindingKind.STOP)
    conditions = (
        stop.conditions
        if stop is not None
        else state.conditions(
            limits.of(FamilyLimits),
            following.started if following else None,
            following.title if following else state.members[-1].slice.shape.title,
        )
    )
    return Family(
        id=state.id, template=template, members=tuple(members[first:]), count=len(members),
        tokens=sum(member.tokens for member in members),
        tokens_since_third=sum(member.tokens for member in members[3:]),
        similarity=state.members[-1].similarity, conditions=conditions, answer=answer(state, members),
        since=state.members[2].slice.shape.started, is_open=state.is_open,
    )  # fmt: skip


def answer(state: FamilyState, members: list[Member]) -> str:
    """The measured novelty of the last three members, in words.

    The first member of the family is left out if there are others, because they repeat it.
    """
    ended = [member for member in members if member.outcome != "running"]
    last = (ended[1:] or ended)[-3:]
    if not last:
        return "nothing measured yet"
    shares = [f"{member.novelty:.0%}" for member in last]
    words = " and ".join(", ".join(shares).rsplit(", ", 1))
    mean = sum(member.novelty for member in last) / len(last)
    tokens = sum(member.tokens for member in last)
    verdict = "nothing" if mean < 0.02 else "almost nothing" if mean < 0.1 else "little" if mean < 0.25 else "something"
    actions = "action" if len(last) == 1 else f"{len(last)} actions"
    return f"{verdict} new: of the results of the last {actions} {words} were new, for {tokens:,} tokens"


def family_findings(state: FamilyState, family: Family, ledgers: Ledgers) -> list[Finding]:
    """The findings that the rules about families raise on this one, ended ones too."""
    open_kinds = {kind for kind, flag in state.flags.items() if flag.until is None}
    past_kinds = {(flag.kind, flag.until) for flag in state.past}
    found: list[Finding] = []
    for flag in [*state.flags.values(), *state.past]:
        most_severe = _MORE_SEVERE.get(flag.kind, ())
        if flag.until is None and open_kinds.intersection(most_severe):
            continue
        if flag.until is not None and any((kind, flag.until) in past_kinds for kind in most_severe):
            continue
        found.append(_finding(flag, state, family, ledgers))
    return found


def _finding(flag: Flag, state: FamilyState, family: Family, ledgers: Ledgers) -> Finding:
    since = flag.since
    spent = [
        member.tokens
        for member in family.members
        if since is not None
        and member.started is not None
        and member.started >= since - 1.0
        and (flag.until is None or member.started < flag.until)
    ]
    spec = spec_of(flag.kind)
    first, last = family.members[0].name, family.members[-1].name
    title = family_title(flag.kind, family.count, [one.title for one in family.members], first, last, family.template)
    return Finding(
        kind=flag.kind, key=f"{flag.kind}:{state.id}", lane=LaneId(flag.lane), family=state.id,
        severity=spec.severities[-1], since=since, until=flag.until,
        tokens_since=sum(spent) if since is not None else None, title=title,
        evidence=_evidence(flag, family, ledgers), suggest=spec.suggest, progress=spec.progress,
    )  # fmt: skip


def _evidence(flag: Flag, family: Family, ledgers: Ledgers) -> tuple[Evidence, ...]:
    ledger = ledgers.get(flag.by)
    path = ledger.path if ledger is not None else None
    shown = family.members[-EVIDENCE_MEMBERS:]
    part = f", {len(shown)} of {family.count} actions shown" if family.count > len(shown) else ""
    common = "nothing in common" if family.template == SLOT else "in common"
    lines = [
        Evidence(f"raised here{part}; the prompts have {common}: {family.template}", flag.since, path, flag.offset)
    ]
    for member in shown:
        words = f"{member.title}: {member.novelty:.0%} of its results new, {member.tokens:,} tokens"
        lines.append(Evidence(words, member.started, member.path, member.offset))
    return tuple(lines)


def _member(member: MemberState, ledgers: Ledgers, words: str) -> Member:
    shape = member.slice.shape
    ledger = ledgers.get(member.slice.lane)
    action = ledger.actions.find(shape.offset) if ledger is not None else None
    outcome = "running" if shape.ended is None else "failed" if not shape.well else "ended"
    return Member(
        lane=LaneId(member.slice.lane), action=action.index if action else 0,
        name=cut(shape.name, NAME_CHARS), title=shape.title,
        started=shape.started, ended=shape.ended, offset=shape.offset, path=ledger.path if ledger else "",
        tokens=action.usage.total if action else 0, steps=shape.steps, novelty=round(member.novelty, 3),
        outcome=outcome, words=(words,) if words else (),
    )  # fmt: skip
