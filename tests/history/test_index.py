"""The index says what the ledger says, whatever happened to the transcripts and to its own file meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.history.indexes import ledger, read, wanted
from tests.history.lines import transcripts
from tests.property.test_chain import encode, homes, message, prompt
from tui.history import work
from tui.history.sync import current

ROOT = Path(__file__).resolve().parents[2]


def rollout(thread: str, parent: str | None, counts: list[int], copied: int, second: int) -> bytes:
    """A rollout that begins with so many counters of its parent, all of one second, and goes on by itself."""
    meta: dict[str, Any] = {"id": thread, "timestamp": f"2026-05-09T09:{second:02}:00.000Z", "cwd": "/w/a"}
    if parent is not None:
        meta["forked_from_id"] = parent
    lines = [{"timestamp": meta["timestamp"], "type": "session_meta", "payload": meta}]
    total = 0
    for index, count in enumerate(counts):
        total += count
        usage = {"input_tokens": total, "output_tokens": 0, "total_tokens": total}
        last = {"input_tokens": count, "output_tokens": 0, "total_tokens": count}
        at = f"2026-05-09T09:{second:02}:{0 if index < copied else min(59, 5 + index * 4):02}.{min(index, 9)}00Z"
        payload = {"type": "token_count", "info": {"total_token_usage": usage, "last_token_usage": last}}
        lines.append({"timestamp": at, "type": "event_msg", "payload": payload})
    return encode(lines)


@st.composite
def forks(draw: st.DrawFn) -> dict[str, bytes]:
    """A thread, which may be missing, and its forks, which copy a part of its counters."""
    counts = draw(st.lists(st.integers(1, 9), max_size=4))
    files = {"t0.jsonl": rollout("t0", None, counts, 0, 1)} if draw(st.booleans()) else {}
    for number in range(1, draw(st.integers(1, 3)) + 1):
        copied = draw(st.integers(0, len(counts)))
        own = draw(st.lists(st.integers(1, 9), max_size=3))
        files[f"t{number}.jsonl"] = rollout(f"t{number}", "t0", counts[:copied] + own, copied, 2 + number)
    return files


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Transcripts of all sorts that share calls."""
    kind = draw(st.sampled_from(["homes", "forks", "any"]))
    if kind == "forks":
        return draw(forks())
    if kind == "homes":
        return {os.path.basename(path): data for path, data in draw(homes()).items()}
    return {f"s{index}.jsonl": data for index, data in enumerate(draw(st.lists(transcripts(), min_size=1, max_size=3)))}


def owned(said: dict[str, Any]) -> dict[int, Any]:
    """The calls without their times: which copy's time the ledger keeps depends on the order of reading."""
    return {key: (name, local, model, counts) for key, (name, local, _, model, counts) in said["calls"].items()}


@settings(max_examples=examples(120), deadline=None)
@given(trees())
def test_an_index_says_what_the_ledger_says(files):
    with tempfile.TemporaryDirectory() as place:
        for name, data in files.items():
            Path(place, name).write_bytes(data)
        said = read(Path(place), None)
        calls, lower = ledger(Path(place))
    assert owned(said) == calls
    assert {lane for lane, facts in said["lanes"].items() if facts[7]} == lower
    assert sum(sum(counts) for *_, counts in said["calls"].values()) == sum(
        sum(rest[2:]) for rest in said["rolls"].values()
    )


STEPS = ("grow", "grow", "grow", "cut", "replace", "delete", "rename", "touch")


def change(draw: st.DrawFn, folder: Path, contents: dict[str, bytes]) -> None:
    """Does to one file what a client, a person or a backup may do to it while lanewatch is off."""
    step, name = draw(st.sampled_from(STEPS)), draw(st.sampled_from(sorted(contents)))
    path, whole = folder / name, contents[name]
    there = path.read_bytes() if path.exists() else b""
    if step == "grow":
        grown = whole[: len(there) + draw(st.integers(0, len(whole)))] if whole.startswith(there) else whole
        with path.open("ab") as file:
            file.write(grown[len(there) :] if grown.startswith(there) else b"\n" + whole)
    elif step == "cut" and there:
        os.truncate(path, draw(st.integers(0, len(there))))
    elif step == "replace":
        path.with_suffix(".new").write_bytes(contents[draw(st.sampled_from(sorted(contents)))])
        path.with_suffix(".new").replace(path)
    elif step == "delete":
        path.unlink(missing_ok=True)
    elif step == "rename" and there:
        path.replace(folder / f"x{name}")
    elif step == "touch" and there:
        path.write_bytes(whole)
        os.utime(path, (1, 1))


@settings(max_examples=examples(60), deadline=None)
@given(trees(), st.data())
def test_whatever_happens_to_transcripts_the_kept_index_is_that_of_a_fresh_one(files, data):
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as cache:
        folder = Path(place)
        for _ in range(data.draw(st.integers(1, 5))):
            change(data.draw, folder, files)
            if data.draw(st.booleans()):
                read(folder, Path(cache))
        assert read(folder, Path(cache)) == read(folder, None)


# -- faults -------------------------------------------------------------------------------------------


def line(session: str, second: int, key: str) -> bytes:
    return encode([message(session, second, key, 5)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two sessions; the second has a copy of a call of the first."""
    folder = tmp_path / "projects"
    folder.mkdir()
    for number, keys in enumerate((["one", "two"], ["two", "three"])):
        session = f"{number:08d}-0000-4000-8000-000000000000"
        lines = [prompt(session, number, "Do it"), *(message(session, 10 + at, key, 50) for at, key in enumerate(keys))]
        (folder / f"{session}.jsonl").write_bytes(encode(lines))
    return folder


def index_file(cache: Path) -> Path:
    (found,) = cache.glob("*.usage")
    return found


def garbage(cache: Path) -> None:
    index_file(cache).write_bytes(b"no database at all" * 400)


def cut(cache: Path) -> None:
    os.truncate(index_file(cache), index_file(cache).stat().st_size // 2)


def emptied(cache: Path) -> None:
    index_file(cache).write_bytes(b"")


def newer(cache: Path) -> None:
    with sqlite3.connect(index_file(cache)) as sql:
        sql.execute("PRAGMA user_version = 99")


def lost_sum(cache: Path) -> None:
    with sqlite3.connect(index_file(cache)) as sql:
        sql.execute("UPDATE roll SET output = output + 1 WHERE lane = 1")


def other_page(cache: Path) -> None:
    """A byte within a page of sums, as a bad disk leaves it."""
    with sqlite3.connect(index_file(cache)) as sql:
        page = sql.execute("SELECT rootpage FROM sqlite_master WHERE name = 'roll'").fetchone()[0]
        size = sql.execute("PRAGMA page_size").fetchone()[0]
    with index_file(cache).open("r+b") as file:
        file.seek(page * size - 3)
        file.write(b"\x7f\x01\x33")


def not_private(cache: Path) -> None:
    index_file(cache).chmod(0o644)


def link(cache: Path) -> None:
    path = index_file(cache)
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def open_folder(cache: Path) -> None:
    cache.chmod(0o755)


def linked_folder(cache: Path) -> None:
    cache.rename(cache.with_name("real"))
    cache.symlink_to("real")


def file_for_a_folder(cache: Path) -> None:
    cache.rename(cache.with_name("real"))
    cache.write_text("")


FAULTS = (
    garbage, cut, emptied, newer, lost_sum, other_page, not_private, link, open_folder, linked_folder, file_for_a_folder,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_damaged_or_foreign_index_never_gives_another_figure(
    fault: Callable[[Path], None], home: Path, tmp_path: Path
):
    cache = tmp_path / "cache"
    right = read(home, cache)
    assert right == read(home, None)
    assert (cache.stat().st_mode & 0o777, index_file(cache).stat().st_mode & 0o777) == (0o700, 0o600)
    fault(cache)
    assert read(home, cache) == right
    assert read(home, cache) == right


def test_another_users_folder_is_not_used(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = tmp_path / "cache"
    right = read(home, cache)
    before = index_file(cache).stat().st_mtime_ns
    (home / "00000000-0000-4000-8000-000000000000.jsonl").unlink()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert read(home, cache)["calls"] != right["calls"]
    assert index_file(cache).stat().st_mtime_ns == before


def test_a_full_disk_costs_time_and_no_figure(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    read(home, cache)
    with (home / "00000000-0000-4000-8000-000000000000.jsonl").open("ab") as file:
        file.write(line("00000000-0000-4000-8000-000000000000", 30, "four" * 9))
    with sqlite3.connect(index_file(cache)) as sql:
        sql.executescript("CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END")
    assert read(home, cache) == read(home, None)


def test_an_index_of_other_prices_or_line_lengths_is_another_file(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    for cap in (100, 1 << 20, 2 << 20, 3 << 20, 4 << 20, 5 << 20):
        with ExitStack() as stack:
            sql = current(stack, wanted(home)._replace(cap=cap), cache)
            lines = sql.execute("SELECT count(*) FROM call").fetchone()[0]
            assert lines == (0 if cap == 100 else 4)
    assert len(list(cache.glob("*.usage"))) == 4


def test_workers_scan_as_this_process_does(home: Path, monkeypatch: pytest.MonkeyPatch):
    right = read(home, None)
    monkeypatch.setattr(work, "MUCH", 1)
    monkeypatch.setattr(work, "_GROUP", 1)
    done = work.run(
        [work.Job(found.path, found.size) for found in wanted(home).found], [str(home)], 1 << 20, processors=2
    )
    assert sum(len(lane.calls) for one in done for lane in one.scanned.lanes) == 4
    assert len(right["calls"]) == 3


WRITER = """
import sys
from pathlib import Path
from tests.history.indexes import read
folder, cache = map(Path, sys.argv[1:])
path = next(folder.iterdir())
print("ready", flush=True)
while True:
    with path.open("ab") as file:
        file.write(b'{"type":"mode","sessionId":"s"}\\n')
    read(folder, cache)
"""


def writers(count: int, home: Path, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    for _ in range(count):
        yield subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home), str(cache)], cwd=ROOT, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


def test_writers_that_are_killed_leave_a_right_index(home: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    right = read(home, cache)["calls"]
    running = list(writers(2, home, cache))
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == b"ready\n"
    for _ in range(20):
        assert read(home, cache)["calls"] == right
    for one in running:
        one.send_signal(signal.SIGKILL)
        one.communicate()
    assert read(home, cache) == read(home, None)
    with sqlite3.connect(index_file(cache)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert json.dumps(sorted(map(str, right)))
