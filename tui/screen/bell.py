"""The terminal's bell: rings for new needs of lanes and new findings, and never in a burst."""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.findings.registry import spec_of
from tui.model.evidence import LaneId
from tui.model.finding import Severity
from tui.model.snapshot import Fleet, LaneState
from tui.view.findings import ListedFinding

APART_S = 10.0
"""Minimum seconds between two rings. For something new in between, the bell rings after that time if it still holds."""


class Bell:
    """Rings for a lane that begins to need a person and for a finding of severity stop, but not for those of the start.

    Findings of the start may be found later: in lanes that were not judged then.

    Called at every frame. The entries say whether a finding is muted.
    """

    def __init__(self, *, needs: bool = True, findings: bool = True) -> None:
        """`needs`, `findings`: True if the bell rings for these at all."""
        self._needs = needs
        self._findings = findings
        self._known: frozenset[str] | None = None
        self._due: frozenset[str] = frozenset()
        self._rang: float | None = None
        self._began = 0.0
        """The time of the first fleet in seconds UTC."""
        self._unjudged: frozenset[LaneId] = frozenset()
        """The lanes that were not judged in the last fleet, while lanes are judged later."""

    def rings(self, fleet: Fleet, entries: Sequence[ListedFinding], now: float) -> bool:
        """True if the bell must ring at `now`, in seconds of a monotonic clock."""
        calling = self._calling(fleet, entries)
        found_late = self._found_late(entries)
        complete = fleet.judging.complete
        self._unjudged = frozenset() if complete else frozenset(lane.id for lane in fleet.lanes if not lane.judged)
        if self._known is None or not fleet.scan.complete:
            self._began = self._began or fleet.at
            self._known = calling
            return False
        self._due = (self._due | (calling - self._known - found_late)) & calling
        self._known = calling
        if not self._due or (self._rang is not None and now - self._rang < APART_S):
            return False
        self._due = frozenset()
        self._rang = now
        return True

    def _found_late(self, entries: Sequence[ListedFinding]) -> frozenset[str]:
        """The findings that held at the start, in lanes that were judged since the last fleet or with their actions."""
        if not self._unjudged:
            return frozenset()
        return frozenset(
            _name(entry)
            for entry in entries
            if (entry.finding.lane in self._unjudged or entry.finding.family is not None)
            and (entry.finding.since or 0.0) < self._began
        )

    def _calling(self, fleet: Fleet, entries: Sequence[ListedFinding]) -> frozenset[str]:
        calling: set[str] = set()
        if self._needs:
            calling.update(f"lane {lane.id}" for lane in fleet.lanes if lane.state is LaneState.NEEDS_INPUT)
        if self._findings:
            calling.update(_name(entry) for entry in entries if _calls(entry))
        return frozenset(calling)


def _name(entry: ListedFinding) -> str:
    return f"finding {entry.finding.lane} {entry.finding.key}"


def _calls(entry: ListedFinding) -> bool:
    """True if the bell rings for the finding.

    If the lane's state shows the finding, the bell rings for the state instead.
    """
    finding = entry.finding
    return entry.is_heard and finding.severity is Severity.STOP and not spec_of(finding.kind).is_told_by_state
