"""Whether the client that an order was given to still runs, and how an order ends together with it."""

from __future__ import annotations

from tui.control import signals
from tui.control.gate_client import has_ended
from tui.control.order_store import Case
from tui.control.route_driver import World
from tui.control.verb_context import Scene
from tui.model.control import Stage
from tui.model.finding import Verb

CLIENT = "client"
"""The fact of a case that names the process that asked the gate for this session: pid and start."""
ENDED = "ended with its client"
"""The fact of a pause whose client ended while it was paused, or about to be."""


def client_of(scene: Scene) -> tuple[int, str] | None:
    """The process that runs the session and asks the gate, by pid and start; None if none is known to live."""
    session = scene.ways.sessions.get(scene.key or "")
    return session.client if session is not None and session.lives else None


def client_facts(scene: Scene) -> dict[str, str]:
    """What a case notes of its client."""
    client = client_of(scene)
    return {CLIENT: f"{client[0]} {client[1]}"} if client is not None else {}


def client_ended(case: Case, world: World) -> bool:
    """True if the client that the order was given to has ended, whoever runs its session since."""
    pid, _, start = case.facts.get(CLIENT, "").partition(" ")
    if pid.isdigit() and start:
        return has_ended((int(pid), start))
    if case.pid is None or case.start is None:
        return False
    return world.is_gone(signals.Target(case.pid, case.start))


def ended_with_client(case: Case, at: float) -> Case:
    """The case as it ends since its client has ended; one that is still to be watched stays as it is.

    What a transcript tells of a text that was given is told by whoever reads it, and so is the end of a close.
    """
    verb = case.order.verb
    pid = case.facts.get(CLIENT, "").partition(" ")[0] or str(case.pid)
    if verb is Verb.PAUSE:
        noted = case.noting(ENDED, "yes")
        return noted.stepped(at, Stage.EXPIRED, f"process {pid} has ended: nothing of it is held any more").ended()
    if verb is Verb.RESUME:
        return case.stepped(at, Stage.EXPIRED, f"process {pid} has ended: nothing of it can go on").ended()
    if verb is Verb.REDIRECT and Stage.ACKNOWLEDGED not in case.has:
        return case.stepped(at, Stage.EXPIRED, f"process {pid} ended before the text was given").ended()
    return case


def closed_with_client(case: Case, at: float) -> Case:
    """A close whose lane is not looked at any more: its process has ended, which is what it was for."""
    return case.stepped(at, Stage.EFFECTIVE, "its process has ended").ended()
