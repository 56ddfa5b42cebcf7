"""Faults on real clients: disks that are full or read-only, and `kill -9` of each side. Nobody stays held."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.lanes import (
    Home,
    Lane,
    claude_headless,
    claude_tui,
    codex_exec,
    heard,
    heard_at_least,
)
from tests.clients.model_server import CLOSEOUT
from tests.waiting import until

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root may mount a small disk"),
]
LOOP = "go {{calls=400 wait=0.2 background=2}}"


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """The state folder on a disk of half a megabyte."""
    place = home / ".local" / "state" / "lanewatch"
    place.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


def goes_on() -> None:
    heard_at_least(len(heard()) + 2)


def stands_still() -> None:
    before = len(heard())
    time.sleep(1.5)
    assert len(heard()) == before, "a request reached the model while the lane was held"


def killed(home: Home, *args: str) -> None:
    """A verb whose lanewatch is killed as soon as it has asked the gate."""
    known = set((home.state / "requests").rglob("*.json"))
    process = home.begin(*args)
    until(lambda: set((home.state / "requests").rglob("*.json")) - known, f"what {args[0]} asks")
    process.kill()
    process.communicate()


def words_of(order: dict) -> str:
    return " ".join(step["words"] for step in order["steps"])


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_nobody_stays_held(request, home, model, small_disk, agent):
    program = request.getfixturevalue(agent)
    place = Home(home, model)
    place.lanewatch("install", agent)
    client = claude_headless(program, place, LOOP) if agent == "claude" else codex_exec(program, place, LOOP)
    try:
        heard_at_least(4)
        _full_and_read_only(place, client, small_disk)
        if agent == "claude":
            _killed_on_our_side(place, client)
        _killed_on_its_side(place, client)
        if agent == "claude":
            # Somebody goes on with the session, and nothing holds that.
            args = [str(program), "-p", "go {{calls=1}}", "--resume", client.session, "--allowedTools", "Bash"]
            done = subprocess.run(args, cwd=place.work, env=place.env, capture_output=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
        assert "the log is complete" in place.lanewatch("audit", "--verify")
    finally:
        if client.process.poll() is None:
            client.process.kill()
        client.process.communicate()


def _full_and_read_only(home: Home, client: Lane, disk: Path) -> None:
    paused = home.order("pause", client.session, "--wait")
    assert paused["stage"] == "took effect"
    if paused["lane"].startswith("claude"):
        assert "1 command in the background continues (sleep)" in words_of(paused)
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass
    stands_still()
    resumed = home.order("resume", client.session, "--wait")
    assert resumed["stage"] == "took effect", resumed
    assert "No space left on device; it is carried out all the same" in words_of(resumed)
    goes_on()
    (disk / "filler").unlink()
    paused = home.order("pause", client.session, "--wait")
    assert paused["stage"] == "took effect", paused
    acks = home.state / "acks" / f"{paused['id']}.jsonl"
    remount(disk, "ro")
    goes_on()
    refused = home.order("pause", client.session, code=1)
    assert "cannot be written: Read-only file system" in words_of(refused)
    resumed = home.order("resume", client.session, code=4)
    assert resumed["stage"] == "overdue", resumed
    assert "takes effect again once it can" in words_of(resumed)
    assert "cannot be removed: Read-only file system" in words_of(resumed)
    (lane,) = home.lanes()
    assert lane["state"] not in ("paused", "pausing"), lane
    before = acks.read_bytes()
    remount(disk, "rw")
    until(lambda: b'"held"' in acks.read_bytes().removeprefix(before), "the hold that the request asks for")
    os.kill(json.loads(acks.read_bytes().splitlines()[-1])["pid"], signal.SIGKILL)
    resumed = home.order("resume", client.session, "--wait")
    assert resumed["stage"] == "took effect", resumed
    goes_on()


def _killed_on_our_side(home: Home, client: Lane) -> None:
    """The lanewatch in a pause and in a close; the gate was killed before."""
    killed(home, "pause", client.session, "--wait")
    assert home.order("resume", client.session, "--wait")["stage"] == "took effect"
    killed(home, "close", client.session, "--text", "Write what you have.")
    lifted = home.order("resume", client.session, "--wait")
    assert "its close is undone" in words_of(lifted)
    goes_on()


def _killed_on_its_side(home: Home, client: Lane) -> None:
    """The client, while it is paused. It is a zombie until somebody looks."""
    assert home.order("pause", client.session, "--wait")["stage"] == "took effect"
    client.process.kill()
    until(lambda: home.lanes()[0]["state"] == "ended", "its end, told")
    refused = home.order("resume", client.session, code=1)
    assert refused["steps"][-1]["words"] == "already ended"
    assert not list((home.state / "requests").rglob("*.json"))


def test_a_lane_that_a_person_went_on_with_is_not_ended_and_one_whose_terminal_went_has_ended(claude, home, model):
    """The lanewatch of a close is killed, and the next one finds a prompt; then tmux itself is killed while it holds."""
    place = Home(home, model)
    place.lanewatch("install", "claude")
    pane, session = claude_tui(claude, place, "go {{calls=40 wait=0.5}}")
    place.extra["TMUX_TMPDIR"] = str(home)
    try:
        heard_at_least(2)
        killed(place, "close", session)
        pane.shows(CLOSEOUT[:30])
        before = len(heard())
        pane.type("What is left to do?")
        heard_at_least(before + 1)
        paused = place.order("pause", session, "--wait")
        assert paused["stage"] == "took effect", paused
        assert place.order("resume", session, "--wait")["stage"] == "took effect"
        story = place.lanewatch("audit")
        assert "a person has given it a prompt since" in story
        assert "/exit to pane" not in story
        assert not list((place.state / "requests").rglob("*.json"))
        pane.type("And then?")
        heard_at_least(before + 2)
        assert place.order("pause", session, "--wait")["stage"] == "took effect"
        pane.close()
        until(lambda: place.lanes()[0]["state"] == "ended", "its end, told")
        refused = place.order("resume", session, code=1)
        assert refused["steps"][-1]["words"] == "already ended"
        for part in ("requests", "sessions", "wake"):
            assert not list((place.state / part).iterdir()), part
    finally:
        pane.close()
