"""Plans and pictures: what a verb would do to a lane, in words, and what the orders have made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.control import closing, pausing, redirecting
from tui.control.lifetime import ENDED
from tui.control.lifting import OUT_OF_FORCE, out_of_force
from tui.control.order_store import Case
from tui.control.reach import GATED, ended_words, is_over
from tui.control.verb_context import Scene, open_question
from tui.model.control import Held, LaneControl, Plan, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet, Lane, LaneState

SHOWN_S = 5.0
"""A redirect that arrived is shown so long in its row."""
LIFTS = "takes its close back: nothing more is asked of it"
"""What a resume of a lane does that is not paused, but told to close."""


def plan_of(
    verb: Verb,
    scene: Scene,
    fleet: Fleet,
    holds: Sequence[Case],
    route: RouteKind | None,
    bounds: closing.Bounds,
    *,
    stray: bool = False,
) -> Plan:
    """What the verb would do to the lane, by `route` or the strongest safe one.

    `holds` are its open pauses and closes, the oldest first; `stray`: its gate is asked for something that is no order
    of anybody; `bounds` are those of a close.
    """
    choices = scene.choices(verb)
    pauses = [case for case in holds if case.order.verb is Verb.PAUSE]
    refused = _senseless(verb, scene, pauses, any_hold=bool(holds) or stray)
    if verb is Verb.RESUME and not refused:
        if holds and not pauses:
            # Nothing has to reach the lane for that: what is asked of it is taken back.
            return Plan(verb, scene.lane.id, holds[-1].order.route, (holds[-1].order.route,), LIFTS, asked=route)
        # What holds it must let it go; what a gate was asked can always be taken back.
        known = RouteKind.GATE if stray or any(case.order.route is RouteKind.GATE for case in pauses) else None
        first = pauses[-1].order.route if pauses else known
        choices = choices if known is None or known in choices else (known, *choices)
        choices = tuple(sorted(choices, key=lambda kind: kind is not first))
    taken = route if route is not None else next(iter(choices), None)
    if not refused and (taken is None or taken not in choices):
        refused = _no_route(verb, scene, taken)
    if not refused and taken is RouteKind.TMUX and (asks := open_question(scene.main)):
        refused = f"{asks}: answer it first"
    if not refused and verb is Verb.PAUSE and taken in pausing.TURN_ENDERS and not pausing.has_turn(scene):
        refused = pausing.IDLE
    if refused or taken is None:
        return Plan(verb, scene.lane.id, None, choices, "", refused=refused or "there is no route to it", asked=route)
    also = _also(verb, scene, fleet, taken)
    return Plan(
        verb, scene.lane.id, taken, choices, _effect(verb, scene, taken, bounds), also,
        _warning(verb, scene, taken, bool(also)), "",
        verb is Verb.REDIRECT and taken is RouteKind.GATE and scene.lane.busy, route,
    )  # fmt: skip


def control_of(scene: Scene, cases: Sequence[Case], own_time: Callable[[Case], float]) -> LaneControl:
    """What the newest orders have made of a lane, with its routes.

    `own_time` gives the time that it is for an order (seconds UTC), which is not the scene's if somebody set the clock.
    """
    routes = scene.routes
    for case in reversed(cases):
        if case.order.lane != scene.lane.id and not (_holds_child(case, scene)):
            continue
        now = own_time(case)
        held = _held(case, scene, now)
        if case.is_open and (why := case.facts.get(OUT_OF_FORCE)):
            return LaneControl(routes, None, None, out_of_force(why), True, case.order.id)
        if held is not None:
            step = case.order.steps[-1]
            since = next((one.at for one in reversed(case.order.steps) if one.stage is step.stage), step.at)
            overdue = case.order.stage is Stage.OVERDUE
            since += scene.now - now
            return LaneControl(routes, held, since, _words(case, held, scene.lane), overdue, case.order.id)
    return LaneControl(routes)


def _holds_child(case: Case, scene: Scene) -> bool:
    """A session's pause holds its subagents too."""
    return (
        case.order.verb is Verb.PAUSE and case.order.agent_id is None and scene.lane.agent_id is not None
        and case.order.session == scene.main.session and case.order.agent == scene.lane.agent and scene.lane.busy
    )  # fmt: skip


def _held(case: Case, scene: Scene, now: float) -> Held | None:
    verb, stage, lane = case.order.verb, case.order.stage, scene.lane
    newest = lane.last_event - (scene.now - now) if lane.last_event is not None else float("-inf")
    if verb is Verb.PAUSE and case.is_open:
        return Held.PAUSED if stage is Stage.EFFECTIVE else Held.PAUSING
    if verb is Verb.PAUSE and ENDED in case.facts:
        return Held.ENDED if scene.main.process is None and newest <= case.order.steps[-1].at else None
    if verb is Verb.REDIRECT:
        lately = stage is Stage.EFFECTIVE and 0 <= now - case.order.steps[-1].at < SHOWN_S
        return Held.REDIRECTING if case.is_open or lately else None
    if verb is Verb.CLOSE:
        if case.is_open:
            return Held.CLOSING
        after = newest > case.order.steps[-1].at + SHOWN_S
        return Held.CLOSED if stage is Stage.EFFECTIVE and not lane.busy and not after else None
    return None


def _words(case: Case, held: Held, lane: Lane) -> str:
    text = case.order.steps[-1].text
    if question := case.facts.get("question"):
        return text if question in text else f"{text}; {question}"
    if held is Held.CLOSING and case.phase == "writing" and case.order.stage is Stage.ACKNOWLEDGED:
        calls = closing.calls_since_told(case, lane)
        return f"told; it writes its closing output{f', {calls} tool call(s) since' if calls else ''}"
    return f"{text} (+ to {case.order.stronger})" if case.order.stronger else text


def _senseless(verb: Verb, scene: Scene, pauses: Sequence[Case], *, any_hold: bool) -> str:
    """Why this verb makes no sense for the lane now; empty if it does."""
    if scene.recording:
        return scene.recording
    if verb is Verb.REDIRECT and is_over(scene.lane) and scene.lane.agent in GATED:
        return ended_words(scene.lane)
    if verb is Verb.PAUSE and any(case.order.lane == scene.lane.id for case in pauses):
        return "it is paused already, or about to be"
    idle = verb is Verb.RESUME and not any_hold
    if (verb in (Verb.PAUSE, Verb.CLOSE) or idle) and (is_over(scene.lane) or _is_done(scene)):
        return "it has ended: nothing of it runs"
    held_above = scene.lane.control.held in (Held.PAUSED, Held.PAUSING)
    if idle and not held_above:
        return "it is not paused"
    if idle and scene.lane.agent_id is not None:
        return "its whole session is paused: resume that"
    return ""


def _is_done(scene: Scene) -> bool:
    return scene.lane.agent_id is not None and scene.lane.state is LaneState.ENDED


def _no_route(verb: Verb, scene: Scene, taken: RouteKind | None) -> str:
    if taken is not None:
        why = next((route.why for route in scene.routes if route.kind is taken), "")
        return f"{taken.value} cannot {verb.value} it: {why}"
    reasons = "; ".join(f"{route.kind.value}: {route.why}" for route in scene.routes if verb not in route.verbs)
    return f"no route can {verb.value} it ({reasons})"


def _effect(verb: Verb, scene: Scene, taken: RouteKind, bounds: closing.Bounds) -> str:
    if verb in (Verb.PAUSE, Verb.RESUME):
        if verb is Verb.PAUSE and taken is RouteKind.GATE and not scene.lane.busy:
            return "between turns: its next prompt is held"
        return pausing.EFFECTS[verb, taken]
    if verb is Verb.CLOSE:
        return closing.effect_of(taken, bounds)
    if not scene.lane.busy:
        return "wakes it: the text is its next prompt" if taken is RouteKind.GATE else "the text is its next prompt"
    return redirecting.EFFECTS[taken]


def _also(verb: Verb, scene: Scene, fleet: Fleet, taken: RouteKind) -> tuple[LaneId, ...]:
    if scene.lane.agent_id is not None:
        if taken is RouteKind.GATE:
            return ()
        return tuple(
            lane.id for lane in fleet.lanes
            if lane.agent == scene.lane.agent and lane.session == scene.lane.session and lane.id != scene.lane.id
        )  # fmt: skip
    return tuple(lane.id for lane in scene.kin[1:] if lane.busy) if verb is not Verb.REDIRECT else ()


def _warning(verb: Verb, scene: Scene, taken: RouteKind, also: bool) -> str:
    if taken is RouteKind.GATE and verb is not Verb.RESUME and (asks := open_question(scene.main)):
        return f"{asks}: nothing happens before it is answered"
    if scene.lane.agent_id is not None and taken is not RouteKind.GATE:
        return "this route cannot tell a subagent from its session: it acts on the whole session"
    if verb is Verb.PAUSE and taken is RouteKind.PROCESS:
        return "tools of it may go on; a request that stands still for minutes may be sent and paid again"
    if verb is Verb.PAUSE and taken in (RouteKind.API, RouteKind.TMUX) and scene.lane.open_calls:
        tool = scene.lane.open_calls[-1].tool
        # Measured: the daemon ends the turn, and a command that has run for a moment goes on without it.
        return f"{tool} is cut off" if taken is RouteKind.TMUX else f"what {tool} has started goes on without it"
    if verb is Verb.CLOSE and taken is RouteKind.PROCESS:
        return "what it works on is left half done"
    return "its subagents too" if also and verb is not Verb.REDIRECT else ""
