"""Release of a lane: what is asked of its gate is taken back, whatever else fails.

Stopping a lane is written down first, and not done where it cannot be. Letting it go is done first: a disk that is full
or read-only keeps nobody held. A request file can be removed from a full disk; on a read-only one it stays, and the
gates do not obey it there (see `gate/gate.py`).
"""

from __future__ import annotations

from collections.abc import Container

from tui.control.context import VerbContext
from tui.control.folder import ControlFolder, FolderError
from tui.control.routes.gate_client import asked, key_of, take_back
from tui.control.texts import FROM
from tui.model.control import Order, Stage

OUT_OF_FORCE = "out of force"
"""The fact of a pause whose request cannot be taken back now: gates do not obey it. It says why, or is empty."""


def free(folder: ControlFolder, order: Order) -> str:
    """Takes back what an order asks of the gate. Gives why it still stands; empty if it does not."""
    key = key_of(order.agent, order.session)
    if key is None:
        return ""
    try:
        take_back(folder, key, order.id)
    except FolderError as error:
        return f"{error}: gates do not obey it while that is so"
    return ""


def later(error: object) -> str:
    """What a lanewatch that stays says of a request that it could not take back: it tries again at each look."""
    return (
        f"{error}: gates do not obey it while that is so, and this lanewatch, if it still runs, removes it after that"
    )


def out_of_force(why: str) -> str:
    """What is seen of a pause that gates do not obey, since nobody could take it back."""
    return f"its pause holds nothing now, and holds it again once the state folder can be written ({why})"


def not_resumed(error: object, order: Order) -> str:
    """What a command says of a pause that it cannot take back: the command ends, so it cannot try again later."""
    return (
        f"it goes on only as long as the state folder cannot be written; its pause lies there still and holds it again "
        f"once it can: `lanewatch resume {order.lane}` again then ({error})"
    )


def not_lifted(error: object, order: Order) -> str:
    """The same of a close."""
    return (
        f"its close stands, since the state folder cannot be written: `lanewatch resume {order.lane}` again once "
        f"it can ({error})"
    )


def free_ended(folder: ControlFolder, open_orders: Container[str], known: Container[str]) -> str:
    """Takes back whatever orders ask that have ended. Gives why something still stands; empty if nothing does."""
    stands = ""
    for key in folder.names("requests"):
        for request in asked(folder, key):
            if request.id in known and request.id not in open_orders:
                try:
                    take_back(folder, key, request.id)
                except FolderError as error:
                    stands = f"{error}: gates do not obey it while that is so"
    return stands


def lifted(folder: ControlFolder, order: Order, at: float, words: str) -> Order:
    """A close that is dropped: nothing more is asked of the lane, and nothing harder is done."""
    stands = free(folder, order)
    told = Stage.ACKNOWLEDGED in order.has
    more = "; what it was told stays told" if told else ""
    return order.stepped(at, Stage.WITHDRAWN, f"{words}{more}{f'; {stands}' if stands else ''}").ended()


def prompted_since(order: Order, context: VerbContext) -> bool:
    """True if a person gave the lane a prompt after the order, by the place in its transcript and not by any clock."""
    newest = context.main.prompted
    if newest is None or context.main.path != order.path or newest.offset < order.offset:
        return False
    ours = (FROM.strip(), order.text.strip().partition("\n")[0].strip())
    return newest.words not in ours
