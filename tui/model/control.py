"""Control as values: routes to a lane, plans, orders with their steps, and the resulting state. All texts are raw."""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum

from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.model.open_enum import OpenEnum
from tui.model.pending import PendingRequest

OPTION = "option: "
"""The prefix of the name of an option in `Order.facts`."""


class RouteKind(OpenEnum):
    """The kind of route by which a verb reaches a lane, the strongest first."""

    GATE = "gate"
    """The hook that asks before each tool and each model call."""
    API = "api"
    """The agent's own interface, such as the socket of a daemon."""
    TMUX = "tmux"
    """Keys and text into the lane's own pane."""
    PROCESS = "process"
    """Signals to the lane's own process."""


@frozen
class Route:
    """One route to a lane. `why`: how lanewatch knows that it leads there or, if it is shut, what is missing."""

    kind: RouteKind
    is_open: bool
    why: str
    takes_text: bool = True
    """True if the model would read a text that is given by it now."""


class Stage(StrEnum):
    """The progress of an order."""

    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    """The other side has received it: the gate has read it, the daemon has answered, the pane shows it."""
    EFFECTIVE = "took effect"
    """Its effect was seen: a gate holds the lane, the text is in the transcript, the process has ended."""
    OVERDUE = "overdue"
    """Its deadline has passed without effect. It may still come; a stronger step is offered."""
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """Taken back by the operator before it took effect, or ended by a later order."""

    @property
    def is_final(self) -> bool:
        """True if it can have no further stage. A pause that took effect is not final: it lasts until it is resumed."""
        return self in (Stage.REFUSED, Stage.EXPIRED, Stage.WITHDRAWN)


@frozen
class OrderStep:
    """One thing that happened to an order at `at` (seconds UTC), with its evidence in words."""

    at: float
    stage: Stage
    route: RouteKind | None
    text: str


@frozen
class Asked:
    """The time of a request, on both clocks."""

    boot: str
    """The id of the start of the machine from which `uptime` counts."""
    uptime: float
    """Seconds since that start."""
    at: float
    """Seconds UTC."""


@frozen
class Order:
    """One verb on one lane: who asked for it and why, the lane at that time, and the steps since.

    Times are seconds UTC.
    """

    id: str
    verb: Verb
    lane: LaneId
    agent: str
    session: str
    agent_id: str | None
    """The subagent that it is for; None: the whole session."""
    route: RouteKind
    by: str
    at: float
    reason: str
    """The operator's words, the finding's key, or the rule of the policy."""
    text: str
    """The text that is delivered: a redirect, a closing template. Empty for other verbs."""
    deadline: float
    """The time after which it is overdue."""
    steps: tuple[OrderStep, ...]
    stronger: str = ""
    """The next stronger step in words, where there is one."""
    run_by: str = ""
    """For an order of a policy: the user, terminal and process of the lanewatch that gave it. Empty if `by` is a
    person."""
    closing_output: bool | None = None
    """For a close: whether the lane wrote its output before it ended. None: not known yet, or no close."""
    path: str = ""
    """The lane's transcript."""
    offset: int = 0
    """The transcript's size in bytes when the order was given."""
    tokens: int = 0
    """The tokens that the lane had used when the order was given."""
    pid: int | None = None
    """The client's process when the order was given; None: unknown."""
    start: str | None = None
    """That process's identity: see `process_table.identity`."""
    phase: str = ""
    """The present phase: a word that the verb's module defines."""
    phase_since: float = 0.0
    is_open: bool = True
    """True while something is still to be done or seen."""
    now: bool = False
    """True if the tool call that is about to begin is refused instead of carried out."""
    until: float | None = None
    """The time at which it ends by itself."""
    owner: tuple[int, str] | None = None
    """The lanewatch process that carries it out, by pid and start; None: the first one that takes it."""
    facts: dict[str, str] = field(default_factory=dict[str, str])
    """Facts that its verb keeps."""
    asked: Asked | None = None
    """The time at which it was given, with the uptime too, because the wall clock may be set."""

    @property
    def stage(self) -> Stage:
        """The stage of the newest step."""
        return self.steps[-1].stage if self.steps else Stage.REQUESTED

    @property
    def has(self) -> frozenset[Stage]:
        """The stages that it has reached."""
        return frozenset(step.stage for step in self.steps)

    def stepped(self, at: float, stage: Stage, text: str, route: RouteKind | None = None) -> Order:
        """The order with one more step."""
        return replace(self, steps=(*self.steps, OrderStep(at, stage, route or self.route, text)))

    def in_phase(self, phase: str, at: float) -> Order:
        """The order in another phase, which begins at `at`."""
        return replace(self, phase=phase, phase_since=at)

    def ended(self) -> Order:
        """The order as an ended one, for which nothing more is done."""
        return replace(self, is_open=False, stronger="")

    def offering(self, stronger: str) -> Order:
        """The order with the next stronger step in words."""
        return self if self.stronger == stronger else replace(self, stronger=stronger)

    def option(self, name: str) -> str | None:
        """The value of an option of the verb as given on the command line; None if it was not given."""
        return self.facts.get(f"{OPTION}{name}")

    def noting(self, name: str, value: str) -> Order:
        """The order with one more fact."""
        return replace(self, facts={**self.facts, name: value})


class Held(OpenEnum):
    """The state that control has given a lane; shown as the lane's state while it lasts."""

    PAUSING = "pausing"
    PAUSED = "paused"
    REDIRECTING = "redirecting"
    CLOSING = "closing"
    CLOSED = "closed"
    ENDED = "ended"
    """True if its client ended while it was held."""


@frozen
class LaneControl:
    """Control of one lane at one time: its routes, and the state of the newest order."""

    routes: tuple[Route, ...] = ()
    held: Held | None = None
    since: float | None = None
    words: str = ""
    """`waits for Bash, 40 s`, `held before the next model call`: the evidence for `held`, in one line.

    Without `held`: why an order that is open has no effect now.
    """
    overdue: bool = False
    order: str | None = None
    """The id of the order that led to `held`."""
    pending: tuple[PendingRequest, ...] = ()
    """The requests that wait for a person, as its client states them, the oldest first."""
    answered: tuple[tuple[str, str], ...] = ()
    """The ids of requests and of their calls that were answered from lanewatch and still wait, with the answers."""


FREE = LaneControl()


@frozen
class Plan:
    """The effect of an order on one lane, shown before the order is given. Nothing has happened yet."""

    verb: Verb
    lane: LaneId
    route: RouteKind | None
    """The route that is taken; None if there is none: `refused` says why."""
    choices: tuple[RouteKind, ...]
    """Every open route that can do it; the strongest safe one comes first."""
    effect: str
    """The effect in one line: `holds before its next tool or model call; nothing is lost`."""
    also: tuple[LaneId, ...] = ()
    """Other lanes that it acts on too, because the route cannot distinguish them or because they are below the lane."""
    warning: str = ""
    """The loss, or the work that keeps running in spite of the order, in words. Empty: none."""
    refused: str = ""
    offers_now: bool = False
    """True if a redirect may refuse the tool call that is about to begin."""
    asked: RouteKind | None = None
    """The route that was asked for by name, even if it is refused."""
    requests: tuple[PendingRequest, ...] = ()
    """For an answer: all requests that wait there and can be answered, the oldest first."""
    watchers: str = ""
    """For an answer: who could answer in the pane at the same time, in words."""

    def as_refused(self, why: str) -> Plan:
        """The plan, refused for this reason."""
        return replace(self, route=None, effect="", also=(), warning="", refused=why, asked=self.route)
