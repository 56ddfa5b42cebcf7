"""Write the transcripts and their labels: python -m tests.bench.judge.incidents.generate OUT. The same bytes each time."""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench.judge.incidents.claude import ClaudeLane
from tests.bench.judge.incidents.codex import CodeModeLane, CodexLane
from tests.bench.judge.incidents.lane import Clock, Json, Lane
from tests.bench.judge.incidents.projects import PROJECTS
from tests.bench.judge.incidents.shapes import HONEST, LOOPS
from tests.bench.judge.incidents.shapes.base import Shape, side_work
from tests.bench.judge.incidents.world import World

SEED = "incidents10"
FORMATS: dict[str, type[Lane]] = {"claude": ClaudeLane, "codex": CodexLane, "codexjs": CodeModeLane}
SHARES = (60, 12, 28)
"""How often each format is drawn."""
LABELS = "labels.jsonl"
START = 1789000000
"""The earliest beginning of a transcript, in seconds since the epoch."""


def closed_shapes(names: Iterable[str]) -> set[str]:
    """The third of the shapes that stays closed."""
    drawn = sorted(names)
    random.Random(f"{SEED}closed").shuffle(drawn)
    return set(drawn[: round(len(drawn) / 3)])


def filled(shape: str, fill: Shape, variant: str, number: int) -> tuple[str, Lane]:
    """The format and the first lane of a transcript."""
    rng = random.Random(f"{SEED}/{shape}/{variant}/{number}")
    world = World(rng, rng.randrange(len(PROJECTS)))
    world.root += "-" + "".join(rng.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(3))
    drawn = rng.choices(list(FORMATS), SHARES)[0]
    lane = FORMATS[drawn](rng, world, Clock(START + rng.randrange(86400 * 50)))
    if variant == "mixed":
        lane.side = side_work
    fill(lane)
    return drawn, lane


def all_lanes(first: Lane) -> list[Lane]:
    """A lane and all below it, level by level."""
    lanes = [first]
    for lane in lanes:
        lanes.extend(lane.kids)
    return lanes


def write_lane(lane: Lane, folder: Path) -> None:
    path = folder / lane.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line, ensure_ascii=False)}\n" for _, line in lane.lines)
    if isinstance(lane, ClaudeLane) and lane.agent:
        path.with_suffix(".meta.json").write_text(json.dumps(lane.meta()), encoding="utf-8")


def build(out: Path, kind: str, shape: str, variant: str, number: int, closed: bool) -> Json:
    """Write one transcript; returns its label."""
    shapes = LOOPS if kind == "loop" else HONEST
    drawn, first = filled(shape, shapes[shape], variant, number)
    name = f"{kind[0]}-{hashlib.md5((SEED + shape).encode()).hexdigest()[:6]}-{variant[0]}{number}"
    lanes = all_lanes(first)
    for lane in lanes:
        write_lane(lane, out / name)
    label: Json = {
        "name": name,
        "files": [f"{name}/{lane.path}" for lane in lanes],
        "kind": kind,
        "shape": shape,
        "variant": variant,
        "calls": sum(lane.calls for lane in lanes),
        "format": drawn,
    }
    if kind == "loop":
        rounds = [round(start, 3) for start in first.rounds]
        label |= {"rounds": rounds, "start_file": label["files"][0], "start_time": rounds[0]}
    return label | {"closed": closed}


def generate(out: Path) -> list[Json]:
    """Write all transcripts and the file of their labels; returns the labels."""
    closed = closed_shapes(LOOPS) | closed_shapes(HONEST)
    plain = [("plain", number) for number in (1, 2, 3)]
    wanted = [("loop", shape, *one) for shape in sorted(LOOPS) for one in (*plain, ("mixed", 1))]
    wanted += [("honest", shape, *one) for shape in sorted(HONEST) for one in plain]
    labels = [build(out, kind, shape, variant, n, shape in closed) for kind, shape, variant, n in wanted]
    with (out / LABELS).open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(label)}\n" for label in labels)
    return labels


def digest(out: Path) -> str:
    """SHA-256 of the names and bytes of all files: tells whether a change of this code has changed what it writes."""
    found = hashlib.sha256()
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(out).as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judge.incidents.generate", description=__doc__)
    parser.add_argument("out", type=Path, help="a new folder, for about 40 MB")
    out = parser.parse_args(argv).out
    out.mkdir(parents=True)
    labels = generate(out)
    calls = sorted(label["calls"] for label in labels)
    print(f"{len(labels)} transcripts of {calls[0]} to {calls[-1]} calls, median {calls[len(calls) // 2]}")
    for name in FORMATS:
        print(f"{name}: {sum(label['format'] == name for label in labels)}")
    print(f"digest: {digest(out)}")


if __name__ == "__main__":
    main()
