"""The states that an operator's orders had given the lanes at a time of a recording, from the audit log alone. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from tui.control.audit import DRY_RUN, AuditRecord
from tui.control.verbs.registry import named
from tui.model.control import LaneControl, Stage
from tui.model.evidence import LaneId

_OVER = (Stage.REFUSED.value, Stage.EXPIRED.value, Stage.WITHDRAWN.value, DRY_RUN)


class RecordedOrders:
    """The audit log of one recording."""

    def __init__(self, entries: Sequence[AuditRecord]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.at))
        self._times = [entry.at for entry in self.entries]

    def until(self, at: float) -> Sequence[AuditRecord]:
        """The entries written by `at` (seconds UTC), the oldest first."""
        return self.entries[: bisect_right(self._times, at)]

    def control_at(self, at: float) -> Mapping[LaneId, LaneControl]:
        """The lanes under control at `at` (seconds UTC), each with its newest order in force at that time."""
        orders: dict[str, list[AuditRecord]] = {}
        for entry in self.until(at):
            orders.setdefault(entry.order, []).append(entry)
        held: dict[LaneId, LaneControl] = {}
        for steps in sorted(orders.values(), key=lambda steps: steps[0].at):
            lane = LaneId(steps[0].lane)
            control = _control(steps, at)
            if control is not None:
                held[lane] = control
            elif steps[-1].stage == Stage.EFFECTIVE.value and (spec := named(steps[0].verb)) and spec.only_releases:
                held.pop(lane, None)
        return held


def _control(steps: Sequence[AuditRecord], at: float) -> LaneControl | None:
    """The control that one order had given its lane by `at`; None if it gave no state that is shown."""
    newest = steps[-1]
    spec = named(newest.verb)
    if spec is None or newest.stage in _OVER:
        return None
    held = spec.held_in_log(is_effective=newest.stage == Stage.EFFECTIVE.value, age=at - newest.at)
    if held is None:
        return None
    overdue = newest.stage == Stage.OVERDUE.value
    return LaneControl((), held, newest.at, newest.words, overdue, newest.order)
