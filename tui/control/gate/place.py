"""Copies the gate's files into the control folder, where the agents' settings refer to them.

There they survive updates of lanewatch.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from tui.agents.registry import gated
from tui.control.folder import ControlFolder, FolderError

SOURCE = Path(__file__).parent
_TABLE_NAME = "AGENTS: dict[str, dict[str, Any]]"
_TABLE = f"{_TABLE_NAME} = {{}}"
"""The line of `gate.py` that is replaced by the table of agents."""
NAMES = ("gate.sh", "gate.py", "ask.py")


def files(python: str = sys.executable) -> dict[str, bytes]:
    """The content of the files, with the path of the interpreter and the facts about each agent filled in."""
    shell = (SOURCE / "gate.sh").read_text(encoding="utf-8")
    shell = shell.replace("@PYTHON@", shlex.quote(python)).replace("@SESSIONS@", "\n".join(_sessions()))
    program = (SOURCE / "gate.py").read_text(encoding="utf-8").replace(_TABLE, f"{_TABLE_NAME} = {_facts()!r}", 1)
    return {"gate.sh": shell.encode(), "gate.py": program.encode(), "ask.py": (SOURCE / "ask.py").read_bytes()}


def _sessions() -> Iterator[str]:
    """The branches of the shell's `case`: one line for each agent that names its session in the environment."""
    for agent in gated():
        if agent.hooks is not None and agent.hooks.session_variable:
            entrypoint = f" entrypoint=${agent.hooks.entrypoint_variable}" if agent.hooks.entrypoint_variable else ""
            yield f"  {agent.name}) session=${agent.hooks.session_variable}{entrypoint} ;;"


def _facts() -> dict[str, dict[str, str | bool | dict[str, str]]]:
    return {
        agent.name: {
            "client": agent.hooks.client_variable,
            "entrypoint": agent.hooks.entrypoint_variable,
            "context_before_tool": agent.hooks.context_before_tool,
            "asking": {tool: kind.value for tool, kind in agent.asking.items()},
        }
        for agent in gated()
        if agent.hooks is not None
    }


def place(folder: ControlFolder) -> None:
    """Writes the files. Gates that run now keep using the old files.

    Raises:
        FolderError: the folder cannot be used.
    """
    folder.prepare()
    for name, data in files().items():
        folder.write(f"gate/{name}", data)
    try:
        (folder.path / "gate" / "gate.sh").chmod(0o700)
    except OSError as error:
        raise FolderError(f"the gate cannot be made executable: {error.strerror}") from error


def is_current(folder: ControlFolder) -> bool:
    """True if the files are those of this lanewatch version and this interpreter."""
    return all(folder.read(f"gate/{name}") == data for name, data in files().items())


def missing(folder: ControlFolder) -> str:
    """The path of the first of the gate's files that is missing or not a regular file; empty if all are there."""
    return next((str(folder.path / "gate" / name) for name in NAMES if folder.read(f"gate/{name}") is None), "")


def command(folder: ControlFolder, agent: str) -> str:
    """The command for the agent's settings."""
    return f"{shlex.quote(str(folder.path / 'gate' / 'gate.sh'))} {agent}"
