"""Tests of the screen look at what a user sees, not at what a widget keeps for itself."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "screen"
ALLOWED = {("apps.py", "_compositor"), ("conftest.py", "_dirty_regions")}
"""The lines on the screen, and which of them are to be drawn: Textual has no public way to ask for them."""


def private_of_others(path: Path) -> list[tuple[str, int]]:
    """Names with a leading underscore that are read or set on anything but `self` and `cls`, with their lines."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.endswith("__"):
            continue
        own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        if not own and (path.name, node.attr) not in ALLOWED:
            found.append((node.attr, node.lineno))
    return found


def test_no_private_state_is_read():
    assert {path.name: found for path in sorted(TESTS.glob("*.py")) if (found := private_of_others(path))} == {}
