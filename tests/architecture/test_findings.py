"""Every registered kind of finding is declared whole, and one that is declared in a test alone is found everywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len

from tui.config.schema import Judge, Notify, Policy
from tui.judge.findings.base import WORDS_CELLS, FindingSpec, Setup
from tui.judge.findings.registry import all_findings, limit_groups, spec_of
from tui.judge.limits import Limits
from tui.ledger.prices import PriceTable
from tui.model.finding import FindingKind
from tui.settings.declare import settings_in

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_logs" / "findings"
OF_PROCESSES = {"detached"}
"""No log raises it: it depends on the clients that run."""
OF_SETTINGS = {"budget"}
"""No log raises it: it depends on what the user allows, over all history. `tests/budget` has what raises it and not."""
every_kind = pytest.mark.parametrize("spec", all_findings(), ids=lambda spec: spec.kind.value)


@every_kind
def test_a_kind_is_declared_whole(spec: FindingSpec):
    assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", spec.kind.value)
    assert spec_of(spec.kind) is spec
    assert 0 < cell_len(spec.words) <= WORDS_CELLS
    assert re.fullmatch(r"[A-Z][^.\n]+\.", spec.doc)
    assert list(spec.severities) == sorted(set(spec.severities), key=lambda one: one.rank)
    assert spec.severities


@every_kind
def test_a_kind_has_samples_or_is_marked_unproven(spec: FindingSpec):
    sides = {path.name for path in (SAMPLES / spec.kind.value).glob("*") if any(path.rglob("*.jsonl"))}
    assert sides == {"raised", "quiet"} or spec.is_unproven or spec.kind.value in OF_PROCESSES | OF_SETTINGS


@every_kind
def test_a_kind_can_be_turned_off_told_alone_and_acted_upon(spec: FindingSpec):
    for section, key in ((Judge, "off"), (Notify, "kinds"), (Policy, "pause"), (Policy, "close")):
        assert settings_in(section)[key].kind.read([spec.kind.value]) == (spec.kind.value,)


@every_kind
def test_a_new_detector_has_raised_nothing(spec: FindingSpec):
    if spec.detector is not None:
        assert spec.detector(Setup(Limits(), PriceTable({}, {}))).raised() == ()


def test_kinds_words_places_and_limits_are_told_apart():
    names = Counter(name for group in limit_groups() for name in settings_in(group))
    assert set(names.values()) == {1}
    assert all(spec.progress and spec.to_do for spec in all_findings())
    for part in ("kind", "words", "place"):
        assert len({getattr(spec, part) for spec in all_findings()}) == len(all_findings())
    assert set(FindingKind) <= {spec.kind for spec in all_findings()}


def test_a_new_finding_is_one_file(tmp_path: Path):
    command = [sys.executable, "-m", "tests.architecture.toy_finding", str(tmp_path)]
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "120"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for words in (found["findings"], found["kind"], found["explain"]):
        assert "apology" in words
        assert "said sorry 4 times" in words
        assert "what to do: redirect " in words
        assert "tell it to go on" in words
    (one,) = [one for one in found["json"]["findings"] if one["kind"] == "apology"]
    assert (one["severity"], one["key"], one["suggest"]) == ("warn", "apology", "redirect")
    for quiet in ("strict", "off"):
        assert "apology" not in [one["kind"] for one in found[quiet]["findings"]]
    assert 'did you mean "apology"' in found["wrong"]
    assert 'did you mean "apology"' in found["no such kind"]
    listed = [line for line in found["list"] if "said sorry 4 times" in line]
    assert len(listed) == 2, "in the list of the screen and in the notification"
    assert all("says sorry" in line for line in listed)
    assert "most_apologies = 2" in found["defaults"]
    assert "More than this many apologies are too many." in found["defaults"]
    assert all("apology" in script for script in found["completion"])
    for report in found["reports"]:
        assert "said sorry 4 times" in report
    assert '"apology"' in found["schema"]
    row = "| says sorry | `apology` | It apologizes again and again. | warn | `redirect` | not yet |"
    assert row in found["docs"]
    assert "| `most_apologies` | `2` | a whole number from 1 to 1000000 |" in found["docs"]
    assert found["docs"].count('"apology"') >= 4, "in the lists of kinds of judge, notify and policy"
    sys.stdout.write("\na new finding needs 1 production file\n")
