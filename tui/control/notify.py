"""Telling a person who does not look at the screen: each finding once, several as one, and nothing that is old news.

Here is decided what is told and when; `tui.control.channels` and `tui.control.webhook` carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet

AGAIN_S = 3600.0
"""A finding that did not hold for this long and holds again is a new one."""


@frozen
class Rules:
    """Which findings are told: none milder than `severity`, of `kinds` alone (empty: of all).

    After a notice the next one waits `cooldown_s` seconds.
    """

    severity: Severity = Severity.STOP
    kinds: frozenset[FindingKind] = frozenset()
    cooldown_s: float = 30.0


@frozen
class Notice:
    """What is told at once: findings of a fleet that are new, gravest first."""

    fleet: Fleet
    findings: tuple[Finding, ...]


class Channel(Protocol):
    """A way to tell. Never blocks and never raises: who calls it draws the screen."""

    def send(self, notice: Notice) -> None:
        """Tells of it."""
        ...

    def close(self) -> None:
        """Ends what it has begun."""
        ...


class Notifier:
    """Given each picture of the fleet, tells of what is new in it. Not thread-safe.

    What held before it began is old news: a finding that was proven earlier, or whose time nobody knows and that was
    there at first or while history was read. So is one that was muted when it came up.
    """

    def __init__(
        self, rules: Rules, channels: Sequence[Channel], muted: Callable[[Finding], object | None], began: float
    ) -> None:
        """`muted` gives something for a muted finding, else None. `began`: now, in seconds UTC."""
        self._rules = rules
        self._channels = channels
        self._muted = muted
        self._began = began
        self._known: dict[tuple[LaneId | None, str], float] = {}
        """When a finding that needs no telling held last."""
        self._quiet_until = float("-inf")
        self._first = True

    def take(self, fleet: Fleet, now: float) -> Notice | None:
        """Looks at the fleet at `now` (seconds UTC). Gives what it told of, None if there was nothing."""
        reading = self._first or not fleet.scan.complete
        self._first = False
        new: list[Finding] = []
        for finding in fleet.findings:
            key = (finding.lane, finding.key)
            if key in self._known or self._is_old(finding, reading=reading) or self._muted(finding) is not None:
                self._known[key] = now
            elif self._is_wanted(finding):
                new.append(finding)
        self._forget(now)
        if not new or now < self._quiet_until:
            return None
        return self._tell(fleet, new, now)

    def close(self) -> None:
        """Ends what the channels have begun."""
        for channel in self._channels:
            channel.close()

    # -- inside ---------------------------------------------------------------------------------

    def _is_old(self, finding: Finding, *, reading: bool) -> bool:
        return reading if finding.since is None else finding.since < self._began

    def _is_wanted(self, finding: Finding) -> bool:
        grave = finding.severity.rank >= self._rules.severity.rank
        return grave and (not self._rules.kinds or finding.kind in self._rules.kinds)

    def _tell(self, fleet: Fleet, new: Sequence[Finding], now: float) -> Notice:
        self._quiet_until = now + self._rules.cooldown_s
        self._known |= {(finding.lane, finding.key): now for finding in new}
        notice = Notice(fleet, tuple(sorted(new, key=lambda finding: -finding.severity.rank)))
        for channel in self._channels:
            channel.send(notice)
        return notice

    def _forget(self, now: float) -> None:
        gone = [key for key, held in self._known.items() if now - held > AGAIN_S]
        for key in gone:
            del self._known[key]
