"""Orders that a policy gives: by the gate only, as often as its rules allow, each with its rule in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.control import audit
from tui.control.audit import DRY_RUN, AuditRecord
from tui.control.bounds import length_words
from tui.control.folder import FolderError
from tui.control.verbs.base import TextSource
from tui.control.verbs.registry import spec_of
from tui.fleet.policy import Done, Rules, Wanted, is_due, wanted
from tui.model.control import Order, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Severity
from tui.model.snapshot import Fleet

if TYPE_CHECKING:
    from tui.control.service import ControlService, Policy


class Policies:
    """Several policies, which act one after the other: see `service.Policy`."""

    def __init__(self, *policies: Policy) -> None:
        self._policies = policies

    def act(self, service: ControlService, fleet: Fleet) -> None:
        """Gives the orders that are due."""
        for policy in self._policies:
            policy.act(service, fleet)


class PolicyRunner:
    """Gives the orders that the rules require: see `service.Policy`.

    `closing_text` is the text of a close. Findings for which `is_muted` returns True are ignored.
    """

    def __init__(self, rules: Rules, closing_text: str, is_muted: Callable[[Finding], bool]) -> None:
        self._rules = rules
        self._closing_text = closing_text
        self._is_muted = is_muted
        self._done: dict[tuple[LaneId, str], Done] = {}
        """Acts for which no order is stored: dry runs and refused orders."""

    def act(self, service: ControlService, fleet: Fleet) -> None:
        """Gives the orders that are due."""
        if self._rules.is_on and not service.forbidden:
            for one in wanted(fleet, self._rules, self._is_muted):
                self._act_on(one, service, fleet)

    def _act_on(self, one: Wanted, service: ControlService, fleet: Fleet) -> None:
        order = service.newest_by_policy(one.lane, one.key)
        if order is not None and order.is_open:
            return
        done = self._done.get((one.lane, one.key)) if order is None else _done(order)
        if not is_due(one, done, self._rules, fleet.at):
            if order is not None:
                self._say_when(order, service, fleet.at)
            return
        self._done[one.lane, one.key] = Done(fleet.at, one.severity)
        plans = service.plans(one.verb, [one.lane], fleet, RouteKind.GATE, asks_nobody=True)
        if self._rules.dry_run:
            write_down(one, plans[0].refused or plans[0].effect, service, fleet.at)
            return
        text = self._closing_text if spec_of(one.verb).text is TextSource.TEMPLATE else ""
        service.give(plans, fleet, text=text, reason=one.why, policy=one)

    def _say_when(self, order: Order, service: ControlService, at: float) -> None:
        """Writes one step after a pause or close was undone: when the policy may act on the same finding again."""
        if "ended" in order.facts:
            return
        words = "and the finding holds: the policy acts on it again if it becomes more severe"
        if self._rules.again_s:
            words += f", or after {length_words(self._rules.again_s)}"
        noted = order.noting("ended", str(order.steps[-1].at))
        service.keep(order, noted.stepped(at, order.stage, f"it continues, {words}"))


def write_down(one: Wanted, words: str, service: ControlService, at: float) -> None:
    """Writes to the audit log what a policy that only says so would have done."""
    entry = AuditRecord(
        at, one.rule, one.verb.value, one.lane, f"dry-{one.lane}-{one.key}-{at:.0f}", DRY_RUN,
        RouteKind.GATE.value, f"would have: {words}", one.why, "", run_by=service.by,
    )  # fmt: skip
    try:
        service.folder.prepare()
        audit.append(service.folder, entry)
    except FolderError as error:
        service.trouble = str(error)


def _done(order: Order) -> Done:
    """The time and severity of the last act, from its order. Waiting times begin when the act was undone."""
    ended = order.facts.get("ended")
    return Done(float(ended) if ended else order.steps[-1].at, Severity(order.facts.get("severity", "stop")))
