"""The orders of a control folder, each in a file of its own, so that another lanewatch can continue them."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import asdict, replace
from typing import Any, cast

import orjson

from tui.control.folder import ControlFolder, FolderError
from tui.control.gate.gate import start_of
from tui.model.control import Asked, Order, OrderStep, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb

KEPT_S = 7 * 86_400
"""Seconds after which an order that has ended is removed: a week after it was given. The audit log keeps it."""
BUDGET_SIGN = "budget\0"
"""The key of an order that a budget gave begins with this. Such orders are kept for 400 days: longer than a month, so
that a budget remembers which lanes a person has resumed.
"""
BUDGET_KEPT_S = 400 * 86_400


class OrderStore:
    """All orders of a control folder, including those that another lanewatch writes."""

    def __init__(self, folder: ControlFolder) -> None:
        self._folder = folder
        self._known: dict[str, tuple[int, Order]] = {}
        self._late: dict[str, Order] = {}
        """Orders that could not be written yet. They count as stored, and are written as soon as that is possible."""
        self.me = (os.getpid(), start_of(os.getpid()) or "")

    def all(self) -> list[Order]:
        """Every order, the oldest first."""
        known: dict[str, tuple[int, Order]] = {}
        for name in self._folder.names("orders"):
            stamp = _stamp(self._folder, name)
            old = self._known.get(name)
            if old is not None and old[0] == stamp:
                known[name] = old
                continue
            order = _order_of(self._folder.read(f"orders/{name}"))
            if order is not None and name == f"{order.id}.json":
                known[name] = (stamp, order)
        for name, (_, order) in self._known.items():
            if name not in known and order.is_open and self.is_mine(order):
                # The folder was removed: orders that this process drives are kept nevertheless.
                self._late.setdefault(name, order)
        known.update((name, (0, order)) for name, order in self._late.items())
        self._known = known
        return sorted((order for _, order in known.values()), key=lambda order: (order.at, order.id))

    def keep(self, order: Order) -> None:
        """Writes an order.

        Raises:
            FolderError: it cannot be written.
        """
        name = f"{order.id}.json"
        self._folder.write(f"orders/{name}", orjson.dumps(_document(order)))
        self._late.pop(name, None)
        self._known[name] = (_stamp(self._folder, name), order)

    def keep_or_retry(self, order: Order) -> None:
        """Writes an order, or keeps it in memory until it can be written, because the act has already happened.

        Raises:
            FolderError: it could not be written yet.
        """
        self._late[f"{order.id}.json"] = order
        self.keep(order)

    def write_pending(self) -> None:
        """Writes the orders that could not be written before.

        Raises:
            FolderError: they still cannot be written.
        """
        for order in list(self._late.values()):
            self.keep(order)

    def is_mine(self, order: Order) -> bool:
        """True if this process drives the order."""
        return order.owner == self.me

    def is_orphan(self, order: Order) -> bool:
        """True if the lanewatch that drove the order has ended without releasing it."""
        return (
            order.owner is not None and order.owner != self.me and start_of(order.owner[0]) != (order.owner[1] or None)
        )

    def take_over(self, order: Order) -> Order | None:
        """Makes this process the owner of an order that has none.

        None if another lanewatch owns it or is taking it over.

        Raises:
            FolderError: it cannot be written.
        """
        with self._folder.locked("orders/.lock") as is_ours:
            found = _order_of(self._folder.read(f"orders/{order.id}.json")) if is_ours else None
            if found is None or found.owner != order.owner:
                return None
            mine = replace(found, owner=self.me)
            self.keep(mine)
            return mine

    def forget_old(self, now: float) -> None:
        """Removes ended orders given `KEPT_S` seconds ago or earlier, with their acknowledgements and claims."""
        old = {order.id for order in self.all() if not order.is_open and now - order.at >= _kept_s(order)}
        for part in ("acks", "taken", "orders"):
            for name in self._folder.names(part):
                if name.partition(".")[0] in old:
                    with contextlib.suppress(FolderError):
                        self._folder.remove(f"{part}/{name}")


def _kept_s(order: Order) -> float:
    return BUDGET_KEPT_S if order.facts.get("key", "").startswith(BUDGET_SIGN) else KEPT_S


def new_id() -> str:
    """A new id for an order: ids sort by time and cannot be guessed."""
    return f"{int(time.time() * 1000):011x}-{secrets.token_hex(4)}"


def _stamp(folder: ControlFolder, name: str) -> int:
    try:
        return (folder.path / "orders" / name).stat().st_mtime_ns
    except OSError:
        return 0


_OWN = (
    "id", "verb", "lane", "agent", "session", "agent_id", "route", "by", "at", "reason", "text", "deadline", "steps",
    "stronger", "run_by", "closing_output",
)  # fmt: skip
"""The fields that a file stores below `order`; the other fields are stored beside it."""


def _document(order: Order) -> dict[str, object]:
    fields = asdict(order)
    return {"order": {name: fields.pop(name) for name in _OWN}, **fields}


def _order_of(data: bytes | None) -> Order | None:
    try:
        fields = orjson.loads(data or b"")
        given = cast("dict[str, Any]", fields["order"])
        steps = tuple(
            OrderStep(
                float(step["at"]), Stage(step["stage"]), RouteKind(step["route"]) if step["route"] else None,
                str(step["text"]),
            )
            for step in given["steps"]
        )  # fmt: skip
        owner = fields["owner"]
        return Order(
            id=str(given["id"]), verb=Verb(given["verb"]), lane=LaneId(str(given["lane"])), agent=str(given["agent"]),
            session=str(given["session"]), agent_id=given["agent_id"], route=RouteKind(given["route"]),
            by=str(given["by"]), at=float(given["at"]), reason=str(given["reason"]), text=str(given["text"]),
            deadline=float(given["deadline"]), steps=steps, stronger=str(given["stronger"]),
            run_by=str(given.get("run_by", "")), closing_output=given.get("closing_output"),
            path=str(fields["path"]), offset=int(fields["offset"]), tokens=int(fields["tokens"]),
            pid=fields["pid"], start=fields.get("start"), phase=str(fields["phase"]),
            phase_since=float(fields["phase_since"]), is_open=bool(fields["is_open"]), now=bool(fields["now"]),
            until=fields["until"], owner=(int(owner[0]), str(owner[1])) if owner else None,
            facts={str(name): str(value) for name, value in fields["facts"].items()}, asked=_asked(fields.get("asked")),
        )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError):
        return None


def _asked(fields: Any) -> Asked | None:
    if fields is None:
        return None
    return Asked(str(fields["boot"]), float(fields["uptime"]), float(fields["at"]))
