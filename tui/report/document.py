"""The report as a document, before any format: what stands in it, in the order of reading.

Every text is raw and untrusted, as in the model: a format passes each one through `tui.view.safe_text`, which masks
secrets too. Times are seconds UTC, durations seconds, counts tokens unless a name says otherwise. None is unknown and
is shown as unknown, never as zero. What a list leaves out is counted beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui.model.event import Origin, Skip
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, Finding
from tui.model.snapshot import LaneState, Trust
from tui.model.usage import ZERO, Usage

# -- figures ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """What something used within the window. A model call is counted once, at the lane that owns it."""

    usage: Usage = ZERO
    cost_usd: float | None = 0.0
    """US dollars at list price; None if a model in it has no known price."""
    calls: int = 0
    """Model calls."""
    tool_calls: int = 0
    errors: int = 0
    """Tool calls that failed."""
    start: float | None = None
    """Of its first event within the window."""
    end: float | None = None

    @property
    def duration_s(self) -> float | None:
        """From its first event to its last."""
        return None if self.start is None or self.end is None else max(0.0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of figures: an agent, a model, a command, an issue."""

    name: str
    figures: Figures
    share: float | None
    """Of all tokens of the report, 0 to 1; None if there are none."""
    burn: float | None
    """Tokens per hour over the whole window of the report, so that rows add up; None without a duration."""
    count: int = 0
    """What it was summed over: lanes of an agent, runs of a command, actions of an issue."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one sort, the largest first. `left_out` rows are not listed, their sum is `rest`."""

    rows: tuple[Row, ...] = ()
    left_out: int = 0
    rest: Figures = Figures()


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane. Lanes stand in tree order, a parent before its children."""

    id: LaneId
    parent: LaneId | None
    depth: int
    agent: str
    title: str
    project: str
    models: tuple[str, ...]
    """By tokens, the most used first; a call without a model's name is of `?`."""
    state: LaneState
    """At the end of the window."""
    figures: Figures
    tree: Usage
    """This lane's usage and that of all below it."""
    share: float | None
    burn: float | None
    """Tokens per hour over the window of the report."""
    own_burn: float | None
    """Tokens per hour over the lane's own duration."""
    actions: int
    context_first: int | None
    """Tokens in the model's context at the first call: what each call costs before any work."""
    context_last: int | None
    context_most: int | None
    context_window: int | None
    compactions: int
    trust: tuple[Trust, ...]
    digest: Digest


@dataclass(frozen=True, slots=True)
class Numbered:
    """Numbered actions of one prefix, as the line of work that spent most on them has them: S085 to S172."""

    prefix: str
    run: str
    """Name of that line of work."""
    first: str
    last: str
    count: int
    """Different numbers that were seen."""
    missing: tuple[str, ...]
    """Numbers between first and last that were not seen, at most twenty."""
    missing_count: int
    lanes: tuple[LaneId, ...]
    """Lanes most of whose actions have such a number: who worked on them, and who handed them out."""
    tokens_each: float | None
    """All tokens of these lanes for each number."""
    seconds_each: float | None
    """From their first event to their last, for each number."""
    per_hour: float | None
    """Numbers in an hour."""


# -- head -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window:
    """What the report is about: the first and the last event in it, and what was asked for."""

    start: float | None
    end: float | None
    asked_from: float | None = None
    asked_to: float | None = None

    @property
    def duration_s(self) -> float | None:
        """From the first event to the last."""
        return None if self.start is None or self.end is None else max(0.0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Note:
    """A doubt about the figures, in words: why, and about which lanes."""

    kind: str
    """suspect, provisional, unpriced, untimed, clock, window, bounded."""
    text: str
    lanes: tuple[LaneId, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole report in one to three sentences."""

    sentences: tuple[str, ...]
    quiet: bool
    """True if there is nothing to say: no finding asks for a hand on any lane."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the reader sees first."""

    title: str
    window: Window
    verdict: Verdict
    figures: Figures
    burn: float | None
    """Tokens per hour, all lanes together."""
    lanes: int
    actions: int
    agents: Table
    sequences: tuple[Numbered, ...]
    masked: int
    """Secrets in the texts of this document; every format masks them."""
    skipped: tuple[Skip, ...]
    """What could not be read; the newest ones, `skipped_lines` counts all."""
    skipped_lines: int
    notes: tuple[Note, ...]
    version: str
    """Of lanewatch."""


# -- actions, phases, truths ------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


# -- timeline ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    """Tokens per bucket of one lane, or of all lanes that have no series of their own (`lane` is None)."""

    lane: LaneId | None
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A value at a time: the context of a lane in tokens."""

    at: float
    value: int


@dataclass(frozen=True, slots=True)
class ContextSeries:
    """Tokens in a lane's context over time, thinned."""

    lane: LaneId
    name: str
    samples: tuple[Sample, ...]


class MomentKind(StrEnum):
    """What stands on the timeline."""

    ACTION = "action"
    FINDING = "finding"
    FINDING_ENDED = "finding_ended"
    ORDER = "order"
    """What an operator, or a policy, did."""
    COMPACTION = "compaction"
    LIMIT = "limit"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened at `at`."""

    at: float
    kind: MomentKind
    lane: LaneId | None
    text: str
    by: str = ""
    """Who gave an order."""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Burn over time by lane, and what happened. Bucket i begins at `start + i * step_s`."""

    start: float | None = None
    step_s: float = 0.0
    series: tuple[Series, ...] = ()
    """The lanes that spent most, then the rest together."""
    contexts: tuple[ContextSeries, ...] = ()
    moments: tuple[Moment, ...] = ()
    """In the order of time."""
    left_out: int = 0
    """Moments that are not listed: actions of small lanes."""


# -- what was found ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the action in which it was raised."""

    finding: Finding
    action: str
    """Its name; empty where nobody can tell."""
    share: float | None
    """Of all tokens: what was spent from `since` on, as the finding counts it."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What one lane spent after the stop point."""

    lane: LaneId
    tokens: int
    cost_usd: float | None
    seconds: float
    concerned: bool
    """True if the finding is about this lane or its family; the others merely went on beside it."""


@dataclass(frozen=True, slots=True)
class StopPoint:
    """The first moment at which a finding said stop, and what was spent after it."""

    at: float
    action: str
    finding: Finding
    tokens: int
    """Of the lanes concerned, as the finding counts it: the saving."""
    share: float | None
    """Of all tokens."""
    cost_usd: float | None
    """Of the lanes concerned."""
    seconds: float
    """From the stop to the last event of the lanes concerned."""
    all_tokens: int
    """Of all lanes after that time: who fed them would have stopped too, or would not."""
    all_cost_usd: float | None
    lanes: tuple[Saving, ...]
    caveat: str


class Tick(StrEnum):
    """A cell of the coverage matrix."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """It ran, and its result says neither: a masked exit code, nothing ran, no result."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class CheckColumn:
    """One check, as a command without the words of the action's own label."""

    name: str
    kind: str
    """test, build, lint or guard."""
    passed: int
    """Actions in which its last run passed."""
    failed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether an action ran a check, and what came of its last run."""

    tick: Tick
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One action."""

    name: str
    title: str
    lane: LaneId
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Actions by checks. A tick stands only where an executed result was seen."""

    run: str = ""
    columns: tuple[CheckColumn, ...] = ()
    rows: tuple[CoverageRow, ...] = ()
    rows_left_out: int = 0
    columns_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was declared, or done elsewhere, and never seen to be done here."""

    kind: str
    """check, plan, number."""
    text: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Line:
    """A statement with what it rests on. Without evidence it is none."""

    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Closeout:
    """A draft of the closing report of one line of work, for a person to finish."""

    run: str
    goal: tuple[Line, ...]
    """In the words of the first prompt."""
    proven: tuple[Line, ...]
    files: tuple[Line, ...]
    files_left_out: int
    checks: tuple[Line, ...]
    figures: Figures
    questions: tuple[Line, ...]
    """What the transcripts leave open: failing checks, claims without evidence, questions nobody answered."""
    keep: tuple[str, ...]
    compress: tuple[str, ...]
    blanks: tuple[str, ...]
    """What only a person can say."""


@dataclass(frozen=True, slots=True)
class Chatter:
    """Acknowledgements and next steps without any tool: how many, and what their turns cost."""

    messages: int = 0
    of: int = 0
    """All messages."""
    tokens: int = 0
    """Of the model calls that wrote them."""
    share: float | None = None
    """Of all tokens."""
    actions: int = 0
    """Actions that are nothing else."""
    first: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class AdviceCount:
    """So many actions of one advice, and what they cost."""

    advice: Advice
    actions: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Retention:
    """What to keep of the record; the advice on each action stands at the action."""

    counts: tuple[AdviceCount, ...] = ()
    """All four, in the order keep, mostly, compress, archive."""
    chatter: Chatter = Chatter()


class HalfKind(StrEnum):
    """How something was left half done."""

    OPEN_CALL = "open_call"
    CUT_OFF = "cut_off"
    PLAN = "plan"
    UNCHECKED_EDIT = "unchecked_edit"
    FAILING_CHECK = "failing_check"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class HalfDone:
    """One thing that a lane left half done."""

    kind: HalfKind
    lane: LaneId
    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a lane did, in a few lines."""

    files: tuple[str, ...] = ()
    files_count: int = 0
    commands: tuple[str, ...] = ()
    """Programs and subcommands, the most frequent first."""
    checks: tuple[Line, ...] = ()
    """The last run of each check."""
    last_words: Line | None = None
    """What the lane said last."""


@dataclass(frozen=True, slots=True)
class Source:
    """A transcript. Evidence names it by `ref`: `T2:48213` is byte 48213 of the second one."""

    ref: str
    path: str
    lanes: tuple[LaneId, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole document."""

    head: Head
    models: Table
    commands: Table
    """By slash command: `/test --args` belongs to `/test`."""
    issues: Table
    """By the ticket in an action's name."""
    lanes: tuple[LaneRow, ...]
    timeline: Timeline
    runs: tuple[Run, ...]
    """Lines of work, the one that spent most first."""
    families: tuple[Family, ...]
    findings: tuple[Found, ...]
    """In the order of time, ended ones too."""
    stop: StopPoint | None
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    closeouts: tuple[Closeout, ...]
    retention: Retention
    half_done: tuple[HalfDone, ...]
    sources: tuple[Source, ...]

    def ref(self, evidence: Evidence) -> str:
        """Where it stands, as `T2:48213`; empty if it points nowhere."""
        if evidence.path is None or evidence.offset is None:
            return ""
        found = next((source.ref for source in self.sources if source.path == evidence.path), "")
        return f"{found}:{evidence.offset}" if found else ""

    def lane(self, lane: LaneId | None) -> LaneRow | None:
        """The lane of this id."""
        return next((row for row in self.lanes if row.id == lane), None)


def burn_of(tokens: int, duration_s: float | None) -> float | None:
    """Tokens per hour; None where the duration is unknown or nothing."""
    return tokens * 3600 / duration_s if duration_s else None


def share_of(tokens: int | None, total: int) -> float | None:
    """Part of a whole, 0 to 1; None where either is unknown or the whole is nothing."""
    return tokens / total if tokens is not None and total > 0 else None


def names(rows: Sequence[ActionRow]) -> str:
    """`S091 … S120` of actions in order."""
    if not rows:
        return ""
    first, last = rows[0].name, rows[-1].name
    return first if len(rows) == 1 else f"{first} … {last}"
