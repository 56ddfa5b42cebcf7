"""The findings as the screen works with them: what is heard, what is muted, and where a person is among them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import LaneId
from tui.model.snapshot import Fleet
from tui.view.findings import Entry, EntryId, entries_of, of_lane
from tui.view.flags import Flag, flags_of
from tui.view.mutes import Mutes


class FindingDesk:
    """Follows the fleet; knows the finding that was chosen last."""

    def __init__(self, mutes: Mutes) -> None:
        self._mutes = mutes
        self.entries: tuple[Entry, ...] = ()
        self.flags: dict[LaneId, Flag] = {}
        self.chosen: EntryId | None = None

    def update(self, fleet: Fleet) -> None:
        """Takes over what holds now."""
        self.entries = entries_of(fleet, self._mutes)
        self.flags = flags_of(fleet, self.entries)

    def refresh(self) -> None:
        """Takes over what was muted elsewhere."""
        self._mutes.refresh()

    @property
    def heard(self) -> Sequence[Entry]:
        """What holds and is not muted, gravest first."""
        return [entry for entry in self.entries if entry.is_heard]

    def step(self, direction: int) -> Entry | None:
        """Chooses the next one that is heard (1) or the one before (-1), around; None if there is none."""
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
        """Mutes it; `at` in seconds UTC."""
        self._mutes.mute(entry.finding, reason, at)

    def unmute(self, entry: Entry) -> None:
        """Lets it be heard again."""
        self._mutes.unmute(entry.finding)
