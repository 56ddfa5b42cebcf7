"""Answer: a person's answer to one request that a lane waits for, exactly as it was shown.

By the gate the answer goes to the hook that waits beside the client's own dialog; by a daemon to its socket. The first
answer counts: the person at the pane can always answer. An answer holds for one request only, and only a person can
give it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from tui.control.refused import Refused
from tui.control.verbs.base import KeyBinding, Option, VerbSpec, VerbTools
from tui.model.control import Order, Plan, RouteKind, Stage
from tui.model.finding import Verb
from tui.model.pending import (
    Answer,
    Decision,
    PendingRequest,
    answer_mistake,
    chosen_labels,
)
from tui.text.own_text import own

if TYPE_CHECKING:
    from tui.control.bounds import Bounds
    from tui.control.context import VerbContext
    from tui.model.snapshot import Fleet

UNCONFIRMED_S = 5.0
"""After this many seconds, an answer that was not seen to be taken is unconfirmed."""
GIVEN_UP_S = 60.0
"""After this many seconds, an unconfirmed answer stays unconfirmed."""
NOTED_S = 1.0
"""Seconds in which a hook that has read an answer, and has removed its files, notes what it did."""
UNCONFIRMED = "unconfirmed: neither its transcript nor its client says that it was taken"
REQUEST, HASH = "request", "hash"
NO_REQUEST = "no request of it can be answered from here: `o` goes to its pane"
_REFUSALS = (Decision.DENY, Decision.REFUSE_PLAN)


class AnswerVerb(VerbSpec):
    """Phases: `given`, then `taken` after the other side has received it."""

    verb = Verb.declare("answer")
    place = 45
    title = own("answer")
    doing = own("answering")
    summary = "Answer a permission, a question or a plan"
    description = (
        "Answer one request that a lane waits for: allow it once, deny it with a reason, choose among the options of "
        "its questions, approve or refuse its plan. Without a decision it prints what waits, each request with its id. "
        "What is answered is what was printed: give its id with --request. On a terminal it prints the request and "
        "asks."
    )
    counterfactual = own("answered from here, if its client had asked")
    examples = (
        ("7d90c18f", "print what it asks"),
        ("7d90c18f --allow --request 3f2a", "allow that request once"),
    )
    key = KeyBinding("A", "Answer what the lane asks", "answer")
    effects: ClassVar[Mapping[RouteKind, str]] = {
        RouteKind.GATE: "answers it in place of the dialog in its pane; this once",
        RouteKind.API: "answers it by its daemon; this once",
    }
    options = (
        Option("--request", "the id of the request, as `answer LANE` or `lanes --json` prints it", metavar="ID"),
        Option("--allow", "allow what it asks for, this once", "nothing"),
        Option("--deny", "do not allow it, and tell the agent why", metavar="TEXT"),
        Option("--choose", "the option of a question by its number, or several: 1,3; once for each question, in order",
               metavar="N", repeats=True),
        Option("--approve-plan", "approve the plan as it was shown", "nothing"),
        Option("--refuse-plan", "refuse the plan, and tell the agent why", metavar="TEXT"),
    )  # fmt: skip
    shown_options = "--allow --deny --choose"
    deadline_s = UNCONFIRMED_S
    wait_s = 10.0
    always_waits = True
    includes_subagents = False
    only_by_person = True
    is_for_one_request = True

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
        """See `VerbSpec.plan`. `Plan.requests` holds the requests that can be answered by the route."""
        from tui.control.attached import watchers_of

        by_route = {kind: self._answerable(context, kind) for kind in self.effects}
        choices = tuple(kind for kind, found in by_route.items() if found)
        taken = route if route is not None else next(iter(choices), None)
        watchers = watchers_of(context)
        refused = context.recording
        if not refused and (taken is None or taken not in choices):
            refused = _unanswerable(context)
        if not refused:
            refused = _attached_refusal(watchers.words, bounds) if watchers.somebody else ""
        if refused or taken is None:
            return Plan(
                self.verb, context.lane.id, None, choices, "", refused=refused or NO_REQUEST, asked=route,
                watchers=watchers.words,
            )  # fmt: skip
        return Plan(
            self.verb, context.lane.id, taken, choices, self.effects[taken], asked=route, requests=by_route[taken],
            warning=f"{watchers.words}: the next question may come under their fingers" if watchers.somebody else "",
            watchers=watchers.words,
        )  # fmt: skip

    @staticmethod
    def _answerable(context: VerbContext, kind: RouteKind) -> tuple[PendingRequest, ...]:
        if context.recording:
            return ()
        found = context.drivers[kind].pending(context.lane, context.main, context.around)
        return tuple(request for request in found if request.is_answerable)

    def order_text(self, plan: Plan, text: str, options: Mapping[str, str]) -> str:
        """The whole text of what is allowed or refused, for the audit log."""
        request = next((one for one in plan.requests if one.id == options.get(REQUEST)), None)
        answer = answer_from(options)
        if request is None or answer is None or answer_mistake(request, answer):
            return ""
        return recorded(request, answer)

    # -- orders -----------------------------------------------------------------------------------

    def begin(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.begin`. Looks again at the waiting requests: only the request that was shown is answered."""
        from dataclasses import replace

        from tui.control.attached import watchers_of
        from tui.control.routes.asked import CHANGED, GONE, calls_of

        now = replace(context, around=tools.routes.look())
        driver = tools.routes[order.route]
        found = driver.pending(now.lane, now.main, now.around)
        request = next((one for one in found if one.id and one.id == order.option(REQUEST)), None)
        if request is None:
            raise Refused(GONE)
        if request.hash != order.option(HASH):
            raise Refused(CHANGED)
        if request.unanswerable:
            raise Refused(request.unanswerable)
        answer = answer_from(_options(order))
        if answer is None:
            raise Refused("say what the answer is")
        if mistake := answer_mistake(request, answer):
            raise Refused(mistake)
        watchers = watchers_of(now)
        if watchers.somebody and (why := _attached_refusal(watchers.words, tools.bounds)):
            raise Refused(why)
        calls = calls_of(tools.folder, request.id) or ((request.call,) if request.call else ())
        noted = order.noting("calls", " ".join(calls)).noting("refuses", str(answer.decision in _REFUSALS))
        words = driver.answer(now.main, request, answer, order.id)
        done = noted.in_phase("given", context.now)
        return done.stepped(context.now, Stage.ACKNOWLEDGED, words) if words else done

    def peek(self, order: Order, context: VerbContext, tools: VerbTools) -> Order:
        """See `VerbSpec.peek`."""
        from tui.control.answer_proof import Outcome, outcome_in

        if order.route is RouteKind.GATE:
            order = self._heard(order, context.now, tools)
            if not order.is_open:
                return order
        outcome, words = outcome_in(order, context)
        if outcome is Outcome.TAKEN:
            return order.stepped(context.now, Stage.EFFECTIVE, words).ended()
        if outcome is Outcome.ELSEWHERE:
            return order.stepped(context.now, Stage.EXPIRED, words).ended()
        age = context.now - order.at
        if age > GIVEN_UP_S:
            return order.stepped(context.now, Stage.OVERDUE, UNCONFIRMED).ended()
        if age > UNCONFIRMED_S and order.stage is not Stage.OVERDUE:
            return order.stepped(context.now, Stage.OVERDUE, UNCONFIRMED)
        return order

    @staticmethod
    def _heard(order: Order, now: float, tools: VerbTools) -> Order:
        """The order with the statements of the waiting hook about its answer."""
        from tui.control.routes.asked import GONE, has_answer, is_asked
        from tui.control.routes.gate_client import acks_of

        if Stage.ACKNOWLEDGED in order.has:
            return order
        ack = next((one for one in acks_of(tools.folder, order.id) if one.did in ("printed", "refused", "over")), None)
        if ack is None:
            nonce = order.option(REQUEST) or ""
            waits = is_asked(tools.folder, nonce) or has_answer(tools.folder, nonce)
            if not waits and now - order.at > NOTED_S:
                return order.stepped(now, Stage.EXPIRED, f"not taken: {GONE}").ended()
            return order
        if ack.did == "printed":
            return order.stepped(ack.at, Stage.ACKNOWLEDGED, "its hook has given the answer to the client")
        if ack.did == "over":
            return order.stepped(ack.at, Stage.EXPIRED, f"too late: {ack.why}").ended()
        return order.stepped(ack.at, Stage.REFUSED, f"its hook refused the answer: {ack.why}").ended()

    def can_be_undone(self, order: Order) -> bool:
        """Always False: an answer cannot be undone."""
        return False

    def client_ended(self, order: Order, at: float, pid: str) -> Order:
        """See `VerbSpec.client_ended`."""
        return order.stepped(at, Stage.EXPIRED, f"process {pid} ended before the answer was seen to be taken").ended()

    def standing(self, order: Order, clock: Callable[[float], str]) -> str:
        """See `VerbSpec.standing`."""
        return f"was given the answer at {clock(order.at)}; {UNCONFIRMED}"


def answer_from(options: Mapping[str, str]) -> Answer | None:
    """The answer that the verb's options state; None if they state none, or more than one."""
    found = [answer for name in Decision if (answer := _stated(name, options.get(name.value))) is not None]
    return found[0] if len(found) == 1 else None


def options_of(request: PendingRequest, answer: Answer) -> dict[str, str]:
    """The verb's options for an answer to the request as it was shown: the inverse of `answer_from`."""
    value = answer.text if answer.decision in _REFUSALS else "true"
    if answer.decision is Decision.CHOOSE:
        value = ";".join(",".join(map(str, numbers)) for numbers in answer.chosen)
    return {REQUEST: request.id, HASH: request.hash, answer.decision.value: value}


def recorded(request: PendingRequest, answer: Answer) -> str:
    """The request and its answer for the audit log, with secrets masked."""
    from tui.text.secrets.find import mask_secrets

    decided = answer.decision.value.replace("_", " ")
    lines = [f"{decided}: {request.tool} ({request.hash})", request.text]
    if answer.decision is Decision.CHOOSE:
        asked = {question.key: question.text for question in request.questions}
        chosen = chosen_labels(request, answer)
        # What was chosen comes first: a list of orders shows the beginning alone.
        labels = ", ".join(label for each in chosen.values() for label in each)
        lines[0] = f"chose {labels}: {request.tool} ({request.hash})"
        lines += [f"{asked[key]} -> {', '.join(each)}" for key, each in chosen.items()]
    lines += [f"{name}: {value}" for name, value in request.details]
    if answer.text:
        lines.append(f"told: {answer.text}")
    return mask_secrets("\n".join(lines))


def answered_words(order: Order) -> str:
    """The answer of an order without its request: `chose 23:45`, `allow`. See `recorded`."""
    return order.text.split("\n", 1)[0].rsplit(": ", 1)[0]


def _stated(decision: Decision, value: str | None) -> Answer | None:
    if value is None:
        return None
    if decision in _REFUSALS:
        return Answer(decision, value)
    if decision is not Decision.CHOOSE:
        return Answer(decision)
    try:
        return Answer(decision, chosen=tuple(tuple(map(int, one.split(","))) for one in value.split(";")))
    except ValueError:
        return None


def _options(order: Order) -> dict[str, str]:
    return {name: value for name in Decision if (value := order.option(name.value)) is not None}


def _attached_refusal(words: str, bounds: Bounds) -> str:
    if bounds.answer_attached:
        return ""
    return f"{words}: the next question could come under their fingers (answer_attached in [control] allows it)"


def _unanswerable(context: VerbContext) -> str:
    """The short reason why no request of the lane can be answered from here."""
    from tui.model.snapshot import LaneState

    stated = next((request.unanswerable for request in context.pending if request.unanswerable), "")
    if stated:
        return f"{stated}: `o` goes to its pane"
    if context.lane.state is not LaneState.NEEDS_INPUT and not context.lane.pending:
        return "it waits for no answer"
    if context.in_daemon:
        return "its daemon has no open request of it: `o` goes to its pane"
    gate = next((route for route in context.routes if route.kind is RouteKind.GATE), None)
    if gate is not None and gate.is_open:
        return "its client did not ask through the gate, or that hook has ended: `o` goes to its pane"
    why = f" ({gate.why})" if gate is not None else ""
    return f"its client asks nobody but its pane{why}: `o` goes there"


SPEC = AnswerVerb()
