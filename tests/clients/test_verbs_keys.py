"""The verbs by keystroke: the real screen in a real tmux over real clients in mid-loop."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.lanes import Home, Lane, at_rest, gated, heard
from tests.clients.model_server import CLOSEOUT
from tests.clients.test_verbs_shell import PAUSE_S, tokens_of
from tests.e2e.tmux import Tmux
from tests.waiting import PATIENCE_S, until

LOOP = "go {{calls=12 wait=1}}"
pytestmark = [pytest.mark.clients, pytest.mark.tmux]


@pytest.fixture(params=["claude", "codex"])
def cockpit(request, home: Path, model: int) -> Iterator[tuple[Home, Lane, Tmux]]:
    """A client in mid-loop, and the screen that shows it."""
    with gated(request, home, model, LOOP, 2) as (place, begun):
        screen = Tmux(home, (140, 40))
        screen.start()
        screen.shows("working")
        screen.shows("routes gate")
        yield place, begun, screen
        screen.close()


def test_pause_resume_and_close_by_keys(cockpit):
    home, client, screen = cockpit
    screen.keys("p")
    screen.shows("paused")
    before = len(heard())
    time.sleep(PAUSE_S)
    assert len(heard()) == before, "a request reached the model while the screen said paused"
    screen.keys("r")
    screen.until(lambda text: "paused" not in text.splitlines()[3], "it goes on")
    client.output()
    assert client.process.returncode == 0
    assert len(heard()) == 13
    (found,) = home.lanes()
    assert found["usage"]["total"] == tokens_of(found["agent"], 13)


def test_redirect_and_close_by_keys(cockpit):
    home, client, screen = cockpit
    screen.keys("d")
    screen.shows("^s continue")
    screen.keys("-l", "Look at Xyzzy-9 first.")
    screen.shows("Xyzzy-9")
    screen.keys("C-s")
    screen.shows("enter confirm")
    time.sleep(0.4)  # the question takes no answer in its first moment
    screen.keys("Enter")
    until(lambda: any("Xyzzy-9" in body for _, body in heard()), "the text at the model")
    screen.keys("c")
    screen.shows("Write the closing summary now")
    screen.keys("C-s")
    screen.shows("enter confirm")
    time.sleep(0.4)
    screen.keys("Enter")
    screen.shows("closed")
    assert client.process.wait(PATIENCE_S) == 0
    assert CLOSEOUT in client.output()
    assert at_rest() < 13
    screen.keys("a")
    screen.shows("asked to close")
    # The screen may see the text in the transcript only after the lane has ended.
    until(
        lambda: "delivered: the text is in its transcript" in home.lanewatch("audit", "--verify"),
        "the text in the transcript",
    )
    story = home.lanewatch("audit", "--verify")
    assert story.count("asked to") == 2
    assert os.environ.get("USER", "root") in story or "root" in story
