"""Budgets on the screen: they are read beside it, shown in the header, told as findings, and listed on a page."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tui.budget.budget import Budget, Offset
from tui.budget.standing import Standing, standings
from tui.budget.steps import raised
from tui.config.budget_steps import BudgetSteps
from tui.history.reading import NotReadYet, ReadUsage
from tui.judge.detector import Raised
from tui.screen.controller import Command, Controller, Host
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, Span, joined, own, word
from tui.view.budgets import budget_lines, header_part

FIRST_S = 1.0
"""Seconds after the start until budgets are read first: what happens now is read first."""
AGAIN_S = 5.0
"""Seconds between two readings while tokens are used."""
IDLE_S = 60.0
"""Seconds between two readings while none are."""
SHARE = 20
"""After a reading that took long, at least so many times as long passes until the next one."""


class BudgetDesk:
    """Reads how much of each budget is used, again and again, in a thread."""

    def __init__(
        self,
        budgets: Sequence[Budget],
        read: ReadUsage,
        now: Callable[[], float],
        offset: Offset,
        steps: BudgetSteps,
        apply: Callable[[Sequence[Standing], Sequence[Raised]], None],
        tokens: Callable[[], object],
        config: Path | None = None,
    ) -> None:
        """`now` returns seconds UTC. `apply` receives how much is used after each reading, and the findings.

        `tokens` returns a value that changes when any are used. `config` is the file in which budgets are declared.
        """
        self._budgets = budgets
        self._read = read
        self._now = now
        self._offset = offset
        self._steps = steps
        self._apply = apply
        self._tokens = tokens
        self._config = config
        self.standings: list[Standing] = []
        self.problem = ""
        """Why they could not be read last; empty: they were."""
        self.has_read = False

    @property
    def is_on(self) -> bool:
        """Whether there are budgets."""
        return bool(self._budgets)

    async def run(self, news: Callable[[], None]) -> None:
        """Reads until it is cancelled. `news` is called after each reading."""
        if not self.is_on:
            return
        await asyncio.sleep(FIRST_S)
        seen: object = None
        read_at = float("-inf")
        while True:
            now, tokens = self._now(), self._tokens()
            took = 0.0
            if tokens != seen or now - read_at >= IDLE_S:
                seen, read_at = tokens, now
                await self.look()
                if not self.has_read and not self.problem:
                    seen = None
                took = self._now() - now
                news()
            await asyncio.sleep(max(AGAIN_S, took * SHARE))

    async def look(self) -> None:
        """Reads once. What is not known before more of the transcripts were read stays as it was."""
        at = self._now()
        try:
            self.standings = await asyncio.to_thread(standings, self._budgets, self._read, at, self._offset)
        except NotReadYet:
            return
        except (OSError, sqlite3.Error, ValueError) as error:
            self.problem = str(error)
            return
        self.problem, self.has_read = "", True
        self._apply(self.standings, raised(self.standings, self._steps.advance(self.standings, at), at, None))

    def header(self) -> Line:
        """The fullest budget, for the header."""
        if self.problem:
            return (word("budgets not read", "warn"),)
        return header_part(self.standings)

    def lines(self, cells: int) -> list[Line]:
        """All budgets, for the page."""
        if self.problem:
            return [(Span(joined(own("not read: "), safe_text(self.problem, limit=200)), "warn"),)]
        if self.is_on and not self.has_read:
            return [(word("reading all transcripts", "dim"),)]
        return budget_lines(self.standings, cells, self._now(), config=self._config)


NO_BUDGETS = BudgetDesk(
    (), lambda _asked: [], lambda: 0.0, lambda _at: 0, BudgetSteps(), lambda _standings, _raised: None, lambda: 0
)


class BudgetsController(Controller):
    """Lists the budgets."""

    def __init__(self, host: Host, desk: BudgetDesk) -> None:
        self._host = host
        self._desk = desk

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"budgets": self.open}

    def open(self) -> None:
        """Opens the page."""
        self._host.open_page(own("budgets"), self._desk.lines)
