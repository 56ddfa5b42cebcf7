"""Keeps the index of all usage up to date while the screen is open, and reads it meanwhile as far as it is filled."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence

from tui.history.filling import Filling, Outcome
from tui.history.index import NotUsable
from tui.history.reading import NotReadYet, UsageReading
from tui.history.sync import Coverage, index_name, missing
from tui.history.usage import Asked, Used
from tui.history.wanted import Wanted
from tui.screen.search import SearchDesk
from tui.sources.found import Found

FIRST_S = 2.0
"""Seconds after the start until the index is filled: what happens now is read first."""
LOOK_S = 0.1
"""Seconds between two looks at the process that fills the index."""
BUSY_S = 5.0
"""Seconds until the index is looked at again that another lanewatch fills."""
AGAIN_S = 600.0
"""Seconds between two searches for transcripts that the index does not have."""
LEAST_BYTES = 8 << 20
"""So much is read where it is asked for, without a process of its own and without a word in the header."""

Rows = list[list[Used]]


class HistoryDesk:
    """The index of all usage, which a process of its own fills."""

    def __init__(
        self, reading: UsageReading, search: SearchDesk, *, is_on: bool, least_bytes: int = LEAST_BYTES
    ) -> None:
        """Without `is_on`, or where `reading` keeps no index, all is read whenever it is asked for."""
        self._reading = reading
        self._search = search
        self._least = least_bytes
        self._coverage = Coverage()
        self._is_filling = threading.Event()
        """Set while not all is in the index. Is read in other threads."""
        if is_on and reading.folder is not None:
            self._is_filling.set()

    async def run(self, news: Callable[[], None]) -> None:
        """Fills the index until it is cancelled, and then that of the search. `news` is called when there is more."""
        if not self._is_filling.is_set():
            await self._search.run()
            return
        await asyncio.sleep(FIRST_S)
        async with asyncio.TaskGroup() as tasks:
            await self._fill(news)
            tasks.create_task(self._search.run())
            while True:
                await asyncio.sleep(AGAIN_S)
                await self._fill(news)

    async def _fill(self, news: Callable[[], None]) -> None:
        """Fills in what is missing, by this lanewatch or by another one. Gives up where that cannot be done."""
        try:
            while True:
                wanted, found = await asyncio.to_thread(self._missing)
                total = sum(one.size for one in wanted.found)
                self._coverage = Coverage(sum(one.size for one in found), total)
                news()
                if self._coverage.left_bytes <= self._least:
                    return
                self._is_filling.set()
                outcome = await self._filled(wanted, found, news)
                if outcome is not Outcome.BUSY:
                    return  # what was written meanwhile is read where it is asked for
                await asyncio.sleep(BUSY_S)
        except (OSError, NotUsable, sqlite3.Error, ValueError, TypeError):
            return  # then it is read where it is asked for
        finally:
            self._coverage = Coverage()
            self._is_filling.clear()
            news()

    async def _filled(self, wanted: Wanted, found: Sequence[Found], news: Callable[[], None]) -> Outcome:
        """One filling, to its end."""
        folder = self._reading.folder
        if folder is None:
            return Outcome.FAILED
        filling = Filling(folder, index_name(wanted), wanted, found)
        try:
            while filling.is_busy:
                await asyncio.sleep(LOOK_S)
                filling.collect()
                if filling.left_bytes != self._coverage.left_bytes and filling.outcome is Outcome.DONE:
                    self._coverage = self._coverage._replace(left_bytes=filling.left_bytes)
                    news()
            return filling.outcome
        finally:
            filling.close()

    def _missing(self) -> tuple[Wanted, list[Found]]:
        wanted = self._reading.wanted()
        return wanted, missing(wanted, self._reading.folder) if self._reading.folder is not None else []

    @property
    def is_filling(self) -> bool:
        """Whether transcripts are still being read into the index."""
        return self._is_filling.is_set()

    def share(self) -> float | None:
        """The share of all transcripts that was read into the indexes; None: nothing is being read into them."""
        later = self._search.left_share(self._least)
        left, total = self._coverage.left_bytes, self._coverage.total_bytes
        if left <= self._least:
            return None if later is None else 1 - later / 2
        # The words of the transcripts are indexed after their usage, which is half of the work.
        return (1 - left / total) / (2 if self._search.is_kept else 1)

    def read(self, asked: Sequence[Asked]) -> tuple[Rows, Coverage]:
        """The rows of each question, as far as they are known; all if nothing is being read. For any thread."""
        if self._is_filling.is_set():
            try:
                return self._reading.read_so_far(asked, self._least)
            except (NotUsable, sqlite3.Error, ValueError, TypeError):
                pass  # it is read without the index
        return self._reading.read(asked), Coverage()

    def read_whole(self, asked: Sequence[Asked]) -> Rows:
        """The rows of each question. For any thread.

        Raises:
            NotReadYet: transcripts that they may depend on are still being read.
        """
        rows, coverage = self.read(asked)
        if coverage.since is not None and any(one.since is None or one.since <= coverage.since for one in asked):
            raise NotReadYet
        return rows
