"""Recognises lanewatch's own hooks in a settings file."""

from __future__ import annotations

import shlex
from pathlib import PurePath

_GATE = ("lanewatch", "gate", "gate.sh")
"""How the path of every gate ends, whichever version installed it."""


def is_gate(command: object) -> bool:
    """True if this command runs lanewatch's gate: its first word is a path that ends in `lanewatch/gate/gate.sh`."""
    if not isinstance(command, str):
        return False
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and PurePath(words[0]).parts[-len(_GATE) :] == _GATE
