"""Documents held against a JSON Schema by the reference validator, and two schemas held against each other."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or _TIME.fullmatch(value) is not None


def problems(document: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with a document. Keys that the schema does not describe are wrong too."""
    return [f"{error.json_path}: {error.message}" for error in _validator(json.dumps(schema)).iter_errors(document)]


@cache
def _validator(schema: str) -> Draft202012Validator:
    made = json.loads(schema)
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(_closed(made), format_checker=_FORMATS)


def shape(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """What a schema asks for, without names of types and words: keys, which are required, types, enumerations."""
    root = schema if root is None else root
    if "$ref" in schema:
        return shape(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return frozenset().union(
            *(part if isinstance(part, frozenset) else {part} for part in (shape(one, root) for one in schema["anyOf"]))
        )
    if "properties" in schema:
        keys = tuple(sorted((name, shape(one, root)) for name, one in schema["properties"].items()))
        return ("object", keys, frozenset(schema["required"]))
    if "items" in schema:
        return ("array", shape(schema["items"], root))
    if "const" in schema:
        return ("const", schema["const"])
    if "enum" in schema:
        return ("enum", frozenset(schema["enum"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return frozenset((kind, schema.get("format") if kind == "string" else None) for kind in kinds)


def _closed(schema: Any) -> Any:
    """The same schema, in which an object has no key but those that are described."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed
