"""`lanewatch budgets`: the figures of `usage` beside what is allowed, from the configuration and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_usage import home, usage
from tests.commands import lanewatch

__all__ = ["home"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("config") / "config.toml"
    file.write_text(
        '[[budget]]\nlimit = "1B"\nper = "ever"\n[[budget]]\nlimit = "$1"\nof = "project:*"\nper = "ever"\n'
    )
    return file


def budgets(home: Path, *args: str):
    env = {"XDG_CACHE_HOME": str(home / "cache"), "TZ": "UTC"}
    return lanewatch("budgets", *args, home=home, **env)


def test_budgets_have_the_figures_of_usage(home: Path, config: Path):
    done = budgets(home, "--config", str(config), "--json")
    assert done.stderr == ""
    whole, *projects = json.loads(done.stdout)["budgets"]
    total = json.loads(usage(home, "--json"))["total"]
    assert (whole["used"], whole["calls"]) == (total["usage"]["total"], total["calls"])
    assert whole["left"] == 10**9 - whole["used"]
    rows = json.loads(usage(home, "--json", "--by", "project"))["rows"]
    assert {one["owner"]: one["used"] for one in projects} == {
        row["project"]: pytest.approx(row["cost"]["usd"], abs=1e-6) for row in rows
    }
    assert [one["share"] for one in projects] == sorted((one["share"] for one in projects), reverse=True)


def test_the_exit_code_says_whether_one_is_used_up(home: Path):
    assert budgets(home, "--budget", "1T/ever").returncode == 0
    done = budgets(home, "--budget", "1T/ever", "--budget", "1k/ever")
    assert done.returncode == 1
    assert " over\n" in done.stdout


def test_the_command_line_replaces_the_same_budget(home: Path, config: Path):
    done = budgets(home, "--config", str(config), "--budget", "2B/ever", "--json")
    found = json.loads(done.stdout)["budgets"]
    assert [one["limit"] for one in found if one["of"] == "all"] == [2 * 10**9]


def test_named_paths_count_alone(home: Path):
    done = budgets(home, str(home / ".codex"), "--budget", "1T/ever", "--json")
    [one] = json.loads(done.stdout)["budgets"]
    rows = json.loads(usage(home, "--json", "--by", "agent"))["rows"]
    assert one["used"] == next(row["usage"]["total"] for row in rows if row["agent"] == "codex")


def test_a_wrong_budget_is_refused(home: Path):
    done = budgets(home, "--budget", "5X")
    assert done.returncode == 2
    assert "expected a size such as" in done.stderr


def test_without_budgets_it_says_how_to_set_one(home: Path):
    done = budgets(home)
    assert (done.returncode, done.stdout.startswith("no budgets: add [[budget]]")) == (0, True)
