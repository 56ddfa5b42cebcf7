"""Real clients that a scripted model sends in circles, or through honest work: what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.lanes import Home, claude_headless, codex_exec
from tests.clients.loops import SHAPES

pytestmark = pytest.mark.clients

ROUNDS = 14
LOOPS = ("repetition", "stop", "family_too_long", "substitution_name", "low_novelty", "spiral")


def alarms(client: Path, home: Home, shape: str, rounds: int = ROUNDS) -> list[dict]:
    """Runs the client through the shape; the loops that are told of it."""
    SHAPES[shape].set_up(home.work)
    run = claude_headless if client.name == "claude" else codex_exec
    lane = run(client, home, f"go {{{{calls={rounds} shape={shape}}}}}")
    output = lane.output()
    assert lane.process.returncode == 0, output[-2000:]
    folder = home.path / (".claude/projects" if client.name == "claude" else ".codex/sessions")
    made = json.loads(home.lanewatch("findings", str(folder), "--json", "--all", code=None))
    return [one for one in made["findings"] if one["kind"] in LOOPS and one["severity"] != "info"]


@pytest.mark.parametrize(("agent", "shape"), [("claude", "ssh_same_failure"), ("codex", "polls_dead_process")])
def test_a_real_client_in_circles_is_told(agent, shape, request, home, model):
    found = alarms(request.getfixturevalue(agent), Home(home, model), shape)
    assert found
    assert all(one["progress"] for one in found)


def test_a_real_client_that_reads_file_after_file_is_left_alone(codex, home, model):
    assert not alarms(codex, Home(home, model), "reads_each_file")
