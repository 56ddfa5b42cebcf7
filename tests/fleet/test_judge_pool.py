"""Lanes that worker processes judge have exactly the findings that they would have had otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil
import pytest

from tests.fleet.test_late_judge import FOLDERS, at_once, fleet_of, told
from tui.cli.common import Common
from tui.cli.report import report_of
from tui.fleet import live as live_module
from tui.fleet.deferral import LargeDeferred
from tui.fleet.judge_pool import JudgePool
from tui.io.workers import Task, Workers
from tui.report.published import report_text

SERVED = f"{__name__}:repeating"


def repeating(setup: bytes) -> Task:
    """What the processes of these tests compute."""

    def repeat(task: bytes) -> bytes:
        if task == b"fail":
            raise ValueError("no such task")
        if task == b"print":
            print("not a result")
        return setup + task

    return repeat


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with lanes that have findings, subagents and sidecars."""
    folder = tmp_path / "all"
    for one in FOLDERS:
        shutil.copytree(one, folder / one.name)
    return folder


@pytest.fixture(autouse=True)
def _small_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "LEAST_OF_A_WORKER", 1)


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def test_lanes_are_as_judged_at_once(many):
    live = fleet_of(many)
    live.judge_in_workers(2)
    live.read_all()
    assert not live.judging
    assert told(live) == at_once(many)


def test_a_report_is_the_same(many, monkeypatch):
    monkeypatch.setenv("HOME", str(many.parent))
    common = Common((str(many),))
    monkeypatch.setattr("tui.cli.report.judged_by_workers", lambda: LargeDeferred(1 << 40))
    alone = report_text(report_of(common))
    monkeypatch.setattr("tui.cli.report.judged_by_workers", lambda: LargeDeferred(0))
    assert report_text(report_of(common)) == alone


def test_what_a_killed_worker_left_is_judged_here(many):
    live = fleet_of(many)
    before = set(children())
    live.judge_in_workers(1)
    (worker,) = set(children()) - before
    worker.kill()
    live.read_all()
    assert told(live) == at_once(many)


def test_a_transcript_that_grew_or_was_replaced_after_a_worker_read_it(many, monkeypatch):
    live = fleet_of(many)
    paths = sorted(str(path) for path in many.rglob("*.jsonl"))
    really = JudgePool.give_all

    def give_all(pool: JudgePool, late) -> None:
        while pool._workers.left:
            pool.collect(wait=True)
        grown, replaced = Path(paths[0]), Path(paths[1])
        line = grown.read_bytes().splitlines(keepends=True)[-1]
        grown.write_bytes(grown.read_bytes() + line)
        other = replaced.with_suffix(".new")
        other.write_bytes(replaced.read_bytes())
        other.replace(replaced)
        live.changed(paths[:2])
        really(pool, late)

    monkeypatch.setattr(JudgePool, "give_all", give_all)
    live.judge_in_workers(2)
    live.read_all()
    while live.judging:
        live.judge_step(1 << 30)
    at_once.cache_clear()
    judged, fresh = told(live), at_once(many)
    assert (judged.lanes, judged.findings, judged.past_findings) == (fresh.lanes, fresh.findings, fresh.past_findings)


def test_tasks_fail_alone_and_prints_are_no_results():
    workers = Workers(SERVED, b"<", 2)
    try:
        numbers = {workers.add(task): task for task in (b"a", b"fail", b"print", b"b" * 300_000)}
        found: dict[int, bytes | None] = {}
        while workers.left:
            found.update(workers.results(wait=True))
        assert {numbers[number]: result for number, result in found.items()} == {
            b"a": b"<a", b"fail": None, b"print": b"<print", b"b" * 300_000: b"<" + b"b" * 300_000,
        }  # fmt: skip
        assert workers.results(wait=True) == []
    finally:
        workers.close()


def test_without_a_living_process_all_tasks_fail():
    before = set(children())
    workers = Workers(SERVED, b"", 1)
    (process,) = set(children()) - before
    process.kill()
    process.wait()
    assert [workers.add(b"a"), workers.add(b"b")] == [0, 1]
    found: list[tuple[int, bytes | None]] = []
    while workers.left:
        found += workers.results(wait=True)
    assert sorted(found) == [(0, None), (1, None)]
    workers.close()


def test_tasks_are_given_ahead_and_all_fail_with_their_process():
    before = set(children())
    workers = Workers(SERVED, b"<", 1, ahead=2)
    (process,) = set(children()) - before
    try:
        tasks = [b"a", b"b", b"c" * 100_000, b"d", b"e"]
        assert [workers.add(task) for task in tasks] == [0, 1, 2, 3, 4]
        assert list(workers._workers[0].tasks) == [0, 1], "a large task waits until the others are done"
        found: dict[int, bytes | None] = {}
        while len(found) < 3:
            found.update(workers.results(wait=True))
        process.kill()
        process.wait()
        while workers.left:
            found.update(workers.results(wait=True))
        assert [found[number] for number in range(3)] == [b"<" + task for task in tasks[:3]]
        assert {found[3], found[4]} <= {None, b"<d", b"<e"}
    finally:
        workers.close()
