"""Letting go of a lane: what is asked of its gate is taken back, whatever else fails.

Stopping a lane is written down first, and not done where it cannot be. Letting it go is done first: a disk that is full
or read-only keeps nobody held. A request file can be removed from a full disk; on a read-only one it stays, and the
gates do not obey it there (see `gate/gate.py`).
"""

from __future__ import annotations

from collections.abc import Container

from tui.control.folder import ControlFolder, FolderError
from tui.control.gate_client import asked, key_of, take_back
from tui.control.order_store import Case
from tui.control.texts import FROM
from tui.control.verb_context import Scene
from tui.model.control import Stage
from tui.model.finding import Verb

HOLDING = (Verb.PAUSE, Verb.CLOSE)
"""The verbs whose requests can keep a lane from going on."""
OUT_OF_FORCE = "out of force"
"""The fact of a pause whose request cannot be taken back now: gates do not obey it. It says why, or is empty."""
ADOPTED = "adopted"
"""The fact of a close that another lanewatch had given."""


def free(folder: ControlFolder, case: Case) -> str:
    """Takes back what an order asks of the gate. Gives why it still stands; empty if it does not."""
    key = key_of(case.order.agent, case.order.session)
    if key is None:
        return ""
    try:
        take_back(folder, key, case.order.id)
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


def not_resumed(error: object, case: Case) -> str:
    """What a command says of a pause that it cannot take back: the command ends, so it cannot try again later."""
    return (
        f"it goes on only as long as the state folder cannot be written; its pause lies there still and holds it again "
        f"once it can: `lanewatch resume {case.order.lane}` again then ({error})"
    )


def not_lifted(error: object, case: Case) -> str:
    """The same of a close."""
    return (
        f"its close stands, since the state folder cannot be written: `lanewatch resume {case.order.lane}` again once "
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


def lifted(folder: ControlFolder, case: Case, at: float, words: str) -> Case:
    """A close that is dropped: nothing more is asked of the lane, and nothing harder is done."""
    stands = free(folder, case)
    told = Stage.ACKNOWLEDGED in case.has
    more = "; what it was told stays told" if told else ""
    return case.stepped(at, Stage.WITHDRAWN, f"{words}{more}{f'; {stands}' if stands else ''}").ended()


def prompted_since(case: Case, scene: Scene) -> bool:
    """True if a person gave the lane a prompt after the order, by the place in its transcript and not by any clock."""
    newest = scene.main.prompted
    if newest is None or scene.main.path != case.path or newest.offset < case.offset:
        return False
    ours = (FROM.strip(), case.order.text.strip().partition("\n")[0].strip())
    return newest.words not in ours
