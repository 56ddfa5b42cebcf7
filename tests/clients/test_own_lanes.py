"""Which lanes may be acted on, on the real clients: their processes are known, and copies of their sessions are not."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.lanes import Home, at_rest, claude_headless, codex_exec, heard, heard_at_least
from tests.waiting import PATIENCE_S
from tui.control.gate.gate import start_of

pytestmark = pytest.mark.clients

VERBS = (("pause",), ("resume",), ("redirect", "--text", "Say Xyzzy-7."), ("close", "--text", "Say Xyzzy-7."))


@pytest.mark.parametrize("client", ["claude", "older_claude", "codex"])
def test_a_live_client_is_known_by_its_program_and_a_copy_of_its_session_is_a_recording(request, home, model, client):
    program = request.getfixturevalue(client)
    place = Home(home, model)
    loop = "go {{calls=60 wait=1}}"  # longer than all the commands below take
    agent = "codex" if client == "codex" else "claude"
    begun = codex_exec(program, place, loop) if agent == "codex" else claude_headless(program, place, loop)
    try:
        heard_at_least(1)
        (lane,) = place.lanes()
        assert (lane["routes"], lane["recording"]) == (["process"], None)
        copy = place.work / "copy"
        shutil.copytree(home / f".{agent}", copy, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
        bundle = place.work / "run.tar.zst"
        place.lanewatch("export", str(home / f".{agent}"), "--output", str(bundle))
        for path, (verb, *rest) in (*((copy, verb) for verb in VERBS), (bundle, VERBS[-1])):
            order = place.order(verb, begun.session, *rest, "--in", str(path), code=1)
            assert "it is a recording" in order["steps"][-1]["words"]
        assert begun.process.poll() is None
        assert not any("Xyzzy-7" in body for _, body in heard())
        route = ("--route", "process", "--in", str(home / f".{agent}"))
        closed = place.order("close", begun.session, *route, code=5)  # signals ask for no closing summary
        assert closed["stage"] == "took effect", closed
        assert begun.process.wait(PATIENCE_S) is not None
    finally:
        if begun.process.poll() is None:
            begun.process.kill()
        begun.process.communicate()


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_a_session_that_has_ended_is_not_started_in_a_folder_with_hooks(request, home, model, tmp_path, agent):
    """What to type is said; nothing of the folder runs, and no program of a folder early in the path."""
    program: Path = request.getfixturevalue(agent)
    place = Home(home, model)
    marker = tmp_path / "pwned"
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / agent).write_text(f"#!/bin/sh\ntouch {shlex.quote(str(marker))}\n")
    (folder / agent).chmod(0o755)
    loop = "go {{calls=1}}"
    begun = claude_headless(program, place, loop) if agent == "claude" else codex_exec(program, place, loop)
    begun.output()
    hook = {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": f"touch {marker}"}]}]}}
    for name in (".claude/settings.json", ".codex/hooks.json"):
        (place.work / name).parent.mkdir(exist_ok=True)
        (place.work / name).write_text(json.dumps(hook))
    place.extra = {"PATH": f"{folder}:{place.env['PATH']}"}
    before = at_rest()
    order = place.order("redirect", begun.session, "--text", "Say Xyzzy-7.", "--wait", "2s", code=1)
    command = "claude --resume" if agent == "claude" else "codex resume"
    typed = f"cd {shlex.quote(str(place.work.resolve()))} && {command} {begun.session}"
    assert order["steps"][-1]["words"] == f"already ended: continue it yourself: {typed}"
    assert not marker.exists()
    assert at_rest() == before


def test_a_registry_file_that_names_another_process_is_not_believed(claude, home, model):
    """The file of a client that has ended, written anew for a process that is none."""
    place = Home(home, model)
    begun = claude_headless(claude, place, "go {{calls=6 wait=1}}")
    sleeper = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
    try:
        heard_at_least(2)
        (real,) = (home / ".claude" / "sessions").glob("*.json")
        fields = json.loads(real.read_text())
        begun.process.kill()
        begun.process.communicate()
        real.unlink(missing_ok=True)
        fields |= {"pid": sleeper.pid, "procStart": start_of(sleeper.pid)}
        (real.parent / f"{sleeper.pid}.json").write_text(json.dumps(fields))
        for route, (verb, *rest) in (*(("process", verb) for verb in VERBS), ("tmux", VERBS[-1])):
            assert place.order(verb, begun.session, *rest, "--route", route, code=1)["refused"]
        assert sleeper.poll() is None
        assert "does not run Claude Code" in place.lanewatch("doctor")
    finally:
        sleeper.kill()
        sleeper.wait()
