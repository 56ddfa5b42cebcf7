"""The JSON Schema of the report, made from the document's own types, so that the two cannot part."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from inspect import getdoc
from typing import Any, Union, get_args, get_origin, get_type_hints

from tui.model.usage import Usage
from tui.report.comparison import Comparison
from tui.report.document import Figures, Report, Window
from tui.report.json_doc import SCHEMA, TIMES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TIME: dict[str, Any] = {"type": ["string", "null"], "format": "date-time"}
"""A transcript may state a time that no calendar holds: null."""
_COUNT: dict[str, Any] = {"type": "integer"}
_USAGE = ("input", "cache_read", "cache_write", "output", "reasoning", "total", "fresh")


def schema(root: type = Report, kind: str = "report") -> dict[str, Any]:
    """The schema of a document, with a definition for each of its types."""
    found: dict[str, Any] = {}
    top = _definition(root, found)
    top["properties"] = {"schema": {"const": SCHEMA}, "kind": {"const": kind}, **top["properties"]}
    top["required"] = ["schema", "kind", *top["required"]]
    return {
        "$schema": DRAFT,
        "title": f"lanewatch {kind}, schema {SCHEMA}",
        "description": "Times are ISO 8601 in UTC, durations seconds, counts tokens unless a name says otherwise; "
        "null is unknown. Keys may be added within one schema number, none is removed or given another meaning.",
        **top,
        "$defs": dict(sorted(found.items())),
    }


def comparison_schema() -> dict[str, Any]:
    """The schema of two reports side by side."""
    return schema(Comparison, "comparison")


def schema_text(made: dict[str, Any]) -> str:
    """A schema as `report.schema.json` and `comparison.schema.json` hold it."""
    return json.dumps(made, indent=1, ensure_ascii=True) + "\n"


def _definition(of: type, found: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(of)
    properties = {field.name: _type(hints[field.name], field.name, found) for field in fields(of)}
    if of in (Window, Figures):
        properties["duration_s"] = {"type": ["number", "null"]}
    return {
        "description": (getdoc(of) or "").partition("\n\n")[0].replace("\n", " "),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _type(hint: Any, name: str, found: dict[str, Any]) -> dict[str, Any]:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        parts = [_type(one, name, found) for one in get_args(hint) if one is not type(None)]
        return {"anyOf": [*parts, {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], "", found)}
    if hint is Usage:
        found["Usage"] = {
            "description": (getdoc(Usage) or "").partition("\n\n")[0].replace("\n", " "),
            "type": "object", "properties": dict.fromkeys(_USAGE, _COUNT), "required": list(_USAGE),
        }  # fmt: skip
        return {"$ref": "#/$defs/Usage"}
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in found:
            found[hint.__name__] = {}  # a type may hold itself
            found[hint.__name__] = _definition(hint, found)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [one.value for one in hint]}
    if hint is bool:
        return {"type": "boolean"}
    if hint in (int, float) and name in TIMES:
        return dict(_TIME)
    if hint is int:
        return dict(_COUNT)
    return {"type": "number"} if hint is float else {"type": "string"}
