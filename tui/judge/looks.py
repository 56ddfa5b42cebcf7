"""Looks: calls that only read. Progress is a result that was not seen before, whatever the words of the call are."""

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
"""`STALE` for a search on the web, which nearly always finds some further result of no use."""
FREE_LOOKS = 3
"""After each change, this many looks at known things count for little, because they may check whether it succeeded."""
SPACED_S = 15.0
"""Looks at a state that are at least this far apart, in seconds, are polling."""
FEW_LINES = 2
"""A result with at most this many lines may be a measurement."""
TURNED = 0.2
"""A query with at most this share of new words is an earlier one, rephrased."""
SAME_ANSWER = 0.6
"""Two answers with at least this share of common words are the same answer."""

_CHEAP = frozenset(("git", "ls", "pwd", "wc", "stat", "date", "df", "ps"))
"""Programs that lanes often run between other steps, to see where they are."""


class Looks:
    """Weighs the looks of one lane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._queries = Words()
        self._last_at: float | None = None

    def weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result, *, known: int | None) -> None:
        """Weighs a look that ended. `known`: the version of the work at the same look before; None: no such look."""
        self._weigh(step, call, outcome, result, known=known)
        self._last_at = step.at

    def _weigh(self, step: Step, call: Pending, outcome: Outcome, result: Result, *, known: int | None) -> None:
        work, shape = self._work, call.shape
        work.looks += 1
        is_web = step.tool_kind is ToolKind.WEB
        stale = outcome.fresh <= (STALE_FOUND if is_web else STALE)
        if result.size == 0 and step.tool_kind is not ToolKind.SHELL and step.tool_kind is not ToolKind.SEARCH:
            # The result is not in the transcript, so only the words of the query can be compared.
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
            pass  # a short answer such as yes or no about one item of a list
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
            weight = min(weight, DOUBTFUL)  # an empty result proves little
        elif shape.program in _CHEAP:
            weight = min(weight, EXCUSED if work.clock() - group.gains > DOUBTFUL else DOUBTFUL)
        elif outcome.numbers and outcome.count <= FEW_LINES:
            weight = min(weight, EXCUSED)  # the numbers may be a measurement
        if shape.poll == ASKS:
            spaced = step.at is not None and self._last_at is not None and step.at - self._last_at >= SPACED_S
            weight = min(weight, WAITED if spaced else EXCUSED)
        return weight

    def _begun(self, key: int, step: Step) -> Group:
        kind = RepetitionKind.REREADING if step.tool_kind is ToolKind.READ else RepetitionKind.SAME_RESULT
        return self._work.groups.make(key, kind)

    def _may_differ(self, step: Step, shape: Shape, group: Group) -> bool:
        """Whether the lane has since changed something that the result may depend on."""
        work = self._work
        if step.tool_kind is ToolKind.WEB or group.version == work.version:
            return False
        if group.acts != work.acts:
            return True
        return group.edits != work.edits and (not shape.targets or work.has_written(shape.targets))

    def _vary(self, step: Step, shape: Shape, why: bytes, weight: float, outcome: Outcome | None = None) -> None:
        """Weighs a look with other words whose result brings nothing new."""
        key = crc32(why + shape.program.encode("utf-8", "replace"))
        group = self._work.groups.of(key, RepetitionKind.SEARCHING)
        if not group.count:
            self._work.note(group, step, shape)
        else:
            if outcome is not None and not _alike(outcome.tokens, group.tokens):
                weight = EXCUSED  # another part of what was seen before: it may be needed
            self._work.repeat(group, step, shape, weight)
        if outcome is not None:
            group.tokens = outcome.tokens


def _alike(a: frozenset[int], b: frozenset[int]) -> bool:
    return 2 * len(a & b) >= SAME_ANSWER * (len(a) + len(b))
