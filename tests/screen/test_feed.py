"""The feed beside the screen: history, changes and processes; a failure of one does not end the others."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from tests.property.test_chain import encode, message, prompt
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.screen.feed import Feed
from tui.sources.discover import Root, RootKind

SESSION = "00000001-0000-4000-8000-000000000000"


async def test_history_and_changes_are_read_after_a_probe_fails(tmp_path):
    file = tmp_path / f"{SESSION}.jsonl"
    file.write_bytes(encode([prompt(SESSION, 1, "go"), message(SESSION, 5, "a", 10)]))
    live = LiveFleet([Root(str(tmp_path), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()))
    told: asyncio.Queue[set[str]] = asyncio.Queue()
    news = asyncio.Event()

    @asynccontextmanager
    async def follow(found):
        assert [each.path for each in found] == [str(file)]

        async def changes():
            while True:
                yield await told.get()

        yield changes()

    def broken():
        raise RuntimeError("no processes here")

    feed = Feed(live, follow, broken, None, news.set)
    task = asyncio.create_task(feed.run())

    async def total(wanted: int) -> None:
        async with asyncio.timeout(10):
            while live.snapshot(2e9, 0).totals.total != wanted:
                news.clear()
                await news.wait()

    one = 3 + 900 + 7 + 40 + 10
    await total(one)
    with file.open("ab") as out:
        out.write(encode([message(SESSION, 9, "b", 10)]))
    await told.put({str(file)})
    await total(2 * one)
    async with asyncio.timeout(10):
        while not any("no processes here" in skip.why for skip in live.snapshot(2e9, 0).skipped):
            news.clear()
            await news.wait()
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
