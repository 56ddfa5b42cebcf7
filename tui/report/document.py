"""The report as a document, before any format: frozen values, in the order of reading; and two reports side by side.

The JSON and its schema are made from these types: the name of a field is its key, so within a schema no field is
removed or given another meaning. Every text is raw and untrusted; each format passes it through the safe-text boundary,
which masks secrets too. Times are seconds UTC, durations seconds, counts tokens unless a name says otherwise. None is
unknown and is shown as unknown, never as zero. If a list leaves something out, a field beside it has the count.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import force_setattr

from tui.model.event import Origin, UnreadableLine
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Family, Finding
from tui.model.snapshot import LaneState
from tui.model.trust import Trust
from tui.model.usage import Usage

# -- figures ----------------------------------------------------------------------------------------


def _duration(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)


class Tokens(Struct, frozen=True):
    """Tokens by class. Disjoint, except that `reasoning` is a part of `output` and the last two are sums."""

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
    """A usage in the form of the document."""
    return Tokens(
        usage.input, usage.cache_read, usage.cache_write, usage.output, usage.reasoning, usage.total, usage.fresh
    )


class Figures(Struct, frozen=True):
    """The figures of something within the window. A model call is counted once, for the lane that owns it."""

    usage: Tokens = Tokens()
    cost_usd: float | None = 0.0
    """US dollars at list price; None if a model in it has no known price."""
    calls: int = 0
    """Model calls."""
    tool_calls: int = 0
    errors: int = 0
    """Tool calls that failed."""
    start: float | None = None
    """The time of its first event within the window."""
    end: float | None = None
    duration_s: float | None = None
    """From its first event to its last."""
    priced_usd: float = 0.0
    """US dollars of the usage with a known price: a lower bound of the cost."""
    priced: int = 0
    """How many of `parts` are priced in full."""
    parts: int = 0
    """The number of sums of which it is made, usually one for each lane."""

    def __post_init__(self) -> None:
        force_setattr(self, "duration_s", _duration(self.start, self.end))


class FigureRow(Struct, frozen=True):
    """One line of a table of figures: an agent, a model, a command, an issue."""

    name: str
    figures: Figures
    share: float | None
    """The share of all tokens of the report, 0 to 1; None if there are none."""
    burn: float | None
    """Tokens per hour over the whole window of the report, so that rows add up; None without a duration."""
    count: int = 0
    """The number of summed items: lanes of an agent, runs of a command, actions of an issue."""


class FigureTable(Struct, frozen=True):
    """Rows of one sort, the largest first. `left_out` rows are not listed; their sum is `rest`."""

    rows: tuple[FigureRow, ...] = ()
    left_out: int = 0
    rest: Figures = Figures()

    @property
    def count(self) -> int:
        """All rows, listed or not."""
        return len(self.rows) + self.left_out


class NumberedActions(Struct, frozen=True):
    """Numbered actions with one prefix, such as S085 to S172, in the line of work that used most tokens for them."""

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
    """Lanes in which most actions have such a number: those that worked on them, and the one that assigned them."""
    tokens_each: float | None
    """All tokens of these lanes per number."""
    seconds_each: float | None
    """From their first event to their last, per number."""
    per_hour: float | None
    """Numbers per hour."""


class Window(Struct, frozen=True):
    """The time that the report covers: the first and the last event in it, and the bounds that were asked for."""

    start: float | None
    end: float | None
    asked_from: float | None = None
    asked_to: float | None = None
    duration_s: float | None = None
    """From the first event to the last."""

    def __post_init__(self) -> None:
        force_setattr(self, "duration_s", _duration(self.start, self.end))


class Note(Struct, frozen=True):
    """A doubt about the figures, with the reason and the lanes."""

    kind: str
    """suspect, provisional, unpriced, untimed, clock, window, bounded."""
    text: str
    lanes: tuple[LaneId, ...] = ()


def burn_of(tokens: int, duration_s: float | None) -> float | None:
    """Tokens per hour; None if the duration is unknown or zero."""
    return tokens * 3600 / duration_s if duration_s else None


def share_of(tokens: int | None, total: int) -> float | None:
    """A part as a share (0 to 1) of the whole; None if either is unknown or the whole is zero."""
    return tokens / total if tokens is not None and total > 0 else None


# -- actions, phases, lines of work -----------------------------------------------------------------


class Advice(StrEnum):
    """The advice on the record of an action."""

    KEEP = "keep"
    MOSTLY = "mostly"
    COMPRESS = "compress"
    ARCHIVE = "archive"


class NewKind(StrEnum):
    """The kind of something that was seen for the first time."""

    FILE = "file"
    """A file was changed for the first time."""
    CHECK = "check"
    """A test, build, lint or guard had a new outcome."""
    ERROR = "error"
    COMMAND = "command"


class NewThing(Struct, frozen=True):
    """One thing that was new to the run, and its place."""

    kind: NewKind
    text: str
    outcome: str
    """passed, failed, ... for a check; empty for other kinds."""
    lane: LaneId
    action: str
    """The name of the action that brought it."""
    evidence: Evidence


class NewThings(Struct, frozen=True):
    """The new things of a stretch of work: all counts, and the first things of each kind."""

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
    """Mean novelty of its steps compared with the lane's own past, 0 to 1; None if it has no step."""
    likeness: float | None
    """The likeness (0 to 1) of its shape to the most similar of the three actions before it."""
    new_things: NewThings
    family: str | None
    """The id of its family, if it is in one."""
    phase: int | None
    """Number of its phase within its line of work, from 1; None if the line has no phases."""
    advice: Advice
    reason: str
    """The reason for the advice."""
    chatter: bool
    """True if it only acknowledges and names next steps."""
    evidence: Evidence
    """The place of its prompt."""


class Phase(Struct, frozen=True, rename={"new_things": "truths"}):
    """A stretch of actions that are alike in their new things."""

    number: int
    name: str
    """converging, exploring, repeating, churning, working, ..., by its figures."""
    reason: str
    """The figures in words."""
    first: str
    """Name of its first action."""
    last: str
    actions: int
    figures: Figures
    share: float | None
    novelty: float | None
    """The mean of its actions, 0 to 1."""
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
    """Empty if there are too few actions. One phase means that nothing changed."""
    why_none: str
    """The reason why there are no phases; empty if there are."""


# -- timeline ---------------------------------------------------------------------------------------


class Series(Struct, frozen=True):
    """Tokens per bucket of one lane, or of all lanes without their own series (`lane` is None)."""

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
    """The kind of a moment on the timeline."""

    ACTION = "action"
    FINDING = "finding"
    FINDING_ENDED = "finding_ended"
    ORDER = "order"
    """An operator's, or a policy's, order."""
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
    """The person or policy that gave the order."""
    evidence: Evidence | None = None


class Timeline(Struct, frozen=True):
    """Burn over time by lane, and the moments. Bucket i begins at `start + i * step_s`."""

    start: float | None = None
    step_s: float = 0.0
    series: tuple[Series, ...] = ()
    """The lanes that used most tokens, then the rest together."""
    contexts: tuple[ContextSeries, ...] = ()
    moments: tuple[Moment, ...] = ()
    """In time order."""
    left_out: int = 0
    """The number of moments that are not listed: actions of small lanes."""


# -- findings, the stop, coverage, what is left -----------------------------------------------------


class FindingRow(Struct, frozen=True):
    """A finding with the action in which it was raised."""

    finding: Finding
    action: str
    """The action's name; empty if unknown."""
    share: float | None
    """The share of all tokens that was used from `since` on within the window, as the finding counts."""


class Saving(Struct, frozen=True):
    """The usage of one lane after the stop point."""

    lane: LaneId
    tokens: int
    cost_usd: float | None
    seconds: float
    concerned: bool
    """True if the finding is about this lane or its family. Other lanes only worked at the same time."""
    priced_usd: float = 0.0
    """US dollars of the usage with a known price: a lower bound of the cost."""


class StopPoint(Struct, frozen=True):
    """The moment at which the finding with the largest saving said stop, and the usage after it in the window."""

    at: float
    action: str
    finding: Finding
    tokens: int
    """The saving: tokens of the lanes concerned, as the finding counts."""
    share: float | None
    """The share of these tokens in all tokens."""
    cost_usd: float | None
    """US dollars of the lanes concerned."""
    seconds: float
    """From the stop, or from the window's first event if it held before, to the last event of the lanes concerned."""
    all_tokens: int
    """Tokens of all lanes after that time."""
    all_cost_usd: float | None
    lanes: tuple[Saving, ...]
    caveat: str
    title: str
    """The finding's title, with what had begun by that time."""
    in_the_end: str = ""
    """The finding's extent in the end: `85 actions, up to S172`; empty if it did not grow."""
    priced_usd: float = 0.0
    """US dollars of the usage with a known price in the lanes concerned: a lower bound of the cost."""
    all_priced_usd: float = 0.0
    """US dollars of the usage of all lanes with a known price."""
    earlier: tuple[Finding, ...] = ()
    """Earlier findings that said stop on other lanes, in time order."""
    before_window: bool = False
    """True if it held before the window began. Then counting begins with the window."""


class Tick(StrEnum):
    """A cell of the coverage matrix."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """It ran, but its result shows neither: a masked exit code, an empty run, no result."""
    MISSING = "missing"


class CheckColumn(Struct, frozen=True):
    """One check: a command without the words of the action's own label."""

    name: str
    kind: str
    """test, build, lint or guard."""
    passed: int
    """The number of actions in which its last run passed."""
    failed: int
    missing: int


class CoverageCell(Struct, frozen=True):
    """Whether an action ran a check, and the outcome of the last run."""

    tick: Tick
    evidence: Evidence | None = None


class CoverageRow(Struct, frozen=True):
    """One action."""

    name: str
    title: str
    lane: LaneId
    cells: tuple[CoverageCell, ...]


class Coverage(Struct, frozen=True):
    """Actions by checks. There is a tick only for a run whose result was seen."""

    run: str = ""
    columns: tuple[CheckColumn, ...] = ()
    rows: tuple[CoverageRow, ...] = ()
    rows_left_out: int = 0
    columns_left_out: int = 0


class Gap(Struct, frozen=True):
    """Something that was announced, or done in other actions, and was not seen to be done."""

    kind: str
    """check, plan, number."""
    text: str
    evidence: Evidence | None


class Statement(Struct, frozen=True):
    """A statement with its evidence. There is none without evidence."""

    text: str
    evidence: tuple[Evidence, ...]


class Closeout(Struct, frozen=True):
    """A draft of the closing report of one line of work, for a person to finish."""

    run: str
    goal: tuple[Statement, ...]
    """From the first prompt."""
    proven: tuple[Statement, ...]
    files: tuple[Statement, ...]
    files_left_out: int
    checks: tuple[Statement, ...]
    figures: Figures
    questions: tuple[Statement, ...]
    """Open questions of the transcripts: failing checks, claims without evidence, unanswered questions."""
    keep: tuple[str, ...]
    compress: tuple[str, ...]
    blanks: tuple[str, ...]
    """The parts that only a person can fill in."""


class Chatter(Struct, frozen=True):
    """Messages that only acknowledge, or name next steps, without any tool: their number and their cost."""

    messages: int = 0
    of: int = 0
    """The number of all messages."""
    tokens: int = 0
    """Tokens of the model calls that wrote them."""
    share: float | None = None
    """The share of these tokens in all tokens."""
    actions: int = 0
    """The number of actions that are nothing else."""
    first: tuple[Evidence, ...] = ()


class AdviceCount(Struct, frozen=True):
    """The number of actions of one advice, and their cost."""

    advice: Advice
    actions: int
    tokens: int


class Retention(Struct, frozen=True):
    """The summary of the advice on records. Each action has its own advice."""

    counts: tuple[AdviceCount, ...] = ()
    """All four, in the order keep, mostly, compress, archive."""
    chatter: Chatter = Chatter()


class HalfKind(StrEnum):
    """The way in which something was left half done."""

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
    """One lane. Lanes are in tree order, a parent before its children."""

    id: LaneId
    parent: LaneId | None
    depth: int
    agent: str
    title: str
    project: str
    models: tuple[str, ...]
    """The most used first, by tokens. A call without a model's name counts for `?`."""
    state: LaneState
    """The state at the end of the window."""
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
    """Tokens in the model's context at the first call: each call costs these even without any work."""
    context_last: int | None
    context_most: int | None
    context_window: int | None
    compactions: int
    trust: tuple[Trust, ...]
    digest: Digest
    waited_s: float = 0.0
    """Seconds that it waited for a person within the window."""


class Verdict(Struct, frozen=True):
    """The whole report in one to three sentences."""

    sentences: tuple[str, ...]
    quiet: bool
    """True if no finding suggests acting on a lane."""


class Overview(Struct, frozen=True):
    """The overview, which the reader sees first."""

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
    """The number of secrets in the texts of this document. Every format masks them."""
    skipped: tuple[UnreadableLine, ...]
    """The newest unreadable lines; `skipped_lines` counts all."""
    skipped_lines: int
    notes: tuple[Note, ...]
    version: str
    """The version of lanewatch."""
    waited_s: float = 0.0
    """Seconds that lanes waited for a person within the window, summed over the lanes."""


class Digest(Struct, frozen=True):
    """The work of a lane in a few lines."""

    files: tuple[str, ...] = ()
    files_count: int = 0
    commands: tuple[str, ...] = ()
    """Programs and subcommands, the most frequent first."""
    checks: tuple[Statement, ...] = ()
    """The last run of each check."""
    last_words: Statement | None = None
    """The last message of the lane."""


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
    """Lines of work, the one with most tokens first."""
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
        """The place as `T2:48213`; empty if the evidence has none."""
        if evidence.path is None or evidence.offset is None:
            return ""
        found = next((source.ref for source in self.sources if source.path == evidence.path), "")
        return f"{found}:{evidence.offset}" if found else ""

    def lane(self, lane: LaneId | None) -> LaneRow | None:
        """The lane of this id."""
        return next((row for row in self.lanes if row.id == lane), None)


# -- two reports side by side -----------------------------------------------------------------------


class ComparedSide(Struct, frozen=True):
    """One side of a comparison."""

    label: str
    """Its name on the command line."""
    title: str
    window: Window
    figures: Figures
    lanes: int
    actions: int
    """The number of actions in which something was done."""
    models: tuple[str, ...]
    run: str
    """The line of work with most tokens: medians are of its actions."""
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
    """The change as a share of a; None if one of them is unknown or a is zero."""
    adds_up: bool
    """True for a sum over the window, which grows with its length; False for a figure per action or hour."""


class Pair(Struct, frozen=True):
    """One agent, model, command or issue on both sides. None: it is missing on that side."""

    name: str
    a_count: int
    b_count: int
    a_tokens: int | None
    b_tokens: int | None
    a_each: float | None
    """Tokens per counted item: a lane, a run of a command, an action of an issue."""
    b_each: float | None
    change: float | None
    """The change of tokens per item."""


class Pairs(Struct, frozen=True):
    """Rows of one sort, those with the most tokens on either side first."""

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
    """Reasons why a difference may mislead."""
    version: str


def change_of(a: float | None, b: float | None) -> float | None:
    """The difference of b to a, as a share of a."""
    return None if a is None or b is None or a == 0 else (b - a) / a


def held_before(finding: Finding, window: Window) -> bool:
    """Whether the finding held before the window began."""
    return finding.since is not None and window.asked_from is not None and finding.since < window.asked_from
