"""Reports which paths changed, as an async iterator: notices of the system, backed by sweeps.

Notices are only hints. They are lost when the system's queue overflows, for files written into a folder before its
watch is set, and on network mounts; so the disk is also compared with what was last reported. All of this blocks and
runs in its own thread. Nothing here opens a transcript.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from tui.io.files import is_inside
from tui.io.mounts import Mounts
from tui.model.event import UnreadableLine
from tui.sources.discover import Found, Root, Roots, on_disk
from tui.sources.sweep import Sweep
from tui.sources.watch_loops import Listener, MakeNotifier, Notifier

CLOSE_WITHIN_S = 1.0
"""Seconds to wait for a thread that hangs in the file system. It is a daemon thread and cannot delay the exit."""


class ChangeSource:
    """Sets of paths that may have changed, as an async iterator: transcripts, their sidecars, and those deleted.

    Use it as an async context manager, so that its threads end when the block does. A path is given again only if its
    file has changed since. Changes that come while the consumer is busy are collected.
    """

    def __init__(
        self,
        roots: Roots,
        *,
        known: Iterable[Found] = (),
        since: float | None = None,
        force_polling: bool = False,
        on_notice: Callable[[str], None] = lambda _: None,
        on_skip: Callable[[UnreadableLine], None] = lambda _: None,
        make_notifier: MakeNotifier | None = None,
        is_remote: Callable[[str], bool] | None = None,
    ) -> None:
        """A source that starts when it is entered.

        Args:
            roots: returns what to watch; called about twice a second, because homes come and go.
            known: files as the caller last saw them. Those that differ are given at once; without it, all files are.
            since: files that changed last before this time (seconds UTC) are left out until they change.
            force_polling: do not ask the system for notices.
            on_notice: called with a text for the operator when the watch had to fall back to polling.
            on_skip: called once for each path that looks like a transcript and cannot be read.
            make_notifier: replaces the system's notifier.
            is_remote: replaces the question to the system which paths lie on network mounts, which are polled.
        """
        self._roots = roots
        self._known = list(known)
        self._since = since
        self._force_polling = force_polling
        self._on_notice = on_notice
        self._on_skip = on_skip
        self._make_notifier = make_notifier or _rust_notifier
        self._is_remote = is_remote or Mounts().is_remote
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = asyncio.Event()
        self._changed: set[str] = set()
        self._failure: BaseException | None = None
        self._polls_remote = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._start(self._watch_all if self._force_polling else self._watch_local)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> set[str]:
        await self._ready.wait()
        if self._stop.is_set():
            raise StopAsyncIteration
        if not self._changed and self._failure:
            raise self._failure
        if not self._failure:
            self._ready.clear()
        changed, self._changed = self._changed, set()
        return changed

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(work,), name="lanewatch-watch", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Runs `work` in a thread. If it fails, the consumer learns that the watch has ended."""
        try:
            work()
        except Exception as error:
            failure = error
            self._in_loop(lambda: self._fail(failure))

    def _watch_local(self) -> None:
        self._listener(self._local).listen()

    def _watch_remote(self) -> None:
        """Watches remote roots in a separate thread, so that a mount that hangs delays nothing else."""
        self._listener(self._remote).poll()

    def _watch_all(self) -> None:
        self._listener(self._roots).poll()

    def _listener(self, roots: Roots) -> Listener:
        inside = [root.path for root in on_disk(roots())]
        sweep = Sweep(
            roots,
            clock=time.time,
            known=[found for found in self._known if is_inside(found.path, inside)],
            since=self._since,
            refuse=lambda skip: self._in_loop(lambda: self._on_skip(skip)),
            stopped=self._stop.is_set,
        )
        return Listener(
            sweep,
            self._stop,
            lambda paths: self._in_loop(lambda: self._take(paths)),
            lambda text: self._in_loop(lambda: self._on_notice(text)),
            self._make_notifier,
        )

    def _local(self) -> list[Root]:
        """The roots for which the system gives notices. The others are polled."""
        roots = self._roots()
        local = [root for root in roots if not self._is_remote(root.path)]
        if len(local) < len(roots) and not self._polls_remote:
            self._polls_remote = True
            self._start(self._watch_remote)
        return local

    def _remote(self) -> list[Root]:
        return [root for root in self._roots() if self._is_remote(root.path)]

    def _in_loop(self, do: Callable[[], None]) -> None:
        """Calls `do` in the consumer's event loop; ignored after the loop has ended."""
        if self._loop is not None and not self._stop.is_set():
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(do)

    def _take(self, paths: set[str]) -> None:
        self._changed |= paths
        self._ready.set()

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._ready.set()

    def close(self) -> None:
        """Ends the threads and the iteration. May be called again."""
        self._stop.set()
        while self._threads:
            self._threads.pop().join(CLOSE_WITHIN_S)
        self._ready.set()


def _rust_notifier(folders: Sequence[str]) -> Notifier:
    """The system's notices by watchfiles: all folders with everything below them.

    Its option to ignore unreadable folders is not used, because it ignores every error, even that no watches are left.
    """
    from watchfiles._rust_notify import RustNotify  # noqa: PLC0415 (33 ms that a one-shot command does not pay)

    return RustNotify(list(folders), False, False, 300, True, False)
