"""Fake lanes of every kind, and every verb by every route on them: nothing runs and nothing is touched.

Each fake looks as real as its maker could achieve: a registry file with the right start of its process, a prompt like
the client's, the client's name. The result is checked at the attacked processes themselves.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.programs import ENV, python_as
from tests.waiting import PATIENCE_S, until
from tui.cli.common import Common
from tui.cli.control import control_folder
from tui.cli.main import main
from tui.cli.session import settings_of
from tui.cli.verbs import Watcher
from tui.control.bounds import Bounds
from tui.control.gate.gate import start_of
from tui.control.gate.place import place
from tui.control.service import ControlService
from tui.model.control import RouteKind
from tui.model.finding import Verb

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here")]

ROUTES = (None, *RouteKind)
VICTIM = r"""
import os, pathlib, signal, sys, tty
folder = pathlib.Path(sys.argv[1])
def note(number, frame):
    with (folder / "signals").open("a") as file:
        file.write(f"{signal.Signals(number).name}\n")
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGWINCH}:
    signal.signal(number, note)
if sys.stdin.isatty():
    tty.setraw(0)
    os.write(1, "\x1b[2J\x1b[5H\u276f ".encode())
(folder / "pid").write_text(str(os.getpid()))
while True:
    data = os.read(0, 65536) if sys.stdin.isatty() else signal.pause()
    with (folder / "bytes").open("ab") as file:
        file.write(data or b"")
"""


@dataclass
class Attack:
    """Lanes that an attacker made, and what is checked afterwards."""

    home: Path
    paths: tuple[str, ...] = ()
    """Paths for `--in`; empty: the user's own homes."""
    checks: list[Callable[[], None]] = field(default_factory=list)
    socket: str = field(default_factory=lambda: f"lanewatch-{uuid.uuid4().hex[:8]}")
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.home / ".claude"

    @property
    def marker(self) -> Path:
        return self.home / "pwned"

    # -- what an attacker makes ---------------------------------------------------------------------

    def transcript(self, config: Path, *, ended: bool = False, session: str = "", name: str = "") -> str:
        """Writes a session's file in a Claude home; its newest line names a cloned folder. Returns the session."""
        session = session or str(uuid.uuid4())
        clone = self.home / "clone"
        (clone / ".claude").mkdir(parents=True, exist_ok=True)
        hook = {"hooks": [{"type": "command", "command": f"touch {self.marker}"}]}
        (clone / ".claude" / "settings.json").write_text(json.dumps({"hooks": {"SessionStart": [hook]}}))
        at = time.time() - (7200 if ended else 1)
        stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "type": "user", "sessionId": session, "uuid": str(uuid.uuid4()), "timestamp": stamp, "cwd": str(clone),
            "message": {"role": "user", "content": "look around"}, "isSidechain": False, "version": "2.1.329",
        }  # fmt: skip
        file = config / "projects" / "-clone" / f"{name or session}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(line) + "\n")
        os.utime(file, (at, at))
        (config / "sessions").mkdir(exist_ok=True)
        return session

    def rollout(self) -> str:
        """Writes a Codex session that has ended."""
        thread = str(uuid.uuid4())
        stamp = "2026-05-09T10:00:00.000Z"
        meta = {"id": thread, "timestamp": stamp, "cwd": str(self.home / "clone"), "cli_version": "0.169.0"}
        lines = [
            {"timestamp": stamp, "type": "session_meta", "payload": meta},
            {"timestamp": stamp, "type": "event_msg", "payload": {"type": "user_message", "message": "look around"}},
        ]
        file = self.home / ".codex" / "sessions" / "2026" / "05" / "09" / f"rollout-2026-05-09T10-00-00-{thread}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return thread

    def register(self, config: Path, session: str, pid: int, *, start: bool = True) -> None:
        """Writes the registration of a live process as Claude Code does."""
        fields = {
            "pid": pid, "sessionId": session, "cwd": str(self.home / "clone"), "kind": "interactive", "status": "busy",
            "startedAt": int(time.time() * 1000) + 60_000,
        }  # fmt: skip
        if start:
            fields["procStart"] = start_of(pid)
        (config / "sessions" / f"{pid}.json").write_text(json.dumps(fields))

    def ask_gate(self, session: str, pid: int, transcript: Path) -> None:
        """Registers the session with the gate, as a real session does at its start."""
        place(control_folder())
        record = {"pid": pid, "start": start_of(pid), "transcript": str(transcript), "at": time.time()}
        (control_folder().path / "sessions" / f"claude-{session}").write_text(json.dumps(record))

    def victim(self, program: Path | str, *, pane: bool) -> int:
        """A process that records every byte and every signal that it receives."""
        folder = self.home / f"victim-{uuid.uuid4().hex[:6]}"
        folder.mkdir()
        script = folder / "victim.py"
        script.write_text(VICTIM)
        command = [str(program), *([str(script)] if not str(program).endswith("/fake/claude") else []), str(folder)]
        if pane:
            self.tmux("new-session", "-d", "-x", "80", "-y", "20", "sh")
            self.tmux("send-keys", "-l", shlex.join(command))
            self.tmux("send-keys", "Enter")
        else:
            self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, env={**os.environ, **ENV}))
        until(lambda: (folder / "pid").exists() and (folder / "pid").read_text())
        pid = int((folder / "pid").read_text())

        def untouched() -> None:
            assert psutil.Process(pid).status() != psutil.STATUS_STOPPED, "the victim was stopped"
            assert not (folder / "signals").exists(), (folder / "signals").read_text()
            got = (folder / "bytes").read_bytes() if (folder / "bytes").exists() else b""
            assert got == b"", f"the victim received {got!r}"

        self.checks.append(untouched)
        return pid

    def tmux(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, "-f", "/dev/null", *args], env={**os.environ, **ENV}, capture_output=True,
            text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip
        return done.stdout

    # -- what the operator does ---------------------------------------------------------------------

    def every_verb_by_every_route(self, session: str) -> list[str]:
        """Plans, gives and drives all verbs on each lane of the session. Returns the refusals."""
        watcher = Watcher(Common(self.paths, "all"), settings_of(Common()))
        service = ControlService(control_folder(), bounds=Bounds(within_s=0.0))
        said: list[str] = []
        for verb in Verb:
            for route in ROUTES:
                fleet = watcher.look()
                lanes = [lane.id for lane in fleet.lanes if lane.session == session]
                assert lanes, "the lane is seen"
                plans = service.plans(verb, lanes, fleet, route)
                said += [plan.refused for plan in plans]
                service.give(plans, fleet, text=f"touch {self.marker}")
                watcher.hear(service.look(watcher.look()))
        watcher.close()
        service.release_orders()
        named = [option for path in self.paths for option in ("--in", path)]
        for verb in Verb:
            text = ["--text", f"touch {self.marker}"] if verb in (Verb.REDIRECT, Verb.CLOSE) else []
            main([verb.value, session, *text, *named, "--since", "all", "--wait", "1s"])
        return said

    def nothing_happened(self) -> None:
        time.sleep(0.3)  # what was sent or started would have arrived by then
        assert not self.marker.exists(), "something ran"
        requests = control_folder().path / "requests"
        assert not list(requests.rglob("*.json")) if requests.exists() else True, "a session was asked for something"
        for check in self.checks:
            check()

    def end(self) -> None:
        self.tmux("kill-server")
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def attack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Attack]:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    made = Attack(tmp_path)
    yield made
    made.end()


def fake_client(folder: Path) -> Path:
    """A script called `claude`: the kernel shows it under that name, although Python runs it."""
    script = folder / "fake" / "claude"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n{VICTIM}")
    script.chmod(0o755)
    return script


# -- the fakes ----------------------------------------------------------------------------------------


def test_a_fake_client_in_the_path_and_a_cloned_folder_with_hooks(attack: Attack, monkeypatch: pytest.MonkeyPatch):
    programs = attack.home / "programs"
    programs.mkdir()
    for name in ("claude", "codex"):
        (programs / name).write_text(f"#!/bin/sh\ntouch {attack.marker}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    said: list[str] = []
    session, thread = attack.transcript(attack.config, ended=True), attack.rollout()
    for one in (session, thread):
        said += attack.every_verb_by_every_route(one)
    attack.nothing_happened()
    clone = attack.home / "clone"
    assert f"already ended: continue it yourself: cd {clone} && claude --resume {session}" in said
    assert f"already ended: continue it yourself: cd {clone} && codex resume {thread}" in said


@pytest.mark.parametrize("pane", [False, True])
def test_an_innocent_process_that_the_registry_names(attack: Attack, pane: bool):
    pid = attack.victim(sys.executable, pane=pane)
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    attack.every_verb_by_every_route(session)
    attack.nothing_happened()


@pytest.mark.parametrize("pane", [False, True])
def test_a_fake_client_that_the_registry_names(attack: Attack, pane: bool):
    pid = attack.victim(fake_client(attack.home), pane=pane)
    assert psutil.Process(pid).name() == "claude"
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    attack.every_verb_by_every_route(session)
    attack.nothing_happened()


@pytest.mark.parametrize("prompt", ["\u276f ", "> ", "$ "])
def test_a_shell_whose_prompt_looks_like_the_clients(attack: Attack, prompt: str):
    attack.tmux("new-session", "-d", "-x", "80", "-y", "20", f"PS1={shlex.quote(prompt)} exec bash --norc --noprofile")
    until(lambda: prompt.strip() in attack.tmux("capture-pane", "-p"))
    pid = int(attack.tmux("display-message", "-p", "#{pane_pid}"))
    before = attack.tmux("capture-pane", "-p")
    attack.checks.append(lambda: unchanged(attack, before, pid))
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    attack.every_verb_by_every_route(session)
    attack.nothing_happened()


def unchanged(attack: Attack, before: str, pid: int) -> None:
    assert attack.tmux("capture-pane", "-p") == before, "something was typed"
    assert psutil.Process(pid).status() != psutil.STATUS_STOPPED


@pytest.mark.parametrize("start", [False, True])
def test_a_downloaded_home_that_names_the_client_of_another_lane(attack: Attack, start: bool):
    """The victim is a real client in a pane of its own, but it is not the client of this lane."""
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    downloaded = attack.home / "downloads" / "home"
    session = attack.transcript(downloaded)
    attack.register(downloaded, session, pid, start=start)
    attack.paths = (str(downloaded),)
    said = attack.every_verb_by_every_route(session)
    attack.nothing_happened()
    assert set(said) == {"it is a recording: its transcript lies outside your own agents' homes"}


@pytest.mark.parametrize("kind", ["folder", "bundle"])
def test_a_copy_of_a_running_session(attack: Attack, kind: str):
    """A verb on a copy of a live session does not reach the session itself."""
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    transcript = attack.config / "projects" / "-clone" / f"{session}.jsonl"
    attack.ask_gate(session, pid, transcript)
    if kind == "bundle":
        bundle = attack.home / "run.tar.zst"
        assert main(["export", str(attack.config), "--output", str(bundle)]) == 0
        attack.paths = (str(bundle),)
    else:
        shutil.copytree(attack.config, attack.home / "copy")
        attack.paths = (str(attack.home / "copy"),)
    said = attack.every_verb_by_every_route(session)
    attack.nothing_happened()
    assert set(said) == {"it is a recording: its transcript lies outside your own agents' homes"}


def test_a_copy_in_the_own_home_under_another_name(attack: Attack):
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    session = attack.transcript(attack.config, name="copied")
    attack.register(attack.config, session, pid)
    attack.ask_gate(session, pid, attack.config / "projects" / "-clone" / f"{session}.jsonl")
    said = attack.every_verb_by_every_route(session)
    attack.nothing_happened()
    assert set(said) == {"it is a recording: its file is not named after its session, as a copy's is not"}


def test_a_second_home_that_names_a_client_of_the_first(attack: Attack):
    """Both homes are in the user's own folders, where a downloaded one can lie too."""
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    attack.register(attack.config, attack.transcript(attack.config), pid)
    second = attack.home / ".config" / "claude"
    session = attack.transcript(second)
    attack.register(second, session, pid)
    attack.every_verb_by_every_route(session)
    attack.nothing_happened()


def copied_in_another_project(attack: Attack) -> tuple[str, Path]:
    """A session of a running client, copied beside its project as `-copy`: its id, and the folder of the original."""
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    projects = attack.config / "projects"
    written = projects / re.sub(r"[^A-Za-z0-9]", "-", str(attack.home / "clone"))
    (projects / "-clone").rename(written)
    shutil.copytree(written, projects / "-copy")
    return session, written


def test_a_copy_in_another_project_under_the_same_name(attack: Attack):
    _, written = copied_in_another_project(attack)
    watcher = Watcher(Common((), "all"), settings_of(Common()))
    service = ControlService(control_folder(), bounds=Bounds(within_s=0.0))
    fleet = watcher.look()
    lanes = {Path(lane.path).parent.name: lane.id for lane in fleet.lanes}
    for verb in Verb:
        for route in ROUTES:
            plans = service.plans(verb, [lanes["-copy"]], fleet, route)
            service.give(plans, fleet, text=f"touch {attack.marker}")
            watcher.hear(service.look(watcher.look()))
            assert all(plan.refused for plan in plans)
    (own,) = service.plans(Verb.CLOSE, [lanes[written.name]], fleet, RouteKind.PROCESS)
    assert not own.refused
    watcher.close()
    service.release_orders()
    attack.nothing_happened()


def test_a_copy_in_another_project_that_is_the_only_path_read(attack: Attack):
    """`--in` hides the original, but the process that writes the original is still not the copy's."""
    session, written = copied_in_another_project(attack)
    attack.paths = (str(written.with_name("-copy")),)
    said = attack.every_verb_by_every_route(session)
    assert all("one of the two is a copy" in one for one in said)
    attack.nothing_happened()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file of another user's")
@pytest.mark.parametrize("whose", ["file", "home"])
def test_a_lane_of_another_user(attack: Attack, whose: str):
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=True)
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    transcript = attack.config / "projects" / "-clone" / f"{session}.jsonl"
    attack.ask_gate(session, pid, transcript)
    os.chown(transcript if whose == "file" else attack.config, 65534, 65534)
    said = attack.every_verb_by_every_route(session)
    attack.nothing_happened()
    assert all("belongs to another user (number 65534)" in one for one in said)


# -- the other side: what is the operator's own -------------------------------------------------------


@pytest.mark.parametrize("named", [False, True])
def test_verbs_can_act_on_the_users_own_lane_if_its_path_is_named(attack: Attack, named: bool, capsys):
    """Without this test, the tests above would pass for a lanewatch that does nothing at all."""
    pid = attack.victim(python_as(attack.home / "bin" / "claude", "claude"), pane=False)
    session = attack.transcript(attack.config)
    attack.register(attack.config, session, pid)
    attack.ask_gate(session, pid, attack.config / "projects" / "-clone" / f"{session}.jsonl")
    paths = (str(attack.config / "projects" / "-clone"),) if named else ()
    capsys.readouterr()
    assert main(["lanes", *paths, "--json"]) == 0
    (lane,) = json.loads(capsys.readouterr().out)["lanes"]
    assert (lane["routes"], lane["recording"]) == (["gate", "process"], None)
    option = [part for path in paths for part in ("--in", path)]
    assert main(["close", session, "--route", "process", *option, "--wait", "1s"]) == 4
    until(lambda: "SIGINT" in next(attack.home.glob("victim-*/signals")).read_text())


def test_a_recording_is_marked_in_every_output(attack: Attack, capsys):
    session = attack.transcript(attack.home / "copy")
    copy = str(attack.home / "copy")
    why = "its transcript lies outside your own agents' homes"
    capsys.readouterr()
    main(["lanes", copy, "--json"])
    (lane,) = json.loads(capsys.readouterr().out)["lanes"]
    assert (lane["routes"], lane["recording"]) == ([], why)
    main(["explain", session, copy])
    assert f"none: it is a recording: {why}" in " ".join(capsys.readouterr().out.split())
    main(["doctor", copy])
    assert f"1 lanes can only be read: {why}" in " ".join(capsys.readouterr().out.split())
    assert main(["pause", session, "--in", copy, "--dry-run"]) == 1
    assert f"refused: it is a recording: {why}" in capsys.readouterr().out


def test_read_only_is_an_option_of_every_verb(attack: Attack, capsys):
    session = attack.transcript(attack.config)
    for verb in Verb:
        text = {"redirect": ["--text", "x"], "answer": ["--allow"]}.get(verb.value, [])
        assert main([verb.value, session, "--read-only", *text]) == 1
        assert "refused" in capsys.readouterr().out
