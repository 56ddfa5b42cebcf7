"""The context of a verb: the lane, its session, the routes, the time, and the programs that still run in the lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.control.refused import Refused
from tui.control.routes.gate_client import Ack, key_of
from tui.control.subjects import is_over, open_question, recording_words, session_lane
from tui.model.control import Order, Route
from tui.model.event import ToolKind
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.pending import PendingRequest
from tui.model.snapshot import Fleet, Lane

if TYPE_CHECKING:  # not needed by help and completion, which load all verbs
    from tui.control.routes.base import Surroundings
    from tui.control.routes.registry import Routes


AHEAD_S = 60.0
"""Seconds. An event that is later than the clock by more than this was written before the clock was set back."""


@frozen
class VerbContext:
    """One lane at one time. `now` is in seconds UTC."""

    lane: Lane
    main: Lane
    """The main lane of its session; the lane itself if it is the main lane."""
    covered: tuple[Lane, ...]
    """All lanes that a verb on this lane concerns: the lane itself and, for a main lane, its session's subagents."""
    drivers: Routes
    around: Surroundings
    now: float
    clock_set: float = 0.0
    """Seconds by which the system clock was set forward since an order was given: the lane's times are later by
    this."""

    @property
    def key(self) -> str | None:
        """The session's key at the gate; None if its id is not plain."""
        return key_of(self.lane.agent, self.main.session)

    @property
    def recording(self) -> str:
        """The reason why no verb may act on the lane: see `subjects.recording_words`."""
        return recording_words(self.lane, self.main)

    @property
    def is_over(self) -> bool:
        """True if no process runs the lane now."""
        return is_over(self.lane)

    @property
    def gate_key(self) -> str:
        """The session's key at the gate.

        Raises:
            Refused: the session has no key.
        """
        key = self.key
        if key is None:
            raise Refused("its session has no plain id: the gate cannot be asked")
        return key

    def check_gate_key(self) -> None:
        """Checks that the gate can be asked.

        Raises:
            Refused: it cannot be asked.
        """
        _ = self.gate_key

    @property
    def has_turn(self) -> bool:
        """True if a turn is running that could be ended."""
        return self.lane.busy or self.main.busy

    @property
    def in_daemon(self) -> bool:
        """True if the lane's loop runs in a daemon that serves other threads too."""
        return self.drivers.daemon.runs(self.main)

    def newest_event(self, now: float) -> float:
        """The time of the lane's newest event (seconds UTC, by the clock of `now`); minus infinity without an event."""
        newest = self.lane.last_event
        if newest is None:
            return float("-inf")
        # An event in the future was written before somebody set the clock back.
        return newest if newest > self.now + AHEAD_S else newest - (self.now - now)

    @property
    def client(self) -> tuple[int, str] | None:
        """The running process of the session that asks the gate, by pid and start; None if none is known."""
        session = self.around.sessions.get(self.key or "")
        return session.client if session is not None and session.lives else None

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route to the lane, open or shut."""
        return self.drivers.to(self.lane, self.main, self.around)

    @property
    def pending(self) -> tuple[PendingRequest, ...]:
        """The requests that wait for a person, as the lane's client states them, the oldest first."""
        return () if self.recording else self.drivers.pending(self.lane, self.main, self.around)


def context_of(lane: Lane, fleet: Fleet, drivers: Routes, around: Surroundings) -> VerbContext:
    """The context of one lane of a fleet."""
    return contexts_of([lane], fleet, drivers, around)[lane.id]


def contexts_of(
    wanted: Iterable[Lane], fleet: Fleet, drivers: Routes, around: Surroundings
) -> dict[LaneId, VerbContext]:
    """The contexts of several lanes of one fleet."""
    lanes = {str(lane.id): lane for lane in fleet.lanes}
    children: dict[tuple[str, str], list[Lane]] = {}
    for lane in fleet.lanes:
        if lane.agent_id is not None:
            children.setdefault((lane.agent, lane.session), []).append(lane)
    made: dict[LaneId, VerbContext] = {}
    for lane in wanted:
        covered = [lane] if lane.agent_id is not None else [lane, *children.get((lane.agent, lane.session), ())]
        made[lane.id] = VerbContext(lane, session_lane(lane, lanes), tuple(covered), drivers, around, fleet.at)
    return made


def gates_that_hold(acks: Iterable[Ack]) -> list[Ack]:
    """The acknowledgements of the gates that hold now: the newest is `held`, and the gate's process runs."""
    latest: dict[tuple[int, str | None], Ack] = {}
    for ack in acks:
        latest[ack.pid, ack.start] = ack
    return [ack for ack in latest.values() if ack.did == "held" and ack.gate_lives]


def still_running(context: VerbContext, held: Iterable[Ack]) -> str:
    """The text about programs that still run although gates hold the lane; empty if there are none."""
    held = list(held)
    calls = {ack.call for ack in held if ack.call}
    children = {ack.agent_id for ack in held}
    for lane in context.covered:
        if not lane.busy:
            continue
        running = [call for call in lane.open_calls if call.call not in calls]
        tools = [call for call in running if call.tool_kind is not ToolKind.AGENT]
        if tools:
            since = tools[0].started
            now = context.now + context.clock_set
            age = f" for {now - since:.0f} s" if since is not None and now > since else ""
            return f"{tools[0].tool} runs{age}"
        waits_for_children = bool(running) and not tools
        if lane.agent_id not in children and not waits_for_children:
            return "the model answers" if lane is context.lane else f"subagent {lane.agent_id or lane.id} still runs"
    return ""


def with_question(order: Order, context: VerbContext) -> Order:
    """The order with one more step if a question was opened or answered; no verb has an effect before the answer.

    `facts["question"]` contains the question while it is open.
    """
    asks = open_question(context.main)
    if asks == order.facts.get("question", ""):
        return order
    words = f"{asks}: nothing happens before it is answered" if asks else "the question is answered"
    return replace(order, facts={**order.facts, "question": asks}).stepped(context.now, order.stage, words)


def cost_since(order: Order, context: VerbContext) -> str:
    """Time and tokens since the order was given: `(1.2 s and 3,204 tokens later)`."""
    spent = max(0, sum(lane.usage.total for lane in context.covered) - order.tokens)
    return f"({max(0.0, context.now - order.at):.1f} s and {spent:,} tokens later)"
