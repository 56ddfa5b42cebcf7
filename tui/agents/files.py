"""The declaration of an agent's files: what the names of its transcripts mean.

Each search for transcripts imports this module and those of the agents, so they import little.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

SUFFIXES = (".jsonl", ".jsonl.zst")
"""Endings of transcripts' names, plain and compressed."""


def _no_thread(_: str) -> str | None:
    return None


def _never(_: str) -> bool:
    return False


def _bare_name(path: str) -> str:
    name = path.rpartition(os.sep)[2]
    for suffix in reversed(SUFFIXES):
        name = name.removesuffix(suffix)
    return name


def _any_place(path: str, cwd: str) -> bool:
    del path, cwd
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Distinguishes the files in an agent's homes by their paths.

    `is_other`, `thread_of` and `is_archived` get every path, also those of other agents. They return False or None
    unless the path certainly belongs to this agent.
    """

    is_other: Callable[[str], bool] = _never
    """True for a file that has a transcript's name but is none, such as a list of prompts."""
    thread_of: Callable[[str], str | None] = _no_thread
    """The name that identifies a transcript when it is moved or compressed; None: its path does."""
    is_archived: Callable[[str], bool] = _never
    """True for an archived copy of a thread, which counts less than the active one."""
    session_name: Callable[[str], str] = _bare_name
    """The part of a path that ends in the session's id; by default the file's name without its endings.

    A transcript that is not named after its session counts as a copy, and its lane as a recording. If an agent declares
    this, a transcript in which no line states a session has the session of its path.
    """
    is_place_of: Callable[[str, str], bool] = _any_place
    """Whether the client writes a session of a working folder at this path, by the names of the path's folders.

    Used if several transcripts have the name of one session: all but one are copies.
    """

    time_key: str = "timestamp"
    """The key of a line's time, an ISO 8601 text."""

    def session_by_path(self, path: str) -> str:
        """The session that the path states; empty if the agent declares no `session_name`."""
        return "" if self.session_name is _bare_name else self.session_name(path)
