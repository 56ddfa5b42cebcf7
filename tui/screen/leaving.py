"""Leaving when the terminal or the system says so: Textual restores the terminal on SIGINT only."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

from textual.app import App

FAREWELL_S = 3.0
"""A killed app that has not left by then is ended."""


def leave_cleanly(app: App[None]) -> None:
    """A closed pane and a kill leave the terminal as it was. To be called in the app's loop."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            loop.add_signal_handler(number, _leave, app, 128 + number)


def _leave(app: App[None], code: int) -> None:
    # Where the terminal itself is gone, Textual would wait for ever to write its farewell.
    watchdog = threading.Timer(FAREWELL_S, os._exit, (code,))
    watchdog.daemon = True
    watchdog.start()
    app.exit(return_code=code)
