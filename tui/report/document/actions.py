"""Actions, phases, and what each bought."""

from __future__ import annotations

from enum import StrEnum

from tui.model.event import Origin
from tui.model.evidence import Evidence, LaneId
from tui.model.frozen import frozen
from tui.report.document.figures import Figures


class Advice(StrEnum):
    """What to do with the record of an action."""

    KEEP = "keep"
    MOSTLY = "mostly"
    COMPRESS = "compress"
    ARCHIVE = "archive"


class TruthKind(StrEnum):
    """What was seen for the first time."""

    FILE = "file"
    """A file was changed for the first time."""
    CHECK = "check"
    """A test, build, lint or guard gave an outcome that it had not given before."""
    ERROR = "error"
    COMMAND = "command"


@frozen
class Truth:
    """One thing that was new to the run, and where it stands."""

    kind: TruthKind
    text: str
    outcome: str
    """passed, failed, ... for a check; empty for the others."""
    lane: LaneId
    action: str
    """The name of the action that bought it."""
    evidence: Evidence


@frozen
class Truths:
    """What a stretch of work bought: counts of all, and the first few of each kind."""

    files: int = 0
    checks: int = 0
    errors: int = 0
    commands: int = 0
    check_runs: int = 0
    """All runs of checks, new or not."""
    checks_passed: int = 0
    checks_failed: int = 0
    first: tuple[Truth, ...] = ()

    @property
    def total(self) -> int:
        """New things of every kind."""
        return self.files + self.checks + self.errors + self.commands


@frozen
class ActionRow:
    """One action: from a prompt or assignment to the next one."""

    lane: LaneId
    index: int
    name: str
    title: str
    origin: Origin
    outcome: str
    """running, ended, interrupted or cut_off."""
    figures: Figures
    steps: int
    """Calls with their results."""
    novelty: float | None
    """Mean novelty of its steps against the lane's own past, 0 to 1; None if it has no step."""
    likeness: float | None
    """How alike its proof shape is to the most alike of the three before it in its line of work, 0 to 1."""
    truths: Truths
    family: str | None
    """Id of the family that it is a member of."""
    phase: int | None
    """Number of its phase within its line of work, from 1; None if the line has no phases."""
    advice: Advice
    reason: str
    """Why that advice."""
    chatter: bool
    """Acknowledgements and next steps alone, no work of its own."""
    evidence: Evidence
    """Its prompt."""


@frozen
class Phase:
    """A stretch of actions that behave alike, found from the novelty curve."""

    number: int
    name: str
    """What its numbers say: converging, exploring, repeating, churning, working, ..."""
    reason: str
    """Those numbers in words."""
    first: str
    """Name of its first action."""
    last: str
    actions: int
    figures: Figures
    share: float | None
    novelty: float | None
    """Mean of its actions, 0 to 1."""
    likeness: float | None
    truths: Truths


@frozen
class Run:
    """One line of work: the sessions of an agent in one folder, or the subagents of one root, in the order of time."""

    name: str
    agent: str
    lanes: tuple[LaneId, ...]
    actions: tuple[ActionRow, ...]
    figures: Figures
    share: float | None
    phases: tuple[Phase, ...]
    """Empty where there are too few actions; one phase means that nothing changed."""
    why_none: str
    """Why there are no phases; empty if there are."""
