"""A column, registered in a test alone, is found wherever columns are.

The toy stands right after `tokens` everywhere. What follows it is read from the registry, so that a new column breaks
nothing here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tui.view.columns.registry import all_columns, all_sorts
from tui.view.lanes_json import lane_fields

ROOT = Path(__file__).resolve().parents[2]


def with_toy(names, toy, after):
    """The names with the toy's right after one of them, as settings list them."""
    names = list(names)
    names.insert(names.index(after) + 1, toy)
    return ", ".join(f'"{name}"' for name in names)


def test_a_new_column_is_one_file(tmp_path):
    command = [sys.executable, "-m", "tests.architecture.toy_column", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "FAILED▼" in found["screen"]
    assert "sort failed calls" in found["screen"]
    assert len(found["order"]) > 3
    assert found["order"] == sorted(found["order"], reverse=True)
    assert found["filtered"] == [3]
    heading, first = found["plain"][:2]
    assert first[: heading.index("FAILED") + len("FAILED")].endswith(" 2")
    assert found["json"]["tool_errors"] == 2
    keys = [field.key for field in lane_fields()]
    keys.insert(keys.index("trust") + 1, "tool_errors")
    assert list(found["json"]) == keys
    assert found["settings"] == [["name", "failed"], "failed", 0]
    (refused,) = found["refused"]
    assert '"failed"' in refused
    assert 'did you mean "failed"?' in refused
    defaults = found["defaults"].replace("\n# ", " ")
    columns = with_toy([each.name for each in all_columns()], "failed", "tokens")
    sorts = with_toy([each.name for each in all_sorts()], "failed", "tokens")
    assert columns in defaults
    assert sorts in defaults
    assert "FAILED       tool calls that failed" in found["help"]
    assert "0            none did" in found["help"]
    assert any(line.startswith("field:a,b") and "failed" in line.split() for line in found["help"])
    assert "failed" in found["typed"]
    assert "| `failed` | FAILED | tool calls that failed |" in found["column docs"]
    assert "| `failed` | failed calls |" in found["sort docs"]
    assert "| `tool_errors` | Tool calls that failed. |" in found["json docs"]
    assert columns in found["setting docs"]
    assert sorts in found["setting docs"]
    sys.stdout.write("\na new column needs 1 production file\n")
