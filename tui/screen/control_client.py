"""The screen's side of the hands: asks the door in threads, so that a slow tmux never holds up a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tui.control.audit import Entry
from tui.control.port import ControlPort
from tui.model.control import LaneControl, Order, Plan, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet

OPEN_S, QUIET_S = 0.25, 2.0
"""Between two looks while something is asked for, and while nothing is."""

Hear = Callable[[Mapping[LaneId, LaneControl]], None]


class ControlClient:
    """What the screen knows of the hands, and how it asks for more. All of it runs in the event loop's thread."""

    def __init__(self, door: ControlPort | None, hear: Hear | None, templates: Sequence[tuple[str, str]] = ()) -> None:
        self._door = door
        self._hear = hear
        self.templates = tuple(templates)
        self.orders: list[Order] = []
        """The newest first, as of the last look."""
        self.trouble = ""
        """Why what happened cannot be written down, as of the last look."""
        self._more = asyncio.Event()

    @property
    def refusal(self) -> str:
        """Why no verb can be given; empty if they can."""
        return self._door.forbidden if self._door is not None else "there are no hands on these lanes"

    async def watch(self, fleet: Callable[[], Fleet], news: Callable[[], None]) -> None:
        """Looks again and again what has become of everything. Until cancelled."""
        door = self._door
        if door is None:
            return
        while True:
            self._more.clear()
            controls = await asyncio.to_thread(door.look, fleet())
            orders = await asyncio.to_thread(door.orders)
            self.trouble = door.trouble
            if self._hear is not None:
                self._hear(controls)
            if orders != self.orders:
                self.orders = orders
            news()
            try:
                async with asyncio.timeout(OPEN_S if self.is_busy else QUIET_S):
                    await self._more.wait()
            except TimeoutError:
                continue

    @property
    def is_busy(self) -> bool:
        """Something is asked for that has not come to rest."""
        return any(not order.stage.is_final and order.stage.value != "took effect" for order in self.orders)

    async def plans(
        self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None
    ) -> list[Plan]:
        """What the verb would do."""
        if self._door is None:
            return []
        return await asyncio.to_thread(self._door.plans, verb, lanes, fleet, route)

    async def give(
        self, plans: Sequence[Plan], fleet: Fleet, text: str = "", *, now: bool = False, reason: str = ""
    ) -> list[Order]:
        """Gives the orders, and looks at once what becomes of them."""
        door = self._door
        if door is None:
            return []
        orders = await asyncio.to_thread(lambda: door.give(plans, fleet, text=text, now=now, reason=reason))
        return await self._after(orders)

    async def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the next stronger step."""
        if self._door is None:
            return None
        found = await asyncio.to_thread(self._door.stronger, order, fleet)
        await self._after([])
        return found

    async def undo(self, order: str, fleet: Fleet) -> Order | None:
        """Takes an order back."""
        if self._door is None:
            return None
        found = await asyncio.to_thread(self._door.undo, order, fleet)
        await self._after([])
        return found

    async def log(self) -> list[Entry]:
        """The audit log."""
        return await asyncio.to_thread(self._door.log) if self._door is not None else []

    async def _after(self, orders: list[Order]) -> list[Order]:
        if self._door is not None:
            self.orders = await asyncio.to_thread(self._door.orders)
        self._more.set()
        return orders
