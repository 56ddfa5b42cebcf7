"""Between the disk and the screen: reads history in slices, follows changes, says when there is news."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from tui.fleet.live import LiveFleet
from tui.model.event import UnreadableLine
from tui.model.snapshot import ProcessFact
from tui.sources.discover import Found

REST_S = 2.0
"""Between two looks for last lines that lack only their newline."""
PROBE_S = 2.0
"""Between two looks at the live processes."""

Probe = Callable[[], tuple[Sequence[ProcessFact], Sequence[str]]]
"""The live agent processes, and the homes whose clients register each of theirs."""


Follow = Callable[[Sequence[Found]], AbstractAsyncContextManager[AsyncIterable[set[str]]]]
"""Changes from now on, given the files as they were found."""


class Feed:
    """Runs beside the screen in the same loop; never holds it up for more than a slice."""

    def __init__(
        self,
        live: LiveFleet,
        follow: Follow | None,
        probe: Probe | None,
        since: float | None,
        news: Callable[[], None],
    ) -> None:
        self._live = live
        self._follow = follow
        self._probe = probe
        self._since = since
        self._news = news
        self._more = asyncio.Event()
        """A change left more to read than one slice."""

    async def run(self) -> None:
        """Until cancelled."""
        # Looking through years of folders can take long: in a thread, so that the screen lives.
        found, refused = await asyncio.to_thread(self._live.find, self._since)
        self._live.add(found, refused)
        self._news()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._history())
            if self._follow is not None:
                tasks.create_task(self._changes(self._follow, found))
            if self._probe is not None:
                tasks.create_task(self._processes(self._probe))

    async def _history(self) -> None:
        while True:
            while self._live.reading:
                self._live.step()
                self._news()
                await asyncio.sleep(0)
            self._more.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._more.wait()
                    continue
            if self._live.take_last_lines():
                self._news()

    async def _changes(self, follow: Follow, found: Sequence[Found]) -> None:
        async with follow(found) as changes:
            async for paths in changes:
                if self._live.changed(paths):
                    self._news()
                if self._live.reading:
                    self._more.set()

    async def _processes(self, probe: Probe) -> None:
        while True:
            try:
                facts, registries = await asyncio.to_thread(probe)
            except Exception as error:  # whatever it was: lanes without their processes are better than no lanes
                self._live.refuse(
                    [UnreadableLine("processes", None, None, f"no longer looked at ({type(error).__name__}: {error})")]
                )
                self._news()
                return
            self._live.supervisor.observe(facts, registries)
            self._news()
            await asyncio.sleep(PROBE_S)
