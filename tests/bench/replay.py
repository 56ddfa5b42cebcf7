"""Replay of a corpus: when it can be played, when it is loaded, how long it takes to go from anywhere to anywhere."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.bench import corpus
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.replay.player import Player
from tui.replay.recording import Recording
from tui.sources.discover import places

TIMES = 100
FIRST_MINUTE = 60.0
APART_S = 600.0
"""Between the beginnings of two sessions: then some eight run at once, as in a fleet at work."""


def run(folder: Path, *, quick: bool) -> None:
    """Prints seconds, and the ratio of loading to a cold `lanes --json` of the same corpus."""
    megabytes = 60 if quick else 1000
    print("  all sessions at once")
    _run(corpus.make(folder, megabytes))
    print(f"  a session every {APART_S / 60:.0f} minutes")
    _run(corpus.make(folder, megabytes, apart_s=APART_S))


def _run(home: Path) -> None:
    size = sum(path.stat().st_size for path in home.rglob("*.jsonl"))
    cold = _cold(home)
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    roots, _ = places([str(home)])
    recording = Recording(roots)
    recording.open()
    prices = PriceTable.shipped()
    player = Player(recording, lambda refresh: Supervisor(prices, refresh=refresh), lambda at: at - at % 86400)
    start = recording.start or 0.0
    while recording.horizon < start + FIRST_MINUTE and recording.step():
        pass
    player.seek(start + FIRST_MINUTE)
    player.snapshot()
    playable = time.perf_counter() - began
    player.load()
    player.settle()  # as the screen does
    loaded = time.perf_counter() - began
    print(f"  {size / 1e6:.0f} MB in {len(recording.logs)} files, {sum(map(len, recording.logs)):,} entries")
    print(f"  its first minute shown   {playable:6.2f} s")
    print(f"  loaded                   {loaded:6.2f} s   a cold lanes --json {cold:.2f} s, ratio {loaded / cold:.2f}")
    print(
        f"  memory                   {(psutil.Process().memory_info().rss - before) / 1e6:6.0f} MB, of which packed {player.size / 1e6:.0f} MB"
    )
    _seek(player, start, recording.end or start)


def _seek(player: Player, start: float, end: float) -> None:
    began = time.perf_counter()
    marks = player.marks()
    print(f"  marks                    {time.perf_counter() - began:6.2f} s   {len(marks.actions)} actions")
    player.seek(end)
    player.snapshot()
    rng = random.Random(7)
    times: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        player.seek(rng.uniform(start, end))
        player.snapshot()
        times.append(1000 * (time.perf_counter() - began))
    ninth = statistics.quantiles(times, n=10)[8]
    print(
        f"  to any of {TIMES} moments     median {statistics.median(times):.0f} ms, nine in ten {ninth:.0f} ms, worst {max(times):.0f} ms   goal 100"
    )


def _cold(home: Path) -> float:
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}  # fmt: skip
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tui", "lanes", str(home), "--json"],
        env=env, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began
