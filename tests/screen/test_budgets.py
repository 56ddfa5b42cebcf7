"""Budgets on the screen: the header, the page, the findings, and when they are read."""

from __future__ import annotations

import asyncio

import pytest

from tests.screen.apps import Stage, at_rest
from tui.budget.budget import Budget, budget
from tui.config.budget_steps import BudgetSteps
from tui.history.usage import Asked, Used
from tui.judge.detector import Raised
from tui.model.cost import Cost
from tui.model.usage import Usage
from tui.screen import budgets as module
from tui.screen.budgets import BudgetDesk

NOON = 1_781_092_800.0


class Desk:
    """A desk over one number of tokens, which a test changes."""

    def __init__(self, *budgets: Budget, tokens: int = 950_000) -> None:
        self.tokens = tokens
        self.now = NOON
        self.readings = 0
        self.raised: list[Raised] = []
        self.desk = BudgetDesk(
            budgets, self._read, lambda: self.now, lambda _at: 0, BudgetSteps(), self._apply, lambda: self.tokens
        )

    def _read(self, asked: list[Asked]) -> list[list[Used]]:
        self.readings += 1
        if self.tokens < 0:
            raise OSError("disk gone")
        return [[Used(None, None, 3, Usage(input=self.tokens), Cost(1.0, 3, 3), False)] for _ in asked]

    def _apply(self, standings, raised) -> None:
        self.raised = list(raised)


async def test_the_header_shows_the_fullest_budget_and_the_page_all():
    behind = Desk(budget("1M/day"), budget("2M/week"))
    await behind.desk.look()
    stage = Stage(budgets=behind.desk)
    async with stage.running() as pilot:
        await at_rest(pilot)
        assert "budget all lanes, today" in stage.text()
        assert "95%" in stage.text()
        await pilot.press("dollar_sign")
        await at_rest(pilot)
        text = stage.text()
        assert "950k of 1.00M tokens" in text
        assert "all lanes, this week" in text


async def test_without_budgets_nothing_is_read_and_the_page_says_how_to_set_one():
    behind = Desk()
    await behind.desk.run(lambda: None)
    assert behind.readings == 0
    stage = Stage(budgets=behind.desk)
    async with stage.running() as pilot:
        await at_rest(pilot)
        assert "budget" not in stage.text()
        await pilot.press("dollar_sign")
        await at_rest(pilot)
        assert "no budgets: add [[budget]] to the configuration" in stage.text()


async def test_what_cannot_be_read_is_said_and_findings_stay():
    behind = Desk(budget("1M/day"))
    await behind.desk.look()
    assert [one.title for one in behind.raised] == ["all lanes, today: 95% of the budget is used, 950k of 1.00M tokens"]
    behind.tokens = -1
    await behind.desk.look()
    assert behind.raised
    assert "".join(span.text for span in behind.desk.header()) == "budgets not read"
    assert "not read: disk gone" in "".join(span.text for line in behind.desk.lines(80) for span in line)
    behind.tokens = 1
    await behind.desk.look()
    assert behind.raised == []


async def test_they_are_read_again_only_when_tokens_are_used_or_time_passes(monkeypatch: pytest.MonkeyPatch):
    behind = Desk(budget("1M/day"))
    sleeps: list[float] = []
    steps = iter([(0, 0), (5, 0), (5, 7), (55, 0), (60, 0)])

    async def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        moved, used = next(steps, (None, None))
        if moved is None:
            raise asyncio.CancelledError
        behind.now += moved
        behind.tokens += used

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    drawn: list[int] = []
    with pytest.raises(asyncio.CancelledError):
        await behind.desk.run(lambda: drawn.append(behind.readings))
    assert drawn == [1, 2, 3], "at the start, when tokens were used, and a minute after that"
