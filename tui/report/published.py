"""The document as JSON, and the JSON Schema that describes it: both from the document's own types.

Keys are the names of the document's fields. Times are ISO 8601 in UTC, durations seconds, unknown is null. Texts are
safe and masked as in every format. Within a schema, a key is never removed or given another meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from tui.judge.findings.registry import kind_names
from tui.report.display_text import shown
from tui.report.document import Comparison, Report
from tui.text.secrets.find import MASK, secret_spans
from tui.view.json_out import dumps, iso

SCHEMA = 1
TEXT_CHARS = 2000
DIGITS = 6
TIMES = frozenset(("at", "start", "end", "since", "until", "started", "ended", "asked_from", "asked_to"))
"""Fields that hold seconds UTC."""
_TIME = {"type": ["string", "null"], "format": "date-time"}
"""Null is allowed, because a transcript may state a time that no calendar contains."""
_BEFORE = 12


def report_text(report: Report) -> str:
    """The whole report: one line of ASCII and a newline."""
    return dumps(report_json(report)) + "\n"


def report_json(report: Report) -> dict[str, Any]:
    """The whole report."""
    return {"schema": SCHEMA, "kind": "report", **_published(msgspec.to_builtins(report))}


def comparison_text(comparison: Comparison) -> str:
    """Two reports side by side: one line of ASCII and a newline."""
    return dumps({"schema": SCHEMA, "kind": "comparison", **_published(msgspec.to_builtins(comparison))}) + "\n"


def schema(of: type = Report, kind: str = "report") -> dict[str, Any]:
    """The JSON Schema of a report, or of a comparison, with a definition for each of its types."""
    definitions: dict[str, Any] = msgspec.json.schema(of)["$defs"]
    for definition in definitions.values():
        _complete(definition)
    if "Finding" in definitions:
        # The class lists only members that other packages use; the registry has all.
        definitions["Finding"]["properties"]["kind"] = {"enum": [*kind_names()]}
    top = definitions.pop(of.__name__)
    constants = {"schema": {"const": SCHEMA}, "kind": {"const": kind}}
    return {
        **top,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"lanewatch {kind}, schema {SCHEMA}",
        "description": "Times are ISO 8601 in UTC, durations seconds, counts tokens unless a name says otherwise; "
        "null is unknown. Keys may be added within one schema number, none is removed or given another meaning.",
        "properties": {**constants, **top["properties"]},
        "required": [*constants, *top["required"]],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema of a report as it is printed."""
    return json.dumps(schema(), indent=1, ensure_ascii=True) + "\n"


def secrets_in(document: msgspec.Struct) -> int:
    """The number of different secrets in all texts of a document, at any depth.

    Secrets that were masked at reading are distinguished by the text before the mask.
    """
    found: set[str] = set()
    for text in set(_texts(msgspec.to_builtins(document))):
        found.update(text[start:end] for start, end in secret_spans(text))
        if MASK in text:
            found.update(f"{before[-_BEFORE:]}{MASK}" for before in text.split(MASK)[:-1])
    return len(found)


def _published(value: Any, name: str = "") -> Any:
    """A value as published; `name` is the field that holds it."""
    if isinstance(value, dict):
        return {key: _published(inner, key) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, tuple):
        return [_published(inner) for inner in cast("tuple[Any, ...]", value)]
    if isinstance(value, str):
        return str(shown(value, limit=TEXT_CHARS))
    if isinstance(value, int | float) and name in TIMES:
        return iso(value)
    return round(value, DIGITS) if isinstance(value, float) else value


def _complete(definition: dict[str, Any]) -> None:
    """Requires every key, with a default or not, and makes times texts."""
    definition["description"] = definition["description"].partition("\n\n")[0].replace("\n", " ")
    properties: dict[str, dict[str, Any]] = definition.get("properties", {})
    for name, described in properties.items():
        described.pop("default", None)
        if name in TIMES:
            properties[name] = dict(_TIME)
    if properties:
        definition["required"] = list(properties)


def _texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, tuple):
            stack.extend(cast("tuple[Any, ...]", one))
        elif isinstance(one, dict):
            stack.extend(cast("dict[str, Any]", one).values())
