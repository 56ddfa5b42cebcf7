"""Searches all transcripts: by the index where it has them, and by reading the rest. Hits come newest first.

What the index names is read again in its transcript, and compared with the query there. So a hit is right whatever the
index holds, and a transcript that is gone or was replaced has none.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tui.agents.base import Agent
from tui.agents.registry import find as agent_named
from tui.conversation.line_file import LineFile
from tui.fleet.tree import short
from tui.history.documents import Document, DocumentReader, LaneFacts, agent_of, reader_at
from tui.history.search_index import FileRow, Known, SearchIndex, Unusable, marks_agree
from tui.history.search_pieces import Entry
from tui.history.search_words import ROLES, Query, Term
from tui.io.compressed import BrokenArchive
from tui.io.files import Refused
from tui.model.frozen import frozen
from tui.sources.discover import Found

_OPEN = 8
"""The most transcripts that are kept open during one search."""
_PIECE = 1 << 20
_ODD = re.compile(
    rb"[\xc3-\xcd]|\xc2[\xaa\xb2\xb3\xb9\xba\xbc-\xbe]|\xe1[\xb4-\xbb]|\xe2[\x81\x82\x84\x85\x91-\x93\xb1]"
    rb"|\xe2\x86\x89|\xe3[\x88-\x8f]|\xea[\x9c-\x9f\xac\xad]|\xef[\xac\xbc\xbd]|\xf0\x90\x9e|\xf0\x9d|\xf0\x9f[\x84\x85\xaf]|\\u"
)
"""Bytes of signs that can become plain ASCII letters or digits when words are folded, or that are escaped. Only reading
a line with one of them tells its words."""
_ASCII_WORD = re.compile(r"[a-z0-9_]+\Z")

Stop = Callable[[], bool]


def _never() -> bool:
    return False


@frozen
class Hit:
    """A text that matches. All its texts are from a transcript: masked, and not safe to show."""

    path: str
    agent: str
    lane: str
    """The lane's name inside the transcript; empty for the file's own."""
    session: str
    agent_id: str | None
    title: str
    cwd: str
    at: float | None
    """Seconds UTC; None: the line states no time."""
    offset: int
    role: str
    text: str
    """The whole text in which the words are."""

    @property
    def lane_id(self) -> str:
        """The id that the lane usually has; a few have a longer one, because another lane has this id."""
        main = f"{self.agent}:{short(self.session)}"
        return main if self.agent_id in (None, self.session) else f"{main}/{self.agent_id[:8]}"

    @property
    def project(self) -> str:
        """The name of the folder that the lane worked in; empty: not known."""
        return self.cwd.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


@frozen
class Progress:
    """How much of the transcripts a search covers."""

    total: int = 0
    indexed: int = 0
    """Transcripts that are wholly in the index."""
    scanned: int = 0
    """Transcripts that were read for this search."""
    left_bytes: int = 0
    """Bytes that are not in the index."""
    problem: str = ""
    """Why the index is not used, in words; empty if it is."""


class _Part(NamedTuple):
    """The part of a transcript that is not in the index."""

    found: Found
    offset: int


class Search:
    """One search. `hits` may be stopped at any time; `progress` tells what it covered so far. Not thread-safe."""

    def __init__(self, query: Query, found: Sequence[Found], folder: Path | None, *, is_read: bool = True) -> None:
        """Prepares the search.

        Args:
            query: what is searched for.
            found: the transcripts, newest first.
            folder: the cache folder with the index; None: there is none.
            is_read: also reads what is not in the index.
        """
        self._query = query
        self._found = found
        self._folder = folder
        self._is_read = is_read
        self._files: dict[str, _OpenFile] = {}
        self._has_failed = False
        """True if the index could not be read to its end."""
        self.progress = Progress(len(found))
        self.not_indexed: list[Found] = []
        """Transcripts that are not wholly in the index, newest first."""

    def hits(self, stop: Stop = _never) -> Iterator[Hit]:
        """The hits, newest first."""
        if not self._query.wanted:
            return
        index = self._opened()
        try:
            yield from self._merged(index, stop)
        finally:
            if index is not None:
                index.close()
            for file in self._files.values():
                file.close()
            self._files.clear()

    def missing(self) -> list[Found]:
        """The transcripts that are not wholly in the index, newest first."""
        index = self._opened()
        try:
            self._known(index)
        finally:
            if index is not None:
                index.close()
        return self.not_indexed

    def _opened(self) -> SearchIndex | None:
        if self._folder is None:
            return None
        try:
            return SearchIndex(self._folder)
        except Unusable as error:
            self.progress = _with_problem(self.progress, str(error))
            return None

    def _merged(self, index: SearchIndex | None, stop: Stop) -> Iterator[Hit]:
        """Hits of the index and of what is read. A transcript has no text that is newer than itself."""
        known, parts = self._known(index)
        listed = self._listed(index, known)
        waiting: list[tuple[float, int, Hit]] = []
        count = 0
        newest = next(listed, None)
        if self._has_failed:
            known, parts = {}, [_Part(found, 0) for found in self._found]
        given: set[tuple[str, int, str, str]] = set()
        """What the index gave, in case that it fails later."""

        def until(second: float) -> Iterator[Hit]:
            nonlocal newest
            while not stop():
                from_index = newest[0] if newest is not None else None
                from_file = -waiting[0][0] if waiting else None
                if from_index is not None and from_index >= second and (from_file is None or from_index >= from_file):
                    assert newest is not None  # noqa: S101 (for the type checker)
                    hit, newest = newest[1], next(listed, None)
                    given.add((hit.path, hit.offset, hit.lane, hit.role))
                    yield hit
                elif from_file is not None and from_file >= second:
                    yield heapq.heappop(waiting)[2]
                else:
                    return

        for part in parts if self._is_read else []:
            if stop():
                return
            yield from until(part.found.mtime + 1)
            for second, hit in self._scanned(part, stop):
                heapq.heappush(waiting, (-second, count, hit))
                count += 1
            self.progress = _with_one_more(self.progress)
        yield from until(float("-inf"))
        if self._has_failed and known:
            paths = {row.path for row in known.values()}
            for found in self._found:
                if found.path in paths and not stop():
                    for _, hit in self._scanned(_Part(found, 0), stop):
                        if (hit.path, hit.offset, hit.lane, hit.role) not in given:
                            yield hit

    def _known(self, index: SearchIndex | None) -> tuple[dict[int, FileRow], list[_Part]]:
        """The transcripts in the index by number, and what is not in it."""
        rows: dict[str, FileRow] = {}
        if index is not None:
            try:
                rows = index.files()
            except Unusable as error:
                self.progress = _with_problem(self.progress, str(error))
        known: dict[int, FileRow] = {}
        parts: list[_Part] = []
        whole = left = 0
        for found in self._found:
            row = rows.get(found.path)
            how = row.knows(found) if row is not None else Known.NOTHING
            if row is not None and how is Known.GROWN and not marks_agree(row):
                how = Known.NOTHING
            if row is not None and how is not Known.NOTHING:
                known[row.id] = row
            if how is Known.WHOLE:
                whole += 1
                continue
            offset = row.offset if row is not None and how is Known.GROWN else 0
            parts.append(_Part(found, offset))
            left += found.size - offset
        self.not_indexed = [part.found for part in parts]
        self.progress = Progress(len(self._found), whole, 0, left, self.progress.problem)
        return known, parts

    def _listed(self, index: SearchIndex | None, known: dict[int, FileRow]) -> Iterator[tuple[float, Hit]]:
        """The hits of the index, each with its second."""
        if index is None or not known:
            return
        role = ROLES.index(self._query.role) if self._query.role is not None else None
        facts: dict[int, dict[str, LaneFacts]] = {}
        last: tuple[object, ...] = ()
        try:
            for entry in index.find(self._query, role):
                row = known.get(entry.file)
                if row is None or (self._query.agent is not None and row.agent != self._query.agent):
                    continue
                if entry.file not in facts:
                    facts[entry.file] = index.lanes(entry.file)
                lane = facts[entry.file].get(entry.lane) or LaneFacts(entry.lane, "", None, None, "")
                place = (*entry[:4],)
                if place == last or not self._is_of_project(lane):
                    continue
                last = place
                hit = self._hit_at(row, entry, lane)
                if hit is not None:
                    yield float(entry.second), hit
        except Unusable as error:
            self.progress = _with_problem(self.progress, str(error))
            self._has_failed = True

    def _hit_at(self, row: FileRow, entry: Entry, lane: LaneFacts) -> Hit | None:
        """Reads a document again; None if it is not there or does not match."""
        file = self._file(row.path)
        agent = agent_named(row.agent)
        if file is None or agent is None:
            return None
        for document in file.documents_at(entry.offset, agent, entry.role, entry.lane):
            if self._matches(document):
                return _hit(row.path, row.agent, document, lane)
        return None

    def _file(self, path: str) -> _OpenFile | None:
        file = self._files.get(path)
        if file is None:
            try:
                file = _OpenFile(LineFile(path))
            except (Refused, BrokenArchive, OSError):
                return None
            if len(self._files) >= _OPEN:
                self._files.pop(next(iter(self._files))).close()
            self._files[path] = file
        return file

    def _matches(self, document: Document) -> bool:
        query = self._query
        if query.role is not None and ROLES[document.role] != query.role:
            return False
        if query.since is not None and document.at is not None and document.at < query.since:
            return False
        return query.matches(document.text)

    def _is_of_project(self, lane: LaneFacts) -> bool:
        return self._query.project is None or self._query.project in (lane.cwd or "").casefold()

    # -- reading what is not in the index -----------------------------------------------------------

    def _scanned(self, part: _Part, stop: Stop) -> Iterator[tuple[float, Hit]]:
        """The hits in a transcript from an offset on, each with the second by which hits are in order."""
        if self._query.since is not None and part.found.mtime < self._query.since:
            return
        try:
            file = LineFile(part.found.path)
        except (Refused, BrokenArchive, OSError):
            return
        try:
            agent = agent_of(file)
            if agent is None or (self._query.agent is not None and agent.name != self._query.agent):
                return
            reader = reader_at(file, agent, part.offset, 0 if part.offset == 0 else 64 * 1024)
            last = part.found.mtime
            for document in self._candidates(file, reader, part.offset, stop):
                last = document.at if document.at is not None else last
                lane = next(one for one in reader.facts() if one.local == document.lane)
                if self._is_of_project(lane) and self._matches(document):
                    yield last, _hit(part.found.path, agent.name, document, lane)
        except OSError:
            return
        finally:
            file.close()

    def _candidates(self, file: LineFile, reader: DocumentReader, offset: int, stop: Stop) -> Iterator[Document]:
        """The documents of the lines that may hold the words. Others are not read, except at the beginning."""
        wanted = _rarest(self._query.wanted)
        count = 0
        while offset < file.size and not stop():
            lines, end = file.after(offset, _PIECE)
            for line in lines:
                count += 1
                is_candidate = not wanted or wanted in line.data.lower() or _ODD.search(line.data) is not None
                if is_candidate or count <= 20:
                    yield from reader.take(line)
            if end == offset:
                return
            offset = end


class _OpenFile:
    """A transcript that is open, with a reader that has read its first lines."""

    def __init__(self, file: LineFile) -> None:
        self._file = file

    def documents_at(self, offset: int, agent: Agent, role: int, lane: str) -> list[Document]:
        """The documents of one role and lane on the line at an offset.

        First it is read without the lines before it. Some of these are read, too, if it says nothing alone.
        """
        line = self._file.line_at(offset)
        if line is None or line.offset != offset:
            return []
        for reader in (DocumentReader(self._file.path, agent), None):
            made = (reader or reader_at(self._file, agent, offset)).take(line)
            wanted = [one for one in made if one.role == role and one.lane == lane]
            if wanted:
                return wanted
        return []

    def close(self) -> None:
        """Closes the transcript."""
        self._file.close()


def _rarest(terms: Sequence[Term]) -> bytes:
    """The longest word that is plain ASCII, as bytes that lines are searched for; empty if there is none."""
    words = [word for term in terms for word in term.words if _ASCII_WORD.match(word)]
    return max(words, key=len, default="").encode()


def _hit(path: str, agent: str, document: Document, lane: LaneFacts) -> Hit:
    return Hit(
        path, agent, document.lane, lane.session, lane.agent_id, lane.title, lane.cwd or "", document.at,
        document.offset, ROLES[document.role], document.text,
    )  # fmt: skip


def _with_problem(progress: Progress, problem: str) -> Progress:
    return Progress(progress.total, progress.indexed, progress.scanned, progress.left_bytes, problem)


def _with_one_more(progress: Progress) -> Progress:
    return Progress(
        progress.total, progress.indexed, progress.scanned + 1, progress.left_bytes, progress.problem
    )  # fmt: skip
