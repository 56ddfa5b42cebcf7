"""Follows transcripts on disk: reads what is new in a file, and reads it once whatever happens to the file.

A file is known by device and inode, its content by two marks: its first bytes and the bytes just before the place that
was reached. So a file that was replaced, truncated, rewritten in place or given a reused inode is read again from its
start; a file that was renamed, archived or compressed is not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tui.io.compressed import BrokenArchive, ZstStream
from tui.io.files import Opened, Reason, Refused, open_transcript, refusal
from tui.model.event import Event, UnreadableLine
from tui.model.frozen import frozen
from tui.sources.discover import Root, Roots, hint_for, on_disk, rank, thread_of
from tui.sources.transcript import Transcript

MARK = 64
"""The length of each mark in bytes."""
CHUNK = 256 * 1024
"""Bytes that are read at once."""

MakeTranscript = Callable[[str, str | None], Transcript]


@frozen
class Batch:
    """The result of one read of one transcript.

    Apply the fields in this order: `moved_from`, `reset`, the events, `gone`.
    """

    path: str
    """The name by which the transcript is known: the requested path, or an earlier name of the same file."""
    events: list[Event] = field(default_factory=list[Event])
    skips: list[UnreadableLine] = field(default_factory=list[UnreadableLine])
    agent: str | None = None
    """The agent that wrote it; None until a line shows it."""
    moved_from: str | None = None
    """A former path. Everything given for it belongs to `path` from now on."""
    reset: bool = False
    """True if everything given before for this path is invalid: the file is given again from its start."""
    more: bool = False
    """True if the limit was reached before the end of the file. Then call again."""
    gone: bool = False
    """True if the file was deleted. Everything that was read of it stays valid."""


@frozen
class Reached:
    """How far a file was read: equal values mean that the same bytes were read."""

    dev: int
    ino: int
    offset: int
    """The bytes of content that were read, with those of an unfinished last line."""
    head: bytes
    before: bytes
    """The first and the last bytes that were read, at most MARK each."""


@dataclass(slots=True)
class Tail:
    """The progress of reading one transcript. It can be pickled, so that another process can continue."""

    path: str
    dev: int
    ino: int
    transcript: Transcript
    offset: int = 0
    """The bytes of content that were read, with those of an unfinished last line."""
    head: bytes = b""
    """The first bytes of the content, at most MARK."""
    before: bytes = b""
    """The bytes just before the offset, at most MARK."""
    gone: bool = False
    finished: tuple[int, int] | None = None
    """For a compressed file that was read to its end: its size and its mtime in ns."""

    @property
    def file(self) -> tuple[int, int]:
        """Device and inode."""
        return self.dev, self.ino

    def take(self, data: bytes) -> list[Event | UnreadableLine]:
        """Takes the bytes that lie at the offset."""
        if len(self.head) < MARK:
            self.head += data[: MARK - len(self.head)]
        self.before = data[-MARK:] if len(data) >= MARK else (self.before + data)[-MARK:]
        self.offset += len(data)
        return self.transcript.feed(data)

    def agrees(self, at: int, data: bytes) -> bool:
        """Whether these bytes, which lie at `at`, agree with the marks of what was read there."""
        return _agrees(0, self.head, at, data) and _agrees(self.offset - len(self.before), self.before, at, data)

    def continues(self, fd: int, size: int) -> bool:
        """Whether an uncompressed file of this size still begins with what was read.

        Raises:
            OSError: it could not be read.
        """
        if size < self.offset:
            return False
        marks = ((self.offset - len(self.before), self.before), (0, self.head))
        return all(os.pread(fd, len(mark), at) == mark for at, mark in marks if mark)


@dataclass(slots=True)
class _Stream:
    """A compressed file that is read in slices."""

    source: ZstStream
    signature: tuple[int, int]
    position: int = 0
    """The bytes of content unpacked. Those below the tail's offset were read before, under another name."""


@dataclass(slots=True)
class _Slice:
    """One read in progress."""

    fd: int
    stat: os.stat_result
    left: int
    """The bytes of content that may still be read."""
    out: list[Event | UnreadableLine] = field(default_factory=list[Event | UnreadableLine])
    reset: bool = False
    more: bool = False


class _Claim(NamedTuple):
    """The tail to which a path belongs now."""

    tail: Tail
    moved_from: str | None = None
    reset: bool = False


class Tailer:
    """Reads what is new in transcripts, a slice at a time, and remembers the place in each.

    Not thread-safe. Blocks only as long as the disk does.
    """

    def __init__(self, roots: Roots, make_transcript: MakeTranscript = Transcript) -> None:
        """`roots` are what is watched.

        Links must not lead out of it. `make_transcript` makes a transcript from path and hint.
        """
        self._roots = roots
        self._make = make_transcript
        self._real_roots: list[Root] = []
        self._by_path: dict[str, Tail] = {}
        self._by_file: dict[tuple[int, int], Tail] = {}
        self._by_thread: dict[str, Tail] = {}
        self._streams: dict[str, _Stream] = {}
        self._told: dict[str, str] = {}
        """The refusals that were reported, by path. Each one is reported once."""
        self._grown: dict[int, Tail] = {}
        """Tails that were read since `last_lines` was last asked, by identity: the others have no new last line."""

    def read_new(self, path: str, limit: int) -> Batch:
        """Reads at most `limit` more bytes of a transcript's content.

        Call it whenever the path may have changed in any way. A path that does not exist or cannot be read gives a
        result, not an error.
        """
        known = self._by_path.get(path)
        try:
            opened = self._open(path, known)
        except Refused as refused:
            return self._not_read(path, known, refused)
        try:
            claim = self._claim(path, known, opened)
            if isinstance(claim, Batch):
                return claim
            if isinstance(claim, Tail):
                return self.read_new(claim.path, limit)
            return self._read(claim, _Slice(opened.fd, opened.stat, limit))
        except OSError as error:
            return self._not_read(path, known, refusal(path, error))
        finally:
            os.close(opened.fd)

    def unread(self) -> list[UnreadableLine]:
        """Files that no reader knows, and files whose last line is incomplete. Call it when the files are at rest."""
        skips = (tail.transcript.unread() for tail in self._by_path.values())
        return [skip for skip in skips if skip is not None]

    def reached(self, path: str) -> Reached | None:
        """How far the file at this path was read; None if it was not read or is gone."""
        tail = self._by_path.get(path)
        if tail is None or tail.gone:
            return None
        return Reached(tail.dev, tail.ino, tail.offset, tail.head, tail.before)

    def took_last_line(self, path: str) -> bool:
        """Whether everything that was read of the file was taken, including a last line without its newline."""
        tail = self._by_path.get(path)
        return tail is not None and tail.transcript.is_whole

    def last_lines(self) -> list[Batch]:
        """Last lines that are complete except for their newline. Call it when the files are at rest."""
        grown, self._grown = self._grown, {}
        batches = (_last_line(tail) for tail in grown.values() if self._by_path.get(tail.path) is tail)
        return [batch for batch in batches if batch is not None]

    def finish(self, path: str) -> Batch | None:
        """What `last_lines` and `unread` give for one file that was read to its end; None if nothing."""
        tail = self._by_path.get(path)
        if tail is None:
            return None
        batch = _last_line(tail)
        skip = tail.transcript.unread()
        if skip is None:
            return batch
        known = batch or Batch(path, agent=tail.transcript.agent)
        return replace(known, skips=[*known.skips, skip])

    def detach(self, path: str) -> Tail | None:
        """Stops following a path. Returns how far it was read, so that another process can continue."""
        tail = self._by_path.get(path)
        if tail:
            self._forget(tail)
        return tail

    def attach(self, tails: Iterable[Tail]) -> None:
        """Continues where another tailer stopped."""
        for tail in tails:
            self._register(tail)

    def close(self) -> None:
        """Closes the files that are open between slices."""
        for path in list(self._streams):
            self._close_stream(path)

    def _open(self, path: str, known: Tail | None) -> Opened:
        """Opens a path. Where its links lead is checked once for each file, since that is slow."""
        if known:
            opened = open_transcript(path)
            if (opened.stat.st_dev, opened.stat.st_ino) == known.file:
                return opened
            os.close(opened.fd)
        try:
            return open_transcript(path, [root.path for root in self._real_roots])
        except Refused as refused:
            if refused.reason is not Reason.OUTSIDE:
                raise
        self._real_roots = on_disk(self._roots())
        return open_transcript(path, [root.path for root in self._real_roots])

    def _not_read(self, path: str, known: Tail | None, refused: Refused) -> Batch:
        agent = known.transcript.agent if known else None
        if refused.reason is Reason.MISSING:
            self._told.pop(path, None)
            if known is None or known.gone:
                return Batch(path, agent=agent)
            known.gone = True
            self._close_stream(path)
            return Batch(path, agent=agent, gone=True)
        return Batch(path, agent=agent, skips=self._tell(path, refused.why))

    def _claim(self, path: str, known: Tail | None, opened: Opened) -> _Claim | Tail | Batch:
        """Decides what the file at this path is.

        Returns:
            A claim to read, or the tail of the same file under another name that counts, or the final result.
        """
        file = opened.stat.st_dev, opened.stat.st_ino
        if known and known.file == file:
            known.gone = False
            return _Claim(known)
        other = self._by_file.get(file)
        if other and self._is_at(other):
            if known is None:
                return other
            self._forget(known)  # the path now names a file that is read under another path
            return Batch(path, reset=True)
        if other and (other.path.endswith(".zst") or other.continues(opened.fd, opened.stat.st_size)):
            return self._moved(other, path, known, file)
        if known:
            self._forget(known)
            return _Claim(self._new(path, file), reset=True)
        return self._copy(path, file) or _Claim(self._new(path, file))

    def _moved(self, tail: Tail, path: str, replaced: Tail | None, file: tuple[int, int]) -> _Claim:
        """A file under a new name. If it replaced another known file, both are read again from their start."""
        moved_from = tail.path
        self._forget(tail)
        if replaced:
            self._forget(replaced)
            return _Claim(self._new(path, file), moved_from, reset=True)
        tail.path = tail.transcript.path = path
        tail.dev, tail.ino = file
        tail.gone = False
        tail.finished = None
        self._register(tail)
        return _Claim(tail, moved_from)

    def _copy(self, path: str, file: tuple[int, int]) -> _Claim | Batch | None:
        """A new file that is another copy of a known thread: archived, compressed, or restored."""
        thread = thread_of(path)
        if thread is None:
            return None
        if path.endswith(".zst") and os.path.exists(path.removesuffix(".zst")):  # noqa: PTH110
            return Batch(path)
        other = self._by_thread.get(thread)
        if other is None:
            return None
        if self._is_at(other) and rank(other.path) <= rank(path):
            return Batch(path)
        return self._moved(other, path, None, file)

    def _read(self, claim: _Claim, part: _Slice) -> Batch:
        tail = claim.tail
        self._grown[id(tail)] = tail
        try:
            if tail.path.endswith(".zst"):
                self._read_packed(tail, part)
            else:
                self._read_plain(tail, part)
            self._told.pop(tail.path, None)
        except OSError as error:
            part.out += self._tell(tail.path, refusal(tail.path, error).why)
        return Batch(
            path=tail.path,
            events=[entry for entry in part.out if not isinstance(entry, UnreadableLine)],
            skips=[entry for entry in part.out if isinstance(entry, UnreadableLine)],
            agent=tail.transcript.agent,
            moved_from=claim.moved_from,
            reset=claim.reset or part.reset,
            more=part.more,
        )

    def _read_plain(self, tail: Tail, part: _Slice) -> None:
        if not tail.continues(part.fd, part.stat.st_size):
            self._restart(tail, part)
        if tail.transcript.ignored:
            tail.offset, tail.before = part.stat.st_size, b""
            return
        while part.left > 0:
            data = os.pread(part.fd, min(part.left, CHUNK), tail.offset)
            if not data:
                return
            part.left -= len(data)
            part.out += tail.take(data)
        part.more = tail.offset < os.fstat(part.fd).st_size

    def _read_packed(self, tail: Tail, part: _Slice) -> None:
        signature = part.stat.st_size, part.stat.st_mtime_ns
        if tail.finished == signature:
            return
        stream = self._streams.get(tail.path)
        if tail.finished or (stream and stream.signature != signature):
            self._restart(tail, part)
            stream = None
        if stream is None:
            stream = self._streams[tail.path] = _Stream(ZstStream(os.dup(part.fd)), signature)
        try:
            part.more = self._unpack(tail, stream, part)
        except BrokenArchive as broken:
            part.out.append(UnreadableLine(tail.path, None, tail.offset, str(broken)))
        if not part.more:
            tail.finished = signature
            self._close_stream(tail.path)

    def _unpack(self, tail: Tail, stream: _Stream, part: _Slice) -> bool:
        """Reads more of a compressed file. Returns True if there is more."""
        while part.left > 0:
            passing = tail.offset - stream.position
            data = stream.source.read(min(part.left, CHUNK, passing or CHUNK))
            part.left -= len(data)
            if passing and not (data and tail.agrees(stream.position, data)):
                self._restart(tail, part)  # not the same content as before: the next slice begins at the start
                return True
            if not data:
                return False
            if not passing:
                part.out += tail.take(data)
            stream.position += len(data)
        return True

    def _restart(self, tail: Tail, part: _Slice) -> None:
        """Starts the file again, because its content differs from what was read."""
        self._close_stream(tail.path)
        tail.transcript = self._make(tail.path, self._hint(tail.path))
        tail.offset, tail.head, tail.before, tail.finished = 0, b"", b"", None
        part.reset = True

    def _new(self, path: str, file: tuple[int, int]) -> Tail:
        tail = Tail(path, *file, self._make(path, self._hint(path)))
        self._register(tail)
        return tail

    def _hint(self, path: str) -> str | None:
        self._real_roots = self._real_roots or on_disk(self._roots())
        return hint_for(os.path.realpath(path), self._real_roots)

    def _register(self, tail: Tail) -> None:
        self._by_path[tail.path] = self._by_file[tail.file] = tail
        self._grown[id(tail)] = tail
        if thread := thread_of(tail.path):
            self._by_thread[thread] = tail

    def _forget(self, tail: Tail) -> None:
        self._close_stream(tail.path)
        if self._by_path.get(tail.path) is tail:
            del self._by_path[tail.path]
        if self._by_file.get(tail.file) is tail:
            del self._by_file[tail.file]
        thread = thread_of(tail.path)
        if thread and self._by_thread.get(thread) is tail:
            del self._by_thread[thread]

    def _is_at(self, tail: Tail) -> bool:
        """Whether a transcript is still at its known path."""
        try:
            found = os.stat(tail.path)  # noqa: PTH116
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == tail.file

    def _tell(self, path: str, why: str) -> list[UnreadableLine]:
        if self._told.get(path) == why:
            return []
        self._told[path] = why
        return [UnreadableLine(path, None, None, why)]

    def _close_stream(self, path: str) -> None:
        if stream := self._streams.pop(path, None):
            stream.source.close()


def _last_line(tail: Tail) -> Batch | None:
    out = tail.transcript.feed_last()
    if not out:
        return None
    events = [entry for entry in out if not isinstance(entry, UnreadableLine)]
    skips = [entry for entry in out if isinstance(entry, UnreadableLine)]
    return Batch(tail.path, events, skips, agent=tail.transcript.agent)


def _agrees(mark_at: int, mark: bytes, at: int, data: bytes) -> bool:
    """Whether two pieces of one content agree where they overlap."""
    start = max(mark_at, at)
    end = min(mark_at + len(mark), at + len(data))
    return start >= end or mark[start - mark_at : end - mark_at] == data[start - at : end - at]
