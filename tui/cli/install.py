"""`lanewatch install|uninstall claude|codex`: the gate in an agent's settings, with the exact change shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui.cli.control import control_folder
from tui.cli.session import CommandError, now
from tui.control.folder import FolderError
from tui.control.gate.place import command, place
from tui.control.install.apply import apply, rehearse
from tui.control.install.codex_trust import TRUST_STEPS
from tui.control.install.errors import InstallError
from tui.control.install.plan import Change, plan_install, plan_uninstall
from tui.text.safe_text import safe_text

_RUNNING = {
    "claude": "New sessions ask the gate at once; open ones from their next prompt on (Claude Code 2.1.329).",
    "codex": "New sessions ask the gate once you trust it; open ones only after /new.",
}
"""What was measured on sessions that run while the gate is put in."""


def settings_file(agent: str, *, project: bool) -> Path:
    """The file that holds an agent's hooks: the user's, or that of the project in this folder."""
    if agent == "claude":
        if project:
            return Path.cwd() / ".claude" / "settings.local.json"
        return _home("CLAUDE_CONFIG_DIR", ".claude") / "settings.json"
    return Path.cwd() / ".codex" / "hooks.json" if project else _home("CODEX_HOME", ".codex") / "hooks.json"


def run(what: str, agent: str, *, project: bool, dry_run: bool) -> int:
    """Installs or uninstalls. Exit code 0 if it stands as wanted, 1 if the gate is in but the agent runs no hook.

    Raises:
        CommandError: it cannot be done; nothing was changed.
    """
    folder = control_folder()
    path = settings_file(agent, project=project)
    record, backups = folder.path / "record", folder.path / "backups"
    try:
        if what == "install":
            change = plan_install(agent, path, command(folder, agent), record)
        else:
            change = plan_uninstall(agent, path, record)
        _show(change)
        if dry_run:
            rehearse(change)
            _line("dry run: nothing was written")
            return 1 if change.inert else 0
        if what == "install":
            place(folder)
        folder.prepare()
        _line(apply(change, record, backups, now()))
    except (InstallError, FolderError) as error:
        raise CommandError(str(error)) from error
    standing = [key for key in folder.names("requests") if key.startswith(f"{agent}-")]
    if what == "uninstall" and standing:
        _line(f"note: something is still asked of {len(standing)} session(s): `lanewatch resume` frees what is held")
    if change.inert:
        _line(
            "the gate stands in the file and is not in effect: mend what the note says; `lanewatch doctor` looks again"
        )
        return 1
    if what == "install":
        _line(_RUNNING[agent])
        if agent == "codex":
            sys.stdout.write(f"\n{TRUST_STEPS}\n")
    return 0


def _show(change: Change) -> None:
    for line in change.diff.split("\n"):
        _line(line)
    for note in change.notes:
        _line(f"note: {note}")


def _line(text: str) -> None:
    sys.stdout.write(f"{safe_text(text, limit=4000)}\n")


def _home(variable: str, default: str) -> Path:
    stated = os.environ.get(variable)
    return Path(stated) if stated else Path.home() / default
