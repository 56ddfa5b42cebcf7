"""Commands of the user are run with checked values, without a shell, and told in the audit log."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fleets import lane as make_lane
from tests.waiting import PATIENCE_S, until
from tui.control import audit
from tui.control.command_run import TAIL_BYTES, CommandLog, NotRun, in_background, in_tmux, on_screen, prepared
from tui.control.folder import ControlFolder
from tui.control.user_commands import UserCommand
from tui.model.snapshot import Lane

SHOW = ("-c", "import sys; print(sys.argv[1:])")
"""Arguments of Python that print the words that follow."""
HOSTILE = ("-rf", "--help", "; touch x", "$(touch x)", "`touch x`", "a b", "x\n-y", "#(touch x)", "x;", "'\"")


def command(*argv: str, **settings: object) -> UserCommand:
    return UserCommand("mine", "L", (sys.executable, *argv), **settings)  # type: ignore[arg-type]


@pytest.fixture
def lane(tmp_path: Path) -> Lane:
    transcript = tmp_path / "a.jsonl"
    transcript.write_text("{}\n")
    folder = tmp_path / "work"
    folder.mkdir()
    return replace(make_lane("5f0c21aa"), path=str(transcript), cwd=str(folder), session="5f0c-21", recording="")


def words(lane: Lane, *argv: str) -> str:
    """The words that a program receives."""
    ready = prepared(command(*SHOW, *argv), lane)
    return asyncio.run(in_background(ready)).output.strip()


def test_each_value_is_one_word(lane: Lane):
    assert words(lane, "{id}", "{session}", "{transcript}", "--at={folder}") == str(
        [lane.id, "5f0c-21", lane.path, f"--at={lane.cwd}"]
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_folder_with_a_hostile_name_is_one_word_and_runs_nothing(lane: Lane, tmp_path: Path, name: str):
    folder = tmp_path / name
    folder.mkdir()
    hostile = replace(lane, cwd=str(folder))
    if not str(folder).isprintable() or any(sign in name for sign in "$`;'"):
        with pytest.raises(NotRun, match="is not passed on"):
            prepared(command("{folder}"), hostile)
        return
    assert words(hostile, "{folder}") == str([str(folder)])
    assert not list(tmp_path.rglob("x"))


def test_a_folder_within_a_word_has_no_sign_of_code(lane: Lane, tmp_path: Path):
    """Such a word is the code of another program: `ssh host "ls {folder}"`."""
    folder = tmp_path / "a b(c)"
    folder.mkdir()
    hostile = replace(lane, cwd=str(folder))
    assert prepared(command("{folder}"), hostile).argv[-1] == str(folder)
    with pytest.raises(NotRun, match="within a word"):
        prepared(command("ls {folder}"), hostile)


def test_a_relative_program_is_that_of_lanewatch_s_folder_and_never_of_the_lane_s(
    lane: Lane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("mine", "work"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "show").write_text(f"#!/bin/sh\necho {name}\n")
        (tmp_path / name / "show").chmod(0o755)
    monkeypatch.chdir(tmp_path / "mine")
    ready = prepared(UserCommand("mine", "L", ("./show",), in_folder=True), lane)
    assert asyncio.run(in_background(ready)).output.strip() == "mine"


@pytest.mark.parametrize(
    "cwd", ["-rf", "--upload-pack=x", "work", "", "~", "/nowhere/at/all", "/tmp/../etc", "/tmp/", "/x\x1b[31m", "/a\0b"]
)
def test_a_folder_that_is_not_a_plain_existing_path_is_refused(lane: Lane, cwd: str):
    with pytest.raises(NotRun):
        prepared(command("{folder}"), replace(lane, cwd=cwd))


def test_a_folder_of_somebody_else_is_refused(lane: Lane, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui.control.command_run.os.geteuid", lambda: os.stat(str(lane.cwd)).st_uid + 1)
    with pytest.raises(NotRun, match="belongs to somebody else"):
        prepared(command("{folder}"), lane)


def test_the_folder_of_a_recording_is_not_used(lane: Lane):
    with pytest.raises(NotRun, match="its folder is not used: a copy"):
        prepared(command("{folder}"), replace(lane, recording="a copy"))
    assert prepared(command("{transcript}"), replace(lane, recording="a copy")).argv[1] == lane.path


@pytest.mark.parametrize("session", [*HOSTILE, "", "a/b", "é"])
def test_a_session_id_with_other_characters_is_refused(lane: Lane, session: str):
    with pytest.raises(NotRun, match="has characters that are not passed on"):
        prepared(command("{session}"), replace(lane, session=session))


def test_a_transcript_must_be_a_file(lane: Lane, tmp_path: Path):
    for path in (str(tmp_path), str(tmp_path / "none"), "-x"):
        with pytest.raises(NotRun):
            prepared(command("{transcript}"), replace(lane, path=path))


def test_a_pane_must_be_known(lane: Lane):
    with pytest.raises(NotRun, match="its process is not known"):
        prepared(command("{pane}"), lane)


def test_a_program_that_is_not_installed_is_told(lane: Lane):
    with pytest.raises(NotRun, match="no-such-program is not installed"):
        prepared(UserCommand("mine", "L", ("no-such-program",)), lane)


def test_exit_code_folder_and_end_of_the_output_are_told(lane: Lane):
    code = f"import os; print('x' * {TAIL_BYTES}); print(os.getcwd()); raise SystemExit(3)"
    ended = asyncio.run(in_background(prepared(command("-c", code, in_folder=True), lane)))
    assert ended.code == 3
    assert ended.output.splitlines()[-1] == lane.cwd
    assert len(ended.output) <= TAIL_BYTES
    assert on_screen(prepared(command("-c", "raise SystemExit(4)"), lane)).code == 4


def test_the_audit_log_tells_what_is_run_before_it_is_and_its_result(lane: Lane, tmp_path: Path):
    folder = ControlFolder(tmp_path / "state")
    log = CommandLog(folder, lambda: 1_780_000_000.0)
    ready = prepared(command("{id}"), lane)
    order = log.begin(ready)
    (first,) = audit.read(folder)
    assert (first.verb, first.stage, first.lane, first.route) == ("run mine", "asked", lane.id, "background")
    assert first.words == f"'{sys.executable}' '{lane.id}'"
    assert log.end(ready, order, "done", "exit code 0") == ""
    assert [entry.stage for entry in audit.read(folder)] == ["asked", "done"]
    assert not audit.problems(folder)


def test_nothing_is_run_if_the_audit_log_cannot_be_written(lane: Lane, tmp_path: Path):
    (tmp_path / "state").write_text("no folder")
    with pytest.raises(NotRun):
        CommandLog(ControlFolder(tmp_path / "state"), time.time).begin(prepared(command("{id}"), lane))


class Server:
    """A tmux server of its own."""

    def __init__(self, home: Path, sockets: str) -> None:
        self._env = {
            "HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color",
            "TMUX_TMPDIR": sockets,
        }  # fmt: skip
        self("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sleep 600")
        self("set-option", "-g", "remain-on-exit", "on")

    def __call__(self, *args: str) -> str:
        return subprocess.run(
            ["tmux", *args], capture_output=True, text=True, check=True, timeout=PATIENCE_S, env=self._env
        ).stdout

    def run(self, args) -> str:
        return self(*args)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux here")
    with tempfile.TemporaryDirectory(prefix="lw-") as sockets:  # the path of a socket must be short
        made = Server(tmp_path, sockets)
        yield made
        made("kill-server")


@pytest.mark.tmux
@pytest.mark.parametrize("how", ["pane", "window"])
def test_tmux_passes_each_word_on_as_it_is(server: Server, lane: Lane, tmp_path: Path, how: str):
    seen = tmp_path / "seen"
    code = "import os, sys; open(sys.argv[1], 'w').write(repr((sys.argv[2:], os.getcwd())))"
    hostile = ("#(touch no)", "a b", "$(touch no)", ";", "x;", "#{{pane_id}}", "-r")
    ready = prepared(command("-c", code, str(seen), *hostile, "{folder}", run=how, in_folder=True), lane)
    pane = in_tmux(ready, server.run)
    assert pane.startswith("%")
    until(lambda: seen.exists() and seen.read_text(), "what it was given")
    assert seen.read_text() == repr(([*hostile[:5], "#{pane_id}", "-r", lane.cwd], lane.cwd))
    # A folder that tmux would take for more than a folder.
    folder = tmp_path / "#(touch no)"
    folder.mkdir()
    with pytest.raises(NotRun, match="which tmux would interpret"):
        in_tmux(prepared(command("-c", "", run=how, in_folder=True), replace(lane, cwd=str(folder))), server.run)
    assert not list(tmp_path.rglob("no"))


@pytest.mark.tmux
def test_a_program_without_arguments_meets_no_shell(server: Server, lane: Lane, tmp_path: Path):
    program = tmp_path / "my $(touch no) program"
    program.write_text(f"#!/bin/sh\necho ran > '{tmp_path}/seen'\n")
    program.chmod(0o755)
    in_tmux(prepared(UserCommand("mine", "L", (str(program),), run="pane"), lane), server.run)
    until((tmp_path / "seen").exists, "its run")
    assert not list(tmp_path.rglob("no"))
