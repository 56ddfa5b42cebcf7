"""The control folder and the permissions for commands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.control.folder import ControlFolder
from tui.control.permissions import Permissions
from tui.model.finding import Verb

if TYPE_CHECKING:
    from tui.agents.process_table import ProcessTable
    from tui.cli.running_demo import RunningDemo


def control_folder(demo: RunningDemo | None = None) -> ControlFolder:
    """The control folder, which is the state folder, or that of the demo."""
    if demo is not None:
        return ControlFolder(demo.state)
    return ControlFolder(Paths.of(os.environ, Path.home()).state)


def process_table(demo: RunningDemo | None) -> ProcessTable | None:
    """The table of processes with the demo's workers; None: that of this machine's agents."""
    return demo.process_table() if demo is not None else None


def with_held(since: float | None) -> float | None:
    """`since` (seconds UTC), or an earlier time that reaches all transcripts of lanes with open orders.

    A lane that was paused long ago writes nothing, and somebody must still be able to resume it.
    """
    folder = control_folder()
    if since is None or not folder.names("orders"):
        return since
    from tui.control.order_store import OrderStore

    held = [_changed(order.path) for order in OrderStore(folder).all() if order.is_open]
    return min([since, *(time for time in held if time is not None)])


def _changed(path: str) -> float | None:
    """The time at which a file last changed (seconds UTC); None if it does not exist."""
    try:
        return Path(path).stat().st_mtime
    except (OSError, ValueError):
        return None


def permissions_of(settings: Settings, *, read_only: bool = False) -> Permissions:
    """The verbs that the configuration and the command line allow."""
    control = settings.control
    return Permissions(read_only or control.read_only, frozenset(Verb(word) for word in control.forbid))
