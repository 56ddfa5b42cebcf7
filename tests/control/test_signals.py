"""Signals reach the intended process or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.waiting import PATIENCE_S, until
from tui.agents.process import identity
from tui.control.routes.signals import (
    SignalRefused,
    Target,
    freeze,
    interrupt,
    is_alive,
    terminate,
    tree,
    unfreeze,
    wait_for_end,
)

COUNTER = "import time,sys,pathlib\np=pathlib.Path(sys.argv[1])\nn=0\nwhile True:\n n+=1\n p.write_text(str(n))\n time.sleep(0.01)\n"


def target(process: subprocess.Popen) -> Target:
    start = identity(process.pid)
    assert start is not None
    return Target(process.pid, start)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[tuple[subprocess.Popen, Path]]:
    """A process with a child in a session of its own; the child counts in a file."""
    file = tmp_path / "count"
    inner = f"import subprocess,sys,time\nsubprocess.Popen([sys.executable,'-c',{COUNTER!r},{str(file)!r}],start_new_session=True)\ntime.sleep(600)\n"
    process = subprocess.Popen([sys.executable, "-c", inner], start_new_session=True, stdin=subprocess.DEVNULL)
    until(lambda: file.exists() and psutil.Process(process.pid).children())
    (child,) = psutil.Process(process.pid).children()
    yield process, file
    for pid in (child.pid, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def stands_still(file: Path) -> bool:
    before = file.read_text()
    time.sleep(0.15)
    return file.read_text() == before


def test_interrupt_and_terminate(sleeper):
    aim = target(sleeper)
    assert is_alive(aim)
    interrupt(aim)
    assert sleeper.wait(PATIENCE_S) == -signal.SIGINT
    assert wait_for_end(aim, 0)
    with pytest.raises(SignalRefused, match="gone"):
        terminate(aim)


def test_a_stopped_process_is_terminated_too(sleeper):
    os.kill(sleeper.pid, signal.SIGSTOP)
    terminate(target(sleeper))
    assert sleeper.wait(PATIENCE_S) == -signal.SIGTERM


def test_a_reused_pid_gets_no_signal(sleeper):
    stranger = Target(sleeper.pid, "1@another boot")
    for act in (interrupt, terminate, freeze):
        with pytest.raises(SignalRefused, match="another"):
            act(stranger)
    assert not is_alive(stranger)
    assert sleeper.poll() is None
    assert psutil.Process(sleeper.pid).status() != psutil.STATUS_STOPPED


def test_lanewatch_and_its_parents_get_no_signal():
    for pid in (0, 1, os.getpid(), os.getppid()):
        with pytest.raises(SignalRefused):
            interrupt(Target(pid, identity(pid) or ""))


def test_freeze_stops_and_unfreeze_continues_the_whole_process_tree(counter):
    process, file = counter
    frozen = freeze(target(process))
    until(lambda: stands_still(file))
    assert len(frozen.members) == len(tree(target(process))) == 2
    unfreeze(frozen)
    until(lambda: not stands_still(file))
    assert frozen.watchdog.poll() == 0


def test_a_freeze_ends_by_itself(counter):
    process, file = counter
    frozen = freeze(target(process), seconds=0.3)
    assert frozen.watchdog.wait(PATIENCE_S) == 0
    until(lambda: not stands_still(file))


def test_a_freeze_ends_when_its_lanewatch_is_killed(counter):
    process, file = counter
    aim = target(process)
    code = f"from tui.control.routes.signals import *\nfreeze(Target({aim.pid},{aim.start!r}))\nprint('frozen',flush=True)\nimport time\ntime.sleep(600)\n"
    freezer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert freezer.stdout.readline().strip() == "frozen"
    until(lambda: stands_still(file))
    freezer.kill()
    freezer.wait()
    freezer.stdout.close()
    until(lambda: not stands_still(file))
