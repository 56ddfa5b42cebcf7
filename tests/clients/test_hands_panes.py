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
    claude_headless,
    claude_tui,
    codex_exec,
    codex_tui,
    end_daemons,
    heard,
    heard_at_least,
    until,
)  # fmt: skip
from tui.control import codex_daemon
from tui.transcripts.codex_clients import SOCKET

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
    assert "nobody watches" in found[0]["title"]
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


DRAFTS = ("Plugh is half a thought", "Plugh\n\nin three\nlines")


@pytest.mark.parametrize("version", ["claude", "older_claude"])
def test_a_draft_in_claudes_input_is_never_submitted(request, home, model, version):
    place = Home(home, model)
    pane, session = claude_tui(request.getfixturevalue(version), place, LOOP)
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        heard_at_least(2)
        for number, draft in enumerate((*DRAFTS, "!touch pwned")):
            pane.draft(draft)
            told = place.order("redirect", session, "--text", f"Look at Xyzzy-{number}.", "--wait")
            assert (told["stage"], told["route"]) == ("took effect", "tmux"), told
        pane.draft(DRAFTS[0])
        closed = place.order("close", session, "--within", "30s")
        assert closed["stage"] == "took effect", closed
        at_rest()
        assert not any("Plugh" in body for _, body in heard())
        assert not (place.work / "pwned").exists()
    finally:
        pane.close()


def test_a_draft_in_codexs_input_is_never_submitted(codex, home, model):
    place = Home(home, model)
    pane, thread = codex_tui(codex, place, LOOP, "--no-daemon")
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        heard_at_least(2)
        for number, draft in enumerate((*DRAFTS, "!touch pwned")):
            pane.draft(draft)
            told = place.order("redirect", thread, "--text", f"Look at Xyzzy-{number}.", "--wait")
            assert (told["stage"], told["route"]) == ("took effect", "tmux"), told
        pane.draft(DRAFTS[0])
        closed = place.order("close", thread, "--within", "30s")
        assert closed["stage"] == "took effect", closed
        at_rest()
        assert not any("Plugh" in body for _, body in heard())
        assert not (place.work / "pwned").exists()
    finally:
        pane.close()
        end_daemons(place)


def test_a_question_of_claude_is_not_answered_by_a_text(claude, home, model):
    """Its Enter would allow what it asks for."""
    place = Home(home, model)
    (home / ".claude" / "settings.json").write_text(json.dumps({"permissions": {"ask": ["Bash"]}}))
    pane, session = claude_tui(claude, place, "go {{calls=3 wait=1}}", allowed="Read")
    place.extra = {"TMUX_TMPDIR": str(home)}
    try:
        pane.shows("Do you want to proceed?")
        before = at_rest()
        refused = place.order("redirect", session, "--text", "Look at Xyzzy-1.", code=1)
        assert refused["stage"] == "refused", refused
        assert "no empty input line" in refused["steps"][-1]["words"], refused
        assert at_rest() == before
        pane.shows("Do you want to proceed?")
    finally:
        pane.close()


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


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_a_session_that_has_ended_goes_on_headless(request, home, model, tmp_path, agent):
    program = request.getfixturevalue(agent)
    place = Home(home, model)
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / agent).symlink_to(program)
    client = (
        claude_headless(program, place, "go {{calls=1}}")
        if agent == "claude"
        else codex_exec(program, place, "go {{calls=1}}")
    )
    client.output()
    place.extra = {"PATH": f"{folder}:{place.env['PATH']}"}
    before = len(heard())
    (lane,) = place.lanes()
    assert lane["routes"] == ["api"], lane
    told = place.order("redirect", client.session, "--text", "Look at Xyzzy-8 as well.", "--wait")
    assert (told["stage"], told["route"]) == ("took effect", "api"), told
    until(lambda: any("Xyzzy-8" in body for _, body in heard()[before:]), "the text at the model")


def test_codex_in_a_daemon_that_asks_the_gate_is_held_by_it(codex, home, model):
    """The hooks of a thread run in the daemon: a pause by the gate loses nothing, where the socket could only interrupt."""
    place = Home(home, model)
    place.lanewatch("install", "codex")
    pane = Pane(place)
    pane.type(f"{codex} --dangerously-bypass-approvals-and-sandbox '{LOOP}'")
    try:
        pane.shows("Hooks need review")
        pane.tmux("send-keys", "2")
        pane.shows("› 2.")  # a key that comes while it still draws is lost
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
