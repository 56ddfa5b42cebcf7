"""Real clients as lanes: each in a home of its own, with the gate installed by the real command."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.clients.model_server import Handler
from tests.commands import in_process, shared
from tests.waiting import PATIENCE_S, until

ROOT = Path(__file__).resolve().parents[2]


class Home:
    """A home with both agents' settings, and lanewatch's command in it."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path
        self.work = path / "work"
        self.port = port
        self.extra: dict[str, str] = {}
        """What else stands in lanewatch's environment."""
        self.work.mkdir(exist_ok=True)
        (path / ".claude").mkdir(exist_ok=True)
        (path / ".codex").mkdir(exist_ok=True)
        (path / ".codex" / "config.toml").write_text(
            f'model = "gpt-5.3-codex"\nmodel_provider = "local"\n[model_providers.local]\nname = "local"\n'
            f'base_url = "http://127.0.0.1:{port}/v1"\nwire_api = "responses"\nenv_key = "LOCAL_KEY"\n'
            f'[projects."{self.work.resolve()}"]\ntrust_level = "trusted"\n'
        )

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.path), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color",
            "ANTHROPIC_API_KEY": "dummy", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1",
            "CODEX_HOME": str(self.path / ".codex"), "LOCAL_KEY": "dummy", **shared(),
        }  # fmt: skip

    def begin(self, *args: str) -> subprocess.Popen[str]:
        """Starts the real command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *args], cwd=self.work, env={**self.env, **self.extra, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def lanewatch(self, *args: str, code: int | None = 0) -> str:
        """Runs the real command within this process, whose start is most of its time; its standard output."""
        done = in_process(args, self.work, {**self.env, **self.extra})
        assert code is None or done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def order(self, *args: str, code: int | None = 0) -> dict:
        """One verb, and what came of it."""
        (order,) = json.loads(self.lanewatch(*args, "--json", code=code))["orders"]
        return order

    def lanes(self) -> list[dict]:
        return json.loads(self.lanewatch("lanes", "--json"))["lanes"]

    @property
    def state(self) -> Path:
        return self.path / ".local" / "state" / "lanewatch"


def transcript(folder: Path, name: str) -> Path:
    """The transcript whose file name ends with this, once its first prompt can be read.

    A client writes it beside its work, on a busy machine some requests later; until then there is no lane.
    """

    def found() -> Path | None:
        return next((path for path in folder.rglob(f"*{name}") if b'"user"' in path.read_bytes()), None)

    path = until(found, f"a transcript *{name} in {folder}")
    assert isinstance(path, Path)
    return path


class Lane:
    """One client in mid-loop."""

    def __init__(self, process: subprocess.Popen[str], session: str) -> None:
        self.process = process
        self.session = session

    def output(self, seconds: float = PATIENCE_S) -> str:
        out, _ = self.process.communicate(timeout=seconds)
        return out


def claude_headless(claude: Path, home: Home, prompt: str) -> Lane:
    session = str(uuid.uuid4())
    args = [
        str(claude), "-p", prompt, "--session-id", session, "--output-format", "json",
        "--allowedTools", "Bash", "Agent", "Task", "--model", "claude-sonnet-4-5",
    ]  # fmt: skip
    process = _start(args, home)
    transcript(home.path / ".claude" / "projects", f"{session}.jsonl")
    return Lane(process, session)


def codex_exec(codex: Path, home: Home, prompt: str) -> Lane:
    args = [
        str(codex), "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
        "--dangerously-bypass-hook-trust", prompt,
    ]  # fmt: skip
    process = _start(args, home)
    return Lane(process, transcript(home.path / ".codex" / "sessions", ".jsonl").stem[-36:])


def _start(args: list[str], home: Home) -> subprocess.Popen[str]:
    return subprocess.Popen(
        args, cwd=home.work, env=home.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


@contextmanager
def gated(
    request: pytest.FixtureRequest, home: Path, model: int, prompt: str, requests: int
) -> Generator[tuple[Home, Lane]]:
    """A headless client of the fixture's agent that asks the gate, once the model has heard so many requests."""
    program = request.getfixturevalue(request.param)
    place = Home(home, model)
    place.lanewatch("install", request.param)
    begin = claude_headless if request.param == "claude" else codex_exec
    begun = begin(program, place, prompt)
    heard_at_least(requests)
    try:
        yield place, begun
    finally:
        if begun.process.poll() is None:
            begun.process.kill()
        begun.process.communicate()


def heard() -> list[tuple[float, str]]:
    """The requests that reached the model so far."""
    return list(Handler.heard)


def heard_at_least(count: int) -> None:
    until(lambda: len(Handler.heard) >= count, f"{count} requests")


def at_rest() -> int:
    """How many requests there were, once none has come for two seconds."""
    while True:
        count = len(Handler.heard)
        time.sleep(2.0)
        if len(Handler.heard) == count:
            return count


class Pane:
    """A client's screen in a tmux of its own, begun from a shell there."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.socket = f"lanewatch-test-{uuid.uuid4().hex[:12]}"
        # The shell's own folder for sockets, so that lanewatch finds this server and no other.
        self.env = {**home.env, "TMUX_TMPDIR": str(home.path)}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-c", str(home.work), "sh")

    def tmux(self, *args: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, *args],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        return done.stdout

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def draft(self, text: str) -> None:
        """Types a text into the client's input line, and leaves it there."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.tmux("send-keys", "C-j")
            self.tmux("send-keys", "-l", line)
            time.sleep(0.2)  # sooner, and the client takes it for a paste
        self.shows(text.rsplit(maxsplit=1)[-1])

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def shows(self, words: str) -> None:
        until(lambda: words in self.screen(), f"{words!r} on the client's screen")

    def choose(self, number: int) -> None:
        """Moves a menu's cursor to a row. A key that comes while the client still draws is lost, so it is pressed again."""

        def is_chosen() -> bool:
            if f"› {number}." in self.screen():
                return True
            self.tmux("send-keys", str(number))
            time.sleep(0.3)
            return False

        until(is_chosen, f"row {number} of the menu")

    def close(self) -> None:
        self.tmux("kill-server")


def codex_tui(codex: Path, home: Home, prompt: str, options: str = "") -> tuple[Pane, str]:
    """Codex's own screen; its loop lives in a daemon, unless `--no-daemon` is asked for. The pane, and the thread."""
    pane = Pane(home)
    pane.type(f"{codex} --dangerously-bypass-approvals-and-sandbox {options} '{prompt}'")
    return pane, transcript(home.path / ".codex" / "sessions", ".jsonl").stem[-36:]


def end_daemons(home: Home) -> None:
    """Ends the daemon of this home, and nothing else: it outlives its screens."""
    for process in psutil.process_iter(["pid", "cmdline", "environ"]):
        named = any("app-server" in word for word in process.info["cmdline"] or [])
        if named and (process.info["environ"] or {}).get("CODEX_HOME") == home.env["CODEX_HOME"]:
            process.kill()


def claude_tui(claude: Path, home: Home, prompt: str, allowed: str = "Bash") -> tuple[Pane, str]:
    """Claude Code's own screen in a pane; what is not allowed it asks for. The pane, and the session."""
    session = str(uuid.uuid4())
    (home.path / ".claude.json").write_text(json.dumps({
        "hasCompletedOnboarding": True, "theme": "dark", "autoUpdates": False,
        "customApiKeyResponses": {"approved": ["dummy"], "rejected": []},
        "projects": {str(home.work.resolve()): {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}},
    }))  # fmt: skip
    pane = Pane(home)
    pane.type(f"{claude} --session-id {session} --allowedTools {allowed} --model claude-sonnet-4-5 -- '{prompt}'")
    transcript(home.path / ".claude" / "projects", f"{session}.jsonl")
    return pane, session
