"""`lanewatch report` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.demo.samples import FOLDER
from tui.cli.main import main

LOOP = str(FOLDER / "loop")
MORNING = str(FOLDER / "morning")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        try:
            code = main(["report", *args])
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_markdown_on_standard_output(run):
    code, out, err = run(LOOP)
    assert (code, err) == (0, "")
    assert out.startswith("# Postmortem: harbor\n")
    assert "S091" in out


def test_the_ending_names_the_format(run, tmp_path: Path):
    assert run(MORNING, "-o", "a.json") == (0, "", "")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["kind"] == "report"
    assert run(MORNING, "-o", "a.md", "--title", "The morning") == (0, "", "")
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("# Postmortem: The morning\n")
    assert (tmp_path / "a.md").stat().st_mode & 0o077 == 0  # it quotes what agents read
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.md"]


def test_the_format_that_was_named_counts(run):
    _, out, _ = run(MORNING, "--format", "json", "-o", "-")
    assert json.loads(out)["schema"] == 1


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((MORNING, "-o", "a.pdf"), 1, "no format has this ending"),
        ((MORNING, "-o", "none/a.md"), 1, "cannot be written"),
        (("/nowhere/at/all",), 1, "/nowhere/at/all"),
        ((MORNING, "--format", "pdf"), 2, "invalid choice"),
        ((MORNING, "--from", "2026-05-10", "--to", "2026-05-09"), 2, "--from must lie before --to"),
        ((MORNING, "--from", "noon"), 2, "is not a time"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(run, args: tuple[str, ...], code: int, words: str):
    got, out, err = run(*args)
    assert (got, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_window(run):
    window = ("--from", "2026-05-09T06:00:00Z", "--to", "2026-05-09T07:00:00Z")
    _, out, _ = run(LOOP, "--format", "json", *window)
    head = json.loads(out)["head"]
    assert head["window"]["asked_from"] == "2026-05-09T06:00:00.000Z"
    assert "2026-05-09T06:00" <= head["window"]["start"] < head["window"]["end"] <= "2026-05-09T07:00:00.000Z"


def test_without_agents_it_says_so(run):
    code, out, _ = run()
    assert code == 0
    assert "No agent did anything here." in out


def test_the_schema(run):
    code, out, _ = run("--schema")
    assert code == 0
    assert json.loads(out)["title"] == "lanewatch report, schema 1"


def test_it_is_the_same_each_time(run):
    assert run(MORNING) == run(MORNING)
