"""Edits and other acts. Progress is a new state of the files, or a new outcome."""

from __future__ import annotations

from zlib import crc32

from tui.judge.evidence import AGAIN, ALIKE, DOUBTFUL, EXCUSED
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.outcomes import STALE, Outcome
from tui.judge.polling import ASKS
from tui.judge.shapes import Shape
from tui.judge.speech import SAME_WORDS, Words
from tui.judge.state import Change, brings_other_files, taken_back
from tui.judge.waits import WAITED
from tui.judge.work import Pending, Step, Work
from tui.model.event import ToolKind
from tui.model.finding import RepetitionKind

PROSE = (".md", ".rst", ".txt", ".adoc", ".mdx")
EDITORS = frozenset(("edit", "insert", "str_replace", "applypatch", "apply_patch"))
"""Commands that write a given text into a file, in the shells of some agents."""


class Acts:
    """Weighs the changes of one lane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._done = Seen(FEW)
        """Marks of edits and of changing commands that succeeded."""
        self._words = Words(numbers=True)

    def was_done(self, shape: Shape) -> bool:
        """Whether exactly this change succeeded before."""
        return shape.exact in self._done

    def remember(self, shape: Shape) -> None:
        """Notes a change that succeeded."""
        self._done.add(shape.exact)

    def edit(self, step: Step, call: Pending) -> None:
        """Weighs an edit that succeeded."""
        work, shape = self._work, call.shape
        again = self.was_done(shape)
        change = work.files.edit(call.args, call.summary)
        if change is None:
            change = Change.NONE if again else Change.NEW
        work.wrote(call.summary)
        if change is not Change.NEW:
            work.sway(step, shape, change, again=again)
            return
        work.change(edit=True)
        if work.done and call.summary.endswith(PROSE):
            group = work.groups.of(crc32(b"polish"), RepetitionKind.AFTER_DONE)
            if group.count:
                work.repeat(group, step, shape, ALIKE)
            else:
                work.note(group, step, shape)
            return
        work.done = False
        if not work.stuck:
            step.gain = DOUBTFUL
        work.ease(shape)

    def act(self, step: Step, call: Pending, outcome: Outcome, *, known: int | None, new_target: bool) -> None:
        """Weighs an act, or a call with an unknown effect. `known`: as in `Looks.weigh`."""
        work, shape = self._work, call.shape
        if step.tool_kind is ToolKind.SHELL and self._took_back(step, call):
            return
        writes = shape.mutates and ("<<" in call.summary or shape.program in EDITORS)
        if known is not None and writes:
            work.sway(step, shape, Change.BACK, again=True)  # exactly this text was written before
            return
        stale = outcome.fresh <= STALE
        if known is not None:
            if stale and outcome.effect and not outcome.same:
                step.gain = EXCUSED  # it reports another effect than before
                return
            if stale:
                group = work.groups.of(shape.bare, RepetitionKind.SAME_RESULT)
                group.count = max(1, group.count)
                work.repeat(group, step, shape, self._weight(shape, outcome, changed=known != work.version))
                return
            step.gain = (DOUBTFUL if outcome.news else EXCUSED) * outcome.fresh
            work.change(edit=False)  # a new result: most likely the call changed something
            group = work.groups.get(shape.bare)
            if group is not None:
                group.reset()
            return
        has_values = self._words.new(shape.text) > SAME_WORDS
        says_as_before = stale and not outcome.slight and not outcome.effect
        if (shape.mutates and not says_as_before) or outcome.effect or new_target or not stale:
            certain = shape.mutates or outcome.effect
            step.gain = DOUBTFUL if certain else max(EXCUSED, DOUBTFUL * outcome.fresh)
            work.change(edit=False)
            work.ease(shape)
            return
        if not outcome.idle and has_values:
            return  # each call has a new value and succeeds: the lane works through a list
        self._idle(step, shape, outcome)

    @staticmethod
    def _weight(shape: Shape, outcome: Outcome, *, changed: bool) -> float:
        if shape.poll == ASKS:
            return WAITED
        if changed:
            return EXCUSED  # the state has changed since, so the effect may be another
        # The numbers in a successful result may be a measurement.
        return DOUBTFUL if outcome.empty else AGAIN if outcome.same else EXCUSED

    def _took_back(self, step: Step, call: Pending) -> bool:
        work = self._work
        back, path = taken_back(call.summary)
        if back:
            change = work.files.take_back(path)
            if change is not Change.NONE:
                work.sway(step, call.shape, change, again=False)
                return True
        elif call.shape.mutates and brings_other_files(call.summary):
            work.files.forget_history(all_of_it=True)
        return False

    def _idle(self, step: Step, shape: Shape, outcome: Outcome) -> None:
        """Weighs another call in which nothing is new, neither its words nor its outcome."""
        key = crc32(b"label", outcome.digest ^ shape.manner)
        group = self._work.groups.of(key, RepetitionKind.LABELS)
        if group.count:
            self._work.repeat(group, step, shape, DOUBTFUL)
        else:
            self._work.note(group, step, shape)
