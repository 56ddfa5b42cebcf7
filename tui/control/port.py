"""What the screen asks of control: plans, orders, what became of them. All of it may block: call it from a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui.control.audit import Entry
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet


class ControlPort(Protocol):
    """See `service.ControlService`."""

    @property
    def forbidden(self) -> str:
        """Why no verb may be given at all (`--read-only`); empty if they may."""
        ...

    @property
    def trouble(self) -> str:
        """Why what happened cannot be written down now; empty while all is well."""
        ...

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        """What the verb would do to each of the lanes, by the strongest safe route or by `route`."""
        ...

    def give(
        self, plans: Sequence[Plan], fleet: Fleet, *, text: str = "", now: bool = False, reason: str = ""
    ) -> list[Order]:
        """Gives the orders of these plans; those that are refused come back as orders of stage REFUSED."""
        ...

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """Looks what has become of all orders, takes the steps that are due; gives the control of each lane."""
        ...

    def orders(self) -> list[Order]:
        """The orders that are open and those that have lately ended, the newest first."""
        ...

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step of an order (its words are in `Order.stronger`). None if there is none."""
        ...

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Takes an order back: a pause is resumed, a text not yet given is withdrawn. None where it cannot be."""
        ...

    def log(self) -> list[Entry]:
        """The audit log, the oldest first."""
        ...
