"""Events: a reader makes them from a transcript's lines. They are the same for all agents.

All texts are raw and untrusted: detectors need them as they were written. `tui.text.safe_text` makes them safe to
show.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from tui.model.diff import Hunk
from tui.model.frozen import frozen
from tui.model.usage import Usage


class Origin(StrEnum):
    """Who gave a prompt."""

    PERSON = "person"
    AGENT = "agent"
    """A parent lane or a foreman."""
    COMMAND = "command"
    """A slash command; its text begins with the command's name, such as `/test --fast`."""
    QUEUED = "queued"
    """Typed while the lane was busy; delivered within the running turn."""
    UNKNOWN = "unknown"


class ToolKind(StrEnum):
    """The purpose of a tool, whatever the agent calls it."""

    SHELL = "shell"
    READ = "read"
    SEARCH = "search"
    EDIT = "edit"
    WEB = "web"
    PLAN = "plan"
    AGENT = "agent"
    ASK = "ask"
    """Waits for a person: a question, or a plan to approve."""
    MCP = "mcp"
    OTHER = "other"


class Mark(StrEnum):
    """A change of what the lane is doing, as the transcript states it."""

    TURN_STARTED = "turn_started"
    TURN_ENDED = "turn_ended"
    REQUEST_STARTED = "request_started"
    """A model request is in flight."""
    INTERRUPTED = "interrupted"
    DENIED = "denied"
    """A person refused a tool call."""
    HOOK_STOPPED = "hook_stopped"
    ENDED = "ended"


class Inherited(StrEnum):
    """Whether a call's usage was copied from another lane's history.

    A guess is replaced once the parent's own calls are known.
    """

    NO = "no"
    YES = "yes"
    GUESS_NO = "guess_no"
    GUESS_YES = "guess_yes"


@frozen
class Event:
    """The base of all events.

    `lane` is local to the transcript: "" for the file's own lane, else the agent id of a subagent
    that is recorded inside this file. `at` is seconds UTC, or None where the line states no time.
    `offset` is the byte offset of the line in the transcript: with the path it is the event's reference.
    """

    kind: ClassVar[str] = "event"

    lane: str
    at: float | None
    offset: int


@frozen
class LaneInfo(Event):
    """Facts about the lane itself. None: the line does not say."""

    kind: ClassVar[str] = "lane"

    session: str | None = None
    """The agent's own id of this lane's session or thread."""
    parent_session: str | None = None
    """Session of the lane that spawned or was forked into this one."""
    parent_call: str | None = None
    """The tool call of the parent that spawned this lane."""
    agent_id: str | None = None
    agent_type: str | None = None
    forked: bool | None = None
    """True if history was copied from `parent_session` (a fork); False if that session only spawned the lane."""
    title: str | None = None
    title_rank: int = 0
    """The title with the highest rank wins: custom 40, by the agent 30, summary 20, description of a subagent 15."""
    cwd: str | None = None
    branch: str | None = None
    version: str | None = None
    model: str | None = None
    headless: bool | None = None
    effort: str | None = None
    """How hard the model shall think from now on: `high`."""
    pull: str | None = None
    """The address of the pull request that the lane works on."""


@frozen
class Prompt(Event):
    """Text that sets the lane to work. It opens a new action, unless it was queued into a running turn."""

    kind: ClassVar[str] = "prompt"

    text: str
    origin: Origin


@frozen
class AssistantText(Event):
    """Text that the agent wrote to its reader."""

    kind: ClassVar[str] = "say"

    text: str
    message: str | None = None
    """The model's message that it is a part of, where the transcript tells."""


@frozen
class Reasoning(Event):
    """Reasoning text; "" where it is empty or encrypted."""

    kind: ClassVar[str] = "think"

    text: str
    message: str | None = None
    """The model's message that it is a part of, where the transcript tells."""


@frozen
class PlanItem:
    """One entry of a plan; `status` as the agent writes it (pending, in_progress, completed, ...)."""

    text: str
    status: str


@frozen
class Plan(Event):
    """The whole plan of the lane as it is now. `text` holds a plan in prose (plan mode)."""

    kind: ClassVar[str] = "plan"

    items: tuple[PlanItem, ...]
    text: str = ""


@frozen
class Call(Event):
    """A tool call. `args` are its arguments as compact JSON, cut at the reader's bound."""

    kind: ClassVar[str] = "call"

    call: str
    """The agent's id of the call; its result carries the same."""
    tool: str
    tool_kind: ToolKind
    args: str
    summary: str
    """The argument that identifies the call for a person: the command, the path, the query."""
    continues: str | None = None
    """The id of an earlier call that this one polls (Codex's write_stdin and wait). If that call is not in the
    transcript: the agent's name for the running command, such as `session 7`.
    """
    timeout_s: float | None = None
    """The call's own time limit in seconds, where it states one."""
    limited: bool = False
    """True if the agent stops such a call after a time limit of its own (Claude's Bash in the foreground)."""
    message: str | None = None
    """The model's message, or its script, that makes the call. Calls of one message are made together, before any of
    their results is known.
    """


@frozen
class Result(Event):
    """The result of a call. `ok` is None where the transcript does not say."""

    kind: ClassVar[str] = "result"

    call: str
    ok: bool | None
    text: str
    """Head and tail of the result, cut at the reader's bound."""
    size: int
    """Characters of the whole result."""
    exit_code: int | None = None
    duration_s: float | None = None
    """The duration that the agent states; None: the ledger takes the time between call and result."""
    interrupted: bool = False
    denied: bool = False
    spawned: str | None = None
    """Agent id of the lane that this call started."""
    background: bool = False
    """True if the call keeps running after this result; another result may follow."""
    untold: bool = False
    """True if this result does not tell the call's outcome: several calls share one output, or the call still runs. If
    `background` is set too, another result may follow."""


@frozen
class Edit(Event):
    """A change of a file, as the transcript states it. `by_lane` is False if somebody else changed the file."""

    kind: ClassVar[str] = "edit"

    path: str
    call: str | None
    change: str
    """create, update, delete or move."""
    by_lane: bool = True
    added: int | None = None
    removed: int | None = None


@frozen
class EditLines(Event):
    """The lines that an edit changed, with their numbers. Only where texts are kept whole: for a conversation."""

    kind: ClassVar[str] = "lines"

    path: str
    call: str
    hunks: tuple[Hunk, ...]


@frozen
class UsageReported(Event):
    """Usage of one model call. A second event with the same key corrects the first one and adds nothing."""

    kind: ClassVar[str] = "usage"

    key: str
    """Identifies the call: the same in every copy of its line, unique over all transcripts."""
    model: str | None
    usage: Usage
    context_used: int | None = None
    context_window: int | None = None
    provisional: bool = False
    """True if the output count may still grow: it is a lower bound."""
    inherited: Inherited = Inherited.NO
    counter: tuple[int, ...] | None = None
    """The cumulative counter after this call, for agents with such counters. By it the calls that a fork copied are
    found."""


@frozen
class Limit(Event):
    """A rate limit, as the service told the agent."""

    kind: ClassVar[str] = "limit"

    name: str | None
    window_minutes: int | None
    used_percent: float | None
    resets_at: float | None
    plan: str | None = None
    reached: bool = False
    """True if the limit stopped the lane."""


@frozen
class ApiError(Event):
    """An error of the service or the client, not of a tool."""

    kind: ClassVar[str] = "error"

    text: str
    status: int | None = None
    retry_in_s: float | None = None
    final: bool = True
    """False while the client still retries by itself."""


@frozen
class Compact(Event):
    """The context was compacted. Tokens spent before still count."""

    kind: ClassVar[str] = "compact"

    trigger: str | None
    before_tokens: int | None
    after_tokens: int | None


@frozen
class State(Event):
    """A change of what the lane is doing, as the transcript states it."""

    kind: ClassVar[str] = "state"

    mark: Mark
    detail: str = ""


@frozen
class Unknown(Event):
    """A line that was parsed but has no meaning for this reader. It is counted by its type and is no error."""

    kind: ClassVar[str] = "unknown"

    type: str
    states_usage: bool = False
    """True if the line states tokens. They are not counted."""


@frozen
class UnreadableLine:
    """A line, or a file, that could not be read: where and why. `line` counts from 1; None means the whole file."""

    path: str
    line: int | None
    offset: int | None
    why: str
