"""The time by an order's own clock: setting the system clock while the order is open moves none of its deadlines."""

from __future__ import annotations

from collections.abc import Callable

from tui.control.gate.gate import boot_id, since_boot
from tui.model.control import Asked

Uptime = Callable[[], float]
"""Returns the seconds since the machine started; nobody can set this clock."""
UPTIME: Uptime = since_boot


def asked_at(at: float, uptime: Uptime | None) -> Asked | None:
    """The time `at` (seconds UTC, now) on both clocks. None if the uptime is unknown: then the system clock is used."""
    boot = boot_id() if uptime is not None else None
    return Asked(boot, uptime(), at) if uptime is not None and boot is not None else None


def time_of(asked: Asked | None, now: float, uptime: Uptime | None) -> float:
    """The time `now` (seconds UTC) as the clock would show it if nobody had set it since `asked`."""
    if asked is None or uptime is None or asked.boot != boot_id():
        return now
    return asked.at + uptime() - asked.uptime
