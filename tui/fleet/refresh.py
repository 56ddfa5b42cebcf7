"""How often pictures of unchanged lanes are made anew: live at a pace that saves work, in a replay always."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class RefreshPolicy:
    """The pace of a Supervisor, given at its construction. Times are in seconds."""

    open_s: float
    """A lane in a turn: its rates and its state move with time alone, and are looked at this often."""
    quiet_s: float
    """A lane between turns: its rate falls, and it becomes idle."""
    dead_s: float
    """An ended lane that was silent this long has no rate left that could change."""
    keeps_names: bool
    """Whether a lane keeps the name that it was first shown by. Otherwise names are given anew, by rank alone."""

    @property
    def is_exact(self) -> bool:
        """Whether each snapshot depends on the events and the time alone, and not on earlier snapshots."""
        return self.open_s == 0

    def is_fresh(self, age: float) -> bool:
        """Whether what was made `age` seconds ago still stands. The age is negative after a step back in time."""
        return age == 0 or 0 < age < self.open_s

    def may_keep(self, age: float, *, turn_open: bool, silent_before: float | None) -> bool:
        """Whether the snapshot of a lane without news still stands.

        Args:
            age: seconds since it was made.
            turn_open: whether a turn of the lane is open.
            silent_before: seconds for which the lane had been silent when it was made; None if no event has a time.
        """
        if 0 <= age < (self.open_s if turn_open else self.quiet_s):
            return True
        return silent_before is not None and silent_before > self.dead_s and age >= 0


LIVE = RefreshPolicy(open_s=1.0, quiet_s=5.0, dead_s=2 * 3600, keeps_names=True)
EXACT = RefreshPolicy(open_s=0.0, quiet_s=0.0, dead_s=float("inf"), keeps_names=False)
"""For a replay: the same moment always gives the same snapshot."""
