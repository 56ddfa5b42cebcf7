"""Scans many transcripts: in this process, and in others where there is enough to read."""

from __future__ import annotations

import gc
import marshal
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tui.history.scan import Scanned, file_pieces, packed_pieces, resumed, scan, seal
from tui.history.tally import CountedCall, CountedLane
from tui.io.files import Refused, open_transcript
from tui.io.workers import Workers

MUCH = 200_000_000
"""From so many bytes on, more processes pay for their start."""
_GROUP = 8_000_000
"""Bytes that are scanned in one task."""
_GROUP_FILES = 100
_AHEAD = 3
"""Tasks that a process has beside the one that it does: more is written here than one task takes."""


class Job(NamedTuple):
    """A transcript to scan."""

    path: str
    size: int
    """Its bytes that are new."""
    before: Scanned | None = None
    """What was scanned before, with seals in place of its marks, if the file may only have grown."""


class Done(NamedTuple):
    """The result of a job."""

    job: Job
    scanned: Scanned
    is_whole: bool
    """False if only the end of the file was read."""


def run(jobs: Sequence[Job], roots: Sequence[str], cap: int, processors: int) -> Iterator[Done]:
    """Scans all transcripts, in any order. A file that cannot be read is one without lanes.

    Args:
        jobs: what is scanned.
        roots: real paths; links must not lead out of them.
        cap: bytes of the longest line.
        processors: how many there are.
    """
    if processors < 2 or sum(job.size for job in jobs) < MUCH:
        yield from (do(job, roots, cap) for job in jobs)
        return
    waiting = deque(_groups([job for job in jobs if job.before is None]))
    given: dict[int, list[Job]] = {}
    workers = Workers(f"{__name__}:worker", marshal.dumps((list(roots), cap)), processors - 1, _AHEAD)
    try:
        yield from (do(job, roots, cap) for job in jobs if job.before is not None)
        while waiting or workers.left:
            while waiting and workers.left < (processors - 1) * (_AHEAD + 1):
                group = waiting.popleft()
                given[workers.add(marshal.dumps([job.path for job in group]))] = group
            if waiting:
                yield from (do(job, roots, cap) for job in waiting.pop())
            for number, result in workers.results(wait=not waiting):
                group = given.pop(number)
                if result is None:
                    yield from (do(job, roots, cap) for job in group)
                    continue
                found: list[Any] = marshal.loads(result)  # noqa: S302 (our own process wrote it)
                yield from (Done(job, _unpacked(one), is_whole=True) for job, one in zip(group, found, strict=True))
    finally:
        workers.close()


def worker(setup: bytes) -> Callable[[bytes], bytes]:
    """Scans groups of transcripts in a process of its own: see `io.workers`."""
    gc.disable()
    roots, cap = marshal.loads(setup)  # noqa: S302 (the process that started this one wrote it)

    def compute(task: bytes) -> bytes:
        paths: list[str] = marshal.loads(task)  # noqa: S302
        return marshal.dumps([_packed(do(Job(path, 0), roots, cap).scanned) for path in paths])

    return compute


def do(job: Job, roots: Sequence[str], cap: int) -> Done:
    """Scans one transcript."""
    try:
        opened = open_transcript(job.path, roots)
    except Refused:
        return Done(job, _unread(), is_whole=True)
    fd = opened.fd
    try:
        if job.path.endswith(".zst"):
            return Done(job, scan(job.path, lambda chunk: packed_pieces(fd, chunk), cap), is_whole=True)
        before = _marked(fd, job.before) if job.before is not None else None
        if before is not None and opened.stat.st_size >= before.offset:
            made = resumed(job.path, before, lambda chunk: file_pieces(fd, chunk, before.offset), cap)
            if made is not None:
                return Done(job, made, is_whole=False)
        return Done(job, scan(job.path, lambda chunk: file_pieces(fd, chunk), cap), is_whole=True)
    except OSError:
        return Done(job, _unread(), is_whole=True)
    finally:
        os.close(fd)


def _unread() -> Scanned:
    return Scanned("", 0, b"", b"", [], 1, b"")


def _marked(fd: int, before: Scanned) -> Scanned | None:
    """What was scanned, with the marks in place of their seals; None if the file does not begin with it."""
    ends = (before.head[:1], before.before[:1])
    if not all(ends):
        return None
    head = os.pread(fd, ends[0][0], 0)
    last = os.pread(fd, ends[1][0], max(0, before.offset - ends[1][0]))
    if (seal(head), seal(last)) != (before.head, before.before):
        return None
    return before._replace(head=head, before=last)


def _groups(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs in groups that take long enough to be worth the way to another process."""
    group: list[Job] = []
    for job in jobs:
        group.append(job)
        if sum(one.size for one in group) >= _GROUP or len(group) >= _GROUP_FILES:
            yield group
            group = []
    if group:
        yield group


def _packed(scanned: Scanned) -> tuple[Any, ...]:
    lanes = [(*lane[:-1], [tuple(call) for call in lane.calls]) for lane in scanned.lanes]
    return (*scanned[:4], lanes, *scanned[5:])


def _unpacked(packed: Sequence[Any]) -> Scanned:
    lanes = [CountedLane._make((*lane[:-1], tuple(map(CountedCall._make, lane[-1])))) for lane in packed[4]]
    return Scanned._make((*packed[:4], lanes, *packed[5:]))
