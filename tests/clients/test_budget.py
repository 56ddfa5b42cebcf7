"""A budget that pauses: real clients in mid-loop are held when it is used up, and go on when it is raised."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.lanes import Home, Lane, gated, heard
from tests.clients.test_verbs_shell import tokens_of
from tests.e2e.tmux import Tmux

LOOP = "go {{calls=8 wait=1.5}}"
pytestmark = [pytest.mark.clients, pytest.mark.tmux]


@pytest.fixture(params=["claude", "codex"])
def lane(request, home: Path, model: int) -> Iterator[tuple[Home, Lane]]:
    with gated(request, home, model, LOOP, 1) as begun:
        yield begun


def test_a_lane_is_held_at_its_budget_and_goes_on_when_it_is_raised(lane):
    home, client = lane
    screen = Tmux(home.path, (120, 40))
    screen.start("--budget", "15k/day:pause")
    screen.shows("budget all lanes, today")
    screen.shows("paused")
    held = len(heard())
    assert 2 <= held < 9
    time.sleep(4)
    assert len(heard()) == held, "a request reached the model while the budget was used up"
    assert client.process.poll() is None
    screen.close()  # a cockpit that is killed lets nothing go
    time.sleep(1)
    assert len(heard()) == held
    screen = Tmux(home.path, (120, 40))
    screen.start("--budget", "10M/day:pause")
    client.output()
    screen.close()
    assert client.process.returncode == 0
    assert len(heard()) == 9
    (found,) = home.lanes()
    assert found["usage"]["total"] == tokens_of(found["agent"], 9)
