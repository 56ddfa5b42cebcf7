"""Puts the gate's two files where the agents' settings point: into the control folder, so that they outlive updates."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tui.control.folder import ControlFolder, FolderError

SOURCE = Path(__file__).parent
NAMES = ("gate.sh", "gate.py")


def files(python: str = sys.executable) -> dict[str, bytes]:
    """What the files hold, with the interpreter that the gate starts."""
    shell = (SOURCE / "gate.sh").read_text(encoding="utf-8").replace("@PYTHON@", shlex.quote(python))
    return {"gate.sh": shell.encode(), "gate.py": (SOURCE / "gate.py").read_bytes()}


def place(folder: ControlFolder) -> None:
    """Writes both files; what runs now keeps the old ones open.

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
    """True if both files are those of this lanewatch and this interpreter."""
    return all(folder.read(f"gate/{name}") == data for name, data in files().items())


def missing(folder: ControlFolder) -> str:
    """The first of the gate's files that is not there (or no plain file), as a path; empty if all are."""
    return next((str(folder.path / "gate" / name) for name in NAMES if folder.read(f"gate/{name}") is None), "")


def command(folder: ControlFolder, agent: str) -> str:
    """What stands in the agent's settings."""
    return f"{shlex.quote(str(folder.path / 'gate' / 'gate.sh'))} {agent}"
