"""A real tmux on a socket of its own, with a clean environment."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0


class Tmux:
    """One server, one window, one pane."""

    def __init__(self, home: Path, size: tuple[int, int]) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("no tmux here")
        self.home = home
        self.size = size
        self._socket = f"lanewatch-test-{uuid.uuid4().hex[:12]}"
        self._env = {
            "HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip

    def run(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *args], env=self._env, capture_output=True, text=True, check=True, timeout=20
        )
        return done.stdout

    def start(self, *args: str) -> None:
        """Starts the command; the pane stays when it ends."""
        command = shlex.join([sys.executable, "-m", "tui", *args])
        width, height = map(str, self.size)
        (self.home / "tmux.conf").write_text("set -g remain-on-exit on\nset -s set-clipboard on\nset -g allow-rename on\n")
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

    def ended(self) -> int:
        """The exit code, once the command has ended."""
        self.until(lambda _: self.ask("#{pane_dead_status}") != "", "the end of the command")
        return int(self.ask("#{pane_dead_status}"))

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)
