"""Where the commands keep what they share with each other. Apart, so that a reading command loads no verbs."""

from __future__ import annotations

import os
from pathlib import Path

from tui.config.paths import Paths
from tui.control.folder import ControlFolder


def control_folder() -> ControlFolder:
    """The folder for control, in the state folder."""
    return ControlFolder(Paths.of(os.environ, Path.home()).state)
