"""Paths in environment variables that name an agent's homes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def listed(env: Mapping[str, str], name: str, home: Path) -> list[Path]:
    """The paths in a variable that holds a comma list; `~` is the user's home folder."""
    return [path for entry in env.get(name, "").split(",") if (path := path_of(entry, home))]


def path_of(text: str, home: Path) -> Path | None:
    """One path; None if the text is blank."""
    text = text.strip()
    if not text:
        return None
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    return Path(os.path.abspath(text))  # noqa: PTH100 (keeps links as they are)
