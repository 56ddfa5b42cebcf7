"""How repetitive a lane is: a score with its kind and its reason, and a flag that stays up until the score is low."""

from __future__ import annotations

from collections import deque

from tui.judge.findings.repetition import RepetitionLimits
from tui.judge.limits import Limits
from tui.judge.progress import Step, StepMaker
from tui.judge.recurrence import Group
from tui.judge.sentences import compaction_reason, cycle_reason, group_reason, stale_reason
from tui.judge.shapes import Role
from tui.judge.talk import Talk
from tui.model.finding import QUIET, Repetition, RepetitionKind, Severity, StepShown

WINDOW = 20
"""How many of the newest turns have their waste added up."""
SCALE = ((0.0, 0.0), (9.0, 0.5), (14.0, 0.75), (20.0, 1.0))
"""Pairs: the waste of the last `WINDOW` turns, and the score that it gives; between them it grows evenly."""
SHOWN = 8
CYCLE_WEIGHT = 0.45
SLACK = 0.4
"""Points added for the kinds in `_FRUITLESS`, since other work in between lowers the points of a group."""
ONCE_MORE = 0.4
"""Factor for the waste of a step whose group has at most two: it is worse to do one thing again and again."""
WORTH = 0.3
"""A turn that gained at least this much counts as no waste, whatever it repeated."""
COMPACTIONS = 3
COMPACTED_GAIN = 1.5
_FRUITLESS = (
    RepetitionKind.SAME_ERROR, RepetitionKind.SAME_OUTCOME, RepetitionKind.SEARCHING, RepetitionKind.OSCILLATION,
    RepetitionKind.RESPAWN,
)  # fmt: skip
"""Kinds where steps failed or brought nothing: here an early warning is worth more than a certain one."""
_TALKING = (Role.PLAN, Role.ASK, Role.TELL)


class RepetitionMeter:
    """Takes the steps, messages, thoughts and compactions of one lane, in the order in which they happened."""

    def __init__(self, limits: Limits, maker: StepMaker) -> None:
        self._limits = limits.of(RepetitionLimits)
        self._maker = maker
        self.talk = Talk()
        self._steps: deque[Step] = deque(maxlen=WINDOW + self._limits.longest_cycle)
        self._wastes: deque[float] = deque([0.0] * WINDOW, maxlen=WINDOW)
        self._waste = 0.0
        self._keys: deque[int] = deque(maxlen=self._limits.longest_cycle)
        self._runs = [0] * (self._limits.longest_cycle + 1)
        self._runs_before = tuple(self._runs)
        self._turn = 0
        self._turn_gain = self._turn_waste = 0.0
        self._running = False
        """Whether any number in `_runs` is not zero."""
        self._top: Group | None = None
        self._compactions = 0
        self._compacted_at = 0.0
        self._compacted_since: tuple[float | None, int] = (None, 0)
        self._up: Severity | None = None
        self._since: float | None = None
        self._offset: int | None = None
        self._picture: Repetition | None = QUIET

    @property
    def flagged(self) -> Severity | None:
        """The severity of the flag; None while it is down."""
        return self._up

    def say(self, text: str, message: str | None, at: float | None, offset: int) -> None:
        """The agent said something."""
        self.talk.say(text, message, at, offset)
        self._judge(at, offset)

    def think(self, text: str, at: float | None, offset: int) -> None:
        """The agent thinks."""
        self.talk.think(text)
        self._judge(at, offset)

    def compact(self, at: float | None, offset: int) -> None:
        """The context was compacted."""
        gains = self._maker.gains
        if gains - self._compacted_at >= COMPACTED_GAIN:
            self._compactions = 0
        if not self._compactions:
            self._compacted_since = (at, offset)
        self._compactions += 1
        self._compacted_at = gains
        self._judge(at, offset)

    def person_spoke(self, at: float | None, offset: int) -> None:
        """A person said something new: what was repeated before then no longer counts."""
        self.talk.reset()
        self._top = None
        self._compactions = 0
        self._wastes.extend([0.0] * WINDOW)
        self._waste = 0.0
        self._stop_running()
        self._judge(at, offset)

    def step(self, step: Step) -> None:
        """Takes one step: a call together with its result."""
        self.talk.step(step.gain, step.role in _TALKING)
        self._steps.append(step)
        same_turn = step.turn == self._turn
        self._count(step)
        waits = step.group is not None and step.group.kind is RepetitionKind.WAITING
        waste = 0.0 if waits or step.waste < CYCLE_WEIGHT else step.waste
        if step.group is not None and step.group.count <= 2:
            waste *= ONCE_MORE
        if same_turn:
            # The gains of all calls of one turn are added up before its waste is judged.
            self._turn_gain += step.gain
            self._turn_waste = max(self._turn_waste, waste)
            self._wastes.pop()
        else:
            self._turn_gain, self._turn_waste = step.gain, waste
        self._wastes.append(self._turn_waste if self._turn_gain < WORTH else 0.0)
        self._waste = sum(self._wastes)
        if step.gain >= 1.0:
            self._compactions = 0
        group = step.group
        if group is not None and (self._top is None or group.points >= self._maker.points(self._top)):
            self._top = group
        self._judge(step.at, step.offset)

    @property
    def picture(self) -> Repetition:
        """The repetition of the lane as it is now."""
        if self._picture is None:
            self._picture = self._draw()
        return self._picture

    # -- inside ---------------------------------------------------------------------------------

    def _count(self, step: Step) -> None:
        key = step.key if step.waste >= CYCLE_WEIGHT else 0
        keys = self._keys
        if step.turn == self._turn and keys:
            # All calls of one turn make one common key.
            last = keys.pop()
            self._runs = list(self._runs_before)
            key = (key * 31 + last) & 0xFFFFFFFF if key and last else 0
        else:
            self._runs_before = tuple(self._runs)
        self._turn = step.turn
        if not key:
            self._stop_running()
            keys.append(0)
            return
        self._running = True
        size = len(keys)
        for period in range(1, self._limits.longest_cycle + 1):
            if period <= size and keys[-period] == key:
                self._runs[period] += 1
            else:
                self._runs[period] = 0
        keys.append(key)

    def _stop_running(self) -> None:
        if self._running:
            self._runs = [0] * len(self._runs)
            self._running = False

    def _cycle(self) -> tuple[int, float]:
        """The shortest cycle that repeats, and how many rounds followed its first round of repeats; (0, 0) if none."""
        for period, run in enumerate(self._runs):
            if period > 1 and run and run >= period and self._runs[1] < run:
                return period, run / period
        return 0, 0.0

    def _scores(self) -> list[tuple[float, str]]:
        found: list[tuple[float, str]] = []
        if self._top is not None:
            slack = SLACK if self._top.kind in _FRUITLESS else 0.0
            found.append((_score(self._maker.points(self._top) + slack, self._limits.same_call_repeats), "group"))
        if self._running:
            period, extra = self._cycle()
            if period:
                # `extra` leaves out the first round of repeats and the original round before it: add both.
                rounds = extra + 2.0
                found.append((min(1.0, 0.5 + 0.125 * (rounds - self._limits.cycle_rounds)), "cycle"))
        found.append((_scaled(self._waste), "stale"))
        found.append((_score(self.talk.points, self._limits.monologue_repeats), "talk"))
        if self._compactions > 1:
            found.append((min(1.0, 0.5 + 0.125 * (self._compactions - COMPACTIONS - 1)), "compaction"))
        return found

    def _top_score(self) -> float:
        """The highest of `_scores`, mostly without making them: it is asked for at each step."""
        if self._running or self._compactions > 1:
            return max(self._scores())[0]
        best = _scaled(self._waste)
        if self._top is not None:
            slack = SLACK if self._top.kind in _FRUITLESS else 0.0
            best = max(best, _score(self._maker.points(self._top) + slack, self._limits.same_call_repeats))
        talk = self.talk.points
        return max(best, _score(talk, self._limits.monologue_repeats)) if talk else best

    def _judge(self, at: float | None, offset: int) -> None:
        self._picture = None
        score = self._top_score()
        limits = self._limits
        level = Severity.STOP if score >= limits.stop_score else Severity.WARN if score >= limits.warn_score else None
        if level is Severity.STOP or (level is Severity.WARN and self._up is None):
            if self._up is None:
                self._since, self._offset = at, self._first_offset(offset)
            self._up = level
        elif self._up is not None and score < limits.clear_score:
            self._up, self._since, self._offset = None, None, None

    def _first_offset(self, offset: int) -> int:
        _, why = max(self._scores())
        if why == "group" and self._top is not None:
            return self._top.since_offset
        if why == "talk":
            return self.talk.since[1]
        if why == "compaction":
            return self._compacted_since[1]
        return next((step.offset for step in self._steps if step.waste >= 0.3), offset)

    def _draw(self) -> Repetition:
        score, why = max(self._scores())
        if self._up is None:
            return Repetition(score=_step(score))
        if why == "talk":
            talk = self.talk
            return Repetition(
                score,
                self._up,
                RepetitionKind.MONOLOGUE,
                talk.reason,
                1,
                talk.count,
                self._since,
                self._offset,
                talk.shown,
            )
        if why == "compaction":
            count = self._compactions
            return Repetition(
                score, self._up, RepetitionKind.COMPACTION, compaction_reason(count), 1, count, self._since,
                self._offset,
            )  # fmt: skip
        period, extra = self._cycle()
        if why == "cycle" or (why == "stale" and period):
            return self._cycle_picture(score, period, int(extra) + 2)
        if why == "group" and self._top is not None:
            top = self._top
            kind, reason = group_reason(top)
            shown = tuple(StepShown(*one) for one in top.steps[-SHOWN:])
            return Repetition(score, self._up, kind, reason, 1, top.count, self._since, self._offset, shown)
        wasted = [step for step in list(self._steps)[-WINDOW:] if step.waste >= 0.3] or list(self._steps)[-1:]
        reason = stale_reason(len(wasted), min(WINDOW, len(self._steps)), wasted[-1].text if wasted else "")
        return Repetition(
            score,
            self._up,
            RepetitionKind.STALE,
            reason,
            1,
            len(wasted),
            self._since,
            self._offset,
            _shown(wasted[-SHOWN:]),
        )

    def _cycle_picture(self, score: float, period: int, rounds: int) -> Repetition:
        steps = list(self._steps)[-period:]
        reason = cycle_reason([step.text for step in steps], rounds)
        return Repetition(
            score, self._up, RepetitionKind.CYCLE, reason, period, rounds, self._since, self._offset,
            _shown(list(self._steps)[-SHOWN:]),
        )  # fmt: skip


def _score(points: float, repeats: int) -> float:
    """The score of `points` repeats: 0.5, which raises the flag by default, once it was done `repeats` times in all."""
    whole = max(1.0, repeats - 1.0)
    return points / whole * 0.5 if points < whole else min(1.0, 0.5 + 0.25 * (points - whole) / whole)


def _scaled(waste: float) -> float:
    low, low_score = SCALE[0]
    for high, high_score in SCALE[1:]:
        if waste <= high:
            return low_score + (high_score - low_score) * (waste - low) / (high - low)
        low, low_score = high, high_score
    return 1.0


def _step(score: float) -> float:
    """The score rounded down to a multiple of 0.05, so that a quiet lane does not change with every step."""
    return int(score * 20) / 20


def _shown(steps: list[Step]) -> tuple[StepShown, ...]:
    return tuple(StepShown(step.text, step.outcome, step.at, step.offset) for step in steps)
