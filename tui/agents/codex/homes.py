"""The folders in which Codex keeps its transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tui.agents.homes import Homes, listed

ARCHIVE = "archived_sessions"


def find(env: Mapping[str, str], home: Path) -> list[Path]:
    """`sessions/` and `archived_sessions/` in each folder of `CODEX_HOME`, a comma list; without it, in `~/.codex`."""
    return [
        folder / name
        for folder in listed(env, "CODEX_HOME", home) or [home / ".codex"]
        for name in ("sessions", ARCHIVE)
    ]


HOMES = Homes(agent="codex", find=find, words="$CODEX_HOME or ~/.codex", variables=("CODEX_HOME",))
