"""Counts the usage of a Codex rollout without making events of its other lines.

Of each line only the fields that counting needs are decoded. Lines that state facts about the thread go to the reader,
which keeps the counters. A rollout that may begin with lines of another thread is left to the reader whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tui.agents.codex.reader import QUIET_EVENTS, QUIET_ITEMS, QUIET_TYPES, CodexReader
from tui.agents.codex.usage import Snapshot, Vector
from tui.agents.counting import Calls, NotSure, Span
from tui.io.json_fields import MAX_COUNT, stamp
from tui.io.lines import Line
from tui.model.event import Event, Origin, Prompt

_TRIES = 60
"""So many messages are read for a title. Later prompts do not name the lane."""

_Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]


class _Vector(Struct, gc=False):
    input_tokens: _Count | None = None
    cached_input_tokens: _Count | None = None
    cache_write_input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    reasoning_output_tokens: _Count | None = None
    total_tokens: _Count | None = None


class _Info(Struct, gc=False):
    last_token_usage: _Vector | None = None
    total_token_usage: _Vector | None = None


class _Payload(Struct, gc=False):
    type: str | None = None
    role: str | None = None
    info: _Info | None = None


class _Line(Struct, gc=False):
    timestamp: str | None = None
    type: str | None = None
    payload: _Payload | None = None


_decode = msgspec.json.Decoder(_Line).decode


class Counting:
    """Reads one rollout of Codex for its usage."""

    def __init__(self, reader: CodexReader | None = None) -> None:
        self._span = Span()
        self.spans: dict[str, Span] = {"": self._span}
        self._reader = reader or CodexReader()
        self._tries = _TRIES
        """How many messages may still be read for a title; 0: there is one."""
        self._told: _Info | None = None
        """What the newest line with counters states; None if the reader took a line since."""

    @classmethod
    def restored(cls, saved: Any) -> Counting:
        """The reader that `saved` described."""
        reader, tries = saved
        made = cls(CodexReader.restored(reader))
        made._tries = int(tries)
        return made

    def saved(self) -> list[object]:
        """The state as plain JSON. Tool calls and turns are not kept: they name no usage."""
        return [self._reader.saved(), self._tries]

    def read(self, data: bytes, offset: int, calls: Calls) -> Sequence[Event]:
        """See `CountingReader.read`."""
        if not self._reader.has_begun:
            return self._whole(data, offset)
        try:
            line = _decode(data)
        except (msgspec.DecodeError, RecursionError):
            return self._whole(data, offset)
        payload = line.payload
        if payload is None:
            return self._whole(data, offset)
        if line.type == "event_msg" and payload.type == "token_count":
            if payload.info is not None and payload.info == self._told:
                return ()  # each call is stated twice or more
            snapshot = _snapshot(payload.info)
            if snapshot is None:
                return self._whole(data, offset)
            self._told = payload.info
            self._reader.spent(snapshot, stamp(line.timestamp), calls)
            return ()
        if line.type == "response_item":
            if self._tries and (payload.role == "user" or payload.type == "agent_message"):
                return self._titling(data, offset)
            is_quiet = payload.type in QUIET_ITEMS
        elif line.type == "event_msg":
            is_quiet = payload.type in QUIET_EVENTS
        else:
            is_quiet = line.type in QUIET_TYPES
        if not is_quiet:
            return self._whole(data, offset)
        self._span.note(line.timestamp)
        return ()

    def end(self, calls: Calls) -> None:
        """Nothing is held back."""

    def _titling(self, data: bytes, offset: int) -> Sequence[Event]:
        self._tries -= 1
        events = self._whole(data, offset)
        if any(
            isinstance(event, Prompt) and event.origin is not Origin.COMMAND and event.text.strip() for event in events
        ):
            self._tries = 0
        return events

    def _whole(self, data: bytes, offset: int) -> Sequence[Event]:
        """The reader's events of this line."""
        self._told = None
        events = self._reader.read(Line(offset, 0, data))
        if self._reader.is_child:
            raise NotSure
        return events


def _snapshot(info: _Info | None) -> Snapshot | None:
    """The snapshot of a `token_count`; None if only the reader can tell."""
    if info is None:
        return Snapshot(None, None, None, is_record=False)
    last, total = info.last_token_usage, info.total_token_usage
    if (last is not None and last.input_tokens is None) or (total is not None and total.input_tokens is None):
        return None  # it may be empty, which states no counter
    return Snapshot(_vector(last), _vector(total), None, is_record=False)


def _vector(told: _Vector | None) -> Vector | None:
    if told is None:
        return None
    tokens_in, tokens_out = told.input_tokens or 0, told.output_tokens or 0
    return Vector(
        tokens_in, told.cached_input_tokens or 0, told.cache_write_input_tokens or 0, tokens_out,
        told.reasoning_output_tokens or 0, told.total_tokens or tokens_in + tokens_out,
    )  # fmt: skip
