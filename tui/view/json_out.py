"""The stable JSON of `lanes --json`. Schema 1; a key is never removed or given another meaning within it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tui.model.snapshot import Fleet, Lane
from tui.model.usage import Usage
from tui.view.safe_text import safe_text

SCHEMA = 1
BURN_WINDOW = 1
"""Index of the window that stands in the JSON: five minutes."""


def dumps(value: dict[str, Any]) -> str:
    """One line of ASCII: whatever a transcript or a path holds arrives escaped."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def lanes_json(fleet: Fleet) -> dict[str, Any]:
    """The document of `lanes --json`."""
    files = [{"path": skip.path, "line": skip.line, "why": skip.why} for skip in fleet.skipped]
    return {
        "schema": SCHEMA,
        "at": iso(fleet.at),
        "lanes": [lane_json(lane) for lane in fleet.lanes],
        "totals": usage_json(fleet.totals),
        "skipped": {"lines": fleet.skipped_lines, "files": files},
    }


def lane_json(lane: Lane) -> dict[str, Any]:
    """One lane. What is unknown is null. Nothing judges repetition yet, so that is null too."""
    burn = lane.burn[BURN_WINDOW]
    return {
        "id": lane.id,
        "agent": lane.agent,
        "session": lane.session,
        "parent": lane.parent,
        "title": safe_text(lane.title),
        "project": safe_text(lane.project),
        "branch": safe_text(lane.branch) if lane.branch else None,
        "state": lane.state.value,
        "started": iso(lane.started),
        "last_event": iso(lane.last_event),
        "models": {share.model or "unknown": usage_json(share.usage) for share in lane.models},
        "usage": usage_json(lane.usage),
        "cost_usd": None if lane.cost_usd is None else round(lane.cost_usd, 6),
        "burn": {"tokens_per_hour": round(burn.tokens_per_hour, 1), "window_s": burn.window_s},
        "context": {"used": lane.context.used, "window": lane.context.window},
        "repetition": None,
        "actions": lane.action_count,
        "findings": [],
        "routes": [],
    }


def usage_json(usage: Usage) -> dict[str, int]:
    """Tokens by class; fresh = total - cache_read."""
    return {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "total": usage.total,
        "fresh": usage.fresh,
    }


def iso(at: float | None) -> str | None:
    """Seconds UTC as ISO 8601 with milliseconds; None, and what no calendar holds, stay unknown."""
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, OSError, ValueError):
        return None
