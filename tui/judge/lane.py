"""Judges one lane: takes its events, and gives its repetition, novelty, findings and the shapes of its actions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from zlib import crc32

from tui.judge.actions import ActionShape, ActionTaker
from tui.judge.detector import PAST_LIMIT, Detector, Raised
from tui.judge.exchange import Exchange, ExchangeSummary
from tui.judge.findings.collision import ChangedUnder, RefusedEdit
from tui.judge.findings.hard_stop import HardStop
from tui.judge.findings.repetition import REPETITION
from tui.judge.limits import Limits
from tui.judge.novelty_filter import Seen
from tui.judge.novelty_trend import NoveltyRate
from tui.judge.repetition import RepetitionMeter
from tui.judge.sentences import progress_of
from tui.judge.signals import Signals
from tui.judge.spent import Spent
from tui.judge.steps import StepMaker
from tui.judge.talk import Prompts, says_done
from tui.judge.work import Step
from tui.model.event import (
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    Inherited,
    Mark,
    Origin,
    Plan,
    Prompt,
    Reasoning,
    Result,
    State,
    UsageReported,
)
from tui.model.evidence import Evidence
from tui.model.finding import NoveltyPoint, Repetition, Severity, Verb
from tui.model.frozen import frozen

ACTIONS_KEPT = 128
REDRAWN = 16
PROMPT_KEPT = 2000
CALLS_KEPT = 2048
"""The number of the newest calls, and of the newest texts, whose copies are recognised."""


@frozen
class StepVerdict:
    """The verdict on the newest whole step: a call with its result.

    `waste` (0 to 1) is how much it repeats earlier steps with nothing new, `likeness` (0 to 1) how much the call is
    like an earlier one, whatever their results, `novelty` (0 to 1) how much was new in it.
    """

    offset: int
    at: float | None
    waste: float
    likeness: float
    novelty: float


class LaneJudge:
    """Judges one lane.

    It has bounded memory and reads no clock: the same events give the same verdicts, in whatever pieces they come.
    """

    is_judged: ClassVar[bool] = True
    """Whether it has taken all events of its lane."""

    def __init__(self, limits: Limits | None = None, detectors: Sequence[Detector] = ()) -> None:
        self.limits = limits or Limits()
        self.detectors = tuple(detectors)
        self._listening: dict[type[Event], tuple[Detector, ...]] = {}
        self._step: Step | None = None
        self.steps = 0
        self.first_prompt: Prompt | None = None
        self.actions_version = 0
        """Grows when an action begins or ends."""
        self._maker = StepMaker()
        self._meter = RepetitionMeter(self.limits, self._maker)
        self._prompts = Prompts()
        self._exchange = Exchange()
        self._rate = NoveltyRate(self.limits)
        self._spent = Spent()
        self._closed: deque[ActionShape] = deque(maxlen=ACTIONS_KEPT)
        self._action: ActionTaker | None = None
        self._paused: ActionTaker | None = None
        """The action that ended with its turn. It is resumed if work continues without a new prompt."""
        self._turn_open = False
        self._loop: Raised | None = None
        self._since_drawn = 0
        self._drawn_of: Repetition | None = None
        self._drawn_loop: Raised | None = None
        """The finding in the words of `_drawn_of`."""
        self._loops: deque[Raised] = deque(maxlen=PAST_LIMIT)
        self._calls = Seen(CALLS_KEPT)
        self._texts = Seen(CALLS_KEPT)
        self._copied: set[int] = set()
        """Calls whose newest line was a copy."""
        self._newest: float = 0.0
        """The latest time of a call, in seconds UTC."""

    def apply(self, event: Event) -> None:
        """Takes one event of this lane, in the order of the transcript."""
        kind = type(event)
        if kind in _COPIED and self._is_copy(event):  # pyright: ignore[reportArgumentType]
            return
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, event)
        listening = self._listening.get(kind)
        if listening is None:
            listening = self._listening[kind] = _listeners(self.detectors, kind)
        for detector in listening:
            detector.apply(event, self._spent.total)

    @property
    def last_step(self) -> StepVerdict | None:
        """The newest whole step."""
        step = self._step
        return StepVerdict(step.offset, step.at, step.waste, self._maker.likeness, step.novelty) if step else None

    @property
    def repetition(self) -> Repetition:
        """How repetitive the lane is after the events so far."""
        return self._meter.repetition

    @property
    def signals(self) -> Signals:
        """The numbers by which the model judges the lane."""
        return self._meter.signals

    @property
    def novelty(self) -> tuple[NoveltyPoint, ...]:
        """The lane's whole life in at most 48 parts."""
        return self._rate.points(self._spent.total)

    @property
    def begun(self) -> tuple[int, float | None]:
        """The number of steps of the running action and its beginning (seconds UTC); (0, None) if none runs."""
        return (self._action.steps, self._action.started) if self._action is not None else (0, None)

    @property
    def exchange(self) -> Exchange | ExchangeSummary:
        """The texts that the lane gives to other lanes and gets back."""
        return self._exchange

    @property
    def refused_edits(self) -> tuple[RefusedEdit, ...]:
        """The lane's edits that were refused because the file had changed."""
        for detector in self.detectors:
            if isinstance(detector, ChangedUnder):
                return detector.refused
        return ()

    def raised(self) -> tuple[Raised, ...]:
        """The findings that hold now, and the newest ended ones."""
        found = [*self._loops, *self._rate.raised()]
        if self._loop is not None:
            found.append(self._drawn(self._loop))
        for detector in self.detectors:
            found += detector.raised()
        return tuple(found)

    def cut_off(self, at: float | None, why: str) -> Raised | None:
        """The finding that the lane's process ended with work half done, which its transcript cannot show.

        None if no work was half done. `at` (seconds UTC) and `why` are those of the end.
        """
        detector = next((one for one in self.detectors if isinstance(one, HardStop)), None)
        return detector.cut_off(at, why) if detector is not None else None

    def actions(self) -> list[ActionShape]:
        """The newest actions, oldest first; the running one has no end."""
        shapes = list(self._closed)
        if self._action is not None:
            shapes.append(self._action.shape(None))
        return shapes

    def _is_copy(self, event: Call | Result | Edit | AssistantText | Reasoning | Prompt) -> bool:
        """Whether the line is a copy: some clients write a resumed session's history once more.

        The id alone does not show this, because some models give all their calls one id. A copy also has its old time.
        """
        if isinstance(event, _TEXTS):
            if event.at is None or not event.text:
                return False
            mark = crc32(event.text.encode("utf-8", "replace"))
            if event.at <= self._newest and mark in self._texts:
                return True
            self._texts.add(mark)
            return False
        mark = crc32((event.call or "").encode("utf-8", "replace"))
        if not isinstance(event, Call):
            return mark in self._copied
        is_old = event.at is not None and event.at <= self._newest
        if is_old and mark in self._calls:
            if len(self._copied) < CALLS_KEPT:
                self._copied.add(mark)
            return True
        self._calls.add(mark)
        self._copied.discard(mark)
        if event.at is not None:
            self._newest = max(self._newest, event.at)
        return False

    # -- events ---------------------------------------------------------------------------------

    def _prompt(self, event: Prompt) -> None:
        self._exchange.prompt(event)
        is_news = self._prompts.is_news(event.text)
        self._meter.signals.prompt(event.text, is_news=is_news)
        if is_news:
            if event.origin is not Origin.AGENT and not event.text.lstrip().startswith("<"):
                self._exchange.person_spoke()
            self._maker.person_spoke(event.text)
            self._meter.person_spoke(event.at, event.offset)
            self._follow_flag(event.at, event.offset)
        elif event.origin is Origin.PERSON:
            self._meter.talk.asked()
        if event.origin is Origin.QUEUED and self._turn_open:
            return
        if self.first_prompt is None:
            self.first_prompt = Prompt(event.lane, event.at, event.offset, event.text[:PROMPT_KEPT], event.origin)
        self._end_action()
        self._paused = None
        self._action = ActionTaker(event.text, event.origin, event.at, event.offset)
        self._maker.label = self._action.label
        self._turn_open = True
        self.actions_version += 1

    def _say(self, event: AssistantText) -> None:
        if says_done(event.text):
            self._maker.says_done()
        self._meter.say(event.text, event.message, event.at, event.offset)
        if self._action is not None:
            self._action.say(event.text)
        self._follow_flag(event.at, event.offset)

    def _call(self, event: Call) -> None:
        self._turn_open = True
        self._maker.call(event)
        self._exchange.call(event)
        self._meter.talk.call()
        self._touch(event)

    def _result(self, event: Result) -> None:
        self._exchange.result(event)
        step = self._maker.result(event)
        outcome, shape = self._maker.outcome, self._maker.shape
        if step is None or outcome is None or shape is None:
            return
        self.steps += 1
        self._meter.step(step, shape, outcome, event.text)
        self._step = step
        # Each step counts at least half of its gain. That includes waits, which repeat known words.
        novelty = min(1.0, max(step.novelty, step.gain / 2))
        if not outcome.redacted:  # the masked text may have been new
            judged = not self._meter.doubts
            self._rate.add(step.at, step.offset, novelty, self._spent.total, step=not step.poll, judged=judged)
        action = self._touch(event)
        action.step(step, outcome, self._maker.targets, self._maker.edit_text)
        self._follow_flag(step.at, step.offset)

    def _think(self, event: Reasoning) -> None:
        if event.text:
            self._meter.think(event.text, event.at, event.offset)
            self._follow_flag(event.at, event.offset)

    def _plan(self, event: Plan) -> None:
        self._maker.plan(event)
        self._meter.signals.plan(sum(item.status == "completed" for item in event.items))

    def _compact(self, event: Compact) -> None:
        if event.trigger != "micro":
            self._maker.compacted()
            self._meter.compact(event.at, event.offset)
            self._follow_flag(event.at, event.offset)

    def _spend(self, event: UsageReported) -> None:
        if event.inherited in (Inherited.YES, Inherited.GUESS_YES):
            return
        self._spent.take(event)
        self._rate.spend(event.at, event.offset, self._spent.total)
        if self._action is not None:
            self._action.touch(event.at)

    def _state(self, event: State) -> None:
        if event.mark is Mark.TURN_STARTED and event.detail:
            self._meter.talk.notified()
        if event.mark in (Mark.TURN_STARTED, Mark.REQUEST_STARTED):
            return
        self._turn_open = False
        if self._action is not None and self._action.steps:
            self._action.touch(event.at)
            self._end_action()
            self._paused, self._action = self._action, None
            self.actions_version += 1

    # -- inside ---------------------------------------------------------------------------------

    def _touch(self, event: Event) -> ActionTaker:
        if self._action is None:
            self._action = self._reopened(event)
            self.actions_version += 1
        self._action.touch(event.at)
        return self._action

    def _reopened(self, event: Event) -> ActionTaker:
        paused, self._paused = self._paused, None
        if paused is not None:
            if self._closed and self._closed[-1].offset == paused.offset:
                self._closed.pop()
            return paused
        return ActionTaker("", Origin.UNKNOWN, event.at, event.offset)

    def _end_action(self) -> None:
        if self._action is not None:
            self._closed.append(self._action.shape(self._action.last_at))

    def _follow_flag(self, at: float | None, offset: int) -> None:
        level = self._meter.flagged
        if level is None:
            if self._loop is not None:
                self._loops.append(_until(self._loop, at))
                self._loop = None
            return
        if self._loop is None:
            repetition = self._meter.repetition
            begin = Evidence("it began here", repetition.began, None, repetition.offset)
            self._loop = REPETITION.raised(str(offset), level, at, repetition.reason, (begin,))
        self._since_drawn += 1
        # The words are also needed after the flag has ended. Making them at every step would take too long.
        if level is not self._loop.severity or self._since_drawn >= REDRAWN:
            self._since_drawn = 0
            self._loop = self._drawn(self._loop)

    def _drawn(self, loop: Raised) -> Raised:
        """The finding with its present words and its first time."""
        repetition = self._meter.repetition
        if self._drawn_of is repetition and self._drawn_loop is not None:
            return self._drawn_loop
        steps = tuple(
            Evidence(f"{step.text} → {step.outcome}" if step.outcome else step.text, step.at, None, step.offset)
            for step in repetition.steps
        )
        verb = Verb.CLOSE if repetition.severity is Severity.STOP else Verb.REDIRECT
        self._drawn_of = repetition
        self._drawn_loop = Raised(
            loop.kind, loop.subject, self._meter.flagged or loop.severity, loop.since, repetition.reason or loop.title,
            (*loop.evidence[:1], *steps), verb, None, progress_of(repetition.kind),
        )  # fmt: skip
        return self._drawn_loop


class NotJudged(LaneJudge):
    """The judge of lanes that are judged later: it ignores all events. Many lanes share one."""

    is_judged: ClassVar[bool] = False

    def apply(self, event: Event) -> None:
        """Ignores the event."""

    def raised(self) -> tuple[Raised, ...]:
        """No finding: nothing was judged."""
        return ()


def _listeners(detectors: Sequence[Detector], kind: type[Event]) -> tuple[Detector, ...]:
    return tuple(one for one in detectors if kind in getattr(one, "wants", (kind,)))


def _until(raised: Raised, at: float | None) -> Raised:
    return Raised(
        raised.kind, raised.subject, raised.severity, raised.since, raised.title, raised.evidence, raised.suggest, at,
        raised.progress,
    )  # fmt: skip


_TEXTS = (AssistantText, Reasoning, Prompt)
_COPIED = frozenset((Call, Result, Edit, *_TEXTS))
"""The kinds of events that may be copies."""

_HANDLERS: dict[type[Event], Callable[[LaneJudge, Any], None]] = {
    Prompt: LaneJudge._prompt,  # pyright: ignore[reportPrivateUsage]
    AssistantText: LaneJudge._say,  # pyright: ignore[reportPrivateUsage]
    Call: LaneJudge._call,  # pyright: ignore[reportPrivateUsage]
    Result: LaneJudge._result,  # pyright: ignore[reportPrivateUsage]
    Reasoning: LaneJudge._think,  # pyright: ignore[reportPrivateUsage]
    Plan: LaneJudge._plan,  # pyright: ignore[reportPrivateUsage]
    Compact: LaneJudge._compact,  # pyright: ignore[reportPrivateUsage]
    UsageReported: LaneJudge._spend,  # pyright: ignore[reportPrivateUsage]
    State: LaneJudge._state,  # pyright: ignore[reportPrivateUsage]
}
