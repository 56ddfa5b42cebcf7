"""Looks: progress is what was not seen before, whatever the words of the call."""

from __future__ import annotations

from zlib import crc32

from tui.judge.evidence import AGAIN, ALIKE, DOUBTFUL, EXCUSED, Group
from tui.judge.outcomes import STALE, Outcome
from tui.judge.polling import ASKS
from tui.judge.shapes import Shape
from tui.judge.speech import Words
from tui.judge.waits import WAITED
from tui.judge.work import Pending, Step, Work
from tui.model.event import Result, ToolKind
from tui.model.finding import RepetitionKind

STALE_FOUND = 0.34
"""`STALE` for what a search on the web finds: there is always one result more that has nothing to do with it."""
FREE_LOOKS = 3
"""Looks at what was seen before, after each change of state: one looks whether it went well."""
SPACED_S = 15.0
"""Looks at a state this far apart are polling."""
FEW_LINES = 2
"""A result with so few lines may be a measurement."""
TURNED = 0.2
"""A query with so few words of its own is an earlier one, turned."""
SAME_ANSWER = 0.6
"""Two answers with so large a share of words in common are the same answer."""

_CHEAP = frozenset(("git", "ls", "pwd", "wc", "stat", "date", "df", "ps"))
"""Looks that one takes between other things."""


class Looks:
    """What one lane looked at."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._queries = Words()
        self._last_at: float | None = None

    def weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result, *, known: int | None) -> None:
        """A look came to its end. `known`: the version of the lane's work when the same look was taken before."""
        self._weigh(step, call, outcome, result, known=known)
        self._last_at = step.at

    def _weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result, *, known: int | None) -> None:
        work, shape = self._work, call.shape
        work.looks += 1
        is_web = step.tool_kind is ToolKind.WEB
        stale = outcome.fresh <= (STALE_FOUND if is_web else STALE)
        if result.size == 0 and step.tool_kind is not ToolKind.SHELL and step.tool_kind is not ToolKind.SEARCH:
            # What it brought is not in the transcript: only its own words can tell.
            if is_web and self._queries.new(shape.text) <= TURNED:
                self._vary(step, shape, b"turned", ALIKE)
            return
        key = crc32(b"look", shape.core)
        group = work.groups.get(key)
        if stale and (known is not None or group is not None):
            if group is None:
                group = self._begun(key, step)
            if not group.count:
                group.count = 1
                group.version = known if known is not None else work.version
            work.repeat(group, step, shape, self._weight(group, step, shape, outcome, known=known))
            return
        if group is None:
            group = self._begun(key, step)
        else:
            group.reset()
        if not outcome.empty:
            work.note(group, step, shape)
        if outcome.empty:
            self._vary(step, shape, b"empty", DOUBTFUL)
        elif stale and outcome.slight:
            pass  # an item of a list, looked at: it says yes or no
        elif stale and outcome.count:
            weight = ALIKE if is_web or work.looks > FREE_LOOKS else EXCUSED
            self._vary(step, shape, b"stale", weight, outcome)
        else:
            step.gain = (EXCUSED if shape.poll == ASKS else AGAIN) * outcome.fresh
            work.ease(shape)

    def _weight(self, group: Group, step: Step, shape: Shape, outcome: Outcome, *, known: int | None) -> float:
        work = self._work
        if shape.poll == ASKS and work.request.watches:
            return 0.0
        weight = AGAIN if known is not None else ALIKE
        if self._may_differ(step, shape, group):
            weight = EXCUSED
        if outcome.empty:
            weight = min(weight, DOUBTFUL)  # nothing said proves next to nothing
        elif shape.program in _CHEAP:
            weight = min(weight, EXCUSED if work.clock() - group.gains > DOUBTFUL else DOUBTFUL)
        elif outcome.numbers and outcome.count <= FEW_LINES:
            weight = min(weight, EXCUSED)  # they may be what was measured
        if shape.poll == ASKS:
            spaced = step.at is not None and self._last_at is not None and step.at - self._last_at >= SPACED_S
            weight = min(weight, WAITED if spaced else EXCUSED)
        return weight

    def _begun(self, key: int, step: Step) -> Group:
        kind = RepetitionKind.REREADING if step.tool_kind is ToolKind.READ else RepetitionKind.SAME_RESULT
        return self._work.groups.make(key, kind)

    def _may_differ(self, step: Step, shape: Shape, group: Group) -> bool:
        """Whether what the lane did since may have changed what it looks at."""
        work = self._work
        if step.tool_kind is ToolKind.WEB or group.version == work.version:
            return False
        if group.acts != work.acts:
            return True
        return group.edits != work.edits and (not shape.targets or work.has_written(shape.targets))

    def _vary(self, step: Step, shape: Shape, why: bytes, weight: float, outcome: Outcome | None = None) -> None:
        """Other words, and nothing new came of them."""
        key = crc32(why + shape.program.encode("utf-8", "replace"))
        group = self._work.groups.of(key, RepetitionKind.SEARCHING)
        if not group.count:
            self._work.note(group, step, shape)
        else:
            if outcome is not None and not _alike(outcome.tokens, group.tokens):
                weight = EXCUSED  # another part of what was seen: it may well be what was asked for
            self._work.repeat(group, step, shape, weight)
        if outcome is not None:
            group.tokens = outcome.tokens


def _alike(a: frozenset[int], b: frozenset[int]) -> bool:
    return 2 * len(a & b) >= SAME_ANSWER * (len(a) + len(b))
