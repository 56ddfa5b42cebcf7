"""Builds the search index: transcript by transcript, newest first, in a process of its own, at low priority."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import orjson

from tui.conversation.line_file import COMPRESSED, LineFile
from tui.history.documents import Document, DocumentReader, agent_of, reader_at
from tui.history.search_index import (
    Damaged,
    FileRow,
    Known,
    Overtaken,
    SearchIndex,
    Unusable,
    discard,
    marks,
    marks_agree,
)
from tui.io.compressed import BrokenArchive
from tui.io.files import Refused, held_lock, open_transcript
from tui.io.workers import Workers
from tui.model.frozen import frozen
from tui.sources.discover import Found

LOCK = "search.lock"
"""The file in the cache folder that the one lanewatch holds that builds."""
PIECE = 4 << 20
"""Bytes of a transcript that are added at once: so long another lanewatch waits, and so much a `kill -9` costs."""
_WAITING = 2
"""Transcripts that the process is given at once."""
_FORGET, _CLOSE = b"forget", b"close"
"""Tasks besides transcripts: forget those that are gone; close the index, so that another lanewatch may build."""

_FAILED = "the process that builds the search index has ended"


class Outcome(StrEnum):
    """What became of a transcript."""

    DONE = "done"
    UNREADABLE = "unreadable"
    """It is gone, or cannot be read."""
    BUSY = "busy"
    """Another lanewatch builds the index."""
    FAILED = "failed"
    """The index cannot be written."""


class SearchBuilder:
    """Adds transcripts to the index. One at a time holds the lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = -1
        self._index: SearchIndex | None = None
        self._is_checked = False
        self.problem = ""
        """Why the index cannot be written, in words."""

    def take(self, found: Found) -> Outcome:
        """Brings the index up to date with one transcript."""
        for attempt in range(2):
            try:
                index = self._opened()
                if index is None:
                    return Outcome.BUSY
                outcome = _take(index, found)
                self.problem = ""
                return outcome
            except Damaged as error:
                self._is_checked = False
                self.problem = str(error)
                if attempt or not self._discard():
                    return Outcome.FAILED
            except Unusable as error:
                self.problem = str(error)
                self._close_index()
                return Outcome.FAILED
        return Outcome.FAILED

    def forget_missing(self) -> None:
        """Removes transcripts whose files are gone."""
        try:
            index = self._opened()
            if index is not None and (gone := [path for path in index.files() if not os.path.lexists(path)]):
                index.forget(gone)
        except Unusable as error:
            self.problem = str(error)

    def close(self) -> None:
        """Makes the index smaller, closes it and lets the lock go."""
        if self._index is not None:
            try:
                self._index.compact()
            except Unusable as error:
                self.problem = str(error)
        self._close_index()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _opened(self) -> SearchIndex | None:
        """The index, open for writing; None while another lanewatch builds it."""
        if self._index is not None and not self._index.is_current:
            self._close_index()
        if self._index is None:
            if self._lock < 0:
                self._lock = _locked(self._folder)
            if self._lock < 0:
                return None
            self._index = SearchIndex(self._folder, writes=True)
            if not self._is_checked:
                self._index.check()
                self._is_checked = True
        return self._index

    def _discard(self) -> bool:
        self._close_index()
        if self._lock < 0:
            return False
        try:
            discard(self._folder)
        except Unusable as error:
            self.problem = str(error)
            return False
        return True

    def _close_index(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None


def _locked(folder: Path) -> int:
    """The lock of those who build; -1 if another lanewatch holds it. Raises: Unusable: it cannot be made."""
    try:
        return held_lock(folder / LOCK)
    except OSError as error:
        raise Unusable(f"{folder} cannot be written: {error.strerror}") from error


def _take(index: SearchIndex, found: Found) -> Outcome:
    row = index.file(found.path)
    known = row.knows(found) if row is not None else Known.NOTHING
    if known is Known.WHOLE:
        return Outcome.DONE
    if row is None or known is Known.NOTHING or not marks_agree(row):
        row = None
    try:
        found = _as_it_is(found.path)
        file = LineFile(found.path, None if found.path.endswith(COMPRESSED) else found.size)
    except (Refused, BrokenArchive, OSError):
        return Outcome.UNREADABLE
    try:
        _read(index, file, found, row)
    except Overtaken:
        return Outcome.DONE
    except OSError:
        return Outcome.UNREADABLE
    finally:
        file.close()
    return Outcome.DONE


def _as_it_is(path: str) -> Found:
    """The transcript on disk now. What is written later is read the next time."""
    fd, now = open_transcript(path)
    os.close(fd)
    return Found(path, now.st_dev, now.st_ino, now.st_size, now.st_mtime, now.st_ctime)


def _read(index: SearchIndex, file: LineFile, found: Found, row: FileRow | None) -> None:
    agent = agent_of(file)
    offset = row.offset if row is not None else 0
    if agent is None:
        if row is None:
            index.take(found, None, 0, _marked(found.path, 0), "", [], [], is_end=True)
        return
    reader = reader_at(file, agent, offset)
    is_end = False
    while not is_end:
        documents, end = _piece(file, reader, offset, min(offset + PIECE, file.size))
        is_end = end >= file.size or end == offset
        offset = end
        row = index.take(
            found, row, offset, _marked(found.path, offset), agent.name, documents, reader.facts(), is_end=is_end
        )


def _piece(file: LineFile, reader: DocumentReader, offset: int, until: int) -> tuple[list[Document], int]:
    documents: list[Document] = []
    while offset < until:
        lines, end = file.after(offset, 256 * 1024, 4000)
        if end == offset:
            break
        for line in lines:
            documents += reader.take(line)
        offset = end
    return documents, offset


def _marked(path: str, offset: int) -> tuple[bytes, bytes]:
    if path.endswith(COMPRESSED):
        return b"", b""
    fd, _ = open_transcript(path)
    try:
        return marks(fd, offset)
    finally:
        os.close(fd)


# -- in a process of its own ------------------------------------------------------------------------


def building(setup: bytes) -> Callable[[bytes], bytes]:
    """Makes the function that adds one transcript. Runs in the worker process."""
    from tui.io.cache import Cache  # noqa: PLC0415 (only this process keeps the masks here)
    from tui.text.secrets.compiled import keep_compiled_in  # noqa: PLC0415

    folder = Path(os.fsdecode(setup))
    keep_compiled_in(lambda: Cache(folder))
    builder = SearchBuilder(folder)

    def build(task: bytes) -> bytes:
        if task in (_FORGET, _CLOSE):
            builder.problem = ""
            builder.forget_missing() if task == _FORGET else builder.close()
            return orjson.dumps([Outcome.DONE, builder.problem])
        path, *rest = orjson.loads(task)
        found = Found(os.fsdecode(bytes.fromhex(path)), *rest)
        return orjson.dumps([builder.take(found), builder.problem])

    return build


@frozen
class BuildState:
    """How far the index is."""

    left: int = 0
    """Transcripts that are not in it yet."""
    left_bytes: int = 0
    problem: str = ""
    """Why it is not built, in words; empty if nothing is wrong."""


class SearchBuild:
    """Has the index built by a process of its own. Never waits, except in `wait`. Not thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workers: Workers | None = None
        self._todo: deque[Found] = deque()
        self._given: dict[int, Found | None] = {}
        self._is_open = False
        """True if the process may hold the index open."""
        self._problem = ""
        self._has_begun = False

    @property
    def state(self) -> BuildState:
        """How far the index is."""
        left = [*self._todo, *(found for found in self._given.values() if found is not None)]
        return BuildState(len(left), sum(found.size for found in left), self._problem)

    @property
    def is_busy(self) -> bool:
        """True if something is left to do."""
        return bool(self._given or self._todo)

    @property
    def has_begun(self) -> bool:
        """True if something was wanted."""
        return self._has_begun

    def want(self, found: Sequence[Found]) -> None:
        """Sets what is to be added, in this order; what was wanted before and was not begun is left out."""
        self._has_begun = True
        waiting = set(self._given.values())
        self._todo = deque(one for one in found if one not in waiting)
        if self._workers is None and self._todo:
            self._workers = Workers(f"{__name__}:{building.__name__}", os.fsencode(self._folder), 1)
            self._given[self._workers.add(_FORGET)] = None
        self._assign()

    def collect(self, *, wait: bool = False) -> bool:
        """Takes what was done and gives the process more. True if something was done."""
        if self._workers is None or not self._given:
            return False
        done = self._workers.results(wait=wait)
        for number, data in done:
            self._given.pop(number)
            outcome, problem = orjson.loads(data) if data is not None else (Outcome.FAILED, _FAILED)
            if outcome == Outcome.BUSY:
                problem = "another lanewatch builds the search index"
            if outcome in (Outcome.BUSY, Outcome.FAILED):
                self._problem = str(problem)
                self._todo.clear()
            elif outcome == Outcome.DONE and not problem:
                self._problem = ""
        self._assign()
        return bool(done)

    def wait(self, told: Callable[[BuildState], None]) -> BuildState:
        """Waits until nothing is left. `told` is called after each transcript."""
        while self._given:
            self.collect(wait=True)
            told(self.state)
        return self.state

    def close(self) -> None:
        """Ends the process. What it was adding is added the next time."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        self._todo.clear()
        self._given.clear()

    def _assign(self) -> None:
        while self._workers is not None and self._todo and len(self._given) < _WAITING:
            found = self._todo.popleft()
            task = orjson.dumps([os.fsencode(found.path).hex(), *found[1:]])
            self._given[self._workers.add(task)] = found
            self._is_open = True
        if self._workers is not None and self._is_open and not self._todo and not self._given:
            self._is_open = False
            self._given[self._workers.add(_CLOSE)] = None
