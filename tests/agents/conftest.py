"""Real processes that pass for agents: a Python under another name that does as it is told on its standard input."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.programs import ENV, SCRIPT_MARKS, python_as
from tests.waiting import PATIENCE_S
from tui.agents.agent_program import native_agent
from tui.agents.process import LINUX, see

# Opens each file of its arguments, says so, and then executes what it is sent, answering each line.
SCRIPT = """
import os, sys
held = {path: open(path, "a") for path in sys.argv[1:] if path.endswith(".jsonl")}
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


@dataclass
class Dummy:
    """A process that looks like an agent."""

    popen: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def start(self) -> str:
        sight = see(self.pid)
        assert sight is not None
        return sight.start

    def do(self, line: str) -> str:
        """Executes a line of Python in it. Gives what it printed before it was done."""
        assert self.popen.stdin
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()
        return self.expect("done")

    def expect(self, word: str) -> str:
        assert self.popen.stdout
        said: list[str] = []
        for line in self.popen.stdout:
            if line.strip() == word:
                return "".join(said)
            said.append(line)
        raise AssertionError(f"ended without saying {word}: {said}")

    def end(self) -> None:
        self.popen.kill()
        self.popen.wait(PATIENCE_S)
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()


Start = Callable[..., Dummy]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a process under a name, in a folder, with arguments; it is ended after the test.

    One that is called like an agent's program passes for it, unless it is `fake`; so does a runtime's script.
    """
    if not LINUX:
        pytest.skip("a process cannot be given a name so simply on this system")
    started: list[Dummy] = []

    def _start(
        name: str,
        *args: str,
        cwd: Path | None = None,
        script: Path | None = None,
        fake: bool = False,
        config: Path | None = None,
    ) -> Dummy:
        folder = tmp_path / "bin"
        program = python_as(folder / name, None if fake else native_agent(name))
        file = script or folder / "script.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        marks = "" if fake or script is None else "".join(f"# {mark}\n" for mark in SCRIPT_MARKS.values())
        file.write_text(SCRIPT + marks)
        popen = subprocess.Popen(
            [str(program), str(file), *args], cwd=cwd or tmp_path, env={**os.environ, **ENV, "CLAUDE_CONFIG_DIR": str(config or tmp_path / "claude-home")},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        dummy = Dummy(popen)
        started.append(dummy)
        dummy.expect("ready")
        return dummy

    yield _start
    for dummy in started:
        dummy.end()


@dataclass
class Home:
    """A Claude home in a temporary folder."""

    path: Path

    @property
    def projects(self) -> str:
        return str(self.path / "projects")

    @property
    def complete(self) -> tuple[str, ...]:
        """What `registries` says of it when every session in it would be seen."""
        return (f"{os.path.realpath(self.projects)}/",)

    def file(self, pid: int) -> Path:
        return self.path / "sessions" / f"{pid}.json"

    def register(self, pid: int, **fields: Any) -> Path:
        """Writes a registration; a field that is None is left out."""
        entry = {"pid": pid, "sessionId": f"session-{pid}", "cwd": "/home/u/w", "startedAt": 1795215595159, **fields}
        file = self.file(pid)
        file.write_text(json.dumps({key: value for key, value in entry.items() if value is not None}))
        return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "claude-home")
    (made.path / "projects").mkdir(parents=True)
    (made.path / "sessions").mkdir()
    return made


def rollout(folder: Path, thread: str) -> str:
    """A path as Codex names its rollouts, in a folder that exists."""
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"rollout-2026-11-20T22-59-18-{thread}.jsonl")


def mine(facts: Sequence[Any], *dummies: Dummy) -> list[Any]:
    """The facts about these processes: others may live on this machine."""
    pids = {dummy.pid for dummy in dummies}
    return [fact for fact in facts if fact.pid in pids]
