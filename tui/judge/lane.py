"""One lane before the judge: events in; repetition, novelty, findings and the shapes of its actions out."""

from __future__ import annotations

from dataclasses import dataclass

from tui.judge.detector import Raised
from tui.judge.limits import Limits
from tui.model.event import Event
from tui.model.finding import QUIET, NoveltyPoint, Repetition


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What the judge made of the newest whole step: a call with its result, or a message without a call.

    `waste` (0 to 1) is how much it repeats what the lane did before, `novelty` (0 to 1) how much was new in it.
    """

    offset: int
    at: float | None
    waste: float
    novelty: float


class LaneJudge:
    """Bounded memory, no clock: the same events give the same verdicts, however they are cut."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.last_step: StepVerdict | None = None
        self.steps = 0

    def apply(self, event: Event) -> None:
        """Takes one event of this lane, in the order of the transcript."""

    @property
    def repetition(self) -> Repetition:
        """How repetitive the lane is after the events so far."""
        return QUIET

    @property
    def novelty(self) -> tuple[NoveltyPoint, ...]:
        """The lane's whole life in at most 48 stretches."""
        return ()

    def raised(self) -> tuple[Raised, ...]:
        """What holds now, and the newest of what held once."""
        return ()
