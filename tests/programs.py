"""Programs for tests that the process table takes for agents, and such that it must not."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

MARKS = {"claude": b"@anthropic-ai/claude-code", "codex": b"CODEX_HOME"}
SCRIPT_MARKS = {"claude": "@anthropic-ai/claude-code", "codex": "@openai/codex"}

ENV = {
    "PYTHONHOME": sys.base_prefix,
    "LD_LIBRARY_PATH": str(sysconfig.get_config_var("LIBDIR") or ""),
}
"""What a copy of Python needs in its environment, wherever it lies."""


def python_as(path: Path, agent: str | None = None) -> Path:
    """A Python under another name: with an agent's mark in its file it passes for that agent's native program."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(sys.executable), path)
        with path.open("ab") as file:
            file.write(b"\0" + MARKS.get(agent or "", b"") + b"\0")
        path.chmod(0o755)
    return path
