"""The loop and the two folders of each finding: their lines, their figures, and what is said about them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.demo.samples import FOLDER, Record, counting
from tui.cli.common import Common
from tui.cli.lanes import read_once
from tui.cli.main import main
from tui.judge.findings.registry import kind_names, spec_of

STATED: dict[str, Record] = json.loads((FOLDER / "expected_findings.json").read_text(encoding="utf-8"))
CASES = sorted(STATED)
KINDS = {*kind_names()}
FOLDERS = ("loop", "findings")


def transcripts(folder: str) -> dict[str, bytes]:
    """Transcripts below one of the samples' folders, by their path."""
    found = sorted((FOLDER / folder).rglob("*.jsonl"))
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in found}


def records(data: bytes) -> list[Record]:
    return [json.loads(line) for line in data.splitlines()]


# -- the files ----------------------------------------------------------------------------------------


def test_each_kind_with_samples_has_a_raised_and_a_quiet_folder():
    # `tests/architecture/test_findings.py` says which kinds must have samples.
    folders = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("findings/*/*")}
    kinds = {folder.split("/")[1] for folder in folders}
    assert kinds <= KINDS
    assert folders == {f"findings/{kind}/{side}" for kind in kinds for side in ("raised", "quiet")}
    assert folders == set(CASES) - {"loop"}


def test_each_kind_with_samples_has_its_row_in_the_readme():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| [^|\n]+ \| [^|\n]+ \|$", page)
    assert sorted(rows) == sorted(path.name for path in FOLDER.glob("findings/*") if path.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_what_is_stated_names_its_own_kind_or_nothing(case: str):
    stated = STATED[case]
    kinds = {one["kind"] for one in stated["raised"]}
    if case.endswith("/quiet"):
        assert (kinds, stated["also_allowed"]) == (set(), [])
    elif case != "loop":
        assert kinds == {case.split("/")[1]}
    assert set(stated["also_allowed"]) <= KINDS
    assert stated["at"] >= max(
        line["timestamp"] for data in transcripts(case).values() for line in records(data) if "timestamp" in line
    )


def test_they_are_small():
    sizes = {case: sum(map(len, transcripts(case).values())) for case in CASES}
    assert max(size for case, size in sizes.items() if case != "loop") < 180_000
    assert sum(sizes.values()) < 6_000_000


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_line_is_an_object_and_time_never_runs_back(folder: str):
    for path, data in transcripts(folder).items():
        assert data.endswith(b"\n")
        lines = records(data)
        assert all(isinstance(line, dict) for line in lines), path
        times = [datetime.fromisoformat(line["timestamp"]) for line in lines if "timestamp" in line]
        assert times == sorted(times), path


@pytest.mark.parametrize("folder", FOLDERS)
def test_they_name_nobody_and_no_machine(folder: str):
    everything = b"\n".join(transcripts(folder).values())
    assert set(re.findall(rb"/home/(\w+)/", everything)) == {b"mara"}
    assert set(re.findall(rb"https?://([\w.-]+)", everything)) <= {b"127.0.0.1"}


# -- the figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_count_is_what_is_expected(folder: str):
    expected = json.loads((FOLDER / folder / "expected.json").read_text(encoding="utf-8"))
    assert counting().count(FOLDER / folder) == expected


def test_the_count_is_what_the_writers_spent():
    code = "import json, make_samples;print(json.dumps({lane.path: vars(lane.spent) for lane in make_samples.lanes()}))"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=FOLDER, check=True, capture_output=True, text=True)
    spent: dict[str, Any] = json.loads(done.stdout)
    for folder in FOLDERS:
        for path, lane in counting().count(FOLDER / folder)["lanes"].items():
            meant = spent[f"{folder}/{path}"]
            for column in ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "calls"):
                assert lane[column] == meant[column], (path, column)


@pytest.mark.parametrize("folder", FOLDERS)
def test_lanewatch_counts_the_same(folder: str, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    main(("lanes", str(FOLDER / folder), "--json"))
    said = json.loads(capsys.readouterr().out)
    total = counting().count(FOLDER / folder)["total"]
    columns = ("input", "cache_read", "cache_write", "output", "total", "fresh")
    assert {column: said["totals"][column] for column in columns} == {column: total[column] for column in columns}


# -- what lanewatch says ------------------------------------------------------------------------------


def said_of(case: str, config: Path) -> set[tuple[str, str | None]]:
    """Kind and lane of what holds at the stated time, under the stated configuration."""
    stated = STATED[case]
    limits = "".join(f"{name} = {value}\n" for name, value in stated.get("judge", {}).items())
    config.write_text(f"[judge]\n{limits}", encoding="utf-8")
    at = datetime.fromisoformat(stated["at"]).timestamp()
    fleet = read_once(Common((str(FOLDER / case),), None, str(config)), at)
    assert fleet.lanes
    assert fleet.skipped_lines == 0
    for finding in fleet.findings:
        assert finding.severity in spec_of(finding.kind).severities
    return {(finding.kind.value, finding.lane) for finding in fleet.findings}


@pytest.mark.parametrize("case", CASES)
def test_what_must_be_said_is_said_and_nothing_else(case: str, tmp_path: Path):
    stated = STATED[case]
    said = said_of(case, tmp_path / "lanewatch.toml")
    must = {(one["kind"], one["lane"]) for one in stated["raised"]}
    allowed = {(kind, lane) for kind in stated["also_allowed"] for _, lane in must}
    assert must - said == set()
    assert said - must - allowed == set()
