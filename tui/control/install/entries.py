"""Which hooks lanewatch asks for, per agent, and which hooks in a file are lanewatch's own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from tui.model.frozen import frozen

HOLD_S = 86_400
"""A hook fails open when its time is over, so it is longer than any pause. Claude Code held 717 s; Codex lists it."""
REGISTER_S = 60
"""A session that begins only says where it lives."""

_GATE = ("lanewatch", "gate", "gate.sh")
"""How the path of every gate ends, whichever version installed it."""


@frozen
class Hook:
    """One event's entry: the gate, and for some the waiter that a redirect wakes while the agent is idle."""

    event: str
    timeout_s: int = HOLD_S
    matcher: str | None = None
    waits: bool = False
    word: str = ""
    """What the gate is told besides: `start`, that a session begins."""

    def group(self, command: str) -> dict[str, Any]:
        """The item of the event's array, in the shape that both agents read.

        `{"matcher": "*", "hooks": [{"type": "command", "command": ..., "timeout": seconds}]}`; events that are not
        about a tool have no matcher. The waiter has `asyncRewake`: it runs beside the session and wakes it.
        """
        asked = f"{command} {self.word}" if self.word else command
        handlers: list[dict[str, Any]] = [{"type": "command", "command": asked, "timeout": self.timeout_s}]
        if self.waits:
            waiter = {"type": "command", "command": f"{command} wait", "asyncRewake": True, "timeout": HOLD_S}
            handlers.append(waiter)
        return {"hooks": handlers} if self.matcher is None else {"matcher": self.matcher, "hooks": handlers}


HOOKS: Mapping[str, tuple[Hook, ...]] = {
    "claude": (
        Hook("SessionStart", REGISTER_S, waits=True, word="start"),
        Hook("UserPromptSubmit"),
        Hook("PreToolUse", matcher="*"),
        Hook("PostToolBatch"),
        Hook("SubagentStop"),
        Hook("Stop", waits=True),
    ),
    "codex": (
        Hook("SessionStart", REGISTER_S, word="start"),
        Hook("UserPromptSubmit"),
        Hook("PreModelRequest"),
        Hook("PreToolUse", matcher="*"),
        Hook("PostToolUse", matcher="*"),
        Hook("Stop"),
    ),
}


def is_gate(command: object) -> bool:
    """True if this command runs lanewatch's gate: its first word is a path that ends in `lanewatch/gate/gate.sh`."""
    if not isinstance(command, str):
        return False
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and PurePath(words[0]).parts[-len(_GATE) :] == _GATE
