"""Families: adjacent actions that share their shape, within a lane or over many lanes in the order of time.

A family should stop when its work is proven, its checks are unchanged and its next action differs only in the label. A
person should look at it when it grows long, or when the next name is made by substitution. An action whose name follows
the others joins a family when it begins. For any other action, its calls and results decide when it has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui.judge.actions import ActionShape, similarity
from tui.judge.findings.family import FamilyLimits
from tui.judge.limits import Limits
from tui.judge.names import is_related, is_substitution, template
from tui.model.finding import Condition, FindingKind
from tui.model.frozen import frozen

NEAR = 4
"""A family continues if its last member is among this many actions before the new one."""
COMPARED = 3
"""A new action is compared with this many newest members, so that one odd action does not end a family."""
LEAST_STEPS = 2
"""The fewest steps of an action that can join a family or end it."""
LOOSE = 0.7
"""For an action that brings little new, the least similarity is this share of the usual one."""
LOOSE_NOVELTY = 0.3
LOOSE_STEPS = 4
LOOSE_FACTS = 8
"""The fewest facts by which such an action can be compared."""
PROVEN_BY_DEED = 2
"""A family with differing names needs this many further members before it is flagged."""
BATCH_NOVELTY = 0.15
"""A family with a higher mean novelty is a batch that makes progress. It is shown, but not flagged."""
MISSES = 3
"""A flag ends after this many actions in other lanes that do not fit."""
NAMED = 60
"""The template is made of the names of this many newest members."""
OWN_LINE = 2
"""A session with more actions than this is a line of work of its own among the sessions of a folder: two foremen may
work there at the same time."""
CHAIN = 400
"""The number of the newest actions of a chain that are compared."""


@frozen
class Slice:
    """An action in its lane: the lane's id, and its shape."""

    lane: str
    shape: ActionShape


@dataclass(slots=True)
class MemberState:
    """A member with its novelty (0 to 1) within the family and its greatest similarity to another member."""

    slice: Slice
    novelty: float
    similarity: float


@dataclass(slots=True)
class Flag:
    """A rule that holds for a family: since the action at `offset` in the lane `by`, and until the time `until`."""

    kind: FindingKind
    lane: str
    """The lane of the newest member, on which a verb would act."""
    since: float | None
    by: str
    offset: int
    until: float | None = None
    conditions: tuple[Condition, ...] = ()
    """The conditions of a `stop` at the time when it was raised."""


class FamilyState:
    """One family while it grows."""

    def __init__(self, first: Slice) -> None:
        self.members: list[MemberState] = [MemberState(first, 1.0, 1.0)]
        self.position = 0
        """The place of the newest member in the chain."""
        self.facts: set[int] = set(first.shape.facts)
        self.flags: dict[FindingKind, Flag] = {}
        self.past: list[Flag] = []
        self.misses = 0
        self.next_title = ""
        """The title of the running action that fits; empty if there is none."""
        self.next: Slice | None = None

    @property
    def id(self) -> str:
        """Identifies the family by its first member."""
        first = self.members[0].slice
        return f"{first.lane}@{first.shape.offset}"

    @property
    def is_open(self) -> bool:
        """Whether a rule holds."""
        return any(flag.until is None for flag in self.flags.values())

    def titles(self) -> list[str]:
        """The titles of all members."""
        return [member.slice.shape.title for member in self.members]

    def template(self) -> tuple[str, tuple[str, ...]]:
        """The common name of the members, and for each the words that differ.

        The words of the running action come last.
        """
        return template((*self.titles()[-NAMED:], *([self.next_title] if self.next is not None else ())))

    def conditions(self, limits: FamilyLimits, before: float | None, following: str) -> tuple[Condition, ...]:
        """The three conditions of `stop`, at the time `before`, for an action named `following`."""
        done = self._done(before)
        well = sum(member.slice.shape.well for member in done)
        proven = Condition(
            "enough actions succeeded",
            well >= limits.proven_members,
            f"{well} of the {len(done)} actions that had ended by then; {limits.proven_members} are enough",
        )
        last = done[-3:]
        guards = {member.slice.shape.guards for member in last}
        same = len(last) == 3 and len(guards) == 1 and guards != {()}
        count = len(last[-1].slice.shape.guards) if last else 0
        checks = "check" if count == 1 else f"{count} checks"
        unchanged = Condition(
            "checks unchanged", same,
            f"the last three actions ran the same {checks} with the same result" if same
            else "no check was seen" if guards == {()} else "the last three actions ran different checks",
        )  # fmt: skip
        named = self.fits(following, before)
        novelty = self._novelty(self._after_first(done)[-2:])
        label = Condition(
            "next action differs only in its name",
            named and self._brings_little(done, limits),
            f"{'its name follows the others' if named else 'its name does not follow the others'}; "
            f"{novelty:.0%} of the results of the last two before it were new",
        )
        return proven, unchanged, label

    def conditions_by_deed(self, limits: FamilyLimits) -> tuple[Condition, ...]:
        """The three conditions of `stop` for the newest member, which has ended. Its name does not matter."""
        proven, unchanged, _ = self.conditions(limits, None, "")
        last = self._after_first(self.members)[-3:]
        novelty = self._novelty(last)
        same = len(last) == 3 and all(member.novelty <= limits.label_novelty for member in last)
        words = f"the last three actions did the same under any name: {novelty:.0%} of their results were new"
        return proven, unchanged, Condition("next action differs only in its name", same, words)

    def _brings_little(self, done: Sequence[MemberState], limits: FamilyLimits) -> bool:
        last = self._after_first(done)
        return self._novelty(last[-2:]) <= limits.label_novelty and self._novelty(last[-3:]) <= BATCH_NOVELTY

    def _after_first(self, members: Sequence[MemberState]) -> Sequence[MemberState]:
        """The members without the first one of the family, since the others repeat it."""
        return [member for member in members if member is not self.members[0]] or members

    def fits(self, title: str, before: float | None) -> bool:
        """Whether the title follows those of the members: it is made by substitution, or it shares words with them."""
        return self.is_substituted(title, before) or is_related(self._titles_of(before), title)

    def is_substituted(self, title: str, before: float | None) -> bool:
        """Whether the title is made from those of the members by substitution."""
        return is_substitution(self._titles_of(before), title)

    def _titles_of(self, before: float | None) -> list[str]:
        return [member.slice.shape.title for member in self._done(before)][-NAMED:]

    def _done(self, before: float | None) -> list[MemberState]:
        if before is None:
            return self.members
        return [
            member
            for member in self.members
            if member.slice.shape.ended is None or member.slice.shape.ended <= before + 1.0
        ]

    @staticmethod
    def _novelty(members: Sequence[MemberState]) -> float:
        return sum(member.novelty for member in members) / len(members) if members else 1.0

    def is_after(self, at: float | None) -> bool:
        """Whether the newest member began after `at`, so that an action that began at `at` runs beside it."""
        newest = self.members[-1].slice.shape.started
        return at is not None and newest is not None and at < newest

    def counts_down(self) -> bool:
        """Whether the newest members state numbers such as 11 of 40 and 12 of 40, as in a finite batch."""
        told = [member.slice.shape.progress for member in self.members[-2:]]
        if len(told) < 2 or told[0] is None or told[1] is None:
            return False
        return told[1][0] > told[0][0] and told[1][1] <= told[0][1]

    def mean_novelty(self, newest: int) -> float:
        """The mean novelty of this many newest members, without the first of the family."""
        return self._novelty(self._after_first(self.members)[-newest:])

    # -- growing --------------------------------------------------------------------------------

    def likeness(self, shape: ActionShape) -> float:
        """The similarity to the newest member that is most like the action."""
        return max(similarity(member.slice.shape, shape) for member in self.members[-COMPARED:])

    def holds(self, alike: float, shape: ActionShape, limit: float) -> bool:
        """Whether an action with this similarity is a member.

        A lower similarity is enough if the action brings little new.
        """
        if alike >= limit:
            return True
        if alike < LOOSE * limit or shape.steps < LOOSE_STEPS or len(shape.facts) < LOOSE_FACTS:
            return False
        return self._fresh(shape) <= LOOSE_NOVELTY

    def goes_on_in(self, shape: ActionShape, limit: float) -> bool:
        """Whether a running action has so far made the same calls as the newest members."""
        known = {manner for member in self.members[-COMPARED:] for manner in member.slice.shape.manners}
        return sum(manner in known for manner in shape.manners) >= limit * len(shape.manners)

    def _fresh(self, shape: ActionShape) -> float:
        facts = shape.facts
        return sum(fact not in self.facts for fact in facts) / len(facts) if facts else 0.0

    def join(self, new: Slice, alike: float) -> None:
        """Adds a member."""
        self.members.append(MemberState(new, self._fresh(new.shape), alike))
        self.facts.update(new.shape.facts)

    def raise_flag(
        self, kind: FindingKind, by: Slice, at: float | None, conditions: tuple[Condition, ...] = ()
    ) -> None:
        """Notes that a rule holds."""
        if kind not in self.flags:
            self.flags[kind] = Flag(kind, by.lane, at, by.lane, by.shape.offset, conditions=conditions)
        else:
            self.flags[kind].lane = by.lane

    def end_flags(self, at: float | None) -> None:
        """Ends all flags, since other work follows."""
        for flag in self.flags.values():
            flag.until = at
            self.past.append(flag)
        self.flags = {}
        self.misses = 0


class Chain:
    """The actions of one line of work in the order of time, and the families in them.

    A rule is checked for the time at which an action begins, with the members that had ended by then. So the result
    does not depend on when it is computed.
    """

    def __init__(self, limits: Limits, *, of_sessions: bool = False) -> None:
        """`of_sessions`: the lanes are sessions in one folder, which need not have the same starter."""
        self._limits = limits.of(FamilyLimits)
        self._of_sessions = of_sessions
        self._taken: list[Slice] = []
        self._counts: Counter[str] = Counter()
        """The number of taken actions by lane."""
        self.families: list[FamilyState] = []
        self._peeked: list[tuple[FamilyState, dict[FindingKind, Flag], int, int]] = []
        """Families before the running actions were considered: their flags, the number of past flags, and misses."""

    def update(self, slices: Sequence[Slice]) -> None:
        """Takes all actions of the chain in the order of their beginning. Running actions have no end."""
        slices = [one for one in slices if one.shape.steps >= LEAST_STEPS or one.shape.ended is None][-CHAIN:]
        closed = [one for one in slices if one.shape.ended is not None]
        self._unpeek()
        known = len(self._taken)
        if closed[:known] != self._taken:
            self._taken, self.families, self._counts = [], [], Counter()
            known = 0
        for family in self.families:
            family.next_title, family.next = "", None
        for one in closed[known:]:
            self._begin(one)
            self._close(one)
            self._taken.append(one)
            self._counts[one.lane] += 1
        self._remember()
        for one in slices:
            if one.shape.ended is None:
                self._peek(one)

    def _remember(self) -> None:
        self._peeked = [
            (family, {kind: replace(flag) for kind, flag in family.flags.items()}, len(family.past), family.misses)
            for family in self._active(len(self._taken))
        ]

    def _unpeek(self) -> None:
        """Removes the effects of running actions, which are computed again at each update."""
        for family, flags, past, misses in self._peeked:
            family.flags, family.misses = flags, misses
            del family.past[past:]
        self._peeked = []

    # -- rules ----------------------------------------------------------------------------------

    def _active(self, position: int) -> list[FamilyState]:
        return [family for family in self.families if position - family.position <= NEAR]

    def _open_to(self, lane: str) -> list[FamilyState]:
        """The active families that an action of the lane may continue.

        Among the sessions of one folder, a session that is a line of work of its own continues only its own families,
        and no other lane continues those.
        """
        active = self._active(len(self._taken))
        if not self._of_sessions:
            return active
        return [family for family in active if self._is_one_line(family.members[-1].slice.lane, lane)]

    def _is_one_line(self, one: str, other: str) -> bool:
        return one == other or max(self._counts[one], self._counts[other]) < OWN_LINE

    def _begin(self, new: Slice) -> None:
        at = new.shape.started
        for family in self._open_to(new.lane):
            if len(family.members) < self._limits.proven_members or family.is_after(at):
                continue
            if family.fits(new.shape.title, at):
                family.misses = 0
                self._weigh_next(family, new)
            elif family.flags and (new.shape.owed or not self._may_go_on(family, new.shape)):
                self._miss(family, new)

    def _may_go_on(self, family: FamilyState, shape: ActionShape) -> bool:
        """Whether an action with another name may still be a member, by its calls. True if it is too young to tell."""
        limit = self._limits.family_similarity
        if shape.ended is not None:
            return family.holds(family.likeness(shape), shape, limit)
        return shape.steps < LEAST_STEPS or family.goes_on_in(shape, limit)

    def _peek(self, running: Slice) -> None:
        """Applies the rules to a running action, by its name."""
        self._begin(running)
        for family in self._open_to(running.lane):
            began = running.shape.started
            if len(family.members) < self._limits.proven_members or family.is_after(began):
                continue
            if family.fits(running.shape.title, began):
                family.next_title, family.next = running.shape.title, running

    def _weigh_next(self, family: FamilyState, new: Slice) -> None:
        at = new.shape.started
        if new.shape.owed:
            family.end_flags(at)
            return
        # A running action is considered at each update. It owes no output because of a flag that it raised itself.
        told = [family.flags[kind] for kind in (FindingKind.STOP, FindingKind.FAMILY_TOO_LONG) if kind in family.flags]
        if any((flag.by, flag.offset) != (new.lane, new.shape.offset) for flag in told):
            family.raise_flag(FindingKind.OWED_OUTPUT, new, at)
        if family.mean_novelty(2) > BATCH_NOVELTY or family.counts_down():
            return
        if family.is_substituted(new.shape.title, at):
            family.raise_flag(FindingKind.SUBSTITUTION_NAME, new, at)
        conditions = family.conditions(self._limits, at, new.shape.title)
        if all(one.holds for one in conditions):
            family.raise_flag(FindingKind.STOP, new, at, conditions)

    def _miss(self, family: FamilyState, new: Slice) -> None:
        same_lane = family.members[-1].slice.lane == new.lane
        # A running action is considered at each update, so only ended ones are counted.
        family.misses += new.shape.ended is not None
        if same_lane or new.shape.owed or family.misses >= MISSES:
            family.end_flags(new.shape.started)

    def _close(self, new: Slice) -> None:
        position = len(self._taken)
        best: FamilyState | None = None
        score = 0.0
        for family in self._open_to(new.lane):
            alike = family.likeness(new.shape)
            if alike > score:
                best, score = family, alike
        if best is None or not best.holds(score, new.shape, self._limits.family_similarity):
            made = FamilyState(new)
            made.position = position
            self.families.append(made)
            self._forget(position)
            return
        best.join(new, score)
        best.position = position
        best.misses = 0
        if best.counts_down():
            best.end_flags(new.shape.ended)
        elif len(best.members) > self._limits.family_length and best.mean_novelty(3) <= BATCH_NOVELTY:
            best.raise_flag(FindingKind.FAMILY_TOO_LONG, new, new.shape.ended)
        elif best.mean_novelty(3) > BATCH_NOVELTY and best.flags:
            best.end_flags(new.shape.ended)
        if len(best.members) >= self._limits.proven_members + PROVEN_BY_DEED and not best.counts_down():
            conditions = best.conditions_by_deed(self._limits)
            if all(one.holds for one in conditions):
                best.raise_flag(FindingKind.STOP, new, new.shape.ended, conditions)

    def _forget(self, position: int) -> None:
        """Forgets small families that are too far back to grow."""
        self.families = [
            family for family in self.families if len(family.members) >= 3 or position - family.position <= NEAR
        ]
