"""Replay without a terminal: screenshots, asciicasts, what-if; and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.demo.samples import FOLDER
from tui.cli.main import main

LOOP = str(FOLDER / "loop")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_replay_without_a_terminal_names_the_alternatives(capsys):
    assert main(["replay", LOOP]) == 1
    assert "needs a terminal" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [["--speed", "0"], ["--speed", "fast"], ["--size", "9x9"], ["--at", "soon"], ["--at", "25:00"], ["--size", "120"]],
)
def test_wrong_options_are_usage_errors(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["replay", LOOP, *wrong])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_screenshot_at_a_time(home):
    file = home / "stop.svg"
    assert main(["replay", LOOP, "--at", "05:58:31", "--screenshot", str(file), "--size", "140x40"]) == 0
    assert file.stat().st_mode & 0o777 == 0o600, "for its owner alone, as a report"
    assert "@font-face" not in file.read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>|&#160;", " ", file.read_text("utf-8"))
    assert "2026-05-09 05:58:31" in re.sub(r"\s+", " ", text)
    whole = home / "whole.svg"
    assert main(["replay", LOOP, "--at", "2026-05-09T05:58:31Z", "--screenshot", str(whole), "--size", "140x40"]) == 0
    assert re.sub(r"<[^>]+>|&#160;", " ", whole.read_text("utf-8")) == text, "the same moment, whole"
    whole.unlink()
    assert [path.name for path in home.glob("*.svg")] == ["stop.svg"]


def test_an_asciicast_of_a_period(home):
    file = home / "loop.cast"
    args = ["--from", "2026-05-09T05:50:00Z", "--to", "2026-05-09T06:10:00Z", "--speed", "600", "--size", "100x30"]
    assert main(["replay", LOOP, "--cast", str(file), *args]) == 0
    head, *frames = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (head["version"], head["width"], head["height"]) == (2, 100, 30)
    times = [frame[0] for frame in frames]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(20 * 60 / 600 + 3, abs=0.3)
    assert "05:50:00" in frames[0][2]
    assert any("06:10:00" in frame[2] for frame in frames)


def test_a_screenshot_must_be_named_svg(home, capsys):
    assert main(["replay", LOOP, "--screenshot", str(home / "x.png")]) == 1
    assert "FILE.svg" in capsys.readouterr().err


def test_what_if_over_an_empty_folder_would_have_done_nothing(home, capsys):
    (home / "empty").mkdir()
    assert main(["what-if", str(home / "empty")]) == 0
    assert "it would have done nothing" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_reported(home, capsys):
    small = str(FOLDER / "findings" / "stop" / "raised")
    assert main(["replay", small, "--screenshot", str(home / "none" / "x.svg")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_what_if_with_a_policy(capsys):
    assert main(["what-if", LOOP, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (case,) = told["cases"]
    (act,) = case["acts"]
    assert (act["at"][:19], act["verb"]) == ("2026-05-09T05:58:30", "pause")
    assert "S088 to S091" in act["rule"]
    assert 0.93e9 < case["spent_after"]["usage"]["total"] < 0.94e9
    assert case["spent_after"]["cost_usd"] == pytest.approx(471.6, abs=1)
    assert "differently" in told["caveat"]


def test_what_if_with_a_policy_file_prints_words(home, capsys):
    policy = home / "policy.toml"
    policy.write_text('[policy]\nclose = ["low_novelty"]\nmin_severity = "warn"\nspare = ["nobody"]\n')
    assert main(["what-if", str(FOLDER / "findings" / "low_novelty" / "raised"), "--policy", str(policy)]) == 0
    out = capsys.readouterr().out
    assert "had this policy run: close on low_novelty" in out
    assert "it would have done nothing" not in out
    assert main(["what-if", str(FOLDER / "findings" / "stalled" / "quiet"), "--policy", str(policy)]) == 0
    assert "it would have done nothing" in capsys.readouterr().out


def test_a_wrong_policy_is_reported_in_one_line(home, capsys):
    policy = home / "policy.toml"
    policy.write_text("[policy]\npause = 3\n")
    assert main(["what-if", LOOP, "--policy", str(policy)]) == 1
    assert "policy.toml:2" in capsys.readouterr().err
