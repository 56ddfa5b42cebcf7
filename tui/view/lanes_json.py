"""The stable JSON of `lanes`: the keys that the columns declare, and further lane keys that have no column.

Within a schema (1), a key is never removed or given another meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet, Lane
from tui.text.safe_text import safe_text
from tui.view.columns.base import JsonField
from tui.view.columns.registry import all_columns
from tui.view.json_out import SCHEMA, cost_json, finding_json, iso, usage_json
from tui.view.mutes import Mutes
from tui.view.pending import pending_json


def lanes_json(fleet: Fleet, mutes: Mutes | None = None, order: Sequence[LaneId] | None = None) -> dict[str, Any]:
    """The document of `lanes --json`. Without `mutes` nothing is shown as muted.

    `order`: the lanes that are listed; None: all. Totals count all lanes.
    """
    lanes = fleet.lanes
    if order is not None:
        known = {lane.id: lane for lane in fleet.lanes}
        lanes = tuple(known[one] for one in order if one in known)
    files = [{"path": skip.path, "line": skip.line, "why": skip.why} for skip in fleet.skipped]
    fields = lane_fields(mutes)
    return {
        "schema": SCHEMA,
        "at": iso(fleet.at),
        "lanes": [{field.key: field.value(lane) for field in fields} for lane in lanes],
        "totals": usage_json(fleet.totals),
        "cost": cost_json(fleet.cost),
        "waited_s": round(sum(lane.waited_until(fleet.at) for lane in fleet.lanes), 3),
        "totals_trust": [doubt.value for doubt in fleet.trust],
        "skipped": {"lines": fleet.skipped_lines, "files": files},
    }


def lane_fields(mutes: Mutes | None = None) -> list[JsonField]:
    """The keys of a lane, in their order."""

    def findings(lane: Lane) -> object:
        return [finding_json(finding, mutes.muted(finding) if mutes else None) for finding in lane.findings]

    fields = [field for column in all_columns() for field in column.json]
    fields += [
        JsonField("actions", 180, "How many actions it has had.", lambda lane: lane.action_count),
        JsonField("findings", 190, "The findings that hold, as in `findings --json`.", findings),
        JsonField(
            "judged",
            195,
            "False if the lane was counted only: `findings` has those of its state alone. `--judge all` judges all.",
            lambda lane: lane.judged,
        ),
        JsonField("routes", 200, "The open routes by which verbs reach it.", _routes),
        JsonField("pending", 205, "What it waits for a person to answer, the oldest first.", _pending),
        JsonField(
            "recording",
            210,
            "Why it can only be read, null if it can be acted on.",
            lambda lane: safe_text(lane.recording) or None,
        ),
    ]
    return sorted(fields, key=lambda field: field.place)


def _pending(lane: Lane) -> object:
    return [pending_json(request) for request in lane.pending]


def _routes(lane: Lane) -> object:
    return [route.kind.value for route in lane.control.routes if route.is_open]
