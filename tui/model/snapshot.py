"""Immutable snapshots of all lanes at one time, for the screen, the command line and reports."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from tui.model.control import FREE, Held, LaneControl
from tui.model.cost import NO_COST, Cost
from tui.model.event import Origin, PlanItem, ToolKind, UnreadableLine
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import QUIET, Family, Finding, NoveltyPoint, Repetition
from tui.model.frozen import frozen
from tui.model.open_enum import OpenEnum
from tui.model.pending import PendingRequest
from tui.model.trust import Trust
from tui.model.usage import ZERO, Usage


class LaneState(OpenEnum):
    """What a lane is doing, or the state that control has given it.

    In the order in which a person should look: lanes that wait for a person come first.
    """

    NEEDS_INPUT = "needs_input"
    LIMITED = "limited"
    STALLED = "stalled"
    WAITING = "waiting"
    PAUSING = "pausing"
    REDIRECTING = "redirecting"
    CLOSING = "closing"
    WORKING = "working"
    PAUSED = "paused"
    IDLE = "idle"
    CLOSED = "closed"
    ENDED = "ended"

    @staticmethod
    def of(held: Held) -> LaneState:
        """The state of a lane that control holds in this way. It has the same name."""
        return LaneState.declare(held.value, before=LaneState.WORKING)


@frozen
class Burn:
    """The tokens of a window that ends at the snapshot."""

    window_s: int
    tokens: int

    @property
    def tokens_per_hour(self) -> float:
        """Tokens per hour over the window."""
        return self.tokens * 3600 / self.window_s


@frozen
class Context:
    """Tokens in the model's context at the last call. The window is None if it is not stated."""

    used: int | None
    window: int | None


@frozen
class ModelUsage:
    """One model's share. `model` is None where the transcript names none; `cost_usd` is None if unpriced."""

    model: str | None
    calls: int
    """Model calls that the lane owns, each counted once; inherited ones are not included."""
    usage: Usage
    cost_usd: float | None


@frozen
class OpenCall:
    """A tool call that has no result yet."""

    call: str
    tool: str
    tool_kind: ToolKind
    summary: str
    started: float | None
    timeout_s: float | None = None
    """The call's own time limit in seconds, where it states one."""
    limited: bool = False
    """True if the agent stops such a call after a time limit of its own."""
    args: str = ""
    """Its arguments as in `Call.args`."""


@frozen
class Action:
    """One slice of work: from a prompt or assignment to the next one."""

    index: int
    name: str
    """A ticket id such as S091, else the first line of the prompt. Raw text."""
    title: str
    """The prompt's first line. Raw text."""
    origin: Origin
    started: float | None
    last_event: float | None
    usage: Usage
    calls: int
    """Tool calls (not model calls)."""
    errors: int
    """Tool calls that failed."""
    files: tuple[str, ...]
    outcome: str
    """running, ended, interrupted or cut_off."""
    offset: int


@frozen
class PersonPrompt:
    """The newest prompt that a person gave a lane, also one that was typed while it was busy."""

    offset: int
    """Its line's place in the transcript, in bytes."""
    words: str
    """Its first line. Raw text."""


@frozen
class FileTouch:
    """A file that the lane changed: how often, and when it did so last."""

    path: str
    edits: int
    last: float | None
    by_lane: bool
    added: int | None = None
    """Lines that were added in all; None if the transcript does not state it for every change."""
    removed: int | None = None
    """Lines that were removed in all; None as above."""


@frozen
class ProcessFact:
    """A live process of a session, and the source of that knowledge."""

    pid: int
    session: str | None
    transcript: str | None
    cwd: str | None
    agent: str
    status: str | None
    """idle, busy or waiting, where the agent's own registry says so."""
    waiting_for: str | None
    start: str | None
    """Distinguishes the process from others with its pid: the kernel's start ticks and the boot's id. None: unknown, so
    lanewatch does not act on the process.
    """
    source: str
    """`registry`, `open file` or `cwd`, strongest first."""
    viewers: tuple[str, ...] | None = None
    """For a loop in a shared daemon: the folders of living clients that could show it ("": any). None: no daemon."""
    home: str | None = None
    """For a process that the registry named: the folder in which its session's transcript must lie, with a separator
    at its end.
    """
    is_worker: bool = False
    """True for a process of the demo that simulates an agent: it has no terminal, so nobody is at it."""
    unserved: tuple[str, ...] = ()
    """For a process that is known by its folder alone: folders of transcripts whose daemon has ended, each with a
    separator at its end. If its lane's transcript lies in one, nothing runs the lane's loop.
    """


@frozen
class PullRequest:
    """A pull request that the lane made, or works on."""

    number: int
    url: str
    """Its address as the transcript states it; empty if only the number is known. Raw text."""
    is_made: bool
    """True if the lane made it."""


class CheckOutcome(StrEnum):
    """How a run of tests ended."""

    PASSED = "passed"
    FAILED = "failed"
    EMPTY = "empty"
    """It ran no tests."""
    UNKNOWN = "unknown"
    """Its output does not say."""


@frozen
class CheckRun:
    """The last run of tests of a lane that has ended. Counts are None where its output states none."""

    outcome: CheckOutcome
    passed: int | None
    failed: int | None
    at: float | None
    """When it ended, in seconds UTC."""
    command: str
    """Raw text."""
    is_stale: bool = False
    """True if the lane changed a file after it."""


NOT_LOOKED = "what is replayed can only be looked at"
"""The reason why every lane of a replay, of a report or of a moment in the past is a recording."""


@frozen
class Lane:
    """One lane at one time. Texts are raw; `tui.view` makes them safe to show."""

    id: LaneId
    agent: str
    session: str
    path: str
    parent: LaneId | None
    depth: int
    title: str
    project: str
    cwd: str | None
    branch: str | None
    version: str | None
    agent_type: str | None
    forked: bool
    state: LaneState
    state_since: float | None
    evidence: tuple[Evidence, ...]
    started: float | None
    last_event: float | None
    model: str | None
    """The model of the last call."""
    models: tuple[ModelUsage, ...]
    usage: Usage
    tree_usage: Usage
    """This lane and all below it."""
    inherited: Usage
    """The usage that was copied from another lane's history. It is shown, but not counted."""
    calls: int
    """Model calls that the lane owns, each counted once; inherited ones are not included."""
    cost_usd: float | None
    trust: tuple[Trust, ...]
    burn: tuple[Burn, ...]
    """Over 1, 5 and 60 minutes."""
    tree_burn: tuple[Burn, ...]
    spark: tuple[int, ...]
    """Tokens per interval, oldest first. The last interval is incomplete."""
    context: Context
    tool_calls: int
    tool_errors: int
    open_calls: tuple[OpenCall, ...]
    doing: str
    """What it does now or did last, in one line. Raw text."""
    actions: tuple[Action, ...]
    """The newest ones; `action_count` counts all."""
    action_count: int
    plan: tuple[PlanItem, ...]
    files: tuple[FileTouch, ...]
    unknown_lines: int
    process: ProcessFact | None
    repetition: Repetition = QUIET
    novelty: tuple[NoveltyPoint, ...] = ()
    """The lane's whole life in at most 48 parts, oldest first."""
    findings: tuple[Finding, ...] = ()
    """The findings that hold, most severe first."""
    agent_id: str | None = None
    """A subagent's id within its session; None for a session's main lane, and for a subagent with a session of its
    own."""
    busy: bool = False
    """True if a turn is open, even if control holds the lane."""
    prompted: PersonPrompt | None = None
    control: LaneControl = FREE
    """The routes to the lane, and its state under control."""
    tree_is_lower_bound: bool = False
    """True if `tree_usage` is a lower bound."""
    recording: str = NOT_LOOKED
    """The reason why the lane can only be read: its transcript is not the operator's own. Empty if verbs may act on the
    lane."""
    first_cwd: str | None = None
    """The folder in which its session began. Raw text."""
    local: str = ""
    """The lane's name inside its transcript; empty for the file's own lane."""
    pending: tuple[PendingRequest, ...] = ()
    """The requests that wait for a person's answer, the oldest first. Empty while the state is NEEDS_INPUT: the request
    is unknown."""
    judged: bool = True
    """False if its events were counted, but not judged: then repetition, novelty and most findings are not known."""
    tree_cost: Cost = NO_COST
    """This lane and all below it."""
    tags: tuple[str, ...] = ()
    """The operator's own words for the lane."""
    effort: str | None = None
    """How hard the model shall think, as the client was set last (`high`). Raw text; None: the transcript does not
    say."""
    pull: PullRequest | None = None
    """The pull request that it made last, or works on; None: the transcript names none."""
    tests: CheckRun | None = None
    """Its last run of tests; None: there was none."""
    waited_s: float = 0.0
    """Seconds that it waited for a person, in waits that have ended."""
    waits_since: float | None = None
    """Since when it waits for a person now, in seconds UTC; None: it does not."""

    def waited_until(self, now: float) -> float:
        """Seconds that it waited for a person until now (seconds UTC)."""
        return self.waited_s + (max(0.0, now - self.waits_since) if self.waits_since is not None else 0.0)

    @property
    def cost(self) -> Cost:
        """The lane's own cost: the sum over its models with a known price."""
        if self.cost_usd is not None:
            return Cost(self.cost_usd, 1, 1) if self.models else NO_COST
        return Cost(sum(share.cost_usd or 0.0 for share in self.models), 0, 1)


@frozen
class LimitState:
    """A limit window of an account, as last reported."""

    agent: str
    name: str | None
    window_minutes: int | None
    used_percent: float | None
    resets_at: float | None
    heard: float | None
    plan: str | None = None
    """The plan of the account, as the service states it. Raw text."""
    home: str = ""
    """The name of the agent's home whose transcripts state it. Raw text."""


@frozen
class Scan:
    """The progress of reading history, in bytes and files."""

    done_bytes: int = 0
    total_bytes: int = 0
    done_files: int = 0
    total_files: int = 0

    @property
    def complete(self) -> bool:
        """True when everything that was found has been read."""
        return self.done_files >= self.total_files


@frozen
class Judging:
    """The progress of judging lanes later, in transcripts."""

    done: int = 0
    total: int = 0

    @property
    def complete(self) -> bool:
        """True when no transcript waits.

        One that could not be read again counts as done, though its lanes are not judged.
        """
        return self.done >= self.total


@frozen
class Fleet:
    """All lanes at time `at` (seconds UTC). Lanes are in tree order: a parent before its children."""

    at: float
    lanes: tuple[Lane, ...]
    totals: Usage = ZERO
    totals_today: Usage = ZERO
    """The usage since local midnight, which the caller states."""
    cost: Cost = NO_COST
    cost_today: Cost = NO_COST
    """The cost since local midnight."""
    burn: tuple[Burn, ...] = ()
    spark: tuple[int, ...] = ()
    models: tuple[ModelUsage, ...] = ()
    limits: tuple[LimitState, ...] = ()
    skipped: tuple[UnreadableLine, ...] = ()
    skipped_lines: int = 0
    """The number of all unreadable lines; only the newest are listed."""
    scan: Scan = field(default_factory=Scan)
    judging: Judging = field(default_factory=Judging)
    findings: tuple[Finding, ...] = ()
    """Open findings of all lanes, most severe first."""
    past_findings: tuple[Finding, ...] = ()
    """Ended findings, newest first; a bounded number."""
    families: tuple[Family, ...] = ()
    """Families of at least three members, newest first."""
    version: int = 0
    """Grows with every change: equal versions mean equal lanes."""
    today_is_lower_bound: bool = False

    @property
    def trust(self) -> tuple[Trust, ...]:
        """The reasons why the sums over all lanes are incomplete."""
        found = {doubt for lane in self.lanes for doubt in lane.trust}
        return tuple(doubt for doubt in Trust if doubt in found)
