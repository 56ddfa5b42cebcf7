"""What a verb looks at: the lane, its session, the routes, the time; and what is still running in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tui.control.gate_client import Ack, key_of
from tui.control.order_store import Case
from tui.control.reach import Ways, recording_words, routes_of, session_lane
from tui.model.control import Route, RouteKind
from tui.model.event import ToolKind
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane


@frozen
class Scene:
    """One lane at one time. `now` is in seconds UTC."""

    lane: Lane
    main: Lane
    """The main lane of its session; the lane itself if it is that."""
    kin: tuple[Lane, ...]
    """All lanes that a verb on it holds: itself and, of a main lane, its session's subagents."""
    ways: Ways
    now: float
    clock_set: float = 0.0
    """Seconds by which somebody set the clock forward since an order was given: what the lane says is later by them."""

    @property
    def key(self) -> str | None:
        """The session's name at the gate."""
        return key_of(self.lane.agent, self.main.session)

    @property
    def recording(self) -> str:
        """Why no verb may touch it: see `reach.recording_words`."""
        return recording_words(self.lane, self.main)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every kind, open or shut."""
        return routes_of(self.lane, self.main, self.ways)

    def choices(self, verb: Verb) -> tuple[RouteKind, ...]:
        """The open routes for a verb, the strongest safe one first."""
        open_ones = [route.kind for route in self.routes if verb in route.verbs]
        # Signals end or freeze what the others ask politely: never the first choice where there is another.
        return tuple(sorted(open_ones, key=lambda kind: kind is RouteKind.PROCESS))


def scene_of(lane: Lane, fleet: Fleet, ways: Ways) -> Scene:
    """The scene of a lane in a fleet."""
    return scenes_of([lane], fleet, ways)[lane.id]


def scenes_of(wanted: Iterable[Lane], fleet: Fleet, ways: Ways) -> dict[LaneId, Scene]:
    """The scenes of lanes of one fleet."""
    lanes = {str(lane.id): lane for lane in fleet.lanes}
    children: dict[tuple[str, str], list[Lane]] = {}
    for lane in fleet.lanes:
        if lane.agent_id is not None:
            children.setdefault((lane.agent, lane.session), []).append(lane)
    made: dict[LaneId, Scene] = {}
    for lane in wanted:
        kin = [lane] if lane.agent_id is not None else [lane, *children.get((lane.agent, lane.session), ())]
        made[lane.id] = Scene(lane, session_lane(lane, lanes), tuple(kin), ways, fleet.at)
    return made


def holding(acks: Iterable[Ack]) -> list[Ack]:
    """The gates that hold now: they said so, have not let go, and their processes live."""
    latest: dict[tuple[int, str | None], Ack] = {}
    for ack in acks:
        latest[ack.pid, ack.start] = ack
    return [ack for ack in latest.values() if ack.did == "held" and ack.gate_lives]


def still_running(scene: Scene, held: Iterable[Ack]) -> str:
    """What still goes on although gates hold, in words; empty if nothing does."""
    held = list(held)
    calls = {ack.call for ack in held if ack.call}
    children = {ack.agent_id for ack in held}
    for lane in scene.kin:
        if not lane.busy:
            continue
        running = [call for call in lane.open_calls if call.call not in calls]
        tools = [call for call in running if call.tool_kind is not ToolKind.AGENT]
        if tools:
            since = tools[0].started
            now = scene.now + scene.clock_set
            age = f" for {now - since:.0f} s" if since is not None and now > since else ""
            return f"{tools[0].tool} runs{age}"
        waits_for_children = bool(running) and not tools
        if lane.agent_id not in children and not waits_for_children:
            return "the model answers" if lane is scene.lane else f"subagent {lane.agent_id or lane.id} goes on"
    return ""


def open_question(main: Lane) -> str:
    """`a question is open in its client (permission prompt)`: the client waits for a person; empty if it does not.

    By the client's own registry, or by a call of the agent that asks. What a pane shows is looked at before each key.
    """
    process = main.process
    if process is not None and process.status == "waiting":
        return f"a question is open in its client ({process.waiting_for or 'it waits for a person'})"
    asks = next((call.tool for call in main.open_calls if call.tool_kind is ToolKind.ASK), "")
    return f"a question is open in its client ({asks})" if asks else ""


def asking(case: Case, scene: Scene) -> Case:
    """The case with a step when a question is open that nothing can happen before, and one when it is answered.

    `facts["question"]` has the question while it is open.
    """
    asks = open_question(scene.main)
    if asks == case.facts.get("question", ""):
        return case
    words = f"{asks}: nothing happens before it is answered" if asks else "the question is answered"
    return replace(case, facts={**case.facts, "question": asks}).stepped(scene.now, case.order.stage, words)


def spent_since(case: Case, scene: Scene) -> str:
    """`1.2 s and 3,204 tokens after it was asked`."""
    spent = max(0, sum(lane.usage.total for lane in scene.kin) - case.tokens)
    return f"{max(0.0, scene.now - case.order.at):.1f} s and {spent:,} tokens after it was asked for"
