"""Releases a lane: withdraws its request at the gate, whatever else fails.

An order that stops a lane is written to the audit log first, and is not carried out if that fails. A release is carried
out first: a full or read-only disk must not keep a lane held. A request file can be removed from a full disk. On a
read-only disk it stays, but there gates do not obey it (see `gate/gate.py`).
"""

from __future__ import annotations

from collections.abc import Container

from tui.control.context import VerbContext
from tui.control.folder import ControlFolder, FolderError
from tui.control.routes.gate_client import key_of, requests_of, take_back
from tui.control.texts import FROM
from tui.model.control import Order, Stage

OUT_OF_FORCE = "out of force"
"""The key in `Order.facts` of a pause whose request cannot be withdrawn now. Gates do not obey it. The value is the
reason, or empty."""


def withdraw_request(folder: ControlFolder, order: Order) -> str:
    """Withdraws an order's request at the gate.

    Returns the reason why the request is still there; empty if it was withdrawn.
    """
    key = key_of(order.agent, order.session)
    if key is None:
        return ""
    try:
        take_back(folder, key, order.id)
    except FolderError as error:
        return f"{error}: gates do not obey it while that is so"
    return ""


def retry_words(error: object) -> str:
    """The text for a request that could not be withdrawn, if lanewatch keeps running. It tries again at each look."""
    return (
        f"{error}: gates do not obey it while that is so, and this lanewatch, if it still runs, removes it after that"
    )


def not_obeyed_words(why: str) -> str:
    """The text for a pause that gates do not obey because its request could not be withdrawn."""
    return f"its pause has no effect now, and takes effect again once the state folder can be written ({why})"


def not_resumed_words(error: object, order: Order) -> str:
    """The text for a pause that a command could not withdraw: the command exits, so it cannot try again later."""
    return (
        f"it continues only as long as the state folder cannot be written; its pause is still there and takes effect "
        f"again once it can: `lanewatch resume {order.lane}` again then ({error})"
    )


def not_lifted_words(error: object, order: Order) -> str:
    """The text for a close that a command could not undo."""
    return (
        f"its close is still active, since the state folder cannot be written: `lanewatch resume {order.lane}` again "
        f"once it can ({error})"
    )


def withdraw_ended_requests(folder: ControlFolder, open_orders: Container[str], known: Container[str]) -> str:
    """Withdraws the requests of orders that have ended.

    Returns the reason why a request is still there; empty if none is.
    """
    stands = ""
    for key in folder.names("requests"):
        for request in requests_of(folder, key):
            if request.id in known and request.id not in open_orders:
                try:
                    take_back(folder, key, request.id)
                except FolderError as error:
                    stands = f"{error}: gates do not obey it while that is so"
    return stands


def dropped_close(folder: ControlFolder, order: Order, at: float, words: str) -> Order:
    """Drops a close and returns its order: nothing more is requested from the lane, and no stronger step is taken."""
    stands = withdraw_request(folder, order)
    told = Stage.ACKNOWLEDGED in order.has
    more = "; what it was told stays told" if told else ""
    return order.stepped(at, Stage.WITHDRAWN, f"{words}{more}{f'; {stands}' if stands else ''}").ended()


def prompted_since(order: Order, context: VerbContext) -> bool:
    """True if a person gave the lane a prompt after the order, by its place in the transcript, not by a clock."""
    newest = context.main.prompted
    if newest is None or context.main.path != order.path or newest.offset < order.offset:
        return False
    ours = (FROM.strip(), order.text.strip().partition("\n")[0].strip())
    return newest.words not in ours
