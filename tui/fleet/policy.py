"""Decides the acts of a policy: which lane, which verb, by which rule. It only requests them; other code acts.

Off by default. It requests nothing for a muted finding, a spared lane, a lane under control, or a lane that a person
wrote to a moment ago (a further prompt of the family that the finding is about does not count as such).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.model.event import Origin
from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane

AGAIN_S = 600.0
BURN_WINDOW = 1
"""The index of the window for the hourly limit: five minutes."""


@frozen
class Rules:
    """The `[policy]` section. `lane_hourly_tokens` is tokens per hour (0: no limit); `_s` are seconds.

    `again_s`: how long after an act, or after the act was withdrawn, the same finding may be acted on again while it
    holds. A finding that became more severe is acted on at once; with 0, only then.
    """

    pause: frozenset[FindingKind] = frozenset()
    close: frozenset[FindingKind] = frozenset()
    min_severity: Severity = Severity.STOP
    lane_hourly_tokens: int = 0
    typing_s: float = 120.0
    spare: tuple[str, ...] = ()
    dry_run: bool = False
    again_s: float = AGAIN_S

    @property
    def is_on(self) -> bool:
        """True if any rule is on."""
        return bool(self.pause or self.close or self.lane_hourly_tokens)


@frozen
class Wanted:
    """One act that a rule asks for."""

    lane: LaneId
    verb: Verb
    rule: str
    """The rule's name: `policy: pause on repetition`."""
    why: str
    """The reason, in words."""
    key: str
    """Identifies the act among those on the lane. It stays the same as long as the finding is the same."""
    severity: Severity = Severity.STOP

    @property
    def words(self) -> str:
        """`policy: pause on repetition ("npm test failed 12 times")`."""
        return f'{self.rule} ("{self.why}")'


@frozen
class Done:
    """The last act on a lane for one key: the severity then, and the time at which it was given or, later, ended."""

    at: float
    severity: Severity


def is_due(one: Wanted, done: Done | None, rules: Rules, now: float) -> bool:
    """Whether the act is due.

    It is if it is new, if the finding is more severe than at the last act, or if that was long ago.
    """
    if done is None or one.severity.rank > done.severity.rank:
        return True
    return rules.again_s > 0 and now - done.at >= rules.again_s


def wanted(fleet: Fleet, rules: Rules, is_muted: Callable[[Finding], bool]) -> list[Wanted]:
    """The acts that the rules ask for now: at most one for each lane, the one with the most severe reason."""
    if not rules.is_on:
        return []
    families = {family.id: family for family in fleet.families}
    lanes = {lane.id: lane for lane in fleet.lanes}
    found: dict[LaneId, Wanted] = {}
    for finding in fleet.findings:
        verb = _verb(finding, rules)
        if verb is None or is_muted(finding):
            continue
        family = families.get(finding.family or "")
        members = family.members if family is not None else ()
        aimed = [finding.lane] if finding.lane is not None else [member.lane for member in members[-1:]]
        for name in aimed:
            lane = lanes.get(name)
            # A further prompt of the same family does not count as an intervention of a person: it is the family that
            # should stop.
            same = frozenset(member.action for member in members if member.lane == name)
            if lane is None or name in found or not _may_act(lane, rules, fleet.at, same):
                continue
            rule = f"policy: {verb.value} on {finding.kind.value}"
            key = f"{verb.value}:{finding.key}"
            found[name] = Wanted(name, verb, rule, finding.title, key, finding.severity)
    for lane in _too_fast(fleet.lanes, rules):
        if lane.id not in found and _may_act(lane, rules, fleet.at):
            rate = lane.tree_burn[BURN_WINDOW].tokens_per_hour
            rule = f"policy: pause above {rules.lane_hourly_tokens:,} tokens an hour"
            why = f"it burns {rate:,.0f} tokens an hour"
            found[lane.id] = Wanted(lane.id, Verb.PAUSE, rule, why, "pause:lane_hourly_tokens")
    return list(found.values())


def _verb(finding: Finding, rules: Rules) -> Verb | None:
    if finding.severity.rank < rules.min_severity.rank:
        return None
    if finding.kind in rules.close:
        return Verb.CLOSE
    return Verb.PAUSE if finding.kind in rules.pause else None


def _too_fast(lanes: Iterable[Lane], rules: Rules) -> Iterable[Lane]:
    if not rules.lane_hourly_tokens:
        return ()
    return [
        lane
        for lane in lanes
        if lane.parent is None and lane.tree_burn[BURN_WINDOW].tokens_per_hour > rules.lane_hourly_tokens
    ]


def _may_act(lane: Lane, rules: Rules, now: float, same: frozenset[int] = frozenset()) -> bool:
    if not lane.busy or lane.control.held is not None:
        return False
    names = (lane.id, lane.session, lane.project)
    if any(word and word in name for word in rules.spare for name in names):
        return False
    return not any(
        action.origin is Origin.PERSON and action.started is not None and now - action.started < rules.typing_s
        for action in lane.actions
        if action.index not in same
    )
