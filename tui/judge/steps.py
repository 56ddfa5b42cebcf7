"""Makes steps of a lane's events: calls with their results, weighed by what they brought and changed."""

from __future__ import annotations

import re
from collections import deque
from zlib import crc32

from tui.judge.acts import Acts
from tui.judge.checks import Checks
from tui.judge.evidence import Group
from tui.judge.looks import Looks
from tui.judge.normalise import mark, without_digits, without_label
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.outcomes import STALE, Outcome, OutcomeReader
from tui.judge.shapes import Role, Shape, exact_mark, likeness, words_of
from tui.judge.speech import Plans, Speech
from tui.judge.waits import Waits
from tui.judge.work import Pending, Step, Work
from tui.model.event import Call, Plan, Result, ToolKind

OPEN_LIMIT = 64
SHAPES_KEPT = 32
KNOWN_LIMIT = 96
RECENT = 8
FADING = 0.85
"""The likeness to an earlier call is multiplied by this for each step between the two."""
ALMOST = 0.98
"""The greatest likeness of two calls that are not equal letter by letter."""
EDIT_CHARS = 1200
FAR = 96
"""After this many turns the same call is no repetition, because it is needed again."""
_PASSING_PLACES = ("/tmp/", "/var/tmp/")  # noqa: S108 (a name in a transcript, never opened)
_PASSING_KINDS = (".log", ".tmp", ".out", ".pid", ".lock")
"""Places and endings of temporary files. Their names count as one target if they differ only in numbers."""
_DIGITS = re.compile(r"\d+")
_TOOLS = (ToolKind.MCP, ToolKind.OTHER)
"""Kinds of tools whose names may mislead. A result that reports an effect makes the call an act."""


class StepMaker:
    """Pairs calls with results and weighs them. `label` holds the words of the running action's name."""

    def __init__(self) -> None:
        self.label: tuple[bytes, ...] = ()
        self.work = Work()
        self._checks = Checks(self.work)
        self._waits = Waits(self.work)
        self._looks = Looks(self.work)
        self._acts = Acts(self.work)
        self._speech = Speech(self.work)
        self._plans = Plans(self.work)
        self._open: dict[str, Pending] = {}
        self._shapes: dict[int, Shape] = {}
        self._reader = OutcomeReader()
        self._known: dict[int, tuple[int, int]] = {}
        """By `Shape.bare`: the turn and the version of the work at the newest such call."""
        self._manners = Seen(FEW)
        self._targets = Seen()
        self._errors = Seen(FEW)
        self._bare = Seen(FEW)
        """Targets and edited texts, without the words of the action's label."""
        self._recent: deque[Shape] = deque(maxlen=RECENT + 1)
        self.outcome: Outcome | None = None
        """The outcome of the newest step."""
        self.shape: Shape | None = None
        """The call of the newest step."""
        self.edit_text = ""
        """The arguments of the newest step if it was an edit that succeeded; else empty."""
        self.targets: tuple[str, ...] = ()

    # -- events ---------------------------------------------------------------------------------

    def call(self, event: Call) -> Shape:
        """Takes a call that began. Returns its shape."""
        exact = exact_mark(event)
        shape = self._shapes.get(exact)
        if shape is None:
            if len(self._shapes) >= SHAPES_KEPT:
                self._shapes.pop(next(iter(self._shapes)))
            shape = self._shapes[exact] = Shape(event, exact)
        if len(self._open) >= OPEN_LIMIT:
            self._open.pop(next(iter(self._open)))
        pending = self._open[event.call] = Pending(event, shape, self.work.turns.call(event))
        pending.asks = self._waits.asks(event.continues)
        return shape

    def result(self, event: Result) -> Step | None:
        """Takes a result. Returns the step that it completes.

        None if the call is not open, if its outcome is unknown, or if it repeats another call of the same turn.
        """
        self.work.turns.close()
        if event.untold:
            self._untold(event)
            return None
        pending = self._open.pop(event.call, None)
        if pending is None:
            return None
        shape = pending.shape
        known = self._known.get(shape.bare)
        if known is not None and known[0] == pending.turn:
            return None  # the same call made twice at once, such as by one script
        self._waits.begin(event.call, event)
        outcome = self._reader.read(event, shape, self.label)
        step = Step(pending, event, outcome)
        self._weigh(step, pending, outcome, event)
        self.outcome, self.shape = outcome, shape
        self.targets = shape.targets
        self.edit_text = pending.args[:EDIT_CHARS] if shape.role is Role.EDIT and not outcome.failed else ""
        return step

    def plan(self, event: Plan) -> None:
        """Takes the present plan."""
        self._plans.state(event)

    def compacted(self) -> None:
        """Notes that the context was compacted: its content may be read once more."""
        self.work.change(edit=False)

    def says_done(self) -> None:
        """Notes that the agent says that its work is done."""
        self.work.done = True

    def person_spoke(self, text: str) -> None:
        """Takes a new text of a person. Repetitions are counted again from here on."""
        self.work.turns.close()
        self.work.forget()
        self.work.request.add(text)
        self._speech.forget()

    def _untold(self, event: Result) -> None:
        """Takes a result whose outcome is unknown. It makes no step, but a change of files counts unless it failed."""
        if event.background:
            return  # its result may come later
        pending = self._open.pop(event.call, None)
        if pending is None or not pending.shape.mutates or event.ok is False or self._acts.was_done(pending.shape):
            return
        self._acts.remember(pending.shape)
        self.work.change(edit=pending.shape.role is Role.EDIT)

    @property
    def likeness(self) -> float:
        """How much the newest call is like an earlier one, 0 to 1, whatever their outcomes.

        Computed when it is read. It is used for comparisons with repetitions that people labelled.
        """
        if not self._recent:
            return 0.0
        *earlier, newest = self._recent
        words = words_of(newest.text)
        best, weight = 0.0, 1.0
        for shape in reversed(earlier):
            if shape.exact == newest.exact:
                return max(best, weight)
            if shape.tool == newest.tool:
                best = max(best, min(ALMOST, likeness(words, words_of(shape.text))) * weight)
            weight *= FADING
        return best

    def points(self, group: Group) -> float:
        """The present points of a group."""
        return self.work.points(group)

    # -- weighing -------------------------------------------------------------------------------

    def _weigh(self, step: Step, pending: Pending, outcome: Outcome, result: Result) -> None:
        shape = pending.shape
        new_target = self._has_new_target(shape)
        self._recent.append(shape)
        seen = self._known.pop(shape.bare, None)
        if seen is not None and (seen[0] >= pending.turn or pending.turn - seen[0] > FAR):
            seen = None
        self._note_novelty(step, pending, outcome, new_target=new_target, known=seen is not None)
        if not (outcome.redacted or shape.redacted):  # the masked part may be what differed
            known = seen[1] if seen is not None else None
            self._find(step, pending, outcome, result, known=known, new_target=new_target)
        if shape.mutates and not outcome.failed:
            self._acts.remember(shape)
        if len(self._known) >= KNOWN_LIMIT:
            self._known.pop(next(iter(self._known)))
        self._known[shape.bare] = (pending.turn, self.work.version)
        self.work.gains += step.gain

    def _find(
        self, step: Step, pending: Pending, outcome: Outcome, result: Result, *, known: int | None, new_target: bool
    ) -> None:
        role = step.role
        found_nothing = outcome.empty and outcome.count > 0 and step.tool_kind in _TOOLS and role is Role.ACT
        if role is Role.CHECK and not result.background:
            self._checks.weigh(step, pending, outcome, result)
        elif role is Role.WAIT:
            self._waits.weigh(step, pending, outcome, result)
        elif outcome.bad or (role is Role.EDIT and outcome.reports_failure):
            self.work.fail(step, pending.shape, outcome, new_target=new_target)
        elif role is Role.ACT and (like := self.work.failed_like(pending.shape, outcome)) is not None:
            self.work.fail(step, pending.shape, outcome, new_target=new_target, like=like)
        elif role is Role.PLAN:
            self._plans.weigh(step, pending, known=known is not None)
        elif role is Role.SPAWN and outcome.reports_failure and outcome.fresh <= STALE:
            self.work.fail(step, pending.shape, outcome, new_target=False)
        elif role in (Role.ASK, Role.SPAWN, Role.TELL):
            self._speech.weigh(step, pending, outcome, new_target=new_target)
        elif role is Role.EDIT:
            self._acts.edit(step, pending)
        elif role is (Role.ACT if found_nothing else Role.LOOK) and not (outcome.effect and step.tool_kind in _TOOLS):
            self._looks.weigh(step, pending, outcome, result, known=known)
        else:
            self._acts.act(step, pending, outcome, known=known, new_target=new_target)

    # -- memory ---------------------------------------------------------------------------------

    def _note_novelty(self, step: Step, pending: Pending, outcome: Outcome, *, new_target: bool, known: bool) -> None:
        shape = pending.shape
        if shape.manner not in self._manners:
            self._manners.add(shape.manner)
            step.novelty = 1.0
            if new_target and self.label:
                self._is_more_than_label(shape)
        else:
            novelty = 0.6 * outcome.fresh
            if new_target and self._is_more_than_label(shape):
                novelty += 0.2
            if outcome.error and outcome.error not in self._errors:
                novelty += 0.2
            step.novelty = min(0.6 if known else 1.0, novelty)
        if outcome.error:
            self._errors.add(outcome.error)
        if (
            step.tool_kind is ToolKind.EDIT and not outcome.failed and not self._acts.was_done(shape)
            and self._is_new_text(pending.args[:EDIT_CHARS])
        ):  # fmt: skip
            step.novelty = max(step.novelty, 0.5)

    def _has_new_target(self, shape: Shape) -> bool:
        fresh = False
        for target in shape.targets:
            passing = target.startswith(_PASSING_PLACES) or target.endswith(_PASSING_KINDS)
            at = mark(_DIGITS.sub("#", target) if passing else target)
            if at not in self._targets:
                self._targets.add(at)
                fresh = True
        return fresh

    def _is_more_than_label(self, shape: Shape) -> bool:
        """Whether a target is new even without the words of the action's label and without numbers."""
        if not self.label:
            return True
        fresh = False
        for target in shape.targets:
            at = self._unlabelled(target)
            if at not in self._bare:
                self._bare.add(at)
                fresh = True
        return fresh

    def _is_new_text(self, text: str) -> bool:
        """Whether the text of an edit is new, without the words of the label and without numbers."""
        at = self._unlabelled(text)
        if at in self._bare:
            return False
        self._bare.add(at)
        return True

    def _unlabelled(self, text: str) -> int:
        return crc32(without_digits(without_label(text.encode("utf-8", "replace"), self.label)))
