"""What `lanewatch findings` raises on the prefixes of all transcripts, and what the one-line rules raise."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.bench.judge.incidents.lane import Json
from tests.bench.judge.incidents.prefixes import NOW, Row, cuts_of, rows_of, seconds, stamp, write_prefix
from tests.bench.judge.incidents.show import steps

LOOP_LIKE = {
    "stop",
    "repetition",
    "family_too_long",
    "substitution_name",
    "low_novelty",
    "missing_tool",
    "spiral",
    "stalled",
    "hard_stop",
}
"""Kinds of findings that say: this lane goes in circles."""
RULES = ("two equal calls in a row", "three equal calls in a row", "a call made twice before")
TOGETHER = 110
"""Transcripts in one run, at most: a run costs more to start than to judge."""


class Prefix(NamedTuple):
    """A transcript and how many of its rows are to be seen."""

    label: Json
    cut: int


class Alarm(NamedTuple):
    time: float
    """When the prefix ended at which it stood, in seconds since the epoch."""
    kind: str
    severity: str
    title: str


@dataclass
class Raised:
    """What was raised in all runs."""

    prefixes: int = 0
    runs: int = 0
    alarms: dict[str, list[Alarm]] = field(default_factory=lambda: defaultdict(list))
    """By the name of the transcript."""
    ends: dict[str, float] = field(default_factory=dict)
    """When each transcript ends, in seconds since the epoch."""
    loop_like: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    """Kinds at warn or above that do not speak of loops."""
    across: Counter[str] = field(default_factory=Counter)
    """Kinds of findings that speak of more than one transcript, which are left out."""
    unplaced: int = 0
    """Findings that could not be given to a transcript."""


def _runs(prefixes: Sequence[Sequence[Prefix]]) -> list[list[Prefix]]:
    """The first prefixes of all transcripts, then the second ones, put together; never two transcripts of one shape."""
    runs: list[list[Prefix]] = []
    for same in prefixes:
        open_runs: list[list[Prefix]] = []
        for prefix in same:
            shape = prefix.label["shape"]
            for run in open_runs:
                if len(run) < TOGETHER and all(other.label["shape"] != shape for other in run):
                    run.append(prefix)
                    break
            else:
                open_runs.append([prefix])
        runs += open_runs
    return runs


def _findings(program: Sequence[str], folder: Path, home: Path) -> list[Json]:
    done = subprocess.run(
        [*program, "findings", str(folder), "--json", "--at", stamp(NOW + 1)],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):  # 3: there are findings
        raise SystemExit(f"{program[0]} failed with {done.returncode}: {done.stderr[-600:]}")
    return json.loads(done.stdout)["findings"]


def _named_by(finding: Json, run: Sequence[Prefix]) -> set[str]:
    """The transcripts that a finding speaks of: those of its evidence, else that of its lane."""
    paths = [evidence["path"] for evidence in finding["evidence"] if evidence.get("path")]
    names = {p.label["name"] for p in run if any(f"/{p.label['name']}/" in path for path in paths)}
    lane = (finding.get("lane") or ":").split(":")[1][:8]
    if names or not lane:
        return names
    return {p.label["name"] for p in run if any(lane in Path(file).name for file in p.label["files"])}


def _note(raised: Raised, finding: Json, run: Sequence[Prefix], ends: dict[str, float]) -> None:
    names = _named_by(finding, run)
    kind = finding["kind"]
    if len(names) > 1:
        raised.across[kind] += 1
    elif not names:
        raised.unplaced += 1
    elif finding["severity"] in ("warn", "stop") and not finding.get("muted"):
        if kind not in LOOP_LIKE:
            raised.other[kind] += 1
            return
        raised.loop_like[kind] += 1
        [name] = names
        raised.alarms[name].append(Alarm(ends[name], kind, finding["severity"], finding["title"]))


def raised_by(program: Sequence[str], data: Path, labels: Sequence[Json], scratch: Path, jobs: int) -> Raised:
    """Run the program over all prefixes, `jobs` runs at a time; `scratch` is an empty folder."""
    rows: dict[str, list[Row]] = {label["name"]: rows_of(data, label) for label in labels}
    by_number: dict[int, list[Prefix]] = defaultdict(list)
    for label in labels:
        for number, cut in enumerate(cuts_of(rows[label["name"]])):
            by_number[number].append(Prefix(label, cut))
    runs = _runs([by_number[number] for number in sorted(by_number)])
    home = scratch / "home"
    home.mkdir()

    def judged(number: int) -> tuple[dict[str, float], list[Json]]:
        folder = scratch / f"run{number}"
        try:
            ends = {label["name"]: write_prefix(data, folder, rows[label["name"]][:cut]) for label, cut in runs[number]}
            return ends, _findings(program, folder, home)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    raised = Raised(prefixes=sum(map(len, by_number.values())), runs=len(runs))
    raised.ends = {name: of_one[-1].time for name, of_one in rows.items()}
    with ThreadPoolExecutor(jobs) as pool:
        for number, (ends, findings) in enumerate(pool.map(judged, range(len(runs)))):
            print(f"run {number + 1} of {len(runs)}", file=sys.stderr, flush=True)
            for finding in findings:
                _note(raised, finding, runs[number], ends)
    return raised


def raised_by_rules(data: Path, label: Json) -> dict[str, list[float]]:
    """When the rules fire in each file, by rule, in seconds since the epoch."""
    fired: dict[str, list[float]] = {rule: [] for rule in RULES}
    for file in label["files"]:
        before, in_a_row = None, 0
        made: Counter[tuple[str, str]] = Counter()
        for step in steps(data / file):
            if step.kind != "call":
                continue
            call = (step.name, step.text)
            in_a_row = in_a_row + 1 if call == before else 1
            before = call
            made[call] += 1
            for rule, fires in zip(RULES, (in_a_row == 2, in_a_row == 3, made[call] == 3), strict=True):
                if fires:
                    fired[rule].append(seconds(step.time))
    return fired
