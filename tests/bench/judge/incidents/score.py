"""Measure a loop judge on the incidents: python -m tests.bench.judge.incidents.score DATA --exe PROGRAM.

Closed shapes stand in the totals alone: nothing that is printed or written tells how one of them fared.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import statistics
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.judge.incidents.alarms import RULES, Raised, raised_by, raised_by_rules
from tests.bench.judge.incidents.generate import FORMATS, LABELS
from tests.bench.judge.incidents.lane import Json

Judge = Callable[[Json], Iterable[float]]
"""When a judge alarms in a transcript, in seconds since the epoch."""


@dataclass
class Counts:
    """How a judge fares on some transcripts; those with mixed rounds count only under `mixed`."""

    found: int = 0
    loops: int = 0
    early: int = 0
    """Loops that were alarmed before they begin."""
    alarmed: int = 0
    """Honest transcripts with an alarm."""
    honest: int = 0
    mixed_found: int = 0
    mixed: int = 0
    delays: list[int] = field(default_factory=list)
    """Rounds that had begun when a found loop was alarmed."""

    @property
    def recall(self) -> float:
        return self.found / max(1, self.loops)

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.alarmed + self.early)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    def line(self, title: str) -> str:
        """A line of the table."""
        delay = statistics.median(self.delays) if self.delays else "-"
        return (
            f"{title:<44} recall {self.recall:6.1%} ({self.found}/{self.loops})  precision {self.precision:6.1%} "
            f"({self.alarmed} honest of {self.honest} alarmed, {self.early} early)  F1 {self.f1:.3f}  "
            f"mixed {self.mixed_found / max(1, self.mixed):6.1%} ({self.mixed_found}/{self.mixed})  "
            f"median delay {delay} rounds"
        )


def counted(labels: Iterable[Json], judge: Judge) -> Counts:
    counts = Counts()
    for label in labels:
        times = sorted(judge(label))
        if label["kind"] == "honest":
            counts.honest += 1
            counts.alarmed += bool(times)
            continue
        after = [time for time in times if time >= label["start_time"]]
        if label["variant"] == "mixed":
            counts.mixed += 1
            counts.mixed_found += bool(after)
            continue
        counts.loops += 1
        counts.early += len(after) < len(times)
        if after:
            counts.found += 1
            counts.delays.append(sum(start <= after[0] for start in label["rounds"]))
    return counts


def print_part(title: str, labels: Sequence[Json], raised: Raised, rules: dict[str, dict[str, list[float]]]) -> None:
    """The figures of some transcripts."""

    def judge(label: Json) -> list[float]:
        return [alarm.time for alarm in raised.alarms[label["name"]]]

    def stops(label: Json) -> list[float]:
        return [alarm.time for alarm in raised.alarms[label["name"]] if alarm.severity == "stop"]

    def at_the_end(label: Json) -> list[float]:
        return [time for time in judge(label) if time == raised.ends[label["name"]]]

    print(f"\n{title}")
    print(counted(labels, judge).line("the judge"))
    print(counted(labels, stops).line("the judge, severity stop alone"))
    print(counted(labels, at_the_end).line("the judge, alarms that stand at the end"))
    honest = [{a.kind for a in raised.alarms[label["name"]]} for label in labels if label["kind"] == "honest"]
    print("   honest transcripts alarmed by each kind:", dict(Counter(kind for kinds in honest for kind in kinds)))
    for rule in RULES:
        print(counted(labels, lambda label, rule=rule: rules[label["name"]][rule]).line(f"rule: {rule}"))
    for name in FORMATS:
        print(counted([label for label in labels if label["format"] == name], judge).line(f"the judge, {name} alone"))


def print_shapes(labels: Sequence[Json], raised: Raised) -> None:
    """Each open shape: how many of its transcripts were alarmed, and by what."""
    print("\nopen shapes one by one (loops found, honest transcripts alarmed)")
    shapes: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for label in labels:
        if not label["closed"]:
            shapes[label["kind"], label["shape"]].append(label)

    def share(these: Sequence[Json]) -> str:
        hit = sum(any(a.time >= one.get("start_time", 0) for a in raised.alarms[one["name"]]) for one in these)
        return f"{hit}/{len(these)}"

    for (kind, shape), these in sorted(shapes.items()):
        shares = f"plain {share([one for one in these if one['variant'] == 'plain'])}"
        if kind == "loop":
            shares += f"  mixed {share([one for one in these if one['variant'] == 'mixed'])}"
        by = sorted({f"{alarm.kind}:{alarm.severity}" for one in these for alarm in raised.alarms[one["name"]]})
        print(f"  {kind:<7} {shape:<28} {shares}  {', '.join(by)}")


def print_all(labels: Sequence[Json], raised: Raised, rules: dict[str, dict[str, list[float]]]) -> None:
    print(f"{len(labels)} transcripts, {raised.prefixes} prefixes, {raised.runs} runs")
    print("loop-like findings at warn or stop:", dict(raised.loop_like))
    print(f"not counted: {dict(raised.other)}; across transcripts: {dict(raised.across)}; unplaced: {raised.unplaced}")
    open_ones = [label for label in labels if not label["closed"]]
    alarmed = {alarm.kind: alarm.title for one in open_ones for alarm in raised.alarms[one["name"]]}
    for kind, title in alarmed.items():
        print(f"   {kind:<18} {title[:120]}")
    print_part("open shapes", open_ones, raised, rules)
    print_part("closed shapes", [label for label in labels if label["closed"]], raised, rules)
    print_part("all", labels, raised, rules)
    print_shapes(labels, raised)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judge.incidents.score", description=__doc__)
    parser.add_argument("data", type=Path, help="what generate wrote")
    parser.add_argument("--exe", required=True, help="the program to measure, such as '.venv/bin/lanewatch'")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="runs at a time")
    parser.add_argument("--only", type=int, help="measure about so many transcripts alone, to try it")
    parser.add_argument("--open-alarms", type=Path, help="write the alarms of open shapes to this file, as JSON")
    asked = parser.parse_args(argv)
    labels = [json.loads(line) for line in (asked.data / LABELS).read_text(encoding="utf-8").splitlines()]
    if asked.only:
        labels = labels[:: max(1, len(labels) // asked.only)]
    with tempfile.TemporaryDirectory() as scratch:
        raised = raised_by(shlex.split(asked.exe), asked.data, labels, Path(scratch), asked.jobs)
    rules = {label["name"]: raised_by_rules(asked.data, label) for label in labels}
    print_all(labels, raised, rules)
    if asked.open_alarms:
        alarms = {label["name"]: raised.alarms[label["name"]] for label in labels if not label["closed"]}
        asked.open_alarms.write_text(json.dumps(alarms), encoding="utf-8")


if __name__ == "__main__":
    main()
