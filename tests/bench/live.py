"""From the write of a line to the drawn frame, in a real tmux; CPU and memory while lanes are busy, and while they are not."""

from __future__ import annotations

import random
import re
import tempfile
import time
from pathlib import Path

from tests.bench.pane import Lanes, Pane

CASES = ((1, 1.0), (20, 1.0), (100, 1.0), (20, 10.0), (100, 10.0))
GOALS = {(100, 1.0): "p99 80 ms, CPU 6%", (100, 10.0): "p99 100 ms, CPU 12%"}


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def latency(count: int, hertz: float, probes: int) -> str:
    """One case: probes are lines whose words are drawn in the row of a lane that is in view."""
    with tempfile.TemporaryDirectory() as scratch:
        lanes = Lanes(Path(scratch), count)
        pane = Pane(Path(scratch), str(Path(scratch) / "projects"))
        try:
            pane.until_shown("works")
            time.sleep(1.5)
            rows = re.findall(r"lane (\d+) works", pane.screen())
            probed = int(rows[len(rows) // 2])
            lanes.busy(hertz, but=probed)
            time.sleep(2)
            before, began = pane.process.cpu_times(), time.perf_counter()
            took: list[float] = []
            missed = 0
            for _ in range(probes):
                word = f"probe-{random.randrange(16**6):06x}"
                at = lanes.write(probed, word)
                seen = pane.until_drawn(word.encode(), 3)
                if seen is None:
                    missed += 1
                else:
                    took.append(1000 * (seen - at))
                time.sleep(random.uniform(0.02, 0.12))  # so that probes do not fall into step with the frames
            after, ended = pane.process.cpu_times(), time.perf_counter()
            cpu = 100 * (after.user + after.system - before.user - before.system) / (ended - began)
            memory = pane.process.memory_info().rss / 1e6
        finally:
            lanes.close()
            pane.close()
    figures = f"p50 {quantile(took, 0.5):4.0f}  p95 {quantile(took, 0.95):4.0f}  p99 {quantile(took, 0.99):4.0f}  max {max(took):4.0f} ms"
    goal = GOALS.get((count, hertz), "")
    lost = f"  {missed} overwritten before they were drawn" if missed else ""
    return f"  {count:>3} lanes at {hertz:>4.0f} Hz  {figures}  n={len(took)}  CPU {cpu:4.1f}%  {memory:3.0f} MB  {goal and f'goal {goal}'}{lost}"


def idle(count: int, seconds: float, *, wait_s: float) -> str:
    """CPU of the screen over lanes that wait for a prompt and ended their last turn so many seconds ago."""
    with tempfile.TemporaryDirectory() as scratch:
        lanes = Lanes(Path(scratch), count)
        pane = Pane(Path(scratch), str(Path(scratch) / "projects"))
        try:
            pane.until_shown("works")
            lanes.end_turns()
            time.sleep(wait_s)
            cpu = pane.cpu(seconds)
            memory = pane.process.memory_info().rss / 1e6
        finally:
            lanes.close()
            pane.close()
    return f"  {count:>3} lanes quiet for {wait_s:>2.0f} s  CPU {cpu:4.2f}%  {memory:3.0f} MB  goal 0.5%, 60 MB"


def run(*, quick: bool) -> None:
    """Prints a line for each case."""
    for count, hertz in CASES if not quick else CASES[2:3]:
        print(latency(count, hertz, 60 if quick else 260), flush=True)
    for wait_s in (8, 80) if not quick else (8,):
        print(idle(200, 10 if quick else 30, wait_s=wait_s))
