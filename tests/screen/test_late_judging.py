"""Lanes that are judged later on the screen: what is shown before, what is judged first, and what follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.fleet.test_late_judge import LATER, SESSION, looping, loops
from tests.fleets import NOW, circling, harbor
from tests.property.test_chain import encode
from tests.screen.apps import Stage, at_rest
from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.finding import QUIET
from tui.model.snapshot import Fleet, Judging
from tui.screen import feed
from tui.screen.bell import Bell
from tui.screen.feed import Feed
from tui.screen.findings_model import SessionMutes
from tui.sources.discover import Root, RootKind
from tui.view.findings import listed_findings


def unjudged(fleet: Fleet, done: int = 3) -> Fleet:
    """The fleet before any of its lanes was judged."""
    lanes = tuple(replace(lane, judged=False, findings=(), repetition=QUIET, novelty=()) for lane in fleet.lanes)
    judging = Judging(done, done + len(lanes))
    return replace(fleet, lanes=lanes, findings=(), past_findings=(), families=(), judging=judging)


async def test_nothing_is_said_of_findings_of_lanes_that_are_not_judged():
    stage = Stage(unjudged(harbor()))
    async with stage.running((160, 40)) as pilot:
        count = len(stage.fleet.lanes)
        assert f"judging 3 of {3 + count}" in stage.text()
        title, *rows = stage.text().splitlines()[2 : 3 + count]
        assert [row[title.index("LOOP")] for row in rows] == ["?"] * count
        await pilot.press("f")
        await at_rest(pilot)
        assert f"nothing found so far: {count} lanes are not judged" in stage.text()
        assert "no findings" not in stage.text()
        await pilot.press("escape", "enter")
        await at_rest(pilot)
        assert "not judged yet" in stage.text()
        await pilot.press("escape", "n")
        await at_rest(pilot)
        assert "no finding holds now" not in stage.text()
        stage.show(circling())
        await at_rest(pilot)
        assert "judging" not in stage.text()
        assert "stop" in stage.text()


async def test_the_lane_at_the_cursor_is_judged_first_then_what_is_visible():
    asked: list[list[str]] = []
    stage = Stage(unjudged(harbor()), judge_first=lambda paths: asked.append(list(paths)))
    async with stage.running((120, 12)) as pilot:
        await pilot.press("down", "down")
        await at_rest(pilot)
        stage.show(stage.fleet)
        table = stage.screen.table
        lanes = {lane.id: lane.path for lane in stage.fleet.lanes}
        assert asked[-1] == [lanes[lane] for lane in (table.cursor, *table.visible_lanes) if lane is not None]
        assert len(table.visible_lanes) < len(lanes)
        count = len(asked)
        stage.show(replace(harbor(), judging=Judging(5, 5)))
        assert len(asked) == count


async def test_findings_of_old_lanes_appear_without_being_asked_for(tmp_path):
    (tmp_path / f"{SESSION}.jsonl").write_bytes(encode(looping()))
    live = LiveFleet([Root(str(tmp_path), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()), deferral=LATER)
    news = asyncio.Event()
    task = asyncio.create_task(Feed(live, None, None, None, news.set).run())
    async with asyncio.timeout(10):
        while not loops(live.snapshot(NOW, 0)):
            news.clear()
            await news.wait()
    assert live.snapshot(NOW, 0).judging == Judging(1, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_judged_while_the_operator_acts(tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "QUIET_S", 0.01)
    (tmp_path / f"{SESSION}.jsonl").write_bytes(encode(looping()))
    live = LiveFleet([Root(str(tmp_path), None, RootKind.FOLDER)], Supervisor(PriceTable.shipped()), deferral=LATER)
    looks: list[Judging] = []
    looked = asyncio.Event()

    def acted() -> float:
        looks.append(live.snapshot(NOW, 0).judging)
        looked.set()
        return asyncio.get_running_loop().time()

    task = asyncio.create_task(Feed(live, None, None, None, lambda: None, acted).run())
    async with asyncio.timeout(10):
        while len(looks) < 2:
            looked.clear()
            await looked.wait()
    assert looks == [Judging(0, 1), Judging(0, 1)]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_bell_does_not_ring_for_what_held_before_the_start():
    later = replace(circling(), at=NOW + 60)
    for before, rings in ((unjudged(circling()), False), (harbor(), True)):
        bell, mutes = Bell(), SessionMutes()
        assert not bell.rings(before, listed_findings(before, mutes), 0)
        assert bell.rings(later, listed_findings(later, mutes), 20) is rings
