"""The work that a lane has done so far. It shows whether there is a reason for a repeated call."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from tui.judge.evidence import (
    AGAIN,
    ALIKE,
    CALLS_KEPT,
    CALM_TURNS,
    DOUBTFUL,
    EXCUSED,
    LEAST_WORDS,
    STEPS_KEPT,
    Group,
    Groups,
)
from tui.judge.normalise import mark
from tui.judge.outcomes import STALE, Outcome
from tui.judge.requests import Request
from tui.judge.shapes import Role, Shape
from tui.judge.state import Change, FileStates
from tui.judge.turns import Turns
from tui.model.event import Call, Result, ToolKind
from tui.model.finding import RepetitionKind

TEXT = 160
SHOWN_CHARS = 120
WRITTEN_KEPT = 64
FITS = 0.8
"""A result with at least this share of the words of a known failure counts as the same failure."""


class Pending:
    """A call whose result has not come yet."""

    __slots__ = ("args", "asks", "at", "continues", "kind", "offset", "shape", "summary", "text", "turn")

    def __init__(self, call: Call, shape: Shape, turn: int) -> None:
        self.shape = shape
        self.turn = turn
        self.at = call.at
        self.offset = call.offset
        self.continues = call.continues is not None
        self.asks = False
        """True if the command that it polls waits for somebody to type."""
        self.kind = call.tool_kind
        self.summary = call.summary
        self.args = call.args if shape.role is Role.EDIT or shape.role >= Role.PLAN else ""
        if call.tool_kind is ToolKind.SHELL:
            self.text = call.summary[:TEXT] or call.tool
        else:
            self.text = f"{call.tool} {(call.summary or call.args)[:TEXT]}"


class Step:
    """One weighed step.

    `gain` (0 to 1): the information that it brought and the state that it changed. `group`: the steps that it repeats,
    if any. `waste` (0 to 1): how much it repeats them. `novelty` (0 to 1): how much in it was new, useful or not.
    """

    __slots__ = (
        "_said", "at", "failed", "fresh", "gain", "group", "guard", "manner", "novelty", "offset", "poll", "role",
        "text", "tool_kind", "turn", "waste",
    )  # fmt: skip

    def __init__(self, call: Pending, result: Result, outcome: Outcome) -> None:
        shape = call.shape
        self.offset = call.offset
        self.at = result.at if result.at is not None else call.at
        self.text = call.text
        self.tool_kind = call.kind
        self.manner = shape.manner
        self.poll = shape.poll
        self.guard = shape.guard
        self.role = shape.role
        self.turn = call.turn
        self.failed = outcome.failed
        self.fresh = outcome.fresh
        self._said = outcome.words or result.text[:TEXT]
        self.gain = 0.0
        self.group: Group | None = None
        self.waste = 0.0
        self.novelty = 0.0

    @property
    def outcome(self) -> str:
        """The error, or the first line of the result. Raw text."""
        return next((line.strip() for line in self._said.splitlines() if line.strip()), "")


class Work:
    """The state of one lane that all modules share which weigh its steps."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.groups = Groups()
        self.files = FileStates()
        self.request = Request()
        """The repetitions that the person's prompts ask for."""
        self.version = 0
        """Grows with each change to a new state. A compaction and a new prompt of a person count as changes."""
        self.edits = 0
        """The number of edits that brought a file into a new state."""
        self.acts = 0
        """The number of other changes, such as those by commands."""
        self.looks = 0
        """The number of looks since the last change."""
        self.gains = 0.0
        """The sum of the gains of all steps."""
        self.stuck = False
        """True if the same failure followed an edit. Until an act or a check succeeds, edits bring no gain."""
        self.done = False
        """True if the agent said that its work is done, and has since edited nothing but prose."""
        self._written: dict[int, None] = {}
        """Marks of the names of edited files: the newest ones."""

    def clock(self) -> float:
        """A clock that advances with the lane's gains and, slightly, with each turn."""
        return self.gains + CALM_TURNS * self.turns.number

    def change(self, *, edit: bool) -> None:
        """Counts a change to a new state."""
        self.version += 1
        self.looks = 0
        if edit:
            self.edits += 1
        else:
            self.acts += 1

    def wrote(self, path: str) -> None:
        """Notes that a file was edited."""
        name = mark(path.rsplit("/", 1)[-1])
        self._written.pop(name, None)
        self._written[name] = None
        if len(self._written) > WRITTEN_KEPT:
            self._written.pop(next(iter(self._written)))

    def has_written(self, targets: Sequence[str]) -> bool:
        """Whether a file with the name of one of these was edited."""
        return any(mark(target.rsplit("/", 1)[-1]) in self._written for target in targets)

    def forget(self) -> None:
        """Forgets earlier states and repetitions, since a person said something new."""
        self.files.forget_history()
        self.done = False
        self.version += 1
        self.looks = 0
        for group in self.groups.all():
            group.reset()

    # -- evidence -------------------------------------------------------------------------------

    def points(self, group: Group) -> float:
        """The present points of a group."""
        return group.left(self.clock())

    def note(self, group: Group, step: Step, shape: Shape) -> None:
        """Adds a step that repeats nothing, but may be repeated."""
        self._enter(group, step, shape, 0.0)
        group.steps = group.steps[-1:]

    def repeat(self, group: Group, step: Step, shape: Shape, weight: float) -> None:
        """Adds a step with the outcome of its group. `weight` (0 to 1): how much the repetition counts."""
        if group.kind in FAILING and group.edits != self.edits and step.fresh <= STALE:
            self.stuck = True
        if group.count < 2 * self.request.times or (self.request.watches and shape.bare in group.calls):
            weight = 0.0  # a person asked for it; the number is doubled, since two steps may alternate
        if group.turn == step.turn:
            weight = 0.0  # made in one turn, before the outcome of the other was known
        self._enter(group, step, shape, weight)
        step.waste = weight
        step.group = group

    def _enter(self, group: Group, step: Step, shape: Shape, weight: float) -> None:
        if group.turn != step.turn:
            left = self.points(group) if group.turn else 0.0
            if left <= 0.0 and group.points > 0.0 and group.count > 1:
                group.reset()
            group.points = left + weight
            group.gains = self.clock() + CALM_TURNS
        if not group.count:
            group.since_at, group.since_offset = step.at, step.offset
            group.anchor = shape.same
        group.count += 1
        group.last_at = step.at
        group.turn = step.turn
        group.version, group.edits, group.acts = self.version, self.edits, self.acts
        group.tree = self.files.tree
        group.program = shape.program
        if len(group.calls) < CALLS_KEPT:
            group.calls[shape.bare] = None
        group.steps.append((step.text[:SHOWN_CHARS], step.outcome[:SHOWN_CHARS], step.at, step.offset))
        if len(group.steps) > STEPS_KEPT:
            del group.steps[0]

    def excuse(self, group: Group, step: Step) -> float:
        """The greatest weight of a repetition, by what was changed since the newest step of the group."""
        if step.role in (Role.ACT, Role.CHECK, Role.WAIT):
            if group.edits != self.edits and group.tree != self.files.tree:
                return ALIKE if self.stuck else DOUBTFUL
            return ALIKE if group.acts != self.acts else AGAIN
        return AGAIN

    # -- failures -------------------------------------------------------------------------------

    def failed_like(self, shape: Shape, outcome: Outcome) -> Group | None:
        """The known failure that a result matches, even if the client reports no failure; None if there is none."""
        tokens = outcome.tokens
        for group in self.groups.all():
            size = len(group.tokens)
            fails = group.kind in FAILING and group.program == shape.program
            if fails and size >= LEAST_WORDS and len(group.tokens & tokens) >= FITS * size:
                return self.groups.get(group.key)
        return None

    def fail(self, step: Step, shape: Shape, outcome: Outcome, *, new_target: bool, like: Group | None = None) -> None:
        """Weighs a failed call by its outcome, whatever the call was.

        `like`: the failure that it matches, if that is known.
        """
        group = like or self.groups.get(crc32(b"bad", outcome.digest))
        is_same = group is not None
        group = group or self.groups.near(outcome.tokens)
        if group is None:
            group = self.groups.make(crc32(b"bad", outcome.digest), RepetitionKind.SAME_ERROR)
            group.tokens = outcome.tokens
            step.gain = DOUBTFUL
            self.note(group, step, shape)
            return
        weight = self.excuse(group, step)
        if shape.bare not in group.calls:
            same_program = shape.program == group.program or step.tool_kind is not ToolKind.SHELL
            weight = min(weight, ALIKE if same_program or is_same else DOUBTFUL)
            if group.count and shape.same != group.anchor:
                group.varies = True
        if outcome.refused:
            weight = min(weight, DOUBTFUL)
        elif new_target:
            # It is normal that a new target is missing. If a person named a list, each item of it may fail.
            weight = min(weight, 0.0 if self.request.each and step.role is Role.ACT else ALIKE)
        if step.role is Role.CHECK:
            # New lines in the output of a failing check are progress.
            weight *= outcome.sameness * (DOUBTFUL if outcome.news else 1.0)
        elif not outcome.numbers:
            weight *= max(outcome.sameness, ALIKE if is_same else DOUBTFUL)  # new words may be values in a template
        self.repeat(group, step, shape, weight)
        group.kind = RepetitionKind.SAME_OUTCOME if group.varies else RepetitionKind.SAME_ERROR

    def ease(self, shape: Shape) -> None:
        """Notes that a program succeeded: its failures count for less."""
        if shape.role in (Role.ACT, Role.CHECK):
            self.stuck = False
        for group in self.groups.all():
            if group.points and group.program == shape.program and group.kind in FAILING:
                if shape.bare in group.calls:
                    group.reset()
                else:
                    group.ease(self.clock())

    # -- states ---------------------------------------------------------------------------------

    def sway(self, step: Step, shape: Shape, change: Change, *, again: bool) -> None:
        """Weighs a change after which a file, or all files, are in an earlier state or in the same one.

        `again`: exactly this change was made before. A return to the first state counts least, since work may start
        again from there.
        """
        group = self.groups.of(crc32(b"sway"), RepetitionKind.OSCILLATION)
        self.repeat(group, step, shape, EXCUSED if change is Change.UNDONE else AGAIN if again else ALIKE)


FAILING = (RepetitionKind.SAME_ERROR, RepetitionKind.SAME_OUTCOME)
