"""Scans the transcripts that differ from the index and writes them, a batch in one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence

from tui.history.index import KnownFile, identity
from tui.history.store import Store
from tui.history.wanted import Wanted
from tui.history.work import Done, Job, run
from tui.sources.found import Found

_BATCH = 20_000
"""Calls that are written in one transaction."""


def write(
    connection: sqlite3.Connection,
    wanted: Wanted,
    changed: Sequence[tuple[Found, KnownFile | None]],
    gone: Sequence[KnownFile],
    *,
    is_kept: bool,
) -> None:
    """Brings these transcripts into the index. Ends the reading transaction of the connection.

    A transcript that another process writes at the same time may be left out: compare again. An index that is not
    kept gets all transcripts in one transaction, and each as soon as it is scanned, while other processes scan on.

    Raises:
        sqlite3.Error: the index is damaged, or cannot be written.
    """
    store = Store(connection, wanted.thresholds)
    jobs: list[Job] = []
    for found, known in changed:
        before = store.scanned(known.id) if known is not None and _may_have_grown(known, found) else None
        jobs.append(Job(found.path, found.size - (before.offset if before is not None else 0), before))
    connection.execute("ROLLBACK")
    writer = _Writer(connection, wanted, changed)
    scanned = run(jobs, wanted.roots, wanted.cap, wanted.processors)
    if not is_kept:
        writer.commit(scanned, gone)
        return
    if gone:
        writer.commit([], gone)
    batch: list[Done] = []
    calls = 0
    for done in scanned:
        batch.append(done)
        calls += sum(len(lane.calls) for lane in done.scanned.lanes)
        if calls >= _BATCH:
            writer.commit(batch)
            batch, calls = [], 0
    if batch:
        writer.commit(batch)


def _may_have_grown(known: KnownFile, found: Found) -> bool:
    return known[1:3] == identity(found)[:2] and found.size >= known.size


class _Writer:
    """Writes what was scanned, if the index still is as it was when the scan was planned."""

    def __init__(
        self, connection: sqlite3.Connection, wanted: Wanted, changed: Sequence[tuple[Found, KnownFile | None]]
    ) -> None:
        self._sql = connection
        self._wanted = wanted
        self._changed = {found.path: (found, known) for found, known in changed}

    def commit(self, batch: Iterable[Done], gone: Sequence[KnownFile] = ()) -> None:
        """Writes a batch, and removes transcripts that are gone, in one transaction."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            self._write(batch, gone)
            self._sql.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._sql.execute("ROLLBACK")
            raise

    def _write(self, batch: Iterable[Done], gone: Sequence[KnownFile]) -> None:
        store = Store(self._sql, self._wanted.thresholds)
        keys = store.forget(file.id for file in gone if store.file(file.id) == file)
        lanes: list[int] = []
        for done in batch:
            found, planned = self._changed[done.job.path]
            now = store.file_at(found.path)
            if now is not None and now != planned and (now.is_same(found) or not done.is_whole):
                continue  # another process was quicker
            if now is None and not done.is_whole:
                continue
            if now is not None:
                keys |= store.forget([now.id])
            lanes += store.add(found, done.scanned)
        store.settle(lanes, keys)
