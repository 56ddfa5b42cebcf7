"""The blocking side of the watch: loops that run in a thread and report changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Protocol

from tui.sources.sweep import Sweep

DEBOUNCE_MS = 10
"""The longest time in ms that changes are collected after the first one. The default of watchfiles (1600) would delay a
busy fleet by 1.6 s.
"""
STEP_MS = 5
"""How often watchfiles checks while changes come, in ms: the least delay."""
QUIET_STEPS = ((30.0, 100), (3.0, 50))
"""How often it checks after so many seconds without a change, in ms: each check costs CPU."""
TICK_MS = 500
"""The longest wait for a notice, in ms, before due sweeps are checked."""

FILES_EVERY_S = 0.05
ROOTS_EVERY_S = 0.5
YOUNG_EVERY_S = 0.25
HOT_EVERY_S = 2.0
ALL_EVERY_S = 15.0
POLL_EVERY_S = 0.5

SWEEP_SHARE = 0.005
"""The share of one core that each kind of sweep may use. A slow sweep runs less often."""
POLL_SHARE = 0.02
"""The share of one core that sweeps may use if they are the only source."""

BREAKS = 3
"""After this many notifiers in a row have failed, files are polled."""


class Notifier(Protocol):
    """The part of `watchfiles.RustNotify` that is used here."""

    def watch(
        self,
        debounce_ms: int,
        step_ms: int,
        timeout_ms: int,
        stop_event: Any,
        /,
    ) -> set[tuple[int, str]] | str:
        """Changes as (kind, path), or a word that says why there are none.

        Raises:
            RuntimeError: the notifier is broken for good.
        """
        ...

    def close(self) -> None:
        """Ends the watch."""
        ...


MakeNotifier = Callable[[Sequence[str]], Notifier]
"""Watches folders with everything below them. Raises OSError or RuntimeError if the system refuses."""


class Listener:
    """Runs a sweep, with or without the system's notices, until it is stopped."""

    def __init__(
        self,
        sweep: Sweep,
        stop: threading.Event,
        deliver: Callable[[set[str]], None],
        notice: Callable[[str], None],
        make_notifier: MakeNotifier,
    ) -> None:
        """A listener that delivers sets of changed paths, and notices in words for the operator."""
        self._sweep = sweep
        self._stop = stop
        self._deliver = deliver
        self._notice = notice
        self._make_notifier = make_notifier
        self._other_roots = False

    def poll(self) -> None:
        """Runs sweeps without notices."""
        self._sweep.arm()
        sweep = Chore(self._sweep.everything, POLL_EVERY_S, POLL_SHARE)
        while not self._stop.wait(sweep.wait(time.monotonic())):
            self._do(sweep)

    def listen(self) -> None:
        """Takes the system's notices, and sweeps besides. Falls back to polling if there can be no notices."""
        broken = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                with closing(self._arm()) as notifier:
                    self._follow(notifier)
            except FileNotFoundError:
                self._stop.wait(ROOTS_EVERY_S)  # A watched folder was removed: check again what is there.
            except (OSError, RuntimeError, ValueError) as error:  # ValueError: a name is not UTF-8.
                broken = broken + 1 if time.monotonic() - began < ALL_EVERY_S else 1
                if not isinstance(error, RuntimeError) or broken >= BREAKS:
                    self._notice(f"no change notices from the system ({error}): looking every {POLL_EVERY_S} s instead")
                    self.poll()

    def _arm(self) -> Notifier:
        folders = self._sweep.arm()
        return self._make_notifier(folders) if folders else _Nothing(self._stop)

    def _follow(self, notifier: Notifier) -> None:
        """Listens until the roots change, the notifier breaks, or the listener is stopped."""
        sweep = self._sweep
        everything = Chore(sweep.everything, ALL_EVERY_S, SWEEP_SHARE)
        hot = Chore(sweep.hot, HOT_EVERY_S, SWEEP_SHARE)
        young = Chore(sweep.young, YOUNG_EVERY_S, SWEEP_SHARE)
        files = Chore(sweep.files, FILES_EVERY_S, SWEEP_SHARE)
        roots = Chore(self._roots_changed, ROOTS_EVERY_S, SWEEP_SHARE)
        last_change = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            due = [everything, hot, roots]
            due += [young] if sweep.has_young else []
            due += [files] if sweep.has_files else []
            wait_ms = int(1000 * min(chore.wait(now) for chore in due))
            quiet = now - last_change
            step = next((step for after_s, step in QUIET_STEPS if quiet >= after_s), STEP_MS)
            seen = notifier.watch(DEBOUNCE_MS, step, max(1, min(wait_ms, TICK_MS)), self._stop)
            if isinstance(seen, set):
                last_change = time.monotonic()
                self._hand_on(sweep.named(path for _, path in seen))
            elif seen != "timeout":
                return
            for chore in due:
                if chore.wait(time.monotonic()) <= 0:
                    self._do(chore)
            if self._other_roots:
                self._other_roots = False
                return

    def _roots_changed(self) -> set[str]:
        self._other_roots = self._sweep.roots_changed()
        return set()

    def _do(self, chore: Chore) -> None:
        self._hand_on(chore.run(time.monotonic))

    def _hand_on(self, changed: set[str]) -> None:
        if changed and not self._stop.is_set():
            self._deliver(changed)


class _Nothing:
    """The notifier while there is no folder to watch: it waits and reports nothing."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: object, /) -> str:
        return "stop" if self._stop.wait(timeout_ms / 1000) else "timeout"

    def close(self) -> None:
        """Does nothing, because nothing is open."""


class Chore:
    """A sweep that is repeated: the longer it takes, the less often."""

    def __init__(self, job: Callable[[], set[str]], every_s: float, share: float) -> None:
        """A job that is due at once.

        It is due again `every_s` seconds after its end, or later, so that it uses at most `share` of the time.
        """
        self._job = job
        self._every_s = every_s
        self._share = share
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until it is due."""
        return max(0.0, self._due - now)

    def run(self, clock: Callable[[], float]) -> set[str]:
        """Does the job and sets when it is due again."""
        began = clock()
        changed = self._job()
        ended = clock()
        self._due = ended + max(self._every_s, (ended - began) / self._share)
        return changed
