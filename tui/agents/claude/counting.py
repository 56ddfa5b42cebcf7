"""Counts the usage of a Claude transcript without making events of its other lines.

Of each line only the fields that counting needs are decoded. A line that states a new fact about its lane, or a call in
an unusual form, goes to the reader, which shares the books of lanes and calls. Transcripts with subagents inside
progress lines are left to the reader whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tui.agents.claude.lane_facts import LaneBook
from tui.agents.claude.reader import MUTE_TYPES, ClaudeReader
from tui.agents.claude.usage import EXTRA_CALLS, SYNTHETIC, Measured, SpendBook, is_provisional, tier_of
from tui.agents.counting import NotSure, Span
from tui.io.json_fields import MAX_COUNT, stamp
from tui.io.lines import Line
from tui.model.event import Event, LaneInfo, Origin, Prompt, UsageReported
from tui.model.usage import Usage
from tui.text.secrets.entry import clean_value

_ENTERING = frozenset({"user", "system", "attachment", "queue-operation", "api-request"})
"""Types of lines, beside the assistant's, that state facts about their lane and no usage."""
_PROMPT_RANK = 10
_TRIES = 60
"""So many lines of a lane are read for a title. Later prompts do not name it."""
_MODELS_BOUND = 100
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
    requestId: str | None = None
    isApiErrorMessage: bool | None = None
    message: _Message | None = None
    data: _Data | None = None


_decode = msgspec.json.Decoder(_Line).decode

_Raw = tuple[str | None, ...]


class Counting:
    """Reads one transcript of Claude Code for its usage."""

    def __init__(self, lanes: LaneBook | None = None, spends: SpendBook | None = None) -> None:
        self.spans: dict[str, Span] = {}
        self._lanes = lanes or LaneBook()
        self._spends = spends or SpendBook()
        self._reader = ClaudeReader(self._lanes, self._spends)
        self._known: dict[str, _Raw] = {}
        """By lane: the fields of a line that stated nothing new, valid until the reader takes a line."""
        self._told: tuple[object, ...] = ()
        """What the newest assistant line states about its call."""
        self._tries: dict[str, int] = {}
        """By lane: how many lines may still be read for its title; 0: it has one."""
        self._models: dict[str, str | None] = {}
        """Models' names as written, and with secrets masked."""

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

    def read(self, data: bytes, offset: int) -> Sequence[Event]:
        """See `CountingReader.read`."""
        try:
            line = _decode(data)
        except (msgspec.DecodeError, RecursionError):
            return self._whole(data, offset)
        kind = line.type
        if kind == "assistant":
            return self._assistant(line, data, offset)
        if kind == "progress":
            if line.data is not None and line.data.type == "agent_progress":
                raise NotSure
            return ()
        if kind in MUTE_TYPES:
            return ()
        if kind not in _ENTERING:
            return self._whole(data, offset)
        lane = self._lane(line)
        if lane is None:
            return self._whole(data, offset)
        if kind == "user" and (tries := self._tries.get(lane, _TRIES)):
            self._tries[lane] = tries - 1
            return self._titling(data, offset)
        self._pass(line, lane)
        return ()

    def _assistant(self, line: _Line, data: bytes, offset: int) -> Sequence[Event]:
        message = line.message
        lane = self._lane(line)
        if message is None or lane is None:
            return self._whole(data, offset)
        usage = message.usage
        told = (message.id, line.requestId, message.stop_reason, usage)
        if told == self._told or message.model == SYNTHETIC or line.isApiErrorMessage is True:
            self._pass(line, lane)
            return ()
        call = self._measured(message, usage) if usage is not None else None
        if call is None:
            return self._whole(data, offset)
        self._told = told
        if line.uuid is not None:
            self._reader.note_line(line.uuid)
        if not self._spends.is_news(call):
            self._pass(line, lane)
            return ()
        return (
            UsageReported(
                lane, stamp(line.timestamp), offset, call.key, call.model, call.usage, provisional=call.provisional
            ),
        )

    def _measured(self, message: _Message, told: _Usage) -> Measured | None:
        """The line's call; None if only the reader can tell."""
        key, model = message.id, message.model
        if key is None or _PLAIN_ID.match(key) is None:
            return None
        if told.input_tokens is None and told.output_tokens is None:
            return None  # it may be empty, which is no call
        if told.iterations is not None and any(one.type in EXTRA_CALLS for one in told.iterations):
            return None
        if model is not None and model not in self._models:
            if len(self._models) >= _MODELS_BOUND:
                self._models.clear()
            self._models[model] = clean_value({"model": model})["model"] or None
        usage = _usage(told)
        tier = tier_of(self._models[model] if model is not None else None, told.speed)
        return Measured(key, tier, usage, None, is_provisional(message.stop_reason, usage))

    def _lane(self, line: _Line) -> str | None:
        """The lane of a line; None if the line may state something new about it."""
        agent_id = line.agentId
        lane = (
            self._lanes.local(agent_id, is_sidechain=line.isSidechain is True) if agent_id or line.isSidechain else ""
        )
        raw = (line.sessionId, line.cwd, line.gitBranch, line.version, line.entrypoint, line.attributionAgent)
        if self._known.get(lane) == raw:
            return lane
        if self._lanes.states_news(lane, raw):
            return None
        self._known[lane] = raw
        return lane

    def _pass(self, line: _Line, lane: str) -> None:
        """Takes a line that states nothing but its time."""
        span = self.spans.get(lane)
        if span is None:
            span = self.spans[lane] = Span()
        span.note(line.timestamp)
        if line.uuid is not None:
            self._reader.note_line(line.uuid)

    def _titling(self, data: bytes, offset: int) -> Sequence[Event]:
        events = self._whole(data, offset)
        for event in events:
            is_prompt = isinstance(event, Prompt) and event.origin is not Origin.COMMAND and event.text.strip()
            if is_prompt or (isinstance(event, LaneInfo) and event.title and event.title_rank >= _PROMPT_RANK):
                self._tries[event.lane] = 0
        return events

    def _whole(self, data: bytes, offset: int) -> Sequence[Event]:
        """The reader's events of this line."""
        self._known.clear()
        self._told = ()
        return self._reader.read(Line(offset, 0, data))


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
