"""The report as a document, before any format: frozen values, in the order of reading; and two reports side by side.

The JSON and its schema are made of these types: the name of a field is its key, so within one schema number none is
removed or given another meaning. Every text is raw and untrusted; each format passes it through the safe-text boundary,
which masks secrets too. Times are seconds UTC, durations seconds, counts tokens unless a name says otherwise. None is
unknown and is shown as unknown, never as zero. What a list leaves out is counted beside it.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import force_setattr

from tui.model.event import Origin, UnreadableLine
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, Finding
from tui.model.snapshot import LaneState, Trust
from tui.model.usage import Usage

# -- figures ----------------------------------------------------------------------------------------


def _duration(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)


class Tokens(Struct, frozen=True):
    """Tokens by class, disjoint but for `reasoning`, which is a part of `output`, and for the last two."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    total: int = 0
    fresh: int = 0
    """The total without cache reads."""

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input, self.cache_read + other.cache_read, self.cache_write + other.cache_write,
            self.output + other.output, self.reasoning + other.reasoning, self.total + other.total,
            self.fresh + other.fresh,
        )  # fmt: skip


def tokens_of(usage: Usage) -> Tokens:
    """A usage as the document holds it."""
    return Tokens(
        usage.input, usage.cache_read, usage.cache_write, usage.output, usage.reasoning, usage.total, usage.fresh
    )


class Figures(Struct, frozen=True):
    """What something used within the window. A model call is counted once, at the lane that owns it."""

    usage: Tokens = Tokens()
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
    duration_s: float | None = None
    """From its first event to its last; follows from these."""

    def __post_init__(self) -> None:
        force_setattr(self, "duration_s", _duration(self.start, self.end))


class FigureRow(Struct, frozen=True):
    """One line of a table of figures: an agent, a model, a command, an issue."""

    name: str
    figures: Figures
    share: float | None
    """Of all tokens of the report, 0 to 1; None if there are none."""
    burn: float | None
    """Tokens per hour over the whole window of the report, so that rows add up; None without a duration."""
    count: int = 0
    """What it was summed over: lanes of an agent, runs of a command, actions of an issue."""


class FigureTable(Struct, frozen=True):
    """Rows of one sort, the largest first. `left_out` rows are not listed, their sum is `rest`."""

    rows: tuple[FigureRow, ...] = ()
    left_out: int = 0
    rest: Figures = Figures()

    @property
    def count(self) -> int:
        """All rows, listed or not."""
        return len(self.rows) + self.left_out


class NumberedActions(Struct, frozen=True):
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


class Window(Struct, frozen=True):
    """What the report is about: the first and the last event in it, and what was asked for."""

    start: float | None
    end: float | None
    asked_from: float | None = None
    asked_to: float | None = None
    duration_s: float | None = None
    """From the first event to the last; follows from these."""

    def __post_init__(self) -> None:
        force_setattr(self, "duration_s", _duration(self.start, self.end))


class Note(Struct, frozen=True):
    """A doubt about the figures, in words: why, and about which lanes."""

    kind: str
    """suspect, provisional, unpriced, untimed, clock, window, bounded."""
    text: str
    lanes: tuple[LaneId, ...] = ()


def burn_of(tokens: int, duration_s: float | None) -> float | None:
    """Tokens per hour; None where the duration is unknown or nothing."""
    return tokens * 3600 / duration_s if duration_s else None


def share_of(tokens: int | None, total: int) -> float | None:
    """Part of a whole, 0 to 1; None where either is unknown or the whole is nothing."""
    return tokens / total if tokens is not None and total > 0 else None


# -- actions, phases, lines of work -----------------------------------------------------------------


class Advice(StrEnum):
    """What to do with the record of an action."""

    KEEP = "keep"
    MOSTLY = "mostly"
    COMPRESS = "compress"
    ARCHIVE = "archive"


class NewKind(StrEnum):
    """What was seen for the first time."""

    FILE = "file"
    """A file was changed for the first time."""
    CHECK = "check"
    """A test, build, lint or guard gave an outcome that it had not given before."""
    ERROR = "error"
    COMMAND = "command"


class NewThing(Struct, frozen=True):
    """One thing that was new to the run, and where it stands."""

    kind: NewKind
    text: str
    outcome: str
    """passed, failed, ... for a check; empty for the others."""
    lane: LaneId
    action: str
    """The name of the action that bought it."""
    evidence: Evidence


class NewThings(Struct, frozen=True):
    """What a stretch of work bought: counts of all, and the first few of each kind."""

    files: int = 0
    checks: int = 0
    errors: int = 0
    commands: int = 0
    check_runs: int = 0
    """All runs of checks, new or not."""
    checks_passed: int = 0
    checks_failed: int = 0
    first: tuple[NewThing, ...] = ()

    @property
    def total(self) -> int:
        """New things of every kind."""
        return self.files + self.checks + self.errors + self.commands


class ActionRow(Struct, frozen=True, rename={"new_things": "truths"}):
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
    new_things: NewThings
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


class Phase(Struct, frozen=True, rename={"new_things": "truths"}):
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
    new_things: NewThings


class LineOfWork(Struct, frozen=True):
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


class Series(Struct, frozen=True):
    """Tokens per bucket of one lane, or of all lanes that have no series of their own (`lane` is None)."""

    lane: LaneId | None
    name: str
    values: tuple[int, ...]


class Sample(Struct, frozen=True):
    """A value at a time: the context of a lane in tokens."""

    at: float
    value: int


class ContextSeries(Struct, frozen=True):
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


class Moment(Struct, frozen=True):
    """One thing that happened at `at`."""

    at: float
    kind: MomentKind
    lane: LaneId | None
    text: str
    by: str = ""
    """Who gave an order."""
    evidence: Evidence | None = None


class Timeline(Struct, frozen=True):
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


# -- findings, the stop, coverage, what is left -----------------------------------------------------


class FindingRow(Struct, frozen=True):
    """A finding with the action in which it was raised."""

    finding: Finding
    action: str
    """Its name; empty where nobody can tell."""
    share: float | None
    """Of all tokens: what was spent from `since` on within the window, as the finding counts it."""


class Saving(Struct, frozen=True):
    """What one lane spent after the stop point."""

    lane: LaneId
    tokens: int
    cost_usd: float | None
    seconds: float
    concerned: bool
    """True if the finding is about this lane or its family; the others merely went on beside it."""


class StopPoint(Struct, frozen=True):
    """The moment at which the finding with the largest saving said stop, and what was spent after it in the window."""

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
    """From the stop, or from the window's first event if it held before, to the last event of the lanes concerned."""
    all_tokens: int
    """Of all lanes after that time, concerned or not."""
    all_cost_usd: float | None
    lanes: tuple[Saving, ...]
    caveat: str
    title: str
    """The finding's title by what had begun at that time."""
    in_the_end: str = ""
    """What it came to: `85 actions, up to S172`; empty where nothing more came."""
    earlier: tuple[Finding, ...] = ()
    """What said stop before it on other lanes, in the order of time."""
    before_window: bool = False
    """True if it held since before the window that was asked for: what is counted begins with the window."""


class Tick(StrEnum):
    """A cell of the coverage matrix."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """It ran, and its result says neither: a masked exit code, nothing ran, no result."""
    MISSING = "missing"


class CheckColumn(Struct, frozen=True):
    """One check, as a command without the words of the action's own label."""

    name: str
    kind: str
    """test, build, lint or guard."""
    passed: int
    """Actions in which its last run passed."""
    failed: int
    missing: int


class CoverageCell(Struct, frozen=True):
    """Whether an action ran a check, and what came of its last run."""

    tick: Tick
    evidence: Evidence | None = None


class CoverageRow(Struct, frozen=True):
    """One action."""

    name: str
    title: str
    lane: LaneId
    cells: tuple[CoverageCell, ...]


class Coverage(Struct, frozen=True):
    """Actions by checks. A tick stands only where an executed result was seen."""

    run: str = ""
    columns: tuple[CheckColumn, ...] = ()
    rows: tuple[CoverageRow, ...] = ()
    rows_left_out: int = 0
    columns_left_out: int = 0


class Gap(Struct, frozen=True):
    """Something that was declared, or done elsewhere, and never seen to be done here."""

    kind: str
    """check, plan, number."""
    text: str
    evidence: Evidence | None


class Statement(Struct, frozen=True):
    """A statement with what it rests on. Without evidence it is none."""

    text: str
    evidence: tuple[Evidence, ...]


class Closeout(Struct, frozen=True):
    """A draft of the closing report of one line of work, for a person to finish."""

    run: str
    goal: tuple[Statement, ...]
    """In the words of the first prompt."""
    proven: tuple[Statement, ...]
    files: tuple[Statement, ...]
    files_left_out: int
    checks: tuple[Statement, ...]
    figures: Figures
    questions: tuple[Statement, ...]
    """What the transcripts leave open: failing checks, claims without evidence, questions nobody answered."""
    keep: tuple[str, ...]
    compress: tuple[str, ...]
    blanks: tuple[str, ...]
    """What only a person can say."""


class Chatter(Struct, frozen=True):
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


class AdviceCount(Struct, frozen=True):
    """So many actions of one advice, and what they cost."""

    advice: Advice
    actions: int
    tokens: int


class Retention(Struct, frozen=True):
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


class HalfDone(Struct, frozen=True):
    """One thing that a lane left half done."""

    kind: HalfKind
    lane: LaneId
    text: str
    evidence: tuple[Evidence, ...]


# -- the whole report -------------------------------------------------------------------------------


class LaneRow(Struct, frozen=True):
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
    tree: Tokens
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


class Verdict(Struct, frozen=True):
    """The whole report in one to three sentences."""

    sentences: tuple[str, ...]
    quiet: bool
    """True if there is nothing to say: no finding asks for a hand on any lane."""


class Overview(Struct, frozen=True):
    """What the reader sees first."""

    title: str
    window: Window
    verdict: Verdict
    figures: Figures
    burn: float | None
    """Tokens per hour, all lanes together."""
    lanes: int
    actions: int
    agents: FigureTable
    sequences: tuple[NumberedActions, ...]
    masked: int
    """Secrets in the texts of this document; every format masks them."""
    skipped: tuple[UnreadableLine, ...]
    """What could not be read; the newest ones, `skipped_lines` counts all."""
    skipped_lines: int
    notes: tuple[Note, ...]
    version: str
    """Of lanewatch."""


class Digest(Struct, frozen=True):
    """What a lane did, in a few lines."""

    files: tuple[str, ...] = ()
    files_count: int = 0
    commands: tuple[str, ...] = ()
    """Programs and subcommands, the most frequent first."""
    checks: tuple[Statement, ...] = ()
    """The last run of each check."""
    last_words: Statement | None = None
    """What the lane said last."""


class Source(Struct, frozen=True):
    """A transcript. Evidence names it by `ref`: `T2:48213` is byte 48213 of the second one."""

    ref: str
    path: str
    lanes: tuple[LaneId, ...]


class Report(Struct, frozen=True):
    """The whole document."""

    head: Overview
    models: FigureTable
    commands: FigureTable
    """By slash command: `/test --args` belongs to `/test`."""
    issues: FigureTable
    """By the ticket in an action's name."""
    lanes: tuple[LaneRow, ...]
    timeline: Timeline
    runs: tuple[LineOfWork, ...]
    """Lines of work, the one that spent most first."""
    families: tuple[Family, ...]
    findings: tuple[FindingRow, ...]
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


# -- two reports side by side -----------------------------------------------------------------------


class ComparedSide(Struct, frozen=True):
    """One of the two."""

    label: str
    """As it was named on the command line."""
    title: str
    window: Window
    figures: Figures
    lanes: int
    actions: int
    """Those in which something was done."""
    models: tuple[str, ...]
    run: str
    """The line of work that spent most: medians are of its actions."""
    verdict: Verdict
    masked: int
    """Secrets in the texts of its report."""


class Measure(Struct, frozen=True):
    """One figure on both sides."""

    name: str
    unit: str
    """tokens, dollars, seconds, tokens/h, share or count."""
    a: float | None
    b: float | None
    change: float | None
    """None where one of them is unknown, or a is nothing."""
    adds_up: bool
    """True for a sum over the window, which a longer window makes larger; False for a figure per action or hour."""


class Pair(Struct, frozen=True):
    """One agent, model, command or issue on both sides. None: it is not there on that side."""

    name: str
    a_count: int
    b_count: int
    a_tokens: int | None
    b_tokens: int | None
    a_each: float | None
    """Tokens for each of what is counted: a lane, a run of a command, an action of an issue."""
    b_each: float | None
    change: float | None
    """Of the tokens for each."""


class Pairs(Struct, frozen=True):
    """Rows of one sort, those with most tokens on either side first."""

    sort: str
    counted: str
    rows: tuple[Pair, ...]
    left_out: int

    @property
    def count(self) -> int:
        """All rows, listed or not."""
        return len(self.rows) + self.left_out


class Comparison(Struct, frozen=True):
    """The whole document."""

    a: ComparedSide
    b: ComparedSide
    measures: tuple[Measure, ...]
    pairs: tuple[Pairs, ...]
    doubts: tuple[str, ...]
    """Why a difference may not mean what it seems to."""
    version: str


def change_of(a: float | None, b: float | None) -> float | None:
    """How much b differs from a, as a part of a."""
    return None if a is None or b is None or a == 0 else (b - a) / a


def held_before(finding: Finding, window: Window) -> bool:
    """True if it held already before the part of the time that was asked for."""
    return finding.since is not None and window.asked_from is not None and finding.since < window.asked_from
