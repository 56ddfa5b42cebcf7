"""Finds an operator's orders for a recording: in the logs of bundles, else in this machine's audit log."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from tui.control.recorded_orders import RecordedOrders


def journal_of(paths: Sequence[str]) -> RecordedOrders:
    """The orders that belong to these paths (without paths: to the agents' homes of this machine)."""
    from tui.cli.control import control_folder
    from tui.control import audit
    from tui.io.files import Refused
    from tui.sources.unpack import is_bundle, unpack

    bundles = [path for path in paths if is_bundle(path)]
    if not bundles:
        return RecordedOrders(audit.read(control_folder()))
    entries: list[audit.AuditRecord] = []
    for path in bundles:
        with contextlib.suppress(Refused, OSError):  # the reader of its transcripts reports the error
            journal = unpack(path).journal
            entries += audit.entries_in(journal) if journal is not None else []
    return RecordedOrders(entries)
