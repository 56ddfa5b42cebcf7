"""As much of JSON Schema as the report's schema uses: enough to hold a document against it."""

from __future__ import annotations

import re
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
    "null": (type(None),),
}  # fmt: skip
KNOWN = frozenset(
    ("$schema", "title", "description", "$defs", "$ref", "type", "properties", "required", "items", "anyOf", "enum",
     "const", "format")
)  # fmt: skip


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> list[str]:
    """What is wrong with a value, by its place. Keys that the schema does not name are wrong too."""
    unknown = schema.keys() - KNOWN
    assert not unknown, f"the validator does not know {unknown}"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return problems(value, root["$defs"][name], root, where)
    if "anyOf" in schema:
        tried = [problems(value, one, root, where) for one in schema["anyOf"]]
        return [] if any(not one for one in tried) else min(tried, key=len)
    if "const" in schema:
        return [] if value == schema["const"] else [f"{where}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{where}: {value!r} is none of {schema['enum']}"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(
        isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in kinds
    ):
        return [f"{where}: {type(value).__name__} is no {kinds}"]
    if schema.get("format") == "date-time" and isinstance(value, str) and not _TIME.fullmatch(value):
        return [f"{where}: {value!r} is no time"]
    found: list[str] = []
    if isinstance(value, dict):
        properties = schema["properties"]
        found += [f"{where}: {key} is missing" for key in schema["required"] if key not in value]
        found += [f"{where}: {key} is not described" for key in value if key not in properties]
        for key, each in value.items():
            found += problems(each, properties[key], root, f"{where}.{key}") if key in properties else []
    if isinstance(value, list):
        for index, each in enumerate(value):
            found += problems(each, schema["items"], root, f"{where}[{index}]")
    return found
