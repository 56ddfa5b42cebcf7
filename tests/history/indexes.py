"""An index over a folder of a test, and what it says, beside what the ledger says."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tui.fleet.supervisor import Supervisor
from tui.history.index import CLASSES
from tui.history.sync import current
from tui.history.wanted import Wanted
from tui.io.lines import LINE_CAP
from tui.ledger.prices import PriceTable
from tui.model.usage import classes
from tui.sources.discover import Root, RootKind, find
from tui.sources.transcript import Transcript

THRESHOLDS = (200_000, 272_000)


def wanted(folder: Path) -> Wanted:
    return Wanted(find([Root(str(folder), None, RootKind.FOLDER)]), [os.path.realpath(folder)], LINE_CAP, THRESHOLDS)


def read(folder: Path, cache: Path | None) -> dict[str, Any]:
    """Everything that an index of the folder says."""
    with ExitStack() as stack:
        return says(current(stack, wanted(folder), cache))


def says(sql: sqlite3.Connection) -> dict[str, Any]:
    """The calls with their owners, the lanes and the sums, without numbers of rows."""
    names = {0: None, **dict(sql.execute("SELECT id, text FROM name"))}
    lanes = {
        lane: (os.path.basename(os.fsdecode(path)), local)
        for lane, path, local in sql.execute("SELECT lane.id, path, local FROM lane JOIN file ON file.id = lane.file")
    }
    columns = f"key, lane, at, model, {', '.join(CLASSES)}"
    calls = {
        key: (*lanes[lane], at, names[model], tuple(counts))
        for table in ("call WHERE NOT shared AND", "shared WHERE")
        for key, lane, at, model, *counts in sql.execute(f"SELECT {columns} FROM {table} NOT free")
    }
    rolls = {
        (lanes[lane], quarter, names[model], band): tuple(rest)
        for lane, quarter, model, band, *rest in sql.execute("SELECT * FROM roll")
    }
    facts = {
        lanes[lane]: rest
        for lane, *rest in sql.execute(
            "SELECT id, session, agent_id, forked, title, cwd, started, last, lower_bound, kind FROM lane"
        )
    }
    return {"calls": calls, "rolls": rolls, "lanes": facts}


def ledger(folder: Path) -> tuple[dict[int, Any], set[tuple[str, str]]]:
    """What a Supervisor says of the calls with their owners, and the lanes that are lower bounds as forks."""
    supervisor = Supervisor(PriceTable.shipped())
    for found in wanted(folder).found:
        transcript = Transcript(found.path)
        events = transcript.feed(Path(found.path).read_bytes())
        supervisor.feed(found.path, transcript.agent or "", [*events, *transcript.feed_last()])
    supervisor.snapshot(2e9, 0)
    owned: dict[int, Any] = {}
    lower: set[tuple[str, str]] = set()
    for record in supervisor._shard.records.values():
        if record.ledger.is_lower_bound:
            lower.add((os.path.basename(record.ledger.path), record.ledger.local))
        for call in record.ledger.calls:
            if call.owner is record.ledger and not call.free:
                place = (os.path.basename(record.ledger.path), record.ledger.local)
                owned[call.key] = (*place, call.model, classes(call.usage))
    return owned, lower
