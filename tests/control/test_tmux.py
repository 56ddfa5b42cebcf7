"""Panes, found in a real tmux with its own socket, by process only; and the reasons for failures."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S
from tui.agents.process import identity
from tui.control.routes.tmux import client as tmux
from tui.control.routes.tmux.client import (
    NO_ANSWER,
    NOT_INSIDE,
    NOT_INSTALLED,
    Pane,
    TmuxError,
    jump,
    pane_of,
    panes,
    run_tmux,
)

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

LONG = "sleep 1000"


@dataclass
class Server:
    """A tmux server of the test. `env` is the environment of a process inside it."""

    base: dict[str, str]
    env: dict[str, str]

    def __call__(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-L", "test", "-f", "/dev/null", *args], check=False,
            env=self.base, capture_output=True, text=True, timeout=PATIENCE_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip("\n")

    def end(self) -> None:
        subprocess.run(
            ["tmux", "-L", "test", "kill-server"],
            check=False, env=self.base, capture_output=True, timeout=PATIENCE_S,
        )  # fmt: skip

    def run(self, args: Sequence[str]) -> str:
        """Runs tmux as a lanewatch in this server's first pane would."""
        return run_tmux(args, self.env)


@pytest.fixture
def server() -> Iterator[Server]:
    # Not in pytest's folder, because the path of a socket must be short.
    folder = tempfile.mkdtemp(prefix="lw-")
    base = {"PATH": os.environ["PATH"], "TMUX_TMPDIR": folder, "HOME": folder, "SHELL": "/bin/sh", "TERM": "screen"}
    made = Server(base, base)
    try:
        made("new-session", "-d", "-s", "one", "-x", "80", "-y", "24", LONG)
        socket = made("display-message", "-p", "#{socket_path},#{pid},0")
        made.env = {**base, "TMUX": socket, "TMUX_PANE": "%0"}
        yield made
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def pane_pid(server: Server, pane: str) -> int:
    return int(server("display-message", "-p", "-t", pane, "#{pane_pid}"))


@pytest.fixture
def terminal(server: Server) -> Iterator[None]:
    """A terminal attached to the session `one`."""
    ours, theirs = pty.openpty()
    client = subprocess.Popen(
        ["tmux", "-u", "-L", "test", "attach-session", "-t", "one"],
        env=server.base, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    drawn = threading.Event()
    drain = threading.Thread(target=_read_all, args=(ours, drawn), daemon=True)
    drain.start()
    try:
        assert drawn.wait(PATIENCE_S), "tmux draws as soon as it is attached"
        yield
    finally:
        client.kill()
        client.wait(PATIENCE_S)
        drain.join(PATIENCE_S)
        os.close(ours)


def _read_all(fd: int, drawn: threading.Event) -> None:
    try:
        while os.read(fd, 65536):
            drawn.set()
    except OSError:
        return  # the error by which Linux reports that the other end is closed


# -- servers --------------------------------------------------------------------------------------


def test_a_socket_that_an_ended_server_left_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new server in its place is found; so is one that had only begun when it was first asked."""
    folder = tmp_path / f"tmux-{os.getuid()}"
    folder.mkdir()
    left = folder / "left"
    asked: list[str] = []

    class Door(socket.socket):
        def connect(self, path: str) -> None:  # type: ignore[override]
            asked.append(path)
            super().connect(path)

    def bound() -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        with contextlib.chdir(folder):  # the path of a socket must be short
            made.bind("left")
        return made

    def found() -> list[str]:
        asked.clear()
        with contextlib.chdir(tmp_path):
            return tmux.servers({"TMUX_TMPDIR": "."})

    monkeypatch.setattr(tmux.socket, "socket", Door)
    with bound() as beginning:
        assert (found(), len(asked)) == ([], 1)
        beginning.listen()
        assert (len(found()), len(asked)) == (1, 1)
    os.utime(left, (1, 1))
    assert (found(), len(asked)) == ([], 1)
    assert (found(), len(asked)) == ([], 0)
    left.unlink()
    with bound() as again:
        again.listen()
        assert (len(found()), len(asked)) == (1, 1)
    left.unlink()
    assert (found(), tmux._ended) == ([], {})


# -- listing --------------------------------------------------------------------------------------


@needs_tmux
def test_panes_of_all_sessions_are_found(server: Server) -> None:
    server("new-session", "-d", "-s", "two", "-n", "work", LONG)
    server("split-window", "-d", "-t", "two:work", LONG)
    found = panes(server.run)
    assert [(pane.id, pane.session, pane.window) for pane in found] == [
        ("%0", "one", "0"), ("%1", "two", "0"), ("%2", "two", "0"),
    ]  # fmt: skip
    for pane in found:
        assert pane.pid == pane_pid(server, pane.id)
        assert pane.tty.startswith("/dev/")
        assert pane.command
    assert found[1].window_name == "work"


@needs_tmux
def test_window_names_and_titles_cannot_imitate_a_pane(server: Server) -> None:
    hostile = "x\n%0 1\n%99\t4242\t0 é🙂#{pane_pid}"
    server("rename-window", "-t", "one", hostile)
    server("select-pane", "-t", "one", "-T", "title\t%98 ##(touch x)")  # otherwise tmux itself would run it
    server("new-session", "-d", "-s", "tw\to é", LONG)
    found = panes(server.run)
    assert [pane.id for pane in found] == ["%0", "%1"]
    assert [pane.pid for pane in found] == [pane_pid(server, "%0"), pane_pid(server, "%1")]
    assert "é🙂" in found[0].window_name
    assert found[1].session.startswith("tw")


@needs_tmux
def test_a_window_in_two_sessions_is_listed_once(server: Server) -> None:
    server("new-session", "-d", "-s", "two", LONG)
    server("link-window", "-d", "-s", "one:0", "-t", "two:5")
    assert sorted(pane.id for pane in panes(server.run)) == ["%0", "%1"]


def told(line: str) -> tmux.Run:
    """A tmux that answers a listing with this text, in which `|` separates the fields."""
    return lambda args: line.replace("|", args[-1].partition("#{")[0])


def test_a_dead_pane_is_left_out() -> None:
    # Its process id may belong to another program by now.
    living, dead = "|%3|4242|0|tty|s|0|n|c|t|1|11|\n", "|%4|4343|1|tty|s|0|n|c|t|\n"
    assert [pane.id for pane in panes(told(living + dead))] == ["%3"]


# -- which pane -----------------------------------------------------------------------------------


@needs_tmux
def test_a_descendant_process_is_found_in_its_pane(server: Server, tmp_path: Path) -> None:
    pid_file, script = tmp_path / "pid", tmp_path / "agent.sh"
    script.write_text(f"sleep 1000 &\necho $! > {pid_file}\ntmux wait-for -S up\nwait\n")
    server("new-window", "-d", "-t", "one", f"sh -c 'sh {script}; true'; true")
    server("wait-for", "up")
    agent = int(pid_file.read_text())
    pane = pane_of(agent, run=server.run)
    assert pane is not None
    assert pane.id == "%1"
    assert pane.pid != agent, "the agent is not the pane's own process"


@needs_tmux
def test_the_panes_own_process_is_in_it(server: Server) -> None:
    assert pane_of(pane_pid(server, "%0"), run=server.run) == panes(server.run)[0]


@needs_tmux
def test_a_process_elsewhere_is_in_no_pane(server: Server) -> None:
    assert pane_of(os.getpid(), run=server.run) is None
    assert pane_of(1, run=server.run) is None


@needs_tmux
def test_a_process_that_is_gone_is_in_no_pane(server: Server) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(PATIENCE_S)
    assert pane_of(gone.pid, run=server.run) is None
    for nobody in (-1, 0, 10**30):
        assert pane_of(nobody, run=server.run) is None


@needs_tmux
def test_a_later_process_with_the_same_pid_is_not_accepted(server: Server) -> None:
    pid = pane_pid(server, "%0")
    assert pane_of(pid, start=identity(pid), run=server.run) is not None
    assert pane_of(pid, start="1@another boot", run=server.run) is None


@pytest.mark.parametrize(
    ("attached", "active", "takes"), [("1", "11", True), ("0", "11", False), ("2", "10", False), ("1", "01", False)]
)
def test_only_the_pane_in_front_of_an_attached_terminal_takes_keys(attached: str, active: str, takes: bool) -> None:
    (pane,) = panes(told(f"|%3|4242|0|tty|s|0|n|c|t|{attached}|{active}|\n"))
    assert pane.takes_keys is takes


def test_only_an_equal_pid_counts() -> None:
    mine = os.getpid()
    longer = int(f"{mine}0")
    listed = "|%3|{pid}|0|/dev/pts/1|s|0|n|c|t|1|11|\n"
    assert pane_of(mine, run=told(listed.format(pid=mine))) is not None
    assert pane_of(mine, run=told(listed.format(pid=longer))) is None
    assert pane_of(longer, run=told(listed.format(pid=mine))) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "|",
        "|%3|x|0|tty|s|0|n|c|t|",
        "|3|77|0|tty|s|0|n|c|t|",
        "|%3|77|0|tty|s|0|n|c",
        "|%3;kill|77|0|t|s|0|n|c|t|",
    ],
)
def test_fields_that_do_not_describe_a_pane_are_ignored(line: str) -> None:
    assert panes(told(line)) == []


# -- going there ----------------------------------------------------------------------------------


def shown(server: Server) -> tuple[str, str]:
    """The session and pane that the attached terminal shows."""
    session = server("list-clients", "-F", "#{client_session}")
    return session, server("display-message", "-p", "-t", f"={session}:", "#{pane_id}")


@needs_tmux
@pytest.mark.usefixtures("terminal")
def test_jump_shows_a_pane_of_another_session(server: Server) -> None:
    server("new-session", "-d", "-s", "one-and-more", LONG)
    server("new-window", "-d", "-t", "one-and-more", LONG)
    server("split-window", "-d", "-t", "one-and-more:1", LONG)
    assert shown(server) == ("one", "%0")
    target = {pane.id: pane for pane in panes(server.run)}["%3"]
    jump(target, server.run)
    assert shown(server) == ("one-and-more", "%3")


@needs_tmux
@pytest.mark.usefixtures("terminal")
def test_jump_within_one_session_and_back(server: Server) -> None:
    server("split-window", "-d", "-t", "one", LONG)
    server("new-window", "-d", "-t", "one", LONG)
    for pane in ("%2", "%1", "%0"):
        jump({each.id: each for each in panes(server.run)}[pane], server.run)
        assert shown(server) == ("one", pane)


@needs_tmux
@pytest.mark.usefixtures("terminal")
def test_jump_finds_a_pane_that_was_moved(server: Server) -> None:
    server("new-window", "-d", "-t", "one", LONG)
    target = panes(server.run)[1]
    server("swap-pane", "-d", "-s", "%0", "-t", "%1")
    jump(target, server.run)
    assert shown(server) == ("one", "%1")


@needs_tmux
def test_a_missing_pane_is_reported(server: Server) -> None:
    with pytest.raises(TmuxError, match="%77"):
        jump(Pane("%77", 4242, "", "one", "0"), server.run)


@needs_tmux
def test_without_a_terminal_there_is_nothing_to_switch(server: Server) -> None:
    with pytest.raises(TmuxError, match="client"):
        jump(panes(server.run)[0], server.run)


@pytest.mark.parametrize("hostile", ["", "one", "%1;kill-server", "%1\n", "-t", "%", "%x"])
def test_only_a_valid_pane_id_is_passed_to_tmux(hostile: str) -> None:
    ran: list[Sequence[str]] = []
    with pytest.raises(TmuxError):
        jump(Pane(hostile, 4242, "", "", ""), lambda args: ran.append(args) or "")
    assert not ran


# -- why not --------------------------------------------------------------------------------------


@pytest.mark.parametrize("env", [{}, {"TMUX": ""}])
def test_jump_outside_tmux_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(TmuxError, match=NOT_INSIDE):
        run_tmux(["list-panes"], env)


def test_a_missing_tmux_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TmuxError, match=NOT_INSTALLED):
        run_tmux(["list-panes"], {"TMUX": "/none,1,0", "PATH": str(tmp_path)})


@needs_tmux
def test_a_tmux_server_that_has_ended_is_reported() -> None:
    with pytest.raises(TmuxError, match="tmux: "):
        run_tmux(["list-panes"], {"TMUX": "/nowhere/at/all,1,0", "PATH": os.environ["PATH"]})


def test_a_tmux_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "tmux"
    fake.write_text("#!/bin/sh\nexec sleep 1000\n")
    fake.chmod(0o755)
    monkeypatch.setattr(tmux, "TIMEOUT_S", 0.05)
    with pytest.raises(TmuxError, match=NO_ANSWER):
        run_tmux(["list-panes"], {"TMUX": "/none,1,0", "PATH": f"{tmp_path}:{os.environ['PATH']}"})


def test_an_error_of_tmux_is_quoted_and_shortened(tmp_path: Path) -> None:
    fake = tmp_path / "tmux"
    fake.write_text("#!/bin/sh\nhead -c 5000 /dev/zero | tr '\\0' 'x' >&2\nexit 3\n")
    fake.chmod(0o755)
    with pytest.raises(TmuxError) as told:
        run_tmux(["list-panes"], {"TMUX": "/none,1,0", "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert len(str(told.value)) < 250


def test_output_that_is_not_utf8_is_still_read(tmp_path: Path) -> None:
    fake = tmp_path / "tmux"
    fake.write_text("#!/bin/sh\nprintf '\\377\\376'\n")
    fake.chmod(0o755)
    assert run_tmux([], {"TMUX": "/none,1,0", "PATH": f"{tmp_path}:{os.environ['PATH']}"})
