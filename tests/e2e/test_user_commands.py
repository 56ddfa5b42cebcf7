"""The examples of docs/user-commands.md on a real terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.tmux import ROOT

pytestmark = pytest.mark.tmux

SESSION = "3f0e2a44-1f1b-4c7e-9a55-6a1d2b9c0d11"


def session(home: Path, folder: Path) -> None:
    """A live transcript of a session that works in the folder."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    file = home / ".claude" / "projects" / "p" / f"{SESSION}.jsonl"
    file.parent.mkdir(parents=True)
    line = {
        "type": "user", "uuid": "a", "parentUuid": None, "sessionId": SESSION, "timestamp": at, "cwd": str(folder),
        "version": "2.0.1", "isSidechain": False, "userType": "external",
        "message": {"role": "user", "content": "Paint the quay"},
    }  # fmt: skip
    file.write_text(json.dumps(line) + "\n")


def test_the_examples_of_the_docs(tmux, tmp_path: Path):
    folder = tmp_path / "a quay (touch no)"
    folder.mkdir()
    for args in (
        ["init", "-q"],
        ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *args], cwd=folder, check=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    (folder / "paint.txt").write_text("blue\n")
    subprocess.run(["git", "add", "-N", "."], cwd=folder, check=True)
    session(tmp_path, folder)
    text = (ROOT / "docs" / "user-commands.md").read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    program = json.dumps([sys.executable, "-m", "tui"])[1:-1]
    config = tmp_path / ".config" / "lanewatch" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(example[1].replace('"lanewatch"', program))

    screen = tmux(size=(140, 40))
    screen.shows("Paint the quay")
    screen.keys("W")
    screen.shows("size: exit code 0")
    screen.keys("D")
    screen.shows("+blue")
    screen.keys("q")
    screen.shows("diff: exit code 0")
    screen.keys("R")
    screen.until(lambda _: "beside: runs in pane %" in screen.run("capture-pane", "-p", "-t", "0.0"), "the new pane")
    assert len(screen.run("list-panes").splitlines()) == 2
    other = screen.run("list-panes", "-F", "#{pane_id}").split()[1]
    screen.until(lambda _: "Paint the quay" in screen.run("capture-pane", "-p", "-t", other), "the conversation beside")
    screen.run("select-pane", "-t", "0.0")
    screen.keys("-t", "0.0", "a")
    screen.until(lambda _: "run beside" in screen.run("capture-pane", "-p", "-t", "0.0"), "the audit log")
    assert not list(tmp_path.rglob("no"))
