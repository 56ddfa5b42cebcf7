"""Checks (tests, builds, linters). Progress is a new outcome, or another pass after files were changed."""

from __future__ import annotations

from zlib import crc32

from tui.agents.runs import has_failed
from tui.judge.evidence import AGAIN, DOUBTFUL, EXCUSED, Group
from tui.judge.outcomes import STALE, Outcome
from tui.judge.shapes import Shape
from tui.judge.state import count_left
from tui.judge.work import Pending, Step, Work
from tui.model.event import Result
from tui.model.finding import RepetitionKind

CHECKS_KEPT = 24
SIGNS_KEPT = 16


class _Check:
    """The outcomes of one check so far, the fewest failures, and the state of the work at the newest outcome."""

    __slots__ = ("best", "calls", "counted", "edits", "last", "seen", "tree")

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.calls: list[int] = []
        self.last = 0
        self.counted: tuple[bool, int | None] = (False, None)
        """Whether the newest outcome was a failure, and the number of failures that it stated."""
        self.best: int | None = None
        self.edits = -1
        self.tree = 0

    def remember(self, sign: int, exact: int, counted: tuple[bool, int | None], work: Work) -> None:
        """Notes the newest outcome."""
        for kept, one in ((self.seen, sign), (self.calls, exact)):
            if one not in kept:
                kept.append(one)
                del kept[:-SIGNS_KEPT]
        self.last, self.counted, self.edits, self.tree = sign, counted, work.edits, work.files.tree


class Checks:
    """Weighs the checks of one lane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[int, _Check] = {}

    def weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result) -> None:
        """Weighs a check that ended."""
        work, shape = self._work, call.shape
        left = count_left(result.text[-1500:].encode("utf-8", "replace"))
        bad = outcome.bad or bool(left) or has_failed(result.text)
        at = shape.check
        check = self._known.pop(at, None) or _Check()
        if len(self._known) >= CHECKS_KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[at] = check
        sign = crc32(b"%d" % (outcome.digest or outcome.count), crc32(b"%d %d" % (bad, -1 if left is None else left)))
        if sign not in check.seen and outcome.fresh <= STALE and (bad, left) == check.counted:
            sign = check.last  # the same outcome as the newest one, in other words
        better = left is not None and check.best is not None and left < check.best
        if left is not None and (better or check.best is None):
            check.best = left
        group = work.groups.of(crc32(b"check", at), RepetitionKind.SAME_ERROR)
        new = sign not in check.seen
        if bad and not better:
            # It is compared with the failures of all calls, because the cause may be the work, the folder, the tool or
            # the network.
            work.fail(step, shape, outcome, new_target=False)
        elif new or (not bad and check.edits != work.edits and check.tree != work.files.tree):
            step.gain = DOUBTFUL if new else EXCUSED
            group.reset()
            work.note(group, step, shape)
            if not bad:
                work.ease(shape)
        else:
            self._passes_again(group, step, shape, outcome, known=shape.bare in check.calls)
        check.remember(sign, shape.bare, (bad, left), work)

    def _passes_again(self, group: Group, step: Step, shape: Shape, outcome: Outcome, *, known: bool) -> None:
        # A check of another part brings something new, unless its output repeats several known lines.
        says_same = outcome.fresh <= STALE and outcome.count > 1
        if not known and not says_same:
            step.gain = EXCUSED
            return
        self._work.repeat(group, step, shape, (AGAIN if known else DOUBTFUL) * outcome.sameness)
        group.varies = group.varies or not known
        group.kind = RepetitionKind.LABELS if group.varies else RepetitionKind.SAME_RESULT
