"""The door to Codex's daemon and the real client: a screen in a tmux of its own, whose loop lives in the daemon."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.clients.lanes import Home, Pane, at_rest, codex_tui, end_daemons, heard, heard_at_least
from tests.waiting import until
from tui.agents.codex import daemon as codex_daemon
from tui.agents.codex.processes import attached
from tui.agents.daemon import DaemonRefused, NoDaemon, Thread

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here: a screen needs a terminal"),
]
LOOP = "go {{calls=100 wait=1}}"


@dataclass
class Screen:
    """A client in mid-loop."""

    codex: Path
    home: Home
    pane: Pane
    thread: str

    @property
    def codex_home(self) -> Path:
        return self.home.path / ".codex"

    @property
    def socket(self) -> Path:
        return codex_daemon.socket_of(self.codex_home)

    def told(self) -> Thread:
        found = codex_daemon.thread(self.socket, self.thread)
        assert found is not None
        return found

    def turn(self) -> str:
        turn = self.told().turn
        assert turn is not None, "no turn runs"
        return turn

    def queue(self, text: str) -> None:
        """A message for a later turn, by the client's own command."""
        args = [str(self.codex), "queue", "--thread", self.thread, "--message", text]
        subprocess.run(args, cwd=self.home.work, env=self.home.env, check=True, capture_output=True, timeout=60)

    def leave(self) -> None:
        """The pane is killed, as by hand."""
        self.pane.close()
        if sys.platform == "linux":
            until(lambda: attached(self.codex_home) is False, "the end of its connection")


@pytest.fixture
def screen(codex: Path, home: Path, model: int) -> Iterator[Screen]:
    place = Home(home, model)
    pane, thread = codex_tui(codex, place, LOOP)
    try:
        heard_at_least(2)
        yield Screen(codex, place, pane, thread)
    finally:
        pane.close()
        end_daemons(place)


def first_with(text: str) -> int | None:
    """The number of the first request that held a text."""
    return next((number for number, (_, body) in enumerate(heard()) if text in body), None)


def test_it_is_told(screen):
    told = screen.told()
    assert told.status == "active"
    assert told.queued == 0
    assert told.cwd == str(screen.home.work.resolve())
    assert told.path is not None
    assert told.path.endswith(f"{screen.thread}.jsonl")
    assert [one.id for one in codex_daemon.threads(screen.socket)] == [screen.thread]
    assert codex_daemon.thread(screen.socket, "01a1fcf2-f60f-7361-b65e-4a31f7956899") is None


def test_a_text_stands_in_the_next_request(screen):
    turn = screen.turn()
    before = len(heard())
    codex_daemon.steer(screen.socket, screen.thread, turn, "Look at Xyzzy-1.\n\x1b[201~ 'first' \"of\" all: ü 🙂")
    until(lambda: first_with("Xyzzy-1") is not None, "the text at the model")
    seen = first_with("Xyzzy-1")
    assert seen is not None
    assert seen <= before + 1, "one request may have been on its way already"
    sent = json.dumps("\x1b[201~ 'first' \"of\" all: ü 🙂", ensure_ascii=False)[1:-1]
    assert sent in heard()[seen][1]
    assert screen.turn() == turn


def test_another_turn_is_left_alone(screen):
    other = "01a1fcf3-f81a-7b01-83e5-77bf1c15e832"
    with pytest.raises(DaemonRefused):
        codex_daemon.steer(screen.socket, screen.thread, other, "Xyzzy-2")
    with pytest.raises(DaemonRefused):
        codex_daemon.interrupt(screen.socket, screen.thread, other)
    assert screen.told().status == "active"
    count = len(heard())
    heard_at_least(count + 2)
    assert first_with("Xyzzy-2") is None


def test_interrupted_and_begun_again(screen):
    codex_daemon.interrupt(screen.socket, screen.thread, screen.turn())
    assert screen.told().turn is None
    before = at_rest()
    screen.pane.shows("Conversation interrupted")
    with pytest.raises(DaemonRefused):
        codex_daemon.interrupt(screen.socket, screen.thread, "01a1fcf3-f81a-7b01-83e5-77bf1c15e832")

    assert "began a turn" in codex_daemon.start_turn(screen.socket, screen.thread, "Xyzzy-3 {{calls=100 wait=1}}")
    until(lambda: len(heard()) > before, "a further request")
    screen.pane.shows("Xyzzy-3")
    turn = screen.turn()
    assert "ran already" in codex_daemon.start_turn(screen.socket, screen.thread, "Xyzzy-4")
    assert screen.turn() == turn
    until(lambda: first_with("Xyzzy-4") is not None, "the text at the model")


def test_what_is_queued_does_not_run_after_it_was_emptied(screen):
    screen.queue("Xyzzy-5 {{calls=50 wait=1}}")
    screen.queue("Xyzzy-6 {{calls=50 wait=1}}")
    assert screen.told().queued == 2
    assert codex_daemon.clear_queue(screen.socket, screen.thread) == 2
    codex_daemon.interrupt(screen.socket, screen.thread, screen.turn())
    codex_daemon.start_turn(screen.socket, screen.thread, "and then {{calls=1}}")  # its end would begin the next one
    until(lambda: screen.told().turn is None, "the end of the turn")
    at_rest()
    assert first_with("Xyzzy-5") is None
    assert first_with("Xyzzy-6") is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is connected")
def test_nobody_watches_once_its_pane_has_gone_and_it_is_closed_all_the_same(screen):
    assert attached(screen.codex_home) is None
    screen.leave()
    before = len(heard())
    heard_at_least(before + 2)  # it burns on
    screen.queue("Xyzzy-7 {{calls=50 wait=1}}")
    codex_daemon.steer(screen.socket, screen.thread, screen.turn(), "Xyzzy-8")
    until(lambda: first_with("Xyzzy-8") is not None, "the text at the model")

    assert codex_daemon.clear_queue(screen.socket, screen.thread) == 1
    codex_daemon.interrupt(screen.socket, screen.thread, screen.turn())
    count = at_rest()
    told = screen.told()
    assert (told.status, told.turn, told.queued) == ("idle", None, 0)
    assert len(heard()) == count
    assert first_with("Xyzzy-7") is None
    assert attached(screen.codex_home) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is connected")
def test_a_screen_begun_in_another_folder_is_somebody(screen):
    screen.leave()
    pane = Pane(screen.home)
    try:
        pane.type(f"cd / && {screen.codex} -C {screen.home.work} resume {screen.thread}")
        until(lambda: attached(screen.codex_home) is None, "its connection")
    finally:
        pane.close()


def test_a_command_that_outlives_its_turn_is_ended(codex, home, model):
    place = Home(home, model)
    pane, thread = codex_tui(codex, place, "go {{calls=3 wait=300}}")
    socket = codex_daemon.socket_of(home / ".codex")

    def running() -> list[psutil.Process]:
        """The shell's own command, by its folder."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            if process.info["cmdline"] == ["sleep", "300.0"] and process.info["cwd"] == str(place.work.resolve()):
                found.append(process)
        return found

    try:
        until(running, "the command")
        pane.shows("background terminal running")  # in its first moment an interrupt would still end it
        found = codex_daemon.thread(socket, thread)
        assert found is not None
        assert found.turn is not None
        codex_daemon.interrupt(socket, thread, found.turn)
        assert running(), "an interrupt ends commands too by now: `end_commands` has no point any more"
        assert codex_daemon.end_commands(socket, thread) == 1
        until(lambda: not running(), "the command's end")
        assert codex_daemon.end_commands(socket, thread) == 0
    finally:
        pane.close()
        end_daemons(place)


def test_a_daemon_that_was_killed_is_no_daemon(screen):
    end_daemons(screen.home)

    def gone() -> bool:
        try:
            codex_daemon.thread(screen.socket, screen.thread)
        except NoDaemon:
            return True
        except codex_daemon.DaemonError:
            return False  # it is just ending
        return False

    until(gone, "its end")
    assert attached(screen.codex_home) is None
