"""The folders in which an agent keeps its transcripts.

Help shows them, so this module and those of the agents import little.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """The folders of one agent's transcripts, declared in `tui/agents/<name>/homes.py`."""

    agent: str
    """The agent's name."""
    find: Callable[[Mapping[str, str], Path], Sequence[Path]]
    """The folders, from the environment and the user's home folder, whether they exist or not."""
    words: str = ""
    """Their places as text for the help page: `$X_HOME or ~/.x`."""
    variables: tuple[str, ...] = ()
    """Environment variables that move them."""


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
