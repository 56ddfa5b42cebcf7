"""Clients with a screen of their own: Codex, whose loop lives in a daemon, and Claude Code without any hook."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.clients.lanes import (
    Home,
    Pane,
    at_rest,
    claude_tui,
    codex_tui,
    end_daemons,
    heard,
    heard_at_least,
)  # fmt: skip
from tests.waiting import PATIENCE_S, until
from tui.agents.codex import daemon as codex_daemon
from tui.agents.codex.processes import SOCKET

pytestmark = [pytest.mark.clients, pytest.mark.tmux]
LOOP = "go {{calls=60 wait=1}}"


@pytest.fixture
def codex_pane(codex: Path, home: Path, model: int) -> Iterator[tuple[Home, Pane, str]]:
    place = Home(home, model)
    pane, thread = codex_tui(codex, place, LOOP)
    heard_at_least(3)
    yield place, pane, thread
    pane.close()
    end_daemons(place)


def turn_of(home: Home, thread: str) -> str | None:
    found = codex_daemon.thread(home.path / ".codex" / SOCKET, thread)
    assert found is not None
    return found.turn


def test_codex_in_a_daemon_is_steered_paused_and_resumed(codex_pane):
    home, _, thread = codex_pane
    told = home.order("redirect", thread, "--text", "Look at Xyzzy-5.", "--wait")
    assert (told["stage"], told["route"]) == ("took effect", "api"), told
    until(lambda: any("Xyzzy-5" in body for _, body in heard()), "the text at the model")

    paused = home.order("pause", thread, "--wait")
    assert (paused["stage"], paused["route"]) == ("took effect", "api"), paused
    assert turn_of(home, thread) is None
    before = at_rest()
    time.sleep(3)
    assert len(heard()) == before

    resumed = home.order("resume", thread, "--wait")
    assert resumed["stage"] == "took effect", resumed
    until(lambda: len(heard()) > before, "a further request")


def test_codex_whose_pane_was_killed_burns_on_is_told_and_closed(codex_pane):
    home, pane, thread = codex_pane
    pane.close()
    before = len(heard())
    until(lambda: len(heard()) > before + 1, "the turn that nobody sees")
    (lane,) = home.lanes()
    assert lane["state"] == "working"
    # Its turn is younger than the time after which nobody is expected any more.
    found = until(
        lambda: [
            one
            for one in json.loads(home.lanewatch("lanes", "--json"))["lanes"][0]["findings"]
            if one["kind"] == "detached"
        ],
        "the finding",
    )
    assert "no client shows it" in found[0]["title"]
    closed = home.order("close", thread, "--within", "30s")
    assert (closed["stage"], closed["route"]) == ("took effect", "api"), closed
    assert turn_of(home, thread) is None
    before = at_rest()
    time.sleep(3)
    assert len(heard()) == before


def test_codex_closed_with_its_pane_open_leaves_no_turn(codex_pane):
    home, pane, thread = codex_pane
    pane.type("and then Xyzzy-6 {{calls=50 wait=1}}")  # waits, or is steered in: either way it is not left behind
    closed = home.order("close", thread, "--within", "5s")
    assert closed["stage"] == "took effect", closed
    pane.close()
    before = at_rest()
    time.sleep(3)
    assert len(heard()) == before
    assert turn_of(home, thread) is None


@pytest.fixture
def claude_pane(claude: Path, home: Path, model: int, monkeypatch) -> Iterator[tuple[Home, Pane, str]]:
    place = Home(home, model)
    pane, session = claude_tui(claude, place, LOOP)
    place.extra = {"TMUX_TMPDIR": str(home)}
    heard_at_least(3)
    yield place, pane, session
    pane.close()


def test_claude_without_hooks_is_stopped_told_and_closed_in_its_pane(claude_pane):
    home, pane, session = claude_pane
    (lane,) = home.lanes()
    assert "tmux" in lane["routes"], lane
    assert "gate" not in lane["routes"]
    told = home.order("redirect", session, "--text", "Look at Xyzzy-3.\nThen go on.", "--wait")
    assert (told["stage"], told["route"]) == ("took effect", "tmux"), told
    until(lambda: any("Xyzzy-3" in body for _, body in heard()), "the text at the model")

    paused = home.order("pause", session, "--wait")
    assert (paused["stage"], paused["route"]) == ("took effect", "tmux"), paused
    before = at_rest()
    time.sleep(3)
    assert len(heard()) == before

    resumed = home.order("resume", session, "--wait")
    assert resumed["stage"] == "took effect", resumed
    closed = home.order("close", session, "--within", "60s")
    assert closed["stage"] == "took effect", closed
    before = at_rest()
    pane.type("touch typed-after")  # the shell is back
    until((home.work / "typed-after").exists, "the shell")
    assert len(heard()) == before


SIGNS = ("!touch pwned", "/clear", "# note\n& touch pwned\n!touch pwned\n/quit and a \\")


@pytest.mark.parametrize("which", ["claude", "older_claude", "codex"])
def test_a_pane_gets_texts_and_no_commands(request, home, model, which):
    """Busy, and then idle: each text is at the model as it was given, no draft is lost, and nothing has run."""
    place = Home(home, model)
    program, script = request.getfixturevalue(which), "go {{calls=60 wait=0.3}}"
    pane, lane = (
        codex_tui(program, place, script, "--no-daemon") if which == "codex" else claude_tui(program, place, script)
    )
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        heard_at_least(2)
        told = place.order("redirect", lane, "--text", SIGNS[0], "--wait")
        assert (told["stage"], told["route"]) == ("took effect", "tmux"), told
        pane.draft("Plugh is half")
        refused = place.order("redirect", lane, "--text", "Look there.", code=1)
        assert "a draft stands in the input line" in refused["steps"][-1]["words"], refused
        assert "Plugh is half" in pane.screen()
        pane.tmux("send-keys", "-N", "13", "BSpace")
        until(lambda: "Plugh" not in pane.screen(), "its input line empty")
        paused = place.order("pause", lane, "--wait")
        assert paused["stage"] == "took effect", paused
        for text in SIGNS[1:]:
            told = place.order("redirect", lane, "--text", text, "--wait")
            assert (told["stage"], told["route"]) == ("took effect", "tmux"), told
        closed = place.order("close", lane, "--within", "30s")
        assert closed["stage"] == "took effect", closed
        for text in SIGNS:
            whole = json.dumps(f"From the operator of this session:\n\n{text}", ensure_ascii=False)[1:-1]
            assert any(whole in body for _, body in heard()), text
        assert not any("Plugh" in body for _, body in heard())
        assert not (place.work / "pwned").exists()
    finally:
        pane.close()
        end_daemons(place)


@pytest.mark.parametrize("which", ["claude", "older_claude"])
def test_a_text_that_a_person_takes_out_of_the_queue_is_not_called_delivered(request, home, model, which):
    place = Home(home, model)
    pane, session = claude_tui(request.getfixturevalue(which), place, "go {{calls=1 wait=15}}")
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        until(lambda: place.lanes() and place.lanes()[0]["state"] == "working", "its work")
        told = place.begin("redirect", session, "--text", "Look at Xyzzy-1.", "--wait", "--json")
        assert told.stderr is not None
        until(lambda: "it waits in its client's queue" in told.stderr.readline(), "the text in the queue, told at once")
        pane.tmux("send-keys", "Up")
        out, err = told.communicate(timeout=PATIENCE_S)
        assert told.returncode == 1, err
        steps = [step["words"] for step in json.loads(out)["orders"][0]["steps"]]
        assert any("it waits in its client's queue" in words for words in steps), steps
        assert steps[-1] == "not delivered: somebody took it out of its client's queue"
        assert not any("Xyzzy-1" in body for _, body in heard())
    finally:
        pane.close()


def pane_transcript(home: Home, session: str) -> str:
    return next((home.path / ".claude" / "projects").rglob(f"{session}.jsonl")).read_text()


@pytest.mark.parametrize("which", ["claude", "older_claude", "codex"])
def test_a_question_of_a_client_gets_no_key(request, home, model, which):
    """An Enter would allow what it asks for, an Escape would refuse it."""
    place = Home(home, model)
    program = request.getfixturevalue(which)
    if which == "codex":
        rules = home / ".codex" / "rules"
        rules.mkdir(parents=True)
        (rules / "default.rules").write_text('prefix_rule(pattern=["sleep"], decision="prompt")\n')
        pane = Pane(place)
        pane.type(f"{program} --no-daemon -a on-request -s danger-full-access 'go {{{{calls=3 wait=1}}}}'")
        question = "Would you like to run the following command?"
    else:
        (home / ".claude" / "settings.json").write_text(json.dumps({"permissions": {"ask": ["Bash"]}}))
        pane, _ = claude_tui(program, place, "go {{calls=3 wait=1}}", allowed="Read")
        question = "Do you want to proceed?"
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        pane.shows(question)
        before = at_rest()
        (lane,) = place.lanes()
        for verb in (["pause"], ["redirect", "--text", "Look at Xyzzy-1."], ["close"]):
            refused = place.order(verb[0], lane["id"], "--route", "tmux", *verb[1:], code=1)
            assert refused["stage"] == "refused", refused
            words = refused["steps"][-1]["words"]
            assert "answer" in words, refused
            assert "question" in words, refused
        assert at_rest() == before
        pane.shows(question)
    finally:
        pane.close()
        end_daemons(place)


def test_an_editor_that_claude_has_opened_gets_nothing(claude, home, model):
    place = Home(home, model)
    editor = home / "editor"
    editor.write_text('#!/bin/sh\necho the editor reads\nwhile read -r line; do eval "$line"; done\n')
    editor.chmod(0o755)
    (home / ".claude" / "settings.json").write_text(json.dumps({"env": {"EDITOR": str(editor), "VISUAL": str(editor)}}))
    pane, session = claude_tui(claude, place, "go {{calls=1}}")
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        until(lambda: place.lanes() and place.lanes()[0]["state"] in ("waiting", "idle"), "its rest")
        pane.draft("half a thought")
        pane.tmux("send-keys", "C-g")
        pane.shows("the editor reads")
        refused = place.order("redirect", session, "--route", "tmux", "--text", "touch pwned", code=1)
        assert refused["stage"] == "refused", refused
        time.sleep(0.5)
        assert not (place.work / "pwned").exists()
    finally:
        pane.close()


def test_a_shell_gets_nothing_when_claude_has_gone(claude_pane):
    home, pane, session = claude_pane
    registered = next((home.path / ".claude" / "sessions").glob("*.json"))
    pid = json.loads(registered.read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid), "its end")
    refused = home.order("redirect", session, "--route", "tmux", "--text", "touch pwned", code=1)
    assert refused["stage"] == "refused", refused
    pane.tmux("send-keys", "-l", "touch marker")
    pane.tmux("send-keys", "C-j")
    until((home.work / "marker").exists, "the shell")
    assert not (home.work / "pwned").exists()


def test_an_idle_claude_is_woken_by_the_gate(claude, home, model):
    """No key is typed and no prompt is sent: the hook that waits beside the session gives it the text."""
    place = Home(home, model)
    place.lanewatch("install", "claude")
    pane, session = claude_tui(claude, place, "go {{calls=1}}")
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        heard_at_least(2)
        waiting = place.state / "wake" / f"claude-{session}.pid"
        until(waiting.exists, "the hook that waits")
        until(lambda: place.lanes()[0]["state"] in ("waiting", "idle"), "its rest")
        before = len(heard())
        told = place.order("redirect", session, "--text", "Look at Xyzzy-4.", "--wait")
        assert (told["stage"], told["route"]) == ("took effect", "gate"), told
        until(lambda: any("Xyzzy-4" in body for _, body in heard()[before:]), "the text at the model")
    finally:
        pane.close()


def test_codex_in_a_daemon_that_asks_the_gate_is_held_by_it(codex, home, model):
    """The hooks of a thread run in the daemon: a pause by the gate loses nothing, where the socket could only interrupt."""
    place = Home(home, model)
    place.lanewatch("install", "codex")
    pane = Pane(place)
    pane.type(f"{codex} --dangerously-bypass-approvals-and-sandbox '{LOOP}'")
    try:
        pane.shows("Hooks need review")
        pane.choose(2)
        pane.tmux("send-keys", "Enter")
        heard_at_least(3)
        found = list((home / ".codex" / "sessions").rglob("rollout-*.jsonl"))
        thread = found[0].stem[-36:]
        paused = place.order("pause", thread, "--wait")
        assert (paused["stage"], paused["route"]) == ("took effect", "gate"), paused
        before = len(heard())
        time.sleep(5)
        assert len(heard()) == before
        assert turn_of(place, thread) is not None, "its turn was ended, not held"
        resumed = place.order("resume", thread, "--wait")
        assert resumed["stage"] == "took effect", resumed
        until(lambda: len(heard()) > before, "a further request")
    finally:
        pane.close()
        end_daemons(place)
