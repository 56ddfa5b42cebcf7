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
        at = time.time() - 3600 - copy * 5 * 86_400
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


def first_lane(home: Path) -> float:
    """Seconds from the start to the first lane on the screen, with an empty cache."""
    pane = Pane(home, size=(120, 40))
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


def filled(home: Path, old: list[Path]) -> None:
    """Starts once, presses keys until the index is filled, and tells when what was counted."""
    week = {str(path) for path in old if path.stat().st_mtime > time.time() - WEEK_S}
    pane = Pane(home, size=(120, 40))
    took: list[float] = []
    told: float | None = None
    try:
        pane.until_drawn(b"works", 60)
        while time.perf_counter() - pane.started < 1800:
            counted = _counted(home / ".cache" / "lanewatch")
            if told is None and week <= counted:
                told = time.perf_counter() - pane.started
            if len(counted) >= len(old):
                break
            for _ in range(10):
                at, size = time.perf_counter(), pane.raw.stat().st_size
                pane.run("send-keys", "j" if len(took) % 2 else "k")
                while pane.raw.stat().st_size == size and time.perf_counter() - at < 2:
                    time.sleep(0.001)
                took.append(1000 * (time.perf_counter() - at))
                time.sleep(random.uniform(0.02, 0.08))
        ended = time.perf_counter() - pane.started
        print(f"  usage of the last 7 days whole after {told or float('nan'):.1f} s, all of it after {ended:.1f} s: "
              f"ratio {(told or float('nan')) / ended:.2f}")  # fmt: skip
        print(
            f"  key to frame while filling    p50 {quantile(took, 0.5):.0f}  p99 {quantile(took, 0.99):.0f} ms  n={len(took)}"
        )
    finally:
        pane.close()


def run(folder: Path, *, quick: bool) -> None:
    """Prints a line for each case."""
    megabytes = 300 if quick else 5000
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        none, much = Path(place) / "none", Path(place) / "much"
        old = history(folder, much, megabytes)
        for home in (none, much):
            lanes = Lanes(home / ".claude", LANES)
            lanes.close()
        times: dict[Path, list[float]] = {none: [], much: []}
        for _ in range(3):
            for home, each in times.items():
                each.append(first_lane(home))
        without, with_ = (sorted(each)[1] for each in times.values())
        print(f"  first of {LANES} lanes: {with_:.2f} s over {megabytes} MB in {len(old)} files, {without:.2f} s over none: "
              f"ratio {with_ / without:.2f}")  # fmt: skip
        filled(much, old)
