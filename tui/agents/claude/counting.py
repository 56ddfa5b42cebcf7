"""Counts the usage of a Claude transcript without making events of its other lines.

Of each line only the fields that counting needs are decoded. A line that states a new fact about its lane, or a call in
an unusual form, goes to the reader, which shares the books of lanes and calls. Transcripts with subagents inside
progress lines are left to the reader whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from tui.agents.claude.lane_facts import LaneBook
from tui.agents.claude.reader import MUTE_TYPES, RECENT_LINES, ClaudeReader
from tui.agents.claude.usage import EXTRA_CALLS, PLACEHOLDER_OUTPUT, SYNTHETIC, Measured, SpendBook, tier_of
from tui.agents.counting import Calls, NotSure, Span
from tui.io.json_fields import MAX_COUNT, stamp
from tui.io.lines import Line
from tui.model.event import Event, LaneInfo, Origin, Prompt
from tui.model.usage import Usage
from tui.text.secrets.entry import clean_value

_ENTERING = frozenset({"assistant", "user", "system", "attachment", "queue-operation", "api-request"})
"""Types of lines that state facts about their lane. Only the assistant's state usage."""
_PROMPT_RANK = 10
_TRIES = 60
"""So many lines of a lane are read for a title. Later prompts do not name it."""
_MODELS_BOUND = 100
_KNOWN_BOUND = 100
_PLAIN_ID = re.compile(r"msg_[A-Za-z0-9]{1,60}\Z")
"""Ids of messages in which no secret can be found."""

_Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]


class _CacheWrites(Struct, gc=False):
    ephemeral_5m_input_tokens: _Count | None = None
    ephemeral_1h_input_tokens: _Count | None = None


class _Details(Struct, gc=False):
    thinking_tokens: _Count | None = None


class _Iteration(Struct, gc=False):
    type: str | None = None


class _Usage(Struct, gc=False):
    input_tokens: _Count | None = None
    cache_read_input_tokens: _Count | None = None
    cache_creation_input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    cache_creation: _CacheWrites | None = None
    output_tokens_details: _Details | None = None
    iterations: list[_Iteration] | None = None
    speed: str | None = None


class _Message(Struct, gc=False):
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: _Usage | None = None


class _Data(Struct, gc=False):
    type: str | None = None


class _Line(Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    uuid: str | None = None
    sessionId: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    entrypoint: str | None = None
    attributionAgent: str | None = None
    agentId: str | None = None
    isSidechain: bool | None = None
    isApiErrorMessage: bool | None = None
    message: _Message | None = None
    data: _Data | None = None


_decode = msgspec.json.Decoder(_Line).decode

_Raw = tuple[str | bool | None, ...]


class _Open:
    """The newest call. It is counted when a line of another call follows, since most calls have several lines."""

    __slots__ = ("at", "lane", "message", "provisional", "usage")

    def __init__(self, lane: str, at: str | None, message: _Message, usage: _Usage) -> None:
        self.lane = lane
        self.at = at
        """The time of its first line, as written."""
        self.message = message
        self.usage = usage
        self.provisional = _is_provisional(message, usage)

    def takes(self, message: _Message, usage: _Usage) -> bool:
        """Takes a further line of the call, if it says the same, or the same with more output. False: it is not one."""
        known = self.usage
        if message.id != self.message.id or message.model != self.message.model:
            return False
        provisional = _is_provisional(message, usage)
        if usage != known:
            before, now = known.output_tokens, usage.output_tokens
            if before is None or now is None or now < before or (provisional and not self.provisional):
                return False
            known.output_tokens = now
            if usage != known:
                known.output_tokens = before
                return False
        if not provisional:
            self.provisional = False
        return True


class Counting:
    """Reads one transcript of Claude Code for its usage."""

    def __init__(self, lanes: LaneBook | None = None, spends: SpendBook | None = None) -> None:
        self.spans: dict[str, Span] = {}
        self._lanes = lanes or LaneBook()
        self._spends = spends or SpendBook()
        self._reader = ClaudeReader(self._lanes, self._spends)
        self._known: dict[_Raw, str] = {}
        """By the fields of a line that stated nothing new: its lane. Valid until the reader takes a line."""
        self._newest: _Raw = ()
        """Those fields of the newest line; mostly those of the next one."""
        self._lane, self._span = "", Span()
        """The lane of that line, and the times of its lines."""
        self._open: _Open | None = None
        self._unknown: deque[str] = deque(maxlen=RECENT_LINES)
        """The ids of lines that the reader does not know."""
        self._tries: dict[str, int] = {}
        """By lane: how many lines may still be read for its title; 0: it has one."""
        self._models: dict[tuple[str | None, str | None], str | None] = {}
        """By a model's name and speed as written: its name with its tier, masked."""

    @classmethod
    def restored(cls, saved: Any) -> Counting:
        """The reader that `saved` described."""
        lanes, spends, tries = saved
        made = cls(LaneBook.restored(lanes), SpendBook.restored(spends))
        made._tries = dict(tries)
        return made

    def saved(self) -> list[object]:
        """The state as plain JSON. Tool calls, queued prompts and ids of lines are not kept: they name no usage."""
        return [self._lanes.saved(), self._spends.saved(), self._tries]

    def read(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        """See `CountingReader.read`."""
        try:
            line = _decode(data)
        except (msgspec.DecodeError, RecursionError):
            return self._whole(data, offset, calls)
        kind = line.type
        if kind not in _ENTERING:
            if kind == "progress" and line.data is not None and line.data.type == "agent_progress":
                raise NotSure
            return () if kind in MUTE_TYPES or kind == "progress" else self._whole(data, offset, calls)
        raw = (
            line.agentId, line.isSidechain, line.sessionId, line.cwd, line.gitBranch, line.version, line.entrypoint,
            line.attributionAgent,
        )  # fmt: skip
        if raw != self._newest and not self._enter(raw):
            return self._titling(data, offset, calls) if kind == "user" else self._whole(data, offset, calls)
        if kind == "assistant":
            if not self._is_counted(line, calls):
                return self._whole(data, offset, calls)
        elif kind == "user" and (tries := self._tries.get(self._lane, _TRIES)):
            self._tries[self._lane] = tries - 1
            return self._titling(data, offset, calls)
        self._span.note(line.timestamp)
        if line.uuid is not None:
            self._unknown.append(line.uuid)
        return ()

    def end(self, calls: Calls) -> None:
        """See `CountingReader.end`."""
        opened, self._open = self._open, None
        if opened is None:
            return
        call = self._measured(opened)
        if self._spends.is_news(call):
            at = stamp(opened.at)
            calls.call(opened.lane, call.key, at, call.model, call.usage, provisional=call.provisional)

    def _enter(self, raw: _Raw) -> bool:
        """Finds the lane of a line. False if the line may state something new about it."""
        lane = self._known.get(raw)
        if lane is None:
            agent_id, is_sidechain, *facts = raw
            lane = self._lanes.local(cast("str | None", agent_id), is_sidechain=is_sidechain is True)
            if self._lanes.states_news(lane, cast("tuple[str | None, ...]", tuple(facts))):
                return False
            if len(self._known) >= _KNOWN_BOUND:
                self._known.clear()
            self._known[raw] = lane
        span = self.spans.get(lane)
        if span is None:
            span = self.spans[lane] = Span()
        self._newest, self._lane, self._span = raw, lane, span
        return True

    def _is_counted(self, line: _Line, calls: Calls) -> bool:
        """Takes what a line states about a call. False if only the reader can tell."""
        message = line.message
        if message is None:
            return False
        if message.model == SYNTHETIC or line.isApiErrorMessage is True:
            return True
        usage, opened = message.usage, self._open
        if usage is None:
            return False
        if opened is not None and opened.lane == self._lane and opened.takes(message, usage):
            return True
        if not _is_plain(message, usage):
            return False
        self.end(calls)
        self._open = _Open(self._lane, line.timestamp, message, usage)
        return True

    def _measured(self, opened: _Open) -> Measured:
        told = opened.usage
        named = (opened.message.model, told.speed)
        if named not in self._models:
            if len(self._models) >= _MODELS_BOUND:
                self._models.clear()
            self._models[named] = tier_of(clean_value({"model": named[0]})["model"] or None, told.speed)
        return Measured(opened.message.id or "", self._models[named], _usage(told), None, opened.provisional)

    def _titling(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        events = self._whole(data, offset, calls)
        for event in events:
            is_prompt = isinstance(event, Prompt) and event.origin is not Origin.COMMAND and event.text.strip()
            if is_prompt or (isinstance(event, LaneInfo) and event.title and event.title_rank >= _PROMPT_RANK):
                self._tries[event.lane] = 0
        return events

    def _whole(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        """The reader's events of this line."""
        self.end(calls)
        self._known.clear()
        self._newest = ()
        for uuid in self._unknown:
            self._reader.note_line(uuid)
        self._unknown.clear()
        return self._reader.read(Line(offset, 0, data))


def _is_plain(message: _Message, usage: _Usage) -> bool:
    """Whether the call of a line is measured as by the reader."""
    if message.id is None or _PLAIN_ID.match(message.id) is None:
        return False
    if usage.input_tokens is None and usage.output_tokens is None:
        return False  # it may be empty, which is no call
    return usage.iterations is None or not any(one.type in EXTRA_CALLS for one in usage.iterations)


def _is_provisional(message: _Message, usage: _Usage) -> bool:
    """As `is_provisional`."""
    return message.stop_reason is None and (usage.output_tokens or 0) <= PLACEHOLDER_OUTPUT


def _usage(told: _Usage) -> Usage:
    parts = told.cache_creation
    short = (parts.ephemeral_5m_input_tokens or 0) if parts is not None else 0
    long = (parts.ephemeral_1h_input_tokens or 0) if parts is not None else 0
    output = told.output_tokens or 0
    thinking = told.output_tokens_details.thinking_tokens if told.output_tokens_details is not None else None
    return Usage(
        told.input_tokens or 0,
        told.cache_read_input_tokens or 0,
        short,
        long,
        max(0, (told.cache_creation_input_tokens or 0) - short - long),
        output,
        min(thinking or 0, output),
    )
