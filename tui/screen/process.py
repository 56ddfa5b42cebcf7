"""The process of the screen itself: its exit on a signal, and its cost."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import psutil
from textual.app import App

from tui.text.format import number
from tui.text.safe_text import SafeText
from tui.text.styled_text import joined, own

FAREWELL_S = 3.0
"""Seconds after which an app that was asked to exit is ended if it has not exited."""


def leave_cleanly(app: App[None]) -> None:
    """Makes the app restore the terminal when its pane is closed (SIGHUP) or it is killed (SIGTERM).

    Textual does so only on SIGINT. Call it in the app's event loop.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            loop.add_signal_handler(number, _leave, app, 128 + number)


def _leave(app: App[None], code: int) -> None:
    # If the terminal itself is gone, Textual would wait forever to write its last sequences.
    watchdog = threading.Timer(FAREWELL_S, os._exit, (code,))
    watchdog.daemon = True
    watchdog.start()
    app.exit(return_code=code)


class OwnCost:
    """The cost of the process since the last look: CPU use, memory, the number of frames and the slowest one."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._slowest_s = 0.0
        self._frames = 0
        self._since = time.monotonic()

    def frame(self, seconds: float) -> None:
        """Counts a frame that took this many seconds to draw."""
        self._frames += 1
        self._slowest_s = max(self._slowest_s, seconds)

    def words(self) -> SafeText:
        """One line for the operator. Resets the counters."""
        now = time.monotonic()
        rate = self._frames / max(0.001, now - self._since)
        text = joined(
            own("own cost: cpu "), number(self._process.cpu_percent()), own("% · "),
            number(self._process.memory_info().rss / 1e6), own(" MB · "), number(rate),
            own(" frames/s, slowest "), number(self._slowest_s * 1000), own(" ms"),
        )  # fmt: skip
        self._slowest_s, self._frames, self._since = 0.0, 0, now
        return text
