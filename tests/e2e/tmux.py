"""A real tmux on a socket of its own, with a clean environment."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.commands import shared
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
EXIT = re.compile(r"^EXIT=(\d+)$", re.MULTILINE)


class Tmux:
    """One server, one window, one pane."""

    def __init__(self, home: Path, size: tuple[int, int]) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("no tmux here")
        self.home = home
        self.size = size
        self._sockets = tempfile.mkdtemp(prefix="lw-")  # the path of a socket must be short
        self._env = {
            "HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT), "TMPDIR": str(home), "TMUX_TMPDIR": self._sockets, **shared(),
        }  # fmt: skip

    def run(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", *args], env=self._env, capture_output=True, text=True, check=True, timeout=PATIENCE_S
        )
        return done.stdout

    def start(self, *args: str) -> None:
        """Starts the command; the pane stays when it ends."""
        # A shell around it tells the exit code: tmux itself does not always.
        command = f"{shlex.join([sys.executable, '-m', 'tui', *args])}; echo EXIT=$?; exec sleep 600"
        width, height = map(str, self.size)
        (self.home / "tmux.conf").write_text("set -s set-clipboard on\nset -g allow-rename on\n")
        self.run("-f", str(self.home / "tmux.conf"), "new-session", "-d", "-x", width, "-y", height, command)

    def keys(self, *keys: str) -> None:
        self.run("send-keys", *keys)

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def ask(self, form: str) -> str:
        return self.run("display-message", "-p", form).strip()

    def until(self, holds: Callable[[str], object], what: str) -> str:
        """The screen, once something holds on it."""
        end = time.monotonic() + PATIENCE_S
        screen = ""
        while time.monotonic() < end:
            screen = self.screen()
            if holds(screen):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"never seen: {what}\n{screen}")

    def shows(self, words: str) -> str:
        return self.until(lambda screen: words in screen, words)

    @property
    def pid(self) -> int:
        """The command's own process."""
        (child,) = psutil.Process(int(self.ask("#{pane_pid}"))).children()
        return child.pid

    def ended(self) -> int:
        """The exit code, once the command has ended."""
        return int(EXIT.search(self.until(EXIT.search, "the end of the command"))[1])  # type: ignore[index]

    def close(self) -> None:
        subprocess.run(["tmux", "kill-server"], env=self._env, capture_output=True, check=False)
        shutil.rmtree(self._sockets, ignore_errors=True)
