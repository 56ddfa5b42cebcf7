"""Worker processes: each runs one function on task after task, so that several processors work on one command."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

_LENGTH = 8
"""Bytes of the number before each task and result: the size of what follows, which begins with a sign."""
_DONE, _FAILED = b"+", b"-"
_AHEAD_BYTES = 16_000
"""A larger task is not given ahead: writing it could wait for a process that waits for its result to be read."""
_CODE = (
    "import sys; sys.path[:] = sys.argv[2:]; from importlib import import_module; module, _, name = "
    "sys.argv[1].partition(':'); from tui.io.workers import serve; serve(getattr(import_module(module), name))"
)
"""The child searches modules where this process does, and not in the folder in which the command was started."""

Task = Callable[[bytes], bytes]


def processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker:
    """One process, and the tasks that it has."""

    def __init__(self, function: str, setup: bytes) -> None:
        path = [str(Path(place).absolute()) for place in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE, function, *path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True, bufsize=0, cwd="/",
        )  # fmt: skip
        self._input, self.output = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        self.tasks: deque[int] = deque()
        """Their numbers, in the order in which they are done."""
        self.send(setup)

    def send(self, data: bytes) -> None:
        """Gives it the setup or a task. Does nothing if it has ended; `result` tells this."""
        with suppress(BrokenPipeError):
            _write(self._input, data)

    def result(self) -> tuple[bool, bytes] | None:
        """Waits for the next result: whether it was computed, and its bytes. None: the process has ended."""
        data = _read(self.output)
        return (data[:1] == _DONE, data[1:]) if data else None

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        self._input.close()
        self.output.close()


class Workers:
    """Processes that compute results from tasks, both bytes.

    They end when this object is closed, and also if this process is killed: then their input ends. Not thread-safe.
    """

    def __init__(self, function: str, setup: bytes, count: int, ahead: int = 0) -> None:
        """Starts `count` processes.

        Args:
            function: `module:name` of a function of this program. It takes the setup and returns a function that
                computes a result from a task. What it raises fails the task alone.
            setup: is given to each process once.
            count: the number of processes, 1 or more.
            ahead: so many small tasks, at most 3, are given to a process before it has done those that it has. So it
                need not wait for `results`; but another process cannot have them.
        """
        self._ahead = ahead
        self._workers = [_Worker(function, setup) for _ in range(count)]
        self._tasks: deque[tuple[int, bytes]] = deque()
        self._given = 0
        self._left = 0

    def add(self, task: bytes) -> int:
        """Queues a task. Returns its number, counted from 0."""
        number = self._given
        self._given += 1
        self._left += 1
        self._tasks.append((number, task))
        self._assign()
        return number

    @property
    def left(self) -> int:
        """The number of tasks whose results were not taken yet."""
        return self._left

    def results(self, *, wait: bool) -> list[tuple[int, bytes | None]]:
        """The results that are there, each with the number of its task; None stands for a task that failed.

        Args:
            wait: if there is none but tasks are left, it waits for one.
        """
        found: list[tuple[int, bytes | None]] = []
        while self._left > len(found):
            busy = [worker for worker in self._workers if worker.tasks]
            if not busy:
                found += [(number, None) for number, _ in self._tasks]
                self._tasks.clear()
                break
            blocks = wait and not found
            ready, _, _ = select.select([worker.output for worker in busy], [], [], None if blocks else 0.0)
            if not ready:
                break
            for worker in busy:
                if worker.output in ready:
                    found += self._take(worker)
            self._assign()
        self._left -= len(found)
        return found

    def close(self) -> None:
        """Ends all processes."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    # -- inside ---------------------------------------------------------------------------------

    def _assign(self) -> None:
        for most in range(self._ahead + 1):
            for worker in self._workers:
                if len(worker.tasks) == most and self._tasks and (not most or len(self._tasks[0][1]) <= _AHEAD_BYTES):
                    number, task = self._tasks.popleft()
                    worker.tasks.append(number)
                    worker.send(task)

    def _take(self, worker: _Worker) -> list[tuple[int, bytes | None]]:
        result = worker.result()
        if result is None:
            worker.end()
            self._workers.remove(worker)
            return [(number, None) for number in worker.tasks]
        is_done, data = result
        return [(worker.tasks.popleft(), data if is_done else None)]


def serve(make: Callable[[bytes], Task]) -> None:
    """Computes results until the input ends. Runs in the worker process: tasks come on its standard input.

    Nothing else can write to where the results go: standard output is moved to standard error.
    """
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the screen and the agents come first
    setup = _read(tasks)
    if setup is None:
        return
    compute = make(setup)
    while (task := _read(tasks)) is not None:
        try:
            answer = _DONE + compute(task)
        except Exception as error:
            answer = _FAILED + repr(error).encode("utf-8", "replace")[:2000]
        try:
            _write(results, answer)
        except BrokenPipeError:
            return  # the process that wanted it has ended


def _write(file: IO[bytes], data: bytes) -> None:
    left = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while left:
        left = left[file.write(left) :]  # a signal may interrupt it after a part


def _read(file: IO[bytes]) -> bytes | None:
    """The next task or result; None if the other side has ended."""
    size = _exactly(file, _LENGTH)
    return _exactly(file, int.from_bytes(size, "big")) if size is not None else None


def _exactly(file: IO[bytes], size: int) -> bytes | None:
    pieces: list[bytes] = []
    while size:
        piece = file.read(min(size, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
