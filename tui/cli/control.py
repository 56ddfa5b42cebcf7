"""The control folder and the permissions for commands."""

from __future__ import annotations

import os
from pathlib import Path

from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.control.folder import ControlFolder
from tui.control.permissions import Permissions
from tui.model.finding import Verb


def control_folder() -> ControlFolder:
    """The control folder, which is the state folder."""
    return ControlFolder(Paths.of(os.environ, Path.home()).state)


def permissions_of(settings: Settings, *, read_only: bool = False) -> Permissions:
    """The verbs that the configuration and the command line allow."""
    control = settings.control
    return Permissions(read_only or control.read_only, frozenset(Verb(word) for word in control.forbid))
