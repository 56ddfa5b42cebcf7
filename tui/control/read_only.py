"""Control of a recording: no verb can be used on its lanes; it shows the verbs that an operator used on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tui.control.audit import AuditRecord
from tui.control.port import NO_OPTIONS
from tui.control.recorded_orders import RecordedOrders
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

RECORDED = "a recording: nothing can be asked of its lanes"


class ReadOnlyControl:
    """See `port.ControlPort`. `at` returns the time that is shown (seconds UTC)."""

    def __init__(self, journal: RecordedOrders, at: Callable[[], float]) -> None:
        self._journal = journal
        self._at = at

    @property
    def forbidden(self) -> str:
        """The reason why no verb may be used."""
        return RECORDED

    @property
    def trouble(self) -> str:
        """Always empty: nothing is written."""
        return ""

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        """A refused plan for each lane."""
        del fleet, route
        return [Plan(verb, lane, None, (), "", refused=RECORDED) for lane in lanes]

    def give(
        self,
        plans: Sequence[Plan],
        fleet: Fleet,
        *,
        text: str = "",
        now: bool = False,
        reason: str = "",
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> list[Order]:
        """Gives no orders."""
        del plans, fleet, text, now, reason, options
        return []

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """The states that an operator's orders had given the lanes by then."""
        return self._journal.control_at(fleet.at)

    def orders(self) -> list[Order]:
        """Always empty: a recording has no open orders."""
        return []

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Always None."""
        del order, fleet

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Always None."""
        del order, fleet

    def log(self) -> list[AuditRecord]:
        """The audit log up to the time that is shown, the oldest first."""
        return list(self._journal.until(self._at()))
