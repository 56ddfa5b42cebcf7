"""`lanewatch lanes --since all --json` cold, with pictures that are made, and from pictures: ratios, and equal figures."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import corpus
from tests.bench.scan import print_ratios, timed
from tui.cli.pictures import QUIET_S

ROUNDS = 3


def figures(said: str) -> dict[str, Any]:
    """What is said without the words and figures that change with the time of asking."""
    whole = json.loads(said)
    whole.pop("at", None)
    for lane in whole["lanes"]:
        lane.pop("evidence", None)
    return whole


def run(folder: Path, *, quick: bool) -> None:
    """Prints medians of alternating runs. The older version's tree may be named by LANEWATCH_BASE."""
    home = corpus.make(folder, 60 if quick else 600)
    newest = max(path.stat().st_ctime for path in home.rglob("*.jsonl"))
    time.sleep(max(0.0, newest + QUIET_S + 1 - time.time()))  # what has just changed is not pictured
    cache, config = folder / "ended-cache", folder / "ended-config"
    (config / "lanewatch").mkdir(parents=True, exist_ok=True)
    (config / "lanewatch" / "config.toml").write_text("[judge]\nkeep_ended = false\n")
    env = {
        "HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CODEX_HOME": str(home / ".codex"), "XDG_CACHE_HOME": str(cache), "LANG": "C.UTF-8", "TZ": "UTC",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }  # fmt: skip
    without = {**env, "XDG_CONFIG_HOME": str(config)}
    ours = [sys.executable, "-m", "tui", "lanes", "--since", "all", "--json"]
    all_judged = [*ours, "--judge", "all"]
    base = os.environ.get("LANEWATCH_BASE")
    ways = {"base": (ours, {**env, "PYTHONPATH": base})} if base else {}
    ways |= {
        "cold, one process": (["taskset", "-c", "0", *all_judged], without), "cold": (all_judged, without),
        "cold, makes pictures": (all_judged, env), "warm": (all_judged, env),
        "recent judged, cold": (ours, without), "recent judged, warm": (ours, env),
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in ways}
    said: dict[str, str] = {}
    for _ in range(1 if quick else ROUNDS):
        shutil.rmtree(cache, ignore_errors=True)
        timed([sys.executable, "-m", "tui", "usage", "--no-index"], env)  # compiles the search for secrets
        for name, (command, given) in ways.items():
            took, said[name] = timed(command, given)
            times[name].append(took)
    print_ratios(times)
    alike = [figures(said[name]) for name in ("cold, one process", "cold", "cold, makes pictures", "warm")]
    recent = [figures(said[name]) for name in ("recent judged, cold", "recent judged, warm")]
    is_equal = all(one == alike[0] for one in alike) and recent[0] == recent[1]
    kept = sum(path.stat().st_size for path in cache.rglob("*.pictures*"))
    print(f"  equal in all ways: {is_equal}; pictures of {kept / 1e6:.1f} MB")
    for used in (cache, config):
        shutil.rmtree(used, ignore_errors=True)
