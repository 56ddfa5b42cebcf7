"""A cold scan of a corpus: `lanewatch lanes --json` against ccusage, and against parsing every line with orjson alone."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import corpus

ORJSON = """
import sys, orjson, pathlib
n = 0
for path in pathlib.Path(sys.argv[1]).rglob("*.jsonl"):
    for line in path.read_bytes().split(b"\\n"):
        if line:
            orjson.loads(line); n += 1
print(n)
"""

SECRETS = """
import sys, pathlib, time
from tui.text.secrets.find import may_hold_secret
lines = [line for path in pathlib.Path(sys.argv[1]).rglob("*.jsonl") for line in path.read_bytes().split(b"\\n")]
may_hold_secret(b"")
began = time.process_time()
held = sum(map(may_hold_secret, lines))
print(time.process_time() - began, held, len(lines))
"""
"""The search that each line costs before its secrets are masked, and the lines in which it finds something."""


def timed(args: list[str], env: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(args, env=env, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began, done.stdout


def print_ratios(times: dict[str, list[float]]) -> None:
    """Prints the median of each way in seconds, and as a part of the first one's."""
    first = next(iter(times))
    base = statistics.median(times[first])
    for name, each in times.items():
        median = statistics.median(each)
        print(f"  {name:<24} {median:7.3f} s   {median / base:6.3f} of {first}")


def ccusage() -> list[str] | None:
    """The command of ccusage: LANEWATCH_CCUSAGE, or what lies on the PATH."""
    named = os.environ.get("LANEWATCH_CCUSAGE") or shutil.which("ccusage")
    return [named] if named else None


def run(folder: Path, *, quick: bool) -> None:
    """Prints medians of alternating runs, warm page cache."""
    home = corpus.make(folder, 60 if quick else 600)
    size = sum(path.stat().st_size for path in home.rglob("*.jsonl")) / 1e6
    env = {
        "HOME": str(home), "PATH": os.environ["PATH"], "CLAUDE_CONFIG_DIR": str(home / ".claude"), "CODEX_HOME": str(home / ".codex"),
        "LANG": "C.UTF-8",
    }  # fmt: skip
    ours = [sys.executable, "-m", "tui", "lanes", "--since", "all", "--json"]
    commands = {"lanewatch, full events": ours, "orjson on every line": [sys.executable, "-c", ORJSON, str(home)]}
    theirs = ccusage()
    if theirs:
        commands["ccusage, tokens"] = [*theirs, "daily", "--offline", "--json"]
    else:
        print("  ccusage is not here (npm install ccusage, or LANEWATCH_CCUSAGE): left out")
    times: dict[str, list[float]] = {name: [] for name in commands}
    outputs: dict[str, str] = {}
    for _ in range(3 if quick else 5):
        for name, command in commands.items():
            took, outputs[name] = timed(command, {**env, "PYTHONPATH": str(Path(__file__).resolve().parents[2])})
            times[name].append(took)
    print(
        f"  {size:.0f} MB in {len(list(home.rglob('*.jsonl')))} files, medians of {len(times['orjson on every line'])}"
    )
    for name, each in times.items():
        median = statistics.median(each)
        print(f"  {name:<24} {median:6.2f} s  {size / median:6.0f} MB/s")
    mine = statistics.median(times["lanewatch, full events"])
    print(f"  ratio to orjson alone    {mine / statistics.median(times['orjson on every line']):6.2f}")
    _, searched = timed(
        [sys.executable, "-c", SECRETS, str(home)], {**env, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    )
    took_s, held, lines = searched.split()
    print(
        f"  search for secrets       {float(took_s) / mine:6.1%} of the whole; {held} of {lines} lines are looked into"
    )
    if theirs:
        print(f"  ratio to ccusage         {mine / statistics.median(times['ccusage, tokens']):6.2f}   goal 1.3")
        total = json.loads(outputs["lanewatch, full events"])["totals"]["total"]
        reported = json.loads(outputs["ccusage, tokens"]).get("totals", {}).get("totalTokens")
        print(
            f"  totals                   lanewatch {total:,}  ccusage {reported if reported is None else f'{reported:,}'}"
        )
