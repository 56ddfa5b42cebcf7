"""Hands that also act by policy: by the gate alone, at a stated pace, and every act names its rule in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from tui.control import audit
from tui.control.audit import DRY_RUN, Entry
from tui.control.closing import effect_of, length_words
from tui.control.folder import FolderError
from tui.control.order_store import Case
from tui.control.service import Hands
from tui.fleet.policy import Done, Rules, Wanted, is_due, wanted
from tui.model.control import LaneControl, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Severity, Verb
from tui.model.snapshot import Fleet


def _never(finding: Finding) -> bool:
    """Nothing is muted."""
    del finding
    return False


class PolicedHands(Hands):
    """Looks, and then does what the rules want."""

    rules = Rules()
    closing_text = ""
    is_muted: Callable[[Finding], bool] = staticmethod(_never)

    @cached_property
    def _done(self) -> dict[tuple[LaneId, str], Done]:
        """What was acted on without an order that is kept: dry runs, and what was refused."""
        return {}

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """See `Hands.look`; the rules act on what was seen."""
        controls = super().look(fleet)
        if self.rules.is_on and not self.forbidden:
            for one in wanted(fleet, self.rules, self.is_muted):
                self._act_on(one, fleet)
        return controls

    def _act_on(self, one: Wanted, fleet: Fleet) -> None:
        case = self.given_for(one.lane, one.key)
        if case is not None and case.is_open:
            return
        done = self._done.get((one.lane, one.key)) if case is None else _done(case)
        if not is_due(one, done, self.rules, fleet.at):
            if case is not None:
                self._say_when(case, fleet.at)
            return
        self._done[one.lane, one.key] = Done(fleet.at, one.severity)
        plans = self.plans(one.verb, [one.lane], fleet, RouteKind.GATE)
        if one.verb is Verb.CLOSE:
            # Nobody is asked before its next step: see `closing`.
            bounds = replace(self._bounds, by_itself=True)
            plans = [replace(plan, effect=effect_of(plan.route, bounds)) if plan.route else plan for plan in plans]
        if self.rules.dry_run:
            self._write_down(one, plans[0].refused or plans[0].effect, fleet.at)
            return
        text = self.closing_text if one.verb is Verb.CLOSE else ""
        self.give(plans, fleet, text=text, reason=one.why, policy=one)

    def _say_when(self, case: Case, at: float) -> None:
        """Writes once, below an act that was taken back, when the same finding is acted on again."""
        if "ended" in case.facts:
            return
        words = "and the finding holds: the policy acts on it again if it grows graver"
        if self.rules.again_s:
            words += f", or after {length_words(self.rules.again_s)}"
        noted = case.noting("ended", str(case.order.steps[-1].at))
        self._keep(case, noted.stepped(at, case.order.stage, f"it goes on, {words}"))

    def _write_down(self, one: Wanted, words: str, at: float) -> None:
        entry = Entry(
            at, one.rule, one.verb.value, one.lane, f"dry-{one.lane}-{one.key}-{at:.0f}", DRY_RUN,
            RouteKind.GATE.value, f"would have: {words}", one.why, "", run_by=self._by,
        )  # fmt: skip
        try:
            self.folder.prepare()
            audit.append(self.folder, entry)
        except FolderError as error:
            self.trouble = str(error)


def _done(case: Case) -> Done:
    """What an order that has ended says of the last act: its pace begins when it was taken back."""
    ended = case.facts.get("ended")
    return Done(float(ended) if ended else case.order.steps[-1].at, Severity(case.facts.get("severity", "stop")))
