"""How repetitive a lane is: a score with its kind and its reason, and a flag that goes up once and down once."""

from __future__ import annotations

from collections import Counter, deque

from tui.judge.findings.repetition import RepetitionLimits
from tui.judge.limits import Limits
from tui.judge.monologue import Monologue
from tui.judge.steps import Step
from tui.model.finding import QUIET, Repetition, RepetitionKind, Severity, StepShown

WINDOW = 20
"""Steps whose waste is added up."""
SCALE = ((0.0, 0.0), (5.0, 0.5), (8.0, 0.75), (12.0, 1.0))
"""Wasted steps of the last `WINDOW`, and the score that they make."""
SHOWN = 8
STREAKS = 32
FIRST_REPEAT, NEXT_REPEAT = 0.25, 0.35
CALM = 2.0
"""Below this much waste nothing can be up."""
OFTEN = 0.1
LABEL_REPEATS = 2
"""Where a label differs, it takes so many times as long: it may be a list that is worked off."""
POLL_ROUNDS = 3
"""Rounds of a cycle count this many times less where its calls only look at a state."""


class RepetitionMeter:
    """Fed with steps, in order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits.of(RepetitionLimits)
        self._steps: deque[Step] = deque(maxlen=WINDOW + self._limits.longest_cycle)
        self._newest: deque[int] = deque(maxlen=WINDOW)
        """Keys of the steps in the window."""
        self._wastes: deque[float] = deque([0.0] * WINDOW, maxlen=WINDOW)
        self._waste = 0.0
        self._keys: deque[int] = deque(maxlen=self._limits.longest_cycle)
        self._runs = [0] * (self._limits.longest_cycle + 1)
        self._running = False
        """Whether any of the runs is not zero."""
        self._monologue = Monologue(limits)
        self._streaks: dict[int, int] = {}
        """Wasted steps by their key since something new came of it."""
        self._up: Severity | None = None
        self._since: float | None = None
        self._offset: int | None = None
        self._picture: Repetition | None = QUIET

    @property
    def flagged(self) -> Severity | None:
        """The flag as it stands."""
        return self._up

    def say(self, text: str, at: float | None, offset: int) -> None:
        """The agent said something."""
        self._monologue.say(text, at, offset)
        self._judge(at, offset)

    def step(self, step: Step) -> None:
        """A call has its result."""
        self._monologue.call()
        self._steps.append(step)
        self._newest.append(step.key)
        self._count(step)
        # Each of many known things done once more weighs less than one thing done again and again.
        seen = self._streaks.get(step.key, 0) if step.key else 0
        self._wastes.append(step.waste * min(1.0, FIRST_REPEAT + NEXT_REPEAT * (seen - 1)) if seen else 0.0)
        self._waste = sum(self._wastes)
        self._judge(step.at, step.offset)

    @property
    def picture(self) -> Repetition:
        """As it stands now."""
        if self._picture is None:
            self._picture = self._draw()
        return self._picture

    # -- inside ---------------------------------------------------------------------------------

    def _count(self, step: Step) -> None:
        key = step.key
        keys = self._keys
        if not key:
            if self._running:
                self._runs = [0] * len(self._runs)
                self._running = False
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
        streak = self._streaks.pop(key, 0)
        if len(self._streaks) >= STREAKS:
            self._streaks.pop(next(iter(self._streaks)))
        self._streaks[key] = streak + 1

    def _cycle(self) -> tuple[int, float]:
        """The smallest period that repeats, and how many rounds beyond the first it has gone; (0, 0) if none."""
        for period, run in enumerate(self._runs):
            if period and run and run >= period * (1 if period > 1 else 2):
                return period, run / period
        return 0, 0.0

    def _score(self) -> tuple[float, RepetitionKind | None]:
        limits = self._limits
        best, kind = _scaled(self._waste), RepetitionKind.STALE
        period, extra = self._cycle()
        if period:
            steps = list(self._steps)[-period:]
            if any(step.poll for step in steps):
                extra /= POLL_ROUNDS
            elif period == 1 and steps[-1].label_only:
                extra /= LABEL_REPEATS
            # The first round stands before the counted ones: its steps were new then, and so have another key.
            needed = limits.same_call_repeats - 2 if period == 1 else limits.cycle_rounds - 2
            score = min(1.0, 0.5 + 0.25 * (extra - needed) / max(1, needed)) if extra >= needed else 0.0
            if score >= best:
                best, kind = score, RepetitionKind.CYCLE
        often = self._often()
        if often > best:
            best, kind = often, RepetitionKind.SAME_RESULT
        if self._monologue.score > best:
            best, kind = self._monologue.score, RepetitionKind.MONOLOGUE
        return best, (kind if best > 0 else None)

    def _often(self) -> float:
        """The newest step's key among the last steps: the same over and over, with other work between."""
        newest = self._newest[-1] if self._newest else 0
        if not newest:
            return 0.0
        step = self._steps[-1]
        count = self._newest.count(newest) + 1
        # A call that came to something else in between began anew.
        count = count / LABEL_REPEATS if step.label_only else min(count, step.times)
        over = count - self._limits.same_call_repeats
        return min(1.0, 0.5 + OFTEN * over) if over >= 0 else 0.0

    def _judge(self, at: float | None, offset: int) -> None:
        self._picture = None
        if self._up is None and self._waste < CALM and not self._running and self._monologue.score == 0.0:
            return
        score, _ = self._score()
        limits = self._limits
        level = Severity.STOP if score >= limits.stop_score else Severity.WARN if score >= limits.warn_score else None
        if level is Severity.STOP or (level is Severity.WARN and self._up is None):
            if self._up is None:
                self._since = at
                self._offset = self._first_offset(offset)
            self._up = level
        elif self._up is not None and score < limits.clear_score:
            self._up, self._since, self._offset = None, None, None
            self._streaks.clear()

    def _first_offset(self, offset: int) -> int:
        return next((step.offset for step in self._steps if step.waste >= 0.5), offset)

    def _draw(self) -> Repetition:
        score, kind = self._score()
        if self._up is None:
            return Repetition(score=_step(score))
        if kind is RepetitionKind.MONOLOGUE:
            words = self._monologue
            return Repetition(
                score, self._up, kind, words.reason, 1, words.count, self._since, self._offset, words.shown
            )
        wasted = [step for step in list(self._steps)[-WINDOW:] if step.waste >= 0.5] or list(self._steps)[-1:]
        period, extra = self._cycle()
        if period > 1:
            return self._cycle_picture(score, period, int(extra) + 2)
        return self._run_picture(score, wasted)

    def _cycle_picture(self, score: float, period: int, rounds: int) -> Repetition:
        steps = list(self._steps)[-period:]
        names = " → ".join(_quoted(step.text, 32) for step in steps[:3])
        more = f" → … ({period} calls)" if period > 3 else ""
        return Repetition(
            score, self._up, RepetitionKind.CYCLE, f"{rounds} rounds of {names}{more}, nothing new", period, rounds,
            self._since, self._offset, _shown(list(self._steps)[-max(SHOWN, 0):]),
        )  # fmt: skip

    def _run_picture(self, score: float, wasted: list[Step]) -> Repetition:
        keys = Counter(step.key for step in wasted)
        key, here = keys.most_common(1)[0]
        mine = [step for step in wasted if step.key == key]
        newest = mine[-1]
        count = max(here + 1, self._streaks.get(key, 0) + 1, newest.times)
        main = here * 2 >= len(wasted)
        if not main:
            kind = RepetitionKind.STALE
            reason = (
                f"{len(wasted)} of the last {min(WINDOW, len(self._steps))} steps bought nothing new, "
                f"such as {_quoted(newest.text, 48)}"
            )
        elif newest.label_only:
            kind = RepetitionKind.LABELS
            what = "same error" if newest.failed else "same result"
            reason = f"{count} calls, only the label differs, {what}: {_quoted(newest.text, 48)}"
        elif newest.failed:
            kind = RepetitionKind.SAME_ERROR
            reason = f"{_quoted(newest.text, 48)} failed {count} times, same error"
        else:
            kind = RepetitionKind.SAME_RESULT
            reason = f"{_quoted(newest.text, 48)} ran {count} times, same result"
        return Repetition(
            score, self._up, kind, reason, 1, count, self._since, self._offset,
            _shown(mine[-SHOWN:] if main else wasted[-SHOWN:]),
        )  # fmt: skip


def _scaled(waste: float) -> float:
    low, low_score = SCALE[0]
    for high, high_score in SCALE[1:]:
        if waste <= high:
            return low_score + (high_score - low_score) * (waste - low) / (high - low)
        low, low_score = high, high_score
    return 1.0


def _step(score: float) -> float:
    """In twentieths, so that a quiet lane's picture does not change with every step."""
    return int(score * 20) / 20


def _quoted(text: str, limit: int) -> str:
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= limit else f"`{line[: limit - 1]}…`"


def _shown(steps: list[Step]) -> tuple[StepShown, ...]:
    return tuple(StepShown(step.text, step.outcome, step.at, step.offset) for step in steps)
