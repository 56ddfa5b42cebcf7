"""Flags, which highlight rows of the table: a mark, its severity, and the reason in a few words.

A lane has a flag only if it is repetitive beyond its limit, or if it has a finding of severity warn or stop that is not
muted. The flag of an ended lane stays with the sign and the word of its severity, but calls nobody any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.judge.findings.registry import spec_of
from tui.model.evidence import LaneId
from tui.model.finding import QUIET, Finding, FindingKind, Repetition, Severity
from tui.model.frozen import frozen
from tui.model.snapshot import Fleet, Lane, LaneState
from tui.text.safe_text import SafeText
from tui.text.styled_text import own
from tui.view.finding_text import FindingText
from tui.view.findings import ListedFinding

LOOP, LOOP_ASCII = own("↻"), own("@")


@frozen
class Flag:
    """The flag of a row.

    If something other than repetition raised it, `repetition` is quiet and `title` has the words.
    """

    severity: Severity
    """How much it matters now: info if its lane has ended."""
    repetition: Repetition = QUIET
    title: SafeText = own("")
    stated: Severity | None = None
    """The severity of the finding itself, if that is another one."""

    @property
    def shown(self) -> Severity:
        """The severity whose sign and word are shown, the same as in the list of findings and on the lane's page."""
        return self.stated or self.severity

    @property
    def is_loop(self) -> bool:
        """True if the lane's repetition raised it."""
        return self.repetition.severity is not None


def flag_role(severity: Severity) -> str:
    """The role of a flag.

    It is filled for a stop, bold for a warning, else plain, so that they also differ without colour.
    """
    if severity is Severity.STOP:
        return "pill.stop"
    return "loud.warn" if severity is Severity.WARN else "dim"


def flags_of(fleet: Fleet, entries: Sequence[ListedFinding]) -> dict[LaneId, Flag]:
    """The flags of all lanes that have one. `entries` are the fleet's findings."""
    heard: dict[LaneId, Finding] = {}
    silenced: set[LaneId] = set()
    for entry in entries:
        if entry.lane is None or not entry.finding.is_open:
            continue
        if entry.mute is not None and entry.finding.kind is FindingKind.REPETITION:
            silenced.add(entry.lane)
        if entry.mute is None and not spec_of(entry.finding.kind).is_told_by_state:
            heard.setdefault(entry.lane, entry.finding)  # most severe first, so the first one counts
    made: dict[LaneId, Flag] = {}
    for lane in fleet.lanes:
        finding = heard.get(lane.id)
        if finding is None and lane.repetition.severity is None:
            continue
        flag = _flag(lane, finding, muted=lane.id in silenced)
        if flag is not None:
            made[lane.id] = flag
    return made


def _flag(lane: Lane, finding: Finding | None, *, muted: bool) -> Flag | None:
    repetition = QUIET if muted else lane.repetition
    raised = [one for one in (finding.severity if finding else None, repetition.severity) if one is not None]
    if not raised:
        return None
    worst = max(raised, key=lambda severity: severity.rank)
    if worst is Severity.INFO:
        return None
    stated = worst
    if lane.state is LaneState.ENDED:
        worst = Severity.INFO
    if repetition.severity is not None:
        return Flag(worst, repetition, stated=stated)
    title = FindingText(finding).title if finding is not None else own("")
    return Flag(worst, QUIET, title, stated)
