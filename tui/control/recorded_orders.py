"""What an operator had made of the lanes at a moment of recorded time, from the audit log alone. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from tui.control.audit import DRY_RUN, Entry
from tui.model.control import Held, LaneControl, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb

LINGERS_S = 5.0
"""A redirect that arrived is shown so long, as it was then."""
_UNDER_WAY = {Verb.PAUSE: Held.PAUSING, Verb.REDIRECT: Held.REDIRECTING, Verb.CLOSE: Held.CLOSING}
_DONE = {Verb.PAUSE: Held.PAUSED, Verb.CLOSE: Held.CLOSED}
_OVER = (Stage.REFUSED.value, Stage.EXPIRED.value, Stage.WITHDRAWN.value, DRY_RUN)


class Journal:
    """The audit log of one recording."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.at))
        self._times = [entry.at for entry in self.entries]

    def until(self, at: float) -> Sequence[Entry]:
        """What had been written by `at` (seconds UTC), the oldest first."""
        return self.entries[: bisect_right(self._times, at)]

    def hands_at(self, at: float) -> Mapping[LaneId, LaneControl]:
        """The lanes that were in somebody's hands at `at`: by the newest order that still held then."""
        orders: dict[str, list[Entry]] = {}
        for entry in self.until(at):
            orders.setdefault(entry.order, []).append(entry)
        held: dict[LaneId, LaneControl] = {}
        for steps in sorted(orders.values(), key=lambda steps: steps[0].at):
            lane = LaneId(steps[0].lane)
            control = _control(steps, at)
            if control is not None:
                held[lane] = control
            elif steps[0].verb == Verb.RESUME.value and steps[-1].stage == Stage.EFFECTIVE.value:
                held.pop(lane, None)
        return held


def _control(steps: Sequence[Entry], at: float) -> LaneControl | None:
    """What one order had made of its lane by `at`; None if nothing that is shown."""
    newest = steps[-1]
    try:
        verb = Verb(newest.verb)
    except ValueError:
        return None
    if newest.stage in _OVER or verb is Verb.RESUME:
        return None
    effective = newest.stage == Stage.EFFECTIVE.value
    if effective and verb is Verb.REDIRECT and at - newest.at >= LINGERS_S:
        return None
    held = _DONE.get(verb, _UNDER_WAY[verb]) if effective else _UNDER_WAY[verb]
    overdue = newest.stage == Stage.OVERDUE.value
    return LaneControl((), held, newest.at, newest.words, overdue, newest.order)
