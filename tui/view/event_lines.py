"""Events as JSON lines, or as lines for a person."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import Any

from tui.model.event import Event, UnreadableLine
from tui.model.usage import Usage
from tui.text.cell_width import fit
from tui.text.safe_text import SafeText, safe_text
from tui.text.secrets.find import mask_secrets
from tui.text.styled_text import joined, own
from tui.view.json_out import iso, usage_json


def event_json(event: Event | UnreadableLine) -> dict[str, Any]:
    """One event as JSON, its kind first.

    An unreadable line has the kind `skip`. Texts are whole and raw, with secrets masked.
    """
    if isinstance(event, UnreadableLine):
        return {"kind": "skip", "line": event.line, "offset": event.offset, "why": event.why}
    made: dict[str, Any] = {"kind": event.kind, "lane": event.lane, "at": iso(event.at), "offset": event.offset}
    for field in fields(event):
        if field.name not in made:
            made[field.name] = _plain(getattr(event, field.name))
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Usage):
        return usage_json(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return mask_secrets(value) if isinstance(value, str) else value


_QUIET = {"lane", "at", "offset", "kind", "counter"}


def event_line(event: Event | UnreadableLine) -> SafeText:
    """One event as a line: time, kind, text."""
    data = event_json(event)
    at = safe_text(str(data.get("at") or "")[11:23] or "no time")
    rest = " ".join(
        f"{key}={value}" for key, value in data.items() if key not in _QUIET and value not in (None, "", [])
    )
    lane = joined(safe_text(str(data["lane"])), own(" ")) if data.get("lane") else own("")
    return joined(fit(at, 13), fit(safe_text(str(data["kind"])), 9), lane, safe_text(rest, limit=240))
