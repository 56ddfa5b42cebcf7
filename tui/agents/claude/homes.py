"""The folders in which Claude Code keeps its transcripts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tui.agents.homes import Homes, listed, path_of


def find(env: Mapping[str, str], home: Path) -> list[Path]:
    """The `projects` folders.

    `CLAUDE_CONFIG_DIR` is a comma list of config folders or their `projects/`; without it `$XDG_CONFIG_HOME/claude`,
    `~/.claude` and every profile `~/.claude-*` that has `projects/`.
    """
    if named := listed(env, "CLAUDE_CONFIG_DIR", home):
        return [_projects(entry) for entry in named]
    config = path_of(env.get("XDG_CONFIG_HOME", ""), home) or home / ".config"
    try:
        profiles = sorted(entry for entry in home.glob(".claude-*") if _is_folder(entry / "projects"))
    except OSError:
        profiles = []
    return [each / "projects" for each in (config / "claude", home / ".claude", *profiles)]


def _projects(entry: Path) -> Path:
    """An entry of the list may be the config folder or its `projects/`."""
    below = entry / "projects"
    return entry if entry.name == "projects" and not _is_folder(below) else below


def _is_folder(path: Path) -> bool:
    """As `Path.is_dir`, but False where access is denied."""
    return os.path.isdir(path)  # noqa: PTH112


HOMES = Homes(
    agent="claude", find=find, words="$CLAUDE_CONFIG_DIR or ~/.claude and ~/.config/claude",
    variables=("CLAUDE_CONFIG_DIR",),
)  # fmt: skip
