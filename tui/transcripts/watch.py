"""Which paths changed, soon after they did: the system's notices, with sweeps behind them, as an async iterator.

Notices are hints. They are lost when the system's queue overflows, for files written into a folder
before its watch is set, and on network mounts; so the disk is also compared with what was told last.
All of this blocks, and runs in a thread of its own. Nothing here opens a transcript.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from tui.model.event import Skip
from tui.transcripts.discover import Found, Root, Roots
from tui.transcripts.mounts import Mounts
from tui.transcripts.sweep import Sweep

DEBOUNCE_MS = 20
"""Longest time for which changes are gathered once one was seen. watchfiles' own 1600 makes a busy fleet wait that long."""
STEP_MS = 10
"""How often watchfiles looks while something is going on: the floor of the delay."""
QUIET_STEP_MS = 50
"""How often it looks after QUIET_AFTER_S seconds without a change: each look costs, and nobody is waiting."""
QUIET_AFTER_S = 3.0

FILES_EVERY_S = 0.05
ROOTS_EVERY_S = 0.5
HOT_EVERY_S = 2.0
ALL_EVERY_S = 15.0
POLL_EVERY_S = 0.5

SWEEP_SHARE = 0.005
"""Of one core, for each kind of sweep: one that takes long is made less often instead."""
POLL_SHARE = 0.02
"""Of one core, where sweeps are all there is."""

RETRIES = 3
"""Notifiers that may break before polling takes over."""
CLOSE_WITHIN_S = 1.0
"""A thread that hangs in the file system is not waited for longer. It is a daemon: it cannot hold up the exit."""


class Notifier(Protocol):
    """The part of `watchfiles.RustNotify` that is used here."""

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Any, /) -> set[tuple[int, str]] | str:
        """Changes, or a word on why there are none.

        Raises:
            RuntimeError: the notifier is broken.
        """
        ...

    def close(self) -> None:
        """Ends the watch."""
        ...


MakeNotifier = Callable[[Sequence[str]], Notifier]
"""Watches folders and all below them. Raises OSError or RuntimeError if the system will not."""


class ChangeSource:
    """Sets of paths that may have changed, as an async iterator: transcripts, their sidecars, and those deleted.

    Use it as an async context manager, so that its threads end when the block does. A path is given
    again only if the file differs from what it was when it was last given. Changes that come while
    the consumer is busy are gathered.
    """

    def __init__(
        self,
        roots: Roots,
        *,
        known: Iterable[Found] = (),
        since: float | None = None,
        force_polling: bool = False,
        on_notice: Callable[[str], None] = lambda _: None,
        on_skip: Callable[[Skip], None] = lambda _: None,
        make_notifier: MakeNotifier | None = None,
        is_remote: Callable[[str], bool] | None = None,
    ) -> None:
        """A source that starts when it is entered.

        Args:
            roots: what to watch, asked again about twice a second: homes may come and go.
            known: files as the caller last saw them: whatever differs is given at once. Without any,
                all files are.
            since: files that changed last before this time (seconds UTC) are left out until they change.
            force_polling: do not ask the system for notices.
            on_notice: told, in words for the operator, when the watch had to fall back to polling.
            on_skip: told once of each path that looks like a transcript and cannot be read.
            make_notifier: stands in for the system's notifier.
            is_remote: stands in for asking the system which paths lie on network mounts, which are polled.
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

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._start("watch", self._poll if self._force_polling else self._listen)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> set[str]:
        await self._ready.wait()
        self._ready.clear()
        changed, self._changed = self._changed, set()
        if changed:
            return changed
        if self._failure:
            raise self._failure
        raise StopAsyncIteration

    def close(self) -> None:
        """Ends the threads and the iteration. May be called again."""
        self._stop.set()
        for thread in self._threads:
            thread.join(CLOSE_WITHIN_S)
        self._threads.clear()
        self._ready.set()
