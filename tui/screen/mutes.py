"""Mutes that hold as long as the screen does: for the demo, and where nothing may be written."""

from __future__ import annotations

from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen


@frozen
class SessionMute:
    """One muted finding."""

    key: str
    lane: LaneId | None
    reason: str
    at: float


class SessionMutes:
    """Keeps mutes in memory."""

    def __init__(self) -> None:
        self._mutes: dict[tuple[LaneId | None, str], SessionMute] = {}

    def muted(self, finding: Finding) -> SessionMute | None:
        """The finding's mute, or None."""
        return self._mutes.get((finding.lane, finding.key))

    def mute(self, finding: Finding, reason: str, at: float) -> None:
        """Mutes it."""
        self._mutes[finding.lane, finding.key] = SessionMute(finding.key, finding.lane, reason, at)

    def unmute(self, finding: Finding) -> None:
        """Lets it be heard again."""
        self._mutes.pop((finding.lane, finding.key), None)

    def refresh(self) -> None:
        """Nobody else changes them."""
