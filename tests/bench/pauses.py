"""Many pauses of real clients at work: how long until one took effect, and whether a request came after that.

By hand, and not in the suite: it takes minutes and needs the clients that the tests install. Six headless lanes, three
of Claude Code and three of Codex, are paused and resumed together by the real command, again and again; the model
server says which requests reached it.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.clients.conftest import CLAUDE, CODEX, binary, installed
from tests.clients.lanes import Home, until
from tests.clients.model_server import Handler, serving

LANES, ROUNDS, PAUSES, QUICK_PAUSES = 6, 5, 200, 30
"""Lanes at once; pauses of each before the clients begin anew, since their conversations grow; pauses in all."""
STILL_S = 1.0
"""How long they stay paused."""


@dataclass(frozen=True, slots=True)
class Paused:
    """One pause of one lane."""

    lane: str
    took_s: float
    """From the order until it was seen to have taken effect."""
    late: int
    """Requests of the lane that reached the model after that, and before the resume."""
    not_seen: str
    """How far it came instead, if it was not seen to take effect."""


def run(*, quick: bool) -> None:
    """Prints the figures."""
    pauses = QUICK_PAUSES if quick else PAUSES
    clients = installed({"claude": f"@anthropic-ai/claude-code@{CLAUDE}", "codex": f"@openai/codex@{CODEX}"})
    made: list[Paused] = []
    while len(made) < pauses:
        with serving() as port, tempfile.TemporaryDirectory(prefix="lanewatch-pauses-") as folder:
            Handler.ids = itertools.count(1)
            made += _batch(Home(Path(folder), port), clients)
        print(f"  {len(made)} pauses, {sum(one.late for one in made)} requests after one took effect", flush=True)
    took = sorted(one.took_s for one in made if not one.not_seen)
    late = [one for one in made if one.late]
    print(f"{len(made)} pauses of {LANES} lanes: {sum(one.late for one in made)} requests after `took effect`")
    print(f"{len(made) - len(took)} not seen to take effect: {[one.not_seen for one in made if one.not_seen]}")
    print(
        f"took effect after p50 {took[len(took) // 2]:.2f} s, p95 {took[len(took) * 95 // 100]:.2f} s, max {took[-1]:.2f} s"
    )
    for one in late:
        print(f"  {one.lane}: {one.late} late")


def _batch(home: Home, clients: Path) -> list[Paused]:
    """Six lanes that begin, some rounds of pauses, and their end."""
    home.lanewatch("install", "claude")
    home.lanewatch("install", "codex")
    running = {f"lane-{number}": _start(home, clients, number) for number in range(LANES)}
    try:
        sessions = _sessions(home, running)
        until(lambda: all(len(_heard(lane)) > 1 for lane in sessions.values()), "six lanes at work", 120)
        return [one for _ in range(ROUNDS) for one in _round(home, sessions)]
    finally:
        for process, _ in running.values():
            process.kill()
            process.wait()


def _start(home: Home, clients: Path, number: int) -> tuple[subprocess.Popen[bytes], str]:
    """A client, and its session where it is told one."""
    session = str(uuid.uuid4()) if number % 2 else ""
    prompt = f"lane-{number} go {{{{calls=999 wait={0.1 + 0.1 * number:.1f}}}}}"
    claude = [
        str(binary(clients, "claude")), "-p", prompt, "--session-id", session, "--allowedTools", "Bash",
        "--model", "claude-sonnet-4-5",
    ]  # fmt: skip
    codex = [
        str(binary(clients, "codex")), "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
        "--dangerously-bypass-hook-trust", prompt,
    ]  # fmt: skip
    process = subprocess.Popen(
        claude if session else codex, cwd=home.work, env=home.env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    return process, session


def _sessions(home: Home, running: dict[str, tuple[subprocess.Popen[bytes], str]]) -> dict[str, str]:
    """The name of each lane's prompt, by session. Codex chooses its own: its rollout holds the prompt."""
    found = {session: name for name, (_, session) in running.items() if session}

    def all_found() -> bool:
        for rollout in (home.path / ".codex" / "sessions").rglob("rollout-*.jsonl"):
            text = rollout.read_text(encoding="utf-8")
            found.update({rollout.stem[-36:]: name for name in running if f"{name} go" in text})
        return len(found) == LANES

    until(all_found, "the sessions of all lanes", 120)
    return found


def _round(home: Home, sessions: dict[str, str]) -> list[Paused]:
    Handler.heard.clear()
    until(lambda: all(_heard(lane) for lane in sessions.values()), "requests of all lanes", 60)
    paused = json.loads(home.lanewatch("pause", *sessions, "--wait", "--json", code=None))["orders"]
    time.sleep(STILL_S)
    ends = time.time()
    made: list[Paused] = []
    for order in paused:
        lane = sessions[order["session"]]
        seen = order["stage"] == "took effect"
        at = datetime.fromisoformat(order["steps"][-1]["at"]).timestamp()
        began = datetime.fromisoformat(order["at"]).timestamp()
        late = sum(1 for heard in _heard(lane) if at < heard < ends) if seen else 0
        made.append(Paused(lane, at - began, late, "" if seen else order["steps"][-1]["words"]))
    home.lanewatch("resume", *sessions, "--wait", code=None)
    return made


def _heard(lane: str) -> list[float]:
    """When requests of a lane reached the model, in seconds UTC."""
    return [at for at, body in list(Handler.heard) if f"{lane} go" in body]
