"""Control of a recording: nothing can be asked of its lanes; it tells what an operator did to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tui.control.audit import Entry
from tui.control.recorded_orders import RecordedOrders
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

RECORDED = "a recording: nothing can be asked of its lanes"


class ReadOnlyControl:
    """See `port.ControlPort`. `at` gives the moment (seconds UTC) that is shown."""

    def __init__(self, journal: RecordedOrders, at: Callable[[], float]) -> None:
        self._journal = journal
        self._at = at

    @property
    def forbidden(self) -> str:
        """Why no verb may be given."""
        return RECORDED

    @property
    def trouble(self) -> str:
        """None: nothing is written."""
        return ""

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        """Refused, each of them."""
        del fleet, route
        return [Plan(verb, lane, None, (), "", refused=RECORDED) for lane in lanes]

    def give(
        self, plans: Sequence[Plan], fleet: Fleet, *, text: str = "", now: bool = False, reason: str = ""
    ) -> list[Order]:
        """Nothing."""
        del plans, fleet, text, now, reason
        return []

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """What an operator had made of the lanes by then."""
        return self._journal.control_at(fleet.at)

    def orders(self) -> list[Order]:
        """None."""
        return []

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """None."""
        del order, fleet

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """None."""
        del order, fleet

    def log(self) -> list[Entry]:
        """The audit log up to the moment that is shown, the oldest first."""
        return list(self._journal.until(self._at()))
