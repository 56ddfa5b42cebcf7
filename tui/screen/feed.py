"""The feed of the screen: reads history in slices, follows changes, and reports news."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from tui.fleet.live import LiveFleet
from tui.model.event import UnreadableLine
from tui.model.snapshot import ProcessFact
from tui.sources.discover import Found

JUDGE_SHARE = 3
"""Judging history takes at most one part in this many of the time: after each slice it waits for the other parts."""
QUIET_S = 0.5
"""Seconds after a key during which nothing is judged, so that the next key is answered at once."""
REST_S = 2.0
"""Seconds between two looks at last lines that do not end with a line feed yet."""
PROBE_S = 2.0
"""Seconds between two reads of the live processes."""

Probe = Callable[[], tuple[Sequence[ProcessFact], Sequence[str]]]
"""Returns the live agent processes, and the homes whose clients register all their processes."""


Follow = Callable[[Sequence[Found]], AbstractAsyncContextManager[AsyncIterable[set[str]]]]
"""Returns the changes from now on, for the files that were found."""


class Feed:
    """Runs in the event loop of the screen, and never blocks it for longer than one slice.

    `news` is called after each change: lines that were read, lanes that were judged, processes. `acted` returns when
    the operator did something last, in seconds of a monotonic clock.
    """

    def __init__(
        self,
        live: LiveFleet,
        follow: Follow | None,
        probe: Probe | None,
        since: float | None,
        news: Callable[[], None],
        acted: Callable[[], float] = lambda: -math.inf,
    ) -> None:
        self._live = live
        self._follow = follow
        self._probe = probe
        self._since = since
        self._news = news
        self._acted = acted
        self._more = asyncio.Event()
        """Set when a change leaves more to read than one slice."""
        self._is_ordered = False
        """True after the deferred lanes were put in the order in which they are judged, once all were read."""

    async def run(self) -> None:
        """Runs until it is cancelled."""
        # A search through years of folders can take long, so it runs in a thread and the screen stays responsive.
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
        clock = asyncio.get_running_loop().time
        rested = clock()
        while True:
            while self._live.reading:
                self._live.step()
                self._news()
                await asyncio.sleep(0)
            if self._live.judging:
                await self._judge()
                if clock() - rested < REST_S:
                    continue
            elif await self._has_more():
                continue
            rested = clock()
            if self._live.take_last_lines():
                self._news()

    async def _has_more(self) -> bool:
        """Waits for a change that leaves more to read than one slice. False if none comes within `REST_S`."""
        self._more.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST_S):
                return await self._more.wait()
        return False

    async def _judge(self) -> None:
        """Judges a slice of the lanes that are judged later, then leaves time for everything else.

        The clock of the event loop is the monotonic one.
        """
        if not self._is_ordered:
            # First come lanes that may be in one family with a lane that is judged already, such as a lane at work.
            self._is_ordered = True
            self._live.judge_first(self._live.supervisor.related_transcripts())
        clock = asyncio.get_running_loop().time
        wait = self._acted() + QUIET_S - clock()
        if wait > 0:
            await asyncio.sleep(wait)
            return
        began = clock()
        if self._live.judge_step():
            self._news()
        await asyncio.sleep((JUDGE_SHARE - 1) * (clock() - began))

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
            except Exception as error:  # any error: lanes without their processes are better than no lanes
                self._live.refuse(
                    [UnreadableLine("processes", None, None, f"no longer looked at ({type(error).__name__}: {error})")]
                )
                self._news()
                return
            if self._live.observe(facts, registries):
                self._news()
            await asyncio.sleep(PROBE_S)
