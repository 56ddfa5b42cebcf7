"""Judges transcripts in worker processes, while this process reads and counts them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Sequence
from typing import Any

from tui.fleet.costs import Prices
from tui.fleet.late_judge import LateJudge
from tui.fleet.shard import ShardFactory
from tui.fleet.transcript_judge import TranscriptJudge
from tui.io.workers import Workers
from tui.judge.limits import Limits
from tui.model.frozen import frozen
from tui.sources.discover import Root
from tui.sources.sidecar import facts_beside
from tui.sources.tail import Tailer
from tui.sources.transcript import Transcript

_SLICE = 8 << 20
"""Bytes of a transcript that are judged before the next ones are read."""


@frozen
class PoolSetup:
    """What each worker process is given."""

    roots: Sequence[Root]
    """Where the transcripts lie. Links out of them are not followed."""
    line_cap: int
    """A longer line is left out, in bytes."""
    prices: Prices
    limits: Limits
    keeps_shapes: bool
    """See `TranscriptJudge`."""


class JudgePool:
    """Judges the deferred transcripts of one fleet. Not thread-safe."""

    def __init__(self, setup: PoolSetup, count: int) -> None:
        """Starts `count` processes."""
        self._factory = ShardFactory(setup.prices, setup.limits)
        self._workers = Workers(f"{__name__}:{_judging.__name__}", pickle.dumps(setup), count)
        self._paths: dict[int, str] = {}
        self._done: list[tuple[str, bytes | None]] = []

    def add(self, paths: Sequence[str]) -> None:
        """Queues transcripts in this order: those that take longest should be the first."""
        for path in paths:
            self._paths[self._workers.add(os.fsencode(path))] = path

    def collect(self, *, wait: bool = False) -> None:
        """Takes the results that are there, so that the processes continue with the next transcripts."""
        self._done += [(self._paths.pop(number), data) for number, data in self._workers.results(wait=wait)]

    def give_all(self, late: LateJudge) -> None:
        """Waits for all results and gives them to `late`, which judges what failed. Then the processes end.

        All transcripts must have been read completely.
        """
        while self._workers.left:
            self.collect(wait=True)
        self._workers.close()
        for path, data in self._done:
            if data is None:
                late.judge([path])
                continue
            tail, judged = self._factory.unpacked(data)
            late.take_judged(path, tail, judged)
        self._done.clear()


def _judging(setup: bytes) -> Callable[[bytes], bytes]:
    """Makes the function that judges one transcript to its present end. Runs in a worker process."""
    given: PoolSetup = pickle.loads(setup)  # noqa: S301 (written by the process that started this one)
    factory = ShardFactory(given.prices, given.limits)

    def judge(task: bytes) -> bytes:
        path = os.fsdecode(task)
        tailer = Tailer(lambda: given.roots, lambda path, hint: Transcript(path, hint, cap=given.line_cap))
        judged = TranscriptJudge(path, tailer, factory, facts_beside, keeps_shapes=given.keeps_shapes)
        while True:
            batch = judged.read(_SLICE)
            if batch is None:
                raise OSError("the file changed while it was read")
            if not batch.more:
                break
        found: Any = tailer.detach(path), judged
        tailer.close()
        return factory.packed(found)

    return judge
