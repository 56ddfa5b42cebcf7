"""`lanewatch logs`: a lane's conversation in the shell."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.conversation.test_conversation import CLAUDE, SAMPLES
from tests.waiting import PATIENCE_S
from tui.cli.main import main

CODEX_LANE = "codex:4c9473aa"


def logs(capsys, *words: str) -> str:
    assert main(["logs", *words]) == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def test_a_lane_is_found_by_a_part_of_its_id(capsys):
    text = logs(capsys, "4c9473aa", "--in", str(SAMPLES))
    assert "S090: prove the operator action swap-vessel" in text
    assert "▸ exec_command  go test -run TestEnvelopeSwapVessel" in text
    assert "+ // SwapVessel runs in the envelope." in text


def test_a_transcript_is_read_by_its_path(capsys):
    assert "▌ person" in logs(capsys, str(CLAUDE))


def test_the_tail_is_the_end_of_the_whole(capsys):
    whole = logs(capsys, str(CLAUDE), "--json").splitlines()
    assert logs(capsys, str(CLAUDE), "--json", "--tail", "5").splitlines() == whole[-5:]
    assert logs(capsys, str(CLAUDE), "--json", "--tail", "0") == ""
    assert logs(capsys, str(CLAUDE), "--json", "--tail", "100000").splitlines() == whole


def test_errors_alone(capsys):
    for line in logs(capsys, "7d90c18f", "--in", str(SAMPLES), "--errors", "--json").splitlines():
        assert json.loads(line)["failed"] is True


def test_since_a_time(capsys):
    rows = [json.loads(line) for line in logs(capsys, str(CLAUDE), "--json").splitlines()]
    middle = rows[len(rows) // 2]["at"]
    later = [json.loads(line) for line in logs(capsys, str(CLAUDE), "--json", "--since", middle).splitlines()]
    assert later
    assert [row["offset"] for row in later] == [row["offset"] for row in rows if row["at"] >= middle]


def test_whole_entries_are_not_shortened(capsys):
    usual, whole = logs(capsys, str(CLAUDE)), logs(capsys, str(CLAUDE), "--whole")
    assert len(whole) > len(usual)
    assert "more lines" not in whole


@pytest.mark.parametrize("words", [("nothing-like-this", "--in", str(SAMPLES)), (str(SAMPLES / "expected.json"),)])
def test_what_cannot_be_read_is_one_line(capsys, words):
    assert main(["logs", *words]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1


def test_a_negative_tail_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["logs", str(CLAUDE), "--tail", "-1"])
    assert ended.value.code == 2
    assert "--tail" in capsys.readouterr().err


def test_it_follows_until_it_is_interrupted(tmp_path):
    path = tmp_path / CLAUDE.name
    lines = CLAUDE.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-6]))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "logs", str(path), "-f", "--tail", "1", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    with path.open("ab") as file:
        file.write(b"".join(lines[-6:]))
    row = json.loads(process.stdout.readline())
    assert row["offset"] >= len(b"".join(lines[:-6]))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, 130)


def test_a_tail_does_not_read_the_whole_file(tmp_path, capsys, monkeypatch):
    from tui.conversation.line_file import LineFile

    path = tmp_path / CLAUDE.name
    with path.open("wb") as file:
        for _ in range(160):
            with CLAUDE.open("rb") as sample:
                shutil.copyfileobj(sample, file)
    read = []
    whole = LineFile._read
    monkeypatch.setattr(
        LineFile, "_read", lambda self, offset, length: read.append(length) or whole(self, offset, length)
    )
    logs(capsys, str(path), "--tail", "3")
    assert sum(read) < path.stat().st_size / 4


def test_a_compressed_transcript_is_read_by_its_path(tmp_path, capsys):
    import zstandard

    packed = tmp_path / f"{CLAUDE.name}.zst"
    packed.write_bytes(zstandard.compress(CLAUDE.read_bytes()))
    assert logs(capsys, str(packed), "--json") == logs(capsys, str(CLAUDE), "--json")


def test_a_reader_that_ends_early_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "logs", str(CLAUDE)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""


def test_following_goes_on_with_the_file_that_takes_the_place(tmp_path):
    path = tmp_path / CLAUDE.name
    lines = CLAUDE.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:20]))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "logs", str(path), "-f", "--tail", "1", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    other = tmp_path / "other"
    other.write_bytes(b"".join(lines[:5]))
    other.replace(path)
    assert json.loads(process.stdout.readline())["offset"] < len(b"".join(lines[:5]))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert "the transcript was replaced" in err


def test_following_ends_with_a_reason_when_a_pipe_takes_the_place(tmp_path):
    path = tmp_path / CLAUDE.name
    shutil.copy(CLAUDE, path)
    command = [sys.executable, "-m", "tui", "logs", str(path), "-f", "--tail", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "pipe").replace(path)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert errors.count("\n") == 1
    assert "the transcript was replaced, and what has its name cannot be read" in errors
    assert "a named pipe, not a file" in errors
