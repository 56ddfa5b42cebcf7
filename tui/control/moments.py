"""Time as an order counts it: somebody may set the clock while it is open, and none of its deadlines moves by that."""

from __future__ import annotations

from collections.abc import Callable

from tui.control.gate.gate import boot_id, since_boot
from tui.model.control import Asked

Uptime = Callable[[], float]
"""Seconds since the machine began; nobody can set it."""
UPTIME: Uptime = since_boot


def asked_at(at: float, uptime: Uptime | None) -> Asked | None:
    """`at` (seconds UTC, now) on both clocks. None where nobody can tell the other one: then the clock is believed."""
    boot = boot_id() if uptime is not None else None
    return Asked(boot, uptime(), at) if uptime is not None and boot is not None else None


def time_of(asked: Asked | None, now: float, uptime: Uptime | None) -> float:
    """`now` (seconds UTC) as the clock would show it if nobody had set it since it was asked."""
    if asked is None or uptime is None or asked.boot != boot_id():
        return now
    return asked.at + uptime() - asked.uptime
