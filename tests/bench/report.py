"""The report over a corpus, against a cold `lanewatch lanes --json` over the same files; goal: under twice its time."""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

from tests.bench import corpus
from tests.bench.scan import timed


def run(folder: Path, *, quick: bool) -> None:
    """Prints medians of alternating runs, warm page cache."""
    home = corpus.make(folder, 60 if quick else 200)
    size = sum(path.stat().st_size for path in home.rglob("*.jsonl")) / 1e6
    env = {
        "HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CODEX_HOME": str(home / ".codex"), "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    own = [sys.executable, "-m", "tui"]
    commands = {
        "lanes --json": [*own, "lanes", "--since", "all", "--json"],
        "report, Markdown": [*own, "report", "--since", "all"],
        "report, JSON": [*own, "report", "--since", "all", "--format", "json"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(3):
        for name, command in commands.items():
            times[name].append(timed(command, env)[0])
    print(f"  {size:.0f} MB in {len(list(home.rglob('*.jsonl')))} files, medians of 3")
    lanes = statistics.median(times["lanes --json"])
    for name, each in times.items():
        median = statistics.median(each)
        print(f"  {name:<24} {median:6.2f} s  {size / median:6.0f} MB/s  ratio {median / lanes:5.2f}   goal 2")
