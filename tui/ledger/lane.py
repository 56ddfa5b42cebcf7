"""The account of one lane: it takes events and gives usage and facts. It knows only the times of the events."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tui.agents.registry import files_of
from tui.ledger.actions import ActionBook
from tui.ledger.burn import BurnMeter
from tui.ledger.calls import CallBook, CallRecord
from tui.ledger.checks import CheckBook
from tui.ledger.counters import CounterSequence
from tui.ledger.past_calls import LoadCalls
from tui.ledger.pulls import pull_of_run, pull_of_url
from tui.ledger.waits import WaitBook
from tui.model.event import (
    ApiError,
    AssistantText,
    Call,
    Compact,
    Edit,
    Event,
    Inherited,
    LaneInfo,
    Limit,
    Mark,
    Origin,
    Plan,
    PlanItem,
    Prompt,
    Reasoning,
    Result,
    State,
    ToolKind,
    Unknown,
    UsageReported,
)
from tui.model.snapshot import FileTouch, OpenCall, PersonPrompt, PullRequest
from tui.model.usage import ZERO, Usage

FILES_LIMIT = 500
OPEN_CALLS_LIMIT = 200
TEXT_LIMIT = 300
OUT_OF_ORDER_S = 600
"""Seconds by which lines of a transcript may be out of order."""
COMMAND_TITLE_RANK = 5
FIRST_PROMPT_TITLE_RANK = 10
PARENT_TASK_TITLE_RANK = 15


IsLong = Callable[[str | None, Usage], bool]
"""Tells whether a call's prompt is so long that its model has another price for it."""


class ModelTotal:
    """The usage of one model in one lane. `long` is the part in calls with a long prompt."""

    __slots__ = ("calls", "long", "usage")

    def __init__(self) -> None:
        self.calls = 0
        self.usage: Usage = ZERO
        self.long: Usage = ZERO

    def add(self, usage: Usage, *, long: bool) -> None:
        """Adds usage; negative usage takes it back."""
        self.usage += usage
        if long:
            self.long += usage


class LaneLedger:
    """The account of one lane.

    `agent_id` is empty for a main lane. `embedded` is True for a subagent that is recorded only inside its parent's
    transcript.
    """

    __slots__ = (
        "_between", "_book", "_day", "_is_long", "_rows", "actions", "agent", "agent_id", "agent_type", "background",
        "branch", "checks", "context_used", "context_window", "cwd", "doing", "effort", "embedded", "ended",
        "fault", "files", "first_cwd", "forked", "guesses", "has_unread_usage", "headless", "inherited",
        "is_lower_bound", "last_event", "last_kind", "last_offset", "limit", "local", "longest", "meter", "model",
        "models", "newest_call", "open_calls", "parent_call", "parent_session", "past", "path", "plan", "prompted",
        "provisional", "pull", "sequence", "session", "spawned", "started", "title", "title_rank", "today",
        "tool_calls", "tool_errors", "turn_ended_by", "turn_open", "turn_since", "turns_without_usage", "unknown",
        "usage", "version", "version_count", "waits",
    )  # fmt: skip

    def __init__(
        self, agent: str, path: str, local: str, book: CallBook, is_long: IsLong = lambda _model, _usage: False
    ) -> None:
        self._is_long = is_long
        self.agent = agent
        self.path = path
        self.local = local
        self.embedded = local != ""
        self._book = book
        # identity
        self.session = files_of(agent).session_by_path(path)
        self.parent_session: str | None = None
        self.parent_call: str | None = None
        self.agent_id: str | None = local or None
        self.agent_type: str | None = None
        self.forked = False
        self.title = ""
        self.title_rank = 0
        self.cwd: str | None = None
        self.first_cwd: str | None = None
        self.branch: str | None = None
        self.version: str | None = None
        self.headless: bool | None = None
        self.effort: str | None = None
        # usage
        self._rows = array("I")
        """The rows of the calls that it states, in the order of its transcript."""
        self.models: dict[str | None, ModelTotal] = {}
        self.usage: Usage = ZERO
        self.inherited: Usage = ZERO
        self.today: dict[str | None, ModelTotal] = {}
        self._day = float("-inf")
        self.newest_call: int | None = None
        """The key of the call that its transcript stated last for the first time."""
        self.past: LoadCalls | None = None
        """For a lane that has ended: gives its calls, which `calls` does not give."""
        self.model: str | None = None
        self.meter = BurnMeter()
        self.provisional: dict[int, None] = {}
        """The keys of its calls that may still grow. (An empty set takes three times as much memory.)"""
        self.sequence = CounterSequence()
        self.guesses = False
        """True if some of these calls may be the parent's and the transcript does not say so."""
        self.is_lower_bound = False
        """True if a call was left out that may be the lane's own."""
        self.context_used: int | None = None
        self.context_window: int | None = None
        # activity
        self.actions = ActionBook()
        self.open_calls: dict[str, OpenCall] = {}
        self.tool_calls = 0
        self.tool_errors = 0
        self.longest: dict[str, float] = {}
        """The duration in seconds of the longest finished call of each tool."""
        self.spawned: dict[str, None] = {}
        """The names that its transcript states for lanes that it started."""
        self.background: dict[str, None] = {}
        """Calls that keep running after their result. Their subagents may run longer than the turn."""
        self.waits = WaitBook()
        self.checks = CheckBook()
        self.pull: PullRequest | None = None
        self.plan: tuple[PlanItem, ...] = ()
        self.files: dict[str, FileTouch] = {}
        self.doing = ""
        self.unknown: dict[str, int] = {}
        self.has_unread_usage = False
        """True if a line of an unknown type states usage, which is not counted."""
        # current state
        self.started: float | None = None
        self.last_event: float | None = None
        self.last_offset = 0
        self.prompted: PersonPrompt | None = None
        self.last_kind = ""
        self.turn_open = False
        self.turn_since: float | None = None
        self.turn_ended_by: Mark | None = None
        self.ended = False
        self.limit: Limit | None = None
        self.fault: ApiError | None = None
        self.turns_without_usage = 0
        self._between: tuple[int, dict[tuple[float, float | None], int]] = (-1, {})
        """The cached sums of `tokens_between`, for the present version."""
        self.version_count = 0
        """Grows with every event: equal numbers mean equal facts."""

    @property
    def day(self) -> float:
        """The start of the day that `today` counts, in seconds UTC."""
        return self._day

    @property
    def book(self) -> CallBook:
        """The book that holds its calls."""
        return self._book

    @property
    def is_lasting_lower_bound(self) -> bool:
        """True if its usage is a lower bound for another reason than that its newest call still runs."""
        running = self.newest_call if self.turn_open else None
        return self.is_lower_bound or self.has_unread_usage or any(key != running for key in self.provisional)

    @property
    def calls(self) -> Iterator[CallRecord]:
        """The calls that it states, in the order of its transcript."""
        return self._book.calls(self._rows)

    @property
    def rows(self) -> Sequence[int]:
        """The rows of these calls in the book."""
        return self._rows

    def call(self, key: str) -> CallRecord | None:
        """The call with this key, if the lane states it."""
        call = self._book.find(key)
        return call if call is not None and call.is_held_by(self) else None

    # -- Holder ---------------------------------------------------------------------------------

    @property
    def rank(self) -> tuple[int, float, str]:
        """Ranks originals before copies: main lanes, subagents, forks, embedded copies."""
        kind = 3 if self.embedded else 2 if self.forked else 1 if self.agent_id else 0
        return (kind, self.started if self.started is not None else float("inf"), self.path)

    def gain(self, call: CallRecord, usage: Usage, action: int, calls: int) -> None:
        """See `Holder.gain`."""
        total = self.models.get(call.model)
        if total is None:
            total = self.models[call.model] = ModelTotal()
        long = self._is_long(call.model, call.usage)
        total.add(usage, long=long)
        total.calls += calls
        if total.calls == 0 and total.usage.total == 0:
            del self.models[call.model]
        self.usage += usage
        if call.at is not None and call.at >= self._day:
            self.today.setdefault(call.model, ModelTotal()).add(usage, long=long)
        self.meter.add(call.at, usage.total)
        self.actions.add_usage(action, usage)
        self.version_count += 1
        if calls >= 0 and call.provisional:
            self.provisional[call.key] = None
        else:
            self.provisional.pop(call.key, None)

    def inherit(self, call: CallRecord, usage: Usage) -> None:
        """See `Holder.inherit`."""
        self.inherited += usage
        self.version_count += 1

    def set_lower_bound(self, is_lower_bound: bool) -> None:
        """Sets whether a call was left out that may be the lane's own."""
        if is_lower_bound != self.is_lower_bound:
            self.is_lower_bound = is_lower_bound
            self.version_count += 1

    def set_day(self, midnight: float) -> None:
        """Counts `today` from `midnight` (seconds UTC) on."""
        self._day = midnight
        self.today = self.usage_since(midnight)

    def usage_since(self, midnight: float) -> dict[str | None, ModelTotal]:
        """The usage of each model from `midnight` (seconds UTC) on."""
        found: dict[str | None, ModelTotal] = {}
        if self.last_event is not None and self.last_event < midnight:
            return found
        if self.past is not None:
            past = self.past()
            for one in range(len(past)):
                if past.time_of(one) >= midnight:
                    model, usage = past.model_of(one), past.usage_of(one)
                    found.setdefault(model, ModelTotal()).add(usage, long=self._is_long(model, usage))
            return found
        for at, row in self._book.own(self, self._rows):
            if at >= midnight:
                call = self._book.call(row)
                long = self._is_long(call.model, call.usage)
                found.setdefault(call.model, ModelTotal()).add(call.usage, long=long)
        return found

    # -- events ---------------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Takes one event of this lane, in the order of the transcript."""
        self.version_count += 1
        at = event.at
        if at is not None and not isinstance(event, Limit):
            if self.started is None or at < self.started:
                self.started = at
                self._book.unsettle()
            if self.last_event is None or at >= self.last_event:
                self.last_event = at
                self.last_offset = event.offset
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)

    def _info(self, event: LaneInfo) -> None:
        self.session = event.session or self.session
        self.parent_session = event.parent_session or self.parent_session
        self.parent_call = event.parent_call or self.parent_call
        self.agent_type = event.agent_type or self.agent_type
        self.cwd = event.cwd or self.cwd
        self.first_cwd = self.first_cwd or event.cwd
        self.branch = event.branch or self.branch
        self.version = event.version or self.version
        self.model = event.model or self.model
        self.effort = event.effort or self.effort
        if event.pull:
            self._take_pull(pull_of_url(event.pull))
        if event.headless is not None:
            self.headless = event.headless
        if event.agent_id and event.agent_id != self.agent_id:
            self.agent_id = event.agent_id
            self._book.unsettle()
        if event.forked and not self.forked:
            self.forked = True
            self._book.unsettle()
        if event.title:
            self._entitle(event.title, event.title_rank)

    def _entitle(self, title: str, rank: int) -> None:
        # Among the first prompts, the first one names the lane; of later titles with a higher rank, the newest.
        if rank > self.title_rank or (rank == self.title_rank and rank > PARENT_TASK_TITLE_RANK):
            self.title = title[:TEXT_LIMIT]
            self.title_rank = rank

    def _prompt(self, event: Prompt) -> None:
        if event.origin in (Origin.PERSON, Origin.COMMAND, Origin.QUEUED):
            self.prompted = PersonPrompt(event.offset, _first_line(event.text))
        if event.origin is Origin.QUEUED and self.turn_open:
            self.actions.touch(event.at)
            return
        self._cut_open_calls()
        self.actions.start(event.text, event.origin, event.at, event.offset)
        # A slash command names a lane only until a prompt says what the work is about.
        rank = COMMAND_TITLE_RANK if event.origin is Origin.COMMAND else FIRST_PROMPT_TITLE_RANK
        self._entitle(_first_line(event.text), rank)
        self.doing = _first_line(event.text)
        self.turns_without_usage += 1
        self._open_turn(event)

    def _say(self, event: AssistantText) -> None:
        self.last_kind = "say"
        self.actions.touch(event.at)
        line = _first_line(event.text)
        if line and not self.open_calls:
            self.doing = line

    def _think(self, event: Reasoning) -> None:
        self.last_kind = "think"
        self.actions.touch(event.at)

    def _plan(self, event: Plan) -> None:
        if event.items:
            self.plan = event.items

    def _call(self, event: Call) -> None:
        self.last_kind = "call"
        self._open_turn(event)
        self.actions.touch(event.at)
        self.actions.count_call()
        self.tool_calls += 1
        if len(self.open_calls) < OPEN_CALLS_LIMIT:
            self.open_calls[event.call] = OpenCall(
                event.call, event.tool, event.tool_kind, event.summary[:TEXT_LIMIT], event.at,
                event.timeout_s, event.limited, event.args,
            )  # fmt: skip
        self.checks.add_call(event)
        self.doing = f"{event.tool} {event.summary}"[:TEXT_LIMIT]
        if event.tool_kind is ToolKind.AGENT:
            self.spawned[event.call] = None

    def _result(self, event: Result) -> None:
        self.last_kind = "result"
        opened = self.open_calls.pop(event.call, None)
        self._open_turn(event)
        self.actions.touch(event.at)
        if event.ok is False:
            self.tool_errors += 1
            self.actions.count_error()
        if opened is not None and opened.started is not None and event.at is not None:
            took = event.duration_s if event.duration_s is not None else event.at - opened.started
            if took > self.longest.get(opened.tool, 0.0):
                self.longest[opened.tool] = took
        self.checks.add_result(event)
        if opened is not None:
            self.waits.add_result(opened, event)
            if opened.tool_kind is ToolKind.SHELL and event.ok is not False:
                self._take_pull(pull_of_run(opened.summary, event.text))
        if event.spawned:
            self.spawned[event.spawned] = None
        if event.background:
            self.background[event.call] = None

    def _take_pull(self, pull: PullRequest | None) -> None:
        """Takes the pull request that was named last. One that it made stays so, whoever names it again."""
        known = self.pull
        if pull is None:
            return
        if known is not None and known.number == pull.number and (not pull.url or pull.url == known.url):
            pull = PullRequest(pull.number, known.url, known.is_made or pull.is_made)
        self.pull = pull

    def _edit(self, event: Edit) -> None:
        self.checks.add_edit(event)
        known = self.files.pop(event.path, None)
        if known is None and len(self.files) >= FILES_LIMIT:
            self.files.pop(next(iter(self.files)))
        edits = (known.edits if known else 0) + 1
        added = _sum(known.added if known else 0, event.added)
        removed = _sum(known.removed if known else 0, event.removed)
        self.files[event.path] = FileTouch(event.path, edits, event.at, event.by_lane, added, removed)
        if event.by_lane:
            self.actions.add_file(event.path)

    def _spend(self, event: UsageReported) -> None:
        self.last_kind = "usage"
        action = self.actions.current
        free = event.inherited in (Inherited.YES, Inherited.GUESS_YES)
        row, is_new = self._book.spend(self, event, action, free=free)
        if is_new:
            self.turns_without_usage = 0
            self._rows.append(row)
            self.newest_call = self._book.key(row)
            if event.counter is not None:
                self.sequence.add(event.counter, row, event.inherited)
                self.guesses |= event.inherited in (Inherited.GUESS_NO, Inherited.GUESS_YES)
        if free:
            return
        self.actions.note_spent()
        self.model = event.model or self.model
        if event.context_used is not None:
            self.context_used = event.context_used
        if event.context_window is not None:
            self.context_window = event.context_window
        # Counted even if another lane owns the call: the owner may change when other files are read, but this file does
        # not.
        self.limit = None if self.limit is not None and self._is_after(event, self.limit) else self.limit
        self.fault = None

    def _limit(self, event: Limit) -> None:
        if event.reached:
            self.limit = event
            self._close_turn(Mark.INTERRUPTED)

    def _fault(self, event: ApiError) -> None:
        self.fault = event
        self.last_kind = "error"
        if event.final:
            self._close_turn(Mark.INTERRUPTED)

    def _compact(self, event: Compact) -> None:
        if event.after_tokens is not None:
            self.context_used = event.after_tokens

    def _state(self, event: State) -> None:
        match event.mark:
            case Mark.TURN_STARTED | Mark.REQUEST_STARTED:
                self.last_kind = "request"
                self._open_turn(event)
            case Mark.TURN_ENDED | Mark.INTERRUPTED | Mark.HOOK_STOPPED:
                self._close_turn(event.mark)
            case Mark.DENIED:
                self._close_turn(Mark.INTERRUPTED)
            case Mark.ENDED:
                self._close_turn(Mark.TURN_ENDED)
                self.ended = True

    def _unknown(self, event: Unknown) -> None:
        self.has_unread_usage |= event.states_usage
        if event.type in self.unknown or len(self.unknown) < FILES_LIMIT:
            self.unknown[event.type] = self.unknown.get(event.type, 0) + 1

    # -- queries ---------------------------------------------------------------------------------------

    def tokens_between(self, since: float | None, until: float | None) -> int | None:
        """Tokens of this lane's own calls from `since` to `until` (seconds UTC; None: to the end).

        None if `since` is None.
        """
        if since is None:
            return None
        version, known = self._between
        if version != self.version_count:
            known = {}
            self._between = (self.version_count, known)
        if (since, until) not in known:
            known[since, until] = self._count_between(since, until)
        return known[since, until]

    @property
    def known_between(self) -> list[tuple[float, float | None, int]]:
        """What `tokens_between` was asked since the last event: both times and the tokens."""
        version, known = self._between
        return [(*times, tokens) for times, tokens in known.items()] if version == self.version_count else []

    def know_between(self, known: Iterable[tuple[float, float | None, int]]) -> None:
        """Takes what `known_between` gave for another ledger of the same lane."""
        self._between = (self.version_count, {(since, until): tokens for since, until, tokens in known})

    def _count_between(self, since: float, until: float | None) -> int:
        tokens = 0
        if self.past is not None:
            past = self.past()
            for one in reversed(range(len(past))):
                at = past.time_of(one)
                if at < since - OUT_OF_ORDER_S:
                    break
                if at >= since and (until is None or at <= until):
                    tokens += past.usage_of(one).total
            return tokens
        for at, row in self._book.own(self, reversed(self._rows)):
            if at < since - OUT_OF_ORDER_S:
                break
            if at >= since and (until is None or at <= until):
                tokens += self._book.usage(row).total
        return tokens

    # -- turns ----------------------------------------------------------------------------------

    def _open_turn(self, event: Event) -> None:
        if not self.turn_open:
            self.turn_open = True
            self.turn_since = event.at
            self.actions.reopen()
        self.ended = False
        self.turn_ended_by = None

    def _close_turn(self, mark: Mark) -> None:
        # Both the message and the client may state the end of a turn.
        if self.turn_open:
            self.turn_since = self.last_event
            if len(self.actions):
                self.actions.close("ended" if mark is Mark.TURN_ENDED else "interrupted")
        self.turn_open = False
        self.turn_ended_by = mark
        self._cut_open_calls()

    def _cut_open_calls(self) -> None:
        for call in self.open_calls.values():
            if call.tool_kind is ToolKind.ASK:
                self.waits.add(call.started, self.last_event)
        self.open_calls.clear()

    @staticmethod
    def _is_after(event: Event, limit: Limit) -> bool:
        return event.at is None or limit.at is None or event.at > limit.at


def _first_line(text: str) -> str:
    return next((line.strip() for line in text[:2000].splitlines() if line.strip()), "")[:TEXT_LIMIT]


_HANDLERS: dict[type[Event], Callable[[LaneLedger, Any], None]] = {
    LaneInfo: LaneLedger._info,  # pyright: ignore[reportPrivateUsage]
    Prompt: LaneLedger._prompt,  # pyright: ignore[reportPrivateUsage]
    AssistantText: LaneLedger._say,  # pyright: ignore[reportPrivateUsage]
    Reasoning: LaneLedger._think,  # pyright: ignore[reportPrivateUsage]
    Plan: LaneLedger._plan,  # pyright: ignore[reportPrivateUsage]
    Call: LaneLedger._call,  # pyright: ignore[reportPrivateUsage]
    Result: LaneLedger._result,  # pyright: ignore[reportPrivateUsage]
    Edit: LaneLedger._edit,  # pyright: ignore[reportPrivateUsage]
    UsageReported: LaneLedger._spend,  # pyright: ignore[reportPrivateUsage]
    Limit: LaneLedger._limit,  # pyright: ignore[reportPrivateUsage]
    ApiError: LaneLedger._fault,  # pyright: ignore[reportPrivateUsage]
    Compact: LaneLedger._compact,  # pyright: ignore[reportPrivateUsage]
    State: LaneLedger._state,  # pyright: ignore[reportPrivateUsage]
    Unknown: LaneLedger._unknown,  # pyright: ignore[reportPrivateUsage]
}
"""A dispatch by type: a match statement over fourteen classes costs four times as much per event."""


def _sum(known: int | None, more: int | None) -> int | None:
    """The sum; None if a part of it is unknown."""
    return known + more if known is not None and more is not None else None
