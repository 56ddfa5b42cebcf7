"""Notices for a person who does not watch the screen: each finding once, several in one notice, and none that is old.

This module decides which findings are reported and when; `tui.control.channels` and `tui.control.webhook` send them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tui.model.evidence import LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet

AGAIN_S = 3600.0
"""Seconds. A finding that did not hold for this long and holds again counts as new."""


@frozen
class NoticeRules:
    """The findings that are reported: at least of `severity`, and of these `kinds` (empty: of all kinds).

    After a notice, no other is sent for `cooldown_s` seconds.
    """

    severity: Severity = Severity.STOP
    kinds: frozenset[FindingKind] = frozenset()
    cooldown_s: float = 30.0
    needs_you: bool = True
    """Lanes that begin to need a person are reported whatever `severity` says."""


@frozen
class Notice:
    """One notice: findings of a fleet that are new, the most severe first."""

    fleet: Fleet
    findings: tuple[Finding, ...]


class Channel(Protocol):
    """Sends notices somewhere. Never blocks and never raises: the thread that draws the screen calls it."""

    def send(self, notice: Notice) -> None:
        """Sends the notice."""
        ...

    def close(self) -> None:
        """Ends everything that the channel has started."""
        ...


_Key = tuple[LaneId | None, str, float | None]


def _key(finding: Finding) -> _Key:
    """Identifies a finding. Each time that a lane begins to need a person is a finding of its own."""
    return finding.lane, finding.key, finding.since if finding.kind is FindingKind.NEEDS_INPUT else None


class Notifier:
    """Receives each snapshot of the fleet and reports its new findings. Not thread-safe.

    A finding is old, and is not reported, if it began before `began`, or if its time is unknown and it was there in the
    first snapshot or while history was read. A finding that was muted when it appeared counts as old too.
    """

    def __init__(
        self, rules: NoticeRules, channels: Sequence[Channel], muted: Callable[[Finding], object | None], began: float
    ) -> None:
        """`muted` returns something other than None for a muted finding. `began`: the time now, in seconds UTC."""
        self._rules = rules
        self._channels = channels
        self._muted = muted
        self._began = began
        self._known: dict[_Key, float] = {}
        """For each finding that is not to be reported (again): the time at which it last held."""
        self._quiet_until = float("-inf")
        self._first = True

    def take(self, fleet: Fleet, now: float) -> Notice | None:
        """Reads the fleet at `now` (seconds UTC). Returns the notice that it sent, None if there was none."""
        reading = self._first or not (fleet.scan.complete and fleet.judging.complete)
        self._first = False
        new: list[Finding] = []
        for finding in fleet.findings:
            key = _key(finding)
            if key in self._known or self._is_old(finding, reading=reading) or self._muted(finding) is not None:
                self._known[key] = now
            elif self._is_wanted(finding):
                new.append(finding)
        self._forget(now)
        if not new or now < self._quiet_until:
            return None
        return self._tell(fleet, new, now)

    def close(self) -> None:
        """Ends everything that the channels have started."""
        for channel in self._channels:
            channel.close()

    # -- inside ---------------------------------------------------------------------------------

    def _is_old(self, finding: Finding, *, reading: bool) -> bool:
        return reading if finding.since is None else finding.since < self._began

    def _is_wanted(self, finding: Finding) -> bool:
        grave = finding.severity.rank >= self._rules.severity.rank
        grave = grave or (self._rules.needs_you and finding.kind is FindingKind.NEEDS_INPUT)
        return grave and (not self._rules.kinds or finding.kind in self._rules.kinds)

    def _tell(self, fleet: Fleet, new: Sequence[Finding], now: float) -> Notice:
        self._quiet_until = now + self._rules.cooldown_s
        self._known |= {_key(finding): now for finding in new}
        notice = Notice(fleet, tuple(sorted(new, key=lambda finding: -finding.severity.rank)))
        for channel in self._channels:
            channel.send(notice)
        return notice

    def _forget(self, now: float) -> None:
        gone = [key for key, held in self._known.items() if now - held > AGAIN_S]
        for key in gone:
            del self._known[key]
