"""Finds a text of the operator in a transcript, and whether the model reads it or the text still waits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tui.io.json_fields import Record, array, obj

SLICE = 1024 * 1024
"""Bytes that are read at once."""
MOST = 64 * 1024 * 1024
"""The most bytes after an order that are searched. Later lines do not result from the order."""


class Heard(StrEnum):
    """The kind of place at which a line of a transcript contains a text of the operator."""

    PROMPT = "prompt"
    """A message of the user, which the model reads."""
    HOOK = "hook"
    """A text that a hook adds to the next input of the model."""
    DENIED = "denied"
    """The reason for a refused call, in place of its result."""
    QUEUED = "queued"
    """The client's queue: the model does not have the text yet."""
    UNQUEUED = "unqueued"
    """The client's input line, into which a person moved the text from the queue."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A statement of a line about the permission for a call, or about its result."""

    call: str
    refused: bool | None = None
    """None: the line does not say."""
    by_hook: bool | None = None
    """Whether a hook decided. None: this agent's transcripts do not say."""
    by_person: bool = False
    is_result: bool = False


def _nothing_decided(_: Record) -> Iterator[Decided]:
    return iter(())


def _nothing(_: Record) -> Iterator[tuple[Heard, str]]:
    return iter(())


def _no_prompts(_: str) -> int:
    return 0


def _no_answer(_path: str, _offset: int, _at: float) -> bool:
    return False


def _shows_hooks(_version: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptProbe:
    """The functions that find an operator's text in the transcripts of one agent."""

    heard: Callable[[Record], Iterator[tuple[Heard, str]]] = _nothing
    """The texts in a line that the model reads now or later, without the agent's own texts."""
    queued_prompts: Callable[[str], int] = _no_prompts
    """The number of prompts in the client's queue, by the transcript at this path. Escape would send them."""
    answered_since: Callable[[str, int, float], bool] = _no_answer
    """Whether a model has answered a request after a time. Takes the path, an offset and the time (seconds UTC)."""
    decided: Callable[[Record], Iterator[Decided]] = _nothing_decided
    """The statements of a line about permissions for calls and about their results."""
    hides_hooks_of_subagents: Callable[[str], bool] = _shows_hooks
    """True for a version whose transcripts of subagents lack the texts that hooks add."""


SILENT = TranscriptProbe()
"""The probe that finds nothing."""


def texts(kind: Heard, value: object) -> Iterator[tuple[Heard, str]]:
    """The value if it is a text, or the texts of a list of them or of blocks."""
    if isinstance(value, str):
        yield kind, value
    for one in array(value):
        text = one if isinstance(one, str) else obj(one).get("text")
        if isinstance(text, str):
            yield kind, text


def objects(value: object) -> list[Record]:
    """The items of a list as objects."""
    return [obj(one) for one in array(value)]


def read_at(path: str, offset: int, most: int) -> bytes:
    """At most `most` bytes of a file from an offset on; empty if it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.pread(fd, most, offset)
        finally:
            os.close(fd)
    except OSError:
        return b""


def size_of(path: str) -> int:
    """A transcript's size in bytes; 0 if it does not exist."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
