"""Closes from the shell on real clients: told step by step, bounded where the model ignores the text, left on Ctrl-C."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.clients.lanes import Home, Lane, gated, heard, heard_at_least
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.clients

CALLS = 3
IGNORES = "go {{calls=200 wait=0.3 heeds=0}}"


@pytest.fixture(params=["claude", "codex"])
def lane(request, home: Path, model: int) -> Iterator[tuple[Home, Lane]]:
    """A headless client in a long loop, whose model ignores the closing text."""
    with gated(request, home, model, IGNORES, 2) as begun:
        yield begun


def test_a_model_that_ignores_the_text_is_ended_within_the_bound_and_told_step_by_step(lane):
    home, client = lane
    # Ctrl-C while it waits: what stands is said, and a resume takes it back.
    left = home.begin("close", client.session)
    assert left.stderr is not None
    until(lambda: "acknowledged: the gate gave it" in left.stderr.readline(), "the gate's word, told at once")
    left.send_signal(signal.SIGINT)
    out, err = left.communicate(timeout=PATIENCE_S)
    (name,) = [one["id"] for one in home.lanes()]
    assert (left.returncode, out) == (130, "")
    (stands,) = err.splitlines()[-1:]
    assert stands.startswith(f"{name} stays told to close: the gate refuses its tools from ")
    assert f"`lanewatch resume {name}` undoes it" in stands
    resumed = home.order("resume", client.session)["steps"][-1]["words"]
    assert resumed.startswith("its close is undone after it was told")
    before = len(heard())
    heard_at_least(before + CALLS + 2)

    ended = home.begin("close", client.session, "--calls", str(CALLS), "--json")
    out, err = ended.communicate(timeout=PATIENCE_S)
    (order,) = json.loads(out)["orders"]
    assert (ended.returncode, order["stage"], order["closing_output"]) == (5, "took effect", False), err
    steps = order["steps"]
    assert [line.split(": ", 1)[1] for line in err.splitlines()] == [
        f"{step['stage']}: {step['words']}" for step in steps
    ]
    assert any(
        "tool call(s) since it was asked to close: its loop is stopped at the gate" in step["words"] for step in steps
    )
    assert steps[-1]["words"] == "process exited; no closing summary"
    client.process.wait(PATIENCE_S)
    given, over = (datetime.fromisoformat(steps[at]["at"]).timestamp() for at in (1, -1))
    # One look takes up to half a second, and the transcript lags behind.
    assert len([at for at, _ in heard() if given < at < over]) <= 3 * CALLS
    (found,) = home.lanes()
    assert found["state"] == "closed"
