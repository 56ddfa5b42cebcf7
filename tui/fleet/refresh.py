"""How often snapshots of unchanged lanes are made again: live at a pace that saves work, in a replay always."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class RefreshPolicy:
    """The pace of a Supervisor, given at its construction. Times are in seconds."""

    open_s: float
    """For a lane in a turn, whose rates and state change with time alone."""
    quiet_s: float
    """For a lane between turns, whose rate falls, and which becomes idle."""
    open_share: float
    """A snapshot of a lane in a turn is kept for this share of the time for which the lane had been silent: what
    changes with time alone, such as ages and falling rates, changes the more slowly the older it is."""
    quiet_share: float
    """The same for a lane between turns, which nobody waits for."""
    longest_s: float
    """The longest time for which a snapshot is kept because of these shares."""
    dead_s: float
    """An ended lane that was silent for this long has no rate that could change."""
    keeps_names: bool
    """Whether a lane keeps the name under which it was first shown. Otherwise each snapshot gives names by rank
    alone."""

    @property
    def is_exact(self) -> bool:
        """Whether each snapshot depends on the events and the time alone, and not on earlier snapshots."""
        return self.open_s == 0

    def is_fresh(self, age: float) -> bool:
        """Whether a result that is `age` seconds old is still good. The age is negative after a step back in time."""
        return age == 0 or 0 < age < self.open_s

    def pace(self, *, turn_open: bool, silent_before: float | None) -> float:
        """The seconds for which the snapshot of a lane without news is good.

        Args:
            turn_open: whether a turn of the lane is open.
            silent_before: seconds for which the lane had been silent when it was made; None if no event has a time.
        """
        pace = self.open_s if turn_open else self.quiet_s
        if silent_before is None:
            return pace
        if silent_before > self.dead_s:
            return float("inf")
        share = self.open_share if turn_open else self.quiet_share
        return max(pace, min(self.longest_s, share * silent_before))


LIVE = RefreshPolicy(
    open_s=1.0, quiet_s=5.0, open_share=0.1, quiet_share=0.25, longest_s=30.0, dead_s=2 * 3600, keeps_names=True
)
EXACT = RefreshPolicy(
    open_s=0.0, quiet_s=0.0, open_share=0.0, quiet_share=0.0, longest_s=0.0, dead_s=float("inf"), keeps_names=False
)
"""For a replay: the same moment always gives the same snapshot."""
