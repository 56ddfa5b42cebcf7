"""Findings as the screen works with them: which are heard, which are muted, which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet
from tui.view.findings import Entry, EntryId, entries_of, of_lane
from tui.view.flags import Flag, flags_of
from tui.view.mutes import Mutes


class FindingsModel:
    """Findings of the fleet that was drawn last, and the one that was chosen last."""

    def __init__(self, mutes: Mutes) -> None:
        self._mutes = mutes
        self.entries: tuple[Entry, ...] = ()
        self.flags: dict[LaneId, Flag] = {}
        self.chosen: EntryId | None = None

    def update(self, fleet: Fleet) -> None:
        """Takes the findings of a new fleet."""
        self.entries = entries_of(fleet, self._mutes)
        self.flags = flags_of(fleet, self.entries)

    def refresh(self) -> None:
        """Takes over mutes that another process made or took away."""
        self._mutes.refresh()

    @property
    def heard(self) -> Sequence[Entry]:
        """Findings that hold and are not muted, gravest first."""
        return [entry for entry in self.entries if entry.is_heard]

    def step(self, direction: int) -> Entry | None:
        """Chooses the next finding that is heard (1) or the one before (-1), around the ends; None without any."""
        heard = self.heard
        if not heard:
            return None
        places = [entry.id for entry in heard]
        if self.chosen in places:
            entry = heard[(places.index(self.chosen) + direction) % len(heard)]
        else:
            entry = heard[0 if direction > 0 else -1]
        self.chosen = entry.id
        return entry

    def gravest(self, lane: LaneId) -> Entry | None:
        """The finding of a lane that a key is about: the chosen one, else the gravest."""
        mine = of_lane(lane, self.entries)
        return next((entry for entry in mine if entry.id == self.chosen), mine[0] if mine else None)

    def mute(self, entry: Entry, reason: str, at: float) -> None:
        """Mutes a finding; `at` in seconds UTC."""
        self._mutes.mute(entry.finding, reason, at)

    def unmute(self, entry: Entry) -> None:
        """Takes a finding's mute away."""
        self._mutes.unmute(entry.finding)


@frozen
class SessionMute:
    """A mute that is kept in memory. `at` is in seconds UTC."""

    key: str
    lane: LaneId | None
    reason: str
    at: float


class SessionMutes:
    """Mutes that hold as long as the screen does: for the demo, and where nothing may be written."""

    def __init__(self) -> None:
        self._mutes: dict[tuple[LaneId | None, str], SessionMute] = {}

    def muted(self, finding: Finding) -> SessionMute | None:
        """The finding's mute, or None."""
        return self._mutes.get((finding.lane, finding.key))

    def mute(self, finding: Finding, reason: str, at: float) -> None:
        """Mutes a finding."""
        self._mutes[finding.lane, finding.key] = SessionMute(finding.key, finding.lane, reason, at)

    def unmute(self, finding: Finding) -> None:
        """Takes a finding's mute away."""
        self._mutes.pop((finding.lane, finding.key), None)

    def refresh(self) -> None:
        """Does nothing: no other process has a part in these mutes."""
