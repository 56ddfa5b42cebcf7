"""Calls that only speak: plans, questions, tasks for helpers, messages. Progress is a new word or a new answer."""

from __future__ import annotations

from zlib import crc32

from tui.judge.evidence import ALIKE, DOUBTFUL, EXCUSED
from tui.judge.novelty_filter import Seen
from tui.judge.outcomes import Outcome
from tui.judge.shapes import NORMAL, WITH_NUMBERS, Role
from tui.judge.work import Pending, Step, Work
from tui.model.event import Plan
from tui.model.finding import RepetitionKind

CHARS = 3000
SAME_WORDS = 0.03
"""A message with at most this share of new words repeats earlier ones."""
FEW_WORDS = 0.12
"""A message with at most this share of new words says nearly the same as earlier ones."""
PLAN_CHARS = 80
OTHER_PLAN = 0.3
"""A plan whose open items have more than this share of new words is another plan."""
WORKED = 0.5
"""The least gain between two plans that counts as work."""
_KINDS = {Role.ASK: RepetitionKind.ASKING, Role.SPAWN: RepetitionKind.RESPAWN}


class Words:
    """Words that were said before."""

    __slots__ = ("_seen", "_table")

    def __init__(self, *, numbers: bool = False) -> None:
        """`numbers`: numbers that differ are different words."""
        self._seen = Seen()
        self._table = WITH_NUMBERS if numbers else NORMAL

    def new(self, text: str) -> float:
        """The share of a text's words that were not said before. They are known from now on."""
        # Not a set: its order differs from process to process, and the order decides what a full table forgets.
        words = dict.fromkeys(text.encode("utf-8", "replace").replace(b"\\n", b" ").translate(self._table).split())
        marks = [crc32(word) for word in words if len(word) > 2 or word.isdigit()]
        unknown = self._seen.take(marks)
        return len(unknown) / len(marks) if marks else 0.0


class Speech:
    """Weighs the questions, tasks for helpers and messages of one lane."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._said: dict[Role, Words] = {}

    def forget(self) -> None:
        """Forgets all earlier texts, since a person said something new."""
        self._said.clear()

    def weigh(self, step: Step, call: Pending, outcome: Outcome, *, new_target: bool) -> None:
        """Weighs a call that spoke, with its answer if there is one."""
        role = step.role
        words = self._said.get(role)
        if words is None:
            words = self._said[role] = Words()
        new = words.new(call.args[:CHARS])
        group = self._work.groups.of(crc32(b"say", role), _KINDS.get(role, RepetitionKind.SAME_RESULT))
        told = outcome.fresh if outcome.count > 2 else 0.0
        if not group.count or new > FEW_WORDS or told > DOUBTFUL or (new_target and role is Role.SPAWN):
            step.gain = max(EXCUSED, DOUBTFUL * told)
            if new > DOUBTFUL or told > DOUBTFUL:
                group.reset()
            self._work.note(group, step, call.shape)
            return
        step.gain = DOUBTFUL * told
        self._work.repeat(group, step, call.shape, ALIKE if new <= SAME_WORDS else DOUBTFUL)


class Plans:
    """Weighs the plan of one lane as a state: its open items, and how many are done."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._words = Words()
        self._open: frozenset[str] = frozenset()
        self._done: int = 0
        self._size: int = 0
        self._moved: bool = True
        self._told = False
        """True if the whole plan was stated since the newest call about it."""
        self._gains = 0.0

    def state(self, event: Plan) -> None:
        """Takes the present plan. It has made progress if it grew, if more is done, or if it changed after work."""
        if not event.items:
            return
        self._told = True
        open_ = [item.text[:PLAN_CHARS] for item in event.items if item.status != "completed"]
        done = sum(item.status == "completed" for item in event.items)
        worked = self._work.gains - self._gains >= WORKED
        other = self._words.new(" ".join(open_)) > OTHER_PLAN
        moved = len(event.items) > self._size or done > self._done or (worked and (other or done != self._done))
        self._moved = moved
        self._size = max(self._size, len(event.items))
        self._done, self._gains = done, self._work.gains

    def weigh(self, step: Step, call: Pending, *, known: bool) -> None:
        """Weighs a call about the plan. `known`: the same call was made before."""
        group = self._work.groups.of(crc32(b"plan"), RepetitionKind.PLANNING)
        told, self._told = self._told, False
        if not told and not known:
            return  # the call changes one item, and each item is different
        if self._moved or not group.count:
            step.gain = EXCUSED
            group.reset()
            self._work.note(group, step, call.shape)
        else:
            self._work.repeat(group, step, call.shape, ALIKE)
        self._moved = False
