"""The beginnings of a transcript, as a person who watches it would have met them, moved in time so that each ends now."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.bench.judge.incidents.lane import Json

EVERY = 12
"""Calls of the model between two prefixes, over all files of the transcript."""
NOW = 1796040000.0
"""When each prefix ends, in seconds since the epoch."""
STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECONDS = re.compile(r'("started_at": )(\d+)')
MILLISECONDS = re.compile(r'("occurred_at_ms": )(\d+)')


class Row(NamedTuple):
    """A line of a transcript."""

    time: float
    """Seconds since the epoch; a line without a time has that of the line before it."""
    file: str
    """The path in the folder of the data."""
    line: str


def seconds(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def stamp(time: float) -> str:
    whole, milliseconds = divmod(round(time * 1000), 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def rows_of(data: Path, label: Json) -> list[Row]:
    """The lines of all files of a transcript in the order of time."""
    rows: list[Row] = []
    last = 0.0
    for name in label["files"]:
        with (data / name).open(encoding="utf-8") as file:
            for line in file:
                found = STAMP.search(json.loads(line).get("timestamp") or "")
                last = seconds(found.group()) if found else last
                rows.append(Row(last, name, line))
    return sorted(rows, key=lambda row: row.time)


def cuts_of(rows: list[Row]) -> list[int]:
    """How many rows each prefix has; the last has all."""
    cuts: set[int] = set()
    messages: set[str] = set()
    calls = 0
    for index, row in enumerate(rows):
        line = json.loads(row.line)
        if line.get("type") == "assistant" and line["message"]["id"] not in messages:
            if calls and calls % EVERY == 0:
                cuts.add(index)  # Claude Code writes the usage with the first block of an answer: cut before it
            messages.add(line["message"]["id"])
            calls += 1
        elif line.get("type") == "event_msg" and line["payload"]["type"] == "token_count":
            calls += 1
            if calls % EVERY == 0:
                cuts.add(index + 1)  # Codex counts at the end of a call: cut after it
    return [*sorted(cut for cut in cuts if cut < len(rows) - 3), len(rows)]


def _moved(line: str, by: float) -> str:
    line = STAMP.sub(lambda found: stamp(seconds(found.group()) + by), line)
    line = SECONDS.sub(lambda found: f"{found.group(1)}{int(int(found.group(2)) + by)}", line)
    return MILLISECONDS.sub(lambda found: f"{found.group(1)}{int(int(found.group(2)) + by * 1000)}", line)


def write_prefix(data: Path, folder: Path, rows: list[Row]) -> float:
    """Write the files of a prefix into a folder; returns when it ended before it was moved, in seconds since the epoch."""
    end = rows[-1].time
    lines: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        lines[row.file].append(_moved(row.line, NOW - end))
    for name, moved in lines.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(moved)
        meta = (data / name).with_suffix(".meta.json")
        if meta.exists():
            shutil.copy(meta, path.with_suffix(".meta.json"))
    return end
