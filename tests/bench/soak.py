"""An hour of busy lanes in a real tmux: memory, threads, descriptors and CPU over time, and the figures at the end.

It takes long, so it runs only when it is named: `python -m tests.bench soak`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.pane import ROOT, Lanes, Pane

LANES, TURNS_S = 100, 50
SETTLED_MIN = 10
"""Growth is counted from this minute on."""


def run(*, quick: bool) -> None:
    """Prints a line each minute, for an hour or for a quarter of it; then the growth in bytes a turn and whether the sum of tokens is right."""
    minutes = 15 if quick else 60
    with tempfile.TemporaryDirectory() as scratch:
        lanes = Lanes(Path(scratch), LANES)
        pane = Pane(Path(scratch), str(Path(scratch) / "projects"))
        try:
            pane.until_shown("works")
            lanes.busy(TURNS_S / LANES, but=-1)
            known: list[tuple[int, int]] = []
            for minute in range(1, minutes + 1):
                before, began = pane.process.cpu_times(), time.perf_counter()
                time.sleep(60)
                after, took = pane.process.cpu_times(), time.perf_counter() - began
                cpu = 100 * (after.user + after.system - before.user - before.system) / took
                memory, turns = pane.process.memory_info().rss, lanes.count
                known.append((turns, memory))
                print(
                    f"  minute {minute:>2}  {turns:>7} turns  {memory / 1e6:5.1f} MB  {pane.process.num_threads()} threads"
                    f"  {pane.process.num_fds()} descriptors  CPU {cpu:4.1f}%",
                    flush=True,
                )
            lanes.close()
            time.sleep(3)
            shown = pane.screen().splitlines()[1].strip()
        finally:
            lanes.close()
            pane.close()
        if minutes > SETTLED_MIN:
            (first, low), (last, high) = known[SETTLED_MIN - 1], known[-1]
            print(f"  after minute {SETTLED_MIN}: {(high - low) / (last - first):.0f} bytes a turn  goal 150")
        counted = _counted(Path(scratch))
        print(
            f"  {lanes.count} turns written: {lanes.count * 9093:,} tokens; `lanes` counts {counted:,}; the header says: {shown}"
        )


def _counted(scratch: Path) -> int:
    env = {"HOME": str(scratch), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tui", "lanes", str(scratch / "projects"), "--since", "all", "--json"]
    done = subprocess.run(command, env=env, capture_output=True, cwd=scratch, check=False)
    return sum(lane["usage"]["total"] for lane in json.loads(done.stdout)["lanes"])
