"""How tests wait for what happens in another process or thread: for the thing itself, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 60.0
"""Seconds after which something never comes: many times what it takes, so that a slow machine changes no result."""


def until(holds: Callable[[], object], what: str = "it", seconds: float = PATIENCE_S) -> object:
    """What `holds` returns, once that is true."""
    end = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if found := holds():
            return found
        now = time.monotonic()
        assert now < end, f"never came: {what}"
        # A look that runs a command must not take the processor from the program that it waits for.
        time.sleep(max(0.02, now - began))
