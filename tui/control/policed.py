"""Hands that also act by policy: by the gate alone, once for each reason, and every act names its rule in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.control import audit
from tui.control.audit import Entry
from tui.control.folder import FolderError
from tui.control.hands import Hands
from tui.engine.policy import Rules, Wanted, wanted
from tui.model.control import LaneControl, RouteKind
from tui.model.evidence import LaneId
from tui.model.finding import Finding, Verb
from tui.model.snapshot import Fleet

DRY_RUN = "dry run"
"""The stage of an act that was only written down."""


def _never(finding: Finding) -> bool:
    """Nothing is muted."""
    del finding
    return False


class PolicedHands(Hands):
    """Looks, and then does what the rules want."""

    rules = Rules()
    closing_text = ""
    is_muted: Callable[[Finding], bool] = staticmethod(_never)

    def look(self, fleet: Fleet) -> Mapping[LaneId, LaneControl]:
        """See `Hands.look`; the rules act on what was seen."""
        controls = super().look(fleet)
        if self.rules.is_on and not self.forbidden:
            for one in wanted(fleet, self.rules, self.is_muted):
                self._act_on(one, fleet)
        return controls

    def _act_on(self, one: Wanted, fleet: Fleet) -> None:
        if (one.lane, one.key) in self.policed or self.was_given(one.lane, one.key):
            return
        self.policed.add((one.lane, one.key))
        plans = self.plans(one.verb, [one.lane], fleet, RouteKind.GATE)
        if self.rules.dry_run:
            self._write_down(one, plans[0].refused or plans[0].effect, fleet.at)
            return
        text = self.closing_text if one.verb is Verb.CLOSE else ""
        self.give(plans, fleet, text=text, reason=one.rule, key=one.key)

    def _write_down(self, one: Wanted, words: str, at: float) -> None:
        entry = Entry(
            at, "policy (dry run)", one.verb.value, one.lane, f"dry-{one.lane}-{one.key}", DRY_RUN,
            RouteKind.GATE.value, f"would have: {words}", one.rule, "",
        )  # fmt: skip
        try:
            self.folder.prepare()
            audit.append(self.folder, entry)
        except FolderError as error:
            self.trouble = str(error)
