"""The verbs from the shell, on real clients in mid-loop: what the model server hears is what is true."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.clients import model_server
from tests.clients.lanes import Home, Lane, at_rest, claude_headless, codex_exec, gated, heard, heard_at_least
from tests.clients.model_server import CLOSEOUT
from tests.effort import LONG
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.clients

PAUSE_S = 60 if LONG else 10
"""A dozen steps of the loop are shorter."""
LOOP = "go {{calls=12 wait=0.5}}"


@pytest.fixture(params=["claude", "codex"])
def lane(request, home: Path, model: int) -> tuple[Home, Lane]:
    """A client that asks the gate, in mid-loop."""
    with gated(request, home, model, LOOP, 2) as begun:
        yield begun


def test_pause_and_resume(lane):
    home, client = lane
    paused = home.order("pause", client.session, "--wait")
    assert paused["stage"] == "took effect", paused
    assert paused["route"] == "gate"
    before = len(heard())
    time.sleep(PAUSE_S)
    assert len(heard()) == before, "a request reached the model while the lane was paused"
    assert client.process.poll() is None
    resumed = home.order("resume", client.session, "--wait")
    assert resumed["stage"] == "took effect", resumed
    client.output()
    assert client.process.returncode == 0
    # Twelve calls and an answer, each asked for once: what an undisturbed run has too.
    assert len(heard()) == 13
    (found,) = home.lanes()
    assert found["usage"]["total"] == tokens_of(found["agent"], 13)
    steps = [(step["stage"]) for step in paused["steps"]]
    assert steps == ["requested", "acknowledged", "took effect"]


def tokens_of(agent: str, requests: int) -> int:
    """What the model server reports for so many requests."""
    if agent == "codex":
        return sum(8050 + 603 * number for number in range(1, requests + 1))
    return sum((3 + n) + (700 + 11 * n) + (9000 + 500 * n) + (40 + 7 * n) for n in range(1, requests + 1))


def test_redirect(lane):
    home, client = lane
    text = 'Look at "Xyzzy-7" and — é ☃ $(touch pwned) `x`\nand say so.'
    told = home.order("redirect", client.session, "--text", text, "--wait")
    assert told["stage"] == "took effect", told
    acknowledged = next(step for step in told["steps"] if step["stage"] == "acknowledged")
    client.output()
    first = next((at, body) for at, body in heard() if "Xyzzy-7" in body)
    assert text in _texts(first[1])
    # The text stands in the request that follows the gate's word, and in no earlier one.
    given = datetime.fromisoformat(acknowledged["at"]).timestamp()
    following = [at for at, _ in heard() if at >= given - 0.05]
    assert first[0] == following[0]
    assert not (home.work / "pwned").exists()


def _texts(body: str) -> str:
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    walk(json.loads(body))
    return "\n".join(found)


def test_redirect_now_refuses_the_next_tool(lane):
    home, client = lane
    told = home.order("redirect", client.session, "--now", "--text", "Stop that and begin anew.", "--wait")
    assert told["stage"] == "took effect", told
    client.output()
    assert "Stop that and begin anew." in _texts(heard()[-1][1])


def test_close_is_a_drain(lane):
    home, client = lane
    closed = home.order("close", client.session, "--within", "60s")
    assert closed["stage"] == "took effect", closed
    assert client.process.wait(PATIENCE_S) == 0
    out = client.output()
    assert CLOSEOUT in out
    assert at_rest() < 13, "it went on with its loop"
    words = " ".join(step["words"] for step in closed["steps"])
    assert "closing summary" in words
    assert not list((home.state / "requests").iterdir())
    (found,) = home.lanes()
    assert found["state"] == "closed"
    story = home.lanewatch("audit", "--verify")
    assert "asked to close" in story
    assert "took effect: process exited" in story
    assert "the log is complete" in story


def test_every_verb_on_an_older_claude(older_claude, home, model):
    """The version that npm gives on an older node: it writes no request lines and knows no `onFailure`."""
    place = Home(home, model)
    place.lanewatch("install", "claude")
    client = claude_headless(older_claude, place, LOOP)
    try:
        heard_at_least(2)
        paused = place.order("pause", client.session, "--wait")
        assert (paused["stage"], paused["route"]) == ("took effect", "gate"), paused
        before = len(heard())
        time.sleep(5)
        assert len(heard()) == before
        resumed = place.order("resume", client.session, "--wait")
        assert resumed["stage"] == "took effect", resumed
        told = place.order("redirect", client.session, "--text", "Look at Xyzzy-7 too.", "--wait")
        assert told["stage"] == "took effect", told
        assert any("Xyzzy-7" in body for _, body in heard()[before:])
        closed = place.order("close", client.session, "--within", "60s")
        assert closed["stage"] == "took effect", closed
        assert client.process.wait(PATIENCE_S) == 0
        assert CLOSEOUT in client.output()
        assert at_rest() < 13
    finally:
        if client.process.poll() is None:
            client.process.kill()
        client.process.communicate()


@pytest.mark.parametrize("which", ["claude", "older_claude"])
def test_a_redirect_of_a_subagent_is_called_delivered_only_if_its_transcript_shows_it(
    request, home, model, monkeypatch, which
):
    """The older client writes no hook's words into the file of a subagent."""
    monkeypatch.setattr(model_server, "SUBAGENT", "look around {{calls=60 wait=0.3}}")
    place = Home(home, model)
    place.lanewatch("install", "claude")
    client = claude_headless(request.getfixturevalue(which), place, "go {{calls=1 agent=1}}")
    gate = place.state / "gate" / "gate.py"
    whole = gate.read_text()
    try:
        children = until(lambda: [one for one in place.lanes() if "/" in one["id"]], "its subagent")
        child = children[0]["id"]  # type: ignore[index]
        # A gate that is killed between its word and its answer.
        gate.write_text(whole.replace("sys.stdout.write(json.dumps(answer))", "os.kill(os.getpid(), 9)"))
        lost = place.order("redirect", child, "--text", "Look at Xyzzy-8.", "--wait", code=4)
        assert (lost["stage"], lost["steps"][-2]["stage"]) == ("overdue", "acknowledged"), lost
        assert "not seen to arrive" in lost["steps"][-1]["words"]
        assert not any("Xyzzy-8" in body for _, body in heard())
        gate.write_text(whole)
        is_shown = which == "claude"
        told = place.order("redirect", child, "--text", "Look at Xyzzy-9.", "--wait", code=0 if is_shown else 4)
        assert (told["stage"], told["route"]) == ("took effect" if is_shown else "overdue", "gate"), told
        until(lambda: any("Xyzzy-9" in body for _, body in heard()), "the text at the model")
    finally:
        client.process.kill()
        client.process.communicate()


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_a_gate_that_does_not_read_a_long_input_hurts_nobody(request, home, model, agent):
    """The quick answer leaves its input unread: 200 kB are more than a pipe holds."""
    program = request.getfixturevalue(agent)
    place = Home(home, model)
    place.lanewatch("install", agent)
    loop = "go {{calls=3 long=100000}}"
    client = claude_headless(program, place, loop) if agent == "claude" else codex_exec(program, place, loop)
    client.output()
    assert client.process.returncode == 0
    (lane,) = place.lanes()
    assert lane["usage"]["total"] == tokens_of(agent, 4)
    assert not lane["findings"], "a tool failed"
