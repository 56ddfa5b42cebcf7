"""Keys reach the intended client in a real tmux, and a shell gets nothing."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.fleets import harbor
from tests.programs import ENV, python_as
from tests.waiting import PATIENCE_S, until
from tui.agents.process import identity
from tui.control.folder import ControlFolder
from tui.control.routes.base import Surroundings
from tui.control.routes.tmux.client import all_panes
from tui.control.routes.tmux.route import PaneRoute
from tui.control.routes.tmux.typing import TypingRefused, aim_at, check, clean, interrupt, leave, paste
from tui.model.snapshot import ProcessFact

pytestmark = [pytest.mark.tmux, pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here")]

CLIENT = r"""
import os, re, sys, tty, pathlib, subprocess
log, pid = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
text, at, shell, got, pasting = sys.argv[3].replace("|", "\n"), len(sys.argv[3]), False, b"", False
if len(sys.argv) > 4:  # an editor, in the client's own group
    subprocess.run(sys.argv[4:])

def draw():
    rows = text[:at].split("\n")
    shown = ("! " if shell else "> ") + (text.replace("\n", "\r\n  ") or "\x1b[2mAsk for anything\x1b[m")
    os.write(1, f"\x1b[2J\x1b[5H{shown}\x1b[{4 + len(rows)};{3 + len(rows[-1])}H".encode())

if sys.stdin.isatty() and log.name != "headless":
    tty.setraw(0)
os.write(1, b"\x1b[?2004h")
draw()
pid.write_text(str(os.getpid()))
while True:
    data = os.read(0, 65536)
    got += data
    log.write_bytes(got)
    for key in re.findall("\x1b\\[20[01]~|.", data.decode(errors="replace"), re.DOTALL):
        if key.startswith("\x1b["):
            pasting = key == "\x1b[200~"
        elif key == "\x01":  # to the start
            at = 0
        elif key == "!" and not text:
            shell = True
        elif key == "\r" and not pasting and (log.parent / "slow").exists():
            text, at = text + "\n", at + 1
        elif key == "\r" and not pasting:
            (log.parent / "sent").open("a").write(("!" if shell else "") + text + "\n")
            if text == "/exit":
                os.write(1, b"\x1b[?2004l")
                sys.exit(subprocess.run(["stty", "sane"]).returncode)
            text, at = "", 0
        elif key >= " " or key == "\r":
            text, at = text[:at] + key.replace("\r", "\n") + text[at:], at + 1
    draw()
"""


class Pane:
    """A shell in a pane of its own server, and a client that the shell runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = f"lanewatch-{uuid.uuid4().hex[:8]}"  # the path of a socket may have at most 107 characters
        self.got, self.pid_file = folder / "got", folder / "pid"
        (folder / "client.py").write_text(CLIENT)
        self.env = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TMUX_TMPDIR": str(folder),
            "TERM": "xterm-256color",
            **ENV,
        }
        self.program = python_as(folder / "bin" / "claude", "claude")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-c", str(folder), "-x", "100", "-y", "30", "sh")
        self.id = self.tmux("display-message", "-p", "#{pane_id}").strip()

    def tmux(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, *args],
            env=self.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return done.stdout

    def run(self, command: str) -> None:
        self.tmux("send-keys", "-t", self.id, "-l", command)
        self.tmux("send-keys", "-t", self.id, "Enter")

    def begin(self, draft: str = "", editor: str = "") -> int:
        """Starts the client with a draft in its input line (`|` is a line break). Returns its process."""
        self.run(f"{self.program} {self.folder}/client.py {self.got} {self.pid_file} '{draft}' {editor}")
        until(lambda: self.pid_file.exists() and self.pid_file.read_text())
        return int(self.pid_file.read_text())

    def sent(self) -> list[str]:
        """The texts that were submitted."""
        sent = self.folder / "sent"
        return sent.read_text().splitlines() if sent.exists() else []

    def row(self) -> str:
        """The row of the cursor."""
        y = int(self.tmux("display-message", "-p", "-t", self.id, "#{cursor_y}"))
        return self.tmux("capture-pane", "-p", "-t", self.id).split("\n")[y]

    def said(self) -> bytes:
        return self.got.read_bytes() if self.got.exists() else b""


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or only waits for its parent. It may go between two looks."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def pane(tmp_path: Path, monkeypatch) -> Iterator[Pane]:
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    made = Pane(tmp_path)
    yield made
    subprocess.run(["tmux", "-L", made.socket, "kill-server"], env=made.env, capture_output=True, check=False)


@pytest.mark.parametrize(
    "text",
    [
        "go on",
        "first\n\nthird",
        "x -t other",
        "say\n!rm -rf /",
        "a $(touch pwned) `touch pwned`",
        "x; touch pwned",
        "é ☃ 漢字",
        "x #{pane_pid} \\",
    ],
)
def test_a_text_arrives_unchanged_in_one_paste(pane, text):
    aim = aim_at(pane.begin(), None)
    paste(aim, clean(text), 0.15)
    until(lambda: pane.said().endswith(b"\r"))
    # tmux ends a line of a paste with the key that a person would press. The space at the end closes lists of names,
    # and prevents that a backslash turns the Enter into a new line.
    wanted = text.replace("\n", "\r").encode()
    assert pane.said() == b"\x1b[200~" + wanted + b" \x1b[201~\r"
    assert not (pane.folder / "pwned").exists()


def test_a_text_whose_enter_became_a_new_line_is_not_reported_as_submitted(pane):
    """As happens with a client that has not yet read the whole paste."""
    aim = aim_at(pane.begin(), None)
    (pane.folder / "slow").touch()
    with pytest.raises(TypingRefused, match="pasted, but not submitted: it still stands in the input line"):
        paste(aim, "go on", 0.01)
    assert pane.sent() == []


@pytest.mark.parametrize(
    "text",
    [
        "/clear",
        "!touch pwned",
        " !x",
        "# note",
        "@file",
        "& x",
        "$x",
        "?",
        "\\",
        "\N{FULLWIDTH EXCLAMATION MARK}x",
        "-x",
    ],
)
def test_a_text_that_may_be_a_command_is_not_typed(pane, text):
    aim = aim_at(pane.begin(), None)
    with pytest.raises(TypingRefused, match="may be a command"):
        paste(aim, clean(text), 0.01)
    assert pane.said() == b""


def test_the_escape_key_and_the_exit_command(pane):
    aim = aim_at(pane.begin(), None)
    interrupt(aim)
    until(lambda: pane.said() == b"\x1b")
    leave(aim, "/exit")
    until(lambda: pane.said() == b"\x1b/exit\r")
    with pytest.raises(TypingRefused):
        leave(aim, "/exit; rm -rf ~")


def test_nothing_is_typed_after_the_client_has_ended(pane):
    pid = pane.begin()
    aim = aim_at(pid, None)
    os.kill(pid, signal.SIGKILL)
    until(lambda: has_ended(pid))
    for act in (
        lambda: paste(aim, "touch pwned", 0.01),
        lambda: interrupt(aim),
        lambda: leave(aim, "/exit"),
        lambda: aim_at(pid, None),
    ):
        with pytest.raises(TypingRefused, match="gone"):
            act()
    # The shell still reads: it creates this file, and would have created the other one before.
    pane.tmux("send-keys", "-t", pane.id, "-l", "touch marker")
    pane.tmux(
        "send-keys", "-t", pane.id, "C-j"
    )  # the client left the terminal in raw mode, in which Enter would not end a line
    until((pane.folder / "marker").exists)
    assert not (pane.folder / "pwned").exists()


def test_nothing_is_typed_if_another_program_is_in_the_foreground(pane):
    pid = pane.begin()
    aim = aim_at(pid, None)
    os.kill(pid, signal.SIGSTOP)  # the shell takes the terminal back
    until(lambda: os.getpgid(pid) != int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[5]))
    with pytest.raises(TypingRefused, match="in front"):
        paste(aim, "touch pwned", 0.01)
    os.kill(pid, signal.SIGKILL)


def test_nothing_is_typed_into_a_stopped_client_under_a_wrapper(pane):
    """The client's screen is still visible. When the client ends, a shell would run the keys that it had not read."""
    client = f"{pane.program} {pane.folder}/client.py {pane.got} {pane.pid_file} ''"
    pane.run(f"sh -c {shlex.quote(f'{client}; exit')}")
    until(lambda: pane.pid_file.exists() and pane.pid_file.read_text())
    pid = int(pane.pid_file.read_text())
    aim = aim_at(pid, None)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    for act in (lambda: paste(aim, "touch pwned", 0.01), lambda: interrupt(aim), lambda: leave(aim, "/exit")):
        with pytest.raises(TypingRefused, match="was stopped"):
            act()
    assert "was stopped" in _tmux_route(pid, {one.pid: one for one in all_panes()}).why
    os.kill(pid, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(pid))
    pane.tmux("send-keys", "-t", pane.id, "-l", "touch marker")
    pane.tmux(
        "send-keys", "-t", pane.id, "C-j"
    )  # the client left the terminal in raw mode, in which Enter would not end a line
    until((pane.folder / "marker").exists)
    assert not (pane.folder / "pwned").exists()


DRAFTS = ["a draft", "one|two|three", "a|||b|", "/mod", "see @", "x", "1. first", "|".join(map(str, range(20)))]


@pytest.mark.parametrize("draft", DRAFTS)
@pytest.mark.parametrize("at_start", [False, True])
def test_a_draft_is_not_changed_and_nothing_is_typed(pane, draft, at_start):
    """Also if the cursor is before the draft, as in an empty line with a hint."""
    aim = aim_at(pane.begin(draft), None)
    if at_start:
        pane.tmux("send-keys", "-t", pane.id, "C-a")
        until(lambda: pane.row().startswith("> ") and b"\x01" in pane.said())
    before = pane.said()
    for act in (lambda: paste(aim, "go on", 0.05), lambda: leave(aim, "/exit"), lambda: interrupt(aim)):
        with pytest.raises(TypingRefused, match=r"a draft stands|question or menu"):
            act()
    assert pane.said() == before
    assert not pane.sent()


def test_escape_is_sent_over_a_draft_if_no_question_can_be_open(pane):
    aim = aim_at(pane.begin("half a thought"), None)
    interrupt(aim, draft_stays=True)
    until(lambda: pane.said() == b"\x1b")
    assert not pane.sent()


def test_nothing_is_typed_in_shell_mode(pane):
    aim = aim_at(pane.begin(), None)
    pane.tmux("send-keys", "-t", pane.id, "-l", "!")
    until(lambda: b"!" in pane.said())
    for act in (lambda: paste(aim, "go on", 0.05), lambda: leave(aim, "/exit"), lambda: interrupt(aim)):
        with pytest.raises(TypingRefused, match="shell mode"):
            act()
    assert pane.said() == b"!"


def test_nothing_is_typed_into_an_editor_that_the_client_started(pane):
    """The editor is in the client's process group, in the foreground, and reads the same terminal."""
    pane.run(f"{pane.program} {pane.folder}/client.py {pane.got} {pane.pid_file} '' {sys.executable} -q -i")
    until(lambda: ">>>" in pane.tmux("capture-pane", "-p", "-t", pane.id))
    pid = int(pane.tmux("display-message", "-p", "-t", pane.id, "#{pane_pid}"))
    (client,) = psutil.Process(pid).children()
    with pytest.raises(TypingRefused, match="reads the keys"):
        aim_at(client.pid, None)


def test_nothing_is_typed_while_a_helper_of_the_client_reads_the_terminal(pane):
    """Like an ssh that asks for a password: it has no standard input, and opens the terminal by itself."""
    asks = pane.folder / "asks.py"
    asks.write_text(
        "import os, time\n"
        "null, keys = os.open('/dev/null', os.O_RDONLY), os.open('/dev/tty', os.O_RDONLY)\n"
        "os.dup2(null, 0)\n"
        "print('asks', 'now')\n"
        "time.sleep(600)\n"
    )
    pane.run(f"{pane.program} {pane.folder}/client.py {pane.got} {pane.pid_file} '' {sys.executable} -u {asks}")
    until(lambda: "asks now" in pane.tmux("capture-pane", "-p", "-t", pane.id))
    pid = int(pane.tmux("display-message", "-p", "-t", pane.id, "#{pane_pid}"))
    (client,) = psutil.Process(pid).children()
    with pytest.raises(TypingRefused, match="reads the keys"):
        aim_at(client.pid, None)


def test_nothing_is_typed_into_a_client_that_reads_no_keys(pane):
    """The shell would read the keys when the client has ended."""
    pane.got = pane.folder / "headless"
    with pytest.raises(TypingRefused, match="reads no keys"):
        aim_at(pane.begin(), None)


def test_the_route_is_open_only_if_keys_would_reach_the_client(pane):
    tui = pane.begin()
    pane.tmux("split-window", "-d", "exec sleep 600")
    panes = {one.pid: one for one in all_panes()}
    (other,) = [pid for pid in panes if tui not in [child.pid for child in psutil.Process(pid).children()]]
    assert _tmux_route(tui, panes).is_open
    cooked = _tmux_route(other, panes)
    assert not cooked.is_open
    assert "reads no keys" in cooked.why
    elsewhere = {pid: replace(one, tty=panes[other].tty) for pid, one in panes.items()}
    assert "another terminal" in _tmux_route(tui, elsewhere).why


@pytest.mark.parametrize("how", ["stopped", "begun in the background"])
def test_the_route_is_shut_while_a_shell_is_in_the_foreground(pane, how):
    """The reason is the same as for typing, and the route opens when the client is in the foreground again."""
    if how == "stopped":
        pid = pane.begin()
        assert _tmux_route(pid, {one.pid: one for one in all_panes()}).is_open
        os.kill(pid, signal.SIGSTOP)  # as ^Z does: the shell takes the terminal back
    else:
        pane.run(f"set -m; {pane.program} -c 'import time; time.sleep(600)' & echo $! > {pane.pid_file}")
        until(lambda: pane.pid_file.exists() and pane.pid_file.read_text().strip())
        pid = int(pane.pid_file.read_text())
    panes = {one.pid: one for one in all_panes()}
    until(
        lambda: "is not in front in pane" in _tmux_route(pid, panes).why
    )  # a stopped client is still not in the foreground
    route = _tmux_route(pid, panes)
    assert not route.is_open
    with pytest.raises(TypingRefused) as refused:
        aim_at(pid, None)
    assert str(refused.value) == route.why
    if how == "stopped":
        pane.tmux("send-keys", "-t", pane.id, "-l", "fg")
        pane.tmux(
            "send-keys", "-t", pane.id, "C-j"
        )  # the client left the terminal in raw mode, in which Enter would not end a line
        until(lambda: _tmux_route(pid, panes).is_open)
    os.kill(pid, signal.SIGKILL)


def _tmux_route(pid: int, panes):
    process = ProcessFact(pid, "s", None, None, "claude", None, None, identity(pid), "registry")
    lane = replace(harbor().lanes[0], process=process)
    return PaneRoute(ControlFolder(Path("unused"))).probe(lane, lane, Surroundings(panes=panes))


def test_nothing_is_typed_into_a_pane_in_copy_mode(pane):
    aim = aim_at(pane.begin(), None)
    pane.tmux("copy-mode", "-t", pane.id)
    with pytest.raises(TypingRefused, match="copy mode"):
        paste(aim, "go on", 0.01)
    assert pane.tmux("list-buffers") == ""
    assert pane.said() == b""


def test_nothing_is_typed_into_synchronized_panes(pane):
    aim = aim_at(pane.begin(), None)
    pane.tmux("split-window", "-d", "sleep 600")
    pane.tmux("set-window-option", "synchronize-panes", "on")
    with pytest.raises(TypingRefused, match="synchronized"):
        paste(aim, "go on", 0.01)
    assert pane.said() == b""


def test_keys_reach_a_pane_that_was_moved(pane):
    aim = aim_at(pane.begin(), None)
    pane.tmux("split-window", "-d", "sleep 600")
    pane.tmux("swap-pane", "-s", pane.id, "-t", ".-")
    pane.tmux("new-session", "-d", "-s", "lane-10", "sleep 600")
    paste(aim, "go on", 0.05)
    until(lambda: b"go on" in pane.said())


def test_nothing_is_typed_into_a_closed_pane(pane):
    pid = pane.begin()
    aim = aim_at(pid, None)
    pane.tmux("new-window", "-d", "sleep 600")
    pane.tmux("kill-pane", "-t", pane.id)
    until(lambda: not psutil.pid_exists(pid))
    with pytest.raises(TypingRefused):
        paste(aim, "go on", 0.01)


def test_every_stored_fact_about_the_pane_is_checked_again(pane):
    pid = pane.begin()
    aim = aim_at(pid, None)
    with pytest.raises(TypingRefused, match="another one"):
        check(replace(aim, client_start="1@another boot"))
    with pytest.raises(TypingRefused, match="another one"):
        aim_at(pid, "1@another boot")
    with pytest.raises(TypingRefused, match="not what it was"):
        interrupt(replace(aim, pane_pid=aim.pane_pid + 1))
    with pytest.raises(TypingRefused, match="no tmux pane"):
        aim_at(os.getpid(), None)
    assert pane.said() == b""


@pytest.mark.parametrize(
    "bad",
    [
        *["\x1b[201~\rtouch pwned", "a\x03b", "a\x00b", "\x9b31m", "\x7f", "a\rb", "\ud800", "", " \n", "x" * 10_001],
        "\N{RIGHT-TO-LEFT OVERRIDE}/exit",
        "a\N{POP DIRECTIONAL ISOLATE}",
    ],
)
def test_texts_that_are_refused(bad):
    with pytest.raises(TypingRefused):
        clean(bad)


def test_texts_that_are_typed():
    assert clean("a\r\nb\n\n") == "a\nb"
    assert clean("\tx") == "    x"
