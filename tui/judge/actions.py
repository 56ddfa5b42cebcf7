"""The shape of an action: what it did, which checks it ran, with what outcome, and which facts it brought."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from zlib import crc32

from tui.judge.normalise import label_words, without_digits, without_label
from tui.judge.outcomes import Outcome
from tui.judge.work import Step
from tui.model.action_name import action_name
from tui.model.event import Origin
from tui.model.frozen import frozen

SAMPLE = 64
"""The number of facts that are kept of an action: those with the smallest marks, so that the samples of two actions can
be compared."""
WORKING_SET = 256
MANNERS = 40
EDIT_LINES = 16
SAME_MANNER = 2
"""The most times that one manner counts."""
NAMED_FILES = 12
"""The most words of names of edited files that count as words of the action's label."""

_PROGRESS = re.compile(r"(?<![\w/.:-])(\d{1,5})\s?(?:of|/)\s?(\d{1,5})(?![\w/.:-])")
_PROGRESS_SIGN = re.compile(r"\d\s?(?:of|/)\s?\d")
"""A quick test for `_PROGRESS`."""
_OWED = re.compile(
    r"(?i)coverage[ -]matrix|close[ -]?out|closing report|missing[ -]gaps?|gap[ -]list|redirect|new frontier|"
    r"consolidat|retrospective|post-?mortem|wrap[ -]up|stop here"
)


@frozen
class ActionShape:
    """One action of a lane. `manners` and `guards` are sorted multisets of marks, `facts` a sorted sample of marks.

    `ended` is None while it runs. `well` is True if no step failed, or if a check passed after the last failure.
    `novelty` is the mean novelty of its steps, 0 to 1, compared with the lane's own past.
    """

    offset: int
    name: str
    title: str
    origin: Origin
    started: float | None
    ended: float | None
    steps: int
    manners: tuple[int, ...]
    guards: tuple[int, ...]
    facts: array[int]
    novelty: float
    well: bool
    owed: bool
    """True if its text says that it writes an output that is owed after a family: a matrix, a closeout, a gap list."""
    progress: tuple[int, int] | None
    """Its number and the count that its text states, such as 12 of 40."""


class ActionTaker:
    """Collects the shape of a lane's running action."""

    __slots__ = (
        "_counts", "_drawn", "_facts", "_guards", "_novelty", "_owed", "_progress", "_well", "label", "last_at", "name",
        "offset", "origin", "own", "started", "steps", "title",
    )  # fmt: skip

    def __init__(self, prompt: str, origin: Origin, at: float | None, offset: int) -> None:
        self.name, self.title = action_name(prompt)
        self.label = label_words(self.title)
        self.own = self.label
        """The words of its title and of the names of the files that it edits."""
        self.origin = origin
        self.started = at
        self.last_at = at
        self.offset = offset
        self.steps = 0
        self._counts: dict[int, int] = {}
        self._guards: dict[int, int] = {}
        """By manner: 1 if it passed, 2 if it failed, 3 if both."""
        self._progress = progress_of(prompt[:400])
        self._facts: set[int] = set()
        self._novelty = 0.0
        self._well = True
        self._drawn: ActionShape | None = None
        self._owed = _OWED.search(prompt[:400]) is not None

    def say(self, text: str) -> None:
        """Takes a message of the agent."""
        self._progress = progress_of(text[:400]) or self._progress

    def touch(self, at: float | None) -> None:
        """Notes that something happened in the action."""
        if at is not None:
            self.last_at = at
            if self.started is None:
                self.started = at

    def step(self, step: Step, outcome: Outcome, targets: tuple[str, ...], edit_text: str) -> None:
        """Takes a finished step of the action."""
        self.steps += 1
        self._novelty += step.novelty
        counts = self._counts
        if step.manner in counts or len(counts) < MANNERS:
            counts[step.manner] = counts.get(step.manner, 0) + 1
        guard = step.guard
        if guard and (step.manner in self._guards or len(self._guards) < MANNERS):
            self._guards[step.manner] = self._guards.get(step.manner, 0) | (2 if step.failed else 1)
        if guard or step.failed:
            self._well = not step.failed
        facts = self._facts
        facts.add(crc32(b"%d %d" % (step.manner, step.failed)))
        facts.update(outcome.lines)
        if outcome.error:
            facts.add(outcome.error)
        if edit_text and len(self.own) < len(self.label) + NAMED_FILES:
            named = label_words(" ".join(targets))
            self.own = tuple(dict.fromkeys((*self.own, *named)))[: len(self.label) + NAMED_FILES]
        for target in targets:
            facts.add(crc32(without_digits(without_label(target.encode("utf-8", "replace"), self.own))))
        if edit_text:
            text = without_digits(without_label(edit_text.encode("utf-8", "replace"), self.own))
            facts.update(map(crc32, text.split(b"\\n")[:EDIT_LINES]))
        if len(facts) > WORKING_SET:
            self._facts = set(sorted(facts)[: WORKING_SET // 2])

    def shape(self, ended: float | None) -> ActionShape:
        """The action so far."""
        known = self._drawn
        if known is not None and (known.steps, known.started, known.ended, known.progress) == (
            self.steps, self.started, ended, self._progress,
        ):  # fmt: skip
            return known
        self._drawn = self._draw(ended)
        return self._drawn

    def _draw(self, ended: float | None) -> ActionShape:
        manners: list[int] = []
        for manner, count in self._counts.items():
            manners += [manner] * min(count, SAME_MANNER)
        guards = [manner ^ outcomes for manner, outcomes in self._guards.items()]
        return ActionShape(
            self.offset, self.name, self.title, self.origin, self.started, ended, self.steps, tuple(sorted(manners)),
            tuple(sorted(guards)), array("I", sorted(self._facts)[:SAMPLE]),
            self._novelty / self.steps if self.steps else 0.0, self._well, self._owed, self._progress,
        )  # fmt: skip


def progress_of(text: str) -> tuple[int, int] | None:
    """The 12 and the 40 of "12 of 40" in the text; None if there is no such text."""
    match = _PROGRESS.search(text) if _PROGRESS_SIGN.search(text) else None
    if match is None:
        return None
    done, whole = int(match[1]), int(match[2])
    return (done, whole) if 0 < done <= whole and whole > 1 else None


def similarity(a: ActionShape, b: ActionShape) -> float:
    """The similarity of two actions' shapes, 0 to 1.

    It is the weighted Jaccard index of their calls by manner, checks included.

    The outcome of the checks does not count here. It only decides whether the checks are unchanged.
    """
    mine, theirs = Counter(a.manners), Counter(b.manners)
    # A manner that both have counts as often as in the action that has it more often, so that a retry does not change
    # the shape.
    shared = sum(max(count, theirs[manner]) for manner, count in mine.items() if manner in theirs)
    whole = shared + sum(count for manner, count in mine.items() if manner not in theirs)
    whole += sum(count for manner, count in theirs.items() if manner not in mine)
    return shared / whole if whole else 0.0
