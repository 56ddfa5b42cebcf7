"""Brings the index to what is on the disk, and opens it for reading.

Whoever reads it gets one state of the index in which exactly the transcripts that were found are counted. If the index
cannot be used, everything is scanned into one that is not kept: slower, and never another figure.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tui.history.index import (
    KnownFile,
    NotUsable,
    check_rolls,
    in_memory,
    known_files,
    name_of,
    opened,
    remove,
    remove_old,
)
from tui.history.wanted import Wanted
from tui.sources.found import Found

_ROUNDS = 4
"""So often the disk and the index are compared before the index is given up as too busy."""


def current(stack: ExitStack, wanted: Wanted, folder: Path | None) -> sqlite3.Connection:
    """An index of exactly these transcripts, in a transaction for reading. `stack` closes it.

    `folder` is where the index is kept; None: it is not kept.
    """
    connection = _kept(stack, wanted, folder, index_name(wanted)) if folder is not None else None
    if connection is None:
        connection = stack.enter_context(contextlib.closing(in_memory()))
        _bring(connection, wanted, is_kept=False)
    return connection


def index_name(wanted: Wanted) -> str:
    """The name of the index of these folders, read in this way."""
    return name_of((sorted(wanted.roots), wanted.cap, wanted.thresholds, code_mark()))


class Coverage(NamedTuple):
    """How much of the transcripts an index counts. Without arguments: all."""

    left_bytes: int = 0
    """Bytes of the transcripts that are not in it."""
    total_bytes: int = 0
    since: float | None = None
    """Calls after this time, in seconds UTC, are all counted: no transcript that is left was written after it."""


def so_far(stack: ExitStack, wanted: Wanted, folder: Path, least: int) -> tuple[sqlite3.Connection, Coverage]:
    """The kept index as far as it is filled, in a transaction for reading. `stack` closes it.

    What it counts is as it is on the disk now: transcripts that changed are read, and those that are gone are left out.
    Of those that it does not have, the newest are read, up to `least` bytes.

    Raises:
        NotUsable, sqlite3.Error, ValueError, TypeError: the index cannot be used now, or is damaged.
    """
    connection = stack.enter_context(opened(folder, index_name(wanted)))
    for _ in range(_ROUNDS):
        connection.execute("BEGIN")
        changed, gone = _differences(known_files(connection), wanted.found)
        left = sorted((one for one, row in changed if row is None), key=lambda one: one.mtime, reverse=True)
        taken = [pair for pair in changed if pair[1] is not None]
        while left and left[0].size <= least:
            least -= left[0].size
            taken.append((left.pop(0), None))
        if not taken and not gone:
            if not check_rolls(connection):
                raise NotUsable("the index is damaged")
            return connection, Coverage(
                sum(one.size for one in left), sum(one.size for one in wanted.found), left[0].mtime if left else None
            )
        from tui.history.writing import write  # noqa: PLC0415 (not needed while nothing changed)

        write(connection, wanted, taken, gone, is_kept=True)
    raise NotUsable("the index is changed faster than it can be read")


def missing(wanted: Wanted, folder: Path) -> list[Found]:
    """The transcripts that the kept index does not have at all, newest first. What has grown is read when asked for.

    Raises:
        NotUsable, sqlite3.Error: the index cannot be used now, or is damaged.
    """
    with opened(folder, index_name(wanted)) as connection:
        changed, _ = _differences(known_files(connection), wanted.found)
    return sorted((found for found, row in changed if row is None), key=lambda one: one.mtime, reverse=True)


def _kept(stack: ExitStack, wanted: Wanted, folder: Path, name: str) -> sqlite3.Connection | None:
    """The index in the folder; None if it cannot be used now."""
    for _ in range(2):
        with ExitStack() as attempt:
            try:
                connection = attempt.enter_context(opened(folder, name))
                if _bring(connection, wanted, is_kept=True):
                    remove_old(folder, name)
                if check_rolls(connection):
                    stack.push(attempt.pop_all())
                    return connection
            except (NotUsable, sqlite3.OperationalError):
                return None
            except (sqlite3.DatabaseError, ValueError, TypeError):
                pass  # it is damaged
        try:
            remove(folder, name)
        except NotUsable:
            return None
    return None


def code_mark(*more: str) -> str:
    """Stands for the code that decides what is in the index: it differs after any change or reinstallation.

    `more` are further packages on which the content depends.
    """
    above = Path(__file__).parents[1]
    return f"{above}:{hash(tuple(_stats(above, more)))}"


def _stats(above: Path, more: Iterable[str]) -> Iterator[tuple[int, ...]]:
    for package in ("agents", "history", "io", "ledger", "model", "sources", "text", *more):
        for folder, folders, names in os.walk(above / package):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".py", ".toml")):
                    found = os.stat(f"{folder}{os.sep}{name}")  # noqa: PTH116 (a hundred files at each start)
                    yield found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _bring(connection: sqlite3.Connection, wanted: Wanted, *, is_kept: bool) -> bool:
    """Brings an index to what is on the disk, and begins a transaction for reading. True if anything changed.

    Raises:
        NotUsable: other processes change it all the time.
        sqlite3.Error: it is damaged, or cannot be written.
    """
    for round_ in range(_ROUNDS):
        connection.execute("BEGIN")
        changed, gone = _differences(known_files(connection), wanted.found)
        if not changed and not gone:
            return round_ > 0
        from tui.history.writing import write  # noqa: PLC0415 (not needed while nothing changed)

        write(connection, wanted, changed, gone, is_kept=is_kept)
    raise NotUsable("the index is changed faster than it can be read")


def _differences(
    known: dict[str, KnownFile], found: Sequence[Found]
) -> tuple[list[tuple[Found, KnownFile | None]], list[KnownFile]]:
    """The transcripts that are new or changed, with what the index knows of them, and those that are gone."""
    changed: list[tuple[Found, KnownFile | None]] = []
    for one in found:
        row = known.pop(one.path, None)
        if row is None or not row.is_same(one):
            changed.append((one, row))
    return changed, list(known.values())
