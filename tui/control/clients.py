"""The client process that an order was given to, and whether it still runs."""

from __future__ import annotations

from tui.control.context import VerbContext
from tui.control.routes.gate_client import has_ended
from tui.control.routes.process import ProcessRoute
from tui.model.control import Order

CLIENT = "client"
"""The key in `Order.facts` for the process that ran the gate for this session: pid and start."""


def client_facts(context: VerbContext) -> dict[str, str]:
    """The facts about the client that an order stores."""
    client = context.client
    return {CLIENT: f"{client[0]} {client[1]}"} if client is not None else {}


def client_ended(order: Order, process: ProcessRoute) -> bool:
    """True if the client process that the order was given to has ended, even if another runs its session now."""
    pid, _, start = order.facts.get(CLIENT, "").partition(" ")
    if pid.isdigit() and start:
        return has_ended((int(pid), start))
    return process.has_gone(order)


def client_pid(order: Order) -> str:
    """The process id of the order's client, as text."""
    return order.facts.get(CLIENT, "").partition(" ")[0] or str(order.pid)
