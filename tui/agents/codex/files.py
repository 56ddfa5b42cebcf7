"""The names of Codex's files."""

from __future__ import annotations

import os
import re

from tui.agents.codex.homes import ARCHIVE
from tui.agents.files import Files

_ROLLOUT = re.compile(r"\Arollout-.+\.jsonl(\.zst)?\Z", re.DOTALL)
_LISTS = frozenset({"history.jsonl", "session_index.jsonl"})
"""Lists of prompts and of sessions beside the transcripts."""


def is_other(path: str) -> bool:
    """Whether the file is a list of prompts or of sessions."""
    return path.rpartition(os.sep)[2] in _LISTS


def thread_of(path: str) -> str | None:
    """The rollout's file name with its thread id, which stays when the rollout is archived or compressed."""
    name = path.rpartition(os.sep)[2]
    return name.removesuffix(".zst") if _ROLLOUT.match(name) else None


def is_archived(path: str) -> bool:
    """Whether a rollout lies among the archived ones."""
    return f"{os.sep}{ARCHIVE}{os.sep}" in path


FILES = Files(is_other=is_other, thread_of=thread_of, is_archived=is_archived)
