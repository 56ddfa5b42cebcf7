"""Lanes, actions and lines of work with all facts about them, and sums over their model calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tui.judge.actions import ActionShape, similarity
from tui.ledger.calls import CallRecord
from tui.ledger.lane import LaneLedger, ModelTotal
from tui.model.event import Origin, PlanItem
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family
from tui.model.snapshot import Action, Fleet, Lane
from tui.model.usage import ZERO, Usage
from tui.report.document import Figures, tokens_of
from tui.report.facts import ActionFacts, Facts, LaneFacts, Place

# -- sums over model calls --------------------------------------------------------------------------


class Costs(Protocol):
    """Computes the cost of a sum: see `fleet.costs.ModelCosts`."""

    def cost(self, model: str | None, total: ModelTotal) -> float | None:
        """US dollars of what a model used; None if unknown."""
        ...

    def is_long(self, model: str | None, usage: Usage) -> bool:
        """Whether a call's prompt is so long that its model charges another price."""
        ...


class Sum:
    """Usage by model."""

    __slots__ = ("models",)

    def __init__(self, parts: Iterable[Sum] = ()) -> None:
        self.models: dict[str | None, ModelTotal] = {}
        for part in parts:
            self.merge(part)

    def add(self, call: CallRecord, costs: Costs) -> None:
        """Adds one call."""
        total = self._of(call.model)
        total.add(call.usage, long=costs.is_long(call.model, call.usage))
        total.calls += 1

    def merge(self, other: Sum) -> None:
        """Adds another sum."""
        for model, part in other.models.items():
            total = self._of(model)
            total.usage += part.usage
            total.long += part.long
            total.calls += part.calls

    @property
    def usage(self) -> Usage:
        """The usage of all models."""
        usage = ZERO
        for total in self.models.values():
            usage += total.usage
        return usage

    @property
    def tokens(self) -> int:
        """The tokens of all models and classes."""
        return sum(total.usage.total for total in self.models.values())

    @property
    def calls(self) -> int:
        """Model calls."""
        return sum(total.calls for total in self.models.values())

    def by_tokens(self) -> list[str | None]:
        """The models, the most used first."""
        return sorted(self.models, key=lambda model: -self.models[model].usage.total)

    def cost(self, costs: Costs) -> float | None:
        """US dollars at list price; None if one of the models has no known price."""
        cost = 0.0
        for model, total in self.models.items():
            part = costs.cost(model, total)
            if part is None:
                return None
            cost += part
        return cost

    def priced_usd(self, costs: Costs) -> float:
        """US dollars of the models with a known price."""
        return sum(costs.cost(model, total) or 0.0 for model, total in self.models.items())

    def figures(
        self,
        costs: Costs,
        *,
        tool_calls: int = 0,
        errors: int = 0,
        start: float | None = None,
        end: float | None = None,
    ) -> Figures:
        """The sum in the form of the document."""
        cost = self.cost(costs)
        parts = int(bool(self.models))
        return Figures(
            tokens_of(self.usage), cost, self.calls, tool_calls, errors, start, end, priced_usd=self.priced_usd(costs),
            priced=parts if cost is not None else 0, parts=parts,
        )  # fmt: skip

    def _of(self, model: str | None) -> ModelTotal:
        total = self.models.get(model)
        if total is None:
            total = self.models[model] = ModelTotal()
        return total


def own_calls(ledger: LaneLedger, since: float | None, until: float | None) -> Iterator[CallRecord]:
    """The calls that the lane owns from `since` to `until` (seconds UTC; None: no bound).

    A call without a time is within a window only if the window has no bound.
    """
    first = float("-inf") if since is None else since
    last = float("inf") if until is None else until
    whole = since is None and until is None
    for call in ledger.calls:
        if call.owner is not ledger or call.free:
            continue
        if whole if call.at is None else first <= call.at <= last:
            yield call


# -- lanes, actions, lines of work ------------------------------------------------------------------

COMPARED = 3
"""An action is compared by shape with this many actions before it in its line of work."""

_DONE = frozenset(("completed", "done", "cancelled", "canceled", "deleted"))


@dataclass(slots=True)
class ActionActivity:
    """One action: the ledger's account, its facts, the judge's shape, and its calls."""

    lane: LaneActivity
    action: Action
    facts: ActionFacts
    shape: ActionShape | None
    sum: Sum = field(default_factory=Sum)
    likeness: float | None = None
    family: Family | None = None
    place: int = 0
    """Its place in its family, from 1; 0 if it is in none."""
    family_novelty: float | None = None
    acknowledges: bool = False
    """True if one of its model calls wrote only an acknowledgement."""

    @property
    def name(self) -> str:
        """Its name in the ledger, never empty."""
        return self.action.name or "(no prompt)"

    @property
    def start(self) -> float | None:
        """The time of its first event within the window."""
        return self.action.started if self.facts.start is None and not self.facts.extent.odd else self.facts.start

    @property
    def end(self) -> float | None:
        """The time of its last event within the window."""
        return self.action.last_event if self.facts.end is None and not self.facts.extent.odd else self.facts.end

    @property
    def steps(self) -> int:
        """Calls with their results."""
        return self.shape.steps if self.shape is not None else 0

    @property
    def novelty(self) -> float | None:
        """Mean novelty of its steps, 0 to 1; None without a step."""
        return self.shape.novelty if self.shape is not None and self.shape.steps else None

    def evidence(self, place: Place | None = None, text: str = "") -> Evidence:
        """A place in the lane's transcript; without one, the action's prompt."""
        if place is None:
            return Evidence(text or self.action.title, self.start, self.lane.lane.path, self.action.offset)
        return self.lane.evidence(place, text)

    def figures(self, costs: Costs) -> Figures:
        """Its figures."""
        facts = self.facts
        return self.sum.figures(costs, tool_calls=facts.tool_calls, errors=facts.errors, start=self.start, end=self.end)


@dataclass(slots=True)
class LaneActivity:
    """One lane with its actions, within the window."""

    lane: Lane
    ledger: LaneLedger
    facts: LaneFacts
    actions: list[ActionActivity] = field(default_factory=list["ActionActivity"])
    sum: Sum = field(default_factory=Sum)

    @property
    def undone(self) -> list[PlanItem]:
        """The items of its plan that are not done."""
        return [item for item in self.ledger.plan if item.status.lower() not in _DONE]

    def evidence(self, place: Place, text: str = "") -> Evidence:
        """A place in its transcript."""
        return Evidence(text or place.text, place.at, self.lane.path, place.offset)

    def figures(self, costs: Costs) -> Figures:
        """Its figures."""
        return self.sum.figures(
            costs,
            tool_calls=sum(action.facts.tool_calls for action in self.actions),
            errors=sum(action.facts.errors for action in self.actions),
            start=self.facts.start,
            end=self.facts.end,
        )


@dataclass(slots=True)
class LineActivity:
    """One line of work: its lanes, and their actions in time order."""

    name: str
    agent: str
    lanes: list[LaneActivity]
    actions: list[ActionActivity]
    sum: Sum

    def figures(self, costs: Costs) -> Figures:
        """The figures of all its lanes."""
        return together([lane.figures(costs) for lane in self.lanes])


def together(parts: Sequence[Figures]) -> Figures:
    """The sum of several figures; the exact cost is unknown if one of them is."""
    if not parts:
        return Figures()
    usage = parts[0].usage
    for part in parts[1:]:
        usage += part.usage
    costs = [part.cost_usd for part in parts]
    return Figures(
        usage, None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None),
        sum(part.calls for part in parts), sum(part.tool_calls for part in parts), sum(part.errors for part in parts),
        min((part.start for part in parts if part.start is not None), default=None),
        max((part.end for part in parts if part.end is not None), default=None),
        priced_usd=sum(part.priced_usd for part in parts), priced=sum(part.priced for part in parts),
        parts=sum(part.parts for part in parts),
    )  # fmt: skip


def lanes_of(
    fleet: Fleet,
    ledger_of: Callable[[LaneId], LaneLedger | None],
    facts: Facts,
    costs: Costs,
    since: float | None,
    until: float | None,
) -> list[LaneActivity]:
    """Every lane with an event within the window, in the order of the fleet."""
    found: list[LaneActivity] = []
    for lane in fleet.lanes:
        ledger = ledger_of(lane.id)
        heard = facts.of(ledger) if ledger is not None else None
        if ledger is None or heard is None:
            continue
        work = _lane_work(lane, ledger, heard, costs, since, until)
        if work.facts.start is not None or work.sum.calls:
            found.append(work)
    _drop_copies(found)
    _join_families(found, fleet.families)
    return found


def _drop_copies(lanes: Sequence[LaneActivity]) -> None:
    """Removes copied actions: a resumed or forked session begins with a copy of its history.

    An action belongs to the lane that owns its calls. A copy has the time and the title of another lane's action, and
    no call of its own.
    """
    paid: dict[tuple[float, str], ActionActivity] = {}
    for lane in lanes:
        for action in lane.actions:
            if action.action.started is not None:
                key = (action.action.started, action.action.title)
                known = paid.get(key)
                if known is None or (not known.sum.calls and action.sum.calls):
                    paid[key] = action
    for lane in lanes:
        if not lane.lane.inherited.total:
            continue
        lane.actions = [
            action
            for action in lane.actions
            if action.sum.calls
            or action.action.started is None
            or paid[action.action.started, action.action.title] is action
        ]


def _lane_work(
    lane: Lane, ledger: LaneLedger, facts: LaneFacts, costs: Costs, since: float | None, until: float | None
) -> LaneActivity:
    work = LaneActivity(lane, ledger, facts)
    acknowledging = {ack.action for ack in facts.acks.found}
    sums: dict[int, Sum] = {}
    for call in own_calls(ledger, since, until):
        sums.setdefault(call.action, Sum()).add(call, costs)
    for action in ledger.actions.newest(len(ledger.actions)):
        mine = facts.actions.get(action.index)
        spent = sums.pop(action.index, None)
        if mine is None and spent is None:
            continue
        if mine is None and action.origin is Origin.UNKNOWN and not action.calls and not action.usage.total:
            continue
        made = ActionActivity(work, action, mine or ActionFacts(), facts.shape(action.offset), spent or Sum())
        made.acknowledges = action.index in acknowledging
        work.actions.append(made)
    work.sum = Sum([*(action.sum for action in work.actions), *sums.values()])
    return work


def _join_families(lanes: Sequence[LaneActivity], families: Iterable[Family]) -> None:
    """Notes for each action its family and its place in it."""
    by_place = {(work.lane.id, action.action.offset): action for work in lanes for action in work.actions}
    for family in families:
        first = family.count - len(family.members)  # the oldest may not be listed
        for index, member in enumerate(family.members):
            action = by_place.get((member.lane, member.offset))
            if action is None or action.family is not None:
                continue
            action.family, action.place, action.family_novelty = family, first + index + 1, member.novelty


def runs_of(lanes: Sequence[LaneActivity]) -> list[LineActivity]:
    """Lines of work, the one with most tokens first: sessions of an agent in a folder, or subagents of one root.

    The judge looks for families within the same groups.
    """
    by_id = {work.lane.id: work for work in lanes}
    groups: dict[tuple[str, str, str], list[LaneActivity]] = {}
    for work in lanes:
        groups.setdefault(_key(work, by_id), []).append(work)
    runs = [_run(key, members) for key, members in groups.items()]
    runs.sort(key=lambda run: (-run.sum.tokens, run.name))
    return runs


def _key(work: LaneActivity, by_id: dict[LaneId, LaneActivity]) -> tuple[str, str, str]:
    lane = work.lane
    if lane.parent is not None and lane.parent in by_id:
        return ("tree", str(_root(work, by_id).lane.id), "")
    return ("folder", lane.agent, lane.cwd) if lane.cwd else ("file", lane.agent, lane.path)


def _root(work: LaneActivity, by_id: dict[LaneId, LaneActivity]) -> LaneActivity:
    for _ in range(len(by_id)):
        above = by_id.get(work.lane.parent) if work.lane.parent is not None else None
        if above is None:
            break
        work = above
    return work


def _run(key: tuple[str, str, str], lanes: list[LaneActivity]) -> LineActivity:
    actions = [action for work in lanes for action in work.actions]
    actions.sort(key=lambda one: (one.start if one.start is not None else float("inf"), one.action.index))
    agents = sorted({work.lane.agent for work in lanes})
    who = " + ".join(agents)
    if key[0] == "tree":
        name = f"{who} below {key[1]}"
    else:
        name = f"{who} in {lanes[0].lane.project}" if lanes[0].lane.project else str(lanes[0].lane.id)
    run = LineActivity(name, who, lanes, actions, Sum(work.sum for work in lanes))
    _compare(actions)
    return run


def _compare(actions: Sequence[ActionActivity]) -> None:
    """Computes the likeness of each action to the most similar of those just before it."""
    before: list[ActionShape] = []
    for action in actions:
        shape = action.shape
        if shape is None or not shape.steps:
            continue
        if before:
            action.likeness = max(similarity(one, shape) for one in before[-COMPARED:])
        before.append(shape)
