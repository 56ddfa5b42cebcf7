"""What the gate costs a tool call: nothing asked, something asked of another lane, and the first call of a session.

Printed beside what an empty shell costs in the same run: the agent starts one for every hook anyway.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tui.control.folder import ControlFolder
from tui.control.gate.place import place
from tui.control.routes.gate_client import Request, put_request
from tui.model.finding import Verb

CALLS = 200
SESSION = "cd0698bf-064e-4c5b-b635-2db274002002"
INPUT = json.dumps({
    "session_id": SESSION, "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_use_id": "t",
    "tool_input": {"command": "ls " + "x" * 400},
}).encode()  # fmt: skip


def run() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(prefix="lanewatch-gate-") as home:
        folder = ControlFolder(Path(home) / "lanewatch")
        place(folder)
        gate = f"{folder.path}/gate/gate.sh"
        empty = _times(":")
        first = _times(f"{gate} claude", calls=10, before=lambda: folder.remove(f"sessions/claude-{SESSION}"))
        nothing = _times(f"{gate} claude")
        codex = _times(f"{gate} codex", agent="codex")
        put_request(folder, "claude-another", Request("a1", Verb.PAUSE))
        other = _times(f"{gate} claude")
        put_request(folder, f"claude-{SESSION}", Request("a2", Verb.CLOSE, agent_id="nobody"))
        own = _times(f"{gate} claude", calls=30)
    print(f"{'a hook that':44} {'p50':>8} {'p99':>8}  times an empty shell")
    for name, took in (
        ("does nothing (an empty shell)", empty), ("asks the gate, nothing asked (Claude Code)", nothing),
        ("asks the gate, nothing asked (Codex)", codex), ("the same, another lane is paused", other),
        ("meets a session for the first time", first), ("finds something asked of its session", own),
    ):  # fmt: skip
        print(f"{name:44} {_ms(took, 0.5)} {_ms(took, 0.99)}  {statistics.median(took) / statistics.median(empty):.1f}")


def _times(command: str, calls: int = CALLS, agent: str = "claude", before=lambda: None) -> list[float]:
    env = {"PATH": os.environ["PATH"]}
    if agent == "claude":
        env |= {"CLAUDE_CODE_SESSION_ID": SESSION, "CLAUDE_PID": str(os.getpid())}
    took: list[float] = []
    for _ in range(calls):
        before()
        began = time.perf_counter()
        subprocess.run(["/bin/sh", "-c", command], input=INPUT, env=env, capture_output=True, check=False)
        took.append(time.perf_counter() - began)
    return took


def _ms(took: list[float], share: float) -> str:
    return f"{sorted(took)[int((len(took) - 1) * share)] * 1000:6.1f}ms"
