"""`lanewatch usage`: the same figures as `lanes`, with the index, without it, and when it is not there yet."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.commands import ROOT, lanewatch
from tui.text.cell_width import width

MORNING = ROOT / "sample_logs" / "morning"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample logs of a morning."""
    made = tmp_path_factory.mktemp("home")
    shutil.copytree(MORNING / "claude", made / ".claude")
    shutil.copytree(MORNING / "codex", made / ".codex")
    return made


def usage(home: Path, *args: str, **env: str) -> str:
    cache = str(home / "cache")
    done = lanewatch("usage", *args, home=home, **{"XDG_CACHE_HOME": cache, "TZ": "UTC", **env})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_figures_are_those_of_lanes_in_all_ways_of_reading(home: Path):
    lanes = json.loads(lanewatch("lanes", "--since", "all", "--json", home=home).stdout)
    cold = usage(home, "--json")
    assert [path.suffix for path in sorted((home / "cache" / "lanewatch").glob("*.usage"))] == [".usage"]
    assert usage(home, "--json") == usage(home, "--json", "--no-index") == cold
    found = json.loads(cold)
    assert found["total"]["usage"] == lanes["totals"]
    assert found["total"]["cost"]["usd"] == pytest.approx(lanes["cost"]["usd"])
    by_project: dict[str, int] = {}
    for lane in lanes["lanes"]:
        by_project[lane["project"]] = by_project.get(lane["project"], 0) + lane["usage"]["total"]
    rows = json.loads(usage(home, "--json", "--by", "project"))["rows"]
    assert {row["project"]: row["usage"]["total"] for row in rows} == {
        name: sum_ for name, sum_ in by_project.items() if sum_
    }
    rows = json.loads(usage(home, "--json", "--by", "lane"))["rows"]
    used = {(lane["session"], lane["usage"]["total"]) for lane in lanes["lanes"] if lane["usage"]["total"]}
    assert {(row["session"], row["usage"]["total"]) for row in rows} == used


def test_csv_holds_the_rows_of_json(home: Path):
    rows = json.loads(usage(home, "--json", "--per", "month", "--by", "model"))["rows"]
    told = list(csv.DictReader(io.StringIO(usage(home, "--csv", "--per", "month", "--by", "model"))))
    assert [(row["start"], row["group"], int(row["total"])) for row in told] == [
        (row["start"], row["model"], row["usage"]["total"]) for row in rows
    ]


@pytest.mark.parametrize("cells", [40, 80, 120, 200])
def test_the_table_fits_its_width(home: Path, cells: int):
    for args in ((), ("--per", "week", "--by", "model"), ("--by", "lane")):
        lines = usage(home, *args, COLUMNS=str(cells)).splitlines()
        assert max(map(width, lines)) <= max(cells, 62), lines
        assert lines[-1].startswith(("total", "≥")), lines


def test_times_limit_the_calls(home: Path):
    everything = json.loads(usage(home, "--json"))
    first = everything["rows"][0]["start"]
    assert json.loads(usage(home, "--json", "--until", first))["rows"] == []
    assert json.loads(usage(home, "--json", "--since", first))["total"] == everything["total"]
    assert usage(home, "--until", first) == "nothing was used in this time\n"


def test_a_named_path_keeps_no_index(home: Path):
    before = sorted(os.listdir(home / "cache" / "lanewatch")) if (home / "cache" / "lanewatch").exists() else []
    assert json.loads(usage(home, str(MORNING), "--json"))["total"]["calls"] > 0
    assert sorted(os.listdir(home / "cache" / "lanewatch")) == before


def test_json_and_csv_exclude_each_other(home: Path):
    assert lanewatch("usage", "--json", "--csv", home=home).returncode == 2
    wrong = lanewatch("usage", "--since", "soon", home=home)
    assert (wrong.returncode, wrong.stderr.startswith("lanewatch: --since soon: ")) == (1, True)
