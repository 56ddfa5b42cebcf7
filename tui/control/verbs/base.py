"""The base class of verbs: the declaration of a verb, and how it plans, begins, polls, escalates and undoes.

Each module of this folder declares one `VerbSpec`; other modules find them through `registry`. The objects have no
state: facts about an order are stored in the `Order`, and the objects that act on the outside world are in `VerbTools`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from tui.control.bounds import Bounds
from tui.control.refused import Refused
from tui.model.control import Held, Order, Plan, Route, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.frozen import frozen

if TYPE_CHECKING:
    from tui.control.context import VerbContext
    from tui.control.folder import ControlFolder
    from tui.control.routes.base import RouteDriver
    from tui.control.routes.registry import Routes
    from tui.control.text_delivery import TextDelivery
    from tui.model.evidence import LaneId
    from tui.model.snapshot import Fleet, Lane
    from tui.text.safe_text import SafeText

ENDED = "ended with its client"
"""The key in `Order.facts` of an order that ended because its client ended."""
SHOWN_S = 5.0
"""Seconds. Events up to this long after the last step of an order still are effects of the order."""
ADOPTED = "adopted"
"""The key in `Order.facts` of an order that was taken over from another lanewatch."""


class TextSource(StrEnum):
    """The source of an order's text."""

    NONE = "none"
    WRITTEN = "written"
    """The operator writes it; no order is given without a text."""
    TEMPLATE = "template"
    """The operator picks a closing template and may edit it; the first one is the default."""


@frozen
class KeyBinding:
    """The key of a verb on the screen: default keys, a description, and its short name in the footer."""

    keys: str
    description: str
    hint: str


@frozen
class Option:
    """One option of a verb's command."""

    flag: str
    help: str
    takes: Literal["nothing", "text", "duration", "count"] = "text"
    metavar: str | None = None
    dest: str = ""
    """The name of its value, if it is not that of the flag."""
    repeats: bool = False
    """True if it may be given several times; its values are joined by semicolons."""

    @property
    def name(self) -> str:
        """The name of its value: `within` of `--within`."""
        return self.dest or self.flag.lstrip("-").replace("-", "_")


@frozen
class HeldState:
    """A state that an order gives its lane: its glyph, its name, and its meaning in a few words.

    `glyph` and `ascii` are one cell wide, and no other state has the same; `word` has at most 10 cells.
    """

    held: Held
    glyph: SafeText
    ascii: SafeText
    word: SafeText
    meaning: SafeText
    role: str = "accent"
    """The theme role whose look it has (`accent`: in bold) if the theme's `roles` do not name the state."""
    is_counted: bool = True
    """True if the header of the screen counts such lanes."""


TEXT_OPTIONS = (
    Option("--text", "the text for the lane", metavar="TEXT"),
    Option("--file", "the same, from FILE (-: standard input)", metavar="FILE"),
)
"""The options of every verb that takes a text."""


class OrderDesk(Protocol):
    """The part of the service through which a verb reads and changes other orders."""

    def holds(self, context: VerbContext) -> list[Order]:
        """The open orders that hold the lane, the oldest first."""
        ...

    def unknown_requests(self, context: VerbContext) -> set[str]:
        """The ids of requests at the lane's gate that could hold the lane but belong to no known order."""
        ...

    def keep(self, old: Order, new: Order) -> None:
        """Writes the news about an order."""
        ...

    def is_mine(self, order: Order) -> bool:
        """True if this process drives the order."""
        ...

    def made_mine(self, order: Order) -> Order:
        """The same order, with this process as its owner."""
        ...

    def take_back(self, order: Order, context: VerbContext) -> Order:
        """Undoes an order that held the lane, and returns it: see `VerbSpec.released`.

        Raises:
            Refused, FolderError: it could not be undone.
        """
        ...

    def client_ended(self, order: Order) -> bool:
        """True if the client that the order was given to has ended, even if another one runs its session now."""
        ...

    def at_own_time(self, order: Order, context: VerbContext) -> VerbContext:
        """The context with `now` by the order's own clock, which ignores that the system clock was set since then."""
        ...

    def give_plan(self, plan: Plan, context: VerbContext, fleet: Fleet, reason: str) -> Order:
        """Gives another order for the same lane."""
        ...


@dataclass(slots=True)
class VerbTools:
    """The objects with which verbs act: the control folder, the routes, and the service's orders."""

    folder: ControlFolder
    routes: Routes
    delivery: TextDelivery
    desk: OrderDesk
    bounds: Bounds
    stays: bool
    """False for a command that exits at once, so that it can do nothing later."""
    waited_for: set[str] = field(default_factory=set[str])
    """Ids of orders that this process gave and for whose end it waits: nobody has to confirm their next step."""


@frozen
class Outcome:
    """The result of `escalate` or `undo`: the order as it is now, and the order to show (None: nothing to show)."""

    order: Order
    shown: Order | None


class VerbSpec(ABC):
    """One verb. Everything that is special to it is in its class; its texts are shown without change."""

    # -- the declaration --------------------------------------------------------------------------

    verb: ClassVar[Verb]
    place: ClassVar[int]
    """Its place among the verbs in help, keys and docs; the smallest comes first."""
    title: ClassVar[SafeText]
    """Its name on the screen."""
    doing: ClassVar[SafeText | None] = None
    """Its name as an activity, for notices: `pausing`; None: its title."""
    seen_word: ClassVar[SafeText | None] = None
    """The word of the notice when its effect was seen: `paused`; None: there is no such notice."""
    summary: ClassVar[str]
    """One line for the table of commands, without a full stop."""
    description: ClassVar[str]
    """One sentence or two for the help page of its command."""
    counterfactual: ClassVar[SafeText]
    """The end of the sentence "it would be …" for a lane of a recording: `held before its next tool …`."""
    key: ClassVar[KeyBinding]
    examples: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Examples of its command: the arguments, and what they do."""
    effects: ClassVar[Mapping[RouteKind, str]]
    """Its effect by each route, in one line. It can take only these routes."""
    options: ClassVar[tuple[Option, ...]] = ()
    """Options of its command, besides those of every verb."""
    shown_options: ClassVar[str] = ""
    """The most used of its options, for the table of commands."""
    exit_codes: ClassVar[tuple[tuple[int, str], ...]] = ()
    """Exit codes of its command, besides those of every verb, each with its meaning."""
    text: ClassVar[TextSource] = TextSource.NONE
    deadline_s: ClassVar[float]
    """Seconds after which an order that was not seen to take effect is overdue."""
    wait_s: ClassVar[float]
    """The longest time in seconds for which `--wait` waits."""
    always_waits: ClassVar[bool] = False
    """True if its command also waits without `--wait`."""
    under_way: ClassVar[Held | None] = None
    """The state that an order gives its lane until it takes effect; None: none that is shown."""
    done: ClassVar[Held | None] = None
    """The state that it gives the lane after that; None: none that is shown."""
    held_states: ClassVar[tuple[HeldState, ...]] = ()
    """The looks of `under_way` and `done`, unless another verb declares them."""
    done_shown_s: ClassVar[float | None] = None
    """Seconds for which `done` is shown; None: until something changes it."""
    can_hold: ClassVar[bool] = False
    """True if its requests can hold a lane."""
    only_releases: ClassVar[bool] = False
    """True if it only releases a lane. It is then carried out even if it cannot be written to the audit log."""
    outlives: ClassVar[bool] = False
    """True if an order that has ended may still decide the state of its lane, such as `closed`."""
    is_timed: ClassVar[bool] = False
    """True if it may end by itself at a time that the operator states."""
    needs_no_question: ClassVar[bool] = False
    """True if it needs no confirmation for one visible lane, by the gate, if the plan has no warning and no other
    lane."""
    includes_subagents: ClassVar[bool] = True
    """True if, on a main lane, it also acts on the subagents."""
    only_by_person: ClassVar[bool] = False
    """True if only a person may use it: an order that a policy gives is refused."""
    is_for_one_request: ClassVar[bool] = False
    """True if it answers one request of one lane. A dialog of its own shows the whole request."""

    @property
    def takes_text(self) -> bool:
        """True if an order carries a text of the operator."""
        return self.text is not TextSource.NONE

    def deadline(self, at: float, bounds: Bounds) -> float:
        """The time at which an order given at `at` becomes overdue (both in seconds UTC)."""
        del bounds
        return at + self.deadline_s

    def default_wait_s(self, within_s: float) -> float:
        """Seconds for which its command waits by default. `within_s` is the time for a whole close."""
        del within_s
        return self.wait_s

    def order_text(self, plan: Plan, text: str, options: Mapping[str, str]) -> str:
        """The text of a new order. The order's first entry in the audit log contains it."""
        del plan, options
        return text if self.takes_text else ""

    # -- planning ---------------------------------------------------------------------------------

    def plan(
        self,
        context: VerbContext,
        fleet: Fleet,
        holds: Sequence[Order],
        route: RouteKind | None,
        bounds: Bounds,
        *,
        stray: bool = False,
    ) -> Plan:
        """The plan of the verb for the lane, by `route`, or by its best open route if that is None.

        `holds` are the open orders that hold it, the oldest first; `stray`: True if its gate has a request that belongs
        to no known order.
        """
        choices = self.choices(context)
        refused = context.recording or self.refusal(context, holds, stray=stray)
        if not refused:
            without = self.plan_without_route(context, holds, route)
            if without is not None:
                return without
            choices = self.routes_first(choices, holds, stray=stray)
        taken = route if route is not None else next(iter(choices), None)
        if not refused and (taken is None or taken not in choices):
            refused = self._no_route(context, taken)
        if not refused and taken is not None:
            refused = context.drivers[taken].question_refusal(context.main) or self.route_refusal(context, taken)
        if refused or taken is None:
            return Plan(
                self.verb, context.lane.id, None, choices, "",
                refused=refused or "control not available", asked=route,
            )  # fmt: skip
        also = self._also(context, fleet, taken)
        return Plan(
            self.verb, context.lane.id, taken, choices, self.effect(context, taken, bounds), also,
            self._warning(context, taken, bool(also)), "", self.offers_now(context, taken), route,
        )  # fmt: skip

    def goes_by(self, route: Route) -> bool:
        """True if an order can be given by this route now."""
        return route.is_open and route.kind in self.effects and (route.takes_text or not self.takes_text)

    def choices(self, context: VerbContext) -> tuple[RouteKind, ...]:
        """The open routes to the lane that the verb can take, the strongest safe one first."""
        able = [route.kind for route in context.routes if self.goes_by(route)]
        return tuple(sorted(able, key=lambda kind: context.drivers[kind].is_last_resort))

    def refusal(self, context: VerbContext, holds: Sequence[Order], *, stray: bool) -> str:
        """The reason why the verb cannot be used on the lane now; empty if it can."""
        del holds, stray
        return ended_refusal(context)

    def plan_without_route(self, context: VerbContext, holds: Sequence[Order], route: RouteKind | None) -> Plan | None:
        """The plan if the verb needs no route to the lane now; None if it needs one."""
        del context, holds, route

    def routes_first(
        self, choices: tuple[RouteKind, ...], holds: Sequence[Order], *, stray: bool
    ) -> tuple[RouteKind, ...]:
        """The open routes in the order in which this verb prefers them."""
        del holds, stray
        return choices

    def route_refusal(self, context: VerbContext, taken: RouteKind) -> str:
        """The reason why the verb cannot take this route now; empty if it can."""
        del context, taken
        return ""

    def effect(self, context: VerbContext, taken: RouteKind, bounds: Bounds) -> str:
        """Its effect by this route, in one line."""
        del context, bounds
        return self.effects[taken]

    def offers_now(self, context: VerbContext, taken: RouteKind) -> bool:
        """True if the operator may choose that the next action is refused instead of running first."""
        del context, taken
        return False

    def route_warning(self, context: VerbContext, taken: RouteKind) -> str:
        """The loss by this route, or the work that continues in spite of the verb, in words; empty if there is none."""
        del context, taken
        return ""

    def for_command(self, plan: Plan) -> Plan:
        """The plan as given by a command that exits at once; refused if the verb needs a process that stays."""
        return plan

    def _no_route(self, context: VerbContext, taken: RouteKind | None) -> str:
        if taken is not None:
            why = next((route.why for route in context.routes if route.kind is taken), "")
            return f"{taken.value} cannot {self.verb.value} it: {why}"
        reasons = "; ".join(f"{route.kind.value}: {route.why}" for route in context.routes if not self.goes_by(route))
        return f"can't {self.verb.value} it ({reasons})"

    def _also(self, context: VerbContext, fleet: Fleet, taken: RouteKind) -> tuple[LaneId, ...]:
        if context.lane.agent_id is not None:
            if context.drivers[taken].reaches_subagents:
                return ()
            return tuple(
                lane.id for lane in fleet.lanes
                if lane.agent == context.lane.agent and lane.session == context.lane.session
                and lane.id != context.lane.id
            )  # fmt: skip
        return tuple(lane.id for lane in context.covered[1:] if lane.busy) if self.includes_subagents else ()

    def _warning(self, context: VerbContext, taken: RouteKind, also: bool) -> str:
        from tui.control.subjects import open_question

        driver = context.drivers[taken]
        if driver.acts_at_boundaries and not self.only_releases and (asks := open_question(context.main)):
            return f"{asks}: nothing happens before it is answered"
        if context.lane.agent_id is not None and not driver.reaches_subagents:
            return "this route cannot act on a subagent alone: it acts on the whole session"
        if lost := self.route_warning(context, taken):
            return lost
        return "its subagents too" if also and self.includes_subagents else ""

    # -- orders -----------------------------------------------------------------------------------

    def first_phase(self, driver: RouteDriver) -> str:
        """The phase of a new order when it is written, before it begins.

        If lanewatch is killed while the order begins, nobody knows how far it came. Another lanewatch continues from
        this phase.
        """
        del driver
        return ""

    @abstractmethod
    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Takes the first step of the order, and returns the order after it.

        Raises:
            Refused, FolderError: nothing was asked for.
        """

    @abstractmethod
    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Returns an order with its news. Changes nothing else."""

    def poll(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Returns an order that this process drives with its news, and takes the step that is due."""
        return self.peek(order, context, tools)

    def settle(self, orders: Sequence[Order], at: float, tools: VerbTools) -> None:
        """Ends other orders because of the effects of this verb's orders, after all orders were polled."""
        del orders, at, tools

    def escalate(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Takes the next stronger step.

        Raises:
            Refused, FolderError: there is none, or it was not taken.
        """
        raise Refused("there is no stronger step")

    def undo(self, order: Order, context: VerbContext, fleet: Fleet, tools: VerbTools) -> Outcome:
        """Undoes an order.

        Raises:
            Refused, FolderError: it cannot be undone.
        """
        raise Refused("it cannot be undone")

    def can_be_undone(self, order: Order) -> bool:
        """True if an order can be undone, as far as its own record shows."""
        return not order.stage.is_final

    def released(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Undoes an order that held a lane, because the lane should continue, and returns the order.

        Raises:
            Refused, FolderError: it could not be undone.
        """
        from tui.model.snapshot import Fleet

        return self.undo(order, context, Fleet(context.now, ()), tools).order

    def adopted(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """Returns an order that this process has just taken over, with the changes that this verb needs."""
        del context, tools
        return order

    def left(self, order: Order, at: float, tools: VerbTools) -> Order:
        """Returns an order that lanewatch gives up because it exits at `at`, with the changes that this verb needs."""
        del at, tools
        return order

    def client_ended(self, order: Order, at: float, pid: str) -> Order:
        """The order after its client has ended: ended too, or unchanged if it must still be watched."""
        del at, pid
        return order

    def lane_gone(self, order: Order, at: float, pid: str) -> Order:
        """The order after its lane is no longer in the fleet: by default as after the end of its client."""
        return self.client_ended(order, at, pid)

    # -- what an order makes of its lane ----------------------------------------------------------

    def holds(self, order: Order, context: VerbContext) -> bool:
        """True if an open order holds the lane."""
        del order, context
        return False

    def covers(self, order: Order, context: VerbContext) -> bool:
        """True if the state that `held` returns for an order of another lane also holds for this lane."""
        del order, context
        return False

    def held(self, order: Order, context: VerbContext, now: float) -> Held | None:
        """The state that an order gives the lane at `now`, by the order's own clock (seconds UTC); None: none."""
        if order.is_open and order.stage is not Stage.EFFECTIVE:
            return self.under_way
        if ENDED in order.facts and context.main.process is None:
            return Held.ENDED if context.newest_event(now) <= order.steps[-1].at + SHOWN_S else None
        if order.stage is not Stage.EFFECTIVE:
            return None
        if self.done_shown_s is not None and not 0 <= now - order.steps[-1].at < self.done_shown_s:
            return None
        return self.done

    def held_in_log(self, *, is_effective: bool, age: float) -> Held | None:
        """The state that the newest audit log entry of an order, `age` seconds old, gives its lane; None: none."""
        if not is_effective:
            return self.under_way
        return self.done if self.done_shown_s is None or age < self.done_shown_s else None

    def progress(self, order: Order, lane: Lane) -> str:
        """The progress of an order in words, if more is known than its newest step says; else empty."""
        del order, lane
        return ""

    @abstractmethod
    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """The text about an open order for which nobody waits, and how to undo it. `clock` writes a time as text."""


def ended_refusal(context: VerbContext) -> str:
    """The reason why no verb can act on this lane because it has ended; empty if it has not."""
    from tui.model.snapshot import LaneState

    done = context.lane.agent_id is not None and context.lane.state is LaneState.ENDED
    return "already ended" if context.is_over or done else ""
