"""`lanewatch usage` cold and warm against `ccusage daily` on one corpus: ratios, and equal figures."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from tests.bench import corpus
from tests.bench.scan import ccusage, print_ratios, timed


def run(folder: Path, *, quick: bool) -> None:
    """Prints medians of alternating runs, warm page cache."""
    home = corpus.make(folder, 60 if quick else 600)
    cache = folder / "usage-cache"
    env = {
        "HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CODEX_HOME": str(home / ".codex"), "XDG_CACHE_HOME": str(cache), "LANG": "C.UTF-8", "TZ": "UTC",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    ours = [sys.executable, "-m", "tui", "usage", "--json"]
    commands = {"cold, no index": [*ours, "--no-index"], "cold, builds the index": ours, "warm": ours}
    theirs = ccusage()
    if theirs:
        commands = {"ccusage daily": [*theirs, "daily", "--offline", "--json"], **commands}
    times: dict[str, list[float]] = {name: [] for name in commands}
    said: dict[str, str] = {}
    timed([*ours, "--no-index"], env)  # the compiled search for secrets is kept from here on
    for _ in range(3 if quick else 5):
        for name, command in commands.items():
            if name == "cold, builds the index":
                for kept in (cache / "lanewatch").glob("*.usage*"):
                    kept.unlink()
            took, said[name] = timed(command, env)
            times[name].append(took)
    print_ratios(times)
    made = [said[name] for name in commands if name != "ccusage daily"]
    total = json.loads(made[0])["total"]["usage"]["total"]
    told = json.loads(said["ccusage daily"])["totals"]["totalTokens"] if theirs else None
    print(
        f"  equal in all three ways: {len(set(made)) == 1}; tokens {total:,}, ccusage {told if told is None else f'{told:,}'}"
    )
    shutil.rmtree(cache, ignore_errors=True)  # it is a copy of what the next run makes anew
