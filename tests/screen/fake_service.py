"""A control service for the screen's tests that only stores its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tui.control.audit import AuditRecord
from tui.control.port import NO_OPTIONS
from tui.model.control import Held, LaneControl, Order, OrderStep, Plan, Route, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.pending import PendingRequest
from tui.model.snapshot import Fleet

GATE = Route(RouteKind.GATE, True, "it asks before each tool and model call")
TMUX = Route(RouteKind.TMUX, True, "pane %3 of session work shows it")
API = Route(RouteKind.API, False, "no API socket")
PROCESS = Route(RouteKind.PROCESS, True, "process 4711, by registry")
ROUTES = (GATE, API, TMUX, PROCESS)
_EFFECTS = {
    Verb.PAUSE: "pauses before its next tool or model call; nothing is lost",
    Verb.RESUME: "goes on where it is held",
    Verb.REDIRECT: "the model reads it after the tool that runs now",
    Verb.CLOSE: "writes its closing summary, then ends; after 10 min it is stopped",
}


class FakeService:
    """A service in which every lane has a gate and a pane, except those in `refused`."""

    def __init__(self, *, forbidden: str = "", refused: Mapping[str, str] | None = None) -> None:
        self.forbidden = forbidden
        self.refused = dict(refused or {})
        self.given: list[tuple[Plan, str, bool, str]] = []
        self.options: list[dict[str, str]] = []
        self.pending: dict[LaneId, tuple[PendingRequest, ...]] = {}
        self.undone: list[str] = []
        self.pushed: list[str] = []
        self.made: list[Order] = []
        self.entries: list[AuditRecord] = []
        self.trouble = ""
        self.times_asked = 0
        """The number of times that the app has read the orders."""
        self.before_plans: Callable[[], None] = lambda: None

    def plans(self, verb: Verb, lanes: Sequence[LaneId], fleet: Fleet, route: RouteKind | None = None) -> list[Plan]:
        self.before_plans()
        made: list[Plan] = []
        for lane in lanes:
            if lane in self.refused:
                made.append(Plan(verb, lane, None, (), "", refused=self.refused[lane]))
                continue
            if verb.value == "answer":
                made.append(self._answer(verb, lane))
                continue
            taken = route or RouteKind.GATE
            warning = "" if taken is RouteKind.GATE else "Bash is cut off"
            made.append(
                Plan(
                    verb,
                    lane,
                    taken,
                    (RouteKind.GATE, RouteKind.TMUX),
                    _EFFECTS[verb],
                    (),
                    warning,
                    "",
                    verb is Verb.REDIRECT,
                )
            )
        return made

    def _answer(self, verb: Verb, lane: LaneId) -> Plan:
        requests = self.pending.get(lane, ())
        if not requests:
            return Plan(verb, lane, None, (), "", refused="it waits for no answer")
        return Plan(
            verb, lane, RouteKind.GATE, (RouteKind.GATE,), "answers it", requests=requests,
            watchers="nobody is at its pane %7",
        )  # fmt: skip

    def give(
        self,
        plans: Sequence[Plan],
        fleet: Fleet,
        *,
        text: str = "",
        now: bool = False,
        reason: str = "",
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> list[Order]:
        orders = []
        for plan in plans:
            self.given.append((plan, text, now, reason))
            self.options.append(dict(options))
            steps = (OrderStep(fleet.at, Stage.REQUESTED, plan.route, plan.effect),)
            number = f"{len(self.made):04d}"
            assert plan.route is not None
            order = Order(
                number,
                plan.verb,
                plan.lane,
                "claude",
                "s",
                None,
                plan.route,
                "ann (pts/1, pid 7)",
                fleet.at,
                reason,
                text,
                fleet.at + 10,
                steps,
            )
            self.made.append(order)
            orders.append(order)
        return orders

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        return {
            order.lane: LaneControl(ROUTES, Held.PAUSED, order.at, "paused before its next tool", False, order.id)
            for order in self.made
            if order.verb is Verb.PAUSE
        }

    def orders(self) -> list[Order]:
        self.times_asked += 1
        return list(reversed(self.made))

    def stronger(self, order: str, fleet: Fleet) -> Order | None:
        """Takes the offered step, which is then no longer offered."""
        self.pushed.append(order)
        self.made = [replace(one, stronger="") if one.id == order else one for one in self.made]
        return next((one for one in self.made if one.id == order), None)

    def undo(self, order: str, fleet: Fleet) -> Order | None:
        self.undone.append(order)
        found = next((one for one in self.made if one.id == order), None)
        return replace(found, id="undo") if found else None

    def log(self) -> list[AuditRecord]:
        return self.entries
