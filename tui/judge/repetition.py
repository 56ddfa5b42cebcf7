"""How repetitive a lane is: a score with its kind and its reason, and a flag that holds until the score is low."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tui.judge.evidence import EXCUSED, Account, Group
from tui.judge.findings.repetition import RepetitionLimits
from tui.judge.limits import Limits
from tui.judge.loop_model import Suspicion, loop_model
from tui.judge.outcomes import Outcome
from tui.judge.sentences import alike_reason, compaction_reason, cycle_reason, group_reason, said_reason, stale_reason
from tui.judge.shapes import Role, Shape
from tui.judge.signals import Signals, shown
from tui.judge.steps import StepMaker
from tui.judge.talk import Talk
from tui.judge.work import FAILING, Step
from tui.model.finding import QUIET, Repetition, RepetitionKind, Severity, StepShown

WINDOW = 20
"""The number of newest steps by which a lane's repetition is described."""
SHOWN = 8
SOONER = 0.25
"""Points that repeated failures get in addition, so that they are flagged sooner than other repetitions."""
COMPACTIONS = 3
COMPACTED_GAIN = 1.5
FLAGGED, GROWTH = 0.5, 0.02
"""The score of a lane that the model flags, and by how much each further step and message raises it."""
DOUBTED = 0.9
"""The greatest share of `warn_score` that evidence can reach if the model contradicts it."""
LITTLE = 0.4
"""A lane with less recurrence than this does not go in circles."""
SHORT = 14
"""In a lane with fewer steps, or without a message, the model does not contradict other evidence."""
_TALKING = (Role.PLAN, Role.ASK, Role.TELL)


class RepetitionMeter:
    """Takes the steps, messages, thoughts and compactions of one lane, in the order in which they happened."""

    def __init__(self, limits: Limits, maker: StepMaker) -> None:
        self._limits = limits.of(RepetitionLimits)
        self._maker = maker
        self.talk = Talk()
        self._steps: deque[Step] = deque(maxlen=max(WINDOW, self._limits.longest_cycle * self._limits.cycle_rounds))
        self._account = Account()
        self._top: Group | None = None
        self.signals = Signals()
        self._suspicion = Suspicion()
        self._compactions = 0
        self._compacted_at = 0.0
        self._compacted_since: tuple[float | None, int] = (None, 0)
        self._up: Severity | None = None
        self._since: float | None = None
        self._offset: int | None = None
        self._began: float | None = None
        self._picture: Repetition | None = QUIET

    @property
    def flagged(self) -> Severity | None:
        """The severity of the flag; None while there is no flag."""
        return self._up

    def say(self, text: str, message: str | None, at: float | None, offset: int) -> None:
        """Takes a message of the agent."""
        self.talk.say(text, message, at, offset)
        if self.signals.say(text):
            self._weigh()
        self._judge(at, offset)

    def think(self, text: str, at: float | None, offset: int) -> None:
        """Takes a thought of the agent."""
        self.talk.think(text)
        self.signals.think(text)
        self._judge(at, offset)

    def compact(self, at: float | None, offset: int) -> None:
        """Notes a compaction of the context."""
        self.signals.compacted()
        gains = self._maker.work.gains
        if gains - self._compacted_at >= COMPACTED_GAIN:
            self._compactions = 0
        if not self._compactions:
            self._compacted_since = (at, offset)
        self._compactions += 1
        self._compacted_at = gains
        self._judge(at, offset)

    def person_spoke(self, at: float | None, offset: int) -> None:
        """Starts again, since a person said something new."""
        self.talk.reset()
        self._top = None
        self._compactions = 0
        self._account.clear()
        self._steps.clear()
        self._suspicion.clear()
        self._judge(at, offset)

    def step(self, step: Step, shape: Shape, outcome: Outcome, text: str) -> None:
        """Takes one step: a call together with its result, whose text is `text`."""
        self.signals.step(step, shape, outcome, text, self._maker.work)
        self._weigh()
        self.talk.step(step.gain, step.role in _TALKING)
        self._steps.append(step)
        waste = step.waste
        if step.group is None or waste < EXCUSED:
            waste = 0.0  # small waste, such as that of waits, counts only in its group
        is_first = step.group is not None and step.group.count <= 2
        self._account.add(step.turn, waste, step.gain, is_first=is_first)
        if step.gain >= 1.0:
            self._compactions = 0
        group = step.group
        if group is not None and (self._top is None or group.points >= self._maker.points(self._top)):
            self._top = group
        self._judge(step.at, step.offset)

    @property
    def doubts(self) -> bool:
        """Whether the model contradicts what else speaks for a repetition."""
        suspicion, signals = self._suspicion, self.signals
        believes = suspicion.steps > 0 or suspicion.log_odds >= loop_model().agrees
        return not (believes or signals.count < SHORT or signals.is_silent)

    @property
    def repetition(self) -> Repetition:
        """The present repetition of the lane."""
        if self._picture is None:
            drawn = self._draw()
            self._picture = drawn if drawn.severity is None else replace(drawn, began=self._began)
        return self._picture

    # -- inside ---------------------------------------------------------------------------------

    def _weigh(self) -> None:
        # Most lanes repeat almost nothing. The model is not asked about them, which saves half of its time.
        model = loop_model()
        asks = self.signals.recurrence >= LITTLE
        log_odds = model.log_odds(self.signals.vector()) if asks else float("-inf")
        self._suspicion.take(model, log_odds, is_third=self.signals.is_third)

    def _score(self) -> float:
        """The score: that of the model if it is sure, else that of the evidence that the model does not contradict."""
        evidence = self._evidence()
        suspicion = self._suspicion
        if suspicion.steps:
            return max(evidence, min(1.0, FLAGGED + GROWTH * (suspicion.steps - 1)))
        if not self.doubts:
            return evidence
        return min(evidence, DOUBTED * self._limits.warn_score)

    def _evidence(self) -> float:
        """The highest of `_scores`, which is asked for after each event."""
        repeats, talk = self._limits.same_call_repeats, self.talk.points
        found = _score(self._account.owed + talk, repeats)
        if self._top is not None:
            sooner = SOONER if self._top.kind in FAILING else 0.0
            found = max(found, _score(self._maker.points(self._top) + sooner, repeats))
        if talk:
            found = max(found, _score(talk, self._limits.monologue_repeats))
        if self._compactions > 1:
            found = max(found, self._compacted())
        return found

    def _compacted(self) -> float:
        return min(1.0, 0.5 + 0.125 * (self._compactions - COMPACTIONS - 1))

    def _scores(self) -> list[tuple[float, str]]:
        """The scores of all that speaks for a repetition, each with its name."""
        repeats = self._limits.same_call_repeats
        found = [(_score(self._account.owed + self.talk.points, repeats), "account")]
        if self._top is not None:
            sooner = SOONER if self._top.kind in FAILING else 0.0
            found.append((_score(self._maker.points(self._top) + sooner, repeats), "group"))
        found.append((_score(self.talk.points, self._limits.monologue_repeats), "talk"))
        if self._compactions > 1:
            found.append((self._compacted(), "compaction"))
        return found

    def _cycle(self) -> tuple[int, int]:
        """The shortest cycle of several calls in the newest steps, and its rounds; (0, 0) if there is none."""
        keys = [step.group.anchor if step.group is not None else 0 for step in self._steps]
        for period in range(2, min(self._limits.longest_cycle, len(keys) // 2) + 1):
            round_ = keys[-period:]
            if 0 in round_ or len(set(round_)) == 1:
                continue
            rounds = 1
            while keys[-period * (rounds + 1) : -period * rounds] == round_:
                rounds += 1
            if rounds >= self._limits.cycle_rounds - 1:
                return period, rounds + 1  # the round before these was no repetition
        return 0, 0

    def _judge(self, at: float | None, offset: int) -> None:
        self._picture = None
        score = self._score()
        limits = self._limits
        level = Severity.STOP if score >= limits.stop_score else Severity.WARN if score >= limits.warn_score else None
        if level is not None:
            self._suspicion.confirm(loop_model())
        if level is Severity.STOP or (level is Severity.WARN and self._up is None):
            if self._up is None:
                self._since = at
                self._began, self._offset = self._first(at, offset)
            self._up = level
        elif self._up is not None and score < limits.clear_score:
            self._up = self._since = self._began = self._offset = None

    def _first(self, at: float | None, offset: int) -> tuple[float | None, int]:
        """The time and place of the first repeated step or message; those given if it is not known."""
        evidence, why = max(self._scores())
        if evidence < self._limits.warn_score and (alike := self.signals.like_newest()):
            return alike[0].step.at, alike[0].step.offset
        if why == "group" and self._top is not None:
            return self._top.since_at, self._top.since_offset
        if why == "talk":
            return self.talk.since
        if why == "compaction":
            return self._compacted_since
        return next(((step.at, step.offset) for step in self._steps if step.waste >= EXCUSED), (at, offset))

    def _draw(self) -> Repetition:
        evidence, why = max(self._scores())
        score = self._score()
        if self._up is None:
            return Repetition(score=_step(score))
        if evidence < self._limits.warn_score:
            picture = self._by_likeness(score)
            if picture is not None:
                return picture
        if why == "talk" and self.talk.points:
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
        if why == "compaction" and self._compactions > 1:
            count = self._compactions
            return Repetition(
                score, self._up, RepetitionKind.COMPACTION, compaction_reason(count), 1, count, self._since,
                self._offset,
            )  # fmt: skip
        period, rounds = self._cycle()
        if period:
            return self._cycle_picture(score, period, rounds)
        group = self._top if why == "group" else self._main_group()
        if group is not None and group.count > 1:
            kind, reason = group_reason(group)
            shown = tuple(StepShown(*one) for one in group.steps[-SHOWN:])
            return Repetition(score, self._up, kind, reason, 1, group.count, self._since, self._offset, shown)
        newest = list(self._steps)[-WINDOW:]
        wasted = [step for step in newest if step.waste >= EXCUSED] or newest[-1:]
        named = [step for step in wasted if step.failed] or wasted
        reason = stale_reason(len(wasted), len(newest), named[-1].text if named else "")
        shown = _shown(wasted[-SHOWN:])
        return Repetition(
            score, self._up, RepetitionKind.STALE, reason, 1, len(wasted), self._since, self._offset, shown
        )

    def _by_likeness(self, score: float) -> Repetition | None:
        """The repetition of a lane that the model flags, by its steps or messages that are alike; None without any."""
        steps = self.signals.like_newest()
        if len(steps) > 2:
            kind, reason = alike_reason(steps)
            return Repetition(score, self._up, kind, reason, 1, len(steps), self._since, self._offset, shown(steps))
        count, text = self.signals.said_again
        if count > 1:
            return Repetition(
                score, self._up, RepetitionKind.MONOLOGUE, said_reason(count + 1, text), 1, count + 1, self._since,
                self._offset, _shown(list(self._steps)[-SHOWN:]),
            )  # fmt: skip
        again, of = self.signals.repeating
        if len(again) > 1:
            reason = stale_reason(len(again), of, again[-1].step.text)
            return Repetition(
                score, self._up, RepetitionKind.STALE, reason, 1, len(again), self._since, self._offset, shown(again)
            )
        return None

    def _main_group(self) -> Group | None:
        """The group with more than half of the waste of the newest steps; None if there is none."""
        wastes: dict[int, float] = {}
        groups: dict[int, Group] = {}
        for step in list(self._steps)[-WINDOW:]:
            if step.group is not None and step.waste >= EXCUSED:
                groups[step.group.key] = step.group
                wastes[step.group.key] = wastes.get(step.group.key, 0.0) + step.waste
        if not wastes:
            return None
        key = max(wastes, key=wastes.__getitem__)
        return groups[key] if 2 * wastes[key] > sum(wastes.values()) else None

    def _cycle_picture(self, score: float, period: int, rounds: int) -> Repetition:
        steps = list(self._steps)[-period:]
        reason = cycle_reason([step.text for step in steps], rounds)
        return Repetition(
            score, self._up, RepetitionKind.CYCLE, reason, period, rounds, self._since, self._offset,
            _shown(list(self._steps)[-SHOWN:]),
        )  # fmt: skip


def _score(points: float, repeats: float) -> float:
    """The score for these points. After `repeats` equal steps it is 0.5, which raises the flag by default."""
    whole = max(1.0, repeats - 1.0)
    return points / whole * 0.5 if points < whole else min(1.0, 0.5 + 0.25 * (points - whole) / whole)


def _step(score: float) -> float:
    """The score rounded down to a multiple of 0.05, so that a quiet lane does not change with every step."""
    return int(score * 20) / 20


def _shown(steps: list[Step]) -> tuple[StepShown, ...]:
    return tuple(StepShown(step.text, step.outcome, step.at, step.offset) for step in steps)
