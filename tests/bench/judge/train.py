"""Fits the trees of `tui/judge/loop_model.json` to labelled transcripts, and says how good they are on others.

    python -m tests.bench.judge.train --bench DIR... --loops LABELS DIR --honest DIR... [--leave-out] [--write]

`--bench`: invented transcripts, with a `labels.jsonl` whose lines have `name`, `files`, `kind` (loop or honest), `variant`
and, for a loop, `rounds`, `start_file`, `start_step` and `start_time`. `--loops`: the labels of `../shared/real/loops`, and
the folder that its `fetch.py` made. `--honest`: folders of real sessions that do not go in circles. `--leave-out` fits once
for each bench to all that is not of this bench, and prints what becomes of it. `--write` fits to everything and writes the file.

It needs LightGBM (`pip install -e '.[train]'`), which lanewatch itself does not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.judge.metrics import Scores
from tui.judge.lane import LaneJudge
from tui.judge.loop_model import LoopModel, Suspicion
from tui.judge.repetition import LITTLE
from tui.judge.signals import NAMES, is_third_of, recurrence_of
from tui.model.event import AssistantText, Call, Event, UnreadableLine
from tui.sources.transcript import Transcript

MODEL = Path(__file__).parents[3] / "tui/judge/loop_model.json"
TREES = 160
SETTINGS: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.07, "num_leaves": 20, "max_depth": 7, "min_data_in_leaf": 200,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 40, "verbose": -1,
    "force_col_wise": True, "deterministic": True, "num_threads": 1, "seed": 0,
}  # fmt: skip
FIRST_ROUND = 2
"""Steps of a loop count as such from this round on (the first is 0): before it nothing has come again."""
ROWS, REAL_ROWS = 40, 150
"""The most rows of an invented lane, and of a real one's honest part."""
INVENTED_WEIGHT, LOOP_WEIGHT, HONEST_WEIGHT = 15.0, 60.0, 450.0
"""What all rows of one kind of a lane weigh: of an invented lane, of a real loop, of a long real honest lane."""
HONEST_ROW = 7.5
"""The most that one row of a real honest lane weighs."""
TEXTS = [place for place, name in enumerate(NAMES) if any(word in name for word in ("text", "thought", "talk"))]
"""The signals of messages and thoughts. Each invented lane is learned without them, too: many agents write none."""


@dataclass
class Lane:
    """The signals of one lane, a row for each step (and for each message after another), and the times of the rows."""

    file: str
    times: array[float] = field(default_factory=lambda: array("d"))
    rows: array[float] = field(default_factory=lambda: array("f"))


@dataclass
class Labelled:
    """A transcript with its label. `marks` has 1 for a row of a loop, 0 for an honest row, -1 for neither."""

    bench: str
    kind: str
    variant: str
    lanes: list[Lane]
    marks: list[list[int]]
    begins: float = 0.0
    rounds: Sequence[float] = ()


def events_of(path: Path) -> dict[str, list[Event]]:
    """The events of a transcript, by lane."""
    transcript = Transcript(str(path), None)
    found: dict[str, list[Event]] = defaultdict(list)
    for event in (*transcript.feed(path.read_bytes(), True), *transcript.feed_last()):
        if not isinstance(event, UnreadableLine):
            found[getattr(event, "lane", "")].append(event)
    return found


def lane_of(events: Sequence[Event], file: str) -> tuple[Lane, list[float]]:
    """The signals of one lane, and the times of its calls."""
    judge, lane, calls = LaneJudge(), Lane(file), list[float]()
    for event in events:
        steps = judge.steps
        judge.apply(event)
        if isinstance(event, Call) and event.at is not None:
            calls.append(event.at)
        said_more = isinstance(event, AssistantText) and judge.signals.says_more
        if judge.steps != steps or said_more:
            lane.times.append(getattr(event, "at", None) or 0.0)
            lane.rows.extend(judge.signals.vector())
    return lane, calls


def lanes_of(path: Path) -> Iterator[tuple[Lane, list[float]]]:
    """The lanes of a transcript, each with the times of its calls."""
    for events in events_of(path).values():
        yield lane_of(events, str(path))


def bench(folder: Path) -> Iterator[Labelled]:
    """The transcripts of a bench."""
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        calls: dict[str, list[float]] = {}
        lanes: list[Lane] = []
        for name in row["files"]:
            if name.endswith(".jsonl"):
                for lane, at in lanes_of(folder / name):
                    lanes.append(lane)
                    calls.setdefault(str(folder / name), []).extend(at)
        made = Labelled(folder.parent.name + folder.name, row["kind"], row["variant"], lanes, [])
        if row["kind"] == "loop":
            _mark_rounds(made, row, folder, calls)
        else:
            made.marks = [[0] * len(lane.times) for lane in lanes]
        yield made


def _mark_rounds(made: Labelled, row: dict[str, Any], folder: Path, calls: dict[str, list[float]]) -> None:
    """Marks the rows of a loop: from its third round on in the files that have the rounds, none elsewhere."""
    files: list[str] = row["files"]
    start: int | str = row["start_file"]
    times = calls.get(str(folder / (files[start] if isinstance(start, int) else start)), [])
    before = row["start_step"] - 2
    made.begins = min(row["start_time"], times[before] if 0 <= before < len(times) else row["start_time"])
    made.rounds = sorted(one["time"] for one in row["rounds"])
    within = {str(folder / files[one["file"]]) for one in row["rounds"]}
    third = made.rounds[min(FIRST_ROUND, len(made.rounds) - 1)] if made.rounds else float("inf")
    for lane in made.lanes:
        looping = 1 if lane.file in within and made.rounds else -1
        made.marks.append(
            [0 if at < made.begins - 1 and made.rounds else -1 if at < third else looping for at in lane.times]
        )


def real_loops(labels: Path, folder: Path) -> Iterator[Labelled]:
    """The real sessions that somebody labelled. What is wasteful, but no loop, is left out."""
    manifest = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    paths = {one["blob"]: folder / one["file"] for one in map(json.loads, manifest)}
    for row in map(json.loads, labels.read_text(encoding="utf-8").splitlines()):
        if row["label"] == "wasteful" or row["blob"] not in paths:
            continue
        made = Labelled("real loops", row["label"], "", [lane for lane, _ in lanes_of(paths[row["blob"]])], [])
        for lane in made.lanes:
            marks = [0] * len(lane.times)
            if row["label"] == "loop":
                begins, ends = (datetime.fromisoformat(row[key]).timestamp() for key in ("start_ts", "end_ts"))
                within = 0
                for place, at in enumerate(lane.times):
                    inside = begins - 1 <= at <= ends + 1
                    within += inside
                    marks[place] = -1 if at > ends + 1 else 0 if not inside else 1 if within > FIRST_ROUND else -1
            made.marks.append(marks)
        yield made


def honest(folder: Path) -> Iterator[Labelled]:
    """Real sessions without a loop."""
    for path in sorted(folder.rglob("*.jsonl")):
        if path.name != "manifest.jsonl":
            lanes = [lane for lane, _ in lanes_of(path)]
            yield Labelled("honest", "honest", "", lanes, [[0] * len(lane.times) for lane in lanes])


def _chosen(marks: list[int], *, real: bool, rng: random.Random) -> list[tuple[int, float]]:
    """The rows of a lane that are learned, each with its weight."""
    places = [place for place, mark in enumerate(marks) if mark >= 0]
    loops, calm = marks.count(1), marks.count(0)
    if real:
        calm_places = [place for place in places if not marks[place]]
        if calm > REAL_ROWS:
            calm_places = rng.sample(calm_places, REAL_ROWS)
        weight = min(HONEST_ROW, HONEST_WEIGHT / max(1, min(calm, REAL_ROWS)))
        if loops:
            weight /= 3
        looping = [(place, LOOP_WEIGHT / loops) for place in places if marks[place]]
        return [*looping, *((place, weight) for place in calm_places)]
    more = 1.0
    if len(places) > ROWS:
        more = len(places) / ROWS
        places = rng.sample(places, ROWS)
    return [(place, more * INVENTED_WEIGHT / (loops if marks[place] else calm)) for place in places]


def fit(transcripts: Sequence[Labelled]) -> list[Any]:
    """The trees, as they stand in the file. Raises ImportError without LightGBM."""
    numpy, lightgbm = import_module("numpy"), import_module("lightgbm")
    rng = random.Random(0)
    rows: list[Any] = []
    marks: list[int] = []
    weights: list[float] = []
    for one in transcripts:
        real = not one.rounds and one.bench in ("real loops", "honest")
        for lane, labels in zip(one.lanes, one.marks, strict=True):
            chosen = _chosen(labels, real=real, rng=rng)
            if not chosen:
                continue
            table = numpy.frombuffer(lane.rows, dtype=numpy.float32).reshape(-1, len(NAMES))
            part = table[[place for place, _ in chosen]]
            copies = [part]
            if not real:
                silent = part.copy()
                silent[:, TEXTS] = 0.0
                copies.append(silent)
            for copy in copies:
                rows.append(copy)
                marks += [labels[place] for place, _ in chosen]
                weights += [weight for _, weight in chosen]
    data = lightgbm.Dataset(numpy.concatenate(rows), numpy.array(marks), weight=numpy.array(weights))
    model = lightgbm.train(SETTINGS, data, TREES).dump_model()
    return [_tree(one["tree_structure"]) for one in model["tree_info"]]


def _tree(node: dict[str, Any]) -> Any:
    if "leaf_value" in node:
        return round(node["leaf_value"], 4)
    limit = float(f"{node['threshold']:.4g}")
    return [node["split_feature"], limit, _tree(node["left_child"]), _tree(node["right_child"])]


def flags(model: LoopModel, lane: Lane) -> tuple[float | None, float | None]:
    """When the flag of a lane went up first, and when the flag went up that is up at its end; None: it did not."""
    suspicion = Suspicion()
    first = now = None
    width = len(NAMES)
    for place, at in enumerate(lane.times):
        row = lane.rows[place * width : (place + 1) * width]
        asks = recurrence_of(row) >= LITTLE
        was = suspicion.steps
        suspicion.take(model, model.log_odds(row) if asks else float("-inf"), is_third=is_third_of(row))
        if suspicion.steps and not was:
            now = at
            first = first if first is not None else at
        elif not suspicion.steps:
            now = None
    return first, now


def judged(model: LoopModel, transcripts: Sequence[Labelled]) -> str:
    """How good the model alone is: recall, precision, recall among mixed ones, rounds until an alarm."""
    total = Scores(0, 0, 0)
    mixed: list[bool] = []
    delays: list[int] = []
    for one in transcripts:
        found = [flags(model, lane) for lane in one.lanes]
        up = [now for _, now in found if now is not None and (one.kind != "loop" or now >= one.begins - 0.002)]
        if one.kind == "loop":
            total += Scores(int(bool(up)), 0, int(not up))
            if one.variant == "mixed":
                mixed.append(bool(up))
            began = [first for first, _ in found if first is not None and first >= one.begins - 0.002]
            if began:
                delays.append(sum(at <= min(began) for at in one.rounds))
        else:
            total += Scores(0, int(bool(up)), 0)
    share = sum(mixed) / len(mixed) if mixed else 0.0
    rounds = median(delays) if delays else 0
    return f"recall {total.recall:.3f} precision {total.precision:.3f} F1 {total.f1:.3f} mixed {share:.3f} rounds {rounds:g}"


def written(trees: list[Any]) -> dict[str, Any]:
    """The content of the file, with the limits that stand in it now."""
    known = json.loads(MODEL.read_bytes())
    return {**{key: known[key] for key in ("rises", "alarm", "agrees", "ends")}, "signals": list(NAMES), "trees": trees}


def write(model: dict[str, Any], path: Path = MODEL) -> None:
    """Writes a file, one line for each tree."""
    limits = ", ".join(f'"{key}": {model[key]}' for key in ("rises", "alarm", "agrees", "ends"))
    trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in model["trees"])
    path.write_text(f'{{\n{limits},\n"signals": {json.dumps(model["signals"])},\n"trees": [\n{trees}\n]\n}}\n', "utf-8")


def _fit_anew() -> None:
    """Writes a file without trees if its trees are for other signals: the judge does not run with such trees."""
    if tuple(json.loads(MODEL.read_bytes())["signals"]) != NAMES:
        write(written([0.0]))


def main(args: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--bench", type=Path, nargs="+", default=[])
    parser.add_argument("--loops", type=Path, nargs=2, metavar=("LABELS", "DIR"))
    parser.add_argument("--honest", type=Path, nargs="+", default=[])
    parser.add_argument("--leave-out", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where --leave-out writes its trees")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(args)
    _fit_anew()
    benches = {folder: list(bench(folder)) for folder in asked.bench}
    others = [one for folder in asked.honest for one in honest(folder)]
    if asked.loops:
        others += real_loops(*asked.loops)
    for number, (folder, left) in enumerate(benches.items() if asked.leave_out else ()):
        rest = [one for other, part in benches.items() if other != folder for one in part]
        model = written(fit([*rest, *others]))
        print(folder, judged(LoopModel(model), left), flush=True)
        if asked.keep:
            write(model, asked.keep / f"without-{number}.json")
    if asked.write:
        write(written(fit([*(one for part in benches.values() for one in part), *others])))
        print(MODEL, f"{MODEL.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
