"""The index of usage is filled in groups, newest first, by one lanewatch at a time, and is right at each moment."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.indexes import wanted
from tests.property.test_chain import encode, message
from tui.history import filling
from tui.history.filling import Filler, Outcome
from tui.history.reading import NotReadYet, UsageReading
from tui.history.sync import index_name, missing
from tui.history.usage import Asked, Per, Used
from tui.ledger.prices import PriceTable
from tui.screen import history
from tui.screen.history import HistoryDesk
from tui.screen.search import SearchDesk

ROOT = Path(__file__).resolve().parents[2]
DAY_S = 86_400
NOW = 1_778_316_000.0
DAYS = [Asked(Per.DAY, None, None, None)]
NO_SEARCH = SearchDesk(list, None, lambda: 0.0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Six sessions, one a day; each was written last on its day."""
    folder = tmp_path / "projects"
    folder.mkdir()
    for number in range(6):
        session = f"{number:08d}-0000-4000-8000-000000000000"
        at = NOW - number * DAY_S
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at))
        lines = [{**message(session, 1, f"m{number}{key}", 50), "timestamp": stamp} for key in range(3)]
        path = folder / f"{session}.jsonl"
        path.write_bytes(encode(lines))
        os.utime(path, (at + 60, at + 60))
    return folder


def reading(home: Path, cache: Path | None) -> UsageReading:
    return UsageReading(lambda: wanted(home), cache, PriceTable.shipped(), lambda _: 0)


def whole(home: Path) -> list[Used]:
    return reading(home, None).read(DAYS)[0]


def newest(home: Path) -> Iterator[Path]:
    return iter(sorted(home.iterdir()))


def filler(home: Path, cache: Path) -> Filler:
    return Filler(cache, index_name(wanted(home)), wanted(home))


def test_days_since_the_newest_transcript_that_is_left_are_those_of_the_whole(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    right = whole(home)
    assert len(right) == 6
    found = missing(wanted(home), cache)
    assert [one.path for one in found] == [str(path) for path in newest(home)]
    one = filler(home, cache)
    for count, next_ in enumerate(found):
        [rows], coverage = reading(home, cache).read_so_far(DAYS, 0)
        assert coverage.since == next_.mtime
        assert coverage.left_bytes == sum(each.size for each in found[count:])
        assert rows == right[len(right) - count :]
        assert one.take([next_]) is Outcome.DONE
    [rows], coverage = reading(home, cache).read_so_far(DAYS, 0)
    assert (rows, coverage.left_bytes, coverage.since) == (right, 0, None)
    one.close()


def test_the_newest_are_read_where_they_are_asked_for(home: Path, tmp_path: Path):
    sizes = [path.stat().st_size for path in newest(home)]
    [rows], coverage = reading(home, tmp_path / "cache").read_so_far(DAYS, sizes[0] + sizes[1])
    assert rows == whole(home)[-2:]
    assert coverage.left_bytes == sum(sizes[2:])


@pytest.mark.parametrize("change", ["truncated", "replaced", "renamed", "deleted", "restored", "grown"])
def test_what_happens_to_a_counted_transcript_counts_before_all_is_filled(home: Path, tmp_path: Path, change: str):
    cache = tmp_path / "cache"
    found = missing(wanted(home), cache)
    one = filler(home, cache)
    one.take(found[:3])
    path, other = Path(found[1].path), Path(found[5].path)
    before = path.read_bytes()
    if change == "truncated":
        os.truncate(path, len(before) // 2)
    elif change == "replaced":
        path.with_suffix(".new").write_bytes(before.replace(b"m1", b"n9"))
        path.with_suffix(".new").replace(path)
    elif change == "renamed":
        path.rename(path.with_name("renamed.jsonl"))
    elif change == "deleted":
        path.unlink()
    elif change == "restored":
        path.write_bytes(other.read_bytes())
        os.utime(path, (1, 1))
    else:
        with path.open("ab") as file:
            file.write(before.replace(b"m1", b"g7"))
    [rows], coverage = reading(home, cache).read_so_far(DAYS, 0)
    right = {row.start: row for row in whole(home)}
    for row in rows:
        assert row.usage.total <= right[row.start].usage.total
    assert one.take(missing(wanted(home), cache)) is Outcome.DONE
    [rows], coverage = reading(home, cache).read_so_far(DAYS, 0)
    assert (rows, coverage.left_bytes) == (whole(home), 0)
    one.close()


def test_one_fills_and_the_other_reads(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    first, second = filler(home, cache), filler(home, cache)
    found = missing(wanted(home), cache)
    assert first.take(found[:2]) is Outcome.DONE
    assert second.take(found) is Outcome.BUSY
    assert reading(home, cache).read_so_far(DAYS, 0)[0] == [whole(home)[-2:]]
    first.close()
    assert second.take(found) is Outcome.DONE
    second.close()


@pytest.mark.parametrize("fault", ["damaged", "newer", "open", "link", "lock is a link", "file"])
def test_an_index_that_cannot_be_used_costs_time_and_no_figure(home: Path, tmp_path: Path, fault: str):
    cache = tmp_path / "cache"
    one = filler(home, cache)
    one.take(missing(wanted(home), cache)[:3])
    one.close()
    [path] = cache.glob("*.usage")
    if fault == "damaged":
        path.write_bytes(b"no database at all" * 400)
    elif fault == "newer":
        with sqlite3.connect(path) as sql:
            sql.execute("PRAGMA user_version = 99")
    elif fault == "open":
        cache.chmod(0o755)
    elif fault == "link":
        cache.rename(tmp_path / "real")
        cache.symlink_to(tmp_path / "real")
    elif fault == "lock is a link":
        (cache / filling.LOCK).unlink()
        (cache / filling.LOCK).symlink_to(tmp_path / "elsewhere")
    else:
        cache.rename(tmp_path / "real")
        cache.write_text("")
    outcome = filler(home, cache).take(wanted(home).found)
    assert outcome is (Outcome.DONE if fault in ("damaged", "newer") else Outcome.FAILED)
    assert not (tmp_path / "elsewhere").exists()
    desk = HistoryDesk(reading(home, cache), NO_SEARCH, is_on=True)
    rows, coverage = desk.read(DAYS)
    assert rows == [whole(home)]
    assert not coverage.left_bytes


def test_a_full_disk_fails_the_filling_and_no_figure(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    cache = tmp_path / "cache"
    with monkeypatch.context() as patch:
        patch.setattr(filling, "write", full)
        one = filler(home, cache)
        assert one.take(missing(wanted(home), cache)) is Outcome.FAILED
        one.close()
    assert reading(home, cache).read_so_far(DAYS, 1 << 20)[0] == [whole(home)]


async def test_the_desk_fills_the_index_in_a_process_and_tells_how_far_it_is(home, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FIRST_S", 0.0)
    monkeypatch.setattr(filling, "_GROUP_FILES", 1)
    cache = tmp_path / "cache"
    desk = HistoryDesk(reading(home, cache), NO_SEARCH, is_on=True, least_bytes=0)
    with pytest.raises(NotReadYet):
        desk.read_whole([Asked(None, None, NOW - 3 * DAY_S, None)])
    shares: list[float | None] = []
    over = asyncio.Event()

    def news() -> None:
        shares.append(desk.share())
        if not desk.is_filling:
            over.set()

    running = asyncio.create_task(desk.run(news))
    await asyncio.wait_for(over.wait(), 120)
    running.cancel()
    told = [share for share in shares if share is not None]
    assert told == sorted(told)
    assert told[0] == 0.0
    assert missing(wanted(home), cache) == []
    assert desk.read_whole(DAYS) == [whole(home)]


async def test_it_is_not_filled_where_it_is_switched_off(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    desk = HistoryDesk(reading(home, cache), NO_SEARCH, is_on=False, least_bytes=0)
    await asyncio.wait_for(desk.run(lambda: None), 60)
    assert not cache.exists()
    assert desk.read(DAYS)[0] == [whole(home)]


WRITER = """
import sys
from pathlib import Path
from tests.history.indexes import wanted
from tui.history.filling import Filler
from tui.history.sync import index_name, missing
home, cache = map(Path, sys.argv[1:])
filler = Filler(cache, index_name(wanted(home)), wanted(home))
print("ready", flush=True)
while True:
    for one in missing(wanted(home), cache):
        filler.take([one])
    next(iter(sorted(home.iterdir()))).open("ab").write(b'{"type":"mode","sessionId":"s"}\\n')
"""
KILLS = int(os.environ.get("LANEWATCH_KILLS", "4"))
"""More by hand: 50."""


@pytest.mark.parametrize("count", [1, 2])
def test_fillers_that_are_killed_leave_an_index_that_the_next_one_continues(home: Path, tmp_path: Path, count: int):
    cache = tmp_path / "cache"
    right = whole(home)
    for kill in range(KILLS):
        running = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(home), str(cache)], cwd=ROOT, stdout=subprocess.PIPE,
                             env={**os.environ, "PYTHONPATH": str(ROOT)})
            for _ in range(count)
        ]  # fmt: skip
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == b"ready\n"
        time.sleep(0.003 * kill)
        for one in running:
            one.send_signal(signal.SIGKILL)
            one.communicate()
        [rows], _ = reading(home, cache).read_so_far(DAYS, 0)
        assert rows == right[len(right) - len(rows) :]
    one = filler(home, cache)
    assert one.take(missing(wanted(home), cache)) is Outcome.DONE
    one.close()
    assert reading(home, cache).read_so_far(DAYS, 0)[0] == [right]
