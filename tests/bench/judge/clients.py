"""Real clients in loops: `python -m tests.bench.judge.clients`. Needs npm once; model and clients run offline.

Prints for each shape and client whether a loop was told, after how many rounds, and in which words.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from tests.clients import conftest
from tests.clients.lanes import Home
from tests.clients.loops import SHAPES
from tests.clients.model_server import Handler, serving
from tests.clients.test_loops import ROUNDS, alarms


def main() -> int:
    """Runs all shapes, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", action="append", choices=list(SHAPES))
    parser.add_argument("--agent", action="append", choices=["claude", "codex"])
    asked = parser.parse_args()
    folder = conftest.installed(
        {"claude": f"@anthropic-ai/claude-code@{conftest.CLAUDE}", "codex": f"@openai/codex@{conftest.CODEX}"}
    )
    wrong = 0
    for agent in asked.agent or ("claude", "codex"):
        for name in asked.shape or SHAPES:
            with serving() as port, tempfile.TemporaryDirectory() as home:
                before = len(Handler.heard)
                found = alarms(conftest.binary(folder, agent), Home(Path(home), port), name)
                times = [at for at, _ in Handler.heard[before:]]
            wrong += bool(found) is not SHAPES[name].is_loop
            told = "quiet"
            if found:
                first = min(found, key=lambda one: one["since"])
                since = datetime.fromisoformat(first["since"]).timestamp()
                rounds = sum(at <= since for at in times)
                told = f"round {min(rounds, ROUNDS):2}  {first['kind']}: {first['title']}"
            mark = "ok   " if bool(found) is SHAPES[name].is_loop else "WRONG"
            sys.stdout.write(f"{mark} {agent:<6} {name:<28} {told}\n")
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
