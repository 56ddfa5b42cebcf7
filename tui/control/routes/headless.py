"""The command with which a person may continue a session that has ended. lanewatch never starts a session itself."""

from __future__ import annotations

import shlex
from pathlib import Path

from tui.agents.registry import find
from tui.control.routes.gate_client import key_of
from tui.model.snapshot import Lane


def ended_words(lane: Lane) -> str:
    """The reason why no text is given to a session that has ended, with the command that continues it.

    lanewatch does not run that command: it would run hooks and settings of a folder that a transcript names, without
    the trust question that the client asks a person first.
    """
    folder = lane.first_cwd or ""
    agent = find(lane.agent)
    command = agent.resume_command if agent is not None else ""
    # A relative name leads to another place in another folder, and `cd -` leads to the previous folder.
    is_plain = Path(folder).is_absolute() and folder.isprintable()
    if not command or key_of(lane.agent, lane.session) is None or not is_plain:
        return "already ended: continue it in its own client, in the folder where it began"
    return f"already ended: continue it yourself: cd {shlex.quote(folder)} && {command} {lane.session}"
