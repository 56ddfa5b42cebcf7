"""The judge of a lane that has ended: what the lane's own judge found, without what it needs to take more events."""

from __future__ import annotations

from typing import ClassVar

from tui.judge.actions import ActionShape
from tui.judge.detector import Raised
from tui.judge.exchange import Exchange, ExchangeSummary
from tui.judge.findings.collision import RefusedEdit
from tui.judge.findings.hard_stop import cut_off_again
from tui.judge.lane import LaneJudge
from tui.model.event import Event, Prompt
from tui.model.finding import QUIET, NoveltyPoint, Repetition
from tui.model.frozen import frozen


@frozen
class Judgement:
    """What a judge says of its lane. The fields are named as in `LaneJudge`."""

    raised: tuple[Raised, ...]
    actions: tuple[ActionShape, ...]
    actions_version: int
    begun: tuple[int, float | None]
    first_prompt: Prompt | None
    exchange: ExchangeSummary
    refused_edits: tuple[RefusedEdit, ...]
    repetition: Repetition
    novelty: tuple[NoveltyPoint, ...]
    cut_off: Raised | None
    """The finding that its process ended with work half done, without a time and a reason."""

    @classmethod
    def of(cls, judge: LaneJudge) -> Judgement:
        """What the judge says now."""
        if isinstance(judge, EndedJudge):
            return judge.said
        exchange = judge.exchange
        return cls(
            judge.raised(), tuple(judge.actions()), judge.actions_version, judge.begun, judge.first_prompt,
            exchange.summary if isinstance(exchange, Exchange) else exchange,
            judge.refused_edits, QUIET if judge.repetition == QUIET else judge.repetition, judge.novelty,
            judge.cut_off(None, ""),
        )  # fmt: skip


class EndedJudge(LaneJudge):
    """Says what another judge said. It takes no events: a lane that continues is judged anew from its beginning."""

    is_judged: ClassVar[bool] = True
    __slots__ = ("actions_version", "first_prompt", "said")

    def __init__(self, said: Judgement) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.said = said
        self.actions_version = said.actions_version
        self.first_prompt = said.first_prompt

    def apply(self, event: Event) -> None:
        """Raises an error, because this judge cannot continue."""
        raise RuntimeError("the judge of a lane that has ended takes no events")

    @property
    def repetition(self) -> Repetition:
        """See `LaneJudge`."""
        return self.said.repetition

    @property
    def novelty(self) -> tuple[NoveltyPoint, ...]:
        """See `LaneJudge`."""
        return self.said.novelty

    @property
    def begun(self) -> tuple[int, float | None]:
        """See `LaneJudge`."""
        return self.said.begun

    @property
    def exchange(self) -> Exchange | ExchangeSummary:
        """See `LaneJudge`."""
        return self.said.exchange

    @property
    def refused_edits(self) -> tuple[RefusedEdit, ...]:
        """See `LaneJudge`."""
        return self.said.refused_edits

    def raised(self) -> tuple[Raised, ...]:
        """See `LaneJudge`."""
        return self.said.raised

    def cut_off(self, at: float | None, why: str) -> Raised | None:
        """See `LaneJudge`."""
        found = self.said.cut_off
        return cut_off_again(found, at, why) if found is not None else None

    def actions(self) -> list[ActionShape]:
        """See `LaneJudge`."""
        return list(self.said.actions)
