"""The findings of the screen: all of them, the muted ones, and the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import LaneId
from tui.model.finding import Finding
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane
from tui.view.findings import OVER, FindingId, ListedFinding, Visit, listed_findings, next_to_visit, of_lane, walk_order
from tui.view.flags import Flag, flags_of
from tui.view.mutes import Mutes


class FindingsModel:
    """The findings of the fleet that was drawn last, and the finding that was chosen last."""

    def __init__(self, mutes: Mutes) -> None:
        self._mutes = mutes
        self.entries: tuple[ListedFinding, ...] = ()
        self.flags: dict[LaneId, Flag] = {}
        self.chosen: FindingId | None = None
        self._visited: set[FindingId] = set()
        """The findings of this round from one to the next."""
        self._lanes: dict[LaneId, Lane] = {}

    def update(self, fleet: Fleet) -> None:
        """Stores the findings of a new fleet."""
        self.entries = listed_findings(fleet, self._mutes)
        self.flags = flags_of(fleet, self.entries)
        self._lanes = {lane.id: lane for lane in fleet.lanes}
        if self._visited:
            self._visited &= {entry.id for entry in self.heard()}

    def refresh(self) -> None:
        """Reads mutes that another process added or removed."""
        self._mutes.refresh()

    def heard(self, rows: Sequence[LaneId] = ()) -> Sequence[Visit]:
        """What `step` goes through, in order: findings that hold and are not muted, and lanes that a limit stopped.

        `rows` are the rows of the table, whose order decides between equal ones.
        """
        return walk_order(self.entries, self._lanes, rows)

    def is_over(self, entry: Visit) -> bool:
        """True if the lane of the finding has ended."""
        lane = self._lanes.get(entry.lane) if entry.lane is not None else None
        return lane is not None and lane.state in OVER

    def step(self, direction: int, rows: Sequence[LaneId] = ()) -> Visit | None:
        """Chooses the next (1) of the findings in `heard`, or the previous one (-1): see `next_to_visit`.

        After the last one it begins again. None without findings. `rows` as in `heard`.
        """
        heard = self.heard(rows)
        entry = next_to_visit(heard, self._visited, self.chosen, back=direction < 0)
        if entry is not None:
            self._visited.add(entry.id)
            self.chosen = entry.id
        return entry

    def most_severe(self, lane: LaneId) -> ListedFinding | None:
        """The finding of a lane that a key refers to: the chosen one, otherwise the most severe."""
        mine = of_lane(lane, self.entries)
        return next((entry for entry in mine if entry.id == self.chosen), mine[0] if mine else None)

    def mute(self, entry: ListedFinding, reason: str, at: float) -> None:
        """Mutes a finding; `at` in seconds UTC."""
        self._mutes.mute(entry.finding, reason, at)

    def unmute(self, entry: ListedFinding) -> None:
        """Removes a finding's mute."""
        self._mutes.unmute(entry.finding)


@frozen
class SessionMute:
    """A mute that is kept in memory. `at` is in seconds UTC."""

    key: str
    lane: LaneId | None
    reason: str
    at: float


class SessionMutes:
    """Mutes that last as long as the screen is open: for the demo, and if nothing may be written."""

    def __init__(self) -> None:
        self._mutes: dict[tuple[LaneId | None, str], SessionMute] = {}

    def muted(self, finding: Finding) -> SessionMute | None:
        """The finding's mute, or None."""
        return self._mutes.get((finding.lane, finding.key))

    def mute(self, finding: Finding, reason: str, at: float) -> None:
        """Mutes a finding."""
        self._mutes[finding.lane, finding.key] = SessionMute(finding.key, finding.lane, reason, at)

    def unmute(self, finding: Finding) -> None:
        """Removes a finding's mute."""
        self._mutes.pop((finding.lane, finding.key), None)

    def refresh(self) -> None:
        """Does nothing: no other process changes these mutes."""
