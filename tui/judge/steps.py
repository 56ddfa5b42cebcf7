"""A lane's events made into steps: a call with its result, weighed against everything that the lane did before."""

from __future__ import annotations

import re
from collections import deque
from zlib import crc32

from tui.judge.limits import Limits
from tui.judge.masks import mark, without_digits, without_ids, without_label
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.outcomes import Outcome, OutcomeReader, is_failure
from tui.judge.polling import ASKS, WAITS
from tui.judge.shapes import Shape, exact_mark, likeness, words_of
from tui.model.event import Call, Result, ToolKind

OPEN_LIMIT = 64
SHAPES_KEPT = 32
KNOWN_LIMIT = 96
MANNERS_LIMIT = 48
RECENT = 8
FADING = 0.85
"""What a call is like counts this much less with each step between."""
EDITED = 0.3
"""The same call after something was edited is no repetition but a check."""
ALIKE = 0.7
"""Calls of one manner with fewer words in common are two different calls."""
SIZE_PLAY = 40
"""Characters that a label and its numbers can change a result by."""
FRESH = 0.4
"""A step whose result is less stale than this was worth its while."""
ALMOST = 0.98
"""Alike in all words is not yet the same letter by letter."""
TEXT = 160
EDIT_CHARS = 1200
FAR = 96
"""A call made longer ago than this many steps is not being repeated: it is needed again."""
SPACED_S = 15.0
"""Looks at a state this far apart are polling."""

_BY_TURNS = (ToolKind.PLAN, ToolKind.ASK, ToolKind.AGENT)
"""Tools that answer the same whatever they are told: only letter by letter can they repeat themselves."""
_PASSING_PLACES = ("/tmp/", "/var/tmp/")  # noqa: S108 (a name in a transcript, never opened)
_PASSING_KINDS = (".log", ".tmp", ".out", ".pid", ".lock")
"""Files that come and go: another number in the name makes no other target."""
_ONE_TEST = re.compile(
    r"\b(?:pytest|py\.test)\b.*\s-k[\s=]|\bgo\s+test\b.*\s-run[\s=]|\bcargo\s+(?:nextest\s+run|test)\s+\w"
    r"|\b(?:jest|vitest|mocha)\b.*\s(?:-t|-g|--testNamePattern|--grep)[\s=]"
    r"|\b(?:rspec|phpunit|ctest|mvn|gradle|dotnet\s+test)\b.*\s(?:-e|-R|--filter|--tests|-Dtest)[\s=]"
)
"""A run of the tests that it names."""
_EFFECT = re.compile(
    r"(?i)\b(?:created?|deleted?|removed?|wrote|written|converted|moved|renamed|updated|migrated|imported|exported|inserted"
    r"|added|sent|installed|uploaded|downloaded|copied|merged|closed|resolved|processed|generated|saved|built|published)\b"
)
"""The result says that something was done to what the call names."""
_DIGITS = re.compile(r"\d+")


class Step:
    """One weighed step.

    `waste` (0 to 1): a repeated call that bought nothing; `novelty` (0 to 1): what was new. `key` is equal for
    steps that repeat each other with nothing new, and 0 where there was something new.
    """

    __slots__ = (
        "_said", "at", "failed", "fresh", "guard", "key", "label_only", "manner", "novelty", "offset", "poll", "same",
        "text", "times", "tool_kind", "waste",
    )  # fmt: skip

    def __init__(self, call: _Pending, result: Result, outcome: Outcome) -> None:
        shape = call.shape
        self.offset = call.offset
        self.at = result.at if result.at is not None else call.at
        self.text = call.text
        self.tool_kind = call.kind
        self.same = shape.same
        self.manner = shape.manner
        self.poll = shape.poll
        self.guard = shape.guard
        self.failed = outcome.failed
        self.fresh = outcome.fresh
        self._said = outcome.words or result.text[:TEXT]
        self.waste = 0.0
        self.novelty = 0.0
        self.key = 0
        self.label_only = False
        self.times = 1
        """So often this call has come to the same."""

    @property
    def outcome(self) -> str:
        """The error, or the first line of the result. Raw text."""
        return next((line.strip() for line in self._said.splitlines() if line.strip()), "")


class _Pending:
    __slots__ = ("at", "edit_lines", "ended_before", "kind", "offset", "shape", "text")

    def __init__(self, call: Call, shape: Shape, ended_before: int) -> None:
        self.shape = shape
        self.ended_before = ended_before
        """Steps that had ended when the agent made this call: it cannot know the results of later ones."""
        self.at = call.at
        self.offset = call.offset
        self.kind = call.tool_kind
        self.text = (
            f"{call.tool} {call.summary[:TEXT]}" if call.tool_kind is not ToolKind.SHELL else call.summary[:TEXT]
        )
        self.edit_lines = call.args[:EDIT_CHARS] if call.tool_kind is ToolKind.EDIT else ""


class _Known:
    """The last time that a call, or its manner, was seen."""

    __slots__ = ("digest", "edits", "error", "exact", "head", "index", "size", "text", "times")

    def __init__(self, index: int, edits: int, outcome: Outcome, shape: Shape) -> None:
        self.index = index
        self.edits = edits
        self.digest = outcome.digest
        self.error = outcome.error
        self.head = outcome.head
        self.size = outcome.size
        self.exact = shape.exact
        self.text = shape.text
        self.times = 1


class StepMaker:
    """Pairs calls with results and weighs them. `label` holds the words of the running action's name."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.label: tuple[bytes, ...] = ()
        self._open: dict[str, _Pending] = {}
        self._shapes: dict[int, Shape] = {}
        self._reader = OutcomeReader()
        self._by_same: dict[int, _Known] = {}
        self._by_manner: dict[int, _Known] = {}
        self._manners = Seen(FEW)
        self._targets = Seen()
        self._errors = Seen(FEW)
        self._edited = Seen(FEW)
        self._bare = Seen(FEW)
        """Targets and edits without the words of their action's label."""
        self._edits = 0
        """Edits that changed something which had not been changed in just that way before."""
        self._count = 0
        self._recent: deque[Shape] = deque(maxlen=RECENT + 1)
        self._waited = -FAR
        self._last_at: float | None = None
        self._idle = False
        """The newest step was a look at a state, or bought nothing."""
        self.outcome: Outcome | None = None
        """Of the newest step."""
        self.edit_text = ""
        """Arguments of the newest step, if it was an edit that went well."""
        self.targets: tuple[str, ...] = ()

    def call(self, event: Call) -> None:
        """A call began."""
        exact = exact_mark(event)
        shape = self._shapes.get(exact)
        if shape is None:
            if len(self._shapes) >= SHAPES_KEPT:
                self._shapes.pop(next(iter(self._shapes)))
            shape = self._shapes[exact] = Shape(event, exact)
        if len(self._open) >= OPEN_LIMIT:
            self._open.pop(next(iter(self._open)))
        self._open[event.call] = _Pending(event, shape, self._count)

    def result(self, event: Result) -> Step | None:
        """A call ended: the step that it makes, or None if nobody knows the call or what came of it."""
        if event.untold:
            self._untold(event)
            return None
        pending = self._open.pop(event.call, None)
        if pending is None:
            return None
        shape = pending.shape
        if self._is_twin(pending):
            return None
        outcome = self._reader.read(event, self.label, shape.text)
        step = Step(pending, event, outcome)
        self._count += 1
        self._weigh(step, pending, outcome)
        self.outcome = outcome
        self.targets = shape.targets
        self.edit_text = pending.edit_lines if not outcome.failed else ""
        self._remember(step, pending, outcome)
        return step

    def _is_twin(self, pending: _Pending) -> bool:
        """True for the same call made twice at once, such as by one script: the second one is no step of its own."""
        known = self._by_same.get(pending.shape.same)
        return known is not None and known.exact == pending.shape.exact and known.index > pending.ended_before

    def _untold(self, event: Result) -> None:
        """No step: a result that nobody told proves neither progress nor repetition. An edit still is one."""
        if event.background:
            return  # its result may come later
        pending = self._open.pop(event.call, None)
        if pending is not None and pending.shape.mutates and not is_failure(event):
            self._edited.add(pending.shape.exact)
            self._edits += 1

    @property
    def likeness(self) -> float:
        """How much the newest call is like one of those before it, 0 to 1, whatever came of either.

        Worked out when asked: it is for those who compare with what people call a repetition.
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

    # -- weighing -------------------------------------------------------------------------------

    def _weigh(self, step: Step, pending: _Pending, outcome: Outcome) -> None:
        shape = pending.shape
        new_target = self._has_new_target(shape)
        known = self._seen_by(pending, self._by_same.get(shape.same))
        # A file that was never touched is another matter, whatever digits its name has.
        if known is not None and (self._count - known.index > FAR or (new_target and known.exact != shape.exact)):
            known = None
        manner = self._seen_by(pending, self._by_manner.get(shape.manner))
        self._recent.append(shape)
        step.novelty = self._novelty(shape, outcome, known, new_target=new_target and self._is_more_than_label(shape))
        if outcome.redacted or shape.redacted:
            return  # what was cut out may have been what differed
        if self._changes(shape, outcome) or (
            step.tool_kind in _BY_TURNS and (known is None or known.exact != shape.exact)
        ):
            return
        stale = self._staleness(outcome, known)
        if known is not None:
            dup = 1.0 if known.edits == self._edits else EDITED
        elif manner is not None and not new_target:
            dup, stale = self._near(shape, outcome, manner, stale)
        else:
            return
        dup *= self._patience(step)
        step.waste = dup * dup * max(0.0, (stale - FRESH) / (1.0 - FRESH))
        if step.waste < 0.5:
            return
        step.key = shape.same if known is not None else shape.manner
        before = known or manner
        if before is not None and before.exact != shape.exact:
            step.label_only = without_ids(shape.text) != without_ids(before.text)
            if step.label_only and (_EFFECT.search(outcome.head) or _names_a_test(shape, outcome)):
                step.waste, step.key = 0.0, 0  # a list that is worked off: each entry is another matter

    @staticmethod
    def _seen_by(pending: _Pending, known: _Known | None) -> _Known | None:
        """An earlier call, if its result was there when this call was made.

        Calls that the agent makes at once, in one message or one script, do not repeat one another: none of them could
        learn from the others.
        """
        return known if known is not None and known.index <= pending.ended_before else None

    def _changes(self, shape: Shape, outcome: Outcome) -> bool:
        """Whether the call changed something in a way in which it had not been changed before."""
        return shape.mutates and not outcome.failed and shape.exact not in self._edited

    def _staleness(self, outcome: Outcome, known: _Known | None) -> float:
        stale = 1.0 - outcome.fresh
        if outcome.failed and outcome.error in self._errors:
            stale = max(stale, 0.9)
        if outcome.empty and known is None:
            return min(stale, 0.6)  # next to nothing said proves next to nothing
        return stale

    def _near(self, shape: Shape, outcome: Outcome, manner: _Known, stale: float) -> tuple[float, float]:
        """Another call in the manner of an earlier one: how much it is the same move, and how stale its result."""
        if self._count - manner.index > FAR or manner.edits != self._edits:
            return 0.0, stale
        if outcome.failed and outcome.error == manner.error:
            return 0.9, stale
        if outcome.digest != manner.digest and abs(outcome.size - manner.size) > SIZE_PLAY:
            return 0.0, stale
        # A number beside a label is no second difference.
        mine, theirs = words_of(_DIGITS.sub("#", shape.text)), words_of(_DIGITS.sub("#", manner.text))
        like = likeness(mine, theirs)
        if like < ALIKE:
            return 0.0, stale
        if outcome.digest == manner.digest:
            return like, stale * stale
        # What a result merely repeats of its call's own words is no news.
        same = _without_words(outcome.head, mine - theirs) == _without_words(manner.head, theirs - mine)
        return (max(like, 0.8), 1.0) if same else (0.0, stale)

    def _patience(self, step: Step) -> float:
        """Asking again is no waste while one waits, nor beside other work."""
        if step.poll == WAITS:
            self._waited = self._count
            return 0.0
        if step.poll != ASKS:
            return 1.0
        spaced = step.at is not None and self._last_at is not None and step.at - self._last_at >= SPACED_S
        return 0.0 if spaced or not self._idle or self._count - self._waited <= RECENT else 0.8

    def _has_new_target(self, shape: Shape) -> bool:
        fresh = False
        for target in shape.targets:
            passing = target.startswith(_PASSING_PLACES) or target.endswith(_PASSING_KINDS)
            name = _DIGITS.sub("#", target) if passing else target
            at = mark(name)
            if at not in self._targets:
                self._targets.add(at)
                fresh = True
        return fresh

    def _novelty(self, shape: Shape, outcome: Outcome, known: _Known | None, *, new_target: bool) -> float:
        if shape.manner not in self._manners:
            return 1.0
        novelty = 0.6 * outcome.fresh
        if new_target:
            novelty += 0.2
        if outcome.error and outcome.error not in self._errors:
            novelty += 0.2
        return min(1.0, novelty) if known is None else min(0.6, novelty)

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
        """The same of what an edit writes."""
        at = self._unlabelled(text)
        if at in self._bare:
            return False
        self._bare.add(at)
        return True

    def _unlabelled(self, text: str) -> int:
        return crc32(without_digits(without_label(text.encode("utf-8", "replace"), self.label)))

    def _came_to_the_same(self, before: _Known, outcome: Outcome) -> bool:
        if outcome.error:
            return before.error == outcome.error
        return before.digest == outcome.digest and before.edits == self._edits and outcome.fresh < FRESH

    # -- memory ---------------------------------------------------------------------------------

    def _remember(self, step: Step, pending: _Pending, outcome: Outcome) -> None:
        shape = pending.shape
        self._manners.add(shape.manner)
        if outcome.error:
            self._errors.add(outcome.error)
        if self._changes(shape, outcome):
            self._edited.add(shape.exact)
            self._edits += 1
            if step.tool_kind is ToolKind.EDIT and self._is_new_text(pending.edit_lines):
                step.novelty = max(step.novelty, 0.5)
        known = _Known(self._count, self._edits, outcome, shape)
        before = self._by_same.get(shape.same)
        if before is not None and self._came_to_the_same(before, outcome):
            known.times = step.times = before.times + (self._seen_by(pending, before) is not None)
        _keep(self._by_same, shape.same, known, KNOWN_LIMIT)
        _keep(self._by_manner, shape.manner, known, MANNERS_LIMIT)
        self._last_at = step.at
        self._idle = step.waste >= 0.5 or (step.poll > 0 and step.fresh < FRESH)


def _keep(book: dict[int, _Known], key: int, known: _Known, limit: int) -> None:
    book.pop(key, None)
    if len(book) >= limit:
        book.pop(next(iter(book)))
    book[key] = known


def _names_a_test(shape: Shape, outcome: Outcome) -> bool:
    """Tests that are run one by one by their names are a list that is worked off, as long as they pass."""
    return not outcome.failed and _ONE_TEST.search(shape.text) is not None


def _without_words(head: str, words: frozenset[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        head = head.replace(word, "~")
    return without_ids(head)
