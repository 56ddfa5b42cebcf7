"""The report as JSON: the document field by field, as `report.schema.json` describes it.

Keys are the names of the document's fields. Times are ISO 8601 in UTC, durations seconds, unknown is null. Texts are
safe and masked as in every format. Within one schema number a key is never removed or given another meaning.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from tui.model.usage import Usage
from tui.report.comparison import Comparison
from tui.report.document import Figures, Report, Window
from tui.report.shown import shown
from tui.view.json_out import dumps, iso, usage_json

SCHEMA = 1
TEXT_CHARS = 2000
DIGITS = 6
TIMES = frozenset(("at", "start", "end", "since", "until", "started", "ended", "asked_from", "asked_to"))
"""Fields that hold seconds UTC."""


def report_text(report: Report) -> str:
    """One line of ASCII and a newline."""
    return dumps(report_json(report)) + "\n"


def report_json(report: Report) -> dict[str, Any]:
    """The whole document."""
    return {"schema": SCHEMA, "kind": "report", **_object(report)}


def comparison_text(comparison: Comparison) -> str:
    """Two reports side by side, as `comparison.schema.json` describes it: one line of ASCII and a newline."""
    return dumps({"schema": SCHEMA, "kind": "comparison", **_object(comparison)}) + "\n"


def _object(value: Any) -> dict[str, Any]:
    made = {field.name: plain(getattr(value, field.name), field.name) for field in fields(value)}
    if isinstance(value, Window | Figures):
        made["duration_s"] = plain(value.duration_s)
    return made


def plain(value: Any, name: str = "") -> Any:
    """A value of the document as JSON knows it; `name` is the field that holds it."""
    if value is None or isinstance(value, bool | int):
        return iso(value) if name in TIMES and isinstance(value, int) else value
    if isinstance(value, float):
        return iso(value) if name in TIMES else round(value, DIGITS)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str(shown(value, limit=TEXT_CHARS))
    if isinstance(value, Usage):
        return usage_json(value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    if is_dataclass(value):
        return _object(value)
    raise TypeError(f"{name}: no JSON for {type(value).__name__}")
