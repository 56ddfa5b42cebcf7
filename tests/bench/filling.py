"""The first start over years of transcripts: the newest lanes, keys while the index is filled, this week's usage."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.bench import corpus
from tests.bench.live import quantile
from tests.bench.pane import Lanes, Pane

LANES = 20
WEEK_S = 7 * 86_400


def history(folder: Path, home: Path, megabytes: int) -> list[Path]:
    """Copies of a corpus in a home, each with calls and sessions of its own and some days older; newest first."""
    part = corpus.make(folder, 60)
    files = sorted((part / ".claude").rglob("*.jsonl"))
    made: list[Path] = []
    left, copy = megabytes * 1_000_000, 0
    while left > 0:
        at = time.time() - (2 + 5 * copy) * 86_400  # older than what is shown
        day = time.strftime("%Y-%m-%dT", time.gmtime(at)).encode()
        for path in files:
            target = home / ".claude" / "projects" / f"-old-{copy}" / path.name.replace("0000-4000", f"{copy:04x}-4000")
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes().replace(b"2026-05-09T", day).replace(b"2026-05-10T", day)
            for name in (b"msg_", b"req_", b"toolu_", b'"sessionId":"'):
                data = data.replace(name, name + b"%03d" % copy)
            target.write_bytes(data)
            os.utime(target, (at, at))
            made.append(target)
            left -= len(data)
            if left <= 0:
                break
        copy += 1
    return made


def _pane(home: Path) -> Pane:
    (home / "raw").unlink(missing_ok=True)  # what an earlier run has drawn
    return Pane(home, size=(120, 40))


def first_lane(home: Path) -> float:
    """Seconds from the start to the first lane on the screen, with an empty cache."""
    pane = _pane(home)
    try:
        seen = pane.until_drawn(b"works", 60)
        return seen - pane.started if seen else float("nan")
    finally:
        pane.close()


def _counted(cache: Path) -> set[str]:
    """The transcripts that are in the index of usage."""
    for path in cache.glob("*.usage"):
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as sql:
                return {os.fsdecode(name) for (name,) in sql.execute("SELECT path FROM file")}
        except sqlite3.Error:
            return set()
    return set()


def _keys(pane: Pane, count: int) -> list[float]:
    """Milliseconds from each of so many keys to the next drawing."""
    took: list[float] = []
    for number in range(count):
        at, size = time.perf_counter(), pane.raw.stat().st_size
        pane.run("send-keys", "j" if number % 2 else "k")
        while pane.raw.stat().st_size == size and time.perf_counter() - at < 2:
            time.sleep(0.001)
        took.append(1000 * (time.perf_counter() - at))
        time.sleep(random.uniform(0.02, 0.08))
    return took


def keys_without(home: Path) -> list[float]:
    """Keys where nothing is filled."""
    pane = _pane(home)
    try:
        pane.until_drawn(b"works", 60)
        time.sleep(3)
        return _keys(pane, 200)
    finally:
        pane.close()


def filled(home: Path, old: list[Path]) -> list[float]:
    """Starts once, presses keys until the index is filled, and tells when what was counted. Gives the keys' times."""
    week = {str(path) for path in old if path.stat().st_mtime > time.time() - WEEK_S}
    pane = _pane(home)
    took: list[float] = []
    told = float("nan")
    try:
        pane.until_drawn(b"works", 60)
        while time.perf_counter() - pane.started < 1800:
            counted = _counted(home / ".cache" / "lanewatch")
            if told != told and week <= counted:
                told = time.perf_counter() - pane.started
            if len(counted) >= len(old):
                break
            took += _keys(pane, 10)
        ended = time.perf_counter() - pane.started
        print(
            f"  usage of the last 7 days whole after {told:.1f} s, all of it after {ended:.1f} s: ratio {told / ended:.2f}"
        )
        return took
    finally:
        pane.close()


def run(folder: Path, *, quick: bool) -> None:
    """Prints a line for each case."""
    megabytes = 300 if quick else 5000
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        none, much = Path(place) / "none", Path(place) / "much"
        old = history(folder, much, megabytes)
        for home in (none, much):
            Lanes(home / ".claude", LANES).close()
        times: dict[Path, list[float]] = {none: [], much: []}
        for _ in range(3):
            for home, each in times.items():
                each.append(first_lane(home))
        without, with_ = (sorted(each)[1] for each in times.values())
        print(
            f"  first of {LANES} lanes: {with_:.2f} s over {megabytes} MB in {len(old)} files, {without:.2f} s over none: "
            f"ratio {with_ / without:.2f}"
        )
        quiet, busy = keys_without(none), filled(much, old)
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            one, other = quantile(busy, share), quantile(quiet, share)
            print(
                f"  key to frame {name}: {one:.0f} ms while filling, {other:.0f} without: ratio {one / other:.2f}  n={len(busy)}"
            )
