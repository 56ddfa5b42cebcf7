"""The demo plays the samples as they are, at another time, and writes nowhere else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.demo.samples import SAMPLES, counting, logs
from tests.effort import examples
from tui.cli.demo_writer import SPEED, DemoLine, DemoWriter, plan
from tui.cli.running_demo import PREFIX, RunningDemo, running_demo

START = datetime(2026, 11, 30, 23, 58, tzinfo=UTC).timestamp()
"""Two minutes before a month ends: days and folders change while the demo runs."""
LOGS = logs()
TIMES = re.compile(
    rb'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|"(?:started_at|completed_at|resets_at)(?:_ms)?":\d+'
    rb'|"current_date":"[\d-]+"|resets \d+:\d\d[ap]m \(UTC\)'
)


class Over(Exception):
    """The test has seen enough."""


def until(seconds: float) -> Callable[[float], Awaitable[None]]:
    """A clock that runs as fast as it is asked to, up to a time."""

    async def reach(due: float) -> None:
        if due > seconds:
            raise Over

    return reach


async def play(writer: DemoWriter, seconds: float) -> None:
    with pytest.raises(Over):
        await writer.run(until(seconds))


def files(lines: list[DemoLine]) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for line in lines:
        made[line.path] = made.get(line.path, b"") + line.data
    return made


def agent_time(line: DemoLine) -> float | None:
    stated = json.loads(line.data).get("timestamp")
    return datetime.fromisoformat(stated).timestamp() if stated else None


# -- the plan -----------------------------------------------------------------------------------------


def test_the_same_logs_give_the_same_plan():
    assert plan(LOGS, START) == plan(dict(reversed(LOGS.items())), START)


def test_lines_are_planned_in_time_order():
    dues = [line.due for line in plan(LOGS, START)]
    assert dues == sorted(dues)


def test_nothing_but_times_and_paths_changes():
    planned = files(plan(LOGS, START))
    assert sorted(TIMES.sub(b"T", data) for data in planned.values()) == sorted(
        TIMES.sub(b"T", data) for data in LOGS.values()
    )
    assert all(b"2026-05-09T09:" not in data for data in planned.values())


def test_moved_lines_cost_what_the_samples_cost(tmp_path: Path):
    put(tmp_path, files(plan(LOGS, START)))
    module = counting()
    assert module.count(tmp_path)["total"] == module.count(SAMPLES)["total"]


@settings(max_examples=examples(20), deadline=None)
@given(speed=st.floats(0.2, 100), written=st.floats(0, 1))
def test_lines_keep_their_order_and_say_the_time_at_which_they_come(speed: float, written: float):
    lines = plan(LOGS, START, speed, written=written)
    last: dict[str, float] = {}
    for line in lines:
        if not line.path.endswith(".jsonl"):
            continue
        at = agent_time(line)
        if at is None:
            continue
        assert at == pytest.approx(START + line.due, abs=0.002)
        assert at >= last.get(line.path, at)
        last[line.path] = at


def test_the_screen_is_alive_at_once_and_stays_so_for_minutes():
    lines = plan(LOGS, START)
    history = {line.path for line in lines if line.due <= 0 and line.path.endswith(".jsonl")}
    assert len(history) >= 12
    assert lines[0].due < -180
    live = [0.0, *(line.due for line in lines if line.due > 0)]
    assert live[-1] > 270
    assert max(after - before for before, after in pairwise(live)) < 15


def test_what_lies_ahead_is_moved_but_not_squeezed():
    limits = [
        json.loads(line.data)["payload"]["rate_limits"]["primary"]
        for line in plan(LOGS, START)
        if b'"resets_at"' in line.data
    ]
    resets = {limit["resets_at"] for limit in limits if limit}
    assert len(resets) == 1
    assert 2 * 3600 < resets.pop() - START < 5 * 3600


def test_a_reset_told_in_words_lies_after_the_line():
    (line,) = [line for line in plan(LOGS, START) if b"hit your limit" in line.data]
    # Recorded at 09:13:57 with a reset at 12:10; the demo starts where the samples say 09:19:28.
    assert b"resets 2:48am (UTC)" in line.data


def test_rollouts_lie_under_the_day_on_which_they_begin():
    paths = [path for path in files(plan(LOGS, START)) if path.startswith(".codex/")]
    days = {path.split("rollout-")[0] for path in paths}
    assert days == {".codex/sessions/2026/11/30/", ".codex/sessions/2026/12/01/"}
    for path in paths:
        folder, stamp = path.split("/rollout-")
        assert folder.endswith(stamp[:10].replace("-", "/"))


def put(home: Path, made: dict[str, bytes]) -> None:
    for path, data in made.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(data)


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_time_must_go_on(speed: float):
    with pytest.raises(ValueError, match="above zero"):
        plan(LOGS, START, speed)


def test_no_logs_no_plan():
    assert plan({}, START) == []


def test_a_log_without_any_time_is_named():
    with pytest.raises(ValueError, match=r"quiet\.jsonl"):
        plan({"claude/quiet.jsonl": b'{"type":"mode"}\n'}, START)


# -- the writer ---------------------------------------------------------------------------------------


async def test_history_is_written_at_once_and_the_rest_when_it_is_due(tmp_path: Path):
    writer = DemoWriter(SAMPLES, tmp_path, START)
    writer.write_history()
    lines = plan(LOGS, START)
    assert on_disk(tmp_path) == files([line for line in lines if line.due <= 0])
    await play(writer, 100)
    assert on_disk(tmp_path) == files([line for line in lines if line.due <= 100])


def on_disk(home: Path) -> dict[str, bytes]:
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}


async def test_every_line_is_written_once(tmp_path: Path):
    await DemoWriter(SAMPLES, tmp_path, START).run(until(400))
    assert on_disk(tmp_path) == files(plan(LOGS, START))


async def test_the_demo_waits_by_the_loops_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 5:
            raise Over

    monkeypatch.setattr("asyncio.sleep", sleep)
    with pytest.raises(Over):
        await DemoWriter(SAMPLES, tmp_path, START).run()
    due = [line.due for line in plan(LOGS, START) if line.due > 0][:5]
    assert all(0 <= waited <= wanted for waited, wanted in zip(slept, due, strict=True))


def test_it_never_writes_outside_its_home(tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / ".codex").symlink_to(elsewhere)
    with pytest.raises(ValueError, match="out of the demo's home"):
        DemoWriter(SAMPLES, home, START).write_history()
    assert list(elsewhere.iterdir()) == []


def test_twice_the_speed_takes_half_the_time():
    slow, fast = plan(LOGS, START, SPEED), plan(LOGS, START, 2 * SPEED)
    assert [line.due for line in fast] == pytest.approx([line.due / 2 for line in slow])


# -- the demo for other commands ----------------------------------------------------------------------


def test_the_newest_demo_that_still_runs_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert running_demo() is None
    for name, at in (("a", 10), ("b", 20), ("open", 30), ("gone", 40)):
        home = tmp_path / f"{PREFIX}{name}"
        home.mkdir(mode=0o755 if name == "open" else 0o700)
        RunningDemo(home, {os.getpid(): "claude", 2**22 + 1: "claude"}).announce()
        os.utime(home / "demo.json", (at, at))
    told = json.loads((tmp_path / f"{PREFIX}gone" / "demo.json").read_bytes())
    (tmp_path / f"{PREFIX}gone" / "demo.json").write_text(json.dumps({**told, "start": "1"}), encoding="utf-8")
    (tmp_path / f"{PREFIX}torn").mkdir(mode=0o700)
    (tmp_path / f"{PREFIX}torn" / "demo.json").write_text("[1, 2", encoding="utf-8")
    assert running_demo() == RunningDemo(tmp_path / f"{PREFIX}b", {os.getpid(): "claude"})
