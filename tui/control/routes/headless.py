"""Sessions of which nothing runs any more: what a person may type to go on with one. lanewatch starts no run itself."""

from __future__ import annotations

import shlex

from tui.control.routes.gate_client import key_of
from tui.model.snapshot import Lane

GATED = ("claude", "codex")
"""The agents that have a gate."""


def ended_words(lane: Lane) -> str:
    """Why nothing is given to a session that has ended, with what a person may type to go on with it.

    A run of our own would run the hooks and settings of a folder that a transcript names, without the question whether
    it is trusted that the client asks a person first.
    """
    folder = lane.first_cwd
    if key_of(lane.agent, lane.session) is None or folder is None or not folder.isprintable():
        return "it has ended: go on with it in its own client, in the folder where it began"
    command = {"claude": "claude --resume", "codex": "codex resume"}[lane.agent]
    return f"it has ended: go on with it yourself: cd {shlex.quote(folder)} && {command} {lane.session}"
