"""Schema 1 of the JSON output: every key that it began with is still there, with values of the same types.

`schema_1.json` lists, for each command, the keys of its output for the sample logs when schema 1 was published, and the
types that their values had in all recordings known then. Keys may be added, never removed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import lanewatch

ROOT = Path(__file__).resolve().parents[2]
MORNING = ROOT / "sample_logs" / "morning"
STOP = ROOT / "sample_logs" / "findings" / "stop" / "raised"
FIRST = json.loads(Path(__file__).with_name("schema_1.json").read_text(encoding="utf-8"))
MAPS = ("models",)
"""Keys whose values are objects with names of the data as keys."""
COMMANDS = {
    "lanes": [("lanes", MORNING, "--json", "--at", "2026-05-09T09:48:31Z")],
    "findings": [
        ("findings", MORNING, "--json", "--all", "--at", "2026-05-09T09:48:31Z"),
        ("findings", STOP, "--json", "--all", "--at", "2026-05-09T09:22:16Z"),
    ],
    "report": [("report", MORNING, "--format", "json", "--title", "T")],
    "events": [("events", MORNING, "--json")],
}


def type_of(value: object) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "list", str: "text", int: "number", float: "number", type(None): "null"}
    return names[type(value)]


def collect(value: object, path: str, found: dict[str, set[str]]) -> None:
    """Adds the path and type of the value and of all values in it."""
    found.setdefault(path, set()).add(type_of(value))
    if isinstance(value, dict):
        is_map = path.rsplit(".", 1)[-1] in MAPS
        for key, each in value.items():
            collect(each, f"{path}.{'*' if is_map else key}", found)
    elif isinstance(value, list):
        for each in value:
            collect(each, f"{path}[]", found)


def keys_of(command: str, home: Path) -> dict[str, set[str]]:
    """The keys of a command's output for the sample logs, each with the types of its values."""
    found: dict[str, set[str]] = {}
    for args in COMMANDS[command]:
        out = lanewatch(*map(str, args), home=home).stdout
        if command == "events":
            for event in map(json.loads, out.splitlines()):
                collect(event, event["kind"], found)
        else:
            collect(json.loads(out), "$", found)
    return found


def broken(first: dict[str, list[str]], now: dict[str, set[str]]) -> list[str]:
    """What a reader of the first output would miss in the present one."""
    gone = [f"{path} is gone" for path in first if path not in now]
    other = [
        f"{path} is {', '.join(sorted(now[path] - set(types)))}, not {', '.join(types)}"
        for path, types in first.items()
        if path in now and not now[path] <= {*types, "null"}
    ]
    return gone + other


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_key_of_schema_1_is_still_there_with_its_type(tmp_path: Path, command: str) -> None:
    assert broken(FIRST[command], keys_of(command, tmp_path)) == []


def test_a_removed_key_and_a_changed_type_are_noticed() -> None:
    now: dict[str, set[str]] = {}
    collect({"lanes": [{"id": 7}]}, "$", now)
    first = {"$": ["object"], "$.lanes[].id": ["text"], "$.lanes[].burn": ["number"]}
    assert broken(first, now) == ["$.lanes[].burn is gone", "$.lanes[].id is number, not text"]
