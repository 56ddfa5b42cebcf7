"""A column, registered in a test alone, is found wherever columns are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
    assert list(found["json"]).index("tool_errors") == list(found["json"]).index("trust") + 1
    assert found["settings"] == [["name", "failed"], "failed", 0]
    (refused,) = found["refused"]
    assert '"failed"' in refused
    assert 'did you mean "failed"?' in refused
    defaults = found["defaults"].replace("\n# ", " ")
    assert '"spark", "tokens", "failed", "cost", "context"' in defaults
    assert '"tokens", "failed", "cost", "recent"' in defaults
    assert "FAILED       tool calls that failed" in found["help"]
    assert "0            none did" in found["help"]
    assert any(line.startswith("key:value") and "failed" in line.split() for line in found["help"])
    assert "Sort by failed" in found["palette"]
    assert "| `failed` | FAILED | tool calls that failed |" in found["column docs"]
    assert "| `failed` | failed calls |" in found["sort docs"]
    assert "| `tool_errors` | Tool calls that failed. |" in found["json docs"]
    assert '"tokens", "failed", "cost"' in found["setting docs"]
    sys.stdout.write("\na new column needs 1 production file\n")
