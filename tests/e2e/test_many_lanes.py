"""Many lanes, each a process that asks the gate, paused by one key in the real screen."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S
from tui.control.folder import ControlFolder
from tui.control.gate.place import place

pytestmark = pytest.mark.tmux
LANES = 20
"""`tests/control/test_service.py` pauses fifty, without a screen."""


def test_many_lanes_are_paused_by_one_key(tmux, tmp_path: Path, capsys):
    folder = ControlFolder(tmp_path / ".local" / "state" / "lanewatch")
    place(folder)
    gate = str(folder.path / "gate" / "gate.sh")
    workers = [
        subprocess.Popen([sys.executable, "-m", "tui.agents.claude.demo_worker", str(tmp_path), gate, "work"], stdin=subprocess.DEVNULL)
        for _ in range(LANES)
    ]  # fmt: skip
    try:
        screen = tmux(size=(160, 60))
        screen.shows(f"{LANES} working")
        screen.keys("*")
        screen.shows(f"marked {LANES}")
        screen.keys("p")
        assert "refused" not in screen.shows(f"pause {LANES} lanes")
        time.sleep(0.4)  # the question takes no answer in its first moment
        began = time.monotonic()
        screen.keys("Enter")
        screen.shows(f"{LANES} paused")
        took = time.monotonic() - began
        with capsys.disabled():
            print(
                f"\n{LANES} lanes seen to hold {took:.1f} s after the key (each works for up to 2 s between two gates)"
            )
        screen.keys("*")
        screen.keys("r")
        screen.shows(f"resume {LANES} lanes")
        time.sleep(0.4)
        screen.keys("Enter")
        screen.shows(f"{LANES} working")
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(PATIENCE_S)
