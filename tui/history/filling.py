"""Fills the index of usage while the screen is open: newest first, in a process of its own, at low priority.

Each task is a group of transcripts in transactions of their own, so that a `kill -9` costs a group at most, and the
next start goes on from there. One lanewatch at a time fills; the others read what it has written.
"""

from __future__ import annotations

import marshal
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any

from tui.history.index import NotUsable, known_files, opened, remove
from tui.history.wanted import Wanted
from tui.history.writing import write
from tui.io.files import held_lock
from tui.io.workers import Workers
from tui.sources.found import Found

LOCK = "usage.lock"
"""The file in the cache folder that the one lanewatch holds that fills."""
_GROUP, _GROUP_FILES = 4_000_000, 50
"""Bytes and files of one task: so long another lanewatch waits for its turn to write."""
_WAITING = 2
"""Tasks that the process is given at once."""
_NICE = 10
"""Is added to the priority of a worker process: filling comes last."""


class Outcome(StrEnum):
    """What became of a task."""

    DONE = "done"
    BUSY = "busy"
    """Another lanewatch fills the index."""
    FAILED = "failed"
    """The index cannot be written."""


class Filler:
    """Brings transcripts into the index. One at a time holds the lock, until it is closed."""

    def __init__(self, folder: Path, name: str, wanted: Wanted) -> None:
        """`name` is that of the index (see `sync.index_name`). What `wanted` has found is not looked at."""
        self._folder = folder
        self._name = name
        self._wanted = wanted
        self._lock = -1
        self._open = ExitStack()
        self._sql: sqlite3.Connection | None = None

    def take(self, found: Sequence[Found]) -> Outcome:
        """Brings these transcripts into the index. A damaged index is replaced."""
        for _ in range(2):
            try:
                if self._lock < 0:
                    self._lock = held_lock(self._folder / LOCK)
                if self._lock < 0:
                    return Outcome.BUSY
                self._take(found)
                return Outcome.DONE
            except (NotUsable, sqlite3.OperationalError, OSError):
                self._close_index()
                return Outcome.FAILED
            except (sqlite3.DatabaseError, ValueError, TypeError):
                self._close_index()
                if not self._removed():
                    return Outcome.FAILED
        return Outcome.FAILED

    def close(self) -> None:
        """Closes the index and lets the lock go."""
        self._close_index()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _take(self, found: Sequence[Found]) -> None:
        if self._sql is None:
            self._sql = self._open.enter_context(opened(self._folder, self._name))
        self._sql.execute("BEGIN")
        known = known_files(self._sql)
        changed = [(one, row) for one in found if (row := known.get(one.path)) is None or not row.is_same(one)]
        write(self._sql, self._wanted, changed, (), is_kept=True)

    def _close_index(self) -> None:
        self._sql = None
        self._open.close()

    def _removed(self) -> bool:
        try:
            remove(self._folder, self._name)
        except NotUsable:
            return False
        return True


# -- in a process of its own ------------------------------------------------------------------------


def filling(setup: bytes) -> Callable[[bytes], bytes]:
    """Makes the function that fills in a group of transcripts. Runs in the worker process."""
    folder, name, roots, cap, thresholds = marshal.loads(setup)  # noqa: S302 (the process that started this one wrote it)
    os.nice(_NICE)
    filler = Filler(Path(os.fsdecode(folder)), name, Wanted((), [os.fsdecode(root) for root in roots], cap, thresholds))

    def fill(task: bytes) -> bytes:
        group: list[tuple[Any, ...]] = marshal.loads(task)  # noqa: S302
        outcome = filler.take([Found(os.fsdecode(path), *rest) for path, *rest in group])
        return outcome.value.encode()

    return fill


class Filling:
    """One filling by a process of its own. Never waits. Not thread-safe."""

    def __init__(self, folder: Path, name: str, wanted: Wanted, found: Sequence[Found]) -> None:
        """Begins to fill in what was found, in this order. Raises: OSError: no process can be started."""
        self._todo = deque(_groups(found))
        self._given: dict[int, list[Found]] = {}
        self.outcome = Outcome.DONE
        """What became of the last task. Nothing more is done after one that was not done."""
        setup = (os.fsencode(folder), name, [os.fsencode(root) for root in wanted.roots], wanted.cap)
        self._workers = Workers(f"{__name__}:{filling.__name__}", marshal.dumps((*setup, list(wanted.thresholds))), 1)
        self._assign()

    @property
    def left_bytes(self) -> int:
        """The bytes of the transcripts that are not in the index yet."""
        return sum(one.size for group in (*self._todo, *self._given.values()) for one in group)

    @property
    def is_busy(self) -> bool:
        """True if something is left to do."""
        return bool(self._given)

    def collect(self) -> None:
        """Takes what was done and gives the process more."""
        for number, data in self._workers.results(wait=False):
            self._given.pop(number)
            self.outcome = Outcome(data.decode()) if data is not None else Outcome.FAILED
            if self.outcome is not Outcome.DONE:
                self._todo.clear()
        self._assign()

    def close(self) -> None:
        """Ends the process. What it was filling in is filled in the next time."""
        self._workers.close()
        self._todo.clear()
        self._given.clear()

    def _assign(self) -> None:
        while self._todo and len(self._given) < _WAITING:
            group = self._todo.popleft()
            task = marshal.dumps([(os.fsencode(one.path), *one[1:]) for one in group])
            self._given[self._workers.add(task)] = group


def _groups(found: Sequence[Found]) -> Iterator[list[Found]]:
    group: list[Found] = []
    held = 0
    for one in found:
        group.append(one)
        held += one.size
        if held >= _GROUP or len(group) >= _GROUP_FILES:
            yield group
            group, held = [], 0
    if group:
        yield group
