"""The names of the toy agent's files: the folder is the session."""

from __future__ import annotations

from pathlib import Path

from tui.agents.files import Files

FILES = Files(session_name=lambda path: Path(path).parent.name)
