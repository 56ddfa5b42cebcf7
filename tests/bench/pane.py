"""lanewatch in a real tmux, every byte that it draws recorded, with lanes that are written to beside it."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def line(session: str, key: str, at: float, text: str) -> bytes:
    """A call of the model that reads a file which no other call reads, named as `text` says, with its result. Two lines."""
    usage = {"input_tokens": 3, "cache_read_input_tokens": 9000, "cache_creation_input_tokens": 40, "output_tokens": 50}
    read = {"type": "tool_use", "id": f"toolu_{key}", "name": "Read", "input": {"file_path": f"{text}.py"}}
    message = {
        "id": f"msg_{key}", "role": "assistant", "model": "claude-opus-4-6", "stop_reason": "tool_use",
        "content": [read], "usage": usage,
    }  # fmt: skip
    result = {
        "type": "tool_result",
        "tool_use_id": f"toolu_{key}",
        "content": f"     1\tQUAY = {key!r}\n     2\t# {text}\n",
    }
    called = {"type": "assistant", "requestId": f"req_{key}", "message": message, **_shared(session, at)}
    given = {"type": "user", "message": {"role": "user", "content": [result]}, **_shared(session, at)}
    return json.dumps(called).encode() + b"\n" + json.dumps(given).encode() + b"\n"


def last_line(session: str, at: float) -> bytes:
    """The answer that ends a turn."""
    message = {
        "id": f"msg_end_{session}", "role": "assistant", "model": "claude-opus-4-6", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "All of it works."}], "usage": {"input_tokens": 3, "output_tokens": 5},
    }  # fmt: skip
    return (
        json.dumps(
            {"type": "assistant", "requestId": f"req_end_{session}", "message": message, **_shared(session, at)}
        ).encode()
        + b"\n"
    )


def _shared(session: str, at: float) -> dict[str, object]:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
    return {
        "sessionId": session, "timestamp": stamp, "cwd": "/home/ada/harbor", "version": "2.1.329", "isSidechain": False,
    }  # fmt: skip


WORDS = [
    a + b
    for a in ("har", "fer", "tid", "car", "pas", "qua")
    for b in ("bor", "ry", "al", "go", "sage", "ys", "den", "mark")
]


class Lanes:
    """So many sessions in one home, and a thread that writes to them."""

    def __init__(self, home: Path, count: int) -> None:
        folder = home / "projects" / "harbor"
        folder.mkdir(parents=True)
        self.sessions = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(count)]
        self.files = [(folder / f"{session}.jsonl").open("ab", buffering=0) for session in self.sessions]
        self._stop = threading.Event()
        self._rng = random.Random(5)
        self.count = 0
        for number in range(count):
            for _ in range(20):
                self.write(number, f"lane {number} works: {self._words()}")

    def _words(self) -> str:
        """Something new each time: a lane that says the same over and over is another case."""
        return " ".join(self._rng.choice(WORDS) for _ in range(8))

    def write(self, number: int, text: str) -> float:
        """Appends one call; gives the time at which it was written."""
        self.count += 1
        data = line(self.sessions[number], f"{self.count}", time.time(), text)
        at = time.perf_counter()
        os.write(self.files[number].fileno(), data)
        return at

    def end_turns(self) -> None:
        """Ends the turn of each lane."""
        for session, file in zip(self.sessions, self.files, strict=True):
            os.write(file.fileno(), last_line(session, time.time()))

    def busy(self, hertz: float, but: int) -> None:
        """Each lane but one gets a line so many times a second."""

        def work() -> None:
            began, done = time.perf_counter(), 0
            while not self._stop.is_set():
                done += 1
                wait = began + done / (hertz * len(self.files)) - time.perf_counter()
                if wait > 0:
                    time.sleep(wait)
                number = done % len(self.files)
                if number != but:
                    self.write(number, f"step {done}: {self._words()}")

        threading.Thread(target=work, daemon=True).start()

    def close(self) -> None:
        self._stop.set()


class Pane:
    """The real command in a pane; `raw` grows with what it draws."""

    def __init__(self, scratch: Path, *args: str, size: tuple[int, int] = (200, 50)) -> None:
        self._sockets = tempfile.mkdtemp(prefix="lw-")  # the path of a socket must be short
        self.raw = scratch / "raw"
        self.raw.touch()
        env = {
            "HOME": str(scratch),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            "TMUX_TMPDIR": self._sockets,
        }
        command = shlex.join([sys.executable, "-m", "tui", *args])
        self.started = time.perf_counter()
        self._env = env
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "exec " + command)
        self.run("pipe-pane", "-O", f"cat >> {self.raw}")
        self.process = psutil.Process(int(self.run("display-message", "-p", "#{pane_pid}")))
        self._file = self.raw.open("rb")
        self._seen = b""

    def run(self, *args: str) -> str:
        done = subprocess.run(["tmux", *args], env=self._env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def until_drawn(self, words: bytes, default_wait_s: float = 10.0) -> float | None:
        """When the words were sent to the terminal (perf_counter), or None."""
        end = time.perf_counter() + default_wait_s
        while time.perf_counter() < end:
            data = self._file.read()
            if data:
                self._seen = (self._seen + data)[-400_000:]
                if words in self._seen:
                    return time.perf_counter()
            else:
                time.sleep(0.0005)
        return None

    def until_shown(self, words: str, default_wait_s: float = 60.0) -> bool:
        end = time.perf_counter() + default_wait_s
        while time.perf_counter() < end:
            if words in self.screen():
                return True
            time.sleep(0.02)
        return False

    def cpu(self, seconds: float) -> float:
        """Percent of one core over so many seconds from now."""
        before = self.process.cpu_times()
        time.sleep(seconds)
        after = self.process.cpu_times()
        return 100 * (after.user + after.system - before.user - before.system) / seconds

    def close(self) -> None:
        subprocess.run(["tmux", "kill-server"], env=self._env, capture_output=True, check=False)
        shutil.rmtree(self._sockets, ignore_errors=True)
