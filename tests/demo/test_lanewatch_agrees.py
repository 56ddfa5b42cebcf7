"""`lanewatch lanes` says of the samples what the independent count says, before and after the demo moved them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.commands import lanewatch
from tests.demo.samples import SAMPLES, counting, logs
from tui.cli.demo_writer import plan

COLUMNS = ("input", "cache_read", "cache_write", "output", "total", "fresh")


def lanes_of(folder: Path, home: Path) -> dict[str, Any]:
    done = lanewatch("lanes", str(folder), "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def figures(lanes: list[dict[str, int]]) -> list[tuple[int, ...]]:
    return sorted(tuple(lane[column] for column in COLUMNS) for lane in lanes)


def test_of_the_samples(tmp_path: Path):
    said = lanes_of(SAMPLES, tmp_path)
    counted = counting().count(SAMPLES)
    assert said["skipped"] == {"lines": 0, "files": []}
    assert figures([lane["usage"] for lane in said["lanes"]]) == figures(list(counted["lanes"].values()))
    assert {column: said["totals"][column] for column in COLUMNS} == {
        column: counted["total"][column] for column in COLUMNS
    }


def test_of_the_demo(tmp_path: Path):
    start = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
    for line in plan(logs(), start):
        path = tmp_path / line.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(line.data)
    said, recorded = lanes_of(tmp_path, tmp_path), lanes_of(SAMPLES, tmp_path)
    assert said["skipped"] == {"lines": 0, "files": []}
    for key in ("id", "title", "parent", "usage", "context"):
        assert sorted(str(lane[key]) for lane in said["lanes"]) == sorted(str(lane[key]) for lane in recorded["lanes"])
