"""The shipped sample logs, and the independent count of them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "sample_logs"
SAMPLES = FOLDER / "morning"
Record = dict[str, Any]


def counting() -> ModuleType:
    """`sample_logs/count.py`, which is a script and no part of the package."""
    spec = importlib.util.spec_from_file_location("sample_logs_count", FOLDER / "count.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def logs() -> dict[str, bytes]:
    """Transcripts and sidecars by their path."""
    found = sorted(path for agent in ("claude", "codex") for path in (SAMPLES / agent).rglob("*") if path.is_file())
    return {path.relative_to(SAMPLES).as_posix(): path.read_bytes() for path in found}


def transcripts() -> dict[str, list[Record]]:
    """The lines of every transcript, by its path."""
    return {
        path: [json.loads(line) for line in data.splitlines()]
        for path, data in logs().items()
        if path.endswith(".jsonl")
    }


def by_title(title: str) -> list[Record]:
    """The lines of the lane that has this title. A fork opens with the title of its origin, which is not its own."""
    (found,) = [lines for lines in transcripts().values() if titles(lines)[-1:] == [title]]
    return found


def titles(lines: list[Record]) -> list[str]:
    """Every title that a transcript gives."""
    given = (line.get("aiTitle") or line.get("payload", {}).get("thread_name") for line in lines)
    return [title for title in given if title]
