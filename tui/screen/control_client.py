"""The screen's access to control: calls run in threads, so that a slow tmux never delays a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tui.control.audit import AuditRecord
from tui.control.port import NO_OPTIONS, ControlPort
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

OPEN_S, QUIET_S = 0.25, 2.0
"""Seconds between two looks while an order is open, and while none is."""

ApplyControl = Callable[[Mapping[LaneId, LaneControl]], None]


class ControlClient:
    """The orders as of the last look, and calls of control. Use it only in the thread of the event loop."""

    def __init__(
        self, port: ControlPort | None, apply_control: ApplyControl | None, templates: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._port = port
        self._apply_control = apply_control
        self.templates = tuple(templates)
        self.orders: list[Order] = []
        """The orders as of the last look, the newest first."""
        self.trouble = ""
        """The reason why the audit log or the folder cannot be written, as of the last look; empty if it can."""
        self._more = asyncio.Event()

    @property
    def refusal(self) -> str:
        """The reason why no verb can be used; empty if verbs can be used."""
        return self._port.forbidden if self._port is not None else "these lanes cannot be controlled"

    async def watch(self, fleet: Callable[[], Fleet], news: Callable[[], None]) -> None:
        """Updates the orders repeatedly until it is cancelled; calls `news` after each with news."""
        port = self._port
        if port is None:
            return
        known: object = None
        while True:
            self._more.clear()
            controls = await asyncio.to_thread(port.look, fleet())
            orders = await asyncio.to_thread(port.orders)
            found = (controls, orders, port.trouble)
            if found != known:
                known = found
                self.orders, self.trouble = orders, port.trouble
                if self._apply_control is not None:
                    self._apply_control(controls)
                news()
            try:
                async with asyncio.timeout(OPEN_S if self.is_busy else QUIET_S):
                    await self._more.wait()
            except TimeoutError:
                continue

    @property
    def is_busy(self) -> bool:
        """True if an order is open that has not taken effect."""
        return any(not order.stage.is_final and order.stage.value != "took effect" for order in self.orders)

    async def plans(
        self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None
    ) -> list[Plan]:
        """The plans of a verb: its effect on each lane, and the route."""
        if self._port is None:
            return []
        return await asyncio.to_thread(self._port.plans, verb, lanes, fleet, route)

    async def give(
        self,
        plans: Sequence[Plan],
        fleet: Fleet,
        text: str = "",
        *,
        now: bool = False,
        reason: str = "",
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> list[Order]:
        """Gives the orders and reads their state at once."""
        port = self._port
        if port is None:
            return []
        orders = await asyncio.to_thread(
            lambda: port.give(plans, fleet, text=text, now=now, reason=reason, options=options)
        )
        await self.refresh()
        return orders

    async def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step of an overdue order. None if there is none."""
        if self._port is None:
            return None
        found = await asyncio.to_thread(self._port.stronger, order, fleet)
        await self.refresh()
        return found

    async def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Undoes an order. None if that is no longer possible."""
        if self._port is None:
            return None
        found = await asyncio.to_thread(self._port.undo, order, fleet)
        await self.refresh()
        return found

    async def log(self) -> list[AuditRecord]:
        """The entries of the audit log."""
        return await asyncio.to_thread(self._port.log) if self._port is not None else []

    async def refresh(self) -> None:
        """Reads the orders now instead of at the next look."""
        if self._port is not None:
            self.orders = await asyncio.to_thread(self._port.orders)
        self._more.set()
