"""`lanewatch install|uninstall AGENT`: adds the gate to an agent's settings or removes it, and prints the change."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tui.cli.common import CommandError, now
from tui.cli.control import control_folder
from tui.control.folder import FolderError
from tui.control.gate.place import command, place
from tui.control.install.apply import apply, rehearse
from tui.control.install.files import InstallError
from tui.control.install.plan import Change, hooks_of_agent, plan_install, plan_uninstall
from tui.text.safe_text import safe_text


def settings_file(agent: str, *, project: bool) -> Path:
    """The file with an agent's hooks: the user's own, or that of the project in this folder.

    Raises:
        InstallError: the agent has no hooks.
    """
    hooks = hooks_of_agent(agent)
    return Path.cwd() / hooks.project_file if project else hooks.user_file(os.environ, Path.home())


def run(what: str, agent: str, *, project: bool, dry_run: bool) -> int:
    """Installs or uninstalls.

    Returns exit code 0 if the settings are now as requested, 1 if the gate is in them but the agent would run no hook.

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
        _line(f"note: requests to {len(standing)} session(s) are still open: `lanewatch resume` resumes their lanes")
    if change.inert:
        _line("the gate is in the file but has no effect: repair what the note says; `lanewatch doctor` checks again")
        return 1
    if what == "install":
        hooks = hooks_of_agent(agent)
        _line(hooks.running_sessions)
        if hooks.trust is not None:
            sys.stdout.write(f"\n{hooks.trust.steps}\n")
    return 0


def _show(change: Change) -> None:
    for line in change.diff.split("\n"):
        _line(line)
    for note in change.notes:
        _line(f"note: {note}")


def _line(text: str) -> None:
    sys.stdout.write(f"{safe_text(text, limit=4000)}\n")
