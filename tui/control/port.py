"""The interface of control for the screen: plans and orders. Every method may block: call it from a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tui.control.audit import AuditRecord
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

NO_OPTIONS: Mapping[str, str] = {}


class ControlPort(Protocol):
    """See `service.ControlService`."""

    @property
    def forbidden(self) -> str:
        """The reason why no verb may be used at all (`--read-only`); empty if verbs may be used."""
        ...

    @property
    def trouble(self) -> str:
        """The reason why the audit log or the state folder cannot be written now; empty if both can."""
        ...

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        """The plan of the verb for each of the lanes, by the strongest safe route or by `route`."""
        ...

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
        """Gives the orders of these plans. An order that is refused is returned, too: in the stage REFUSED.

        `text` is for a verb that takes one. `now`: the tool call that is about to begin is refused instead of carried
        out. `reason` is written to the audit log. `options` are the verb's own, by name.
        """
        ...

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """Updates all orders and takes the steps that are due.

        Returns for each lane the routes to it and its state under control.
        """
        ...

    def orders(self) -> list[Order]:
        """The open orders and those that ended recently, the newest first."""
        ...

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step of an order (`Order.stronger` describes it). None if there is none."""
        ...

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Undoes an order: ends a pause, or withdraws a text that was not given yet. None if it cannot be undone."""
        ...

    def log(self) -> list[AuditRecord]:
        """The entries of the audit log, the oldest first."""
        ...
